"""Explain: every Reading of the simulated market has a formula, its numbers put in, and leads down to observations."""

import re

import msgspec
import pytest
from bondtop.signals.board import Reading, Word, readings
from bondtop.signals.explain import Explanation, explain, in_unit
from bondtop.signals.formulas import FormulaError, formula_of, formulas, setting
from bondtop.signals.paths import NoSuchPath, find, nodes
from bondtop.signals.settings import Settings
from demo_boards import demo_board
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from signal_boards import board, reading, word


def leaves(found: Explanation):
    if not found.inputs:
        yield found
    for one in found.inputs:
        yield from leaves(one)


# ------------------------------------------------------------------------------------------------------------- formulas
def test_every_reading_of_the_demo_has_a_formula():
    without = {
        r.formula: path
        for path, r in readings(demo_board())
        if (isinstance(r, Reading) or r.word) and r.formula and not formula_of(r.formula)
    }
    assert not without


def test_every_computed_reading_names_its_formula():
    bare = [path for path, r in readings(demo_board()) if isinstance(r, Word) and r.word and not r.formula]
    assert not bare


def test_every_parameter_and_limit_is_a_setting():
    settings = Settings()
    for formula in formulas().values():
        for where in formula.parameters.values():
            assert setting(settings, where).value is not None or where == "term_premium_since"
        for limit in formula.limits:
            assert limit.path or setting(settings, limit.setting).number is not None


def test_every_place_in_words_can_be_filled():
    for formula in formulas().values():
        for place in re.findall(r"\{([^{}]+)\}", formula.words):
            assert not place.startswith("p:") or place[2:] in formula.parameters, (formula.id, place)


def test_places_beside_the_value_exist_on_the_demo_board():
    """A typing error in formulas.toml would read `unknown` for ever."""
    unknown = []
    named = {path for path, _ in readings(demo_board())}
    for path, r in readings(demo_board()):
        formula = formula_of(r.formula)
        for part in formula.parts if formula else ():
            full = path.rpartition(".")[0] + part if part.startswith(".") else part
            if full not in named and not any(one.startswith(f"{full}.") for one in named):
                unknown.append((formula.id, full))
    assert not unknown


def test_a_setting_nobody_has_is_an_error():
    with pytest.raises(FormulaError, match=r"no setting regime\.nonsense"):
        setting(Settings(), "regime.nonsense")


# ---------------------------------------------------------------------------------------------------------------- names
@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("regime.H", "regime.H"),
        ("regime.gate", "regime.gate"),
        ("regime", "regime.held"),
        ("H", "regime.H"),
        ("D", "regime.D"),
        ("dci", "composite.dci"),
        ("market.jp.30y.sigma", "markets.jp.tenors.30y.z1"),
        ("market.us.10y", "markets.us.tenors.10y.level"),
        ("jp.30y.vol", "markets.jp.tenors.30y.vol_bp"),
        ("watch.F1", "watch.F1"),
        ("F1", "watch.F1"),
        ("carry", "carry.carry_to_vol"),
        ("loops.A", "sequence.loops.A"),
        ("distances.Stress", "regime.distances.Stress"),
    ],
)
def test_short_names(asked, meant):
    assert find(demo_board(), asked)[0] == meant


@pytest.mark.parametrize(("asked", "offered"), [("regime.hh", "regime.H"), ("regime.gat", "regime.gate"), ("watch.F9", "watch.F")])
def test_an_unknown_name_offers_the_nearest(asked, offered):
    with pytest.raises(NoSuchPath, match=re.escape(offered)):
        explain(demo_board(), asked)


# --------------------------------------------------------------------------------------------------------- explanations
def test_the_gate_goes_down_to_observations():
    found = explain(demo_board(), "regime.gate")
    assert found.text == "off"
    assert {p.name: (p.value, p.standing) for p in found.parameters}["on at"] == ("0.9", "scored on history")
    h = next(one for one in found.inputs if one.path == "regime.H")
    value = demo_board().regime.H.value
    assert [(t.level, round(t.distance, 9)) for t in h.thresholds] == [(0.9, round(0.9 - value, 9)), (0.7, round(0.7 - value, 9))]
    assert f"{demo_board().regime.G.value:.2f}" in h.words
    series = {one.path for one in leaves(found)}
    assert {"inputs.vix", "inputs.move", "inputs.us.10y"} <= series
    assert all(path.startswith("inputs.") for path in series)


