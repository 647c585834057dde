"""The refresh engine: one round of every feed."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

import pytest
from bondtop.cache import engine as engine_module
from bondtop.cache.engine import Stage
from bondtop.cache.errors import CacheError
from bondtop.cache.health import FeedState, Health
from bondtop.feeds.errors import Unreachable, WrongFormat
from bondtop.feeds.series import to_day
from engines import START, TUESDAY, Pieces, World, catalogue, until


@pytest.fixture(autouse=True)
def _long_sleeps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half an hour at a time: the tests simulate weeks."""
    monkeypatch.setattr(engine_module, "_LONGEST_SLEEP_S", 1800.0)


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., World]:
    return lambda **series: World(tmp_path, catalogue(**series))


Make = Callable[..., World]


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


async def test_a_long_history_comes_in_batches_an_hour_apart(make: Make) -> None:
    world = make(a="batches")
    assert (await world.once())["batches"].state is FeedState.OK
    assert world.parts() == ["a 0", "a 1"]
    await world.once()
    assert len(world.asked) == 2  # too soon
    world.now += 3600
    await world.once()
    assert world.parts() == ["a 0", "a 1", "a 2", "a 3"]
    world.asked.clear()
    await world.follow(days=0.7)  # up to noon of the next day: nothing new is out
    assert world.parts() == ["a 4", "a 5"]
    world.asked.clear()
    await world.follow(days=0.5)
    assert world.parts() == ["a new"]  # the history is whole


async def test_a_history_that_comes_in_batches_does_not_keep_news_away(make: Make) -> None:
    world = make(a="batches")
    await world.once()
    world.now += 86400
    await world.once()
    assert world.parts() == ["a 0", "a 1", "a new", "a 2", "a 3"]


async def test_a_cache_from_before_a_longer_history_asks_for_the_rest(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    world = make(a="pieces")
    await world.once()
    world.now += 86400
    world.asked.clear()
    monkeypatch.setattr(Pieces, "history", 2)
    await world.once()
    assert world.parts() == ["a new", *(f"a {i}" for i in range(6))]
    world.asked.clear()
    await world.once()
    assert world.asked == []


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
