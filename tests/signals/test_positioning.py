"""Supply, fragmentation, leveraged positions and breadth."""

from statistics import median

import numpy as np
import pytest
from bondtop.signals.positioning import (
    CONTRACT_WEIGHTS,
    STANDING,
    BucketFlows,
    PositioningParams,
    breadth,
    fragmentation_z,
    leveraged_at,
    leveraged_history,
    net_supply,
    pressure,
    robust_z_history,
    supply_z,
    three_month_sum,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import fields


def months(*values):
    return np.array(values, dtype=np.float64)


def test_net_supply_in_ten_year_equivalents():
    short = BucketFlows(months(100, 100), months(60, 60), months(5, 5), months(-15, 0), months(2.0, 2.0))
    long = BucketFlows(months(40, np.nan), months(0, 0), months(0, 0), months(0, 0), months(16.0, 16.0))
    assert net_supply([short, long], months(8.0, 8.0)) == pytest.approx([50 * 2 / 8 + 40 * 2, np.nan], nan_ok=True)
    assert np.isnan(net_supply([], months(8.0))).all()


def test_three_month_sum():
    assert three_month_sum(months(1, 2, 3, 4)) == pytest.approx([np.nan, np.nan, 6, 9], nan_ok=True)
    assert np.isnan(three_month_sum(months(1, 2))).all()


def test_supply_z_against_previous_month_ends():
    supply = np.random.default_rng(1).normal(100, 20, 60)
    z = supply_z(supply)
    assert np.isnan(z[:12]).all() and not np.isnan(z[12:]).any()
    ref = supply[50 - 36 : 50]
    middle = median(ref)
    assert z[50] == pytest.approx((supply[50] - middle) / (1.4826 * median(abs(ref - middle))))


def test_robust_z_history_skips_unknown_rows():
    x = np.random.default_rng(4).normal(size=40)
    holed = np.insert(x, [10, 20, 20, 35], np.nan)
    z = robust_z_history(holed, 15, 8)
    assert np.array_equal(z[~np.isnan(holed)], robust_z_history(x, 15, 8), equal_nan=True)
    assert np.isnan(z[np.isnan(holed)]).all()


@settings(max_examples=20)
@given(st.integers(0, 2**32 - 1), st.integers(13, 60))
def test_supply_z_is_causal(seed, cut):
    supply = np.random.default_rng(seed).normal(size=60)
    assert np.array_equal(supply_z(supply[:cut]), supply_z(supply)[:cut], equal_nan=True)


def test_fragmentation_needs_three_markets():
    demand = np.random.default_rng(6).normal(size=(4, 30))
    demand[0, :5] = np.nan
    demand[1, 3] = np.nan
    z = fragmentation_z(demand)
    spread = [np.nanstd(demand[:, t]) if t != 3 else np.nan for t in range(30)]
    assert np.allclose(z, robust_z_history(np.array(spread), 36, 12), equal_nan=True)
    assert np.isnan(z[3]) and not np.isnan(z[-1])
    assert np.isnan(fragmentation_z(demand[:2])).all()


@pytest.mark.parametrize(
    ("inputs", "p", "word", "n"),
    [
        ((1.5, -1.0, 0.5), 1.0, "under pressure", 3),
        ((-1.5, 1.0, None), -1.25, "light", 2),
        ((0.5, 0.0, None), 0.25, "balanced", 2),
        ((2.0, None, float("nan")), None, None, 1),
        ((None, None, None), None, None, 0),
    ],
)
def test_pressure(inputs, p, word, n):
    found = pressure(*inputs)
    assert (found.p, found.word, found.n) == (p if p is None else pytest.approx(p), word, n)


WEEKS = np.arange(20_000, 20_000 + 7 * 200, 7, dtype=np.int32)


def reports(seed=9, weeks=200):
    rng = np.random.default_rng(seed)
    return {name: -1e5 + np.cumsum(rng.normal(0, 5e3, weeks)) for name in CONTRACT_WEIGHTS}


def test_leveraged_net_is_a_weighted_sum():
    nets = reports()
    history = leveraged_history(WEEKS, nets)
    assert history.net == pytest.approx(sum(CONTRACT_WEIGHTS[name] * net for name, net in nets.items()))
    reading = leveraged_at(history, 199)
    assert reading.missing == () and reading.report_date == WEEKS[199]
    assert reading.lev_net == pytest.approx(history.net[199])
    rank = (history.net > history.net[199]).sum() + 1  # the percentile is of the short
    assert reading.lev_pct == pytest.approx(rank / 200)


def test_percentile_of_the_short_needs_104_reports():
    history = leveraged_history(WEEKS, reports())
    assert np.isnan(history.short_pct[:103]).all() and not np.isnan(history.short_pct[103:]).any()
    assert leveraged_at(history, 50).lev_pct is None


def test_four_week_change_of_the_short():
    nets = reports()
    nets["10y"][-4:] += 2e5  # a short cut by 200,000 contracts
    history = leveraged_history(WEEKS, nets)
    moves = -(history.net[4:] - history.net[:-4])
    ref = moves[-53:-1]
    middle = median(ref)
    expected = (moves[-1] - middle) / (1.4826 * median(abs(ref - middle)))
    assert history.d4_z[-1] == pytest.approx(max(-5.0, expected))
    assert history.d4_z[-1] < -1.5 and history.d1_z[-4] < -2


def test_contract_that_begins_is_named_and_is_no_trade():
    nets = reports()
    nets["u10"] = nets["u10"].copy()
    nets["u10"][:150] = np.nan
    history = leveraged_history(WEEKS, nets)
    assert leveraged_at(history, 149).missing == ("u10",)
    assert np.isnan(history.d4_z[150:154]).all() and not np.isnan(history.d4_z[154:]).any()
    assert not np.isnan(history.net[149])
    assert leveraged_at(leveraged_history(WEEKS, {"10y": nets["10y"]}), 199).missing == ("2y", "5y", "u10", "bond", "ubond")


def test_no_reports_at_all():
    history = leveraged_history(WEEKS[:3], {})
    assert np.isnan(history.net).all() and leveraged_at(history, 2).lev_net is None


@pytest.mark.parametrize(
    ("s", "share", "word", "n"),
    [
        ((0.5, 0.9, 1.0, 0.4), 0.75, "broad", 4),
        ((0.5, 0.0, 0.0, 0.0), 0.25, "localised", 4),
        ((0.4, -1.0, None), 0.0, "none", 2),
        ((None, None), None, None, 0),
    ],
)
def test_breadth(s, share, word, n):
    assert breadth(s).share == share and (breadth(s).word, breadth(s).n) == (word, n)


def test_every_parameter_has_a_standing():
    assert set(STANDING) == {field.name for field in fields(PositioningParams)}
