"""What was known at an instant, as arrays."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import date, datetime

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..feeds.catalogue import default_catalogue
from ..feeds.series import Series, to_day
from .answers import second

_NO_DAY = -(2**31)
Choose = Callable[[sqlite3.Connection, Series, int], str | None]
Reading = Callable[[], AbstractContextManager[sqlite3.Connection]]


class Track(msgspec.Struct, frozen=True, eq=False):
    """One series as it was known, oldest first, all from one source; read-only arrays of one length.

    days: since 1970-01-01, strictly ascending. values: in the series' unit. known_at, fetched_at: of that value, UTC seconds.
    first_known_at: when a first value of that day was known, whatever became of it.
    """

    series: str
    source: str  # "" when nothing was known
    days: NDArray[np.int32]
    values: NDArray[np.float64]
    known_at: NDArray[np.int64]
    fetched_at: NDArray[np.int64]
    first_known_at: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.days)


class Panel(msgspec.Struct, frozen=True, eq=False):
    """The tracks of many series, as known at `as_of`."""

    as_of: datetime
    tracks: Mapping[str, Track]

    def __getitem__(self, series_id: str) -> Track:
        """The track of a series; an empty one when nothing is known of it.

        Raises:
            CatalogueError: there is no such series; the message offers the nearest ids.
        """
        track = self.tracks.get(series_id)
        return empty_track(default_catalogue()[series_id].id) if track is None else track


def make_track(
    series: str,
    source: str,
    days: ArrayLike,
    values: ArrayLike,
    known_at: ArrayLike,
    fetched_at: ArrayLike,
    first_known_at: ArrayLike | None = None,
) -> Track:
    """A track with its arrays made read-only; arrays of the right type are not copied. Without `first_known_at` nothing was revised."""
    track = Track(
        series,
        source,
        np.asarray(days, np.int32),
        np.asarray(values, np.float64),
        np.asarray(known_at, np.int64),
        np.asarray(fetched_at, np.int64),
        np.asarray(known_at if first_known_at is None else first_known_at, np.int64),
    )
    for array in (track.days, track.values, track.known_at, track.fetched_at, track.first_known_at):
        array.setflags(write=False)
    return track


def empty_track(series: str) -> Track:
    """A track of a series of which nothing is known."""
    return make_track(series, "", (), (), (), ())


class Histories:
    """Every row of the series read so far, so that the next panel reads only what has grown.

    The number of rows ever written of a series from a source names its state. Twenty-eight bytes a row.
    """

    def __init__(self) -> None:
        self._held: dict[tuple[int, int], tuple[int, _History]] = {}

    def panel(self, connection: sqlite3.Connection, series: Iterable[Series], as_of: datetime, since: date | None, choose: Choose) -> Panel:
        """What was known at `as_of` of each of the series, from the source chosen for it, from the day `since` on.

        Args:
            connection: within a read transaction, so that all tracks are of one state.
        """
        at, first, state = second(as_of), None if since is None else to_day(since), _State(connection)
        return Panel(as_of, {one.id: self._track(connection, state, one, at, first, choose) for one in series})

    def panel_on_demand(self, reading: Reading, series: Iterable[Series], as_of: datetime, choose: Choose) -> Panel:
        """The same, with each track read when it is first asked for.

        Args:
            reading: every time the same state of the database.
        """
        at = second(as_of)
        with reading() as connection:
            state = _State(connection)

        def read(one: Series) -> Track:
            with reading() as connection:
                return self._track(connection, state, one, at, None, choose)

        return Panel(as_of, _OnDemand({one.id: one for one in series}, read))

    def hold(self, key: tuple[int, int], days: ArrayLike, values: ArrayLike, known_at: ArrayLike, fetched_at: int) -> None:
        """All rows of a (series, source), as they were just written: they need not be read again. Oldest day first, none twice."""
        at = np.array(known_at, np.int64)
        rows = _History(np.array(days, np.int32), np.array(values, np.float64), at, np.full(len(at), fetched_at, np.int64))
        self._held[key] = len(at), rows

    def _track(
        self, connection: sqlite3.Connection, state: "_State", series: Series, at: int, first: int | None, choose: Choose
    ) -> Track:
        source = choose(connection, series, at)
        if source is None:
            return empty_track(series.id)
        key = state.numbers[series.id], state.sources[source]
        return self._history(connection, key, state.written[key]).track(series.id, source, at, first)

    def _history(self, connection: sqlite3.Connection, key: tuple[int, int], count: int) -> "_History":
        written, held = self._held.get(key, (None, None))
        if held is None or written != count:
            held = _read(connection, key)
            self._held[key] = count, held
        return held


class _State:
    """The numbers of series and sources, and how many rows were ever written of each pair."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.numbers: dict[str, int] = dict(connection.execute("SELECT name, id FROM series").fetchall())
        self.sources: dict[str, int] = dict(connection.execute("SELECT name, id FROM sources").fetchall())
        self.written = {
            (number, source): count for number, source, count in connection.execute("SELECT series, source, written FROM latest")
        }


class _OnDemand(Mapping[str, Track]):
    """Tracks that are read when they are first asked for."""

    def __init__(self, series: Mapping[str, Series], read: Callable[[Series], Track]) -> None:
        self._series, self._read = series, read
        self._tracks: dict[str, Track] = {}

    def __getitem__(self, series_id: str) -> Track:
        found = self._tracks.get(series_id)
        if found is None:
            found = self._tracks[series_id] = self._read(self._series[series_id])
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._series)

    def __len__(self) -> int:
        return len(self._series)


_ROW = np.dtype([("day", np.int32), ("value", np.float64), ("known_at", np.int64), ("fetched_at", np.int64)])


def _read(connection: sqlite3.Connection, key: tuple[int, int]) -> "_History":
    """All rows of a (series, source)."""
    found = connection.execute(
        "SELECT day, value, known_at, fetched_at FROM observations WHERE series = ? AND source = ? ORDER BY day, known_at", key
    )
    rows = np.fromiter(found, _ROW)
    return _History(*(rows[name].copy() for name in ("day", "value", "known_at", "fetched_at")))


class _History:
    """All rows of a series from a source, by day and then by the instant at which they became known."""

    def __init__(
        self, days: NDArray[np.int32], values: NDArray[np.float64], known_at: NDArray[np.int64], fetched_at: NDArray[np.int64]
    ) -> None:
        for column in (days, values, known_at, fetched_at):
            column.setflags(write=False)
        self.days, self.values, self.known_at, self.fetched_at = days, values, known_at, fetched_at
        self._complete_at = int(known_at.max(initial=0))
        self._has_revisions = bool((days[1:] == days[:-1]).any())
        self._first_known_at = known_at[np.searchsorted(days, days)] if self._has_revisions else known_at

    def track(self, series: str, source: str, as_of: int, first: int | None) -> Track:
        """Each day's last value that was known at `as_of`, from the day `first` on."""
        start = 0 if first is None else int(np.searchsorted(self.days, first))
        rows: slice | NDArray[np.intp] = slice(start, None)
        if self._has_revisions or as_of < self._complete_at:
            known = start + np.flatnonzero(self.known_at[start:] <= as_of)
            next_day = np.append(self.days[known[1:]], _NO_DAY)
            rows = known[self.days[known] != next_day[: len(known)]]
        columns = (self.days, self.values, self.known_at, self.fetched_at, self._first_known_at)
        return make_track(series, source, *(column[rows] for column in columns))
