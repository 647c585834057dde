"""Coordinates of the map."""

import numpy as np
import pytest
from bondtop.signals.coordinates import coordinates, mean_correlation, slow_sigma
from bondtop.signals.stats import SigmaParams
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

moves = arrays(np.float64, (4,), elements=st.floats(-4, 4).map(lambda x: round(x, 2)))


def one_row_apart(s):
    """Yields of two rows whose move is s at σ = 2 bp and a horizon of one row."""
    return np.array([np.zeros(len(s)), np.asarray(s) * 0.02]), np.full((2, len(s)), 2.0)


def test_agrees_with_reference_cases(golden):
    for case in golden["kappa"]["cases"]:
        at = coordinates(*one_row_apart(case["s"]), 1)
        assert at.s[1].tolist() == pytest.approx(case["s"], abs=1e-9)
        assert (at.m[1], at.D[1], at.kappa[1]) == pytest.approx((case["m"], case["D"], case["kappa"]), abs=1e-6)


@given(moves, st.permutations(range(4)), st.floats(0.1, 10))
@settings(max_examples=60)
def test_properties(s, order, scale):
    yields, sigma = one_row_apart(s)
    at = coordinates(yields, sigma, 1)
    turned = coordinates(yields[:, order], sigma, 1)
    assert (at.m[1], at.D[1]) == pytest.approx((turned.m[1], turned.D[1]), abs=1e-12)
    scaled = coordinates(yields * scale + 3, sigma * scale, 1)
    np.testing.assert_allclose(scaled.s[1], at.s[1], atol=1e-9 / scale + 1e-9)
    assert -1 <= at.kappa[1] <= 1
    assert coordinates(-yields, sigma, 1).kappa[1] == pytest.approx(-at.kappa[1], abs=1e-12)


def test_one_unknown_market_makes_the_row_unknown():
    yields, sigma = one_row_apart([1, 1, np.nan])
    at = coordinates(yields, sigma, 1)
    assert np.isnan([at.m[1], at.D[1], at.kappa[1]]).all()
    assert at.s[1, 0] == pytest.approx(1)


def test_slow_sigma_has_a_floor_and_excludes_the_row_it_scales():
    calm = np.tile([3.0, 3.001], 80)
    yields = np.column_stack([calm, np.linspace(1, 9, 160)])
    sigma = slow_sigma(yields, SigmaParams())
    assert np.isnan(sigma[120]).all()
    assert sigma[121].tolist() == pytest.approx([2.0, 100 * 8 / 159])
    jumped = yields.copy()
    jumped[140:] += 5
    np.testing.assert_array_equal(slow_sigma(jumped, SigmaParams())[:141], sigma[:141])


def test_mean_correlation_of_markets_in_step_opposed_and_still():
    walk = np.cumsum(np.random.default_rng(5).normal(size=(200, 1)), axis=0)
    assert mean_correlation(walk @ np.ones((1, 3)))[-1] == pytest.approx(1)
    assert mean_correlation(walk @ np.array([[1.0, -2.0]]))[-1] == pytest.approx(-1)
    assert np.isnan(mean_correlation(walk @ np.array([[1.0, 0.0]]))).all()
    assert np.isnan(mean_correlation(walk @ np.ones((1, 3)))[:61]).all()
