"""Conventions: decays, σ, ranks, robust z, calendars."""

import csv
import math
from datetime import date

import numpy as np
import pytest
from bondtop.signals import stats
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

finite = st.floats(-50, 50, allow_nan=False).map(lambda x: round(x, 3))
with_gaps = st.one_of(finite, st.just(math.nan))
series = st.integers(1, 60).flatmap(lambda n: arrays(np.float64, n, elements=with_gaps))


def floats(values):
    return np.array([math.nan if v is None else v for v in values], dtype=np.float64)


def test_ewma_agrees_with_reference_values(golden):
    for case in golden["ewma"]["cases"]:
        v = stats.ewma_mean_square(floats(case["x"]), case["lambda"], 1)[-1]
        assert v == pytest.approx(case.get("v", case.get("ewma_sd", 0) ** 2), abs=2e-6)


@given(series, st.sampled_from([0.5, 0.94, 0.9973]))
@settings(max_examples=60)
def test_ewm_is_the_normalised_weighted_mean(x, lam):
    weights = lam ** np.arange(len(x))[::-1]
    known = ~np.isnan(x)
    got = stats.ewm(x, lam)[-1]
    if known.any():
        assert got == pytest.approx(np.sum(weights[known] * x[known]) / np.sum(weights[known]), rel=1e-9, abs=1e-9)
    else:
        assert math.isnan(got)


def test_ewm_keeps_its_value_over_a_gap_of_a_whole_history():
    x = np.concatenate(([3.0, 5.0], np.full(20_000, np.nan)))
    v = stats.ewm(x, 0.94)
    assert v[-1] == v[1]


def test_columns_decay_each_by_itself():
    x = np.random.default_rng(1).normal(size=(3000, 3))
    x[10:50, 1] = np.nan
    together = stats.ewm(x, 0.7, 5)
    for column in range(3):
        np.testing.assert_allclose(together[:, column], stats.ewm(x[:, column], 0.7, 5), rtol=1e-12)


@given(series, st.integers(1, 9), st.integers(1, 4))
@settings(max_examples=40)
def test_rolling_median_is_the_definition(x, window, min_obs):
    got = stats.rolling_median(x, window, min_obs)
    for t in range(len(x)):
        seen = [v for v in x[max(0, t - window + 1) : t + 1] if v == v]
        np.testing.assert_allclose(got[t], np.median(seen) if len(seen) >= min_obs else np.nan)


@given(st.integers(0, 8), st.integers(1, 9), st.data())
def test_row_medians_are_the_definition(rows, width, data):
    x = data.draw(arrays(np.float64, (rows, width), elements=finite))
    np.testing.assert_array_equal(stats.row_medians(x), np.median(x, axis=1))


def test_unknown_until_the_minimum_count():
    x = floats([1, None, 1, 1])
    assert np.isnan(stats.ewma_mean_square(x, 0.9, 3)).tolist() == [True, True, True, False]


def test_covariance_and_correlation_use_rows_where_both_exist():
    x, y = floats([1, 2, None, 4]), floats([2, None, 3, 8])
    assert stats.ewma_covariance(x, y, 0.5, 1)[-1] == pytest.approx((32 + 2 * 0.125) / (1 + 0.125))
    assert stats.ewma_correlation(x, y, 0.5, 2)[-1] == pytest.approx(1.0)
    assert np.isnan(stats.ewma_correlation(np.zeros(5), np.ones(5), 0.5, 1)).all()


def test_sigma_never_contains_the_move_it_scales():
    moves = np.full(200, 3.0)
    moves[150] = 100.0
    s = stats.sigma(moves)
    assert s.used[150] == pytest.approx(3.0)
    assert s.fast[151] > 20
    assert np.isnan(s.used[:120]).all()
    assert not np.isnan(s.used[120:]).any()


def test_sigma_floor_belongs_to_used_alone():
    s = stats.sigma(np.full(130, 0.5))
    assert (s.fast[-1], s.slow[-1], s.used[-1]) == pytest.approx((0.5, 0.5, 2.0))
    assert stats.sigma(np.full(130, 0.5), 0.0).used[-1] == pytest.approx(0.5)


def test_percentile_agrees_with_reference_values(golden):
    for case in golden["percentile"]["cases"]:
        got = stats.percentile(floats(case["x"]), case["window"], case["min"])
        np.testing.assert_allclose(got, floats(case["pct"]), atol=1e-6)


