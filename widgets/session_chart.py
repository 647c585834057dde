"""A small chart of the last sessions under the state vector: values at its left, sessions back beneath."""

import math
from collections.abc import Sequence
from datetime import date

from .canvas import Canvas
from .glyphs import number
from .sheet import Sheet
from .tones import Tone

LEFT = 7  # cells of the vertical axis
STEP = 20  # sessions between marks of the horizontal one


def draw_sessions(sheet: Sheet, values: Sequence[float], newest: date | None, height: int) -> None:
    """A line through the values on so many rows, two of them known at least, and an axis on one row more; `newest`: the last one's day."""
    g, known = sheet.glyphs, [v for v in values if math.isfinite(v)]
    low, high = min(known), max(known)
    span = (high - low) or 1.0
    canvas = Canvas(sheet.width - LEFT, height, g)
    canvas.line([None if not math.isfinite(v) else (high - v) / span * (height - 0.3) for v in values], Tone.LINE)
    marks = {0: high, height // 2: (high + low) / 2, height - 1: low}
    for line in range(height):
        y = sheet.row()
        label = number(marks[line], 2, g) if line in marks else ""
        sheet.put(y, 0, label, Tone.DIM, width=LEFT - 2, right=True)
        sheet.put(y, LEFT - 2, f" {g.ticks[0] if label else g.vertical}", Tone.FRAME)
        canvas.copy(sheet, y, LEFT, line)
    _sessions(sheet, len(values), newest)


def _sessions(sheet: Sheet, count: int, newest: date | None) -> None:
    g, width, y = sheet.glyphs, sheet.width - LEFT, sheet.row()
    axis = Canvas(width, 1, g)
    axis.write(0, 0, g.horizontal * width, Tone.FRAME)
    for back in range(STEP, count, STEP):
        axis.write((count - 1 - back) * (width - 1) // (count - 1), 0, f" {g.minus}{back} ", Tone.DIM)
    if newest is not None:
        day = f" {newest.day} {newest:%b}"
        axis.write(width - len(day), 0, day, Tone.DIM)
    sheet.put(y, LEFT - 1, g.ticks[2], Tone.FRAME)
    axis.copy(sheet, y, LEFT, 0)
