import csv
import math
from datetime import date

import msgspec
import numpy as np
import pytest
from bondtop.signals import volatility as v
from hypothesis import given, settings
from hypothesis import strategies as st


def day(iso):
    return (date.fromisoformat(iso) - date(1970, 1, 1)).days


def test_par_modified_duration_reference_values(golden):
    for case in golden["realised_vol"]["par_modified_duration"]:
        assert v.par_modified_duration(case["y"], case["T"]) == pytest.approx(case["md"], abs=1e-5)


def test_units_reference_values(golden):
    case = golden["realised_vol"]["price_pct"][0]
    assert v.price_volatility_pct(case["bp_yr"], case["md"]) == pytest.approx(case["price_pct"], abs=1e-5)
    case = golden["realised_vol"]["annualise"]
    assert v.annualised_bp(case["sigma_bp_day"]) == pytest.approx(case["bp_yr"], abs=1e-6)


@given(st.floats(-3, 20), st.floats(0.5, 50))
def test_duration_of_a_par_bond_is_minus_its_price_slope(y, years):
    """Against the price of the bond itself, bumped by a hundredth of a basis point each way."""
    periods = round(2 * years)

    def price(yield_percent):
        step = yield_percent / 200
        discount = [(1 + step) ** -k for k in range(1, periods + 1)]
        return y / 200 * math.fsum(discount) + discount[-1]

    bump = 1e-3
    slope = -(price(y + bump) - price(y - bump)) / (2 * bump / 100)
    assert v.par_modified_duration(y, periods / 2) == pytest.approx(slope, rel=1e-5)


@given(st.lists(st.one_of(st.just(0.0), st.just(math.nan), st.floats(-3, 20)), max_size=8))
def test_rows_agree_with_the_scalar(yields):
    rows = v.par_modified_durations(np.array(yields), 10)
    expected = [math.nan if math.isnan(y) else v.par_modified_duration(y, 10) for y in yields]
    assert rows == pytest.approx(expected, nan_ok=True)


def sawtooth(n, bp=5.0, base=4.0):
    days = np.arange(20000, 20000 + n, dtype=np.int32)
    return days, base + np.where(np.arange(n) % 2, bp / 100, 0.0)


def test_all_three_units_of_a_sawtooth():
    days, yields = sawtooth(61)
    vol = v.realised_volatility(days, yields, 10, (20001, 20060))
    assert vol.n == 60
    assert vol.bp_yr == pytest.approx(5 * math.sqrt(252))
    assert vol.md == pytest.approx(v.par_modified_duration(yields[1:].mean(), 10))
    assert vol.price_pct == pytest.approx(vol.bp_yr * vol.md / 100)
    assert vol.log_yield_pct == pytest.approx(100 * math.sqrt(252) * math.log(4.05 / 4.0))


def test_fewer_than_forty_changes_are_unknown():
    days, yields = sawtooth(40)
    vol = v.realised_volatility(days, yields, 10, (20000, 20100))
    assert (vol.bp_yr, vol.price_pct, vol.log_yield_pct, vol.md, vol.n) == (None, None, None, None, 39)
    assert v.realised_volatility(*sawtooth(41), 10, (20000, 20100)).bp_yr is not None


def test_relative_volatility_needs_a_yield_above_a_quarter_percent():
    days, yields = sawtooth(60, base=0.24)
    assert v.realised_volatility(days, yields, 10, (20000, 20100)).log_yield_pct is None
    days, yields = sawtooth(60, base=-0.1)
    assert v.realised_volatility(days, yields, 10, (20000, 20100)).bp_yr == pytest.approx(5 * math.sqrt(252))


def test_holidays_do_not_dilute():
    days, yields = sawtooth(100)
    yields[10:90:4] = np.nan
    vol = v.realised_volatility(days, yields, 10, (20000, 20100))
    moved = 100 * np.diff(yields[~np.isnan(yields)])
    assert vol.n == len(moved) == 79
    assert vol.bp_yr == pytest.approx(math.sqrt(252 * np.mean(moved**2)))


def test_ratio_is_in_basis_points_and_knows_the_unknown():
    calm, wild = (v.realised_volatility(*sawtooth(60, bp), 10, (20000, 20100)) for bp in (3.0, 6.0))
    assert v.ratio(wild, calm) == pytest.approx(2.0)
    unknown = v.realised_volatility(*sawtooth(10), 10, (20000, 20100))
    assert v.ratio(unknown, calm) is None and v.ratio(calm, unknown) is None
    flat = v.realised_volatility(*sawtooth(60, 0.0), 10, (20000, 20100))
    assert flat.bp_yr == 0.0 and v.ratio(calm, flat) is None


def test_default_window_starts_with_the_year():
    assert v.year_to_date(day("2025-06-30")) == (day("2025-01-01"), day("2025-06-30"))
    assert v.year_to_date(day("2024-01-01")) == (day("2024-01-01"), day("2024-01-01"))


def test_slow_volatility_through_the_row():
    slow = v.slow_volatility_bp_yr(np.full(130, 4.0))
    assert np.isnan(slow[:119]).all() and slow[119:] == pytest.approx(np.full(11, 4 * math.sqrt(252)))


@pytest.mark.recorded
def test_first_half_of_2025(recorded, golden_panel):
    with (recorded / "panel.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    days = np.array([day(row["date"]) for row in rows], dtype=np.int32)
    for case in golden_panel["realised_vol"]["first_half_2025"]:
        column = case["series"].replace(".", "").removesuffix("y")
        yields = np.array([float(row[column]) if row[column] else np.nan for row in rows])
        vol = v.realised_volatility(days, yields, float(case["series"][3:5]), v.year_to_date(day("2025-06-30")))
        assert vol.n == case["n"]
        assert vol.bp_yr == pytest.approx(case["bp_yr"], abs=6e-4)
        assert vol.md == pytest.approx(case["md"], abs=6e-5)
        assert vol.price_pct == pytest.approx(case["price_pct"], abs=6e-4)
        assert vol.log_yield_pct == pytest.approx(case["log_yield_pct"], abs=6e-4)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([math.nan, 0.2, 0.3, 1.0, 1.1, 4.0]), min_size=41, max_size=90), st.integers(0, 8))
def test_a_year_through_any_day_is_the_window_to_that_day(yields, before):
    yields = np.array(yields)
    days = np.arange(20000, 20000 + len(yields), dtype=np.int32)
    days[60:] += 20  # a gap without changes
    first = int(days[before])
    year = v.YearToDate(days[max(before - 1, 0) :], yields[max(before - 1, 0) :], 10, first)
    for place in range(before, len(days)):
        known = slice(max(before - 1, 0), place + 1)
        expected = v.realised_volatility(days[known], yields[known], 10, (first, int(days[place])))
        found = year.through(place - known.start)
        assert found.window == expected.window
        assert msgspec.structs.astuple(found)[:5] == pytest.approx(msgspec.structs.astuple(expected)[:5], rel=1e-12)
