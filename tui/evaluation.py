"""Boards from a store, made in a thread of their own: the newest for the screen, earlier ones for replay."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

from ..cache.memory import give_back
from ..cache.store import Store
from ..feeds.clock import Clock
from ..feeds.errors import BondtopError
from ..signals.board import Board, encode
from ..signals.changes import Boards, board_with_changes
from .source import end_of, session_after, session_before

if TYPE_CHECKING:
    from ..signals.history import History

T = TypeVar("T")
Make = Callable[[Store, datetime], "History"]
PAINT_S = 0.08  # what is made ahead waits until the screen has been painted: both want the same processor
REMEMBERED = 24  # Boards; a third of a megabyte each
TRAVEL_S = 600  # a History is a hundred megabytes: kept as long as somebody travels through time, and then made anew when asked for


class Remembering:
    """The Boards of a History, each made once while it is among those asked for last. Not for use by two threads at once."""

    def __init__(self, boards: Boards, size: int = REMEMBERED) -> None:
        self._boards, self._size = boards, size
        self._made: OrderedDict[datetime, Board] = OrderedDict()

    def board(self, as_of: datetime) -> Board:
        """The Board of an instant."""
        found = self._made.pop(as_of, None) or self._boards.board(as_of)
        self._made[as_of] = found
        if len(self._made) > self._size:
            self._made.popitem(last=False)
        return found


class Evaluator:
    """One thread, so that a Board of now and one of then never compete for the processor.

    Args:
        make: makes a History from the store as known at an instant; imports numpy, hence called in the thread only.
    """

    def __init__(self, store: Store, clock: Clock, make: Make) -> None:
        self._store, self._clock, self._make = store, clock, make
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bondtop-board")
        self._until: datetime | None = None  # of the History
        self._boards: Remembering | None = None
        self._travelled_at: int | None = None
        self._day: date | None = None
        self._ahead: Future[None] | None = None
        self._soon: asyncio.TimerHandle | None = None

    async def now(self) -> Board | None:
        """The Board of this instant, also stored for the next start; None while nothing at all is stored."""
        return await self._in_thread(self._newest)

    async def at(self, day: date) -> Board:
        """The Board as known at the end of a day, from the last History; what is probably asked for next is made ahead."""
        backwards, self._day = self._day is None or day <= self._day, day
        self._drop_ahead()
        board = await self._in_thread(lambda: self._earlier(day))
        self._drop_ahead()
        self._soon = asyncio.get_running_loop().call_later(PAINT_S, self._look_ahead, day, backwards)
        return board

    def _look_ahead(self, day: date, backwards: bool) -> None:
        self._soon = None
        with suppress(RuntimeError):  # closed meanwhile
            self._ahead = self._thread.submit(self._foresee, day, backwards=backwards)

    async def keep_up(self) -> None:
        """A Board of now was made elsewhere: who travels goes on with what is known now; if nobody does, nothing is kept."""
        await self._in_thread(self._renew_or_forget)

    def use(self, make: Make) -> None:
        """Make Histories otherwise from now on; those made before are forgotten."""
        self._make, self._boards = make, None

    def close(self) -> None:
        """Let the work in hand end by itself."""
        self._drop_ahead()
        self._thread.shutdown(wait=False, cancel_futures=True)

    # --------------------------------------------------------------------------------------------------- in the thread
    def _newest(self) -> Board | None:
        if not self._store.newest():
            return None
        from ..cache.spreads import store_spreads

        store_spreads(self._store, self._clock)
        now = self._clock.now()
        board = board_with_changes(self._renewed(now), now)
        if not self._store.read_only:
            self._store.put_board(encode(board), now)
        if not self._travels():
            self._boards = None
        give_back()
        return board

    def _renew_or_forget(self) -> None:
        if self._travels():
            self._renewed(self._clock.now())
        elif self._boards is not None:
            self._boards = None
            give_back()

    def _travels(self) -> bool:
        return self._travelled_at is not None and self._clock.seconds() - self._travelled_at <= TRAVEL_S

    def _earlier(self, day: date) -> Board:
        self._travelled_at = self._clock.seconds()
        boards = self._boards or self._renewed(self._clock.now())
        return board_with_changes(boards, self._instant(day))

    def _foresee(self, day: date, *, backwards: bool) -> None:
        """Make the Board that the next step in the same direction will need: each is shown against that of the day before."""
        if self._boards is not None:
            wanted = session_before(session_before(day)) if backwards else session_after(day)
            with suppress(BondtopError):
                self._boards.board(self._instant(wanted))

    def _renewed(self, now: datetime) -> Remembering:
        """The Boards of a new History; the old one goes before the new one comes."""
        self._boards, self._until = None, now
        self._boards = Remembering(self._make(self._store, now))
        return self._boards

    def _instant(self, day: date) -> datetime:
        end = end_of(day)
        return end if self._until is None else min(end, self._until)

    # ----------------------------------------------------------------------------------------------------------------
    def _drop_ahead(self) -> None:
        if self._soon is not None:
            self._soon.cancel()
        if self._ahead is not None:
            self._ahead.cancel()

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)
