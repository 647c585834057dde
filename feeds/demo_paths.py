"""Paths of the simulated market: they wander, and pass through the points of the script.

The noise comes from numpy's legacy generator, the one whose numbers are promised never to change.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from types import MappingProxyType
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from .series import to_day

Floats = NDArray[np.float64]
Days = NDArray[np.int32]
Simulated = Iterator[tuple[str, Days, Floats]]
"""Series id, days since 1970-01-01 and values."""

FIRST, LAST = to_day(date(2016, 5, 30)), to_day(date(2026, 5, 29))
RECENT = to_day(date(2024, 5, 31))  # what is not read over ten years starts here


class Points:
    """Levels on dates: one column of a table of the script."""

    def __init__(self, days: Iterable[int], values: Iterable[float]) -> None:
        self.days = np.array(list(days), np.int32)
        self.values = np.array(list(values), np.float64)

    def on(self, grid: Days) -> Floats:
        """Straight lines between the points, counted in rows of the grid; level before the first and after the last."""
        return np.interp(np.arange(len(grid)), np.searchsorted(grid, self.days), self.values)

    def held_on(self, grid: Days) -> Floats:
        """Each level until the next: for what is decided, not traded."""
        held: Floats = self.values[np.maximum(np.searchsorted(self.days, grid, side="right") - 1, 0)]
        return held

    def through(self, grid: Days, wander: Floats) -> Floats:
        """The wandering, bent so that it passes through the points."""
        rows = np.searchsorted(grid, self.days).clip(max=len(grid) - 1)
        bent: Floats = self.on(grid) + wander - np.interp(np.arange(len(grid)), rows, wander[rows])
        return bent

    def through_log(self, grid: Days, wander: Floats) -> Floats:
        """The same in logarithms, for prices: wander in log points."""
        return np.exp(Points(self.days, np.log(self.values)).through(grid, wander))


@cache
def read_table(text: str) -> Mapping[str, Points]:
    """The columns of a table of the script."""
    header, *lines = (line.split() for line in text.strip().splitlines())
    days = [to_day(date.fromisoformat(line[0])) for line in lines]
    columns = {
        name: Points(*zip(*((day, float(line[i])) for day, line in zip(days, lines, strict=True) if line[i] != "-"), strict=True))
        for i, name in enumerate(header)
        if i
    }
    return MappingProxyType(columns)


@cache
def weekdays() -> Days:
    """Every Monday to Friday of the scenario: the simulated market keeps no holidays."""
    days = every_day()
    return _frozen(days[(days + 3) % 7 < 5])


@cache
def every_day() -> Days:
    """Every day of the scenario."""
    return _frozen(np.arange(FIRST, LAST + 1, dtype=np.int32))


def weekly(weekday: int, first: int = FIRST) -> Days:
    """Every such weekday (Monday 0) from `first` on."""
    days = every_day()
    chosen: Days = days[((days + 3) % 7 == weekday) & (days >= first)]
    return chosen


def month_ends(every: int = 1) -> Days:
    """The last day of every month, or of every third, twelfth … of the year, that has passed."""
    days = np.arange(FIRST, LAST + 3, dtype=np.int32)  # May 2026 ends on a Sunday
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    last = np.append(months[1:] != months[:-1], True) & ((months + 1) % every == 0)
    ends: Days = days[last & (days <= LAST)]
    return ends


def white(name: str, n: int) -> Floats:
    """n standard normal numbers that belong to that name, always the same."""
    generator = _generator()
    generator.seed(crc32(name.encode()))
    drawn: Floats = generator.standard_normal(n)
    return drawn


@cache
def _generator() -> np.random.RandomState:
    """Seeded anew for every name: making one takes ten times as long as seeding it and drawing ten years."""
    return np.random.RandomState()


def walk(name: str, size: Floats | float, n: int) -> Floats:
    """A random walk with steps of that size."""
    total: Floats = np.cumsum(size * white(name, n))
    return total


def reverting(shocks: Floats, keep: float) -> Floats:
    """What is left of all shocks so far when each day keeps that share of the day before."""
    left = 0.0
    return np.array([left := keep * left + shock for shock in shocks.tolist()])


def recent(days: Days, values: Floats) -> tuple[Days, Floats]:
    """The last two years."""
    first = int(np.searchsorted(days, RECENT))
    return days[first:], values[first:]


def _frozen(days: Days) -> Days:
    days.setflags(write=False)
    return days
