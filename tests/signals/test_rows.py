"""The aligned panel."""

import math
from datetime import date, timedelta

import numpy as np
import pytest
from bondtop.signals.rows import RowParams, build_rows, on_rows, union_of, weekdays
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import EPOCH, day, generated_rows, native, recorded_rows, synthetic_days

MON = 4  # 1970-01-05


def test_weekdays_are_monday_to_friday():
    assert weekdays(MON - 2, MON + 7).tolist() == [MON, MON + 1, MON + 2, MON + 3, MON + 4, MON + 7]


@given(st.lists(st.lists(st.integers(-50, 50), unique=True).map(sorted), min_size=1, max_size=4))
def test_a_union_has_every_day_once(columns):
    days = union_of([np.array(each, np.int32) for each in columns])
    assert days.dtype == np.int32
    assert days.tolist() == sorted({day for each in columns for day in each})


def test_a_weekend_value_counts_for_the_next_row_unless_that_prints():
    grid = weekdays(MON, MON + 14)
    values = on_rows(native([MON, MON + 5, MON + 6, MON + 12, MON + 14], [1, 2, 3, 4, 5]), grid)
    assert values[[0, 5, 10]].tolist() == [1, 3, 5]
    assert np.isnan(np.delete(values, [0, 5, 10])).all()


def test_carries_five_rows_and_takes_the_sixth_out():
    whole = weekdays(MON, MON + 13)
    rows = build_rows({"a": native(whole, range(10)), "b": native([whole[0], whole[7], whole[9]], [1.0, 2.0, 3.0])})
    assert rows.days.tolist() == [*whole[:6], whole[7], whole[8], whole[9]]
    assert rows.removed.tolist() == [whole[6]]
    assert rows.yield_of("b").tolist() == [1, 1, 1, 1, 1, 1, 2, 2, 3]
    assert rows.own[:, 1].tolist() == [True, False, False, False, False, False, True, False, True]
    assert np.isnan(rows.yield_of("c")).all()


def test_newest_row_needs_half_of_the_markets_and_stays_provisional_until_all_printed():
    d = weekdays(MON, MON + 2)
    full = native(d, [1, 2, 3])
    short = native(d[:2], [1, 2])
    quarter = build_rows({"a": full, "b": short, "c": short, "e": short})
    assert quarter.days.tolist() == d[:2].tolist()
    assert not quarter.provisional
    half = build_rows({"a": full, "b": full, "c": short, "e": short})
    assert half.days.tolist() == d.tolist()
    assert half.provisional
    assert (half.own_prints, len(half.markets)) == (2, 4)


def test_a_closed_market_is_not_waited_for():
    d = weekdays(MON, MON + 1)
    full, short = native(d, [1, 2]), native(d[:1], [1])
    assert not build_rows({"a": full, "b": full, "c": short}, closed={"c": {int(d[1])}}).provisional
    assert build_rows({"a": full, "b": full, "c": short}, closed={"b": {int(d[1])}}).provisional


def test_other_series_share_the_rows_and_may_be_unknown():
    d = weekdays(MON, MON + 8)
    rows = build_rows({"a": native(d, np.ones(7)), "b": native(d, np.ones(7))}, {"vix": native(d[:1], [20.0])})
    assert rows.others["vix"][:6].tolist() == [20] * 6
    assert math.isnan(rows.others["vix"][6])


def test_nothing_gives_no_rows():
    for markets in ({}, {"a": native([], []), "b": native([], [])}):
        rows = build_rows(markets, {"vix": native([MON], [1.0])})
        assert (len(rows.days), rows.own_prints, rows.provisional) == (0, 0, False)
        assert rows.yields.shape == (0, len(markets))


def test_the_carry_limit_can_be_set():
    d = weekdays(MON, MON + 4)
    rows = build_rows({"a": native(d, range(5)), "b": native([d[0], d[4]], [1, 2])}, params=RowParams(carry=1))
    assert rows.days.tolist() == [d[0], d[1], d[4]]


def test_golden_week_removes_one_row():
    first, last = date(2019, 4, 22).toordinal() - EPOCH, date(2019, 5, 10).toordinal() - EPOCH
    grid = weekdays(first, last)
    closed = {(date(2019, 4, 27) + timedelta(n)).toordinal() - EPOCH for n in range(10)}
    open_days = [d for d in grid.tolist() if d not in closed]
    everyone = native(grid, np.ones(len(grid)))
    rows = build_rows({"us": everyone, "uk": everyone, "fr": everyone, "jp": native(open_days, np.ones(len(open_days)))})
    assert rows.removed.tolist() == [day("2019-05-06")]


def test_synthetic_panel_loses_the_rows_it_should(golden):
    spec = golden["synthetic_panel"]
    rows, days = generated_rows(), synthetic_days()
    assert [days.index(d) for d in rows.removed] == spec["removed_rows"]
    for t, *values in spec["first_rows"]:
        assert [*rows.yields[t], *(rows.others[k][t] for k in ("vix", "move", "fsi"))] == pytest.approx(values, abs=1e-9)


@given(st.lists(st.lists(st.one_of(st.floats(0, 9), st.just(math.nan)), min_size=15, max_size=15), min_size=1, max_size=4))
@settings(max_examples=40)
def test_a_kept_row_knows_every_market_and_order_does_not_matter(table):
    d = weekdays(MON, MON + 20)
    series = {str(k): native(d, values) for k, values in enumerate(table)}
    rows = build_rows(series)
    assert not np.isnan(rows.yields).any()
    turned = build_rows(dict(reversed(series.items())))
    np.testing.assert_array_equal(rows.days, turned.days)
    np.testing.assert_array_equal(rows.yields, turned.yields[:, ::-1])


@pytest.mark.recorded
def test_recorded_rows(golden_panel, recorded):
    rows = recorded_rows(recorded)
    assert len(rows.days) == golden_panel["panel_days"]["rows"]
    assert rows.removed.tolist() == [day(iso) for iso in golden_panel["panel_days"]["removed_rows"]]
