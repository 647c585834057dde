"""One-month momentum: z without look-ahead, distance from highs and means."""

import numpy as np
import pytest
from bondtop.signals.momentum import STANDING, MomentumParams, momentum
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields

DAYS = np.arange(10_000, 10_400, dtype=np.int32)


def walk(seed=1, n=400):
    return 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, n)))


def test_momentum_by_hand():
    prices = walk()
    found = momentum(DAYS, prices)
    row = 350
    returns = 100 * np.diff(np.log(prices))
    weights = 0.9973 ** np.arange(row - 1)[::-1]
    slow = np.sqrt((weights * returns[: row - 1] ** 2).sum() / weights.sum())
    month = 100 * np.log(prices[row] / prices[row - 21])
    assert found.return_pct[row] == pytest.approx(month)
    assert found.z[row] == pytest.approx(month / (slow * np.sqrt(21)))
    assert found.below_high_pct[row] == pytest.approx(100 * (1 - prices[row] / prices[row - 251 : row + 1].max()))
    assert found.over_mean_pct[row] == pytest.approx(100 * (prices[row] / prices[row - 199 : row + 1].mean() - 1))
    assert found.day_return_pct[row] == pytest.approx(returns[row - 1])


def test_unknown_before_260_observations_and_on_holidays():
    prices = walk()
    prices[[100, 300]] = np.nan, 0.0
    found = momentum(DAYS, prices)
    for side in (found.z, found.return_pct, found.below_high_pct, found.over_mean_pct):
        assert np.isnan(side[:260]).all() and np.isnan(side[300])  # one observation was missing before
        assert not np.isnan(np.delete(side, 300)[260:]).any()


def test_still_price_has_no_z():
    assert np.isnan(momentum(DAYS, np.full(400, 5.0)).z).all()
    assert len(momentum(DAYS[:0], np.array([])).z) == 0
    assert np.isnan(momentum(DAYS[:9], walk(n=9)).over_mean_pct).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(261, 399), st.floats(0.01, 100))
def test_causal_and_free_of_scale(seed, cut, scale):
    prices = walk(seed)
    whole, part = momentum(DAYS, prices), momentum(DAYS[:cut], prices[:cut])
    scaled = momentum(DAYS, scale * prices)
    for name in ("z", "return_pct", "below_high_pct", "over_mean_pct"):
        assert np.array_equal(getattr(part, name), getattr(whole, name)[:cut], equal_nan=True)
        assert np.allclose(getattr(scaled, name), getattr(whole, name), atol=1e-6, equal_nan=True)


def test_every_parameter_has_a_standing():
    assert set(STANDING) == {field.name for field in fields(MomentumParams)}
