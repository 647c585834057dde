"""Shares, real rates, term premium, flows and whether policy is out of step."""

import numpy as np
import pytest
from bondtop.signals.structure import (
    STANDING,
    StructureParams,
    flow_word,
    is_stale,
    japan_flows,
    out_of_step,
    path12m_bp,
    real_policy,
    share_percent,
    term_premium,
)
from msgspec.structs import fields


def test_share_and_rates():
    assert share_percent(4_200.0, 28_000.0) == pytest.approx(15.0)
    assert share_percent(None, 28_000.0) is None and share_percent(1.0, 0.0) is None
    assert real_policy(4.0, 3.0) == 1.0 and real_policy(4.0, None) is None
    assert path12m_bp(3.6, 4.0) == pytest.approx(-40.0) and path12m_bp(None, 4.0) is None


def test_term_premium_changes_and_a_users_window():
    days = np.arange(10_000, 10_600, dtype=np.int32)
    level = np.linspace(-0.5, 0.5, 600)
    level[100] = np.nan
    premium = term_premium(days, level)
    step = 100 / 599
    assert (premium.d21_bp[-1], premium.d63_bp[-1], premium.d252_bp[-1]) == pytest.approx((21 * step, 63 * step, 252 * step))
    assert premium.pct[-1] == 1.0 and np.isnan(premium.pct[100])
    assert premium.change_since_bp(10_100, 599) == pytest.approx(500 * step)  # nothing on day 100: from the day before
    assert premium.change_since_bp(9_999, 599) is None and premium.change_since_bp(10_050, 100) is None


def test_japan_flows():
    weekly = np.concatenate((np.full(120, 2_000.0), [-15_228.0] * 4))
    flows = japan_flows(weekly)
    assert np.isnan(flows.sum_trn[:3]).all() and flows.sum_trn[3] == pytest.approx(0.8)
    assert flows.sum_trn[-1] == pytest.approx(-6.0912) and flows.pct[-1] == pytest.approx(1 / 121)
    assert np.isnan(flows.pct[105]) and not np.isnan(flows.pct[106])
    assert np.isnan(japan_flows(weekly[:2]).sum_trn).all()


@pytest.mark.parametrize(
    ("total", "word"), [(0.1, "buying"), (0.0, "mixed"), (-3.5, "mixed"), (-3.51, "repatriation"), (None, None), (float("nan"), None)]
)
def test_flow_word(total, word):
    assert flow_word(total) == word


@pytest.mark.parametrize(
    ("policy", "us", "gap", "word"),
    [
        (0.25, -0.50, -0.6, "out of step"),  # tightens while the US eases and inflation falls against the US
        (0.25, -0.50, -0.4, "mixed"),
        (0.25, -0.50, 1.0, "mixed"),
        (-0.25, 0.0, 0.5, "out of step"),
        (0.25, 0.50, -2.0, "in step"),
        (0.0, 0.0, None, "in step"),
        (0.25, -0.50, None, None),
        (None, -0.50, 1.0, None),
    ],
)
def test_out_of_step(policy, us, gap, word):
    assert out_of_step(policy, us, gap) == word


def test_staleness_counts_business_days():
    friday = 20_000  # 2024-10-04
    wednesday, thursday = friday + 5, friday + 6
    assert not is_stale("path12m", friday, wednesday) and is_stale("path12m", friday, thursday)


def test_every_parameter_has_a_standing():
    assert set(STANDING) == {field.name for field in fields(StructureParams)}
