"""The simulated market as a Source: one Board, any earlier day, no network, and time that stands still."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from ..cache.demo import demo_store
from ..cache.health import FeedState, Health
from ..cache.journal import Entry
from ..cache.marks import Marks, StoredMark
from ..feeds import demo
from ..feeds.clock import Clock
from ..feeds.series import to_day
from ..signals.board import Board, decode
from .boardmaker import BoardMaker, NoBoard
from .config import Config
from .histories import History as Line
from .histories import read_histories
from .source import Connection, Fresh, Tell, Trouble


class DemoSource:
    """A store of its own in `directory`, filled from the scenario at the first start."""

    is_demo = True

    def __init__(self, directory: Path) -> None:
        self.clock = Clock(demo.NOW.timestamp)
        self._store = demo_store(directory)
        self._maker = BoardMaker(Config(), directory, demo=True)
        self._tell: Tell = lambda _: None

    def first(self) -> Board | None:
        """The Board of the scenario's end, once it has been made."""
        kept = self._store.board()
        return decode(kept[0]) if kept else None

    def feeds(self) -> Sequence[str]:
        """The scenario."""
        return (demo.FEED,)

    async def run(self, tell: Tell) -> None:
        """Make the Board, then nothing: no value ever arrives."""
        self._tell = tell
        tell(Connection("simulated, no network"))
        try:
            tell(Fresh(await self._maker.now()))
        except NoBoard as e:
            tell(Trouble(f"no Board could be made: {e}"))
        try:
            await asyncio.Event().wait()
        finally:
            await self._maker.close()

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
