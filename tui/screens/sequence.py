"""The sequence: two loops and the outside starter as a diagram."""

from textual.containers import Container
from textual.widget import Widget

from ...widgets.loop_diagram import LoopDiagram
from .base import BoardScreen


class SequenceScreen(BoardScreen):
    """One pane."""

    DEFAULT_CSS = "SequenceScreen LoopDiagram { height: 1fr; }"
    title_text = "Sequence"

    def contents(self) -> Widget:
        """The diagram."""
        return Container(LoopDiagram(self.look, id="sequence"), id="body")
