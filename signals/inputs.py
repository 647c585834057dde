"""The cache as the parts of a Board see it: own observations of each series, how many of them were known at an instant, and Readings."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..cache.freshness import status_of
from ..cache.panel import Panel, Track, make_track
from ..cache.status import Status
from ..feeds.catalogue import Catalogue, default_catalogue
from ..feeds.series import Series, from_day, to_day
from .board import Input, Reading
from .settings import Settings
from .stats import Days, Floats

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


@dataclass(frozen=True, slots=True)
class Moment:
    """An instant: `at` in UTC seconds, `day` its UTC date in days since 1970."""

    as_of: datetime
    at: int
    day: int


def moment_of(as_of: datetime) -> Moment:
    """The moment of an aware datetime."""
    instant = as_of.astimezone(UTC)
    return Moment(instant, math.floor(instant.timestamp()), to_day(instant.date()))


class Inputs:
    """A Panel with its catalogue and the settings. Everything is looked up by series id; an unknown id is a mistake of ours and raises."""

    def __init__(self, panel: Panel, settings: Settings | None = None, catalogue: Catalogue | None = None) -> None:
        self.panel = panel
        self.settings = settings or Settings()
        self.catalogue = catalogue or default_catalogue()
        self._series = _Table(panel, self.catalogue)
        self._seen = _Seen(0, self._series)

    def track(self, series_id: str) -> Track:
        """All that the panel holds of a series."""
        return self._series[series_id].track

    def native(self, series_id: str) -> tuple[Days, Floats]:
        """Own observations of a series, oldest first; the whole history, whatever the moment. "" is a series nobody publishes."""
        track = self._series[series_id].track
        return track.days, track.values

    def upto(self, series_id: str, moment: Moment) -> int:
        """How many of the leading observations were known at the moment."""
        return self._at(moment)[series_id].n

    def known_from(self, series_id: str) -> NDArray[np.int64]:
        """Since when each observation and all before it were known, UTC seconds, never decreasing."""
        return self._series[series_id].known_from

    def known(self, series_id: str, moment: Moment) -> tuple[Days, Floats]:
        """Own observations known at the moment."""
        n, track = self._at(moment)[series_id].n, self._series[series_id].track
        return track.days[:n], track.values[:n]

    def last_day(self, series_id: str, moment: Moment) -> int | None:
        """The day of the newest observation known at the moment."""
        return self._at(moment)[series_id].day

    def last_value(self, series_id: str, moment: Moment) -> float | None:
        """The newest value known at the moment."""
        return self._at(moment)[series_id].value

    def status(self, series_id: str, moment: Moment) -> Status:
        """What a series is worth at the moment."""
        return self._at(moment)[series_id].status

    def updated(self, series_id: str, moment: Moment) -> datetime | None:
        """When we fetched the newest observation known at the moment."""
        return self._at(moment)[series_id].updated

    def reading(self, series_id: str, moment: Moment, *, suspect: bool = False, note: str = "") -> Reading:
        """The last own observation of a series; unknown when there is none."""
        newest = self._at(moment)[series_id]
        if newest.day is None:
            return self.unknown(f"{NO_DATA}: {series_id}" if series_id else "no source", inputs=(series_id,) if series_id else ())
        own = self._series[series_id]
        status = worst((newest.status, Status.SUSPECT)) if suspect else newest.status
        return Reading(newest.value, own.unit, newest.as_of, newest.updated, own.track.source, status, "observation", (series_id,), note)

    def computed(
        self,
        value: float | None,
        unit: str,
        formula: str,
        inputs: Sequence[str],
        moment: Moment,
        *,
        day: int | None = None,
        note: str = "",
        proxy: bool = False,
        parts: Mapping[str, Reading] | None = None,
    ) -> Reading:
        """A number made of others. Its status is the worst of its inputs', `updated` the newest fetch among them.

        Args:
            value: None or NaN is unknown; `note` should then say why.
            inputs: ids of the series that entered; leave out what did not contribute.
            day: the session it belongs to (default: the newest of its inputs).
            parts: other Readings that entered, by their path on the Board.
        """
        number = self.numbers(inputs, moment, day=day, proxy=proxy)
        if parts:
            number = number.with_parts(parts, value is not None)
        return number(value, unit, formula, note)

    def numbers(self, inputs: Sequence[str], moment: Moment, *, day: int | None = None, proxy: bool = False) -> "Numbers":
        """Writes several numbers that rest on the same series and belong to the same session, as `computed` does one."""
        seen, inputs = self._at(moment), tuple(inputs)
        found = seen.numbers.get(inputs) or seen.found_out(inputs)
        if day is None and not proxy:
            return found
        as_of = found.as_of if day is None else seen.date(day)
        return Numbers(as_of, found.updated, worst((found.status, Status.PROXY)) if proxy else found.status, inputs, found.missing)

    def unknown(self, note: str, unit: str = "", formula: str = "observation", inputs: tuple[str, ...] = ()) -> Reading:
        """A number that we do not have, and why."""
        return Reading(None, unit, None, None, "", Status.UNKNOWN, formula, inputs, note)

    def basis(self, inputs: Sequence[str], moment: Moment) -> tuple[Status, datetime | None]:
        """Worst status and newest fetch of several series; those without any observation do not count."""
        found = self.numbers(inputs, moment)
        return found.status, found.updated

    def looked_at(self, moment: Moment) -> dict[str, Input]:
        """The series whose observations at this moment have been asked for, and how each of them stands."""
        source = self._series
        stand = sorted(self._at(moment).items())
        return {name: Input(each.status, each.as_of, each.updated, source[name].track.source) for name, each in stand if name}

    def _at(self, moment: Moment) -> "_Seen":
        if self._seen.at != moment.at:
            self._seen = _Seen(moment.at, self._series)
        return self._seen


@dataclass(frozen=True, slots=True)
class Numbers:
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


@dataclass(frozen=True, slots=True)
class _Series:
    """What never changes of one series. Series of one `rule` are published alike: the same newest day gives them the same status."""

    track: Track
    known_from: NDArray[np.int64]
    unit: str
    rule: str
    about: Series | None  # None of the series that nobody publishes


class _Table(dict[str, _Series]):
    """The series by id, as they are asked for. It leads back to no owner: thirty years in a circle would wait for the collector."""

    def __init__(self, panel: Panel, catalogue: Catalogue) -> None:
        self._panel, self._catalogue = panel, catalogue

    def __missing__(self, series_id: str) -> _Series:
        if not series_id:
            found = _Series(make_track("", "", (), (), (), ()), np.array([], np.int64), "", "", None)
        else:
            track, about = self._panel[series_id], self._catalogue[series_id]
            rule = f"{about.calendar} {about.frequency} {about.publication} {about.tolerance}"
            found = _Series(track, np.maximum.accumulate(track.first_known_at), about.unit, rule, about)
        self[series_id] = found
        return found


class _Newest(NamedTuple):
    """The newest of the n observations known of a series at a moment, and what it is worth."""

    n: int
    value: float | None
    day: int | None
    as_of: date | None
    fetched: int  # UTC seconds
    updated: datetime | None
    status: Status


_NOTHING = _Newest(0, None, None, None, -1, None, Status.UNKNOWN)


class _Seen(dict[str, _Newest]):
    """What was found out about one moment, by series: many Readings rest on the same."""

    def __init__(self, at: int, series: _Table) -> None:
        self.at, self._series = at, series
        self.numbers: dict[tuple[str, ...], Numbers] = {}
        self._statuses: dict[tuple[str, int], Status] = {}
        self._dates: dict[int, date] = {}
        self._times: dict[int, datetime] = {}

    def __missing__(self, series_id: str) -> _Newest:
        own = self._series[series_id]
        n, about, found = int(own.known_from.searchsorted(self.at, "right")), own.about, _NOTHING
        if n and about:
            day, fetched = int(own.track.days[n - 1]), int(own.track.fetched_at[n - 1])
            status = self._statuses.get((own.rule, day))
            if status is None:
                status = self._statuses[own.rule, day] = status_of(about, day, self.at)
            found = _Newest(n, float(own.track.values[n - 1]), day, self.date(day), fetched, self._time(fetched), status)
        self[series_id] = found
        return found

    def found_out(self, inputs: tuple[str, ...]) -> Numbers:
        """What numbers made of these series have in common; those without any observation do not count."""
        newest, day, missing = _NOTHING, _NOTHING, []
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


def panel_as_known(panel: Panel, as_of: datetime) -> Panel:
    """The panel with the leading observations of each series that were known at an instant."""
    at = moment_of(as_of).at
    return Panel(as_of, {name: _leading(track, at) for name, track in panel.tracks.items()})


def _leading(track: Track, at: int) -> Track:
    n = int(np.searchsorted(np.maximum.accumulate(track.first_known_at), at, side="right"))
    columns = (track.days, track.values, track.known_at, track.fetched_at, track.first_known_at)
    return make_track(track.series, track.source, *(column[:n] for column in columns))
