"""Rolling R² and the correlation with the other markets."""

import numpy as np
from bondtop.signals.comovement import correlation_with_others, rolling_r2
from bondtop.signals.stats import ewma_correlation
from hypothesis import given, settings
from hypothesis import strategies as st


def test_rolling_r2_is_the_squared_correlation_of_the_last_60_common_rows():
    rng = np.random.default_rng(5)
    x = rng.normal(size=200)
    y = 0.7 * x + rng.normal(size=200)
    x[[3, 50, 120]] = np.nan
    y[[50, 51, 199]] = np.nan
    r2 = rolling_r2(x, y)
    both = np.flatnonzero(~(np.isnan(x) | np.isnan(y)))
    assert np.isnan(r2[: both[39]]).all()
    for row in (both[39], both[60], 150, 198):
        last = both[both <= row][-60:]
        assert np.isclose(r2[row], np.corrcoef(x[last], y[last])[0, 1] ** 2)
    assert r2[199] == r2[198]


def test_rolling_r2_of_a_still_series_is_unknown():
    assert np.isnan(rolling_r2(np.full(80, 0.1), np.arange(80.0))).all()
    assert np.isnan(rolling_r2(np.arange(10.0), np.arange(10.0))).all()


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(61, 140))
def test_rolling_r2_is_causal_and_between_zero_and_one(seed, cut):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(2, 150))
    whole = rolling_r2(x, y)
    assert np.array_equal(rolling_r2(x[:cut], y[:cut]), whole[:cut], equal_nan=True)
    known = whole[~np.isnan(whole)]
    assert ((known >= 0) & (known <= 1 + 1e-12)).all()


def test_correlation_with_others_leaves_the_market_itself_out():
    moves = np.random.default_rng(2).normal(size=(3, 120))
    found = correlation_with_others(moves)
    assert np.allclose(found[0], ewma_correlation(moves[0], (moves[1] + moves[2]) / 2), equal_nan=True)
    assert np.isnan(found[:, 58]).all() and not np.isnan(found[:, 59]).any()
