"""A small dialog: what a person judges of a condition, why, and until when."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from ...cache.marks import StoredMark
from ..marking import GATE_VALUES, GATES, VALUES, MarkError, clearing, make_mark

if TYPE_CHECKING:
    from ..app import Monitor

CLEAR = "clear"
FIELDS = ("value", "note", "link", "until")


class MarkScreen(ModalScreen[StoredMark | None]):
    """Gives the mark that was entered, None when it was left. Enter keeps it, Tab goes on, Escape leaves.

    Args:
        title: the condition in words.
        standing: what is judged or measured now, in words.
        now: the clock.
    """

    DEFAULT_CSS = """
    MarkScreen { align: center middle; background: transparent; }
    MarkScreen > Vertical { width: 76; max-width: 100%; height: auto; background: $surface; padding: 0 1; }
    MarkScreen Static { width: 100%; height: auto; background: $surface; }
    MarkScreen .label { height: 1; color: $tone-dim; }
    MarkScreen Input { width: 100%; height: 1; border: none; padding: 0; background: $background; }
    """
    app: "Monitor"
    BINDINGS = [Binding("escape", "leave", "back", show=False)]

    def __init__(self, condition: str, title: str, standing: str, now: Callable[[], datetime]) -> None:
        super().__init__()
        self._condition, self._title, self._standing, self._now = condition, title, standing, now

    def compose(self) -> ComposeResult:
        """What is judged, and the fields."""
        values = (*(GATE_VALUES if self._condition in GATES else VALUES), CLEAR)
        hints = {
            "value": " · ".join(values),
            "note": "why",
            "link": "where it can be read, https://…",
            "until": "YYYY-MM-DD; 30 days when left empty",
        }
        shown = self.app.look.glyphs.shown
        with Vertical():
            yield Static(shown(f"Mark {self._condition}  {self._title}"), markup=False)
            yield Static(shown(self._standing), markup=False)
            for name in FIELDS:
                yield Static(shown(f"{name}: {hints[name]}"), classes="label", markup=False)
                yield Input(compact=True, id=name)
            yield Static("", id="mistake", markup=False)

    def on_mount(self) -> None:
        """The value first."""
        self.query_one("#value", Input).focus()

    def on_input_submitted(self) -> None:
        """Keep it, or say what is wrong with it."""
        value, note, link, until = (self.query_one(f"#{name}", Input).value.strip() for name in FIELDS)
        try:
            at = self._now()
            mark = clearing(self._condition, at) if value == CLEAR else make_mark(
                self._condition, value, at, until=until, note=note, link=link
            )  # fmt: skip
        except MarkError as e:
            self.query_one("#mistake", Static).update(self.app.look.glyphs.shown(str(e)))
            return
        if self.is_current:
            self.dismiss(mark)

    def action_leave(self) -> None:
        """Nothing."""
        if self.is_current:  # who types fast may leave a dialog that is closing already
            self.dismiss(None)
