"""The simulated market as the monitor runs it: a process begun before the loop makes the first Board; a stored one is not made again."""

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import pytest
from bondtop.cache.demo import demo_store
from bondtop.cache.errors import CacheError
from bondtop.cache.marks import StoredMark
from bondtop.feeds import apart, demo
from bondtop.tui.boardmaker import BoardMaker
from bondtop.tui.demo_source import DemoSource
from bondtop.tui.source import Fresh
from demo_boards import demo_board, demo_cache

PATIENCE_S = 120  # of a busy machine


async def first_told(source: DemoSource) -> Fresh:
    """Run it until there is a Board."""
    told: asyncio.Queue[object] = asyncio.Queue()
    running = asyncio.create_task(source.run(told.put_nowait))
    try:
        while not isinstance(one := await asyncio.wait_for(told.get(), PATIENCE_S), Fresh):
            pass
        return one
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """A simulated market whose Board is stored."""
    return demo_cache(tmp_path)


@contextmanager
def opened(folder: Path) -> Iterator[DemoSource]:
    """A source, closed at the end of the block though it may never have run."""
    source = DemoSource(folder)
    try:
        yield source
    finally:
        source._store.close()


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process may be started."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(apart, "start_now", refuse)
    monkeypatch.setattr(BoardMaker, "_start", refuse)


def test_the_first_board_is_made_by_one_process_that_then_ends(tmp_path: Path) -> None:
    with opened(tmp_path) as source:
        assert source.first() is None
        process = source._ahead
        assert process is not None and process.poll() is None, "it works while Textual is loaded"
        board = asyncio.run(first_told(source)).board
        assert board.demo and board.as_of == demo.NOW
        assert process.wait(PATIENCE_S) == -signal.SIGKILL, "it was not left waiting for more questions"
        assert source.first() == board


def test_a_stored_board_is_not_made_again(made: Path, nobody: None) -> None:
    with opened(made) as source:
        assert asyncio.run(first_told(source)).board == source.first() == demo_board()


def test_after_a_mark_it_is(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def made_anew(_: BoardMaker) -> object:
        return "anew"

    monkeypatch.setattr(BoardMaker, "now", made_anew)
    mark = StoredMark("S1", "met", "somebody", demo.NOW, demo.NOW.date() + timedelta(30))
    with opened(made) as source:
        asyncio.run(source.keep_mark(mark))
        assert asyncio.run(first_told(source)).board == "anew"


def test_a_process_that_breaks_down_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def made_anew(_: BoardMaker) -> object:
        return "anew"

    monkeypatch.setattr(BoardMaker, "now", made_anew)
    with opened(tmp_path) as source:
        assert source._ahead is not None
        source._ahead.kill()
        assert asyncio.run(first_told(source)).board == "anew"


def test_a_board_of_another_version_is_no_board(made: Path, nobody: None) -> None:
    with demo_store(made) as store:
        store.put_board(b'{"version":0}', demo.NOW)
    with opened(made) as source:
        assert source.first() is None


def test_a_folder_that_cannot_be_written_is_said_at_once(tmp_path: Path, nobody: None) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CacheError, match="cannot"):
        DemoSource(tmp_path / "file")


def test_a_day_of_the_past_is_asked_of_a_process(made: Path) -> None:
    async def asked() -> date:
        with opened(made) as source:
            try:
                return (await asyncio.wait_for(source.board_at(date(2024, 8, 5)), PATIENCE_S)).as_of.date()
            finally:
                await source._maker.close()

    assert asyncio.run(asked()) == date(2024, 8, 5)
