"""A screen whose charts need histories: it reads them off the loop, as known at the Board's instant, the newest wish first."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

from textual import work

from ...signals.board import Board
from ...widgets.look import Look
from ..histories import Histories, History
from ..view import View
from .base import BoardScreen

log = logging.getLogger(__name__)


class ChartedScreen(BoardScreen):
    """Subclasses say which series they want and what they do with them."""

    def __init__(self, look: Look, view: View) -> None:
        super().__init__(look, view)
        self._wanted: tuple[tuple[str, ...], datetime] | None = None
        self._read: tuple[tuple[str, ...], datetime] | None = None
        self._reading = False

    # ------------------------------------------------------------------------------------------------ for the subclasses
    def series(self, board: Board) -> Sequence[str]:
        """Ids of the series wanted for this Board."""
        raise NotImplementedError

    def plot(self, board: Board, found: Mapping[str, History]) -> None:
        """Give the charts what was read."""
        raise NotImplementedError

    def sorry(self, word: str) -> None:
        """Nothing could be read; say so in place of the charts."""
        raise NotImplementedError

    # ------------------------------------------------------------------------------------------------------------ reading
    def take(self, view: View) -> None:
        """The Board to the panes; histories follow when they are read."""
        super().take(view)
        if self._ready:
            self.read_histories()

    def read_histories(self) -> None:
        """Read what is wanted now, unless it has been read."""
        board = self.view.board
        if board is None:
            self.sorry("waiting for the first data")
            return
        self._wanted = tuple(self.series(board)), board.as_of
        if self._wanted != self._read and not self._reading:
            self._reading = True
            self._read_on()

    @work(group="histories", exit_on_error=False)
    async def _read_on(self) -> None:
        """A held key asks for many days; those in between are left out."""
        source: Histories = self.app.source
        try:
            while self._wanted is not None and self._wanted != self._read:
                ids, until = wanted = self._wanted
                try:
                    found = await source.histories(ids, until)
                except Exception as e:
                    log.exception("histories of %s", ids)
                    self.sorry(f"the history cannot be read: {type(e).__name__}: {e}")
                    return
                self._read = wanted
                if self.view.board is not None and self.is_mounted:
                    self.plot(self.view.board, found)
        finally:
            self._reading = False
