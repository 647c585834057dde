"""The live market without a network: who makes the Board of now, what is told of it, and what becomes of one that could not be made."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest
from bondtop.cache.lease import Lease
from bondtop.feeds.clock import Clock
from bondtop.feeds.errors import BondtopError
from bondtop.feeds.series import Answer, Column, Observations, Request, to_day
from bondtop.signals.board import Board, encode
from bondtop.tui import live, lookout
from bondtop.tui.boardmaker import NoBoard
from bondtop.tui.config import Config
from bondtop.tui.live import LEFT_ALONE_S, LiveSource
from bondtop.tui.paths import Paths
from bondtop.tui.source import Fresh, News, Trouble
from signal_boards import board as board_of

NOW = datetime(2026, 7, 1, 20, 0, tzinfo=UTC)


def board_at(at: datetime, line: str = "") -> Board:
    return msgspec.structs.replace(board_of(at, regime__markets=Config().markets.panel), line=line)


class HandMaker:
    """In place of the processes that make Boards."""

    def __init__(self) -> None:
        self.asked = self.rested = 0
        self.why = ""

    async def now(self) -> Board:
        self.asked += 1
        if self.why:
            raise NoBoard(self.why)
        return board_at(NOW, f"made {self.asked}")

    def rest(self) -> None:
        self.rested += 1


class World:
    def __init__(self, folder: Path) -> None:
        self.folder, self.second = folder, NOW.timestamp()
        self.source = LiveSource(Config(), Paths(folder / "config.toml", folder, folder, folder), Clock(lambda: self.second))
        self.maker = self.source._maker = HandMaker()
        self.store = self.source._store
        self.told: list[News] = []
        self.source._tell = self.told.append

    def know(self) -> None:
        """Something is stored."""
        column = Column([to_day(NOW.date()) - 1], [4.1])
        self.store.ingest("treasury", "nominal", Observations({"us.10y": column}), Answer(Request("nominal", "https://x/"), b"4.1", NOW))

    def holder_made(self, at: datetime, line: str) -> None:
        """Another process holds the lease and stores a Board."""
        self.store.put_board(encode(board_at(at, line)), at)

    @property
    def lines(self) -> list[str]:
        """Of the Boards told."""
        return [news.board.line for news in self.told if isinstance(news, Fresh)]

    @property
    def troubles(self) -> list[str]:
        return [news.text for news in self.told if isinstance(news, Trouble) and news.text]


@pytest.fixture
def world(tmp_path, monkeypatch):
    monkeypatch.delenv("BONDTOP_MIRROR", raising=False)
    monkeypatch.setattr(live, "BREATH_S", 0.0)
    monkeypatch.setattr(live, "PATIENCE_S", 0.0)
    made = World(tmp_path)
    yield made
    made.source._lease.release()
    made.store.close()


@pytest.fixture
def holding(world):
    assert world.source._lease.take()
    return world


@pytest.fixture
def following(world):
    other = Lease(world.folder)
    assert other.take()
    yield world
    other.release()


# ------------------------------------------------------------------------------------------------------------ one's own
async def test_of_nothing_no_board_is_made(holding):
    assert await holding.source._made() is None
    await holding.source._evaluate()
    assert (holding.maker.asked, holding.told) == (0, [])


async def test_what_the_process_made_is_told_and_taken_into_the_journal(holding):
    holding.know()
    taken = []
    holding.source._alerts.take = taken.append
    await holding.source._evaluate()
    assert holding.lines == ["made 1"]
    assert [board.line for board in taken] == ["made 1"]


async def test_why_none_could_be_made_is_said_and_what_is_shown_stays(holding):
    holding.know()
    holding.maker.why = "its process ended with code -9"
    with pytest.raises(BondtopError, match=r"^no Board could be made: its process ended with code -9$"):
        await holding.source._made()
    await holding.source._evaluate()
    assert holding.lines == []
    assert holding.troubles == ["no Board could be made: its process ended with code -9; the values shown stay"]
    holding.maker.why = ""
    await holding.source._evaluate()
    assert holding.lines == ["made 3"]
    assert holding.told[-2] == Trouble("")


async def test_a_clock_that_jumped_has_all_ages_worked_out_anew(holding, monkeypatch):
    """After a sleep, or when the time was learnt."""
    monkeypatch.setattr(lookout, "POLL_S", 0.01)
    asked = asyncio.Event()
    looking = asyncio.create_task(holding.source._look_around(SimpleNamespace(ask=asked.set)))
    for _ in range(20):  # a second from look to look is no jump
        holding.second += 1
        await asyncio.sleep(0.02)
    assert not asked.is_set()
    for jump in (3600.0, -3600.0):
        holding.second += jump
        async with asyncio.timeout(30):
            await asked.wait()
        asked.clear()
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking


# ------------------------------------------------------------------------------------------------------------- another's
async def test_a_follower_shows_the_holders_boards_each_once_and_makes_none(following):
    following.know()
    for minute, line in enumerate(("first", "first", "second")):
        following.holder_made(NOW, line)
        following.second = NOW.timestamp() + minute
        await following.source._evaluate()
    assert following.lines == ["first", "second"]
    assert (following.maker.asked, following.maker.rested) == (0, 2)


async def test_a_follower_makes_its_own_when_the_holder_has_made_none_for_long_or_of_other_markets(following):
    following.know()
    following.holder_made(NOW - timedelta(seconds=LEFT_ALONE_S + 1), "old")
    await following.source._evaluate()
    following.store.put_board(encode(msgspec.structs.replace(board_of(NOW, regime__markets=("us",)), line="other")), NOW)
    await following.source._evaluate()
    assert following.lines == ["made 1", "made 2"]
