"""A pane whose rows can be filtered by words."""

from textual.binding import Binding

from .look import Look
from .pane import Pane
from .sheet import Sheet
from .tones import Tone

NO_ROW = "no row passes the filter"


class Filtered(Pane):
    """Subclasses leave out what does not pass the filter. The frame says that there is one."""

    BINDINGS = [Binding("slash", "app.filter", "keep rows with these words", show=False)]

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.filter = ""

    def keep(self, words: str) -> None:
        """Show only rows in which every one of these words stands; "" shows all."""
        self.filter = words.strip().lower()
        self.limit = f"/ {self.filter}" if self.filter else ""
        self.top = 0
        self.redraw()

    def passes_filter(self, text: str) -> bool:
        """Whether every word of the filter stands in a row's text."""
        text = text.lower()
        return all(word in text for word in self.filter.split())


class RowFiltered(Filtered):
    """Leaves out every row in which not all of the words stand; heads stay."""

    def _drawn(self, width: int, rows: int | None) -> Sheet:
        sheet = super()._drawn(width, rows)
        if self.filter and self.board is not None and not sheet.keep(self.passes_filter):
            sheet.words(NO_ROW, Tone.DIM)
        return sheet
