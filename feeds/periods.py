"""Months, quarters and years, dated by their last day."""

import re
from calendar import monthrange
from datetime import date

from .check import clean
from .errors import BadDates
from .series import to_day

_MONTH = re.compile(r"([0-9]{4})-?([0-9]{2})")
_QUARTER = re.compile(r"([0-9]{4})-?Q([1-4])")


def month_end(cell: str) -> int:
    """Day number of the last day of a month such as "2026-06" or "202606".

    Raises:
        BadDates: it is no month.
    """
    if not (m := _MONTH.fullmatch(cell)):
        raise BadDates(f"{clean(cell, 40)!r} is not a month")
    return _last_day(int(m[1]), int(m[2]), cell)


def quarter_end(cell: str) -> int:
    """Day number of the last day of a quarter such as "2026-Q1".

    Raises:
        BadDates: it is no quarter.
    """
    if not (m := _QUARTER.fullmatch(cell)):
        raise BadDates(f"{clean(cell, 40)!r} is not a quarter")
    return _last_day(int(m[1]), 3 * int(m[2]), cell)


def year_end(cell: str) -> int:
    """Day number of the last day of a year such as "2026".

    Raises:
        BadDates: it is no year.
    """
    if not re.fullmatch(r"[0-9]{4}", cell):
        raise BadDates(f"{clean(cell, 40)!r} is not a year")
    return _last_day(int(cell), 12, cell)


def _last_day(year: int, month: int, cell: str) -> int:
    try:
        return to_day(date(year, month, monthrange(year, month)[1]))
    except ValueError:
        raise BadDates(f"{clean(cell, 40)!r} is not a date") from None
