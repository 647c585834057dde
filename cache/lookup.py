"""Quick answers to small questions about observations, without numpy. Days are numbers since 1970, instants UTC seconds."""

from collections.abc import Mapping
from sqlite3 import Connection

import msgspec

from ..feeds.series import Series
from .preference import Age, choose

_OF_FEED = "WHERE source = (SELECT id FROM sources WHERE name = ?)"


class Newest(msgspec.Struct, frozen=True):
    """The newest observation of a series from a source; `value` in the series' unit."""

    source: str
    day: int
    value: float
    known_at: int
    fetched_at: int
    day_count: int  # how many days the source has of the series


def newest_by_source(connection: Connection) -> Mapping[str, Mapping[str, Newest]]:
    """The newest observation by series and feed."""
    out: dict[str, dict[str, Newest]] = {}
    for series_id, *row in connection.execute(
        "SELECT series.name, sources.name, day, value, known_at, fetched_at, day_count FROM latest"
        " JOIN series ON series.id = latest.series JOIN sources ON sources.id = latest.source"
    ):
        out.setdefault(series_id, {})[row[0]] = Newest(*row)
    return out


def choose_newest(series: Series, found: Mapping[str, Newest], now: int, age: Age) -> Newest | None:
    """Of the newest observations of a series by feed, the one of the feed that stands for it."""
    source = choose(series, {f: n.day for f, n in found.items()}, lambda feed: found[feed].day_count, now, age)
    return found[source] if source else None


def newest_days(connection: Connection, feed: str) -> Mapping[str, int]:
    """The newest day of every series that the feed has given."""
    rows = connection.execute(
        f"SELECT series.name, day FROM latest JOIN series ON series.id = latest.series {_OF_FEED}",
        (feed,),
    )
    return dict(rows.fetchall())


def asked_at(connection: Connection, feed: str) -> Mapping[str, int]:
    """When the feed was last asked for each series."""
    rows = connection.execute(
        f"SELECT series.name, at FROM asked JOIN series ON series.id = asked.series {_OF_FEED}",
        (feed,),
    )
    return dict(rows.fetchall())


def known_rows(connection: Connection, series: str, source: str, as_of: int, first: int) -> dict[int, tuple[int, float, int]]:
    """(known_at, value, fetched_at) by day, from the day `first` on: of each day the last row known at `as_of`."""
    rows = connection.execute(
        "SELECT day, known_at, value, fetched_at FROM observations WHERE series = (SELECT id FROM series WHERE name = ?)"
        " AND source = (SELECT id FROM sources WHERE name = ?) AND day >= ? AND known_at <= ? ORDER BY day, known_at",
        (series, source, first, as_of),
    )
    return {day: (known_at, value, fetched_at) for day, known_at, value, fetched_at in rows}
