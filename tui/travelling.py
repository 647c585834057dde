"""The time machine: any session as it was known then, freezing, and the way back to now."""

import logging
from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.app import App
from textual.binding import Binding, BindingType

from ..feeds.errors import BondtopError
from ..signals.board import Board
from .sessions import month_away, on_session, session_after, session_before
from .source import Source

if TYPE_CHECKING:
    from .view import View

log = logging.getLogger(__name__)


class Travelling(App[int]):
    """Keys that go through time; part of Monitor.

    Attributes:
        day: the day replayed; None is live.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f", "freeze", "freeze the screen, thaw it", show=False),
        Binding("comma", "step(-1)", "one session back", show=False),
        Binding("full_stop", "step(1)", "one session on", show=False),
        Binding("less_than_sign", "month(-1)", "one month back", show=False),
        Binding("greater_than_sign", "month(1)", "one month on", show=False),
        Binding("g", "goto", "go to a date", show=False),
        Binding("L", "live", "return to now", show=False),
    ]
    source: Source
    view: "View"
    day: date | None = None
    _live: Board | None = None
    _frozen: datetime | None = None
    _target: date | None = None  # wished for and not yet shown
    _scrubbing = False

    def _show(self, board: Board | None, *, mark: bool = True) -> None:
        """Give every screen a Board."""
        raise NotImplementedError

    def _ring_simulated(self, board: Board, origin: str) -> None:
        """Let a Board that is not of now ring, where the user wants that."""
        raise NotImplementedError

    def action_freeze(self) -> None:
        """Keep the screen as it is, or show what came since."""
        if self._frozen is None:
            self._frozen = self.source.clock.now()
            self._show(self.view.board, mark=False)
        else:
            self._frozen = None
            self._show(self._live if self.day is None else self.view.board)

    def action_step(self, sessions: int) -> None:
        """One session back or on."""
        here = self._target or self.day or self._today()
        self.travel(session_before(here) if sessions < 0 else session_after(here))

    def action_month(self, months: int) -> None:
        """One month back or on."""
        self.travel(month_away(self._target or self.day or self._today(), months))

    def action_goto(self) -> None:
        """Ask for a date."""
        from .screens.prompt import Prompt

        def go(text: str | None) -> None:
            if text is None:
                return
            try:
                self.go_to(date.fromisoformat(text.strip()))
            except ValueError:
                self.notify("A date looks like 2026-01-20.", severity="warning", markup=False)

        self.push_screen(Prompt("date", "YYYY-MM-DD; L returns to now"), go)

    def go_to(self, day: date) -> None:
        """Show a day that was named."""
        if day > self._today():
            self.notify(f"{day} has not come yet: this is now.", severity="warning", markup=False)
        self.travel(day)

    def action_live(self) -> None:
        """Back to now."""
        self._target = None
        if self.day is not None:
            self.day = None
            self._show(self._live, mark=False)

    def _today(self) -> date:
        return self._live.as_of.date() if self._live is not None else self.source.clock.now().date()

    @property
    def travelling(self) -> bool:
        """Whether a day that was wished for is not yet shown."""
        return self._scrubbing

    def travel(self, day: date) -> None:
        """Show another day; a newer wish replaces one still under way, so that a held key scrubs."""
        day = on_session(day)
        if day > self._today():
            self.action_live()
            return
        self._target, self._frozen = day, None
        if self.day is None:
            self._show(self.view.board, mark=False)
        if not self._scrubbing:
            self._scrubbing = True
            self._scrub()

    @work(group="replay", exit_on_error=False)
    async def _scrub(self) -> None:
        failed = ""
        try:
            while (target := self._target) is not None and target != self.day:
                board = await self.source.board_at(target)
                if self._target is not None:  # nobody has gone back to now meanwhile
                    self.day = target
                    self._show(board, mark=False)
                    self._ring_simulated(board, "REPLAY")
        except BondtopError as e:
            failed = str(e)
        except Exception as e:
            log.exception("replay")
            failed = f"{type(e).__name__}: {e}"
        finally:
            self._target, self._scrubbing = None, False
        if failed:
            self._show(self.view.board, mark=False)
            self.notify(f"That day cannot be shown: {failed}", severity="error", markup=False)
