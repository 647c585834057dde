"""The simulated market as a Source: one Board, any earlier day, no network, and time that stands still."""

import asyncio
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path

import msgspec

from ..cache.boards import Boards
from ..cache.demo import open_demo
from ..cache.health import FeedState, Health
from ..cache.journal import Entry
from ..cache.marks import Marks, StoredMark
from ..feeds import apart, demo
from ..feeds.clock import Clock
from ..feeds.errors import BondtopError
from ..feeds.series import to_day
from ..signals.board import Board, decode
from . import evaluation
from .boardmaker import BoardMaker, NoBoard
from .config import Config
from .histories import History as Line
from .histories import read_histories
from .source import Connection, Fresh, Tell, Trouble
from .stored import is_current


class DemoSource:
    """A store of its own in `directory`, which the process that makes the first Board fills from the scenario.

    At a first start that process is started at once, before Textual is even loaded: both take a second.
    """

    is_demo = True

    def __init__(self, directory: Path) -> None:
        self.clock = Clock(demo.NOW.timestamp)
        self._store = open_demo(directory)
        self._maker = BoardMaker(Config(), directory, demo=True)
        self._ahead = None if self._store.board() else _start(directory)
        self._tell: Tell = lambda _: None

    def first(self) -> Board | None:
        """The Board of the scenario's end, once it has been made."""
        kept = self._store.board()
        try:
            return decode(kept[0]) if kept else None
        except BondtopError:  # another version's
            return None

    def feeds(self) -> Sequence[str]:
        """The scenario."""
        return (demo.FEED,)

    async def run(self, tell: Tell) -> None:
        """Make the Board, then nothing: no value ever arrives."""
        self._tell = tell
        tell(Connection("simulated, no network"))
        try:
            try:
                tell(Fresh(self._current() or await self._made_ahead() or await self._maker.now()))
            except NoBoard as e:
                tell(Trouble(f"no Board could be made: {e}"))
            await asyncio.Event().wait()
        finally:
            self._store.close()
            await self._maker.close()

    def _current(self) -> Board | None:
        """The stored Board, unless something was judged since: time stands still here."""
        kept = self._store.board()
        boards = Boards(self._store.database)
        if kept is None or not is_current(boards, kept[0], Config(), self.clock, demo=True, settled_at=0.0):
            return None
        return decode(kept[0])

    async def _made_ahead(self) -> Board | None:
        """What the process started first has made; None without one, and when it has nothing to show."""
        if self._ahead is None:
            return None
        with self._ahead as process:
            assert process.stdout is not None
            try:
                answer = await asyncio.to_thread(process.stdout.readline)
            finally:
                process.kill()
        return decode(answer) if answer.startswith(b"{") else None

    async def board_at(self, day: date) -> Board:
        """The Board as known at the end of a day."""
        return await self._maker.at(day)

    async def last_visit(self) -> Board | None:
        """Nobody visits a simulated market twice."""
        return None

    async def histories(self, ids: Sequence[str], until: datetime) -> Mapping[str, Line]:
        """Series for charts."""
        return await read_histories(self._store, ids, until)

    async def health(self) -> Sequence[Health]:
        """Always well."""
        now = self.clock.seconds()
        return (Health(demo.FEED, FeedState.OK, now, now, now, as_of=to_day(demo.NOW.date())),)

    async def journal(self, limit: int, before: int | None = None) -> Sequence[Entry]:
        """Nothing ever happens."""
        return ()

    async def acknowledge(self) -> int:
        """Nothing to acknowledge."""
        return 0

    async def keep_mark(self, mark: StoredMark) -> None:
        """Keep it in the simulated market's own store."""
        await asyncio.to_thread(Marks(self._store.database).add, mark)
        self._tell(Fresh(await self._maker.now()))

    def refresh(self, feed: str | None) -> str:
        """Nothing to ask."""
        return "the simulated market asks nobody"


def _start(directory: Path) -> "subprocess.Popen[bytes] | None":
    """The process that fills the store and makes the first Board; None where there cannot be one."""
    try:
        process = apart.start_now(evaluation.__name__)
    except OSError:
        return None
    assert process.stdin is not None
    with suppress(BrokenPipeError):  # it has ended: whoever asks next is told why
        process.stdin.write(msgspec.json.encode(evaluation.Task(str(directory), Config(), demo=True)) + b"\n" + evaluation.NOW + b"\n")
        process.stdin.flush()
    return process
