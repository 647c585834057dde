"""Identities add up, the pressure counts what it knows, the ridge agrees with an independent solution."""

import numpy as np
import pytest
from bondtop.signals.clearing import (
    STANDING,
    ClearingParams,
    clearing_pressure,
    expected_and_premium,
    inflation_z,
    marginal_buyer_word,
    monthly_ridge,
    path_and_term,
    printed_residual_bp,
    real_and_breakeven,
    shared_legs,
)
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

DAYS = np.arange(20_000, 20_000 + 400, dtype=np.int32)


def test_identities():
    assert dict(path_and_term(27.0, 10.0).parts) == {"path": 10.0, "term": 17.0}
    assert dict(expected_and_premium(27.0, 30.0).parts) == {"expected": -3.0, "tp": 30.0}
    assert dict(real_and_breakeven(27.0, 15.0, 12.0).parts) == {"real": 15.0, "breakeven": 12.0}


def test_rounding_residual_is_printed_only_when_it_shows():
    assert printed_residual_bp(real_and_breakeven(27.0, 15.0, 11.0)) == 1.0
    assert printed_residual_bp(real_and_breakeven(27.0, 15.0, 11.5)) is None


@given(*[st.floats(-100, 100)] * 3)
def test_identities_add_up(total, first, second):
    for identity in (path_and_term(total, first), expected_and_premium(total, first), real_and_breakeven(total, first, second)):
        assert sum(identity.parts.values()) + identity.residual_bp == pytest.approx(identity.total_bp, abs=1e-9)


def test_identity_with_a_missing_leg_is_not_shown():
    assert path_and_term(None, 1.0) is None
    assert path_and_term(1.0, float("nan")) is None
    assert expected_and_premium(1.0, None) is None
    assert real_and_breakeven(1.0, 2.0, None) is None


def test_legs_share_both_dates():
    days = np.array([1, 2, 3, 4, 5, 8], dtype=np.int32)
    ten = (days, np.array([4.0, 4.1, 4.2, 4.3, 4.4, 4.5]))
    real = (days, np.array([2.0, np.nan, 2.1, 2.3, 2.2, np.nan]))
    shared = shared_legs([ten, real])
    last, moves = shared.changes_bp([6, 6], as_of=8, steps=2, within=6)
    assert last == 5
    assert moves == pytest.approx((20.0, 10.0))  # dates 3 → 5: day 8 has no real yield
    assert shared.changes_bp([6, 6], as_of=4, steps=2, within=6)[1] == pytest.approx((30.0, 30.0))  # dates 1 → 4
    assert shared.changes_bp([6, 6], as_of=3, steps=2, within=6) is None
    assert shared.changes_bp([6, 4], as_of=8, steps=2, within=6)[0] == 4  # the day after is not known yet
    assert shared.changes_bp([6, 6], as_of=8, steps=2, within=3) is None


def test_inflation_z_is_a_month_in_slow_sigmas():
    values = 2.0 + np.cumsum(np.random.default_rng(3).normal(0, 0.03, 400))
    z = inflation_z(DAYS, values)
    moves = 100 * np.diff(values)
    row = 300
    weights = 0.9973 ** np.arange(row - 1)[::-1]
    slow = np.sqrt((weights * moves[: row - 1] ** 2).sum() / weights.sum())
    assert z[row] == pytest.approx(100 * (values[row] - values[row - 21]) / (slow * np.sqrt(21)))
    assert np.isnan(z[:121]).all() and not np.isnan(z[121:]).any()
    assert np.isnan(inflation_z(DAYS, np.full(400, 2.0))).all()


def test_clearing_pressure_counts_what_it_knows():
    full = clearing_pressure(1.2, 0.6, -0.9, {"inflation": 0.71, "supply": 0.5, "demand": 0.3})
    assert (full.cp, full.n) == (pytest.approx(0.9), 3)
    assert (full.inflation.arrow, full.supply.arrow, full.demand.arrow) == ("↑", "↑", "↓")
    assert (full.inflation.word, full.supply.word, full.demand.word) == ("elevated", "normal", "low")
    two = clearing_pressure(None, 0.4, -0.9)
    assert (two.cp, two.n, two.inflation.z, two.inflation.arrow, two.supply.arrow) == (pytest.approx(0.65), 2, None, None, "→")
    one = clearing_pressure(None, 0.4, float("nan"))
    assert (one.cp, one.n) == (None, 1)


def test_marginal_buyer_word():
    assert [marginal_buyer_word(z) for z in (None, -0.5, -0.49)] == ["unread", "missing", "present"]


def ridge_months(n, seed=7):
    rng = np.random.default_rng(seed)
    breakeven, y2 = rng.normal(0, 10, n), rng.normal(0, 20, n)
    supply, demand = rng.normal(0, 50, n), rng.normal(0, 30, n)
    y10 = 2 + 0.8 * breakeven + 0.5 * y2 + 0.05 * supply - 0.1 * demand + rng.normal(0, 4, n)
    return y10, {"breakeven": breakeven, "y2": y2, "supply": supply, "demand": demand}


def test_ridge_minimises_its_own_penalised_squares():
    y10, regressors = ridge_months(80)
    ridge = monthly_ridge(y10, regressors)
    x = np.column_stack(list(regressors.values()))[-60:]
    y = y10[-60:]
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    # Ridge as ordinary least squares on data extended by √α rows, the intercept free.
    design = np.vstack([np.column_stack([np.ones(60), z]), np.column_stack([np.zeros(4), np.eye(4)])])
    solution = np.linalg.lstsq(design, np.concatenate([y, np.zeros(4)]), rcond=None)[0]
    assert [beta.value for beta in ridge.betas.values()] == pytest.approx(list(solution[1:] / x.std(axis=0)))
    residual = y - design[:60] @ solution
    assert ridge.unexplained_bp == pytest.approx(residual[-1])
    assert ridge.r2 == pytest.approx(1 - (residual**2).sum() / ((y - y.mean()) ** 2).sum())
    assert ridge.months == 60 and not any(beta.wrong_sign for beta in ridge.betas.values())


def test_ridge_greys_a_wrong_sign():
    y10, regressors = ridge_months(60)
    ridge = monthly_ridge(y10, {**regressors, "demand": -regressors["demand"]})
    assert [name for name, beta in ridge.betas.items() if beta.wrong_sign] == ["demand"]


def test_ridge_needs_three_years_and_the_newest_month():
    y10, regressors = ridge_months(36)
    assert monthly_ridge(y10, regressors).months == 36
    assert monthly_ridge(y10[1:], {name: x[1:] for name, x in regressors.items()}) is None
    y10, regressors = ridge_months(50)
    regressors["demand"][-1] = np.nan
    assert monthly_ridge(y10, regressors) is None


def test_regressor_that_never_moved_has_no_beta():
    y10, regressors = ridge_months(60)
    ridge = monthly_ridge(y10, {**regressors, "supply": np.full(60, 0.1)})
    assert ridge.betas["supply"].value is None and ridge.betas["demand"].value is not None
    still = monthly_ridge(np.zeros(60), regressors)
    assert still.r2 is None and still.unexplained_bp == 0.0


def test_every_parameter_has_a_standing():
    assert set(STANDING) == {field.name for field in fields(ClearingParams)}
