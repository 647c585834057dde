"""The journal: what changed and what did not since the Board before, yesterday, last week, the last visit."""

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from ...signals.board import Board
from ...signals.changes import diff, unchanged
from ...widgets.change_list import ChangeList
from ...widgets.look import Look
from ...widgets.pane import Pieces
from ...widgets.tones import Tone
from ..source import Source, on_session, session_before
from ..view import View
from .base import BoardScreen

log = logging.getLogger(__name__)
Day = Callable[[date], date]
LAST, VISIT = "Board before", "last visit"
DAYS: dict[str, Day] = {"yesterday": session_before, "last week": lambda day: on_session(day - timedelta(days=7))}
CHOICES = (LAST, *DAYS, VISIT)


class JournalScreen(BoardScreen):
    """One pane; `m` changes what the Board is compared with."""

    DEFAULT_CSS = "JournalScreen ChangeList { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "compare", "since the Board before, yesterday, last week, last visit", show=False),
    ]
    title_text = "Journal"

    def __init__(self, look: Look, view: View) -> None:
        super().__init__(look, view)
        self.choice = 0
        self._list = ChangeList(look, id="journal")
        self._wanted: tuple[Board, int] | None = None
        self._shown: tuple[Board, int] | None = None
        self._comparing = False

    def contents(self) -> Widget:
        """The list."""
        return Container(self._list, id="body")

    def take(self, view: View) -> None:
        """The Board, then the comparison with the earlier one."""
        super().take(view)
        if self._ready and view.board is not None:
            self._compare_with(view.board)

    # ------------------------------------------------------------------------------------------------------------ actions
    def action_compare(self) -> None:
        """Compare with another earlier Board."""
        self.choice = (self.choice + 1) % len(CHOICES)
        if self.view.board is not None:
            self._compare_with(self.view.board)

    def on_change_list_jump(self, message: ChangeList.Jump) -> None:
        """Go to that session and leave the journal, so that the Board is seen."""
        self.app.travel(message.day)
        self.action_leave()

    # --------------------------------------------------------------------------------------------------------- comparison
    def _compare_with(self, board: Board) -> None:
        if CHOICES[self.choice] == LAST:
            self._wanted = self._shown = None
            self._list.give("since the Board before", self._pieces(), board.changes, board.unchanged)
            return
        self._wanted = board, self.choice
        if self._wanted != self._shown and not self._comparing:
            self._comparing = True
            self._list.give(f"since {CHOICES[self.choice]}", self._pieces(), (), (), "the earlier Board is being made")
            self._compare_on()

    @work(group="journal", exit_on_error=False)
    async def _compare_on(self) -> None:
        try:
            while self._wanted is not None and self._wanted != self._shown:
                board, choice = wanted = self._wanted
                against, word, before = f"since {CHOICES[choice]}", "", None
                try:
                    before = await self._earlier(board, CHOICES[choice])
                except Exception as e:
                    log.exception("journal")
                    word = f"the earlier Board cannot be made: {type(e).__name__}: {e}"
                if wanted != self._wanted:
                    continue
                self._shown = wanted
                if before is not None:
                    against += f", {before.as_of.day} {before.as_of:%b %Y}"
                    self._list.give(against, self._pieces(), diff(before, board), unchanged(before, board))
                else:
                    self._list.give(against, self._pieces(), (), (), word or "no earlier visit is known")
        finally:
            self._comparing = False

    async def _earlier(self, board: Board, choice: str) -> Board | None:
        source: Source = self.app.source
        if choice == VISIT:
            return await source.last_visit()
        return await source.board_at(DAYS[choice](board.as_of.date()))

    def _pieces(self) -> Pieces:
        chosen = CHOICES[self.choice]
        words = [(f"[{name}]", Tone.STRONG) if name == chosen else (f" {name} ", Tone.DIM) for name in CHOICES]
        return (*words, ("  m", Tone.KEY), (" changes it", Tone.DIM))
