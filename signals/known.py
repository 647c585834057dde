"""What was known of each series at a moment, found out once and shared by all that rests on it."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import NamedTuple

import msgspec
import numpy as np

from ..cache.freshness import status_of, young_until
from ..cache.panel import Panel, Track, make_track
from ..cache.status import Status
from ..feeds.catalogue import Catalogue
from ..feeds.series import Series, from_day
from .board import Input, Reading

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
MOST_DAYS = 256  # of one rule
NEVER, FOR_EVER = -(2**62), 2**62  # before and after all instants


class Numbers(msgspec.Struct, frozen=True, gc=False):
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

    def several(self, values: Sequence[float | None], named: Sequence[tuple[str, str]]) -> list[Reading]:
        """Numbers without a note, each with its unit and its formula; None is unknown."""
        as_of, updated, status, inputs = self.as_of, self.updated, self.status, self.inputs
        return [
            self(value, unit, formula) if value is None else Reading(value, unit, as_of, updated, "", status, formula, inputs)
            for value, (unit, formula) in zip(values, named, strict=True)
        ]

    def with_parts(self, parts: Mapping[str, Reading], counted: bool) -> "Numbers":
        """The same resting on other Readings, too, by their path on the Board; they are worth something where they are `counted`."""
        status, updated = self.status, self.updated
        for part in parts.values() if counted else ():
            if part.value is not None:
                status = worst((status, part.status))
                updated = max((when for when in (updated, part.updated) if when), default=None)
        return Numbers(self.as_of, updated, status, (*self.inputs, *parts), self.missing)


class Newest(msgspec.Struct, frozen=True, gc=False):
    """The newest of the n observations known of a series at a moment, and what it is worth; `health` says so on the Board."""

    n: int
    value: float | None
    day: int | None
    as_of: date | None
    fetched: int  # UTC seconds
    updated: datetime | None
    status: Status
    health: Input


class Rule(dict[int, tuple[int, int, date]]):
    """How some series are published: the same newest day gives all of them the same status.

    By that day: until when it is FRESH and until when AGEING at worst, UTC seconds, and the day as a date.
    """

    __slots__ = ("_last", "_stands_for")

    def __init__(self, stands_for: Series) -> None:
        self._stands_for = stands_for
        self._last: tuple[int, int, Status] | None = None

    def __missing__(self, day: int) -> tuple[int, int, date]:
        if len(self) >= MOST_DAYS:
            self.clear()
        found = self[day] = *young_until(self._stands_for, day), from_day(day)
        return found

    def status(self, day: int, at: int) -> tuple[Status, int, int]:
        """The status by the newest day at an instant, since when it was the same at least, and until when."""
        due, young, _ = self[day]
        if at < due:
            return Status.FRESH, NEVER, due
        if at < young:
            return Status.AGEING, due, young
        if self._last is None or self._last[:2] != (day, at):
            self._last = day, at, status_of(self._stands_for, day, at)
        return self._last[2], at, at + 1


class OneSeries:
    """One series, and its `newest` observation at any of the instants from `since` until `until`.

    The observations around the one last asked for are held as lists, too: a replay goes from one to the next.
    """

    __slots__ = ("_last", "_rule", "_run", "known_from", "newest", "nothing", "since", "track", "unit", "until")

    def __init__(self, track: Track, unit: str, rule: Rule | None) -> None:
        self.track, self.unit, self._rule = track, unit, rule  # no rule of the series that nobody publishes
        self.known_from = np.maximum.accumulate(track.first_known_at)
        self._run, self._last = _Run(0, [], [], [], []), len(track)
        self.nothing = Newest(0, None, None, None, NEVER, None, Status.UNKNOWN, Input(Status.UNKNOWN, None, None, track.source))
        self.newest, self.since, self.until = self.nothing, 0, 0

    def look(self, at: int) -> Newest:
        """The newest observation at an instant."""
        start, known_from, values, days, fetches = self._run
        place = bisect_right(known_from, at)
        if (place == 0 and start > 0) or (place == len(known_from) and start + place < self._last):
            start, known_from, values, days, fetches = self._run = self._around(at)
            place = bisect_right(known_from, at)
        n = start + place
        came = known_from[place - 1] if n else NEVER
        next_comes = known_from[place] if n < self._last else FOR_EVER
        if n == 0 or self._rule is None:
            self.newest, self.since, self.until = self.nothing, came, next_comes
            return self.nothing
        day, fetched, before = days[place - 1], fetches[place - 1], self.newest
        due, _, as_of = self._rule[day]
        status, since, until = (Status.FRESH, NEVER, due) if at < due else self._rule.status(day, at)
        self.since = since if since > came else came
        self.until = until if until < next_comes else next_comes
        updated = before.updated if before.fetched == fetched else datetime.fromtimestamp(fetched, UTC)
        health = Input(status, as_of, updated, self.track.source)
        found = self.newest = Newest(n, values[place - 1], day, as_of, fetched, updated, status, health)
        return found

    def _around(self, at: int) -> "_Run":
        """The last observations known at an instant, and the first after it."""
        n = int(self.known_from.searchsorted(at, "right"))
        cut = slice(max(n - RUN, 0), n + RUN)
        columns = (self.known_from, self.track.values, self.track.days, self.track.fetched_at)
        return _Run(cut.start, *(column[cut].tolist() for column in columns))


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
        self._rules: dict[str, Rule] = {}

    def __missing__(self, series_id: str) -> OneSeries:
        if series_id:
            track, about = self._panel[series_id], self._catalogue[series_id]
            name = f"{about.calendar} {about.frequency} {about.publication} {about.tolerance}"
            found = OneSeries(track, about.unit, self._rules.setdefault(name, Rule(about)))
        else:
            found = OneSeries(make_track("", "", (), (), (), ()), "", None)
        self[series_id] = found
        return found


class Seen(dict[str, Newest]):
    """What was found out about one moment, by series: many Readings rest on the same."""

    def __init__(self, at: int, series: Table) -> None:
        self.at, self._series = at, series
        self.numbers: dict[tuple[str, ...], Numbers] = {}
        self._dates: dict[int, date] = {}

    def __missing__(self, series_id: str) -> Newest:
        own = self._series[series_id]
        found = self[series_id] = own.newest if own.since <= self.at < own.until else own.look(self.at)
        return found

    def found_out(self, inputs: tuple[str, ...]) -> Numbers:
        """What numbers made of these series have in common; those without any observation do not count."""
        if len(inputs) == 1:
            own = self[inputs[0]]
            found = self.numbers[inputs] = Numbers(own.as_of, own.updated, own.status, inputs, () if own.n else inputs)
            return found
        found = self.numbers[inputs] = _numbers(inputs, [*map(self.__getitem__, inputs)])
        return found

    def date(self, day: int) -> date:
        """A day number as a date; many Readings are of the same day."""
        return self._dates.get(day) or self._dates.setdefault(day, from_day(day))


def _numbers(inputs: tuple[str, ...], stand: list[Newest]) -> Numbers:
    latest, as_of, fetched, updated, status = NEVER, None, NEVER, None, Status.FRESH
    unknown = 0
    for each in stand:
        if each.day is None:
            unknown += 1
            continue
        if each.status is not status:
            status = worst((status, each.status))
        if each.fetched > fetched:
            fetched, updated = each.fetched, each.updated
        if each.day > latest:
            latest, as_of = each.day, each.as_of
    if unknown == len(stand):
        return Numbers(None, None, Status.UNKNOWN if inputs else Status.FRESH, inputs, inputs)
    missing = tuple([name for name, each in zip(inputs, stand, strict=True) if each.day is None]) if unknown else ()
    return Numbers(as_of, updated, status, inputs, missing)


def _gravity(status: Status) -> int:
    return _GRAVITY[status]


def worst(statuses: Iterable[Status]) -> Status:
    """The gravest of several statuses."""
    return max(statuses, key=_gravity)
