"""The key `e`: another process exports what is shown, and a toast says where."""

import asyncio
import sys
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime
from pathlib import Path

import pytest
from bondtop.cache.demo import demo_store
from bondtop.feeds.errors import BondtopError
from bondtop.tui.app import Monitor
from bondtop.tui.exporting import _run, exporter
from bondtop.tui.paths import Paths
from demo_boards import demo_board
from handboards import BUILT
from sources import HandSource

PATIENCE_S = 60


@asynccontextmanager
async def running(board, export):
    source = HandSource(board)
    app = Monitor(source)
    app.exporter = export
    async with app.run_test(size=(120, 40)) as pilot:
        await asyncio.wait_for(source.started.wait(), PATIENCE_S)
        await pilot.pause()
        yield app, pilot


def toasts(app: Monitor) -> list[str]:
    return [str(each.message) for each in app._notifications]


async def toast(app: Monitor, pilot, words: str) -> str:
    async with asyncio.timeout(PATIENCE_S):
        while not (found := [each for each in toasts(app) if words in each]):
            await pilot.pause(0.02)
    return found[0]


class Kept:
    """An exporter that waits to be let go."""

    def __init__(self) -> None:
        self.asked: list[tuple[datetime, date | None]] = []
        self.go = asyncio.Event()

    async def __call__(self, named_after: datetime, day: date | None) -> Path:
        self.asked.append((named_after, day))
        await self.go.wait()
        return Path("/exports/there")


async def test_it_exports_once_at_a_time_and_says_where():
    export = Kept()
    async with running(demo_board(), export) as (app, pilot):
        await pilot.press("e", "e")
        assert await toast(app, pilot, "under way")
        export.go.set()
        assert await toast(app, pilot, "exported:") == "exported: /exports/there"
        assert export.asked == [(BUILT, None)]
        await pilot.press("e")
        async with asyncio.timeout(PATIENCE_S):
            while len(export.asked) < 2:
                await pilot.pause(0.02)


async def test_in_replay_it_exports_that_day():
    export = Kept()
    export.go.set()
    async with running(demo_board(), export) as (app, pilot):
        app.travel(date(2026, 1, 20))
        async with asyncio.timeout(PATIENCE_S):
            while app.day is None:
                await pilot.pause(0.02)
        await pilot.press("e")
        await toast(app, pilot, "exported:")
        assert export.asked == [(app.view.board.as_of, date(2026, 1, 20))]


async def test_a_failure_is_said_in_words():
    async def export(named_after, day):
        raise BondtopError("/x: No space left on device")

    async with running(demo_board(), export) as (app, pilot):
        await pilot.press("e")
        assert await toast(app, pilot, "not exported") == "not exported: /x: No space left on device"


@pytest.mark.parametrize("board", [None, demo_board])
async def test_without_a_board_or_a_place_there_is_nothing_to_export(board):
    async with running(board and board(), Kept() if board is None else None) as (app, pilot):
        await pilot.press("e")
        assert await toast(app, pilot, "nothing to export")


# ------------------------------------------------------------------------------------------------- the other process
@pytest.fixture
def paths(tmp_path) -> Paths:
    demo_store(tmp_path / "cache" / "demo").close()
    return Paths(tmp_path / "config.toml", tmp_path / "cache", tmp_path / "state", tmp_path / "log")


async def test_the_process_writes_a_folder_of_its_own_for_the_day(paths):
    folder = await asyncio.wait_for(exporter(paths, demo=True)(datetime(2026, 5, 12, 23, 59), date(2026, 5, 12)), PATIENCE_S)  # noqa: DTZ001
    assert folder == paths.state / "exports" / "demo-2026-05-12-2359"
    page = (folder / "demo-brief.html").read_text()
    assert "DEMO" in page and "REPLAY: a past day, as known at the end of 2026-05-12" in page
    assert (folder / "pictures" / "demo-monitor.svg").exists() and not (folder / "demo-series.csv").exists()


async def test_what_the_process_says_last_is_why(paths):
    (paths.state / "exports").mkdir(parents=True)
    (paths.state / "exports" / "demo-2026-05-12-2359").write_text("mine")
    with pytest.raises(BondtopError, match="demo-2026-05-12-2359"):
        await asyncio.wait_for(exporter(paths, demo=True)(datetime(2026, 5, 12, 23, 59), None), PATIENCE_S)  # noqa: DTZ001


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
async def test_the_process_ends_with_us():
    before = children()
    task = asyncio.create_task(_run(sys.executable, "-c", "import time; time.sleep(3600)"))
    async with asyncio.timeout(PATIENCE_S):
        while not (found := children() - before):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert not children() & found


def children() -> set[int]:
    """The processes of this test that run."""
    found: set[int] = set()
    for task in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError):  # a thread that has ended since
            found |= {int(pid) for pid in (task / "children").read_text().split()}
    return found
