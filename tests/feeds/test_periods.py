"""Months, quarters and years by their last day."""

import calendar
from datetime import date

import pytest
from bondtop.feeds.errors import BadDates
from bondtop.feeds.periods import month_end, quarter_end, year_end
from bondtop.feeds.series import from_day
from hypothesis import given
from hypothesis import strategies as st


@given(st.integers(1900, 2199), st.integers(1, 12))
def test_the_last_day_of_a_month(year, month):
    last = date(year, month, calendar.monthrange(year, month)[1])
    assert from_day(month_end(f"{year}-{month:02}")) == from_day(month_end(f"{year}{month:02}")) == last


def test_quarters_and_years():
    assert [from_day(quarter_end(f"2024-Q{q}")).isoformat() for q in (1, 2, 3, 4)] == [
        "2024-03-31",
        "2024-06-30",
        "2024-09-30",
        "2024-12-31",
    ]
    assert from_day(year_end("2025")) == date(2025, 12, 31)


@pytest.mark.parametrize("cell", ["2026-13", "2026-00", "2026-6", "0000-01", "٢٠٢٦-01"])
def test_no_month(cell):
    with pytest.raises(BadDates, match="is not a"):
        month_end(cell)


@pytest.mark.parametrize(("read", "cell"), [(quarter_end, "2026-Q5"), (quarter_end, "2026-3"), (year_end, "0000"), (year_end, "no data")])
def test_no_quarter_and_no_year(read, cell):
    with pytest.raises(BadDates, match="is not a"):
        read(cell)
