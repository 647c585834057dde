import csv
import math
from datetime import date

import numpy as np
import pytest
from bondtop.signals import carry as c
from hypothesis import given, settings
from hypothesis import strategies as st

NAN = math.nan


def day(iso):
    return (date.fromisoformat(iso) - date(1970, 1, 1)).days


def market(rows=300, seed=1):
    """Weekdays, USD/JPY with daily moves of ±0.5 %, a flat VIX."""
    days = np.array([d for d in range(19000, 19000 + 2 * rows) if (d + 3) % 7 < 5][:rows], dtype=np.int32)
    returns = np.random.default_rng(seed).choice([-0.5, 0.5], rows)
    return days, 150 * np.exp(np.cumsum(returns) / 100), np.full(rows, 15.0)


def crash(rows=300, fall_pct=4.0, vix_rise=6.0):
    """The same with a fall of the dollar on the last row and a jump of the VIX."""
    days, spot, vix = market(rows)
    spot[-1] = spot[-6] * math.exp(-fall_pct / 100)
    vix[-1] += vix_rise
    return days, spot, vix


def test_a_fast_fall_with_a_vix_jump_is_an_unwind():
    days, spot, vix = crash()
    reading = c.carry_at(c.yen_carry(days, spot, days, vix), -1)
    assert reading.r5 == pytest.approx(-4.0)
    assert reading.threshold == pytest.approx(-2.5 * 0.5 * math.sqrt(5))
    assert reading.d5_vix == 6.0 and reading.flag is True


@pytest.mark.parametrize(("fall", "rise", "expected"), [(2.7, 6.0, False), (2.8, 5.0, True), (4.0, 4.9, False), (-4.0, 6.0, False)])
def test_both_clauses_are_needed(fall, rise, expected):
    days, spot, vix = crash(fall_pct=fall, vix_rise=rise)
    assert c.carry_at(c.yen_carry(days, spot, days, vix), -1).flag is expected


def test_the_day_itself_does_not_widen_its_threshold():
    days, spot, vix = crash(fall_pct=30.0)
    assert c.yen_carry(days, spot, days, vix).threshold[-1] == pytest.approx(-2.5 * 0.5 * math.sqrt(5))


def test_three_valued_flag():
    r5 = np.array([-4.0, -4.0, NAN, -1.0, -4.0])
    d5_vix = np.array([6.0, NAN, 1.0, NAN, 4.0])
    flag = c.unwind_flag(r5, np.full(5, -3.0), d5_vix)
    assert flag[[0, 2, 3, 4]].tolist() == [1, 0, 0, 0] and np.isnan(flag[1])


def test_vix_is_carried_over_five_rows_and_no_further():
    rows = np.arange(100, 110, dtype=np.int32)
    carried = c.onto_rows(rows, np.array([102], dtype=np.int32), np.array([20.0]))
    assert np.isnan(carried[:2]).all() and (carried[2:8] == 20.0).all() and np.isnan(carried[8:]).all()
    between = c.onto_rows(np.array([100, 103], dtype=np.int32), np.array([101, 102], dtype=np.int32), np.array([20.0, NAN]))
    assert np.isnan(between[0]) and between[1] == 20.0


def test_an_old_vix_is_unknown_not_calm():
    days, spot, vix = crash()
    vix[-8:] = NAN
    reading = c.carry_at(c.yen_carry(days, spot, days, vix), -1)
    assert reading.d5_vix is None and reading.flag is None


def test_fewer_than_120_changes_are_unknown():
    days, spot, vix = market()
    history = c.yen_carry(days, spot, days, vix, np.full(300, 5.0))
    assert np.isnan(history.sigma_fx[:120]).all() and not np.isnan(history.sigma_fx[120])
    assert np.isnan(history.threshold[:121]).all() and not np.isnan(history.threshold[121])


def test_carry_to_vol_and_the_kind_of_volatility():
    days, spot, vix = market()
    history = c.yen_carry(days, spot, days, vix, np.full(300, 5.0))
    realised = c.carry_at(history, -1)
    assert realised.sigma_fx == pytest.approx(0.5 * math.sqrt(252)) and realised.sigma_kind == "realised, fast"
    assert realised.carry_to_vol == pytest.approx(5.0 / realised.sigma_fx)
    implied = c.carry_at(history, -1, implied_vol_pct=10.0)
    assert (implied.sigma_fx, implied.carry_to_vol, implied.sigma_kind) == (10.0, 0.5, "implied, 3 months")
    assert c.carry_at(c.yen_carry(days, spot, days, vix), -1).carry_to_vol is None


def test_amplifier_is_known_only_with_positions():
    assert c.amplified(None) is None and c.amplified(0.8) is True and c.amplified(0.79) is False


def test_no_return_across_a_silence():
    days, spot, vix = crash()
    days = np.where(np.arange(300) >= 298, days + 30, days).astype(np.int32)
    assert c.carry_at(c.yen_carry(days, spot, days, vix), -1).r5 is None


def test_nothing_at_all():
    none = np.array([], dtype=np.int32)
    assert len(c.yen_carry(none, np.array([]), none, np.array([])).days) == 0


@settings(max_examples=20, deadline=None)
@given(st.integers(125, 298), st.sampled_from([NAN, 1.0, 500.0]))
def test_the_future_changes_no_earlier_row(cut, value):
    days, spot, vix = crash()
    later = np.arange(300) > cut
    whole = c.yen_carry(days, spot, days, vix)
    altered = c.yen_carry(days, np.where(later, value, spot), days, np.where(later, value, vix))
    for name in ("r5", "threshold", "d5_vix", "flag", "sigma_fx"):
        assert np.array_equal(getattr(whole, name)[: cut + 1], getattr(altered, name)[: cut + 1], equal_nan=True)


@pytest.fixture(scope="module")
def history(recorded):
    with (recorded / "panel.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    days = np.array([day(row["date"]) for row in rows], dtype=np.int32)
    spot, vix = (np.array([float(row[key]) if row[key] else NAN for row in rows]) for key in ("usdjpy", "vix"))
    return c.yen_carry(days, spot, days, vix)


@pytest.mark.recorded
def test_all_flag_days(history, golden_panel):
    assert history.days[history.flag == 1].tolist() == [day(iso) for iso in golden_panel["carry_unwind"]["flags"]]


@pytest.mark.recorded
def test_reference_volatility_and_carry_to_vol(history, golden_panel):
    case = golden_panel["carry_unwind"]
    for iso, sigma in case["fast_sigma_pct_per_year"].items():
        found = history.sigma_fx[np.searchsorted(history.days, day(iso))]
        assert found == pytest.approx(sigma, abs=6e-4)
        assert case["carry_to_vol"][iso]["differential"] / found == pytest.approx(case["carry_to_vol"][iso]["value"], abs=0.005)