@given(st.lists(st.one_of(st.integers(0, 6).map(float), st.just(math.nan)), min_size=1, max_size=40), st.integers(1, 12), st.integers(1, 5))
@settings(max_examples=80)
def test_percentile_is_the_definition(values, window, min_obs):
    got = stats.percentile(np.array(values), window, min_obs)
    for t, value in enumerate(values):
        seen = [v for v in values[max(0, t - window + 1) : t + 1] if v == v]
        if value != value or len(seen) < min_obs:
            assert math.isnan(got[t])
        else:
            rank = (sum(v < value for v in seen) + (sum(v == value for v in seen) + 1) / 2) / len(seen)
            assert got[t] == pytest.approx(rank)


def test_robust_z_agrees_with_reference_values(golden):
    for case in golden["robust_z"]["cases"]:
        got = stats.robust_z(case["x"], case["ref"])
        assert got is None if case["z"] is None else got == pytest.approx(case["z"], abs=1e-6)


@given(st.floats(-5, 5), st.lists(st.floats(-5, 5), min_size=8, max_size=20))
@settings(max_examples=60)
def test_robust_z_is_odd_and_bounded(x, ref):
    z = stats.robust_z(x, ref)
    mirrored = stats.robust_z(-x, [-v for v in ref])
    assert (z is None) == (mirrored is None)
    if z is not None:
        assert abs(z) <= 5
        assert mirrored == pytest.approx(-z, abs=1e-9)


def test_robust_z_of_nothing_is_unknown():
    assert stats.robust_z(math.nan, [1.0] * 9) is None
    assert stats.robust_z(1.0, [math.nan] * 9) is None


def test_carry_forward_agrees_with_reference_values(golden):
    case = golden["carry_forward"]
    np.testing.assert_array_equal(stats.carry_forward(floats(case["x"]), case["limit"]), floats(case["carried"]))


def test_carry_forward_starts_with_nothing():
    assert np.isnan(stats.carry_forward(floats([None, None]))).all()
    assert len(stats.carry_forward(floats([]))) == 0


def test_native_changes_skip_holidays_but_not_long_gaps():
    days = np.array([0, 1, 4, 20, 21], dtype=np.int32)
    values = floats([1.0, 1.1, 1.05, 2.0, 2.02])
    np.testing.assert_allclose(stats.native_changes(days, values), [np.nan, 10, -5, np.nan, 2], atol=1e-9)
    np.testing.assert_allclose(stats.native_changes(days, values, steps=2), [np.nan, np.nan, 5, np.nan, np.nan], atol=1e-9)
    assert np.isnan(stats.native_changes(days[:1], values[:1])).all()


def test_native_changes_step_over_a_missing_value():
    days = np.arange(4, dtype=np.int32)
    np.testing.assert_allclose(stats.native_changes(days, floats([1.0, None, 1.5, 1.6])), [np.nan, np.nan, 50, 10], atol=1e-9)


def test_log_returns_are_in_percent():
    np.testing.assert_allclose(stats.log_returns(floats([100, 110, 0, None])), [np.nan, 100 * math.log(1.1), np.nan, np.nan])


@given(series, st.integers(0, 59))
@example(floats([None, 0.0, 3.0, None]), 3)  # a gap that closes
@settings(max_examples=50)
def test_the_future_changes_no_earlier_row(x, cut):
    cut = min(cut, len(x) - 1)
    altered = x.copy()
    altered[cut:] = 77.0
    for history in (
        lambda v: stats.ewm(v, 0.9),
        lambda v: stats.sigma(v).used,
        lambda v: stats.percentile(v, 9, 2),
        stats.carry_forward,
        lambda v: stats.ewma_correlation(v, np.arange(len(v)) + 1.0, 0.9, 2),
    ):
        np.testing.assert_array_equal(history(x)[:cut], history(altered)[:cut])


@pytest.mark.recorded
def test_stock_bond_correlation_on_recorded_days(golden_panel, recorded):
    with (recorded / "panel.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    days = np.array([date.fromisoformat(row["date"]).toordinal() - date(1970, 1, 1).toordinal() for row in rows], dtype=np.int32)
    spx, us10 = (floats([float(row[name]) if row[name] else None for row in rows]) for name in ("spx", "us10"))
    on, stocks, yields = stats.common(days, spx, days, us10)
    corr = stats.ewma_correlation(stats.log_returns(stocks), 100 * stats.changes(yields))
    for day, value in golden_panel["stock_bond"]["corr"].items():
        row = np.searchsorted(on, date.fromisoformat(day).toordinal() - date(1970, 1, 1).toordinal())
        assert corr[row] == pytest.approx(value, abs=1e-4)
