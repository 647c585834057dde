"""What was known of each series at a moment, found out once and shared by all that rests on it."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from ..cache.freshness import status_of
from ..cache.panel import Panel, Track, make_track
from ..cache.status import Status
from ..feeds.catalogue import Catalogue
from ..feeds.series import Series, from_day
from .reading import Reading

WORST_LAST: tuple[Status, ...] = (
    Status.FRESH,
    Status.AGEING,
    Status.MANUAL,
    Status.PROXY,
    Status.SUSPECT,
    Status.STALE,
    Status.DEAD,
    Status.UNKNOWN,
)
_GRAVITY: Mapping[Status, int] = MappingProxyType({status: place for place, status in enumerate(WORST_LAST)})
NO_DATA = "no data"
RUN = 32  # observations to either side


class Numbers(NamedTuple):
    """What several Readings have in common; called for each of them."""

    as_of: date | None
    updated: datetime | None
    status: Status
    inputs: tuple[str, ...]
    missing: tuple[str, ...] = ()

    def __call__(self, value: float | None, unit: str, formula: str, note: str = "") -> Reading:
        """One number; None or NaN is unknown."""
        if value is None or value != value:
            why = note or (f"{NO_DATA}: {', '.join(self.missing)}" if self.missing else "too little history")
            return Reading(None, unit, self.as_of, None, "", Status.UNKNOWN, formula, self.inputs, why)
        return Reading(float(value), unit, self.as_of, self.updated, "", self.status, formula, self.inputs, note)

    def with_parts(self, parts: Mapping[str, Reading], counted: bool) -> "Numbers":
        """The same resting on other Readings, too, by their path on the Board; they are worth something where they are `counted`."""
        status, updated = self.status, self.updated
        for part in parts.values() if counted else ():
            if part.value is not None:
                status = worst((status, part.status))
                updated = max((when for when in (updated, part.updated) if when), default=None)
        return Numbers(self.as_of, updated, status, (*self.inputs, *parts), self.missing)


class OneSeries:
    """One series. Those of one `rule` are published alike: the same newest day gives them the same status.

    The observations around the one last asked for are held as lists, too: a replay goes from one to the next.
    """

    __slots__ = ("_last", "_run", "about", "known_from", "rule", "track", "unit")

    def __init__(self, track: Track, about: Series | None) -> None:
        self.track, self.about = track, about  # no Series of the one that nobody publishes
        self.known_from = np.maximum.accumulate(track.first_known_at)
        self.unit = about.unit if about else ""
        self.rule = f"{about.calendar} {about.frequency} {about.publication} {about.tolerance}" if about else ""
        self._run, self._last = _Run(0, [], [], [], []), len(track)

    def upto(self, at: int) -> int:
        """How many of the leading observations were known at an instant."""
        run = self._run
        place = bisect_right(run.known_from, at)
        n = run.start + place
        if (place == 0 and n > 0) or (place == len(run.known_from) and n < self._last):
            n = int(self.known_from.searchsorted(at, "right"))
            cut = slice(max(n - RUN, 0), n + RUN)
            columns = (self.known_from, self.track.values, self.track.days, self.track.fetched_at)
            self._run = _Run(cut.start, *(column[cut].tolist() for column in columns))
        return n

    def observation(self, n: int) -> tuple[float, int, int]:
        """The last of the n known at the instant asked for last: value, day and when it was fetched."""
        run = self._run
        place = n - 1 - run.start
        return run.values[place], run.days[place], run.fetched[place]


class _Run(NamedTuple):
    """Neighbouring observations."""

    start: int
    known_from: list[int]
    values: list[float]
    days: list[int]
    fetched: list[int]


class Table(dict[str, OneSeries]):
    """The series by id, as they are asked for. It leads back to no owner: thirty years in a circle would wait for the collector."""

    def __init__(self, panel: Panel, catalogue: Catalogue) -> None:
        self._panel, self._catalogue = panel, catalogue

    def __missing__(self, series_id: str) -> OneSeries:
        nobody = make_track("", "", (), (), (), ())
        found = OneSeries(self._panel[series_id], self._catalogue[series_id]) if series_id else OneSeries(nobody, None)
        self[series_id] = found
        return found


class Newest(NamedTuple):
    """The newest of the n observations known of a series at a moment, and what it is worth."""

    n: int
    value: float | None
    day: int | None
    as_of: date | None
    fetched: int  # UTC seconds
    updated: datetime | None
    status: Status


NOTHING = Newest(0, None, None, None, -1, None, Status.UNKNOWN)


class Seen(dict[str, Newest]):
    """What was found out about one moment, by series: many Readings rest on the same."""

    def __init__(self, at: int, series: Table) -> None:
        self.at, self._series = at, series
        self.numbers: dict[tuple[str, ...], Numbers] = {}
        self._statuses: dict[tuple[str, int], Status] = {}
        self._dates: dict[int, date] = {}
        self._times: dict[int, datetime] = {}

    def __missing__(self, series_id: str) -> Newest:
        own = self._series[series_id]
        n, about, found = own.upto(self.at), own.about, NOTHING
        if n and about:
            value, day, fetched = own.observation(n)
            status = self._statuses.get((own.rule, day))
            if status is None:
                status = self._statuses[own.rule, day] = status_of(about, day, self.at)
            found = Newest(n, value, day, self.date(day), fetched, self._time(fetched), status)
        self[series_id] = found
        return found

    def found_out(self, inputs: tuple[str, ...]) -> Numbers:
        """What numbers made of these series have in common; those without any observation do not count."""
        newest, day, missing = NOTHING, NOTHING, []
        status = Status.UNKNOWN if inputs else Status.FRESH
        for each in inputs:
            own = self[each]
            if own.day is None:
                missing.append(each)
                continue
            if newest.day is None:
                status = own.status
            elif own.status is not status:
                status = worst((status, own.status))
            if own.fetched > newest.fetched:
                newest = own
            if day.day is None or own.day > day.day:
                day = own
        found = self.numbers[inputs] = Numbers(day.as_of, newest.updated, status, inputs, tuple(missing))
        return found

    def date(self, day: int) -> date:
        """A day number as a date; many series are of the same day."""
        return self._dates.get(day) or self._dates.setdefault(day, from_day(day))

    def _time(self, second: int) -> datetime:
        """A second since 1970 as a time; one answer brings many series."""
        return self._times.get(second) or self._times.setdefault(second, datetime.fromtimestamp(second, UTC))


def _gravity(status: Status) -> int:
    return _GRAVITY[status]


def worst(statuses: Iterable[Status]) -> Status:
    """The gravest of several statuses."""
    return max(statuses, key=_gravity)
