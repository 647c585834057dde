"""Boards from a store, made in a thread of their own: the newest for the screen, earlier ones for replay."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

from ..cache.store import Store
from ..feeds.clock import Clock
from ..signals.board import Board, encode
from .source import end_of

if TYPE_CHECKING:
    from ..signals.history import History

T = TypeVar("T")
Make = Callable[[Store, datetime], "History"]


class Evaluator:
    """One thread, so that a Board of now and one of then never compete for the processor.

    Args:
        make: makes a History from the store as known at an instant; imports numpy, hence called in the thread only.
    """

    def __init__(self, store: Store, clock: Clock, make: Make) -> None:
        self._store, self._clock, self._make = store, clock, make
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bondtop-board")
        self._history: History | None = None

    async def now(self, *, keep: bool = True) -> Board | None:
        """The Board of this instant; None while nothing at all is stored. With `keep` it is stored for the next start."""
        return await self._in_thread(lambda: self._newest(keep))

    async def at(self, day: date) -> Board:
        """The Board as known at the end of a day, from the last History."""
        return await self._in_thread(lambda: self._earlier(day))

    def close(self) -> None:
        """Let the work in hand end by itself."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _newest(self, keep: bool) -> Board | None:
        if not self._store.newest():
            return None
        from ..signals.changes import board_with_changes

        now = self._clock.now()
        self._history = self._make(self._store, now)
        board = board_with_changes(self._history, now)
        if keep and not self._store.read_only:
            self._store.put_board(encode(board), now)
        return board

    def _earlier(self, day: date) -> Board:
        from ..signals.changes import board_with_changes

        if self._history is None:
            self._history = self._make(self._store, self._clock.now())
        return board_with_changes(self._history, min(end_of(day), self._history.panel.as_of))

    async def _in_thread(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call)
