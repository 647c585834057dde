"""Where the marks of a chart's axes stand and what they say: round numbers, real dates."""

import math
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from itertools import islice, pairwise

import msgspec

EPOCH = date(1970, 1, 1)
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


class Mark(msgspec.Struct, frozen=True):
    """One mark of an axis of dates."""

    at: int  # days since 1970-01-01
    text: str


def to_date(day: int) -> date:
    """The date of a day since 1970-01-01."""
    return EPOCH + timedelta(days=day)


def to_day(when: date) -> int:
    """Days since 1970-01-01."""
    return (when - EPOCH).days


def value_step(low: float, high: float, most: int) -> float:
    """The smallest round step that gives at most `most` marks between two values."""
    rough = max(high - low, 1e-9) / max(most, 1)
    size = 10.0 ** math.floor(math.log10(rough))
    return next(size * step for step in _STEPS if size * step >= rough * (1 - 1e-9))


def value_marks(low: float, high: float, most: int) -> list[float]:
    """Round values from `low` to `high`, rising."""
    step = value_step(low, high, most)
    first = math.ceil(low / step - 1e-9)
    return [i * step for i in range(first, math.floor(high / step + 1e-9) + 1)]


def decimals_of(step: float) -> int:
    """How many decimals tell neighbouring marks apart."""
    return next((n for n in range(6) if abs(round(step, n) - step) < step * 1e-6), 6)


def date_marks(first: int, last: int, width: int) -> list[Mark]:
    """Dates between two days (since 1970-01-01): as many as fit into so many cells with some air between them."""
    for step, form in _date_steps():
        room = width / max(last - first, 1)
        days = list(islice(step(first, last), max(width, 1)))
        if len(days) * 6 > width + 6:  # the shortest word has four signs
            continue
        marks = [Mark(day, form(to_date(day))) for day in days]
        gaps = [(b.at - a.at) * room for a, b in pairwise(marks)]
        if all(gap >= len(marks[0].text) + 4 for gap in gaps):
            return marks
    return []


_Step = Callable[[int, int], Iterator[int]]


def _date_steps() -> Iterator[tuple[_Step, Callable[[date], str]]]:
    """Ways to mark dates, the finest first."""
    for days in (1, 7, 14):
        yield partial(_weekdays, days), lambda d: f"{d.day} {d:%b}"
    for months in (1, 2, 3, 6):
        yield partial(_months, months), lambda d: f"{d:%b %y}"
    for years in (1, 2, 5, 10, 20):
        yield partial(_months, 12 * years), lambda d: f"{d:%Y}"


def _weekdays(step: int, first: int, last: int) -> Iterator[int]:
    """Every day; or every so many days, on Mondays."""
    start = first if step == 1 else first + (-to_date(first).weekday()) % 7
    return iter(range(start, last + 1, step))


def _months(step: int, first: int, last: int) -> Iterator[int]:
    """First days of every so many months, counted from the year 0."""
    begin = to_date(first)
    index = begin.year * 12 + begin.month - 1 + (begin.day > 1)
    index += -index % step
    while (day := to_day(date(index // 12, index % 12 + 1, 1))) <= last:
        yield day
        index += step
