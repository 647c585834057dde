"""The refresh engine for ever: weeks of it, on a clock that only waiting moves; and its end."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from bondtop.cache import engine as engine_module
from bondtop.cache.engine import Stage
from bondtop.cache.health import OPEN_AFTER, FeedState, backoff_s
from bondtop.cache.store import Store
from bondtop.feeds.errors import RateLimited, Unreachable, WrongFormat
from engines import DUE, START, World, catalogue, until


@pytest.fixture(autouse=True)
def _long_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an hour at a time: the tests simulate weeks."""
    monkeypatch.setattr(engine_module, "_LONGEST_SLEEP_S", 1800.0)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., World]:
    return lambda **series: World(tmp_path, catalogue(**series))


Make = Callable[..., World]


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


async def test_without_any_feed_it_waits_rather_than_ends(make: Make) -> None:
    """Whoever restarts it when it ends would never rest."""
    async with make().engine() as (engine, _):
        work = asyncio.create_task(engine.follow())
        done, _ = await asyncio.wait({work}, timeout=0.5)
        assert not done
        work.cancel()
        await asyncio.wait({work}, timeout=5)
        assert work.cancelled()


# -------------------------------------------------------------------------------------------------------------- back-off
def test_back_off_doubles_to_an_hour_and_never_undercuts_the_provider() -> None:
    assert [backoff_s(n, None, 0.0) for n in (1, 2, 3, 7, 8, 50)] == [60, 120, 240, 3600, 3600, 3600]
    assert backoff_s(1, None, 0.999) < 75
    assert backoff_s(1, 900.0, 0.5) == 900.0
    assert backoff_s(9, 5.0, 0.0) == 3600
