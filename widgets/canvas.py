"""A small field of signs with tones, for charts: points and words are set anywhere, then copied to a sheet row by row."""

from collections.abc import Iterator, Sequence

from .glyphs import Glyphs
from .sheet import Sheet
from .tones import Tone

_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of a braille cell, by row and column
_BRAILLE = 0x2800


class Canvas:
    """`width` × `height` cells; what falls outside is left out."""

    def __init__(self, width: int, height: int, glyphs: Glyphs) -> None:
        self.width, self.height, self.glyphs = max(width, 0), max(height, 0), glyphs
        self._signs: list[list[str]] = [[" "] * self.width for _ in range(self.height)]
        self._tones: list[list[Tone]] = [[Tone.TEXT] * self.width for _ in range(self.height)]

    def set(self, x: int, y: int, sign: str, tone: Tone) -> None:
        """Put one sign."""
        if 0 <= x < self.width and 0 <= y < self.height:
            self._signs[y][x], self._tones[y][x] = sign, tone

    def is_blank(self, x: int, y: int) -> bool:
        """Whether nothing stands in a cell."""
        return self._signs[y][x] == " "

    def clone(self) -> "Canvas":
        """The same signs, to be drawn over."""
        other = Canvas(0, 0, self.glyphs)
        other.width, other.height = self.width, self.height
        other._signs, other._tones = [row.copy() for row in self._signs], [row.copy() for row in self._tones]
        return other

    def write(self, x: int, y: int, text: str, tone: Tone) -> None:
        """Put a word of one-cell signs."""
        for i, sign in enumerate(self.glyphs.shown(text)):
            self.set(x + i, y, sign, tone)

    def line(self, ys: Sequence[float | None], tone: Tone) -> None:
        """A line through points equally far apart over the whole width; `ys` in cells from the top (fractions count), None is a gap.

        Braille has two columns and four rows of dots a cell; without it the nearest cell gets a sign.
        """
        if self.glyphs.braille:
            self._braille_line(ys, tone)
        else:
            self._sign_line(ys, tone)

    def _sign_line(self, ys: Sequence[float | None], tone: Tone) -> None:
        for x in range(self.width):
            y = _at(ys, x / max(self.width - 1, 1))
            if y is not None:
                self.set(x, int(y), "*", tone)

    def _braille_line(self, ys: Sequence[float | None], tone: Tone) -> None:
        last: int | None = None
        columns = self.width * 2
        for column in range(columns):
            y = _at(ys, column / max(columns - 1, 1))
            dot = None if y is None else int(y * 4)
            if dot is not None:
                low, high = sorted((dot, dot if last is None else last))
                for each in range(low if low == dot else low + 1, high + 1 if high == dot else high):
                    self.dot(column, each, tone)
            last = dot

    def dot(self, column: int, row: int, tone: Tone) -> None:
        """Set one dot of a braille cell; two columns and four rows of dots a cell."""
        x, y = column // 2, row // 4
        if 0 <= x < self.width and 0 <= y < self.height:
            old = ord(self._signs[y][x])
            bits = old - _BRAILLE if _BRAILLE <= old < _BRAILLE + 256 else 0
            self.set(x, y, chr(_BRAILLE | bits | _DOTS[row % 4][column % 2]), tone)

    def runs(self, y: int) -> Iterator[tuple[int, str, Tone]]:
        """(column, text, tone) of the stretches of a row that are not blank."""
        start = 0
        for x in range(1, self.width + 1):
            if x == self.width or self._tones[y][x] is not self._tones[y][start]:
                text = "".join(self._signs[y][start:x])
                if text.strip():
                    lead = len(text) - len(text.lstrip())
                    yield start + lead, text.strip(), self._tones[y][start]
                start = x

    def copy(self, sheet: Sheet, y: int, x: int, row: int, path: str = "") -> None:
        """Put one row of the canvas on a sheet's row."""
        for column, text, tone in self.runs(row):
            sheet.put(y, x + column, text, tone, path=path)


def _at(ys: Sequence[float | None], share: float) -> float | None:
    """The value at a share 0…1 of the way, between points on a straight line; unknown where a neighbour is."""
    if not ys:
        return None
    place = share * (len(ys) - 1)
    left = int(place)
    right = min(left + 1, len(ys) - 1)
    a, b = ys[left], ys[right]
    if a is None:
        return None
    return a if b is None else a + (b - a) * (place - left)
