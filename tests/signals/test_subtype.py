"""Kinds of stress."""

import numpy as np
import pytest
from bondtop.signals.coordinates import Coordinates
from bondtop.signals.regime import regime_history
from bondtop.signals.rule import Regime
from bondtop.signals.subtype import Evidence, Spread, StressKind, subtype_at, subtype_history, subtype_of
from hypothesis import given
from hypothesis import strategies as st
from panels import day, recorded_rows

ROWS = 30


def decide(us_bp=0.0, stocks=0.0, m=0.0, kappa=0.0, rho_rise=0.0, rho_pct=0.5, held=Regime.STRESS):
    """The words of a last row on which these are the moves of the week (bp, %) and month."""
    us, index, rho = np.full(ROWS, 3.0), np.full(ROWS, 100.0), np.full(ROWS, 0.4)
    us[-1] += us_bp / 100
    index[-1] += stocks
    rho[-1] += rho_rise
    week = Coordinates(5, np.empty((ROWS, 0)), np.full(ROWS, m), np.zeros(ROWS), np.full(ROWS, kappa))
    history = subtype_history(np.full(ROWS, held, dtype=np.int8), week, rho, np.full(ROWS, rho_pct), us, index)
    found = subtype_at(history, -1)
    evidence = Evidence(m, kappa, history.us_change_bp[-1], history.stocks_return[-1], history.rho_rise[-1], rho_pct)
    assert held != Regime.STRESS or subtype_of(evidence) == found
    return found


@pytest.mark.parametrize(
    ("moves", "kind"),
    [
        ({"us_bp": 1, "stocks": -1, "m": -3}, StressKind.LIQUIDATION),  # before the flight: US yields up with stocks down
        ({"us_bp": -1, "stocks": -1, "m": -0.6}, StressKind.FLIGHT_TO_QUALITY),
        ({"us_bp": 1, "stocks": 1, "m": 0.1}, StressKind.LIQUIDATION),
        ({"us_bp": -1, "stocks": -1, "m": -0.5}, StressKind.MIXED),
        ({"us_bp": 1, "stocks": np.nan, "m": -0.6}, StressKind.FLIGHT_TO_QUALITY),
        ({"us_bp": np.nan, "stocks": -1, "m": np.nan}, None),
    ],
)
def test_first_word(moves, kind):
    assert decide(**moves).kind == kind


@pytest.mark.parametrize(
    ("facts", "spread"),
    [
        ({}, Spread.DISPERSED),
        ({"rho_rise": 0.06}, Spread.CONVERGENT),
        ({"rho_pct": 0.7}, Spread.CONVERGENT),
        ({"kappa": -0.8}, Spread.CONVERGENT),
        ({"rho_pct": np.nan}, None),
        ({"rho_pct": np.nan, "kappa": 0.9}, Spread.CONVERGENT),
    ],
)
def test_second_word(facts, spread):
    assert decide(**facts).spread == spread


def test_words_and_no_words_off_stress():
    assert decide(us_bp=1, stocks=-1, rho_pct=0.9).words == "liquidation, convergent"
    assert decide(m=-1, rho_pct=np.nan).words == "flight to quality, ?"
    assert decide(m=-1, held=Regime.EXPANSION) is None


@pytest.mark.recorded
def test_recorded_days(golden_panel, recorded):
    rows = recorded_rows(recorded)
    regime = regime_history(rows.yields, *(rows.others[name] for name in ("vix", "move", "fsi")))
    week = regime.strip["1W"].at
    history = subtype_history(regime.headline.labels.held, week, regime.rho, regime.rho_pct, rows.yield_of("us"), rows.others["spx"])
    for case in golden_panel["panel_days"]["days"]:
        words = subtype_at(history, int(np.searchsorted(rows.days, day(case["date"]))))
        assert (words.words.split(", ") if words else None) == case.get("subtype"), case["date"]


@pytest.mark.recorded
def test_words_of_given_days(golden_panel):
    seen = 0
    for case in golden_panel["day_vectors"]["days"]:
        if facts := case["expected"].get("subtype"):
            got = decide(
                us_bp=facts["d5_us10y_bp"],
                stocks=100 * facts["spx_ret5"],
                m=facts["m5"],
                kappa=facts["kappa5"],
                rho_rise=facts["rho_d21"],
                rho_pct=facts["rho_pct"],
            )
            assert (got.kind.word, got.spread.word) == (facts["kind"], facts["spread"]), case["date"]
            seen += 1
    assert seen > 5


some = st.one_of(st.just(np.nan), st.sampled_from([-0.9, -0.5, 0.0, 0.05, 0.5, 0.8]))


@given(some, some, some, some, some, some)
def test_the_words_of_one_row_are_those_of_the_history(us_bp, stocks, m, kappa, rho_rise, rho_pct):
    decide(us_bp, stocks, m, kappa, rho_rise, rho_pct)