def test_a_move_in_sigma():
    found = explain(demo_board(), "market.jp.30y.sigma")
    tenor = demo_board().markets["jp"].tenors["30y"]
    assert in_unit(tenor.d1.value, "bp") in found.words
    assert [t.name for t in found.thresholds] == ["notable", "large", "extreme", "six-sigma"]
    assert found.thresholds[1].distance == pytest.approx(3 - tenor.z1.value)
    assert {p.standing for p in found.parameters} == {"published", "scored on history"}


def test_a_condition():
    found = explain(demo_board(), "watch.F1")
    item = demo_board().watch["F1"]
    assert (found.text, found.words, found.reference) == (item.state, item.evidence, item.reference)
    assert [(t.level, t.distance) for t in found.thresholds] == [(130.0, item.distance.value)]
    assert [one.path for one in found.inputs] == ["inputs.move"]


def test_widening_tails_are_told_term_by_term():
    found = explain(demo_board(), "watch.F2")
    assert [one.path for one in found.inputs] == [f"auctions.{term}.tail_trend" for term in ("2y", "3y", "5y", "7y", "10y", "20y", "30y")]
    for one in found.inputs:
        assert one.note.partition(":")[0] in ("MET", "REVERSED", "APPROACHING", "NOT") and "trend of 8 p 0." in one.note
        assert [each.series for each in one.inputs] == [one.path.replace("auctions.", "us.auction.").replace("tail_trend", "dispersion")]


def test_a_level_tells_its_distance_in_its_own_unit():
    (limit,) = explain(demo_board(), "levels.us30-4.90").thresholds
    assert limit.distance_unit == "bp"


def test_groups_loops_and_gates():
    group = explain(demo_board(), "groups.T")
    assert [one.path for one in group.inputs] == ["watch.T1", "watch.T2", "watch.T3"]
    loop = explain(demo_board(), "loops.A")
    assert [one.path.split(".")[-1] for one in loop.inputs] == ["A1", "A2", "A3", "A4"]


def test_an_observation_says_where_it_comes_from_and_when_the_next_is_due():
    found = explain(demo_board(), "us.10y")
    assert found.text == in_unit(demo_board().markets["us"].tenors["10y"].level.value, "%")
    assert found.source == "demo"
    assert found.publication == "daily, published the same day at 18:00 America/New_York"


def test_a_series_the_board_has_no_reading_of_is_asked_for():
    assert explain(demo_board(), "us.mspd.bills").text == "unknown"
    assert explain(demo_board(), "us.mspd.bills", observe={"us.mspd.bills": 6100.0}.get).text == "6,100 USD bn"


def test_settings_in_force_are_shown():
    settings = Settings()
    settings = replace(settings, regime=replace(settings.regime, gate=replace(settings.regime.gate, h_on=0.95)))
    assert "0.95" in explain(demo_board(), "regime.gate", settings).words


def test_unknown_is_said_with_its_reason():
    found = explain(board(regime__H=Reading(formula="regime.H", note="too little history")), "regime.H")
    assert (found.text, found.note) == ("unknown", "too little history")
    assert found.thresholds[0].distance is None


def test_a_circle_ends():
    made = board(
        regime__m=reading(1.0, formula="regime.m", inputs=("regime.D",)), regime__D=reading(1.0, formula="regime.D", inputs=("regime.m",))
    )
    assert explain(made, "regime.m").inputs[0].inputs == ()


def test_changes_of_the_subject_are_told():
    from bondtop.signals.changes import with_changes

    made = with_changes(board(regime__held=word("Stress")), board(regime__held=word("Stable")))
    assert [c.after for c in explain(made, "regime").changes] == ["Stress"]


def test_every_formula_of_the_demo_board_can_be_explained():
    for path in {r.formula: path for path, r in readings(demo_board())}.values():
        found = explain(demo_board(), path)
        assert found.text
        assert "{" not in found.words
        assert msgspec.json.decode(msgspec.json.encode(found), type=Explanation) == found


@settings(max_examples=60)
@given(st.data())
def test_everything_on_a_board_is_found_by_its_own_name_and_explains_itself(data):
    name = data.draw(st.sampled_from([*nodes(demo_board())]))
    path, part = find(demo_board(), name)
    assert path == name or path.startswith(f"{name}.")
    found = explain(demo_board(), name)
    assert "{" not in found.words and (found.text or not isinstance(part, Reading | Word))


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (4.5, "%", "4.500%"),
        (-3.25, "bp", "−3.2 bp"),
        (0.5, "σ", "+0.50σ"),
        (None, "bp", "unknown"),
        (31280.4, "USD bn", "31,280 USD bn"),
        (0.401, "rank", "0.40"),
    ],
)
def test_values_with_their_units(value, unit, text):
    assert in_unit(value, unit) == text
