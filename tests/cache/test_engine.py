"""The refresh engine, with a clock that only waiting moves and providers that do as they are told."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from bondtop.cache import engine as engine_module
from bondtop.cache.engine import Engine, Progress, Stage
from bondtop.cache.errors import CacheError
from bondtop.cache.health import OPEN_AFTER, FeedState, Health, backoff_s
from bondtop.cache.store import Store
from bondtop.feeds import calendars
from bondtop.feeds.catalogue import Catalogue, parse_catalogue
from bondtop.feeds.clock import Clock
from bondtop.feeds.errors import FeedError, RateLimited, Unreachable, WrongFormat
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


class Quotes(Plain):
    name = "quotes"
    live = True


class Buggy(Plain):
    name = "buggy"

    def read(self, answer: Answer) -> Observations:
        raise KeyError("close")


FEEDS: Mapping[str, type[Plain]] = {c.name: c for c in (One, Two, Pieces, Quotes, Buggy)}


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


@pytest.fixture(autouse=True)
def _long_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an hour at a time: the tests simulate weeks."""
    monkeypatch.setattr(engine_module, "_LONGEST_SLEEP_S", 1800.0)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., World]:
    return lambda **series: World(tmp_path, catalogue(**series))


Make = Callable[..., World]


async def until(happened: Callable[[], bool]) -> None:
    """Let the others run until it has."""
    async with asyncio.timeout(30):
        while not happened():  # noqa: ASYNC110  (nobody can set an event here: it is the engine under test that moves)
            await asyncio.sleep(0.001)


# ------------------------------------------------------------------------------------------------------------------ once
async def test_fills_an_empty_cache_and_asks_nothing_twice(make: Make) -> None:
    world = make(a="one", b="one", c="two")
    health = await world.once()
    assert [i for i in "abc" if not world.whole(i)] == []
    assert sorted(world.parts()) == ["a 0", "b 0", "c 0"]
    assert {h.state for h in health.values()} == {FeedState.OK}
    assert health["one"].as_of == to_day(TUESDAY.date())
    assert health["one"].rows_new == 2 * len(world.days(START))
    world.asked.clear()
    again = await world.once()
    assert world.asked == []
    assert again == health


async def test_a_day_later_asks_only_for_what_is_due(make: Make) -> None:
    world = make(a="one", b="one event", c="two")
    await world.once()
    world.asked.clear()
    world.now += 20 * 3600  # Wednesday 16:00: nothing is out yet
    await world.once()
    assert world.asked == []
    world.now += 3 * 3600
    health = await world.once()
    assert sorted(world.parts()) == ["a new", "b new", "c new"]
    assert health["two"].rows_new == 1
    assert [i for i in "abc" if not world.whole(i)] == []


async def test_only_the_named_feeds(make: Make) -> None:
    world = make(a="one", c="two")
    assert set(await world.once(names=["two"])) == {"two"}
    assert world.parts() == ["c 0"]


async def test_full_asks_for_everything_again_and_stores_nothing_twice(make: Make) -> None:
    world = make(a="pieces")
    await world.once()
    world.asked.clear()
    health = await world.once(full=True)
    assert len(world.asked) == 6
    assert health["pieces"].rows_new == 0


async def test_says_every_step(make: Make) -> None:
    world = make(a="one")
    await world.once()
    assert [s.stage for s in world.steps] == [Stage.ASKING, Stage.ANSWER, Stage.DONE]
    assert world.steps[-1].rows_new == len(world.days(START))
    world.steps.clear()
    await world.once()
    assert [s.stage for s in world.steps] == [Stage.RESTING]


# -------------------------------------------------------------------------------------------------------------- failures
async def test_a_failing_feed_costs_the_others_nothing(make: Make) -> None:
    world = make(a="one", c="two")
    world.trouble = lambda feed, part: Unreachable("connection refused") if feed == "one" else None
    health = await world.once()
    assert (health["one"].state, health["one"].reason) == (FeedState.FAILING, "a 0: connection refused")
    assert health["one"].next_due == int(world.now) + 60
    assert health["two"].state is FeedState.OK
    assert world.whole("c")


