"""Operators on given arrays, the memory of REVERSED, and properties every operator keeps."""

import numpy as np
import pytest
from bondtop.signals import operators as op
from bondtop.signals.persistence import held, states, verdict
from bondtop.signals.states import APPROACHING, MET, NOT, REVERSED, STATES, UNKNOWN, State
from bondtop.signals.windows import last_unlike, spell_at, spells
from hypothesis import given, settings
from hypothesis import strategies as st


def array_of(described):
    """The arrays that the reference file describes in words."""
    if isinstance(described, list):
        return np.array(described, dtype=float)
    wave = [10 + 5 * np.sin(i / 40) for i in range(700)]
    if described.endswith("i = 0..699"):
        return np.array(wave)
    return np.array(wave[:640] + [30 - 0.2 * j + 0.3 * (-1) ** j for j in range(60)])


def run_case(name, x, params):
    params = dict(params)
    hold = params.pop("hold", 20)
    if "X" in params:
        params["level"] = params.pop("X")
    trial = getattr(op, name)(x, **params)
    return verdict(trial, states(trial, hold))


def test_reference_operators(golden):
    for case in golden["operators"]["cases"]:
        result = run_case(case["op"], array_of(case["x"]), case["params"])
        expected = case["expected"]
        where = (case["op"], case["name"])
        assert result.state == expected["state"], where
        if result.state is State.UNKNOWN:
            continue
        for name in ("progress", "run"):
            if name in expected:
                assert getattr(result, name) == pytest.approx(expected[name], abs=1e-6), where
        for name in ("S", "p", "sen", "drift", "z", "sd", "now", "base", "ratio", "retraced", "elevated"):
            if name in expected:
                assert result.numbers[name] == pytest.approx(float(expected[name]), abs=1e-6), (*where, name)


OPERATORS = [
    (op.sustained, {"level": 0.3, "side": 1, "n": 4, "grace": 1}),
    (op.sustained, {"level": -0.3, "side": -1, "n": 3}),
    (op.widening, {"k": 6}),
    (op.narrowing, {"k": 13}),
    (op.growing, {"k": 6}),
    (op.stabilising, {"k": 5, "floor": -1.0, "sd_win": 30}),
    (op.not_rising, {"k": 5, "sd_win": 12}),
    (op.not_falling, {"k": 5}),
    (op.declining, {"window": 24, "block": 2, "blocks": 5}),
    (op.accelerating, {"k": 2, "ref": 4}),
    (op.shifting, {}),
    (op.fallen, {"steps": 3, "by": 0.5}),
]
series = st.lists(st.integers(-40, 40).map(lambda tenths: tenths / 10), min_size=0, max_size=70)


@pytest.mark.parametrize(("operator", "params"), OPERATORS)
@settings(max_examples=15, deadline=None)
@given(values=series, data=st.data())
def test_a_row_knows_only_its_past(operator, params, values, data):
    x = np.array(values, dtype=float)
    whole = operator(x, **params)
    codes = states(whole, 5)
    assert len(codes) == len(x)
    cut = data.draw(st.integers(0, len(x)))
    part = operator(x[:cut], **params)
    assert states(part, 5).tolist() == codes[:cut].tolist()
    if cut:
        assert verdict(part, states(part, 5)) == verdict(whole, codes, cut - 1)


@pytest.mark.parametrize(("operator", "params"), OPERATORS)
@settings(max_examples=15, deadline=None)
@given(values=series)
def test_progress_is_a_share_and_unknown_has_none(operator, params, values):
    trial = operator(np.array(values, dtype=float), **params)
    codes = states(trial, 5)
    for row in range(len(trial)):
        result = verdict(trial, codes, row)
        assert 0.0 <= result.progress <= 1.0
        assert result.evidence and "\n" not in result.evidence
        if result.state is State.UNKNOWN:
            assert (result.progress, result.run) == (0.0, 0)
        else:
            assert "nan" not in result.evidence


