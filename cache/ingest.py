"""Turning what an answer says into new rows, or refusing all of it.

An answer is compared with what the same source said before. What is equal is not written again; what is new or revised becomes a row with
the instant at which the world, or at least we, could know it. An answer that contradicts the past too much is refused whole.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from itertools import chain, repeat
from statistics import median

import msgspec

from ..feeds.catalogue import Catalogue
from ..feeds.errors import BadDates, OutOfRange
from ..feeds.series import Column, Observations, Series, from_day
from .answers import find_question, note_success
from .schema import identify

KnownAt = Callable[[Series, int], int]
_ROWS_AT_ONCE = 30  # three places each: well under SQLite's oldest limit of 999
_SAME_SERIES_OVERLAP = 20  # observations that must overlap before one series can be told from another
_ROUNDING = 0.001  # of the larger of the value and the series' usual size
_INTO = (  # "?1" said it shorter, but Python 3.12.0 to 3.12.3 takes that for a name
    "WITH same(series, source, fetched) AS (VALUES (?, ?, ?)), each(day, known, value) AS (VALUES {})"
    " INSERT INTO observations (series, source, fetched_at, day, known_at, value)"
    " SELECT series, source, fetched, day, known, value FROM same CROSS JOIN each"
)
_ONE_ROW, _MANY_ROWS = (_INTO.format(", ".join(["(?, ?, ?)"] * rows)) for rows in (1, _ROWS_AT_ONCE))


class First(msgspec.Struct, frozen=True):
    """All that is known of a series from a source, once its first answer is stored. The columns run side by side."""

    series: int
    source: int
    days: Sequence[int]
    values: Sequence[float]
    known_at: Sequence[int]
    fetched_at: int


class Ingested(msgspec.Struct, frozen=True):
    """What became of an answer: counts of observations, for each series in it the newest day of the answer, and those seen first."""

    new: int
    revised: int
    unchanged: int
    newest: Mapping[str, int]
    first: Sequence[First] = ()


class _Reach(msgspec.Struct, frozen=True):
    """The first and the newest day that a question has brought of a series, and when it was last answered (UTC seconds)."""

    first: int
    newest: int
    last_success: int


class _Difference(msgspec.Struct, frozen=True):
    """One series of an answer against what is stored of it: the last known value of each day. Days and values run side by side."""

    series: Series
    number: int
    column: Column
    stored: Mapping[int, float]
    reach: _Reach | None
    new: Column
    revised: Column

    def overlap(self) -> list[tuple[float, float]]:
        """(value said now, value stored) of the days that are in both."""
        said = zip(self.column.days, self.column.values, strict=True)
        return [(value, self.stored[day]) for day, value in said if day in self.stored]


class _Times(dict[int, int]):
    """Publication instants of one rule by day, each computed once: families of series share their rule and their days."""

    def __init__(self, known_at: KnownAt, series: Series) -> None:
        self._known_at, self._series = known_at, series

    def __missing__(self, day: int) -> int:
        at = self[day] = self._known_at(self._series, day)
        return at


def ingest(
    connection: sqlite3.Connection,
    feed: str,
    part: str,
    observations: Observations,
    fetched: int,
    catalogue: Catalogue,
    known_at: KnownAt,
    *,
    running: bool = False,
) -> Ingested:
    """Store what is new in an answer, within the caller's transaction.

    `known_at` of a day that is seen for the first time is when the publication rule says it appeared, or when we got it if that was
    earlier; or when we got it if the same question had been answered since the rule's time, without that day. A changed value is known
    since we got it.

    Args:
        part: names the question within the feed.
        fetched: when the answer came (UTC seconds).
        known_at: the publication rule, as UTC seconds of a series and a day; it must depend on the series' calendar, frequency and
            publication only.
        running: the answer holds quotes of days that still run. What such a day said before its own publication time was never
            published: the next value takes its place instead of standing beside it, or a day of quotes would leave a thousand rows.

    Raises:
        BadDates: the answer ends before an earlier answer to the same question.
        OutOfRange: its values disagree with the stored ones by a factor of about 100, or nearly everywhere.
        CatalogueError: a series that the catalogue does not have.
    """
    source = identify(connection, "sources", feed)
    before = find_question(connection, feed, part)
    question = note_success(connection, feed, part, fetched)
    asked_at = before.last_success if before else 0
    differences = [_compare(connection, catalogue[name], column, source, question, asked_at) for name, column in observations]
    for difference in differences:
        _refuse_regress(difference)
        _refuse_other_unit(difference)
        _refuse_other_series(difference)
    rules: dict[object, _Times] = {}
    first: list[First] = []
    for d in differences:
        times = rules.setdefault((d.series.publication, d.series.calendar, d.series.frequency), _Times(known_at, d.series))
        if running:
            _forget_running(connection, d, source, times)
        known = _first_known(d, times, fetched) + _revised_known(connection, d, source, fetched)
        if known:
            _write(connection, d, source, known, fetched)
            if _is_all(connection, d, source):
                first.append(First(d.number, source, d.new.days, d.new.values, known, fetched))
        _extend_reach(connection, d, question)
    new, revised = sum(len(d.new) for d in differences), sum(len(d.revised) for d in differences)
    return Ingested(new, revised, len(observations) - new - revised, {d.series.id: d.column.days[-1] for d in differences}, first)


def _compare(connection: sqlite3.Connection, series: Series, column: Column, source: int, question: int, asked_at: int) -> _Difference:
    number = identify(connection, "series", series.id)
    reach = connection.execute("SELECT first, newest FROM reach WHERE part = ? AND series = ?", (question, number)).fetchone()
    rows = connection.execute(
        "SELECT day, value FROM observations WHERE series = ? AND source = ? AND day BETWEEN ? AND ? ORDER BY day, known_at",
        (number, source, column.days[0], column.days[-1]),
    ).fetchall()
    stored: dict[int, float] = dict(rows)  # of several rows of a day the one known last stays
    nothing = Column((), ())
    new, revised = column, nothing
    if stored:
        said = dict(zip(column.days, column.values, strict=True))
        new = nothing
        if said != stored:
            new = _column({day: value for day, value in said.items() if day not in stored})
            revised = _column({day: value for day, value in said.items() if stored.get(day, value) != value})
    return _Difference(series, number, column, stored, _Reach(reach[0], reach[1], asked_at) if reach else None, new, revised)


def _column(values: Mapping[int, float]) -> Column:
    return Column(list(values), list(values.values()))


def _refuse_regress(d: _Difference) -> None:
    if d.reach and d.column.days[-1] < d.reach.newest:
        ends, had = from_day(d.column.days[-1]), from_day(d.reach.newest)
        raise BadDates(f"{d.series.id}: newest {ends} is older than {had} we already have")


def _refuse_other_unit(d: _Difference) -> None:
    if len(d.revised) < 2:
        return
    ratios = [value / was for value, was in d.overlap() if value and was]
    ratio = median(ratios) if ratios else 1.0
    if 50 <= ratio <= 200:
        raise OutOfRange(f"{d.series.id}: values {ratio:.0f} times the ones we have: another unit?")
    if 1 / 200 <= ratio <= 1 / 50:
        raise OutOfRange(f"{d.series.id}: values 1/{1 / ratio:.0f} of the ones we have: another unit?")


def _refuse_other_series(d: _Difference) -> None:
    if d.series.revised or len(d.revised) <= _SAME_SERIES_OVERLAP / 2:
        return
    overlap = d.overlap()
    usual = median(abs(was) for _, was in overlap)
    differing = sum(abs(value - was) > _ROUNDING * max(abs(was), usual) for value, was in overlap)
    if len(overlap) >= _SAME_SERIES_OVERLAP and differing > len(overlap) / 2:
        raise OutOfRange(f"{d.series.id}: {differing} of {len(overlap)} values differ from the ones we have: another series' file?")


def _first_known(d: _Difference, times: _Times, fetched: int) -> list[int]:
    """When the new days became known (UTC seconds)."""
    due = list(map(times.__getitem__, d.new.days))
    reach = d.reach
    if reach is None:
        return list(map(min, due, repeat(fetched)))
    # Looked for after it was due and not there: late. But nobody had looked for a day before the first that was ever asked for.
    return [
        fetched if reach.last_success >= at and day > reach.first else min(at, fetched) for day, at in zip(d.new.days, due, strict=True)
    ]


def _revised_known(connection: sqlite3.Connection, d: _Difference, source: int, fetched: int) -> list[int]:
    """When the revised values became known: now, but later than what they replace even if our clock went back (UTC seconds)."""
    last = "SELECT coalesce(max(known_at), 0) FROM observations WHERE series = ? AND source = ? AND day = ?"
    return [max(fetched, connection.execute(last, (d.number, source, day)).fetchone()[0] + 1) for day in d.revised.days]


def _forget_running(connection: sqlite3.Connection, d: _Difference, source: int, times: _Times) -> None:
    """Take out what revised days said before they were published."""
    connection.executemany(
        "DELETE FROM observations WHERE series = ? AND source = ? AND day = ? AND known_at < ?",
        [(d.number, source, day, times[day]) for day in d.revised.days],
    )


def _write(connection: sqlite3.Connection, d: _Difference, source: int, known: Sequence[int], fetched: int) -> None:
    days, values = [*d.new.days, *d.revised.days], [*d.new.values, *d.revised.values]
    _insert(connection, (d.number, source, fetched), list(chain.from_iterable(zip(days, known, values, strict=True))))
    newest = max(range(len(days)), key=days.__getitem__)
    connection.execute(
        "INSERT INTO latest (series, source, first, day, known_at, value, fetched_at, day_count, written)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (series, source) DO UPDATE SET first = min(first, excluded.first),"
        " known_at = iif(excluded.day >= day, excluded.known_at, known_at), value = iif(excluded.day >= day, excluded.value, value),"
        " fetched_at = iif(excluded.day >= day, excluded.fetched_at, fetched_at), day = max(day, excluded.day),"
        " day_count = day_count + excluded.day_count, written = written + excluded.written",
        (d.number, source, min(days), days[newest], known[newest], values[newest], fetched, len(d.new), len(days)),
    )


def _is_all(connection: sqlite3.Connection, d: _Difference, source: int) -> bool:
    """Whether what the answer brought of the series is all that was ever written of it from the source."""
    if d.stored:
        return False
    (written,) = connection.execute("SELECT written FROM latest WHERE series = ? AND source = ?", (d.number, source)).fetchone()
    return bool(written == len(d.new))


def _insert(connection: sqlite3.Connection, same: tuple[int, int, int], cells: Sequence[float]) -> None:
    """Many rows a statement, and the same two statements for every series: one by one, a long history takes twice as long.

    Args:
        same: series, source and fetched_at of all rows.
        cells: day, known_at and value, row after row.
    """
    step = 3 * _ROWS_AT_ONCE
    whole = len(cells) - len(cells) % step
    connection.executemany(_MANY_ROWS, ((*same, *cells[i : i + step]) for i in range(0, whole, step)))
    connection.executemany(_ONE_ROW, ((*same, *cells[i : i + 3]) for i in range(whole, len(cells), 3)))


def _extend_reach(connection: sqlite3.Connection, d: _Difference, question: int) -> None:
    connection.execute(
        "INSERT INTO reach (part, series, first, newest) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (part, series) DO UPDATE SET first = min(first, excluded.first), newest = max(newest, excluded.newest)",
        (question, d.number, d.column.days[0], d.column.days[-1]),
    )
