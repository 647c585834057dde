"""Which of its sources speaks for a series at an instant. The whole history comes from that one: no change crosses a switch of source."""

import sqlite3
from collections.abc import Callable, Mapping

from ..feeds.series import Series

Age = Callable[[Series, int, int], int]  # business days between a day and an instant (UTC seconds)
FALLBACK_OBSERVATIONS = 300  # fewer are no history to compute from


def choose(series: Series, newest: Mapping[str, int], count: Callable[[str], int], as_of: int, age: Age) -> str | None:
    """The feed whose observations stand for the series, None when none of its feeds has any.

    The first feed in catalogue order, unless that is stale and a later one is fresher and has a history: then that one, fresh ones first.

    Args:
        newest: the newest day of each feed that has data.
        count: how many days a feed has; called only when it matters.
        as_of: the instant (UTC seconds).
    """

    def stale(feed: str) -> bool:
        return age(series, newest[feed], as_of) > series.tolerance

    able = [source.feed for source in series.sources if source.feed in newest]
    if len(able) < 2 or not stale(able[0]):
        return able[0] if able else None
    fresher = [feed for feed in able[1:] if newest[feed] > newest[able[0]] and count(feed) >= FALLBACK_OBSERVATIONS]
    return min(fresher, key=stale, default=able[0])


def chosen_source(connection: sqlite3.Connection, series: Series, as_of: int, age: Age) -> str | None:
    """`choose` from what was known at `as_of` (UTC seconds); what became known later does not count."""

    def count(feed: str) -> int:
        return int(connection.execute(f"SELECT count(DISTINCT day) {_KNOWN}", (series.id, feed, as_of)).fetchone()[0])

    newest: dict[str, int] = {}
    for source in series.sources:
        if row := connection.execute(f"SELECT day {_KNOWN} ORDER BY day DESC LIMIT 1", (series.id, source.feed, as_of)).fetchone():
            newest[source.feed] = row[0]
    return choose(series, newest, count, as_of, age)


_KNOWN = (
    "FROM observations WHERE series = (SELECT id FROM series WHERE name = ?)"
    " AND source = (SELECT id FROM sources WHERE name = ?) AND known_at <= ?"
)
