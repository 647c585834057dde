"""The cache as the parts of a Board see it: own observations of each series, how many of them were known at an instant, and Readings."""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from numpy.typing import NDArray

from ..cache.freshness import Status, status_of
from ..cache.panel import Panel, Track, make_track
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
        self._seen = _Seen(0)

    def track(self, series_id: str) -> Track:
        """All that the panel holds of a series."""
        return self.panel[series_id]

    def native(self, series_id: str) -> tuple[Days, Floats]:
        """Own observations of a series, oldest first; the whole history, whatever the moment. "" is a series nobody publishes."""
        if not series_id:
            return np.array([], np.int32), np.array([], np.float64)
        track = self.panel[series_id]
        return track.days, track.values

    def upto(self, series_id: str, moment: Moment) -> int:
        """How many of the leading observations were known at the moment."""
        seen = self._at(moment).counts
        if series_id not in seen:
            seen[series_id] = int(np.searchsorted(self.known_from(series_id), moment.at, side="right"))
        return seen[series_id]

    def known_from(self, series_id: str) -> NDArray[np.int64]:
        """Since when each observation and all before it were known, UTC seconds, never decreasing."""
        if not series_id:
            return np.array([], np.int64)
        found = self._known_from.get(series_id)
        if found is None:
            found = self._known_from[series_id] = np.maximum.accumulate(self.panel[series_id].first_known_at)
        return found

    def known(self, series_id: str, moment: Moment) -> tuple[Days, Floats]:
        """Own observations known at the moment."""
        days, values = self.native(series_id)
        n = self.upto(series_id, moment)
        return days[:n], values[:n]

    def last_day(self, series_id: str, moment: Moment) -> int | None:
        """The day of the newest observation known at the moment."""
        n = self.upto(series_id, moment)
        return int(self.native(series_id)[0][n - 1]) if n else None

    def status(self, series_id: str, moment: Moment) -> Status:
        """What a series is worth at the moment."""
        seen = self._at(moment).statuses
        if series_id not in seen:
            seen[series_id] = status_of(self.catalogue[series_id], self.last_day(series_id, moment), moment.at)
        return seen[series_id]

    def updated(self, series_id: str, moment: Moment) -> datetime | None:
        """When we fetched the newest observation known at the moment."""
        n = self.upto(series_id, moment)
        return datetime.fromtimestamp(int(self.panel[series_id].fetched_at[n - 1]), UTC) if n else None

    def reading(self, series_id: str, moment: Moment, *, suspect: bool = False) -> Reading:
        """The last own observation of a series; unknown when there is none."""
        n = self.upto(series_id, moment)
        if n == 0:
            return self.unknown(f"{NO_DATA}: {series_id}" if series_id else "no source", inputs=(series_id,) if series_id else ())
        series, track = self.catalogue[series_id], self.panel[series_id]
        return Reading(
            value=float(track.values[n - 1]),
            unit=series.unit,
            as_of=from_day(int(track.days[n - 1])),
            updated=self.updated(series_id, moment),
            source=track.source,
            status=worst((self.status(series_id, moment), Status.SUSPECT)) if suspect else self.status(series_id, moment),
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
        beside = parts or {}
        basis = self._basis(tuple(inputs), moment)
        day = basis.day if day is None else day
        if value is None or value != value:
            return Reading(
                unit=unit, as_of=_date(day), formula=formula, inputs=(*inputs, *beside), note=note or self._why_unknown(inputs, moment)
            )
        status, updated = basis.status, basis.updated
        for part in beside.values():
            if part.value is not None:
                status = worst((status, part.status))
                updated = max((when for when in (updated, part.updated) if when), default=None)
        if proxy:
            status = worst((status, Status.PROXY))
        return Reading(
            value=float(value),
            unit=unit,
            as_of=_date(day),
            updated=updated,
            status=status,
            formula=formula,
            inputs=(*inputs, *beside),
            note=note,
        )

    def unknown(self, note: str, unit: str = "", formula: str = "observation", inputs: tuple[str, ...] = ()) -> Reading:
        """A number that we do not have, and why."""
        return Reading(unit=unit, formula=formula, inputs=inputs, note=note)

    def basis(self, inputs: Sequence[str], moment: Moment) -> tuple[Status, datetime | None]:
        """Worst status and newest fetch of several series; those without any observation do not count."""
        found = self._basis(tuple(inputs), moment)
        return found.status, found.updated

    def looked_at(self, moment: Moment) -> Collection[str]:
        """The series whose observations at this moment have been asked for."""
        return [name for name in self._at(moment).counts if name]

    def _basis(self, inputs: tuple[str, ...], moment: Moment) -> "_Basis":
        seen = self._at(moment).bases
        if inputs not in seen:
            there = [each for each in inputs if self.upto(each, moment)]
            seen[inputs] = _Basis(
                worst(self.status(each, moment) for each in there) if there else (Status.UNKNOWN if inputs else Status.FRESH),
                max((when for each in there if (when := self.updated(each, moment))), default=None),
                max((day for each in there if (day := self.last_day(each, moment)) is not None), default=None),
            )
        return seen[inputs]

    def _why_unknown(self, inputs: Sequence[str], moment: Moment) -> str:
        missing = [each for each in inputs if not self.upto(each, moment)]
        return f"{NO_DATA}: {', '.join(missing)}" if missing else "too little history"

    def _at(self, moment: Moment) -> "_Seen":
        if self._seen.at != moment.at:
            self._seen = _Seen(moment.at)
        return self._seen


@dataclass(frozen=True, slots=True)
class _Basis:
    status: Status
    updated: datetime | None
    day: int | None


class _Seen:
    """What was found out about one moment: many Readings rest on the same series."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.counts: dict[str, int] = {}
        self.statuses: dict[str, Status] = {}
        self.bases: dict[tuple[str, ...], _Basis] = {}


def worst(statuses: Iterable[Status]) -> Status:
    """The gravest of several statuses."""
    return max(statuses, key=WORST_LAST.index)


def panel_as_known(panel: Panel, as_of: datetime) -> Panel:
    """The panel with the leading observations of each series that were known at an instant."""
    at = moment_of(as_of).at
    return Panel(as_of, {name: _leading(track, at) for name, track in panel.tracks.items()})


def _leading(track: Track, at: int) -> Track:
    n = int(np.searchsorted(np.maximum.accumulate(track.first_known_at), at, side="right"))
    columns = (track.days, track.values, track.known_at, track.fetched_at, track.first_known_at)
    return make_track(track.series, track.source, *(column[:n] for column in columns))


def _date(day: int | None) -> date | None:
    return None if day is None else from_day(day)
