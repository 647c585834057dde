"""Where Boards come from. The app is given a Source and knows nothing of stores, feeds or engines; a Source tells it News.

Nothing here imports numpy, pandas or a feed before `run` is awaited: the stored Board is painted first.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

from ..feeds.clock import Clock
from ..signals.board import Board
from .histories import History

if TYPE_CHECKING:
    from ..cache.health import Health
    from ..cache.journal import Entry
    from ..cache.marks import StoredMark
    from ..widgets.filling import Step  # brings textual, which a service without a screen never needs
    from .config import Config


class Fresh(msgspec.Struct, frozen=True):
    """A new Board of now."""

    board: Board


class FeedStep(msgspec.Struct, frozen=True):
    """One feed has moved on."""

    feed: str
    step: "Step"


class Connection(msgspec.Struct, frozen=True):
    """Who refreshes, and how it goes, in few words."""

    text: str
    well: bool = True


class Trouble(msgspec.Struct, frozen=True):
    """Something the user should read; "" when it is over."""

    text: str


class Notice(msgspec.Struct, frozen=True):
    """Something that calls the user once. Without a title nothing is put on the screen; `codes` are written to the terminal as they are."""

    title: str
    text: str
    severity: str = "careful"  # careful, warning, critical
    codes: str = ""


class Adopted(msgspec.Struct, frozen=True):
    """The settings were changed on disk, and are in force."""

    config: "Config"


News = Fresh | FeedStep | Connection | Trouble | Notice | Adopted
Tell = Callable[[News], None]


class Source(Protocol):
    """What the app needs of a market, live or simulated."""

    clock: Clock

    @property
    def is_demo(self) -> bool:
        """Whether it is simulated."""
        ...

    def first(self) -> Board | None:
        """The Board that can be painted at once."""
        ...

    def feeds(self) -> Sequence[str]:
        """The names of the feeds in use."""
        ...

    async def run(self, tell: Tell) -> None:
        """Keep the app up to date until cancelled."""
        ...

    async def board_at(self, day: date) -> Board:
        """The Board as known at the end of a day."""
        ...

    async def last_visit(self) -> Board | None:
        """The Board that stood when the monitor was last left; None when that is not known."""
        ...

    async def histories(self, ids: Sequence[str], until: datetime) -> Mapping[str, History]:
        """Each series as it was known at an instant, for charts (`read_histories` reads them from a store)."""
        ...

    async def health(self) -> "Sequence[Health]":
        """How every feed is doing."""
        ...

    async def journal(self, limit: int, before: int | None = None) -> "Sequence[Entry]":
        """The newest entries of the journal, the oldest first; with `before` those before that entry."""
        ...

    async def acknowledge(self) -> int:
        """Somebody has seen every alert that was told; how many nobody had seen before."""
        ...

    async def keep_mark(self, mark: "StoredMark") -> None:
        """Keep a person's judgement; a Board that knows it follows."""
        ...

    def refresh(self, feed: str | None) -> str:
        """Ask one feed, or all, now; what happens, in words."""
        ...


class Coalesced:
    """Runs one piece of work at a time; calls while it runs are answered by a single further run."""

    def __init__(self, work: Callable[[], Awaitable[None]]) -> None:
        self._work = work
        self._wanted = asyncio.Event()

    def ask(self) -> None:
        """Have the work done soon."""
        self._wanted.set()

    async def run(self) -> None:
        """Work for ever."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self._work()
