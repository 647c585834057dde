import csv
from datetime import date

import numpy as np
import pytest
from bondtop.signals import passthrough as p
from hypothesis import given, settings
from hypothesis import strategies as st

EPOCH = date(1970, 1, 1)


def day(iso):
    return (date.fromisoformat(iso) - EPOCH).days


def days(*isos):
    return np.array([day(iso) for iso in isos], dtype=np.int32)


def simulated(rows=400, seed=5, b=0.4, beta=0.5):
    """Weekday series: the JGB makes good `b` of yesterday's Treasury move, the Treasury takes `beta` of its innovation. Yields in %."""
    rng = np.random.default_rng(seed)
    grid = np.array([d for d in range(19000, 19000 + rows * 2) if (d + 3) % 7 < 5][:rows], dtype=np.int32)
    e, noise = rng.normal(0, 3, rows), rng.normal(0, 4, rows)
    u = beta * e + noise
    j = e + b * np.concatenate(([0.0], u[:-1]))
    return grid, 1 + np.cumsum(j) / 100, 4 + np.cumsum(u) / 100


def test_tokyo_has_not_seen_what_new_york_did_since_its_last_close():
    jgb = days("2025-01-06", "2025-01-07", "2025-01-10", "2025-01-14")
    ust = days("2025-01-03", "2025-01-06", "2025-01-07", "2025-01-08", "2025-01-10", "2025-01-13", "2025-01-14")
    ust_bp = np.array([np.nan, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0])
    # 7 Jan has not seen 6 Jan; 10 Jan has not seen 7 and 8; 14 Jan has not seen 10 and 13; its own date never counts.
    assert p.unseen_changes(jgb, ust, ust_bp)[1:] == pytest.approx([1.0, 6.0, 24.0])
    assert np.isnan(p.unseen_changes(jgb, ust, ust_bp)[0])


def test_nothing_unseen_is_zero_but_a_silent_series_is_unknown():
    jgb = days("2025-07-03", "2025-07-04", "2025-07-07", "2025-07-25", "2025-07-28")
    ust = days("2025-07-02", "2025-07-03")
    ust_bp = np.array([np.nan, 5.0])
    unseen = p.unseen_changes(jgb, ust, ust_bp)
    assert unseen[1] == 5.0
    assert unseen[2] == 0.0  # 4 July: the US had no print, Tokyo missed nothing
    assert np.isnan(unseen[[0, 3, 4]]).all()


def test_before_the_first_print_there_is_no_treasury_change():
    jgb, ust = days("2025-07-01", "2025-07-02", "2025-07-03"), days("2025-07-02", "2025-07-03")
    assert np.isnan(p.unseen_changes(jgb, ust, np.array([np.nan, 1.0]))).all()
    assert np.isnan(p.unseen_changes(jgb, days(), np.array([]))).all()


def test_a_us_holiday_leaves_the_same_date_move_missing():
    jgb, ust = days("2025-07-03", "2025-07-04", "2025-07-07"), days("2025-07-03", "2025-07-07")
    found = p.on_dates(jgb, ust, np.array([1.0, 2.0]))
    assert found[0] == 1.0 and np.isnan(found[1]) and found[2] == 2.0


def test_catch_up_slope_is_exact_without_noise():
    rng = np.random.default_rng(2)
    l_bp = rng.normal(0, 5, 100)
    b = p.catch_up(0.3 * l_bp, l_bp)
    assert np.isnan(b[:59]).all() and b[59:] == pytest.approx(np.full(41, 0.3))
    assert np.isnan(p.catch_up(l_bp, np.zeros(100))).all()


def test_the_slopes_are_found_again():
    grid, jgb, ust = simulated(4000)
    history = p.pass_through(grid, jgb, grid, ust, p.PassThroughParams(lam=0.9995, window=3500))
    reading = p.pass_through_at(history, -1)
    assert reading.b == pytest.approx(0.4, abs=0.04)
    assert reading.beta.beta == pytest.approx(0.5, abs=0.05) and reading.beta.distinct
    assert reading.beta.x_bp_per_10bp == pytest.approx(10 * reading.beta.beta)
    assert reading.reverse.beta == pytest.approx(0.4, abs=0.05)


