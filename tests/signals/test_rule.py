"""The rule that names a point of the map."""

import numpy as np
import pytest
from bondtop.signals.rule import UNKNOWN, Regime, Thresholds, regime_or_none, rule, rule_codes
from hypothesis import given
from hypothesis import strategies as st

points = st.tuples(st.floats(-3, 3), st.floats(0, 3))
thresholds = st.builds(Thresholds, st.floats(0.3, 1.2), st.floats(0.2, 0.9), st.floats(0.5, 2))


def test_agrees_with_reference_cases(golden):
    spec = golden["rule"]
    for case in spec["cases"]:
        at = Thresholds(*case.get("thresholds", spec["thresholds"]))
        assert rule(case["m"], case["D"], at).word == case["label"]


@given(st.lists(points, min_size=1, max_size=20), thresholds)
def test_rows_follow_the_rule(rows, at):
    m, D = (np.array(column) for column in zip(*rows, strict=True))
    assert rule_codes(m, D, at).tolist() == [rule(*point, at) for point in rows]


@given(points, thresholds)
def test_turned_around_an_expansion_is_a_repricing(point, at):
    mirror = {Regime.EXPANSION: Regime.REPRICING, Regime.REPRICING: Regime.EXPANSION}
    m, D = point
    label = rule(m, D, at)
    assert rule(-m, D, at) == mirror.get(label, label)


def test_unknown_points_have_no_label():
    m, D = np.array([np.nan, 1.0]), np.array([0.2, np.nan])
    assert rule_codes(m, D, Thresholds()).tolist() == [UNKNOWN, UNKNOWN]
    assert regime_or_none(UNKNOWN) is None


@pytest.mark.parametrize(
    ("held", "expected"),
    [
        (UNKNOWN, (0.75, 0.5, 1.33)),
        (Regime.STABLE, (0.825, 0.55, 1.33)),
        (Regime.STRESS, (0.675, 0.45, 1.33)),
        (Regime.EXPANSION, (0.675, 0.45, 1.197)),
        (Regime.REPRICING, (0.675, 0.45, 1.197)),
        (Regime.FRAGMENTATION, (0.675, 0.45, 1.463)),
    ],
)
def test_a_regime_is_easier_to_keep_than_to_enter(held, expected):
    at = Thresholds().in_force(held, 0.10)
    assert (at.m0, at.D0, at.c) == pytest.approx(expected)
