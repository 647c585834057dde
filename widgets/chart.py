"""A chart over time: axes with real dates and units, thresholds, a cross-hair that reads date and values, windows to choose.

It shows the traces it is given and nothing else; who gives them sees to it that they hold only what was known at the Board's instant.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

import msgspec
from rich.cells import cell_len
from textual import events
from textual.binding import Binding

from ..signals.board import Board
from .axes import date_marks, decimals_of, to_date, value_marks, value_step
from .canvas import Canvas
from .glyphs import clip, number
from .look import Look
from .pane import Pane, Pieces
from .sheet import Sheet
from .tones import Tone
from .trace import Level, Scale, Trace, draw_trace, extent

WINDOWS = (("1M", 31), ("3M", 92), ("1Y", 366), ("5Y", 1827), ("all", 0))
USUAL_ROWS = 14
LEAST_PLOT = (16, 3)  # cells below which there is no chart, only the values
FAR = 1.0  # a threshold further away than so many heights of the line is named, not drawn
NAMES_WIDTH = 50  # from this width on the lines' names stand at their ends
READING = "reading the history"
PENDING = (READING, "waiting for the first data")  # words of what is coming, not of what is unknown
JUMP = 20  # how many presses of an arrow one with shift is worth


class Subject(msgspec.Struct, frozen=True):
    """What a chart is of: its title, the unit of its values, how they are written."""

    title: str = "Chart"
    unit: str = ""
    decimals: int | None = None
    signed: bool = False


class Chart(Pane):
    """Lines over time. Arrows move the cross-hair, brackets choose the window, digits hide and show lines."""

    BINDINGS = [
        Binding("left", "read(-1)", "cross-hair to the observation before", show=False),
        Binding("right", "read(1)", "cross-hair to the next observation", show=False),
        Binding("shift+left", f"read(-{JUMP})", "cross-hair far back", show=False),
        Binding("shift+right", f"read({JUMP})", "cross-hair far on", show=False),
        Binding("home", "read_end(-1)", "cross-hair to the first observation", show=False),
        Binding("end", "read_end(1)", "cross-hair to the last observation", show=False),
        Binding("x", "clear", "cross-hair off", show=False),
        Binding("left_square_bracket", "window(-1)", "shorter window", show=False),
        Binding("right_square_bracket", "window(1)", "longer window", show=False),
        *(Binding(str(i), f"hide({i})", "hide or show a line", show=False) for i in range(1, 9)),
    ]
    title = "Chart"

    def __init__(self, look: Look, *, window: str = "1Y", id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.subject = Subject()
        self.traces: tuple[Trace, ...] = ()
        self.levels: tuple[Level, ...] = ()
        self.hidden: frozenset[str] = frozenset()
        self.window = [name for name, _ in WINDOWS].index(window)
        self.read_day: int | None = None  # where the cross-hair stands
        self._word = READING
        self._left, self._scale = 0, Scale(0, 1, 0.0, 1.0, 1, 1)  # of the last drawing, for clicks
        self._lines: tuple[object, Canvas] | None = None  # the lines drawn last, and what they were drawn from
        self._read_days: tuple[object, list[int]] | None = None  # where the cross-hair can stand, and of which lines

    # ------------------------------------------------------------------------------------------------------ what it shows
    def plot(self, subject: Subject, traces: Sequence[Trace], levels: Sequence[Level] = (), *, word: str = "no history") -> None:
        """Show these lines; `word` stands in their place when none has a value."""
        self.subject, self.title = subject, subject.title
        self.traces = tuple(t for t in traces if len(t.days))
        self.levels, self._word = tuple(levels), word
        self._lines = self._read_days = None
        days = [d for t in self.traces for d in (t.days[0], t.days[-1])]
        if self.read_day is not None:
            self.read_day = min(max(self.read_day, min(days)), max(days)) if days else None
        self.redraw()

    def shown(self) -> list[Trace]:
        """The lines that are not hidden; all when every one is."""
        return [t for t in self.traces if t.name not in self.hidden] or list(self.traces)

    def span(self) -> tuple[int, int]:
        """The first and the last day of the window. It ends with the newest observation."""
        last = max(t.days[-1] for t in self.traces)
        length = WINDOWS[self.window][1]
        first = min(t.days[0] for t in self.shown())
        return (max(last - length, first) if length else first), last

    def aside(self, board: Board) -> Pieces:
        """The unit, and until when the values were known."""
        return ((self.subject.unit, Tone.DIM), (f"  known {board.as_of:%-d %b %Y}", Tone.DIM))

    def foot(self) -> Pieces:
        """The windows; the chosen one in brackets."""
        if not self.traces:
            return ()
        pieces: list[tuple[str, Tone]] = []
        for i, (name, _) in enumerate(WINDOWS):
            pieces.append((f"[{name}]" if i == self.window else f" {name} ", Tone.STRONG if i == self.window else Tone.DIM))
        return pieces

    def show(self, board: Board | None, now: datetime, *, mark: bool = True) -> bool:
        """A chart is drawn when it is given lines, not with every Board."""
        is_first, self.board, self.now = self.board is None, board, now
        if is_first:
            self.redraw()
        return False

    # ----------------------------------------------------------------------------------------------------------- drawing
    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """Readout, plot, dates."""
        self.draw_nothing(sheet, rows)

    def draw_nothing(self, sheet: Sheet, rows: int | None) -> None:
        """A chart does not need the Board."""
        if not self.traces:
            sheet.words(self._word if self._word in PENDING else f"{self.look.glyphs.unknown} {self._word}", Tone.DIM)
            return
        first, last = self.span()
        self._readout(sheet, last)
        height = (USUAL_ROWS if rows is None else rows) - sheet.height - 2
        found = extent(self.shown(), first, last)
        if found is None or height < LEAST_PLOT[1] or sheet.width < LEAST_PLOT[0] + 8:
            sheet.words("no value in this window" if found is None else "too small for a chart", Tone.DIM)
            return
        low, high = self._bounds(*found)
        most = max(height // 3, min(height // 2, 4), 1)
        marks, decimals = value_marks(low, high, most), decimals_of(value_step(low, high, most))
        labels = {m: number(m, decimals, self.look.glyphs, signed=self.subject.signed and m != 0) for m in marks}
        left = max(len(text) for text in labels.values()) + 1 if labels else 1
        names = min(self._names_width(), sheet.width // 4) if sheet.width >= NAMES_WIDTH else 0
        width = sheet.width - left - names
        across, down = (2, 4) if self.look.glyphs.braille else (1, 1)
        scale = Scale(first, last, low, high, width * across, height * down)
        self._left, self._scale = left, scale
        canvas = self._filled(width, height, scale)
        self._copy(sheet, canvas, scale, {scale.row(m) // down: text for m, text in labels.items()}, left)
        self._dates(sheet, scale, left, canvas.width)

    def _bounds(self, low: float, high: float) -> tuple[float, float]:
        """The values the axis spans: those of the lines, thresholds that are near, and a little air."""
        reach = (high - low) * FAR or abs(high) * 0.05 or 1.0
        near = [level.value for level in self.levels if low - reach <= level.value <= high + reach]
        low, high = min([low, *near]), max([high, *near])
        air = (high - low) * 0.04 or abs(high) * 0.02 or 0.5
        return low - air, high + air

    def _filled(self, width: int, height: int, scale: Scale) -> Canvas:
        """Lines with the cross-hair over them. The lines are kept: a cross-hair moves often and they are slow to draw."""
        key = scale, self.look, self.hidden
        if self._lines is None or self._lines[0] != key:
            self._lines = key, self._drawn_lines(Canvas(width, height, self.look.glyphs), scale)
        canvas = self._lines[1].clone()
        if self.read_day is not None:
            self._cross(canvas, scale, self.read_day)
        for level in self.levels:
            if scale.low <= level.value <= scale.high:
                words = clip(f" {level.word} ", width - 2, self.look.glyphs)
                canvas.write(1, scale.row(level.value) * height // scale.rows, words, level.tone)
        return canvas

    def _drawn_lines(self, canvas: Canvas, scale: Scale) -> Canvas:
        g, down = self.look.glyphs, scale.rows // max(canvas.height, 1)
        if scale.low < 0 < scale.high and self.subject.signed:
            for x in range(canvas.width):
                canvas.set(x, scale.row(0.0) // down, g.horizontal, Tone.FRAME)
        for level in self.levels:
            if scale.low <= level.value <= scale.high:
                for x in range(0, canvas.width, 2):
                    canvas.set(x, scale.row(level.value) // down, g.dash, level.tone)
        for trace in self.shown():
            draw_trace(canvas, trace, scale)
        return canvas

    def _cross(self, canvas: Canvas, scale: Scale, day: int) -> None:
        """A vertical line where nothing stands, and a point on every line."""
        g, down = self.look.glyphs, scale.rows // max(canvas.height, 1)
        x = scale.column(day) * canvas.width // scale.columns
        for y in range(canvas.height):
            if canvas.is_blank(x, y):
                canvas.set(x, y, g.vertical, Tone.DIM)
        for trace in self.shown():
            if (found := trace.at(day)) and scale.first <= found[0]:
                canvas.set(x, scale.row(found[1]) // down, g.now, trace.tone)

    def _copy(self, sheet: Sheet, canvas: Canvas, scale: Scale, marks: dict[int, str], left: int) -> None:
        g = self.look.glyphs
        names = self._ends(scale, canvas.height)
        for y in range(canvas.height):
            at = sheet.row()
            text = marks.get(y, "")
            sheet.put(at, 0, text, Tone.DIM, width=left - 1, right=True)
            sheet.put(at, left - 1, g.ticks[0] if text else g.vertical, Tone.FRAME)
            canvas.copy(sheet, at, left, y)
            if y in names:
                sheet.put(at, left + canvas.width, f" {names[y][0]}", names[y][1])

    def _dates(self, sheet: Sheet, scale: Scale, left: int, width: int) -> None:
        """The horizontal axis and what its marks say."""
        g = self.look.glyphs
        axis, y = list(g.horizontal * width), sheet.row()
        marks = date_marks(scale.first, scale.last, width)
        for mark in marks:
            axis[min(scale.column(mark.at) * width // scale.columns, width - 1)] = g.ticks[1]
        sheet.put(y, left - 1, g.ticks[2] + "".join(axis), Tone.FRAME)
        y, x = sheet.row(), 0
        for mark in marks:
            start = left + scale.column(mark.at) * width // scale.columns
            start = max(min(start - len(mark.text) // 2, sheet.width - len(mark.text)), x)
            x = sheet.put(y, start, mark.text, Tone.DIM) + 1

    # ------------------------------------------------------------------------------------------------------ names and values
    def _figure(self, value: float) -> str:
        size = abs(value)
        usual = 0 if size >= 1000 else 1 if size >= 20 else 2
        decimals = usual if self.subject.decimals is None else self.subject.decimals
        return number(value, decimals, self.look.glyphs, signed=self.subject.signed)

    def _names_width(self) -> int:
        return max(cell_len(self.look.glyphs.shown(t.name)) for t in self.shown()) + 1

    def _ends(self, scale: Scale, height: int) -> dict[int, tuple[str, Tone]]:
        """Each line's name at the height of its end; names that would share a row move apart."""
        down, free = scale.rows // max(height, 1), set(range(height))
        placed: dict[int, tuple[str, Tone]] = {}
        parts = ((t, t.values[t.between(scale.first, scale.last)]) for t in self.shown())
        ends = sorted((scale.row(part[-1]) // down, t.name, t.tone) for t, part in parts if part)
        for row, name, tone in ends:
            if free:
                y = min(free, key=lambda each: (abs(each - row), each))
                free.discard(y)
                placed[y] = name, tone
        return placed

    def _readout(self, sheet: Sheet, last: int) -> None:
        """The date of the cross-hair, or of the newest observation, and what every line was then."""
        g, day = self.look.glyphs, last if self.read_day is None else self.read_day
        y = sheet.row()
        when = f"{to_date(day):%a %-d %b %Y}"
        x = sheet.put(y, 0, f"newest {when}" if self.read_day is None else when, Tone.DIM if self.read_day is None else Tone.STRONG) + 2
        many = len(self.traces) > 1
        for i, trace in enumerate(self.traces, 1):
            found = trace.at(day)
            value = g.dash if found is None else self._figure(found[1])
            late = f" ({to_date(found[0]):%-d %b})" if found and found[0] != day else ""
            off = trace.name in self.hidden
            name = f"{i} {trace.name} " if many else ""
            if x + cell_len(name + value + late) > sheet.width:
                y, x = sheet.row(), 2
            x = sheet.put(y, x, name, Tone.DIM if off else trace.tone)
            x = sheet.put(y, x, "off" if off else value, Tone.DIM if off or found is None else Tone.STRONG)
            x = sheet.put(y, x, "" if off else late, Tone.DIM) + 2
        for level in self.levels:
            words = f"{level.word} {self._figure(level.value)}"
            if x + cell_len(words) <= sheet.width:
                x = sheet.put(y, x, words, level.tone) + 2

    # ----------------------------------------------------------------------------------------------------------- actions
    def _days(self) -> list[int]:
        """Every day of the window on which a shown line has a value."""
        key = self.window, self.hidden
        if self._read_days is None or self._read_days[0] != key:
            first, last = self.span()
            self._read_days = key, sorted({d for t in self.shown() for d in t.days[t.between(first, last)]})
        return self._read_days[1]

    def action_read(self, steps: int) -> None:
        """Move the cross-hair by so many observations; it begins at the newest one."""
        if not self.traces:
            return
        days = self._days()
        here = len(days) if self.read_day is None else bisect_left(days, self.read_day)
        self.read_day = days[min(max(here + steps, 0), len(days) - 1)]
        self.redraw()

    def action_read_end(self, way: int) -> None:
        """The cross-hair to an end of the window."""
        if self.traces:
            days = self._days()
            self.read_day = days[0] if way < 0 else days[-1]
            self.redraw()

    def action_clear(self) -> None:
        """No cross-hair."""
        self.read_day = None
        self.redraw()

    def action_window(self, step: int) -> None:
        """A longer or a shorter window; the cross-hair stays within."""
        self.window = min(max(self.window + step, 0), len(WINDOWS) - 1)
        if self.traces and self.read_day is not None:
            self.read_day = max(self.read_day, self.span()[0])
        self.redraw()

    def action_hide(self, digit: int) -> None:
        """Hide or show one line; the last one stays."""
        if 0 < digit <= len(self.traces) and len(self.traces) > 1:
            name = self.traces[digit - 1].name
            hidden = self.hidden ^ {name}
            if any(t.name not in hidden for t in self.traces):
                self.hidden = hidden
                self.redraw()

    def on_click(self, event: events.Click) -> None:
        """The cross-hair to where was clicked."""
        if not self.traces:
            return
        across = 2 if self.look.glyphs.braille else 1
        column = (event.x - 2 - self._left) * across
        days = self._days()
        if 0 <= column < self._scale.columns and days:
            wanted = self._scale.day(column)
            self.read_day = min(days, key=lambda d: abs(d - wanted))
            self.redraw()
