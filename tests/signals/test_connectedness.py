import csv
import math

import msgspec
import numpy as np
import pytest
from bondtop.signals import connectedness as c
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from statsmodels.tsa.api import VAR


def var_panel(rows, n=4, seed=7):
    """A stable VAR(1) with correlated shocks, shape (n, rows)."""
    rng = np.random.default_rng(seed)
    mix = np.eye(n) + 0.4 * rng.standard_normal((n, n))
    y = np.zeros((n, rows + 50))
    for t in range(1, rows + 50):
        y[:, t] = 0.2 * y[:, t - 1] + 0.1 * y[::-1, t - 1] + mix @ rng.standard_normal(n) * 4
    return y[:, 50:]


def test_decomposition_without_lags_is_squared_correlations(golden):
    case = golden["gfevd"]["no_lags"]
    table = c.generalised_decomposition(np.zeros((1, 3, 3)), np.array(case["Sigma"]), 10)
    assert table == pytest.approx(np.array(case["table_pct"]), abs=1e-6)


def test_decomposition_of_a_first_order_var(golden):
    case = golden["gfevd"]["var1"]
    table = c.generalised_decomposition(np.array([case["A1"]]), np.array(case["Sigma"]), case["H"])
    assert table == pytest.approx(np.array(case["table_pct"]), abs=1e-6)
    summary = c._summaries("abc", 200, table[None])[0]
    assert summary.to == pytest.approx(case["TO"], abs=1e-6)
    assert summary.from_ == pytest.approx(case["FROM"], abs=1e-6)
    assert summary.net == pytest.approx(case["NET"], abs=1e-6)
    assert summary.tci == pytest.approx(case["TCI"], abs=1e-6)


def test_margins_of_the_published_table(golden):
    """Diebold and Yilmaz 2012, table 2: our margins of their printed table, to the rounding of the print."""
    published = golden["dy2012"]
    summary = c._summaries(published["names"], 200, np.array([published["table"]]))[0]
    assert summary.to == pytest.approx(published["TO"], abs=0.025)
    assert summary.from_ == pytest.approx(published["FROM"], abs=0.025)
    assert summary.net == pytest.approx(published["NET"], abs=0.03)
    assert summary.tci == pytest.approx(published["TCI"], abs=0.01)


def test_the_generalised_index_is_not_the_ordered_one(golden):
    """The 2009 index orders its shocks (Cholesky). Equal correlations make the difference plain: the first market then receives nothing."""
    assert "Cholesky" in golden["dy2009"]["note"]
    sigma = np.full((3, 3), 0.5) + 0.5 * np.eye(3)
    generalised = c.generalised_decomposition(np.zeros((1, 3, 3)), sigma, 10)
    ordered = 100 * np.linalg.cholesky(sigma) ** 2
    assert generalised[0, 1] == pytest.approx(generalised[1, 0])
    assert ordered[0, 1] == 0 and ordered[1, 0] == pytest.approx(25)
    assert not np.allclose(generalised, ordered)


@pytest.mark.parametrize("lags", [1, 4])
def test_fit_agrees_with_statsmodels(lags):
    changes = var_panel(200)
    ours, theirs = c.fit_var(changes, lags), VAR(changes.T).fit(lags, trend="c")
    assert ours.lag_matrices == pytest.approx(theirs.coefs, abs=1e-9)
    assert ours.sigma == pytest.approx(theirs.sigma_u_mle, abs=1e-9)
    assert c.moving_average(ours.lag_matrices, 10) == pytest.approx(theirs.ma_rep(9), abs=1e-9)
    assert (c.spectral_radius(ours.lag_matrices) < 1) == theirs.is_stable()
    assert c.spectral_radius(ours.lag_matrices) == pytest.approx(1 / np.abs(theirs.roots).min(), rel=1e-9)


def test_only_the_last_200_rows_count():
    changes = var_panel(300)
    altered = changes.copy()
    altered[:, :100] *= 9
    assert c.connectedness(changes, "abcd") == c.connectedness(altered, "abcd")
    assert c.connectedness(changes, "abcd").n == 200


def test_too_few_complete_rows_is_unknown():
    changes = var_panel(200)
    changes[0, :51] = np.nan
    result = c.connectedness(changes, "abcd")
    assert (result.table, result.tci, result.stable, result.n) == (None, None, None, 149)
    assert result.reason is not None and "149" in result.reason
    assert c.connectedness(changes[:, 1:], "abcd").tci is None
    assert c.connectedness(var_panel(150), "abcd").tci is not None


def test_a_market_that_never_moves_is_unknown():
    changes = var_panel(200)
    changes[2] = 0.0
    assert "positive definite" in c.connectedness(changes, "abcd").reason


def test_a_market_that_copies_another_is_unknown():
    changes = var_panel(200)
    changes[2] = changes[1]
    assert "positive definite" in c.connectedness(changes, "abcd").reason


def test_an_explosive_var_says_so():
    rng = np.random.default_rng(1)
    y = np.zeros((2, 200))
    for t in range(1, 200):
        y[:, t] = 1.05 * y[:, t - 1] + rng.standard_normal(2)
    result = c.connectedness(y, "ab")
    assert (result.stable, result.table, result.reason) == (False, None, "unstable VAR")


