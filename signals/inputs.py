"""The cache as the parts of a Board see it: own observations of each series, how many of them were known at an instant, and Readings."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from ..cache.freshness import status_of
from ..cache.panel import Panel, Track, make_track
from ..cache.status import Status
from ..feeds.catalogue import Catalogue, default_catalogue
from ..feeds.series import from_day, to_day
from .board import Reading
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
        self._known_from: dict[str, NDArray[np.int64]] = {}
        self._tracks: dict[str, Track] = {}
        self._alike: dict[str, str] = {}
        self._seen = _Seen(0)

    def track(self, series_id: str) -> Track:
        """All that the panel holds of a series."""
        found = self._tracks.get(series_id)
        if found is None:
            found = self._tracks[series_id] = self.panel[series_id]
        return found

    def native(self, series_id: str) -> tuple[Days, Floats]:
        """Own observations of a series, oldest first; the whole history, whatever the moment. "" is a series nobody publishes."""
        if not series_id:
            return np.array([], np.int32), np.array([], np.float64)
        track = self.track(series_id)
        return track.days, track.values

    def upto(self, series_id: str, moment: Moment) -> int:
        """How many of the leading observations were known at the moment."""
        return self._newest(series_id, moment).n

    def known_from(self, series_id: str) -> NDArray[np.int64]:
        """Since when each observation and all before it were known, UTC seconds, never decreasing."""
        if not series_id:
            return np.array([], np.int64)
        found = self._known_from.get(series_id)
        if found is None:
            found = self._known_from[series_id] = np.maximum.accumulate(self.track(series_id).first_known_at)
        return found

    def known(self, series_id: str, moment: Moment) -> tuple[Days, Floats]:
        """Own observations known at the moment."""
        days, values = self.native(series_id)
        n = self.upto(series_id, moment)
        return days[:n], values[:n]

    def last_day(self, series_id: str, moment: Moment) -> int | None:
        """The day of the newest observation known at the moment."""
        return self._newest(series_id, moment).day

    def status(self, series_id: str, moment: Moment) -> Status:
        """What a series is worth at the moment."""
        newest = self._newest(series_id, moment)
        if newest.status is None:
            newest.status = self._status(series_id, newest.day, moment)
        return newest.status

    def updated(self, series_id: str, moment: Moment) -> datetime | None:
        """When we fetched the newest observation known at the moment."""
        newest = self._newest(series_id, moment)
        return self._seen.date(newest.fetched) if newest.n else None

    def reading(self, series_id: str, moment: Moment, *, suspect: bool = False) -> Reading:
        """The last own observation of a series; unknown when there is none."""
        newest = self._newest(series_id, moment)
        if newest.day is None:
            return self.unknown(f"{NO_DATA}: {series_id}" if series_id else "no source", inputs=(series_id,) if series_id else ())
        track = self.track(series_id)
        status = self.status(series_id, moment)
        return Reading(
            value=float(track.values[newest.n - 1]),
            unit=self.catalogue[series_id].unit,
            as_of=from_day(newest.day),
            updated=self.updated(series_id, moment),
            source=track.source,
            status=worst((status, Status.SUSPECT)) if suspect else status,
            inputs=(series_id,),
        )

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
        if parts and value is not None:
            for part in parts.values():
                if part.value is not None:
                    number.status = worst((number.status, part.status))
                    number.updated = max((when for when in (number.updated, part.updated) if when), default=None)
        if parts:
            number.inputs = (*number.inputs, *parts)
        return number(value, unit, formula, note)

    def numbers(self, inputs: Sequence[str], moment: Moment, *, day: int | None = None, proxy: bool = False) -> "Numbers":
        """Writes several numbers that rest on the same series and belong to the same session, as `computed` does one."""
        inputs = tuple(inputs)
        basis = self._basis(inputs, moment)
        status = worst((basis.status, Status.PROXY)) if proxy else basis.status
        return Numbers(basis.as_of if day is None else from_day(day), basis.updated, status, inputs, basis.missing)

    def unknown(self, note: str, unit: str = "", formula: str = "observation", inputs: tuple[str, ...] = ()) -> Reading:
        """A number that we do not have, and why."""
        return Reading(unit=unit, formula=formula, inputs=inputs, note=note)

    def basis(self, inputs: Sequence[str], moment: Moment) -> tuple[Status, datetime | None]:
        """Worst status and newest fetch of several series; those without any observation do not count."""
        found = self._basis(tuple(inputs), moment)
        return found.status, found.updated

    def looked_at(self, moment: Moment) -> Collection[str]:
        """The series whose observations at this moment have been asked for."""
        return [name for name in self._at(moment).newest if name]

    def _basis(self, inputs: tuple[str, ...], moment: Moment) -> "_Basis":
        seen = self._seen if self._seen.at == moment.at else self._at(moment)
        found = seen.bases.get(inputs)
        if found is None:
            found = seen.bases[inputs] = self._found_out(inputs, moment)
        return found

    def _found_out(self, inputs: tuple[str, ...], moment: Moment) -> "_Basis":
        fetched = day = -1
        status, missing = Status.FRESH if len(inputs) == 0 else Status.UNKNOWN, []
        for each in inputs:
            newest = self._newest(each, moment)
            if newest.day is None:
                missing.append(each)
                continue
            own = newest.status or self.status(each, moment)
            if fetched < 0:
                status = own
            elif own is not status:
                status = worst((status, own))
            if newest.fetched > fetched:
                fetched = newest.fetched
            if newest.day > day:
                day = newest.day
        if fetched < 0:
            return _Basis(status, None, None, tuple(missing))
        return _Basis(status, self._seen.date(fetched), from_day(day), tuple(missing))

    def _newest(self, series_id: str, moment: Moment) -> "_Newest":
        seen = self._seen if self._seen.at == moment.at else self._at(moment)
        return seen.newest.get(series_id) or self._found_newest(series_id, seen)

    def _found_newest(self, series_id: str, seen: "_Seen") -> "_Newest":
        n = int(self.known_from(series_id).searchsorted(seen.at, "right"))
        found = seen.newest[series_id] = _Newest(n, None, -1)
        if n:
            track = self.track(series_id)
            found.day, found.fetched = int(track.days[n - 1]), int(track.fetched_at[n - 1])
        return found

    def _status(self, series_id: str, day: int | None, moment: Moment) -> Status:
        """Series that are published alike have the same status."""
        seen = self._at(moment).statuses
        rule = self._alike.get(series_id) or self._published(series_id)
        found = seen.get((rule, day))
        if found is None:
            found = seen[rule, day] = status_of(self.catalogue[series_id], day, moment.at)
        return found

    def _published(self, series_id: str) -> str:
        """How a series is published, in one word."""
        series = self.catalogue[series_id]
        found = self._alike[series_id] = f"{series.calendar} {series.frequency} {series.publication} {series.tolerance}"
        return found

    def _at(self, moment: Moment) -> "_Seen":
        if self._seen.at != moment.at:
            self._seen = _Seen(moment.at)
        return self._seen


@dataclass(frozen=True, slots=True)
class _Basis:
    """What several series together are worth."""

    status: Status
    updated: datetime | None
    as_of: date | None
    missing: tuple[str, ...]


@dataclass(slots=True)
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


@dataclass(slots=True)
class _Newest:
    """The newest of the n observations known of a series; the rest is filled in when somebody asks."""

    n: int
    day: int | None
    fetched: int  # UTC seconds
    status: Status | None = None


class _Seen:
    """What was found out about one moment: many Readings rest on the same series."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.newest: dict[str, _Newest] = {}
        self.statuses: dict[tuple[str, int | None], Status] = {}
        self.bases: dict[tuple[str, ...], _Basis] = {}
        self._dates: dict[int, datetime] = {}

    def date(self, second: int) -> datetime:
        """A second since 1970 as a time; one answer brings many series."""
        found = self._dates.get(second)
        if found is None:
            found = self._dates[second] = datetime.fromtimestamp(second, UTC)
        return found


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
