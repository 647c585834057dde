"""A sheet of text in cells: what a pane wants to show, comparable cell by cell with what it shows."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from .glyphs import Glyphs, clip
from .look import Figure
from .tones import Tone

CHANGED, CURSOR = 1, 2  # what may lie over a cell


class Cell(NamedTuple):
    """A piece of one row: `text` is exactly `width` cells wide. `path` names the Reading or Word behind it, "" where there is none.

    A screen has hundreds of them, made and compared anew with every Board: a named tuple costs a third of a dataclass.
    """

    x: int
    width: int
    text: str
    tone: Tone
    path: str = ""
    over: int = 0  # CHANGED and CURSOR

    @property
    def end(self) -> int:
        """The first column behind it."""
        return self.x + self.width


Row = tuple[Cell, ...]


_narrow = re.compile("[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u22ff\u2500-\u25fc\u2800-\u28ff]*").fullmatch


def cells(text: str) -> int:
    """How many cells a text takes. Nearly all of ours is of signs that take one: seen at once."""
    return len(text) if text.isascii() or _narrow(text) else cell_len(text)


class Sheet:
    """Rows of cells, written left to right. What does not fit into the width is cut, and text is made safe and fit for the terminal."""

    def __init__(self, width: int, glyphs: Glyphs) -> None:
        self.width = max(width, 0)
        self.glyphs = glyphs
        self._rows: list[list[Cell]] = []
        self._heads: set[int] = set()

    @property
    def height(self) -> int:
        """How many rows there are."""
        return len(self._rows)

    def row(self) -> int:
        """Begin a row; its number."""
        self._rows.append([])
        return len(self._rows) - 1

    def head(self) -> int:
        """Begin a row that says what those under it are: no filter leaves it out."""
        self._heads.add(len(self._rows))
        return self.row()

    def keep(self, passes: Callable[[str], bool]) -> bool:
        """Leave out the rows whose text does not pass; whether any did."""
        found = [y for y, row in enumerate(self._rows) if y not in self._heads and passes(" ".join(c.text.strip() for c in row))]
        kept = sorted({*found, *self._heads})
        self._rows = [self._rows[y] for y in kept]
        self._heads = {i for i, y in enumerate(kept) if y in self._heads}
        return bool(found)

    def put(
        self, y: int, x: int, text: str, tone: Tone = Tone.TEXT, *, width: int | None = None, right: bool = False, path: str = ""
    ) -> int:
        """Write on a row; returns the column behind. With `width` the text takes exactly that many cells."""
        while y >= len(self._rows):
            self.row()
        row = self._rows[y]
        if row and row[-1].x + row[-1].width > x:
            x = row[-1].x + row[-1].width
        room = self.width - x
        if room <= 0:
            return x
        if text.isascii() and text.isprintable():
            size = len(text)
        else:
            text = self.glyphs.shown(text)
            size = cells(text)
        if width is not None and width < room:
            room = width
        if size > room:
            text = clip(text, room, self.glyphs)
            size = cells(text)
        if width is not None and size < room:
            text = text.rjust(len(text) + room - size) if right else text.ljust(len(text) + room - size)
            size = room
        if size:
            row.append(Cell(x, size, text, tone, path))
        return x + size

    def put_figure(self, y: int, x: int, figure: Figure, width: int, path: str = "") -> int:
        """Write a number, right-aligned."""
        return self.put(y, x, figure.text, figure.tone, width=width, right=True, path=path)

    def put_right(self, y: int, pieces: Sequence[tuple[str, Tone]], path: str = "") -> None:
        """Write pieces so that they end at the right edge; those that would cover what is there are left out, the first ones first."""
        taken = self._rows[y][-1].end + 1 if y < len(self._rows) and self._rows[y] else 0
        kept = list(pieces)
        while kept and sum(cell_len(self.glyphs.shown(t)) for t, _ in kept) > self.width - taken:
            kept.pop(0)
        x = self.width - sum(cell_len(self.glyphs.shown(t)) for t, _ in kept)
        for text, tone in kept:
            x = self.put(y, x, text, tone, path=path)

    def words(self, text: str, tone: Tone = Tone.TEXT, *, indent: int = 0, path: str = "", label: tuple[str, Tone] | None = None) -> None:
        """Write a text over as many rows as it needs, broken between words; `label` stands in the indent of the first."""
        for i, line in enumerate(wrapped(self.glyphs.shown(text), max(self.width - indent, 1))):
            y = self.row()
            if label and not i:
                self.put(y, 0, label[0], label[1])
            self.put(y, indent, line, tone, path=path)

    def rows(self) -> tuple[Row, ...]:
        """All rows."""
        return tuple(tuple(row) for row in self._rows)


def wrapped(text: str, width: int) -> Iterator[str]:
    """A text broken into lines of at most `width` cells, between words; a longer word is broken too."""
    line = ""
    for word in text.split():
        while cell_len(word) > width:
            head = _head(word, width)
            if line:
                yield line
                line = ""
            yield head
            word = word[len(head) :]
        if not line:
            line = word
        elif cell_len(line) + 1 + cell_len(word) <= width:
            line += " " + word
        else:
            yield line
            line = word
    if line:
        yield line


def _head(word: str, width: int) -> str:
    """As many leading characters as fit, one at least."""
    size = 0
    for i, char in enumerate(word):
        size += cell_len(char)
        if size > width and i:
            return word[:i]
    return word


def differing(old: Sequence[Row], new: Sequence[Row]) -> Iterator[tuple[int, int, int]]:
    """(row, first column, width) of every row in which two states of a screen differ, from the first cell that does to the last.

    One stretch a row: for each stretch Textual writes the row anew from the pane's edge.
    """
    for y in range(max(len(old), len(new))):
        before = old[y] if y < len(old) else ()
        after = new[y] if y < len(new) else ()
        if before is not after and before != after:
            start, end = _stretch(before, after)
            yield y, start, end - start


def _stretch(before: Row, after: Row) -> tuple[int, int]:
    """From the first cell in which two rows differ to the end of the last."""
    first = last = 0
    fewer = min(len(before), len(after))
    while first < fewer and before[first] == after[first]:
        first += 1
    while last < fewer - first and before[-1 - last] == after[-1 - last]:
        last += 1
    odd = [part for row in (before, after) if (part := row[first : len(row) - last])]
    return min(part[0].x for part in odd), max(part[-1].end for part in odd)
