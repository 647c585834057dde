"""Helpers for tests of the store: a small catalogue, plain rules, answers made by hand."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bondtop.cache.ingest import Ingested
from bondtop.cache.store import Store
from bondtop.feeds.catalogue import Catalogue, parse_catalogue
from bondtop.feeds.series import Answer, Column, Observations, Request, Series

DAY = 86400
DUE = 18 * 3600  # seconds after midnight UTC at which a day's value is published, in these tests

_ENTRY = """
[[series]]
id = "{id}"
title = "{id}"
unit = "%"
frequency = "daily"
sources = [{sources}]
calendar = "always"
published = "+0 18:00 UTC"
tolerance = 3
range = [-1000, 1000]
{more}
"""


def catalogue(**series: str) -> Catalogue:
    """Series by id, each with its feeds in order ("first second"); a leading "revised " marks a series that is re-estimated."""
    text = ""
    for series_id, feeds in series.items():
        revised, feeds = feeds.startswith("revised "), feeds.removeprefix("revised ")
        sources = ", ".join(f'"{feed}:{series_id}"' for feed in feeds.split())
        text += _ENTRY.format(id=series_id, sources=sources, more="revised = true" if revised else "")
    return parse_catalogue(text, "test")


class PlainRules:
    """Every day is a business day and its value is due at 18:00 UTC."""

    def known_at(self, series: Series, day: int) -> int:
        return day * DAY + DUE

    def age(self, series: Series, day: int, now: int) -> int:
        return max(0, now // DAY - day)


def at(day: int, hours: float = 20) -> datetime:
    """An instant on a day number; 20:00 UTC is after publication."""
    return datetime.fromtimestamp(0, UTC) + timedelta(days=day, hours=hours)


def answer(part: str, when: datetime, body: bytes, **validators: str) -> Answer:
    """What a client would have brought."""
    return Answer(Request(part, "https://example.org/"), body, when, **validators)


def put(
    store: Store,
    when: datetime,
    values: Mapping[int, float] | Mapping[str, Mapping[int, float]],
    *,
    feed: str = "first",
    part: str = "all",
    running: bool = False,
    hold: bool = False,
) -> Ingested:
    """Ingest values by day (of the series `x`), or by series and day."""
    by_series: Any = values if any(isinstance(k, str) for k in values) else {"x": values}
    columns = {i: Column(sorted(v), [v[d] for d in sorted(v)]) for i, v in by_series.items()}
    return store.ingest(feed, part, Observations(columns), answer(part, when, repr(values).encode()), running=running, hold=hold)


def open_store(folder: Path, **options: Any) -> Store:
    """A store with plain rules; series `x` from `first`, then `second`, unless another catalogue is given."""
    return Store.open(folder, **({"catalogue": catalogue(x="first second", y="first"), "rules": PlainRules()} | options))


def rows(store: Store) -> list[tuple[int, float, int]]:
    """(day, value, known_at) of all that is stored, in order."""
    with store._database.reading() as connection:
        return connection.execute("SELECT day, value, known_at FROM observations ORDER BY series, source, day, known_at").fetchall()
