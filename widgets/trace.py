"""Lines of a chart, and how they are set onto a canvas: column by column, so that no high or low between two columns is lost."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence

import msgspec

from .canvas import Canvas
from .tones import Tone

GAP_DAYS = 12  # a line is broken over a longer silence, unless the series itself is slower


class Trace(msgspec.Struct, frozen=True, eq=False):
    """One line: days since 1970-01-01, strictly rising, and as many values.

    Attributes:
        name: stands at the line's end.
        sign: draws the line where there is no braille.
    """

    name: str
    days: Sequence[int]
    values: Sequence[float]
    tone: Tone = Tone.LINE
    sign: str = "*"

    def at(self, day: int) -> tuple[int, float] | None:
        """The last observation on or before a day, with its own day; None before the first, and in a gap."""
        i = bisect_right(self.days, day) - 1
        if i < 0 or day - self.days[i] > self.patience():
            return None
        return self.days[i], self.values[i]

    def patience(self) -> float:
        """Days of silence over which the line goes on."""
        count = len(self.days)
        usual = (self.days[-1] - self.days[0]) / (count - 1) if count > 1 else 1
        return max(GAP_DAYS, 3 * usual)

    def between(self, first: int, last: int) -> slice:
        """The places of the observations between two days, both included."""
        return slice(bisect_left(self.days, first), bisect_right(self.days, last))


class Level(msgspec.Struct, frozen=True):
    """A threshold: a horizontal line with a word."""

    value: float
    word: str
    tone: Tone = Tone.WATCH


def made_trace(name: str, days: Sequence[int], values: Sequence[float], tone: Tone = Tone.LINE, sign: str = "*") -> Trace:
    """A Trace of the known values only."""
    known = [(d, v) for d, v in zip(days, values, strict=True) if math.isfinite(v)]
    return Trace(name, [d for d, _ in known], [v for _, v in known], tone, sign)


def extent(traces: Iterable[Trace], first: int, last: int) -> tuple[float, float] | None:
    """The lowest and the highest value between two days; None when there is none."""
    parts = [part for t in traces if (part := t.values[t.between(first, last)])]
    return (min(min(p) for p in parts), max(max(p) for p in parts)) if parts else None


class Scale(msgspec.Struct, frozen=True):
    """From days and values to the dots of a canvas: two by four a cell with braille, else one."""

    first: int
    last: int
    low: float
    high: float
    columns: int
    rows: int

    def column(self, day: int) -> int:
        """The column of dots in which a day lies."""
        span = max(self.last - self.first, 1)
        return (2 * (day - self.first) * (self.columns - 1) + span) // (2 * span)

    def row(self, value: float) -> int:
        """The row of dots, from the top."""
        return round((self.high - value) / ((self.high - self.low) or 1.0) * (self.rows - 1))

    def day(self, column: int) -> int:
        """The last day that lies in a column."""
        if self.columns < 2:
            return self.last
        return self.first + ((2 * column + 1) * max(self.last - self.first, 1) - 1) // (2 * (self.columns - 1))


def draw_trace(canvas: Canvas, trace: Trace, scale: Scale) -> None:
    """Set a line onto a canvas whose dots the scale counts."""

    def put(column: int, row: int) -> None:
        if canvas.glyphs.braille:
            canvas.dot(column, row, trace.tone)
        else:
            canvas.set(column, row, trace.sign, trace.tone)

    inside, before = trace.between(scale.first, scale.last), None
    i, patience = inside.start, trace.patience()
    while i < inside.stop:
        column = scale.column(trace.days[i])
        end = max(bisect_right(trace.days, scale.day(column), i, inside.stop), i + 1)
        bucket = trace.values[i:end]
        _vertical(put, column, scale.row(max(bucket)), scale.row(min(bucket)))
        here = column, scale.row(bucket[0])
        if before is not None and trace.days[i] - trace.days[i - 1] <= patience:
            _join(put, before, here)
        before, i = (column, scale.row(bucket[-1])), end


def _vertical(put: Callable[[int, int], None], column: int, top: int, bottom: int) -> None:
    for row in range(top, bottom + 1):
        put(column, row)


def _join(put: Callable[[int, int], None], start: tuple[int, int], end: tuple[int, int]) -> None:
    """A straight line between two dots; neither of them is set."""
    (x0, y0), (x1, y1) = start, end
    steps = max(abs(x1 - x0), abs(y1 - y0))
    for step in range(1, steps):
        put(x0 + round((x1 - x0) * step / steps), y0 + round((y1 - y0) * step / steps))
