"""Bad prints."""

import numpy as np
import pytest
from bondtop.signals.badprints import Print, guard_rows, judge_prints
from hypothesis import given
from hypothesis import strategies as st


def jump_at(length, at, z=8.0):
    scores = np.zeros(length)
    scores[at] = z
    return scores


def test_agrees_with_reference_cases(golden):
    for case in golden["bad_print"]["cases"]:
        y = np.array(case["y"])
        guard = np.full(len(y), case.get("gate_on", False))
        codes = judge_prints(y, jump_at(len(y), case["at"], case["z"]), guard)
        assert np.flatnonzero(codes == Print.SUSPECT).tolist() == case["suspect"], case["why"]


def test_waits_for_two_observations_before_it_confirms():
    y = np.array([1.0, 1.0, 1.5, 1.45, 1.45])
    verdicts = [judge_prints(y[:n], jump_at(n, 2))[2] for n in (3, 4, 5)]
    assert verdicts == [Print.UNCONFIRMED, Print.UNCONFIRMED, Print.CONFIRMED]


@pytest.mark.parametrize(
    ("second", "verdict"),
    [(1.61, Print.SUSPECT), (1.52, Print.CONFIRMED), (1.56, Print.UNCONFIRMED), (np.nan, Print.UNCONFIRMED)],
)
def test_a_second_source_decides_at_once(second, verdict):
    y = np.array([1.0, 1.0, 1.5])
    assert judge_prints(y, jump_at(3, 2), second=np.array([np.nan, np.nan, second]))[2] == verdict


def test_the_way_back_is_no_candidate():
    y = np.array([1.0, 1.0, 1.5, 1.0, 1.0, 1.0])
    scores = np.array([0, 0, 9.0, -9.0, 0, 0])
    assert judge_prints(y, scores).tolist() == [0, 0, Print.SUSPECT, 0, 0, 0]


def test_nothing_to_judge_without_a_value_before_or_a_z():
    assert judge_prints(np.array([9.0, 1.0]), np.array([9.0, np.nan])).tolist() == [0, 0]


def test_guard_needs_another_market_or_the_gate():
    z = np.array([[7.0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 3.0, np.nan], [0, 0, 0]])
    gate = np.array([False, False, False, False, True])
    assert guard_rows(gate, z).tolist() == [
        [False, True, True],
        [False, False, False],
        [True, False, True],  # the day before another market moved
        [True, False, True],
        [True, True, True],
    ]


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=12), st.integers(-3, 3))
def test_scale_and_sign_do_not_matter(y, power):
    y = np.round(np.array(y), 2)
    z = jump_at(len(y), len(y) // 2)
    same = judge_prints(y, z)
    np.testing.assert_array_equal(judge_prints(y * 2.0**power, z), same)  # a power of two keeps comparisons exact at their edge
    np.testing.assert_array_equal(judge_prints(-y, -z), same)
