"""The trend test against its published examples, the exact null by enumeration, and a library that does the same."""

from itertools import permutations

import numpy as np
import pymannkendall
import pytest
from bondtop.signals.mannkendall import exact_upper_p, sen_slopes, trend, trend_of_rows
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm


def test_reference_statistics(golden):
    for case in golden["mann_kendall"]["cases"]:
        x = np.arange(1.0, 101.0) if case.get("name") == "1..100" else np.array(case["x"], dtype=float)
        result = trend(x)
        assert result.s[0] == case["S"]
        assert result.z[0] == pytest.approx(case["z"], abs=1e-6)
        for name, value in (("var", result.var), ("sen", result.sen), ("p_exact", result.p_up)):
            if name in case:
                assert value[0] == pytest.approx(case[name], abs=1e-6)


def test_exact_tail_probabilities(golden):
    for case in golden["mann_kendall"]["exact_upper_p"]:
        n = case["n"]
        assert exact_upper_p(n)[case["S"] + n * (n - 1) // 2] == pytest.approx(case["p"], abs=1e-8)


@pytest.mark.parametrize("k", [2, 3, 5, 6])
def test_the_exact_null_counts_permutations(k):
    scores = trend_of_rows(np.array(list(permutations(range(k))), dtype=float)).s
    pairs = k * (k - 1) // 2
    for s in range(-pairs, pairs + 1):
        assert exact_upper_p(k)[s + pairs] == pytest.approx((scores >= s).mean(), abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-6, 6), min_size=13, max_size=40))
def test_the_normal_branch_agrees_with_pymannkendall(values):
    x = np.array(values, dtype=float)
    oracle = pymannkendall.original_test(x)
    ours = trend(x)
    assert ours.s[0] == oracle.s
    assert ours.var[0] == pytest.approx(oracle.var_s)
    assert ours.sen[0] == pytest.approx(oracle.slope)
    if oracle.var_s > 0:
        assert ours.z[0] == pytest.approx(oracle.z)
        assert 2 * min(ours.p_up[0], ours.p_down[0], 0.5) == pytest.approx(oracle.p, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e3, 1e3), min_size=4, max_size=16))
def test_mirrored_series_swap_their_sides(values):
    up, down = trend(np.array(values)), trend(-np.array(values))
    assert up.s[0] == -down.s[0]
    assert up.p_up[0] == pytest.approx(down.p_down[0])
    assert up.sen[0] == pytest.approx(-down.sen[0])


def test_ties_leave_the_exact_null():
    tied = trend(np.array([1.0, 1.0, 2.0, 3.0, 4.0, 5.0]))
    z = (14 - 1) / np.sqrt((6 * 5 * 17 - 2 * 1 * 9) / 18)
    assert tied.s[0] == 14 and tied.z[0] == pytest.approx(z)
    assert tied.p_up[0] == pytest.approx(norm.sf(z))
    assert trend(np.ones(8)).p_up[0] == pytest.approx(0.5)


def test_every_row_is_tested_by_itself():
    rows = np.array([[1.0, 2.0, 3.0, 4.0], [4.0, 3.0, 2.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
    assert trend_of_rows(rows).s.tolist() == [6, -6, 0]
    assert sen_slopes(rows).tolist() == [1, -1, 0]
    assert trend_of_rows(rows).p_up[0] == pytest.approx(1 / 24)
