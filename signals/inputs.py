"""The cache as the parts of a Board see it: own observations of each series, how many of them were known at an instant, and Readings."""

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from ..cache.panel import Panel, Track, make_track
from ..cache.status import Status
from ..feeds.catalogue import Catalogue, default_catalogue
from ..feeds.series import to_day
from .board import Input, Reading
from .known import NO_DATA, Newest, Numbers, Seen, Table, worst
from .settings import Settings
from .stats import Days, Floats

__all__ = ["Inputs", "Moment", "Numbers", "moment_of", "panel_as_known", "worst"]


class Moment(msgspec.Struct, frozen=True):
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
        self._series = Table(panel, self.catalogue)
        self._seen = Seen(0, self._series)

    def track(self, series_id: str) -> Track:
        """All that the panel holds of a series."""
        return self._series[series_id].track

    def native(self, series_id: str) -> tuple[Days, Floats]:
        """Own observations of a series, oldest first; the whole history, whatever the moment. "" is a series nobody publishes."""
        track = self._series[series_id].track
        return track.days, track.values

    def seen(self, moment: Moment) -> Seen:
        """What has been found out about a moment: one object until another moment is asked about."""
        return self._at(moment)

    def upto(self, series_id: str, moment: Moment) -> int:
        """How many of the leading observations were known at the moment."""
        return self._at(moment)[series_id].n

    def counts(self, series: Sequence[str], moment: Moment) -> tuple[int, ...]:
        """`upto` of several series."""
        return tuple([each.n for each in map(self._at(moment).__getitem__, series)])

    def known_from(self, series_id: str) -> NDArray[np.int64]:
        """Since when each observation and all before it were known, UTC seconds, never decreasing."""
        return self._series[series_id].known_from

    def known(self, series_id: str, moment: Moment) -> tuple[Days, Floats]:
        """Own observations known at the moment."""
        n, track = self._at(moment)[series_id].n, self._series[series_id].track
        return track.days[:n], track.values[:n]

    def newest(self, series_id: str, moment: Moment) -> Newest:
        """All that was known of a series' newest observation at the moment, and what it is worth."""
        return self._at(moment)[series_id]

    def last_day(self, series_id: str, moment: Moment) -> int | None:
        """The day of the newest observation known at the moment."""
        return self._at(moment)[series_id].day

    def last_value(self, series_id: str, moment: Moment) -> float | None:
        """The newest value known at the moment."""
        return self._at(moment)[series_id].value

    def status(self, series_id: str, moment: Moment) -> Status:
        """What a series is worth at the moment."""
        return self._at(moment)[series_id].status

    def found(self, ids: Sequence[str], moment: Moment) -> tuple[Newest, ...]:
        """All that is said of the newest observations of several series: equal to that of another moment while nothing new is known."""
        return tuple(map(self._at(moment).__getitem__, ids))

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

    def numbers(self, inputs: Sequence[str], moment: Moment, *, day: int | None = None, proxy: bool = False) -> Numbers:
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
        seen = self._at(moment)
        return {name: seen[name].health for name in sorted(seen) if name}

    def _at(self, moment: Moment) -> Seen:
        if self._seen.at != moment.at:
            self._seen = Seen(moment.at, self._series)
        return self._seen


def panel_as_known(panel: Panel, as_of: datetime) -> Panel:
    """The panel with the leading observations of each series that were known at an instant."""
    at = moment_of(as_of).at
    return Panel(as_of, {name: _leading(track, at) for name, track in panel.tracks.items()})


def _leading(track: Track, at: int) -> Track:
    n = int(np.searchsorted(np.maximum.accumulate(track.first_known_at), at, side="right"))
    columns = (track.days, track.values, track.known_at, track.fetched_at, track.first_known_at)
    return make_track(track.series, track.source, *(column[:n] for column in columns))
