"""Histories as they stood at an earlier moment.

A history is computed once from whole series; a past Board may only use what was known by then. Where rows are causal in their dates this is
a matter of finding the right row; where a late observation would have changed that row, the history is computed again from what was known.
"""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..inputs import Inputs, Moment
from ..rows import Native
from ..stats import Days, Floats, known_or_none

R = TypeVar("R")
Instants = NDArray[np.int64]
NEVER_KNOWN = -(2**62)
SECONDS_A_DAY = 86_400


class AsKnown(Generic[R]):
    """A history with one row for each own observation of the first series, made of several native series."""

    def __init__(self, inputs: Inputs, ids: Sequence[str], build: Callable[[Sequence[Native]], R]) -> None:
        self._inputs, self._ids, self._build = inputs, tuple(ids), build
        self._again: tuple[tuple[int, ...], R] | None = None
        self.whole = build([inputs.native(each) for each in self._ids])

    def at(self, moment: Moment) -> tuple[R, int] | None:
        """The history in which the last known row of the first series is as it was known, and that row; None before the first."""
        counts = tuple(self._inputs.upto(each, moment) for each in self._ids)
        if counts[0] == 0:
            return None
        row = counts[0] - 1
        day = self._inputs.native(self._ids[0])[0][row]
        if not any(self._came_late(each, count, int(day)) for each, count in zip(self._ids[1:], counts[1:], strict=True)):
            return self.whole, row
        if self._again is None or self._again[0] != counts:
            self._again = counts, self._build([self._inputs.known(each, moment) for each in self._ids])
        return self._again[1], row

    def _came_late(self, series_id: str, count: int, day: int) -> bool:
        """Whether an observation dated up to that day was not known yet."""
        days = self._inputs.native(series_id)[0]
        return count < len(days) and int(days[count]) <= day


def known_from(inputs: Inputs, series_id: str) -> Instants:
    """Since when each observation and all before it were known, UTC seconds, never decreasing."""
    return np.maximum.accumulate(inputs.track(series_id).first_known_at) if series_id else np.zeros(0, np.int64)


def known_through(inputs: Inputs, series_id: str, days: Days) -> Instants:
    """Since when all observations dated up to each of `days` were known, UTC seconds."""
    own, instants = inputs.native(series_id)[0], known_from(inputs, series_id)
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
    days, values = inputs.known(series_id, moment)
    if not len(days) or np.busday_count(days[-1:].astype("datetime64[D]"), np.datetime64(session(moment), "D"))[0] > limit:
        return None
    return known_or_none(values[-1])


def on_days(inputs: Inputs, series_id: str, days: Days, limit: int = 5) -> Floats:
    """The newest value known at the end of each of `days` (weekdays); unknown where it is dated more than `limit` weekdays before."""
    own, values = inputs.native(series_id)
    out = np.full(len(days), np.nan)
    if len(own):
        rows = np.searchsorted(known_days(known_from(inputs, series_id)), days, side="right") - 1
        there = np.flatnonzero(rows >= 0)
        dated, now = own[rows[there]].astype("datetime64[D]"), days[there].astype("datetime64[D]")
        fresh = there[np.busday_count(dated, now) <= limit]
        out[fresh] = values[rows[fresh]]
    return out
