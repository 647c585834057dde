"""The idiosyncratic residual."""

import numpy as np
import pytest
from bondtop.signals.residual import ResidualParams, forecast_error, residual_history
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import MARKETS, day, recorded_rows


def walk(seed, rows=700, markets=4):
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 4, (rows, 1))
    return 3 + np.cumsum(common + rng.normal(0, 3, (rows, markets)), axis=0) / 100


def all_own(yields):
    return np.ones(yields.shape, dtype=bool)


def test_forecast_error_is_that_of_least_squares():
    rng = np.random.default_rng(3)
    x = rng.normal(2, 5, (60, 2))
    y = 1 + x @ [0.5, -0.2] + rng.normal(size=60)
    error = forecast_error(y, x, 20)
    assert np.isnan(error[:20]).all()
    for t in (20, 33, 59):
        design = np.column_stack([np.ones(20), x[t - 20 : t]])
        beta = np.linalg.lstsq(design, y[t - 20 : t], rcond=None)[0]
        assert error[t] == pytest.approx(y[t] - np.r_[1, x[t]] @ beta, abs=1e-9)


def test_first_known_row_has_250_rows_with_yesterday_before_it():
    e = residual_history(walk(1), all_own(walk(1))).e
    assert np.isnan(e[:252]).all()
    assert not np.isnan(e[252:]).any()


def test_without_an_own_print_the_residual_counts_but_its_z_is_not_shown():
    yields = walk(2)
    own = all_own(yields)
    own[600, 1] = False
    shown, hidden = residual_history(yields, all_own(yields)), residual_history(yields, own)
    assert np.isnan(hidden.z[600, 1])
    assert not np.isnan(shown.z[600, 1])
    np.testing.assert_array_equal(shown.idio, hidden.idio)


def test_two_markets_or_flat_markets_are_unknown():
    assert np.isnan(residual_history(walk(1)[:, :2], all_own(walk(1)[:, :2])).e).all()
    flat = np.full((400, 3), 2.0)
    result = residual_history(flat, all_own(flat))
    assert np.isnan(result.e).all()
    assert np.isnan(result.idio).all()


@given(st.integers(0, 50), st.integers(260, 650))
@settings(max_examples=10, deadline=None)
def test_properties(seed, cut):
    yields = walk(seed)
    own = all_own(yields)
    base = residual_history(yields, own)
    np.testing.assert_allclose(residual_history(yields + 1.5, own).z, base.z, rtol=1e-6, atol=1e-6)
    order = np.random.default_rng(seed).permutation(4)
    np.testing.assert_allclose(residual_history(yields[:, order], own).idio, base.idio[:, order], rtol=1e-9, atol=1e-9)
    free = ResidualParams()
    np.testing.assert_allclose(residual_history(yields * 3, own, free).e, base.e * 3, rtol=1e-6, atol=1e-6)
    altered = yields.copy()
    altered[cut:] += 4
    np.testing.assert_array_equal(residual_history(altered, own).idio[:cut], base.idio[:cut])


@pytest.mark.recorded
def test_recorded_days_beyond_four_sigma(golden_panel, recorded):
    rows = recorded_rows(recorded)
    found = residual_history(rows.yields, rows.own)
    since = rows.days >= day("2010-01-01")
    for i, market in enumerate(MARKETS):
        expected = golden_panel["idiosyncratic"]["abs_z_e_at_least_4_since_2010"][market]
        with np.errstate(invalid="ignore"):
            at = np.flatnonzero((np.abs(found.z[:, i]) >= 4) & since)
        assert {int(rows.days[t]): round(found.z[t, i], 2) for t in at} == {day(iso): z for iso, z in expected.items()}
    for case in golden_panel["idiosyncratic"]["idio"]:
        t = np.searchsorted(rows.days, day(case["date"]))
        assert found.idio[t].tolist() == pytest.approx([case[market] for market in MARKETS], abs=6e-4)
