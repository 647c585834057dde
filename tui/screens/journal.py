"""The journal: what changed and what did not since an earlier Board, or everything that was ever announced."""

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from ...feeds.errors import BondtopError
from ...signals.board import Board, Change
from ...signals.changes import diff, unchanged
from ...widgets.announced import Announced
from ...widgets.change_list import ChangeList
from ...widgets.look import Look
from ...widgets.pane import Pieces
from ...widgets.tones import Tone
from ..record import change_of
from ..sessions import on_session, session_before
from ..source import Source
from ..view import View
from .base import BoardScreen

log = logging.getLogger(__name__)
Day = Callable[[date], date]
LAST, VISIT, EVER = "Board before", "last visit", "ever"
PAGE = 1000  # entries read at once
DAYS: dict[str, Day] = {"yesterday": session_before, "last week": lambda day: on_session(day - timedelta(days=7))}
CHOICES = (LAST, *DAYS, VISIT, EVER)


class JournalScreen(BoardScreen):
    """One pane; `m` changes what the Board is compared with, `o` takes a date; last comes everything that was ever announced."""

    DEFAULT_CSS = "JournalScreen ChangeList { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "compare", "since the Board before, yesterday, last week, last visit; all ever announced", show=False),
        Binding("o", "since", "since a date", show=False),
    ]
    title_text = "Journal"

    def __init__(self, look: Look, view: View) -> None:
        super().__init__(look, view)
        self.chosen = LAST  # one of CHOICES, or a date
        self._list, self._ever = ChangeList(look, id="journal"), Announced(look, id="announced")
        self._wanted: tuple[Board, str] | None = None
        self._shown: tuple[Board, str] | None = None
        self._comparing = self._reading = self._whole = False
        self._entries: tuple[Change, ...] = ()  # what was announced, the newest first
        self._oldest: int | None = None  # number of the last of them

    def contents(self) -> Widget:
        """The lists, of which one is seen."""
        self._ever.display = False
        return Container(self._list, self._ever, id="body")

    def take(self, view: View) -> None:
        """The Board, then the comparison with the earlier one."""
        super().take(view)
        if self._ready and view.board is not None:
            self._compare_with(view.board)

    # ------------------------------------------------------------------------------------------------------------ actions
    def action_compare(self) -> None:
        """Compare with another earlier Board; last comes everything that was announced."""
        place = CHOICES.index(self.chosen) if self.chosen in CHOICES else -1
        self._choose(CHOICES[(place + 1) % len(CHOICES)])

    def action_since(self) -> None:
        """Compare with the Board of a date."""
        from .prompt import Prompt

        def compare(words: str | None) -> None:
            if words is None:
                return
            try:
                self._choose(date.fromisoformat(words.strip()).isoformat())
            except ValueError:
                self.notify(f"{words!r} is no date; one looks like 2026-01-20", severity="warning", markup=False)

        self.app.push_screen(Prompt("since", "a date like 2026-01-20"), compare)

    def on_change_list_jump(self, message: ChangeList.Jump) -> None:
        """Go to that session and leave the journal, so that the Board is seen."""
        self.app.travel(message.day)
        self.action_leave()

    def on_announced_older(self) -> None:
        """Read more of what was announced."""
        if not self._whole and not self._reading:
            self._read(self._oldest)

    def _choose(self, chosen: str) -> None:
        self.chosen, ever = chosen, chosen == EVER
        self._ever.display, self._list.display = ever, not ever
        (self._ever if ever else self._list).focus()
        if self.view.board is not None:
            self._compare_with(self.view.board)

    # ---------------------------------------------------------------------------------------------------------- announced
    @work(group="journal", exit_on_error=False)
    async def _read(self, before: int | None) -> None:
        """A page of entries older than that one; without one the newest."""
        self._reading = True
        try:
            found = await self.app.source.journal(PAGE, before)
        except BondtopError as e:
            self.notify(str(e), severity="error", markup=False)
            return
        finally:
            self._reading = False
        page = tuple(change_of(entry) for entry in reversed(found))
        if before is None and self._entries:
            known = {*self._entries[:PAGE]}
            self._entries = (*(change for change in page if change not in known), *self._entries)
        else:
            self._entries += page
            self._oldest, self._whole = found[0].id if found else None, len(found) < PAGE
        self._ever.hold(self._entries)

    # --------------------------------------------------------------------------------------------------------- comparison
    def _compare_with(self, board: Board) -> None:
        if self.chosen in (LAST, EVER):
            self._wanted = self._shown = None
        if self.chosen == EVER:
            self._ever.choices = self._pieces()
            if not self._reading:
                self._read(None)
            return
        if self.chosen == LAST:
            self._list.give("since the Board before", self._pieces(), board.changes, board.unchanged)
            return
        self._wanted = board, self.chosen
        if self._wanted != self._shown and not self._comparing:
            self._comparing = True
            self._list.give(f"since {self.chosen}", self._pieces(), (), (), "the earlier Board is being made")
            self._compare_on()

    @work(group="journal", exit_on_error=False)
    async def _compare_on(self) -> None:
        try:
            while self._wanted is not None and self._wanted != self._shown:
                board, chosen = wanted = self._wanted
                against, word, before = f"since {chosen}", "", None
                try:
                    before = await self._earlier(board, chosen)
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

    async def _earlier(self, board: Board, chosen: str) -> Board | None:
        source: Source = self.app.source
        if chosen == VISIT:
            return await source.last_visit()
        day = DAYS[chosen](board.as_of.date()) if chosen in DAYS else date.fromisoformat(chosen)
        return await source.board_at(day)

    def _pieces(self) -> Pieces:
        names = CHOICES if self.chosen in CHOICES else (*CHOICES, self.chosen)
        words = [(f"[{name}]", Tone.STRONG) if name == self.chosen else (f" {name} ", Tone.DIM) for name in names]
        return (*words, ("  m", Tone.KEY), (" next  ", Tone.DIM), ("o", Tone.KEY), (" date", Tone.DIM))
