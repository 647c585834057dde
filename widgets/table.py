"""A table whose columns give way in a narrow terminal, say so, and are a key away."""

from collections.abc import Sequence

from rich.cells import cell_len
from textual.binding import Binding

from ..signals.board import Board, Reading
from ..signals.wording import with_unit
from .columns import Column, paged
from .filtered import NO_ROW, Filtered
from .glyphs import ago
from .look import Figure, Look, figure
from .pane import Pieces
from .sheet import Sheet
from .tones import Tone

Shown = tuple[Figure, str]  # what stands in a cell, and the path behind it
NOTHING: Shown = (Figure(""), "")


class Table(Filtered):
    """Rows of one kind of thing. Subclasses say which rows there are and what stands in a cell; the first column is the row's name."""

    BINDINGS = [Binding("v", "view", "columns that did not fit", show=False)]
    COLUMNS: tuple[Column, ...] = ()

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.page = 0
        self._left_out = 0

    # ------------------------------------------------------------------------------------------------ for the subclasses
    def keys(self, board: Board) -> Sequence[str]:
        """The rows, in order."""
        raise NotImplementedError

    def cell(self, board: Board, key: str, column: str) -> Shown:
        """What stands in a row's column."""
        raise NotImplementedError

    def empty(self, board: Board) -> str:
        """What is said when there is no row."""
        return "nothing known"

    def searched(self, board: Board, key: str) -> str:
        """The text of a row in which the words of a filter are looked for."""
        return " ".join((key, *(self.cell(board, key, column.key)[0].text for column in self.COLUMNS)))

    def below(self, sheet: Sheet, board: Board) -> None:
        """What stands under the table."""

    # --------------------------------------------------------------------------------------------------------- drawing
    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """Head, rows, and what stands under them."""
        known = self.keys(board)
        keys = [key for key in known if self.passes_filter(self.searched(board, key))]
        if keys:
            columns = self._columns(sheet.width)
            y, x = sheet.row(), 0
            for column in columns:
                x = sheet.put(y, x, column.head, Tone.DIM, width=column.width, right=column.right) + 1
            for key in keys:
                y, x = sheet.row(), 0
                for column in columns:
                    shown, path = self.cell(board, key, column.key)
                    x = sheet.put(y, x, shown.text, shown.tone, width=column.width, right=column.right, path=path) + 1
        else:
            self._left_out = 0
            sheet.words(NO_ROW if known else f"{self.look.glyphs.unknown} {self.empty(board)}", Tone.DIM)
        self.below(sheet, board)

    def foot(self) -> Pieces:
        """How many columns do not fit, and the key that shows them."""
        return ((f"+{self._left_out} columns: ", Tone.DIM), ("v", Tone.KEY)) if self._left_out else ()

    def action_view(self) -> None:
        """The next columns that did not fit."""
        self.page += 1
        self.redraw()

    def _columns(self, width: int) -> tuple[Column, ...]:
        pages = paged(self.COLUMNS, width)
        self._left_out = len(self.COLUMNS) - len(pages[0])
        return pages[self.page % len(pages)]


def dated(reading: Reading, board: Board, look: Look) -> str:
    """The session of a value where it is not the Board's own day, with its age in words when it is late; the reason when it is unknown."""
    if reading.value is None:
        return reading.note or "unknown"
    day = reading.as_of
    if day is None or day == board.as_of.date():
        return ""
    old = (board.as_of.date() - day).days
    year = f" {day:%Y}" if day.year != board.as_of.year else ""
    late = f", {ago(86400 * old)} old" if reading.status in ("stale", "dead") else ""
    return f"{day.day} {day:%b}{year}{late}"


def put_fact(
    sheet: Sheet,
    look: Look,
    board: Board,
    label: str,
    reading: Reading | None,
    path: str,
    *,
    decimals: int = 2,
    signed: bool = False,
    label_width: int = 20,
    tone: Tone = Tone.TEXT,
) -> None:
    """One row: what it is, the value, its unit, then its session, what it is worth and what must be said of it."""
    y = sheet.row()
    x = sheet.put(y, 0, label, Tone.DIM, width=min(label_width, max(sheet.width - 12, 4))) + 1
    if reading is None:
        sheet.put(y, x, look.glyphs.unknown, Tone.DIM, width=9, right=True)
        return
    x = sheet.put_figure(y, x, figure(reading, look, decimals, signed=signed, tone=tone), 9, path)
    if reading.value is not None:
        x = sheet.put(y, x, with_unit("", reading.unit), Tone.DIM)
    late = reading.status in ("stale", "dead")
    word = str(reading.status) if reading.status in ("proxy", "manual", "suspect") else ""
    note = "" if reading.value is None else reading.note  # the reason is said already
    for text, each in ((dated(reading, board, look), Tone.STALE if late else Tone.DIM), (word, Tone.WATCH), (note, Tone.DIM)):
        if text:
            y, x = put_tail(sheet, y, x + 1, text, each)


def put_tail(sheet: Sheet, y: int, x: int, text: str, tone: Tone = Tone.DIM, *, indent: int = 2) -> tuple[int, int]:
    """What must be said at the end of a row; on rows of its own where it does not fit. Returns where more can be said."""
    if x + cell_len(sheet.glyphs.shown(text)) <= sheet.width:
        return y, sheet.put(y, x, text, tone) + 1
    sheet.words(text, tone, indent=indent)
    return sheet.height - 1, sheet.width
