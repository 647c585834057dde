"""The sentence, against the reference cases and at its edges."""

from datetime import date
from itertools import product

import pytest
from bondtop.signals.signal_line import LoopWord, MarketState, signal_line


def market(name, label="QUIET", idio=0.0, demand_z=None):
    return MarketState(name, label, idio, demand_z)


def test_reference_sentences(golden):
    for case in golden["signal_line"]["cases"]:
        states = case["states"]
        loop = states.get("loop")
        line = signal_line(
            states["regime"],
            [MarketState(**m) for m in states["markets"]],
            subtype=tuple(states["subtype"]) if "subtype" in states else None,
            turning=states.get("turning"),
            usd=states["usd"],
            loop=LoopWord(loop.get("next"), loop.get("held"), loop.get("late", False)) if loop else None,
        )
        assert line == case["line"]


def test_an_unknown_regime_says_why_and_nothing_else():
    assert signal_line(None, [market("US")], usd="firm", reason="JP missing for 8 rows") == "State unknown: JP missing for 8 rows"


def test_a_stale_regime_carries_its_date():
    line = signal_line("STABLE", [market("US"), market("UK")], stale_since=date(2026, 1, 20))
    assert line == "[as of 2026-01-20] Duration is clearing in balance; the marginal buyer is unread (0 of 2)."


def test_at_most_three_markets_by_size_then_panel_order():
    markets = [
        market("US", "POLICY-ANCHORED", None),
        market("UK", "POLICY-ANCHORED", -0.4),
        market("France", "IDIOSYNCRATIC REPRICING", -1.9),
        market("Japan", "POLICY-ANCHORED?", 0.4),
        market("Italy", "?", 9.0),
    ]
    line = signal_line("Fragmentation", markets)
    assert ": France moving on its own, UK policy-anchored, Japan policy-anchored; " in line


@pytest.mark.parametrize(("kind", "breadth"), product(["liquidation", "flight to quality", "mixed"], ["convergent", "dispersed"]))
def test_every_stress_has_its_words(kind, breadth):
    line = signal_line("STRESS", [market("US")], subtype=(kind, breadth))
    assert "stress" in line and ("converging" in line) == (breadth == "convergent")


def test_stress_of_unknown_kind_claims_no_more():
    assert signal_line("STRESS", [market("US")]).startswith("Duration is under stress; ")