def test_rolling_slope_is_ordinary_least_squares():
    from statsmodels.api import OLS, add_constant

    rng = np.random.default_rng(8)
    x = rng.normal(0, 3, 300)
    y = 0.4 * x + 1 + rng.normal(0, 2, 300)
    x[rng.random(300) < 0.1] = np.nan
    slope = p.rolling_slope(y, x, 120, 60)
    for row in (80, 150, 299):
        pairs = np.flatnonzero(~np.isnan(x[: row + 1]))[-120:]
        fit = OLS(y[pairs], add_constant(x[pairs])).fit()
        assert slope.beta[row] == pytest.approx(fit.params[1], rel=1e-9)
        assert slope.se[row] == pytest.approx(fit.bse[1], rel=1e-9)
        assert slope.n[row] == len(pairs)


def test_fewer_than_sixty_pairs_are_unknown():
    x = np.arange(59.0)
    assert np.isnan(p.rolling_slope(x, x, 120, 60).beta).all()
    assert p.rolling_slope(np.arange(60.0), np.arange(60.0), 120, 60).beta[-1] == pytest.approx(1.0)
    assert np.isnan(p.rolling_slope(np.arange(80.0), np.ones(80), 120, 60).beta).all()


def test_flag_needs_size_direction_and_the_treasury():
    z_e = np.array([3.0, 3.0, 3.0, -3.2, 2.99, 3.0, 1.0, np.nan])
    z_us = np.array([0.75, 0.74, -2.0, -0.8, 5.0, np.nan, np.nan, 1.0])
    flag = p.bleed_over(z_e, z_us)
    assert flag[:5].tolist() == [1, 0, 0, 1, 0]
    assert np.isnan(flag[5]) and flag[6] == 0 and np.isnan(flag[7])


def test_a_short_history_is_unknown_throughout():
    grid, jgb, ust = simulated(30)
    reading = p.pass_through_at(p.pass_through(grid, jgb, grid, ust), -1)
    assert (reading.b, reading.e_bp, reading.beta.beta, reading.beta.distinct, reading.flag.on) == (None, None, None, None, None)
    assert reading.reverse.n == 28  # its first print has no change, its second has seen no Treasury change yet


@settings(max_examples=20, deadline=None)
@given(st.integers(150, 398), st.sampled_from([np.nan, 0.0, 9.0]))
def test_the_future_changes_no_earlier_row(cut, value):
    grid, jgb, ust = simulated()
    whole = p.pass_through(grid, jgb, grid, ust)
    later = np.arange(len(grid)) > cut
    altered = p.pass_through(grid, np.where(later, value, jgb), grid, np.where(later, value, ust))
    for name in ("e_bp", "z_e", "z_us", "flag", "b"):
        assert np.array_equal(getattr(whole, name)[: cut + 1], getattr(altered, name)[: cut + 1], equal_nan=True)
    assert np.array_equal(whole.forward.beta[: cut + 1], altered.forward.beta[: cut + 1], equal_nan=True)


@pytest.fixture(scope="module")
def panel(recorded):
    with (recorded / "panel.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    grid = np.array([day(row["date"]) for row in rows], dtype=np.int32)

    def history(jgb, ust):
        values = {key: np.array([float(row[key]) if row[key] else np.nan for row in rows]) for key in (jgb, ust)}
        return p.pass_through(grid, values[jgb], grid, values[ust])

    return history


@pytest.mark.recorded
def test_bleed_over_days_of_the_thirty_year(panel, golden_panel):
    history = panel("jp30", "us30")
    inside = (history.days >= day("2013-01-01")) & (history.days <= day("2025-06-30"))
    rows = np.flatnonzero((history.flag == 1) & inside)
    expected = golden_panel["bleed_over_30y"]["flags"]
    assert history.days[rows].tolist() == [day(iso) for iso in expected]
    assert history.z_e[rows] == pytest.approx([case["z_e"] for case in expected.values()], abs=0.0051)
    assert history.z_us[rows] == pytest.approx([case["z_us"] for case in expected.values()], abs=0.0051)


@pytest.mark.recorded
@pytest.mark.parametrize("tenor", ["10Y", "30Y"])
def test_slopes_at_mid_2025(panel, golden_panel, tenor):
    history = panel(f"jp{tenor[:2]}", f"us{tenor[:2]}")
    expected = golden_panel["jgb_ust_beta"]
    reading = p.pass_through_at(history, int(np.searchsorted(history.days, day(expected["as_of"]))))
    assert reading.b == pytest.approx(expected[tenor]["b_used"], abs=6e-5)
    assert reading.beta.beta == pytest.approx(expected[tenor]["beta"], abs=6e-5)
    assert reading.beta.t == pytest.approx(expected[tenor]["t"], abs=6e-4)
    assert reading.beta.n == expected[tenor]["n"]
