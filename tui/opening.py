"""How the monitor starts, in two stages: the stored Board is painted with nothing else loaded; the market itself is made after that.

Before the first paint there is only what `stored` needs. Store, catalogue, calendars, alerts and feeds take as long to load as Textual
takes to paint; they come in a thread once the screen stands.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from ..feeds.clock import Clock
from ..feeds.errors import BondtopError
from ..signals.board import Board
from .source import Source, Tell, Trouble

if TYPE_CHECKING:
    from ..cache.health import Health
    from ..cache.journal import Entry
    from ..cache.marks import StoredMark
    from .histories import History

SENT_S = 0.15  # after the first paint its bytes are on their way, by threads that want the same processor as whatever is loaded next


class Opening:
    """A Source that can be painted at once and becomes the market itself when it is run. What is asked in between waits.

    Args:
        first: what is painted.
        names: of the feeds in use.
        clock: that of the market to be made.
        make: makes it; called in a thread after the first paint.
    """

    def __init__(self, first: Board | None, names: Sequence[str], clock: Clock, make: Callable[[], Source], *, is_demo: bool) -> None:
        self.clock, self.is_demo = clock, is_demo
        self._first, self._names, self._make = first, names, make
        self._made: Source | None = None
        self._ready = asyncio.Event()

    def first(self) -> Board | None:
        """The stored Board."""
        return self._first

    def feeds(self) -> Sequence[str]:
        """The feeds in use."""
        return self._made.feeds() if self._made else self._names

    async def run(self, tell: Tell) -> None:
        """Make the market, then be it."""
        await asyncio.sleep(SENT_S)
        try:
            self._made = await asyncio.to_thread(self._make)
        except BondtopError as e:
            tell(Trouble(str(e)))
            return
        self._first = None  # the app has it
        self._ready.set()
        await self._made.run(tell)

    async def _market(self) -> Source:
        await self._ready.wait()
        assert self._made is not None
        return self._made

    async def board_at(self, day: date) -> Board:
        """The market's."""
        return await (await self._market()).board_at(day)

    async def last_visit(self) -> Board | None:
        """The market's."""
        return await (await self._market()).last_visit()

    async def histories(self, ids: Sequence[str], until: datetime) -> "Mapping[str, History]":
        """The market's."""
        return await (await self._market()).histories(ids, until)

    async def health(self) -> "Sequence[Health]":
        """The market's."""
        return await (await self._market()).health()

    async def journal(self, limit: int, before: int | None = None) -> "Sequence[Entry]":
        """The market's."""
        return await (await self._market()).journal(limit, before)

    async def acknowledge(self) -> int:
        """The market's."""
        return await (await self._market()).acknowledge()

    async def keep_mark(self, mark: "StoredMark") -> None:
        """Give it to the market."""
        await (await self._market()).keep_mark(mark)

    def refresh(self, feed: str | None) -> str:
        """The market's answer; while there is none, it asks what is due anyway."""
        return self._made.refresh(feed) if self._made else "starting: what is due is asked in a moment"
