import math
from itertools import pairwise

import numpy as np
import pytest
from bondtop.signals import deleveraging as d
from bondtop.signals.volatility import par_modified_duration
from hypothesis import given, settings
from hypothesis import strategies as st

ROWS = 200


def market(rows=ROWS, seed=6, calm_bp=5.0):
    rng = np.random.default_rng(seed)
    days = np.array([x for x in range(19000, 19000 + 2 * rows) if (x + 3) % 7 < 5][:rows], dtype=np.int32)
    bonds = {name: 3 + np.cumsum(rng.normal(0, calm_bp, rows)) / 100 for name in ("us.10y", "de.10y", "jp.10y")}
    return days, bonds, {"spx": 5000 * np.exp(np.cumsum(rng.normal(0, 1, rows)) / 100)}


def by_hand(bonds, equities, row, window_short=20, window_long=60):
    """Weights and leverage of one row, computed the long way round."""
    returns = [[-par_modified_duration(a, 10) * (b - a) for a, b in pairwise(y)] for y in bonds.values()]
    returns += [[100 * math.log(b / a) for a, b in pairwise(p)] for p in equities.values()]
    r = np.array(returns)[:, : row + 1]
    sigma = [math.sqrt(sum(x * x for x in leg[-window_long:]) / window_long) for leg in r]
    weights = np.array([1 / s for s in sigma]) / sum(1 / s for s in sigma)
    portfolio = weights @ r
    vol = max(math.sqrt(252 * np.mean(portfolio[-n:] ** 2)) for n in (window_short, window_long))
    return weights, 10.0 / vol


def test_rows_agree_with_the_long_way_round():
    days, bonds, equities = market()
    history = d.leverage_history(days, bonds, equities)
    for row in (59, 120, len(history.days) - 1):
        weights, leverage = by_hand(bonds, equities, row)
        assert history.weights[:, row] == pytest.approx(weights, rel=1e-9)
        assert history.leverage[row] == pytest.approx(leverage, rel=1e-9)
    assert np.isnan(history.leverage[:59]).all()
    assert history.days.tolist() == days[1:].tolist()


def test_a_par_bond_loses_its_duration():
    returns = d.bond_returns_pct(np.array([4.0, 4.1]), 10)
    assert np.isnan(returns[0]) and returns[1] == pytest.approx(-par_modified_duration(4.0, 10) * 0.1)


def test_a_volatility_shock_forces_a_sale():
    days, bonds, equities = market()
    shock = np.where(np.arange(5) % 2, 0.25, -0.25)
    for y in bonds.values():
        y[-5:] += shock
    history = d.leverage_history(days, bonds, equities)
    scenario = d.scenario_at(history, -1, aum=390.0)
    assert scenario.dL_over_L < -0.2
    cut = history.leverage[-6] - history.leverage[-1]
    bond_weight = sum(scenario.weights[name] for name in bonds)
    assert scenario.sale == pytest.approx(390.0 * bond_weight * cut)
    assert (scenario.aum, scenario.target, scenario.left_out) == (390.0, 10.0, ())


def test_rising_leverage_forces_nothing():
    days, bonds, equities = market()
    for y in bonds.values():
        y[-40:] = y[-41] + np.where(np.arange(40) % 2, 0.001, 0.0)
    history = d.leverage_history(days, bonds, equities)
    rising = np.flatnonzero(history.dL_over_L > 0)
    assert len(rising) and all(d.scenario_at(history, row, 100.0).sale == 0.0 for row in rising)


def test_an_asset_that_does_not_move_is_left_out_and_named():
    days, bonds, equities = market()
    bonds["jp.10y"] = np.full(ROWS, 0.1)
    scenario = d.scenario_at(d.leverage_history(days, bonds, equities), -1, 100.0)
    assert scenario.left_out == ("jp.10y",) and scenario.weights["jp.10y"] == 0.0
    assert sum(scenario.weights.values()) == pytest.approx(1.0) and scenario.leverage is not None


def test_fewer_than_sixty_common_days_are_unknown():
    days, bonds, equities = market(60)
    scenario = d.scenario_at(d.leverage_history(days, bonds, equities), -1, 100.0)
    assert (scenario.leverage, scenario.dL_over_L, scenario.sale, scenario.weights) == (None, None, None, {})
    days, bonds, equities = market(61)
    scenario = d.scenario_at(d.leverage_history(days, bonds, equities), -1, 100.0)
    assert scenario.leverage is not None and scenario.sale is None


def test_only_common_days_count():
    days, bonds, equities = market()
    bonds["us.10y"][100] = np.nan
    equities["spx"][110] = np.nan
    history = d.leverage_history(days, bonds, equities)
    kept = np.delete(np.arange(ROWS), [100, 110])
    again = d.leverage_history(days[kept], {k: v[kept] for k, v in bonds.items()}, {k: v[kept] for k, v in equities.items()})
    assert np.array_equal(history.leverage, again.leverage, equal_nan=True) and len(history.days) == ROWS - 3


def test_no_return_across_a_silence():
    days, bonds, equities = market()
    bonds["de.10y"][150:] += 2.0
    parted = np.where(np.arange(ROWS) >= 150, days + 40, days).astype(np.int32)
    history = d.leverage_history(parted, bonds, equities)
    assert parted[150] not in history.days and history.leverage[-1] > 0.8 * d.leverage_history(*market()).leverage[-1]


def test_no_common_day_at_all():
    days, bonds, equities = market(70)
    bonds["de.10y"][:] = np.nan
    assert len(d.leverage_history(days, bonds, equities).days) == 0


def test_published_scenario():
    assert pytest.approx(390.0) == d.PUBLISHED_BASE_USD_BN


@settings(max_examples=15, deadline=None)
@given(st.integers(70, ROWS - 2), st.floats(0.1, 9))
def test_the_future_changes_no_earlier_row(cut, value):
    days, bonds, equities = market()
    whole = d.leverage_history(days, bonds, equities)
    altered = d.leverage_history(days, {k: np.where(np.arange(ROWS) > cut, value, v) for k, v in bonds.items()}, equities)
    assert np.array_equal(whole.leverage[:cut], altered.leverage[:cut], equal_nan=True)
