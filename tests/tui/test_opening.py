"""The two stages of the start: what is asked before the market is made waits for it."""

import argparse
import asyncio
import gc
import logging
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from bondtop.cache.errors import CacheError
from bondtop.tui import monitor
from bondtop.tui.cli import Call
from bondtop.tui.config import Config
from bondtop.tui.opening import Opening
from bondtop.tui.paths import Paths
from bondtop.tui.sessions import end_of
from bondtop.tui.source import Fresh, News, Trouble
from handboards import full
from sources import HandSource, StillClock


def opened(make, *, is_demo: bool = False) -> Opening:
    return Opening(full(), ("boc",), StillClock(), make, is_demo=is_demo)


async def running(opening: Opening, told: list[News]) -> asyncio.Task[None]:
    return asyncio.create_task(opening.run(told.append))


async def ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_what_is_asked_early_waits_for_the_market():
    market, told = HandSource(full()), list[News]()
    opening = opened(lambda: market)
    assert opening.first() == full()
    assert opening.feeds() == ("boc",)
    assert "in a moment" in opening.refresh(None)
    asked = asyncio.create_task(opening.board_at(date(2026, 1, 20)))
    await asyncio.sleep(0)
    assert not asked.done() and market.asked == []
    task = await running(opening, told)
    assert (await asked).as_of == end_of(date(2026, 1, 20))
    await market.started.wait()
    assert opening.feeds() == market.feeds()
    assert opening.refresh("fred") == market.refresh("fred")
    market.send(Fresh(full()))
    assert told == [Fresh(full())]
    await ended(task)


async def test_the_market_is_made_off_the_loop():
    loops: list[bool] = []

    def make() -> HandSource:
        with suppress(RuntimeError):
            loops.append(asyncio.get_running_loop() is not None)
        return market

    market = HandSource(full())
    task = await running(opened(make), [])
    await market.started.wait()
    assert loops == []
    await ended(task)


async def test_a_market_that_cannot_be_made_is_said():
    def make() -> HandSource:
        raise CacheError("the disk under it fails")

    told: list[News] = []
    await opened(make).run(told.append)
    assert told == [Trouble("the disk under it fails")]


@pytest.fixture
def call(tmp_path: Path):
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield Call(argparse.Namespace(debug=False), Paths(tmp_path / "c.toml", tmp_path / "cache", tmp_path / "state", tmp_path / "log"))
    root.setLevel(level)
    for handler in [h for h in root.handlers if h not in before]:
        root.removeHandler(handler)
        handler.close()


@pytest.mark.parametrize("stored", [True, False], ids=["a Board stored", "nothing stored"])
async def test_garbage_is_collected_again_once_the_screen_stands(call, stored):
    made: list[HandSource] = []

    def make() -> HandSource:
        made.append(HandSource(full()))
        return made[-1]

    gc.disable()
    try:
        opening = monitor._opening(call, Config(), full() if stored else None, ("boc",), StillClock(), make, is_demo=False)
        assert opening.first() == full()
        assert len(made) == (0 if stored else 1), "what is wrong with an empty cache is said before there is a screen"
        assert not gc.isenabled()
        task = await running(opening, [])
        await opening.health()
        assert gc.isenabled()
        assert len(made) == 1
        await ended(task)
    finally:
        gc.enable()
        gc.unfreeze()
