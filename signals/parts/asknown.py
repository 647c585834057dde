"""Histories as they stood at an earlier moment.

A history is computed once from whole series; a past Board may only use what was known by then. Where rows are causal in their dates this is
a matter of finding the right row; where a late observation would have changed that row, the history is computed again from what was known.
"""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ...feeds.calendars import calendar
from ..inputs import Inputs, Moment
from ..known import Newest
from ..rows import Native, weekdays_between
from ..stats import Days, Floats
from .prints import NO_DAY, PrintsPart

R = TypeVar("R")
Instants = NDArray[np.int64]
NEVER_KNOWN = -(2**62)
SECONDS_A_DAY = 86_400


class AsKnown(Generic[R]):
    """A history with a row for each own observation of the first series, made of several native series and causal in their dates.

    With `prints`, observations known to be suspect are left out. `build` must not lead back to the owner: thirty years in a circle would
    stay until the collector happens to come by.
    """

    def __init__(
        self, inputs: Inputs, ids: Sequence[str], build: Callable[[Sequence[Native]], R], prints: PrintsPart | None = None
    ) -> None:
        self._inputs, self._ids, self._build, self._prints = inputs, tuple(ids), build, prints
        self._again: tuple[tuple[int, ...], R] | None = None
        self._days = tuple(inputs.native(each)[0] for each in self._ids)
        self.whole = self._made([len(days) for days in self._days])

    def at(self, moment: Moment) -> tuple[R, int] | None:
        """The history in which the newest row is as it was known, and the day of the first series' newest observation; None before it."""
        found = self._inputs.found(self._ids, moment)
        day = found[0].day
        if day is None:
            return None
        if self._is_whole(found, day):
            return self.whole, day
        counts = tuple(each.n for each in found)
        if self._again is None or self._again[0] != counts:
            self._again = counts, self._made(counts)
        return self._again[1], day

    def _made(self, counts: Sequence[int]) -> R:
        return self._build([self._native(each, n) for each, n in zip(self._ids, counts, strict=True)])

    def _native(self, series_id: str, n: int) -> Native:
        days, values = self._inputs.native(series_id)
        return days[:n], values[:n] if self._prints is None else self._prints[series_id].clean_upto(n)

    def _is_whole(self, found: Sequence[Newest], day: int) -> bool:
        """Whether what was known of every series up to that day is what is known of it now."""
        for days, each in zip(self._days, found, strict=True):
            if each.n < len(days) and days[each.n] <= day:  # it came late
                return False
        return self._prints is None or all(self._prints[name].is_settled(each.n) for name, each in zip(self._ids, found, strict=True))


def row_on(days: Days, day: int) -> int:
    """The row of a day, or of the last before it; −1 for none. (Asked for a Python int, numpy would first copy all days as int64.)"""
    return int(days.searchsorted(np.int32(day), "right")) - 1


def first_unknown(days: Days, n: int) -> int:
    """The first of `days` that was not known when the first n were; rows before it are settled."""
    return int(days[n]) if n < len(days) else NO_DAY


def known_through(inputs: Inputs, series_id: str, days: Days) -> Instants:
    """Since when all observations dated up to each of `days` were known, UTC seconds."""
    own, instants = inputs.native(series_id)[0], inputs.known_from(series_id)
    rows = np.searchsorted(own, days, side="right") - 1
    return np.where(rows >= 0, instants[rows], NEVER_KNOWN) if len(own) else np.full(len(days), NEVER_KNOWN)


def known_days(instants: Instants) -> Days:
    """The UTC days on which instants fall, midnight being the end of a day: an observation counts from the end of the day it was known."""
    return ((instants - 1) // SECONDS_A_DAY).astype(np.int32)


def session(moment: Moment) -> int:
    """The UTC day that a moment ends or stands in, days since 1970: midnight is the end of a day."""
    return (moment.at - 1) // SECONDS_A_DAY


def newest(inputs: Inputs, series_id: str, moment: Moment, limit: int = 5) -> float | None:
    """The newest value known at the moment; None where it is dated more than `limit` weekdays before."""
    return while_new(inputs.newest(series_id, moment), session(moment), limit)


def while_new(found: Newest, today: int, limit: int = 5) -> float | None:
    """The value of a newest observation; None where it is dated more than `limit` weekdays before `today`."""
    day, value = found.day, found.value
    if day is None or value is None or value != value:  # an unknown value does not equal itself
        return None
    return value if today - day <= limit or calendar("weekdays").sessions_between(day, today) <= limit else None


def on_days(inputs: Inputs, series_id: str, days: Days, limit: int = 5) -> Floats:
    """The newest value known at the end of each of `days` (weekdays); unknown where it is dated more than `limit` weekdays before."""
    own, values = inputs.native(series_id)
    out = np.full(len(days), np.nan)
    if len(own):
        rows = np.searchsorted(known_days(inputs.known_from(series_id)), days, side="right") - 1
        there = np.flatnonzero(rows >= 0)
        fresh = there[weekdays_between(own[rows[there]], days[there]) <= limit]
        out[fresh] = values[rows[fresh]]
    return out
