"""Round values and real dates."""

from datetime import date
from itertools import pairwise

import pytest
from bondtop.widgets.axes import date_marks, decimals_of, to_date, to_day, value_marks, value_step
from hypothesis import given
from hypothesis import strategies as st

values = st.floats(-1e5, 1e5, allow_nan=False)


@given(values, st.floats(1e-3, 1e5), st.integers(1, 20))
def test_marks_lie_within_rise_evenly_and_are_not_too_many(low, span, most):
    high = low + span
    marks = value_marks(low, high, most)
    step = value_step(low, high, most)
    assert len(marks) <= most + 1
    assert all(low - step * 1e-6 <= m <= high + step * 1e-6 for m in marks)
    assert all(b - a == pytest.approx(step, rel=1e-6, abs=1e-9) for a, b in pairwise(marks))


@pytest.mark.parametrize(
    ("low", "high", "most", "step"), [(0, 10, 5, 2), (0, 1, 4, 0.25), (-300, 80, 10, 50), (4.0, 4.1, 5, 0.02), (5, 5, 3, 5e-10)]
)
def test_steps_are_round(low, high, most, step):
    assert value_step(low, high, most) == pytest.approx(step)


@pytest.mark.parametrize(("step", "decimals"), [(50, 0), (2, 0), (2.5, 1), (0.25, 2), (0.1, 1), (0.02, 2)])
def test_as_many_decimals_as_tell_marks_apart(step, decimals):
    assert decimals_of(step) == decimals


@given(st.integers(-5000, 25_000), st.integers(0, 20_000), st.integers(1, 240))
def test_dates_never_touch_and_lie_within(first, length, width):
    marks = date_marks(first, first + length, width)
    cells = [(m.at - first) * width / max(length, 1) for m in marks]
    assert all(first <= m.at <= first + length for m in marks)
    assert all(b - a > len(m.text) for (a, b), m in zip(pairwise(cells), marks, strict=False))


@pytest.mark.parametrize(
    ("first", "last", "width", "texts"),
    [
        ((2026, 1, 5), (2026, 2, 4), 60, ["5 Jan", "12 Jan", "19 Jan", "26 Jan", "2 Feb"]),
        ((2025, 6, 2), (2026, 5, 29), 70, ["Jul 25", "Sep 25", "Nov 25", "Jan 26", "Mar 26", "May 26"]),
        ((2021, 6, 1), (2026, 5, 29), 60, ["2022", "2023", "2024", "2025", "2026"]),
        ((1996, 1, 1), (2026, 5, 29), 60, ["2000", "2005", "2010", "2015", "2020", "2025"]),
    ],
)
def test_dates_are_mondays_months_or_years(first, last, width, texts):
    marks = date_marks(to_day(date(*first)), to_day(date(*last)), width)
    assert [m.text for m in marks] == texts
    assert all((when := to_date(m.at)).weekday() == 0 or when.day == 1 for m in marks)
