"""One line of input at the lower edge."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import ModalScreen
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from ..app import Monitor


class Prompt(ModalScreen[str | None]):
    """Gives what was typed, None when it was left."""

    DEFAULT_CSS = """
    Prompt { align: left bottom; background: transparent; }
    Prompt > Static { width: 100%; height: 1; background: $surface; color: $tone-dim; padding: 0 1; }
    Prompt > Input { width: 100%; height: 1; border: none; background: $surface; padding: 0 1; }
    """
    app: "Monitor"
    BINDINGS = [Binding("escape", "leave", "back", show=False)]

    def __init__(self, label: str, hint: str) -> None:
        super().__init__()
        self._label, self._hint = label, hint

    def compose(self) -> ComposeResult:
        """What is asked, and the field."""
        yield Static(self.app.look.glyphs.shown(f"{self._label}  {self._hint}"), markup=False)
        yield Input(compact=True)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Done."""
        self._end(event.value)

    def action_leave(self) -> None:
        """Nothing."""
        self._end(None)

    def _end(self, given: str | None) -> None:
        """Once: who types fast may leave a prompt that is closing already."""
        if self.is_current:
            self.dismiss(given)
