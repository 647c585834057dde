"""A Source for tests: Boards and News by hand, time that stands still."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import date, datetime

import msgspec
from bondtop.feeds.clock import Clock
from bondtop.signals.board import Board
from bondtop.tui.histories import History
from bondtop.tui.sessions import end_of
from bondtop.tui.source import News
from handboards import BUILT, full


class StillClock(Clock):
    def __init__(self, at: datetime = BUILT) -> None:
        super().__init__(at.timestamp)


class HandSource:
    """`send` tells the app something; `asked` collects what it was asked for."""

    def __init__(self, board: Board | None = None, *, is_demo: bool = False, clock: Clock | None = None) -> None:
        self.clock = clock or StillClock()
        self.is_demo = is_demo
        self._first = board
        self._tell: Callable[[News], None] | None = None
        self.asked: list[date] = []
        self.refreshed: list[str | None] = []
        self.visited: Board | None = None
        self.lines: dict[str, History] = {}
        self.marked: list = []
        self.entries: list = []
        self.started = asyncio.Event()

    def first(self) -> Board | None:
        return self._first

    def feeds(self) -> Sequence[str]:
        return ("treasury", "fred", "yahoo")

    async def run(self, tell) -> None:
        self._tell = tell
        self.started.set()
        await asyncio.Event().wait()

    def send(self, news: News) -> None:
        assert self._tell is not None
        self._tell(news)

    async def board_at(self, day: date) -> Board:
        self.asked.append(day)
        await asyncio.sleep(0)
        return msgspec.structs.replace(self._first or full(), as_of=end_of(day), line=f"As known on {day.isoformat()}.")

    async def last_visit(self) -> Board | None:
        return self.visited

    async def histories(self, ids, until):
        return {name: self.lines.get(name, History()) for name in ids}

    async def health(self):
        return ()

    def refresh(self, feed):
        self.refreshed.append(feed)
        return "asked"

    async def journal(self, limit, before=None):
        found = [e for e in self.entries if before is None or e.id < before]
        return found[-limit:]

    async def acknowledge(self):
        return 2

    async def keep_mark(self, mark):
        self.marked.append(mark)
