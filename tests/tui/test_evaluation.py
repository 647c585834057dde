"""Boards made beside the loop: each once, the next one ahead, and no History kept that nobody looks at."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from weakref import WeakSet

import pytest
from bondtop.feeds.clock import Clock
from bondtop.signals.board import decode
from bondtop.tui.evaluation import REMEMBERED, TRAVEL_S, Evaluator, Remembering
from bondtop.tui.source import end_of
from signal_boards import board as board_of

NOW = datetime(2026, 7, 1, 20, 0, tzinfo=UTC)  # a Wednesday


class Shelf:
    """What an Evaluator needs of a store; no series of its catalogue is a spread."""

    catalogue = ()

    def __init__(self, *, read_only=False, empty=False):
        self.read_only, self.kept, self._newest = read_only, [], {} if empty else {"us.10y": object()}

    def newest(self):
        return self._newest

    def put_board(self, body, at):
        self.kept.append((decode(body), at))


class Asked:
    """Boards, and when they were asked for."""

    def __init__(self, log):
        self.log = log

    def board(self, as_of):
        self.log.append(as_of)
        return board_of(as_of)


class World:
    def __init__(self, **shelf):
        self.second = int(NOW.timestamp())
        self.shelf, self.log, self.histories, self.made = Shelf(**shelf), [], WeakSet(), 0
        self.evaluator = Evaluator(self.shelf, Clock(lambda: self.second), self.make)

    def make(self, _store, _as_of):
        assert not self.histories  # the old one went before
        self.made += 1
        history = Asked(self.log)
        self.histories.add(history)
        return history

    async def step(self, day):
        """A step of replay; what it asked for itself, and what was made ahead of the next."""
        before = len(self.log)
        found = await self.evaluator.at(day)
        assert found.as_of == min(end_of(day), NOW)
        own = len(self.log)
        async with asyncio.timeout(10):
            while self.evaluator._soon is not None:  # noqa: ASYNC110  (a timer has no event; it leaves the screen time to be painted)
                await asyncio.sleep(0.005)
        await self.evaluator._in_thread(lambda: None)  # behind what is made ahead
        return self.log[before:own], self.log[own:]


@pytest.fixture
async def world():
    made = World()
    yield made
    made.evaluator.close()


async def test_a_board_of_now_is_stored(world):
    found = await world.evaluator.now()
    ((kept, at),) = world.shelf.kept
    assert kept == found and at == NOW


async def test_nothing_is_made_of_nothing_or_stored_where_nothing_may_be():
    nothing, readable = World(empty=True), World(read_only=True)
    assert await nothing.evaluator.now() is None and nothing.made == 0
    assert await readable.evaluator.now() is not None and readable.shelf.kept == []


async def test_a_history_is_kept_only_while_somebody_travels(world):
    await world.evaluator.now()
    assert not world.histories
    await world.step(date(2026, 6, 24))
    assert world.made == 2
    await world.evaluator.now()
    assert len(world.histories) == 1
    await world.step(date(2026, 6, 23))
    assert world.made == 3
    world.second += TRAVEL_S + 1
    await world.evaluator.now()
    assert not world.histories


async def test_a_board_made_elsewhere_renews_what_is_travelled_through_and_ends_what_is_not(world):
    await world.evaluator.keep_up()
    assert world.made == 0
    await world.step(date(2026, 6, 24))
    await world.evaluator.keep_up()
    assert world.made == 2 and len(world.histories) == 1
    world.second += TRAVEL_S + 1
    await world.evaluator.keep_up()
    assert world.made == 2 and not world.histories


async def test_a_step_in_either_direction_finds_its_boards_made(world):
    own, ahead = await world.step(date(2026, 6, 24))
    assert [at.date().day for at in (*own, *ahead)] == [24, 23, 22]
    assert await world.step(date(2026, 6, 23)) == ([], [end_of(date(2026, 6, 19))])
    assert await world.step(date(2026, 6, 22)) == ([], [end_of(date(2026, 6, 18))])
    assert await world.step(date(2026, 6, 23)) == ([], [])
    assert await world.step(date(2026, 6, 24)) == ([], [end_of(date(2026, 6, 25))])
    assert await world.step(date(2026, 6, 25)) == ([], [end_of(date(2026, 6, 26))])


async def test_nothing_is_foreseen_beyond_now(world):
    await world.step(date(2026, 6, 30))
    assert (await world.step(date(2026, 7, 1)))[1] == []
    assert max(world.log) == NOW


def test_the_oldest_board_is_forgotten():
    log = []
    boards = Remembering(Asked(log))
    times = [NOW - timedelta(days=n) for n in range(REMEMBERED + 1)]
    made = [boards.board(at) for at in times]
    assert all(boards.board(at) is one for at, one in zip(times[1:], made[1:], strict=True))
    assert len(log) == REMEMBERED + 1
    boards.board(times[0])
    assert len(log) == REMEMBERED + 2
