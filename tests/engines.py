"""A world for the engine: a clock that only waiting moves, and providers that do as they are told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from bondtop.cache.engine import Engine, Progress
from bondtop.cache.health import Health
from bondtop.cache.store import Store
from bondtop.feeds import calendars
from bondtop.feeds.catalogue import Catalogue, parse_catalogue
from bondtop.feeds.clock import Clock
from bondtop.feeds.errors import FeedError
from bondtop.feeds.feed import Feed
from bondtop.feeds.series import Answer, Column, Need, Observations, Request, from_day, to_day

TUESDAY = datetime(2026, 6, 30, 20, tzinfo=UTC)
START = date(2026, 6, 1)
DUE = 18  # hours after midnight UTC at which a weekday's value is published
ENTRY = """
[[series]]
id = "{id}"
title = "{id}"
unit = "%"
frequency = "{frequency}"
sources = ["{feed}:{id}"]
calendar = "weekdays"
published = "+0 18:00 UTC"
tolerance = 3
range = [0, 1000]
"""


def catalogue(**series: str) -> Catalogue:
    """Series by id, each with its feed ("one", or "one event")."""
    entries = {i: (*text.split(), "daily")[:2] for i, text in series.items()}
    return parse_catalogue("".join(ENTRY.format(id=i, feed=feed, frequency=kind) for i, (feed, kind) in entries.items()), "test")


class Plain(Feed):
    """One question a series and a half-year of history, or one for what is new. An answer is lines of "day value"."""

    title = licence = ""
    hosts = ("example.org",)
    questions = 1  # questions that a series' history takes

    def requests(self, need: Need) -> Iterable[Request]:
        for series_id, since in need.since.items():
            if since is not None:
                yield Request(f"{series_id} new", f"https://example.org/{series_id}?{since}", series_id)
            else:
                for piece in range(self.questions):
                    yield Request(f"{series_id} {piece}", f"https://example.org/{series_id}/{piece}", series_id)

    def read(self, answer: Answer) -> Observations:
        rows = [line.split() for line in answer.body.decode().splitlines()]
        if not rows:
            return Observations({})
        return Observations({answer.request.reader: Column([int(d) for d, _ in rows], [float(v) for _, v in rows])})


class One(Plain):
    name = "one"


class Two(Plain):
    name = "two"


class Pieces(Plain):
    name = "pieces"
    questions = 6


class Batches(Pieces):
    name = "batches"
    batch = 2


class Quotes(Plain):
    name = "quotes"
    live = True


class Buggy(Plain):
    name = "buggy"

    def read(self, answer: Answer) -> Observations:
        raise KeyError("close")


FEEDS: Mapping[str, type[Plain]] = {c.name: c for c in (One, Two, Pieces, Batches, Quotes, Buggy)}


@dataclass
class World:
    """The time, and what the providers know and do. `asked` is (hours since the start, feed, part)."""

    folder: Path
    catalogue: Catalogue
    now: float = TUESDAY.timestamp()
    asked: list[tuple[float, str, str]] = field(default_factory=list)
    trouble: Callable[[str, str], FeedError | None] = lambda feed, part: None
    late_h: float = 0.0  # providers publish that much later than they should
    frozen: float = float("inf")  # their files have not changed since
    ends: float = float("inf")
    over: asyncio.Event = field(default_factory=asyncio.Event)
    hang: bool = False
    steps: list[Progress] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.began = self.now

    # what the engine is given
    async def fetch(self, request: Request, *, feed: str) -> Answer:
        self.asked.append(((self.now - self.began) / 3600, feed, request.part))
        await asyncio.sleep(0)
        if self.hang:
            await asyncio.sleep(3600)
        if error := self.trouble(feed, request.part):
            raise error
        since = request.url.partition("?")[2]
        rows = [f"{d} {self.value(d)}" for d in self.days(date.fromisoformat(since) if since else START)]
        return Answer(request, "\n".join(rows).encode(), datetime.fromtimestamp(self.now, UTC), len(rows))

    async def sleep(self, seconds: float) -> None:
        if self.now >= self.ends:
            self.over.set()
            await asyncio.sleep(3600)
        self.now += seconds
        await asyncio.sleep(0)

    # what is true
    def days(self, since: date) -> list[int]:
        """Weekdays from `since` whose value is out."""
        today = to_day(datetime.fromtimestamp(self.now, UTC).date())
        out = min(self.now - self.late_h * 3600, self.frozen)
        return [d for d in range(to_day(max(since, START)), today + 1) if from_day(d).weekday() < 5 and d * 86400 + DUE * 3600 <= out]

    @staticmethod
    def value(day: int) -> float:
        return float(day % 97)

    # the engine
    @asynccontextmanager
    async def engine(self, **options: Any) -> AsyncIterator[tuple[Engine, Store]]:
        feeds = {name: FEEDS[name](self.catalogue.of_feed(name)) for name in self.catalogue.feeds}
        with Store.open(self.folder, catalogue=self.catalogue, rules=calendars) as store:
            made = Engine(
                feeds,
                store,
                self,
                self.catalogue,
                Clock(lambda: self.now),
                on_progress=self.steps.append,
                sleep=self.sleep,
                jitter=lambda: 0.0,
                **options,
            )
            async with made.running():
                yield made, store

    async def once(self, **options: Any) -> dict[str, Health]:
        async with self.engine() as (engine, _):
            return await engine.once(**options)

    async def follow(self, days: float, **options: Any) -> None:
        """Let the engine run for that long."""
        self.ends, self.over = self.now + days * 86400, asyncio.Event()
        async with self.engine(**options) as (engine, _):
            work = asyncio.create_task(engine.follow())
            await asyncio.wait({work, asyncio.create_task(self.over.wait())}, timeout=60, return_when=asyncio.FIRST_COMPLETED)
            assert not work.done(), work
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work

    def stored(self) -> dict[str, dict[int, float]]:
        """Values by series and day."""
        with Store.open(self.folder, catalogue=self.catalogue, rules=calendars, read_only=True) as store:
            later = datetime.fromtimestamp(self.now, UTC) + timedelta(days=1)
            return {s.id: {to_day(o.date): o.value for o in store.observations(s.id, later)} for s in self.catalogue}

    def whole(self, series_id: str) -> bool:
        """Whether everything that is out is stored, and nothing else."""
        return self.stored()[series_id] == {d: self.value(d) for d in self.days(START)}

    def parts(self) -> list[str]:
        return [part for _, _, part in self.asked]


async def until(happened: Callable[[], bool]) -> None:
    """Let the others run until it has."""
    async with asyncio.timeout(30):
        while not happened():  # noqa: ASYNC110  (nobody can set an event here: it is the engine under test that moves)
            await asyncio.sleep(0.001)