def test_one_market_alone_has_no_table():
    assert c.connectedness(var_panel(200)[:1], "a").table is None


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(4)), hnp.arrays(np.float64, 4, elements=st.floats(0.01, 100)))
def test_order_and_scale_of_markets_do_not_matter(order, scale):
    changes = var_panel(200)
    plain = np.array(c.connectedness(changes, "abcd").table)
    moved = np.array(c.connectedness((changes * scale[:, None])[list(order)], "abcd").table)
    assert moved == pytest.approx(plain[np.ix_(order, order)], abs=1e-6)
    assert moved.sum(axis=1) == pytest.approx(np.full(4, 100.0))


def test_adjusted_correlation_reference_values(golden):
    for case in golden["forbes_rigobon"]["cases"]:
        assert c.adjusted_correlation(case["rho"], case["delta"]) == pytest.approx(case["rho_adj"], abs=1e-6)


@given(st.floats(-1, 1), st.floats(-0.99, 1000))
def test_adjustment_only_shrinks(rho, delta):
    adjusted = c.adjusted_correlation(rho, delta)
    assert abs(adjusted) <= abs(rho) and math.copysign(1, adjusted) == math.copysign(1, rho)
    if delta <= 0:
        assert adjusted == rho


def test_contagion_uses_the_source_variance_of_both_windows():
    rng = np.random.default_rng(3)
    source = rng.choice([-1.0, 1.0], 271)
    source[-21:] *= 2.0
    target = 0.5 * source
    target[-1] = -target[-1]
    result = c.contagion(source, target)
    assert result.delta == pytest.approx(3.0)
    assert result.rho_raw == pytest.approx(19 / 21)
    assert result.rho_adj == pytest.approx(c.adjusted_correlation(19 / 21, 3.0))
    quiet = c.contagion(np.concatenate([source[:250] * 9, source[250:]]), target)
    assert quiet.delta < 0 and quiet.rho_adj == quiet.rho_raw


def test_contagion_unknown_states():
    ones = np.ones(271)
    assert c.contagion(ones[:270], ones[:270]).rho_raw is None
    gap = ones.copy()
    gap[5] = np.nan
    assert c.contagion(gap, ones).rho_raw is None
    assert c.contagion(np.zeros(271), ones) == c.Contagion(None, None, None)


@pytest.mark.recorded
def test_japan_is_the_most_isolated_market(recorded):
    with (recorded / "panel.csv").open(encoding="utf-8") as file:
        rows = [r for r in csv.DictReader(file) if r["date"] <= "2025-06-30"]
    levels = np.array([[float(r[k]) if r[k] else np.nan for r in rows] for k in ("us10", "uk10", "fr10", "jp10")])
    levels = levels[:, ~np.isnan(levels).any(axis=0)]
    result = c.connectedness(100 * np.diff(levels, axis=1), ("us", "uk", "fr", "jp"))
    assert result.stable and 30 <= result.tci <= 76
    assert result.from_[3] == min(result.from_) and result.to[3] == min(result.to)


@pytest.mark.parametrize("gap", [None, 100, 235])
def test_tables_of_neighbouring_rows_are_those_of_each(gap):
    changes, names = var_panel(300), tuple("abcd")
    if gap is not None:
        changes[1, gap] = np.nan
    changes[2, 20:60] = changes[2, 20]
    for start, stop in ((0, 3), (148, 203), (210, 242), (290, 300)):
        found = c.connectedness_rows(changes, start, stop, names)
        spreads = c.contagion_rows(changes[0], changes[1], start, stop, c.ContagionParams(21, 150))
        for row, (table, spread) in enumerate(zip(found, spreads, strict=True), start):
            alone, apart = (changes[:, : row + 1], c.ContagionParams(21, 150))
            own = c.connectedness(alone, names)
            assert (table.n, table.reason, table.stable) == (own.n, own.reason, own.stable)
            assert (table.table is None) == (own.table is None)
            if own.table is not None:
                assert np.array(table.table) == pytest.approx(np.array(own.table), abs=1e-10)
                assert (*table.net, table.tci) == pytest.approx((*own.net, own.tci), abs=1e-10)
            assert spread == c.Contagion(*(pytest.approx(each) for each in msgspec.structs.astuple(c.contagion(alone[0], alone[1], apart))))


def test_one_window_that_cannot_be_used_leaves_its_neighbours():
    changes = var_panel(420)
    changes[2, 100:310] = 0.0
    found = c.connectedness_rows(changes, 290, 330, "abcd")
    assert [each.reason for each in found] == [c.connectedness(changes[:, : row + 1], "abcd").reason for row in range(290, 330)]
    assert {each.table is None for each in found} == {True, False}


@settings(max_examples=200, deadline=None)
@given(hnp.arrays(np.float64, (2, 3, 3), elements=st.floats(-0.7, 0.7)))
def test_a_var_is_stable_when_its_spectral_radius_is_below_one(lag_matrices):
    assert c.is_stable(lag_matrices) == (c.spectral_radius(lag_matrices) < 1)


def test_hardly_stable_is_stable_and_hardly_unstable_is_not():
    assert c.is_stable(np.full((1, 1, 1), 1 - 1e-9)) and not c.is_stable(np.ones((1, 1, 1)))
