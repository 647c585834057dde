"""Boards made by other processes: the real ones, on the simulated market."""

import asyncio
import os
import signal
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from bondtop.cache.demo import demo_store
from bondtop.feeds import demo
from bondtop.signals.board import decode
from bondtop.tui import evaluation
from bondtop.tui.boardmaker import REST_S, BoardMaker, NoBoard, make_board
from bondtop.tui.config import Config
from demo_boards import demo_cache

DAY, DAY_BEFORE = date(2026, 5, 20), date(2026, 5, 19)
DAY_BEFORE_NOW = demo.NOW - timedelta(days=1)
PATIENCE_S = 60


class World:
    def __init__(self, folder: Path) -> None:
        self.folder, self.second = folder, 0.0
        self.maker = BoardMaker(Config(), folder, demo=True, seconds=lambda: self.second)

    @property
    def pid(self) -> int | None:
        """Of the process kept for travel."""
        return self.maker._traveller and self.maker._traveller._process.pid


async def gone(pid: int) -> None:
    """Wait for a process's end."""
    async with asyncio.timeout(PATIENCE_S):
        with suppress(ProcessLookupError):
            while True:
                os.kill(pid, 0)
                await asyncio.sleep(0.02)


@pytest.fixture
async def world(tmp_path):
    demo_cache(tmp_path)
    made = World(tmp_path)
    yield made
    await made.maker.close()


async def test_a_board_of_now_is_stored_and_its_process_gone(world):
    with demo_store(world.folder) as store:
        store.put_board(b"an earlier one", DAY_BEFORE_NOW)
    found = await world.maker.now()
    with demo_store(world.folder) as store:
        body, at = store.board()
    assert decode(body) == found
    assert at == found.as_of == demo.NOW
    assert world.pid is None


async def test_one_process_is_kept_for_travel_made_anew_with_every_board_of_now_and_let_go_at_rest(world):
    assert (await world.maker.at(DAY)).as_of.date() == DAY
    first = world.pid
    assert (await world.maker.at(DAY_BEFORE)).as_of.date() == DAY_BEFORE
    assert world.pid == first
    await world.maker.now()
    second = world.pid
    assert second not in (None, first)
    await gone(first)
    assert (await world.maker.at(DAY)).as_of.date() == DAY
    world.maker.rest()
    assert world.pid == second  # somebody is on the way
    world.second += REST_S + 1
    world.maker.rest()
    assert world.pid is None
    await gone(second)
    await world.maker.at(DAY)
    world.second += evaluation.IDLE_S + 1
    third = world.pid
    await world.maker.now()
    assert world.pid == third  # it ends by itself, and nobody needs another


async def test_whatever_ended_it_the_next_question_gets_its_own_answer(world):
    await world.maker.at(DAY)
    killed = world.pid
    os.kill(killed, signal.SIGKILL)
    assert (await world.maker.at(DAY_BEFORE)).as_of.date() == DAY_BEFORE
    assert world.pid != killed
    with suppress(TimeoutError):
        async with asyncio.timeout(0.001):  # somebody who no longer waits
            await world.maker.at(date(2026, 1, 20))
    assert (await world.maker.at(DAY)).as_of.date() == DAY
    before = world.pid
    world.maker.use(Config())
    await gone(before)
    await world.maker.at(DAY)
    last = world.pid
    world.maker._traveller._stdin.transport.abort()  # as the system does with whatever a killed process held
    await gone(last)


async def test_why_there_is_none_is_said(tmp_path):
    (tmp_path / "cache").write_text("no folder", encoding="utf-8")
    assert "cannot make" in await make_board(Config(), tmp_path / "cache")
    maker = BoardMaker(Config(), tmp_path / "cache")
    with pytest.raises(NoBoard, match="cannot make"):
        await maker.at(DAY)
    await maker.close()
