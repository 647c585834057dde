"""One line with the names of the panes, where only one of them fits."""

from collections.abc import Sequence

from textual import events
from textual.message import Message

from .look import Look
from .pane import Pane
from .sheet import Sheet
from .tones import Tone


class TabLine(Pane, can_focus=False):
    """The chosen pane stands inverted."""

    framed = False

    class Chosen(Message):
        """A tab was clicked."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, look: Look, tabs: Sequence[tuple[int, str]], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self._tabs, self._chosen = tuple(tabs), 1

    def choose(self, number: int) -> None:
        """Show which one is open."""
        if number != self._chosen:
            self._chosen = number
            self.redraw()

    def _drawn(self, width: int, rows: int | None) -> Sheet:
        sheet = Sheet(width, self.look.glyphs)
        y, x = sheet.row(), 1
        for number, text in self._labels(width):
            x = sheet.put(y, x, text, Tone.INVERSE if number == self._chosen else Tone.DIM, path="") + 1
        return sheet

    def _labels(self, width: int) -> list[tuple[int, str]]:
        whole = [(n, f" {n} {title} ") for n, title in self._tabs]
        if sum(len(t) + 1 for _, t in whole) <= width - 1:
            return whole
        return [(n, f" {n} {title} " if n == self._chosen else f" {n} {title.split()[0][:6]} ") for n, title in self._tabs]

    def on_click(self, event: events.Click) -> None:
        """Open the tab under the mouse."""
        x = 1
        for number, text in self._labels(self.size.width):
            if x <= event.x < x + len(text):
                self.post_message(self.Chosen(number))
            x += len(text) + 1