@settings(max_examples=60, deadline=None)
@given(series, st.integers(1, 6), st.integers(0, 3))
def test_sustained_counts_as_its_definition_reads(values, n, grace):
    grace = min(grace, n - 1)
    x = np.array(values, dtype=float)
    trial = op.sustained(x, 0.5, 1, n, grace, margin=1.0)
    for t in range(len(x)):
        window = [v > 0.5 for v in values[max(0, t - n + 1) : t + 1]]
        assert trial.known[t] == (t + 1 >= n)
        if t + 1 >= n:
            assert trial.met[t] == (window[-1] and sum(window) >= n - grace)
            assert trial.approaching[t] == (window[-1] or values[t] > 0.5 - 1.0)
            assert trial.opposite[t] == (len(values[: t + 1]) >= 3 and all(v <= 0.5 for v in values[t - 2 : t + 1]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=26, max_size=60), st.floats(-50, 50))
def test_drift_does_not_depend_on_the_level(values, shift):
    x = np.array(values)
    z = op.not_rising(x, 6).numbers["z"]
    moved = op.not_rising(x + shift, 6).numbers["z"]
    settled = op.not_rising(x, 6).numbers["sd"] > 1e-6
    assert np.allclose(z[settled], moved[settled], atol=1e-5)


def test_rolling_quantiles_agree_with_numpy():
    x = np.random.default_rng(5).normal(size=90).round(1)
    trial = op.declining(x, window=30, block=2, blocks=5)
    for t in range(14, 90):
        window = x[max(0, t - 29) : t + 1]
        assert trial.numbers["median"][t] == pytest.approx(np.median(window))
        assert trial.numbers["peak"][t] == x[t - 9 : t + 1].max()
        assert bool(trial.numbers["elevated"][t]) == (x[t - 9 : t + 1].max() >= np.percentile(window, 80))


def test_reversed_remembers_exactly_its_hold():
    x = np.array([0.0, 0.0, 2.0, -1.0, -1.0, -1.0, -1.0, -1.0])
    codes = states(op.sustained(x, 1.0, 1, 1, margin=0.0), hold=4)
    assert codes.tolist() == [NOT, NOT, MET, NOT, NOT, REVERSED, REVERSED, NOT]


def test_met_stands_before_reversed_and_reversed_before_approaching():
    x = np.array([2.0, 0.95, 0.95, 0.95, 1.1])
    codes = states(op.sustained(x, 1.0, 1, 1), hold=20)
    assert codes.tolist() == [MET, APPROACHING, APPROACHING, REVERSED, MET]


def test_shifting_asks_for_an_unusual_change_once_it_has_a_past():
    calm = np.cumsum([20.0] + [0.2] * 9)
    lively = np.cumsum([20.0] + [3.0, -3.0] * 5)
    assert states(op.shifting(np.append(calm, calm[-1] + 1.2)), 3)[-1] == MET
    assert states(op.shifting(np.append(lively, lively[-1] + 1.2)), 3)[-1] == APPROACHING
    assert states(op.shifting(np.array([20.0, 21.2, 20.0])), 3).tolist() == [UNKNOWN, MET, REVERSED]


def test_either_needs_both_opposites():
    falling = np.linspace(10, 0, 40) + np.tile([0.3, -0.3], 20)
    rising = falling[::-1].copy()
    for x, opposite in ((falling, True), (rising, False)):
        both = op.either(op.stabilising(x, 8), op.growing(x, 8))
        assert bool(both.opposite[-1]) is opposite
        assert bool(both.met[-1]) is not opposite


def test_held_looks_at_now_and_h_evaluations_before():
    met = np.array([True, True, True, False, True, True, True, True])
    assert held(met, 2).tolist() == [False, False, True, False, False, False, True, True]


def test_codes_follow_the_precedence():
    assert [s.value for s in STATES] == ["UNKNOWN", "STALE", "MANUAL", "MET", "REVERSED", "APPROACHING", "NOT"]
    assert all(STATES[s.code] is s for s in State)


def test_nothing_observed_is_unknown():
    empty = op.sustained(np.array([]), 1.0, 1, 3)
    assert verdict(empty, states(empty, 20)).state is State.UNKNOWN


@given(st.lists(st.integers(0, 2), min_size=1, max_size=40))
def test_a_spell_begins_after_the_last_other_code(codes):
    codes = np.array(codes, np.int8)
    began = spells(codes)
    assert [spell_at(began, row) for row in range(len(codes))] == [last_unlike(codes, row) + 1 for row in range(len(codes))]
