"""Boundary distances."""

import pytest
from bondtop.signals.distances import distances
from bondtop.signals.gate import GateParams
from bondtop.signals.rule import Regime, Thresholds, rule
from hypothesis import given
from hypothesis import strategies as st

NAMES = {"H_up": "H"}


def at_reference(case, **more):
    held = Regime[case["held"].upper()]
    at = Thresholds().in_force(held, 0.10)
    return distances(case["m"], case["D"], case["H"], held, at, GateParams(), gate_on=case["gate_on"], **more)


def test_agrees_with_reference_cases(golden):
    for case in golden["distances"]["cases"]:
        got, expected = at_reference(case), dict(case["distance"])
        assert [got.thresholds.m0, got.thresholds.D0, got.thresholds.c] == pytest.approx(expected.pop("thresholds"))
        assert {regime.word for regime in got.to} == set(expected)
        for regime, steps in got.to.items():
            assert {NAMES.get(name, name): x for name, x in steps.items()} == pytest.approx(expected[regime.word], abs=1e-5)


def test_an_open_gate_says_what_it_waits_for(golden):
    case = next(case for case in golden["distances"]["cases"] if case["gate_on"])
    release = at_reference(case, off_count=2).release
    assert release is not None
    assert (release.H_down, release.days_below, release.days_needed) == (pytest.approx(0.23), 2, 5)


def test_nearest_is_the_smallest_that_is_not_crossed_and_h_counts_four_times(golden):
    stable, fragmentation, *_, stress = (at_reference(case) for case in golden["distances"]["cases"])
    assert (stable.nearest, stable.nearest_size) == (Regime.FRAGMENTATION, pytest.approx(0.17))
    assert (fragmentation.nearest, fragmentation.nearest_size) == (Regime.STABLE, pytest.approx(0.38))
    assert stress.nearest == Regime.STABLE
    near_gate = distances(0.0, 0.0, 0.89, Regime.STABLE, Thresholds(), GateParams())
    assert (near_gate.nearest, near_gate.nearest_size) == (Regime.STRESS, pytest.approx(0.04))


def test_without_h_there_is_no_way_to_stress_to_name():
    got = distances(0.0, 0.0, None, Regime.STABLE, Thresholds(), GateParams(), gate_on=True)
    assert Regime.STRESS not in got.to
    assert got.release is None


def test_back_to_stable_may_take_both():
    assert distances(1.0, 0.9, 0.1, Regime.FRAGMENTATION, Thresholds(), GateParams()).to[Regime.STABLE] == pytest.approx(
        {"abs_m_down": 0.25, "D_down": 0.4}
    )


@given(st.floats(-3, 3), st.floats(0, 3))
def test_a_step_just_beyond_the_distance_crosses(m, D):
    at = Thresholds()
    held = rule(m, D, at)
    eps = 1e-9
    for regime, steps in distances(m, D, 0.2, held, at, GateParams()).to.items():
        if len(steps) > 1 or regime == Regime.STRESS:
            continue
        [(coordinate, x)] = steps.items()
        there = {
            "m_up": (m + x + eps, D),
            "m_down": (m - x - eps, D),
            "D_up": (m, D + x + eps),
            "D_down": (m, D - x - eps),
            "abs_m_down": ((abs(m) - x - eps) * (1 if m > 0 else -1), D),
        }[coordinate]
        if x > 0 and there[1] >= 0:
            assert rule(*there, at) == regime
