"""A model of a terminal's screen: cells with text and style. Two of them, what is wanted and what stands, make output short.

A cell that nobody can be sure of is UNKNOWN: in what stands it differs from everything, in what is wanted it asks for nothing.
"""

from typing import NamedTuple

UNKNOWN = "\0"  # no terminal shows it
STUB = ""  # the second half of a wide sign

# Bits of Pen.marks, by the SGR code that sets them; a code may clear several.
MARK_BITS = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 6: 32, 7: 64, 8: 128, 9: 256, 21: 512, 51: 1024, 52: 2048, 53: 4096}
CLEARS = {22: 1 | 2, 23: 4, 24: 8 | 512, 25: 16 | 32, 27: 64, 28: 128, 29: 256, 54: 1024 | 2048, 55: 4096}
SEEN_ON_BLANK = 8 | 64 | 256 | 512 | 1024 | 2048 | 4096  # underlined, reversed, struck out …: these show where there is no sign


class Pen(NamedTuple):
    """How signs are drawn. `fg` and `bg` are the SGR parameters that set them ("31", "38;2;1;2;3"), "" the terminal's own.

    `link` is what stands between `OSC 8 ;` and its end; "" is no link.
    """

    fg: str = ""
    bg: str = ""
    marks: int = 0
    link: str = ""


PLAIN = Pen()


def blank(pen: Pen) -> Pen:
    """How a blank drawn with a pen looks: all but what can be seen of it left out."""
    if pen.marks & SEEN_ON_BLANK or pen.link:
        return pen
    return pen if not (pen.fg or pen.marks) else Pen("", pen.bg)


class Grid:
    """`height` rows of `width` cells, a cursor and a pen.

    Attributes:
        texts: by row and column one sign with its combining marks, STUB or UNKNOWN.
        pens: by row and column; that of a blank is `blank(pen)`.
        touched: for each row that changed since it was last taken, the number of the newest frame that changed it.
        x: may equal `width`: the last column was written and, with `wraps`, the next sign goes to the next row.
        pen: None when a style was set that we do not know.
        placed: whether x and y are where the terminal's cursor would be.
        frame: counted up by the owner.
    """

    def __init__(self, width: int, height: int) -> None:
        self.x = self.y = self.frame = 0
        self.pen: Pen | None = PLAIN
        self.wraps = self.placed = True
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Take another size; nothing is known afterwards."""
        self.width, self.height = max(width, 1), max(height, 1)
        self.x, self.y = min(self.x, self.width), min(self.y, self.height - 1)
        self.forget()

    def forget(self) -> None:
        """Nothing is known of any cell."""
        self.texts = [[UNKNOWN] * self.width for _ in range(self.height)]
        self.pens = [[PLAIN] * self.width for _ in range(self.height)]
        self.touched: dict[int, int] = {}

    def move(self, x: int, y: int) -> None:
        """Put the cursor there, or at the edge."""
        self.x, self.y = min(max(x, 0), self.width - 1), min(max(y, 0), self.height - 1)
        self.placed = True

    def put(self, text: str, pen: Pen) -> bool:
        """Write signs of one cell each; False, and nothing done, when they would scroll the screen."""
        width = self.width
        if self.wraps and self.x + len(text) > width * (self.height - self.y):
            return False
        while text:
            if self.x >= width:
                if self.wraps:
                    self.x, self.y = 0, self.y + 1
                else:
                    self.x = width - 1
                    text = text[-1]  # each overwrites the one before
            part = text[: width - self.x]
            self._set(self.x, part, pen)
            self.x += len(part)
            text = text[len(part) :]
        return True

    def put_wide(self, sign: str, pen: Pen) -> bool:
        """Write a sign of two cells; False as in `put`, and when terminals differ about where it goes."""
        if self.x + 2 > self.width:
            return False
        x = self.x
        self._set(x, "  ", pen)
        self.texts[self.y][x : x + 2] = [sign, STUB]
        self.pens[self.y][x : x + 2] = [pen, pen]
        self.x += 2
        return True

    def combine(self, mark: str) -> bool:
        """Lay a combining mark over the sign before the cursor; False when there is none to be sure of."""
        texts, x = self.texts[self.y], self.x - 1
        if x >= 0 and texts[x] == STUB:
            x -= 1
        if x < 0 or texts[x] in (UNKNOWN, STUB, " "):
            return False
        texts[x] += mark
        self.touched[self.y] = self.frame
        return True

    def erase(self, y: int, start: int, stop: int, pen: Pen) -> None:
        """Blank the columns `start` to `stop` of a row in the pen's background."""
        here = self.x, self.y
        self.y = y
        start, stop = max(start, 0), min(stop, self.width)
        if start < stop:
            self._set(start, " " * (stop - start), Pen("", pen.bg))
        self.x, self.y = here

    def _set(self, x: int, text: str, pen: Pen) -> None:
        y, stop = self.y, x + len(text)
        texts, pens = self.texts[y], self.pens[y]
        if texts[x] == STUB:  # half of a wide sign is overwritten: the other half is gone as well
            texts[x - 1], pens[x - 1] = " ", blank(pens[x - 1])
        if stop < self.width and texts[stop] == STUB:
            texts[stop], pens[stop] = " ", blank(pens[stop])
        texts[x:stop] = text
        bare = blank(pen)
        pens[x:stop] = [bare if c == " " else pen for c in text] if bare is not pen and " " in text else [pen] * len(text)
        self.touched[y] = self.frame