async def test_the_last_good_values_stay(make: Make) -> None:
    world = make(a="one")
    await world.once()
    before = world.stored()
    world.now += 86400
    world.trouble = lambda feed, part: WrongFormat("HTML instead of CSV")
    health = (await world.once())["one"]
    assert world.stored() == before
    assert health.last_success == int(world.now - 86400)
    assert health.as_of == to_day(TUESDAY.date())
    world.trouble = lambda feed, part: None
    assert (await world.once())["one"].reason == ""
    assert world.whole("a")


async def test_one_failed_question_does_not_cost_the_others_of_its_feed(make: Make) -> None:
    world = make(a="one", b="one")
    world.trouble = lambda feed, part: WrongFormat("HTML instead of CSV") if part.startswith("a") else None
    health = (await world.once())["one"]
    assert (health.state, health.reason) == (FeedState.FAILING, "a 0: HTML instead of CSV")
    assert health.last_success == int(world.now)
    assert world.whole("b")


async def test_a_silent_host_is_not_asked_all_the_other_questions(make: Make) -> None:
    world = make(a="pieces")
    world.trouble = lambda feed, part: Unreachable("connected, then silence")
    health = (await world.once())["pieces"]
    assert len(world.asked) == 1
    assert health.reason == "a 0 and 5 more: connected, then silence"


