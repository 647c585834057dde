"""Theil–Sen slope with its rank interval, quadrants, states and the pooled series."""

import numpy as np
import pytest
from bondtop.signals.inflection import (
    STANDING,
    InflectionParams,
    inflected_text,
    inflection_at,
    inflection_history,
    pool,
    quadrant,
    theil_sen,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields
from scipy.stats import theilslopes


def floats(values):
    return np.array(values, dtype=np.float64)


def test_golden_slope_and_quadrants(golden):
    reference = golden["inflection"]
    slope = theil_sen(floats(reference["dS"]), floats(reference["dD"]), reference["pair_threshold"])
    assert slope.pairs == reference["slopes"]
    assert (slope.b, slope.lo, slope.hi) == pytest.approx((reference["b"], reference["lo80"], reference["hi80"]), abs=1e-6)
    for d_supply, d_demand, word in reference["quadrants"]:
        assert quadrant(d_supply, d_demand) == word


def test_unknown_change_has_no_quadrant():
    assert quadrant(None, 1.0) is None and quadrant(1.0, float("nan")) is None


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(5, 20))
def test_slope_agrees_with_scipy(seed, n):
    x, y = np.random.default_rng(seed).normal(size=(2, n))
    assert theil_sen(x, y, 0.0).b == pytest.approx(theilslopes(y, x).slope)


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.floats(0.1, 10), st.floats(-5, 5))
def test_slope_scales_and_ignores_level(seed, scale, shift):
    x, y = np.random.default_rng(seed).normal(size=(2, 12))
    slope, moved = theil_sen(x, y, 0.05), theil_sen(x + shift, scale * y + shift, 0.05)
    assert moved.b == pytest.approx(scale * slope.b)
    assert slope.lo <= slope.b <= slope.hi


def test_pairs_of_equal_supply_are_left_out_and_too_few_pairs_have_no_interval():
    assert theil_sen(np.ones(12), np.arange(12.0), 0.1).b is None
    assert theil_sen(floats([np.nan] * 12), np.arange(12.0), 0.1).pairs == 0
    few = theil_sen(floats([0.0] * 11 + [1.0]), np.arange(12.0), 0.5)
    assert few.pairs == 11 and few.b is not None and few.lo is None and few.hi is None


def levels(changes, start=100.0):
    return start + np.concatenate(([0.0], np.cumsum(changes)))


def swings(months):
    """Month-on-month changes of supply that rise over the last three months of any stretch ending in 4k + 2."""
    return floats([(8.0, 3.0, -6.0, 1.0)[month % 4] for month in range(months)])


def test_demand_that_falls_as_supply_rises_is_inflected_only_two_months_running():
    supply = levels(swings(30))
    demand = levels(-0.5 * swings(30), 60.0)
    history = inflection_history(supply, demand)
    assert history.b[-1] == pytest.approx(-0.5) and history.hi[-1] < 0
    for month in range(13, 31):
        bad = [history.quadrant[m] in ("adverse", "withdrawal") for m in (month - 1, month)]
        if history.state[month] == "inflected":
            assert all(bad)
        elif all(bad):
            assert history.state[month] == "undefined, quadrant only"
    assert "inflected" in history.state


def test_demand_that_follows_supply_is_stable_while_both_rise():
    steps = floats([5.0, 1.0, 3.0] * 8)
    history = inflection_history(levels(steps), levels(0.8 * steps))
    assert (history.quadrant[-1], history.state[-1]) == ("absorbing", "stable")
    assert history.b_hist[-1] == pytest.approx([0.8] * 3)


def test_both_falling_is_withdrawal_and_watched_although_the_ratio_is_positive():
    steps = floats([-5.0, -1.0, -3.0] * 5)
    history = inflection_history(levels(steps), levels(0.8 * steps))
    assert history.b[-1] > 0 and (history.quadrant[-1], history.state[-1]) == ("withdrawal", "watch")


def test_hardly_moving_supply_is_undefined():
    steps = floats([5.0, -3.0, -2.0] * 8)
    history = inflection_history(levels(steps), levels(steps))
    assert history.state[-1] == "undefined, quadrant only" and history.quadrant[-1] is not None


def test_nine_months_are_not_enough():
    steps = floats([5.0, 1.0, 3.0] * 3)
    assert inflection_history(levels(steps), levels(steps)).state[-1] is None
    steps = floats([5.0, 1.0, 3.0, 2.0] * 3)[:10]
    assert inflection_history(levels(steps), levels(steps)).state[-1] == "stable"


def test_missing_months_are_no_months():
    steps = floats([5.0, 1.0, 3.0] * 5)
    demand = levels(steps)
    demand[[5, 8]] = np.nan  # four changes less among the last twelve
    assert inflection_history(levels(steps), demand).state[-1] is None
    demand = levels(steps)
    demand[-1] = np.nan
    last = inflection_at(inflection_history(levels(steps), demand), -1, 20_000, ("us",), ("jp",))
    assert (last.quadrant, last.state, last.missing) == (None, None, ("jp",))


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40))
def test_history_is_causal(seed, cut):
    supply, demand = 100 + np.random.default_rng(seed).normal(0, 20, size=(2, 40))
    whole, part = inflection_history(supply, demand), inflection_history(supply[:cut], demand[:cut])
    assert np.array_equal(part.b, whole.b[:cut], equal_nan=True) and np.array_equal(part.b_hist, whole.b_hist[:cut], equal_nan=True)
    assert part.state == whole.state[:cut] and part.quadrant == whole.quadrant[:cut]


def test_pool_names_the_missing_and_never_counts_an_entry_as_supply():
    us = (np.full(20, 100.0), np.full(20, 60.0))
    late = (floats([np.nan] * 5 + [10.0] * 15), floats([np.nan] * 5 + [5.0] * 15))
    ended = (floats([10.0] * 19 + [np.nan]), np.full(20, 5.0))
    pooled = pool({"us": us, "jp": late, "uk": ended}, {"us": 1.0, "jp": 2.0, "uk": 1.0})
    assert (pooled.markets, pooled.missing) == (("us", "jp"), ("uk",))
    assert np.isnan(pooled.supply[:5]).all() and (pooled.supply[5:] == 120).all() and (pooled.demand[5:] == 70).all()
    nobody = pool({"uk": ended}, {"uk": 1.0})
    assert nobody.markets == () and np.isnan(nobody.supply).all() and len(nobody.supply) == 20


def test_text_carries_the_live_states():
    assert inflected_text(-0.42, 0.71, 0.68) == (
        "d(Demand)/d(Supply) < 0: watch global repricing (m −0.42σ) → convergence (ρ̄ p71) → cross-asset stress (H 0.68)"
    )
    assert "(m unknown) → convergence (ρ̄ unknown)" in inflected_text(None, None, None)


def test_every_parameter_has_a_standing():
    assert set(STANDING) == {field.name for field in fields(InflectionParams)}