async def test_a_bug_of_ours_is_said_and_contained(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    world = make(a="buggy", c="two")
    health = await world.once()
    assert health["buggy"].reason == "internal error, please report: KeyError: 'close'"
    assert "Traceback" in caplog.text
    assert world.whole("c")


async def test_a_store_that_cannot_be_written_is_said_and_contained(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make(a="one", c="two")
    async with world.engine() as (engine, store):
        put = store.put_health

        def fails(health: Health) -> None:
            if health.feed == "one":
                raise CacheError("disk full: nothing was stored")
            put(health)

        monkeypatch.setattr(store, "put_health", fails)
        health = await engine.once()
    assert (health["one"].state, health["one"].reason) == (FeedState.FAILING, "disk full: nothing was stored")
    assert health["two"].state is FeedState.OK
    assert world.steps[-1].feed in ("one", "two")


async def test_a_store_that_fails_does_not_end_following(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make(a="one")
    world.ends = world.now + 3 * 86400
    async with world.engine() as (engine, store):
        newest, broken_until = store.newest_days, world.now + 86400

        def fails(feed: str) -> Mapping[str, int]:
            if world.now < broken_until:
                raise CacheError("the disk fails")
            return newest(feed)

        monkeypatch.setattr(store, "newest_days", fails)
        work = asyncio.create_task(engine.follow())
        await asyncio.wait_for(world.over.wait(), 60)
        assert not work.done()
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
    assert world.whole("a")


# ----------------------------------------------------------------------------------------------- an interrupted filling
async def test_an_interrupted_filling_goes_on_where_it_stopped(make: Make) -> None:
    world = make(a="pieces")
    async with world.engine() as (engine, _):
        work = asyncio.create_task(engine.once())
        await until(lambda: len(world.asked) >= 4)
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
    first = world.parts()
    world.asked.clear()
    health = await world.once()
    assert health["pieces"].state is FeedState.OK
    assert set(first[:-1]) & set(world.parts()) == set()
    assert set(first) | set(world.parts()) == {f"a {i}" for i in range(6)}


async def test_a_filling_that_failed_in_part_asks_again_for_that_part_alone(make: Make) -> None:
    world = make(a="pieces")
    world.trouble = lambda feed, part: WrongFormat("HTML instead of CSV") if part == "a 3" else None
    assert (await world.once())["pieces"].state is FeedState.FAILING
    world.asked.clear()
    world.trouble = lambda feed, part: None
    assert (await world.once())["pieces"].state is FeedState.OK
    assert world.parts() == ["a 3"]
    world.asked.clear()
    await world.once()
    assert world.asked == []


async def test_a_history_that_never_becomes_whole_does_not_keep_news_away(make: Make) -> None:
    world = make(a="pieces")
    world.trouble = lambda feed, part: WrongFormat("HTML instead of CSV") if part == "a 3" else None
    await world.once()
    for _ in range(3):
        world.now += 86400
        world.asked.clear()
        await world.once()
        assert world.parts() == ["a new", "a 3"]
        assert world.whole("a")


# ---------------------------------------------------------------------------------------------------------------- follow
async def test_follows_for_two_weeks_and_asks_once_a_release(make: Make) -> None:
    world = make(a="one", c="two")
    await world.follow(14)
    assert world.whole("a")
    assert world.whole("c")
    for feed in ("one", "two"):
        at = [hours for hours, name, _ in world.asked if name == feed]
        assert len(at) == 1 + 10
        since_due = [(hours + 20 - DUE) % 24 for hours in at[1:]]
        assert all(0 <= h <= 0.6 for h in since_due), since_due


async def test_a_release_that_is_late_costs_a_few_questions(make: Make) -> None:
    world = make(a="one")
    await world.once()
    world.asked.clear()
    world.late_h = 0.25
    await world.follow(1.2)
    assert 2 <= len(world.asked) <= 3
    assert world.whole("a")


async def test_a_frozen_provider_is_asked_a_few_times_a_day(make: Make) -> None:
    world = make(a="one")
    await world.once()
    world.asked.clear()
    world.frozen = world.now
    await world.follow(10)
    assert world.whole("a")
    assert 30 <= len(world.asked) <= 45


async def test_a_failing_provider_is_left_alone_for_longer_and_longer(make: Make) -> None:
    world = make(a="one")
    world.trouble = lambda feed, part: Unreachable("connection refused")
    await world.follow(1)
    at = [hours * 60 for hours, _, _ in world.asked]
    gaps = [later - earlier for earlier, later in pairwise(at)]
    assert [round(g) for g in gaps[:6]] == [1, 2, 4, 8, 16, 32]
    assert all(55 <= g <= 95 for g in gaps[7:])
    assert len(at) < 35


async def test_recovers_by_itself_once_the_fault_is_gone(make: Make) -> None:
    world = make(a="pieces")
    heal = world.now + 5 * 3600
    world.trouble = lambda feed, part: WrongFormat("HTML instead of CSV") if world.now < heal else None
    await world.follow(0.5)
    assert world.whole("a")
    with Store.open(world.folder, catalogue=world.catalogue, read_only=True) as store:
        (health,) = store.health()
    assert (health.state, health.failures, health.reason) == (FeedState.OK, 0, "")


async def test_an_open_circuit_is_probed_with_one_question(make: Make) -> None:
    world = make(a="pieces")
    world.trouble = lambda feed, part: WrongFormat("HTML instead of CSV")
    await world.follow(0.3)
    with Store.open(world.folder, catalogue=world.catalogue, read_only=True) as store:
        (health,) = store.health()
    assert health.state is FeedState.OPEN
    assert health.failures > OPEN_AFTER
    rounds: dict[float, int] = {}
    for hours, _, _ in world.asked:
        rounds[hours] = rounds.get(hours, 0) + 1
    assert list(rounds.values())[:OPEN_AFTER] == [6] * OPEN_AFTER
    assert set(list(rounds.values())[OPEN_AFTER:]) == {1}


async def test_a_provider_s_own_wish_is_respected(make: Make) -> None:
    world = make(a="one")
    world.trouble = lambda feed, part: RateLimited("HTTP 429 Too Many Requests", 429, 7200.0) if len(world.asked) == 1 else None
    await world.follow(0.4)
    at = [hours for hours, _, _ in world.asked]
    assert len(at) == 2
    assert 2.0 <= at[1] <= 2.6


async def test_asking_now_does_not_wait_for_the_back_off(make: Make) -> None:
    world = make(a="one")
    world.trouble = lambda feed, part: RateLimited("HTTP 429", 429, 86000.0) if len(world.asked) == 1 else None
    world.ends = world.now + 86400
    async with world.engine() as (engine, _):
        work = asyncio.create_task(engine.follow())
        await until(lambda: any(s.stage is Stage.FAILED for s in world.steps))
        engine.ask_now("one")
        engine.ask_now("nobody")
        await until(lambda: any(s.stage is Stage.DONE for s in world.steps))
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
    assert world.asked[1][0] < 12


async def test_quotes_are_asked_on_their_own_interval_while_their_market_moves(make: Make) -> None:
    world = make(a="quotes")
    world.now = world.began = datetime(2026, 6, 30, 14, tzinfo=UTC).timestamp()
    await world.follow(10 / 60 / 24, quote_interval_s=60)
    assert 9 <= len(world.asked) <= 12


async def test_the_interval_is_never_under_fifteen_seconds(make: Make) -> None:
    world = make(a="quotes")
    world.now = world.began = datetime(2026, 6, 30, 14, tzinfo=UTC).timestamp()
    await world.follow(10 / 60 / 24, quote_interval_s=1)
    assert 35 <= len(world.asked) <= 42


async def test_no_quotes_are_asked_for_on_a_sunday(make: Make) -> None:
    world = make(a="quotes")
    world.now = world.began = datetime(2026, 6, 28, 9, tzinfo=UTC).timestamp()
    await world.follow(0.4)
    assert len(world.asked) == 1


@pytest.mark.parametrize("jump_days", [-400, -2, -0.1, 0.5, 3, 400])
async def test_a_clock_that_jumps_starts_no_storm(make: Make, jump_days: float) -> None:
    world = make(a="one")
    await world.once()
    world.asked.clear()
    world.now += jump_days * 86400
    began = world.now
    await world.follow(2)
    assert len(world.asked) <= 12
    if jump_days > 0:
        assert world.whole("a")
    assert world.now - began >= 2 * 86400


# ---------------------------------------------------------------------------------------------------------- cancellation
@pytest.mark.parametrize("awaits", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55])
async def test_can_be_cancelled_at_any_await(make: Make, awaits: int) -> None:
    world = make(a="pieces", b="one")
    async with world.engine() as (engine, _):
        work = asyncio.create_task(engine.once())
        for _ in range(awaits):
            await asyncio.sleep(0.0005 if awaits > 3 else 0)
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
    stored = world.stored()
    assert all(values in ({}, {d: world.value(d) for d in world.days(START)}) for values in stored.values())
    await world.once()
    assert world.whole("a")
    assert world.whole("b")


@pytest.mark.parametrize("awaits", [1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 34, 37, 40])
async def test_following_stops_wherever_it_is_told_to(make: Make, awaits: int) -> None:
    world = make(a="one", c="two")
    await world.once()
    async with world.engine() as (engine, _):
        work = asyncio.create_task(engine.follow())
        await until(lambda: world.now > world.began)
        for _ in range(awaits):
            await asyncio.sleep(0)
        work.cancel()
        await asyncio.wait({work}, timeout=5)
        assert work.cancelled()


async def test_stopping_takes_no_time(make: Make) -> None:
    world = make(a="one", c="two")
    world.hang = True
    async with world.engine() as (engine, _):
        work = asyncio.create_task(engine.follow())
        await until(lambda: len(world.asked) >= 2)
        started = time.monotonic()
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
    assert time.monotonic() - started < 1.0


# -------------------------------------------------------------------------------------------------------------- back-off
def test_back_off_doubles_to_an_hour_and_never_undercuts_the_provider() -> None:
    assert [backoff_s(n, None, 0.0) for n in (1, 2, 3, 7, 8, 50)] == [60, 120, 240, 3600, 3600, 3600]
    assert backoff_s(1, None, 0.999) < 75
    assert backoff_s(1, 900.0, 0.5) == 900.0
    assert backoff_s(9, 5.0, 0.0) == 3600
