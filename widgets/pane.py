"""What all panes share: a frame, a cursor that goes from value to value, scrolling, and repainting only what differs.

A pane draws itself on a Sheet; the sheet is compared with what stands on screen and the regions of differing cells are refreshed, nothing
else. It computes nothing and fetches nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from ..signals.board import Board
from .frame import Pieces, framed, thumb
from .look import Look
from .sheet import CHANGED, CURSOR, Cell, Row, Sheet, differing
from .spots import MINUS, Spot, beside, beyond, copied, spots_of, texts
from .tones import PREFIX, Tone, styles

__all__ = ["NEVER", "Ask", "Copy", "Pane", "Pieces", "Spot"]
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
NO_SIZE = Size(0, 0)


class Ask(Message):
    """The user wants to know what stands behind a value.

    Attributes:
        path: of the Reading or Word on the Board, such as `markets.jp.tenors.30y.z1`.
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path


class Copy(Message):
    """The user wants a text on the clipboard.

    Attributes:
        what: in words, what it is.
    """

    def __init__(self, text: str, what: str) -> None:
        super().__init__()
        self.text, self.what = text, what


class Pane(Widget, can_focus=True):
    """One part of a Board.

    Attributes:
        number: the key that focuses it, 0 for none.
        title: stands in the frame, `limit` behind it: what keeps part of the rows away.
        tab: its name among tabs; "" for its title.
        framed: whether there is a frame.
    """

    DEFAULT_CSS = "Pane { background: $background; color: $foreground; }"
    BINDINGS = [
        Binding("up", "move(0,-1)", "value above", show=False),
        Binding("down", "move(0,1)", "value below", show=False),
        Binding("left", "move(-1,0)", "value to the left", show=False),
        Binding("right", "move(1,0)", "value to the right", show=False),
        Binding("home", "edge(-1)", "first value", show=False),
        Binding("end", "edge(1)", "last value", show=False),
        Binding("pageup", "page(-1)", "a page up", show=False),
        Binding("pagedown", "page(1)", "a page down", show=False),
        Binding("enter", "ask", "explain", show=False),
        Binding("y", "copy(False)", "copy this value", show=False),
        Binding("Y", "copy(True)", "copy this table, with tabs", show=False),
    ]
    number = 0
    title = ""
    tab = ""
    limit = ""
    framed = True

    def __init__(self, look: Look, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  (Textual's name)
        self._is_hidden = self._is_late = False
        super().__init__(id=id, classes=classes)
        self.look = look
        self.now = NEVER
        self.board: Board | None = None
        self.cursor = ""
        self.top = 0  # first visible row of the body
        self._sheet = Sheet(0, look.glyphs)
        self._rows: tuple[Row, ...] = ()  # what stands on screen, frame included
        self._changed: frozenset[str] = frozenset()
        self._marks_to_clear = 0
        self._styles_of: dict[Tone, Style] = {}
        self._mark_style = Style(underline=True)
        self._style = Style()  # of the whole pane, by the style sheet
        self._base: Style | None = None  # and as the terminal can show it; None until the theme is read
        self._width = 0  # of the lines drawn
        self._pens: dict[tuple[Tone, int], tuple[Style, bool]] = {}
        self._strips: dict[int, tuple[Row, Strip]] = {}  # each line as it was drawn last, and of which row

    @property
    def size(self) -> Size:
        """Columns and rows, none while hidden. (There are no edges and paddings; Textual would look for some each time it is asked.)"""
        return NO_SIZE if self._is_hidden else self.outer_size

    # ------------------------------------------------------------------------------------------------ for the panes
    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """Put the Board's part on the sheet. `rows` says how many can be seen; None when only the height is asked for."""

    def draw_nothing(self, sheet: Sheet, rows: int | None) -> None:
        """Say that there is no Board yet."""
        sheet.words("waiting for the first data", Tone.DIM)

    def aside(self, board: Board) -> Pieces:
        """What stands at the right end of the frame's upper edge."""
        return ()

    def foot(self) -> Pieces:
        """What stands at the right end of the frame's lower edge; called after `draw`."""
        return ()

    # ---------------------------------------------------------------------------------------------------- for the app
    def show(self, board: Board | None, now: datetime, *, mark: bool = True) -> bool:
        """Show a Board; whether the pane would like another height now. With `mark`, cells that changed are marked for some seconds."""
        marks = mark and self.look.marks_s > 0 and self.board is not None and board is not None
        before = texts(self._sheet.rows()) if marks else None
        self.board, self.now = board, now
        needed = self._sheet.height
        self.redraw()
        if before is not None:
            after = texts(self._sheet.rows())
            self._mark(frozenset(path for path, text in after.items() if before.get(path, text) != text))
        return self._sheet.height != needed

    def tick(self, now: datetime) -> None:
        """A minute has passed: ages change in place."""
        self.now = now
        self.redraw()

    def redraw(self) -> None:
        """Draw anew and repaint the cells that differ; a pane that cannot be seen does so when it can."""
        self._is_late = self._is_hidden
        if self.size.width == 0:
            return
        width, height = self._body_size(self.size)
        self._sheet = self._drawn(width, height)
        if self.has_focus and not self.cursor:
            self.cursor = self.first_value()
        self._recompose()

    # --------------------------------------------------------------------------------------------------------- drawing
    def _drawn(self, width: int, rows: int | None) -> Sheet:
        sheet = Sheet(width, self.look.glyphs)
        if self.board is None:
            self.draw_nothing(sheet, rows)
        else:
            self.draw(sheet, self.board, rows)
        return sheet

    def _body_size(self, size: Size) -> tuple[int, int]:
        return (max(size.width - 4, 0), max(size.height - 2, 0)) if self.framed else (size.width, size.height)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """The rows this pane would fill."""
        if not width:
            return 0
        body, _ = self._body_size(Size(width, 0))
        return self._drawn(body, None).height + (2 if self.framed else 0)

    def _recompose(self) -> None:
        """Lay frame, scroll position, cursor and marks over the sheet, and refresh what differs from the screen."""
        width, height = self.size
        visible = self._body_size(self.size)[1]
        self.top = min(max(self.top, 0), max(self._sheet.height - visible, 0))
        body = self._sheet.rows()[self.top : self.top + visible]
        dx = 2 if self.framed else 0
        cursor = self.cursor if self.has_focus else ""
        rows: list[Row] = [self._overlaid(row, dx, cursor) for row in body]
        rows += [()] * (visible - len(rows))
        if self.framed:
            rows = self._in_frame(rows, width)
        before = self._rows
        shown = tuple([before[y] if y < len(before) and before[y] == row else row for y, row in enumerate(rows[:height])])
        odd = [Region(x, y, w, 1) for y, x, w in differing(before, shown)]
        self._rows = shown
        if odd:
            self.repaint(odd)

    def repaint(self, odd: Sequence[Region]) -> None:
        """Have regions written anew. The screen is told at once: by way of our own queue, each pane would cost it a round of messages."""
        if not self.is_mounted or not self.display:
            self.refresh(*odd)
            return
        self.clear_cached_dimensions()
        width = self.size.width  # to the edge: a line that is cut costs more than one that is whole, and the driver sends what differs
        self._repaint_regions.update([Region(x, y, width - x, height) for x, y, _, height in odd])
        self.screen._dirty_widgets.add(self)
        self.screen.check_idle()

    def _overlaid(self, row: Row, dx: int, cursor: str) -> Row:
        changed = self._changed
        if not changed and not cursor:
            return tuple([Cell(x + dx, width, text, tone, path) for x, width, text, tone, path, _ in row])
        over = [(CHANGED if path in changed else 0) | (CURSOR if path == cursor else 0) if path else 0 for _, _, _, _, path, _ in row]
        return tuple([Cell(x + dx, width, text, tone, path, on) for (x, width, text, tone, path, _), on in zip(row, over, strict=True)])

    def _in_frame(self, rows: list[Row], width: int) -> list[Row]:
        head = [(f" {self.number} {self.title} " if self.number else f" {self.title} ", Tone.TITLE)]
        if self.limit:
            head.append((f"{self.limit} ", Tone.KEY))
        return list(
            framed(
                rows,
                width,
                self.look.glyphs,
                Tone.FOCUS if self.has_focus else Tone.FRAME,
                head=head,
                aside=self.aside(self.board) if self.board is not None else (),
                foot=self.foot(),
                thumb=thumb(self._sheet.height, len(rows), self.top),
            )
        )

    def render_line(self, y: int) -> Strip:
        """One line of the screen, in as few pieces as look different: all that follows costs by the piece."""
        base, width, pens = self._base or self._take_theme(), self.size.width, self._pens
        segments: list[Segment] = []
        parts: list[str] = []
        last, shows_on_blanks, x = base, False, 0
        for at, size, text, tone, _, over in self._rows[y] if y < len(self._rows) else ():
            pen, shows = pens.get((tone, over)) or self._pen(tone, over)
            if at > x:
                if shows_on_blanks:
                    segments.append(Segment("".join(parts), last))
                    parts, last, shows_on_blanks = [], base, False
                parts.append(" " * (at - x))
            if pen is not last:
                if parts:
                    segments.append(Segment("".join(parts), last))
                    parts = []
                last, shows_on_blanks = pen, shows
            parts.append(text)
            x = at + size
        if x < width and shows_on_blanks:
            segments.append(Segment("".join(parts), last))
            parts, last = [], base
        segments.append(Segment("".join(parts) + " " * (width - x), last))
        line = Strip(segments, max(x, width))
        return line if x <= width else line.crop(0, width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Several lines, each drawn once for as long as it says the same. (Textual would look for edges and paddings: there are none.)"""
        self._is_hidden = False
        if self._is_late:
            self.redraw()
        width = self.size.width
        if self._base is None or width != self._width:
            self._width = width
            self._take_theme()
        rows, kept = self._rows, self._strips
        lines = []
        for y in crop.line_range:
            row = rows[y] if y < len(rows) else ()
            drawn = kept.get(y)
            if drawn is None or drawn[0] is not row:
                drawn = kept[y] = row, self.render_line(y)
            lines.append(drawn[1])
        return lines if crop.column_span == (0, width) else [line.crop(*crop.column_span) for line in lines]

    def _pen(self, tone: Tone, over: int) -> tuple[Style, bool]:
        """How a cell is written, and whether a blank written so differs from one of the pane."""
        pen = self._style + self._styles_of[tone]
        if over & CHANGED:
            pen += self._mark_style
        if over & CURSOR:
            pen += Style(reverse=True)
        pen = self._filtered(pen)
        shows = pen.bgcolor != (self._base or pen).bgcolor or bool(pen.underline or pen.reverse or pen.strike)
        self._pens[tone, over] = pen, shows
        return pen, shows

    def _take_theme(self) -> Style:
        variables = self.app.theme_variables
        self._styles_of = styles(variables)
        colour = variables.get(PREFIX + "mark")
        self._mark_style = Style(bgcolor=colour) if colour else Style(underline=True, bold=True)
        self._pens.clear()
        self._strips.clear()
        self._style = self.rich_style
        self._base = base = self._filtered(self._style)
        return base

    def _filtered(self, style: Style) -> Style:
        """As the terminal can show it: colours for its own palette, or none."""
        strip = Strip([Segment(" ", style)], 1)
        for each in self.get_line_filters():
            strip = strip.apply_filter(each, self.background_colors[1])
        return next(iter(strip)).style or style

    def notify_style_update(self) -> None:
        """The style sheet was applied: theme, focus, a class."""
        super().notify_style_update()
        self._base = None

    def forget_styles(self) -> None:
        """The theme has changed."""
        self._base = None
        self.refresh()

    # ----------------------------------------------------------------------------------------------------------- marks
    @property
    def marked(self) -> frozenset[str]:
        """The values marked as changed."""
        return self._changed

    def _mark(self, paths: frozenset[str]) -> None:
        if not paths:
            return
        self._changed |= paths
        self._marks_to_clear += 1
        self._recompose()
        self.set_timer(self.look.marks_s, self._unmark)

    def _unmark(self) -> None:
        self._marks_to_clear -= 1
        if self._marks_to_clear == 0:
            self._changed = frozenset()
            self._recompose()

    # ---------------------------------------------------------------------------------------------------------- cursor
    def spots(self) -> list[Spot]:
        """Every value that can be asked, in reading order."""
        return spots_of(self._sheet.rows())

    def first_value(self) -> str:
        """Where the cursor stands at first; "" where there is nothing to ask."""
        return next((s.path for s in self.spots()), "")

    def go_to(self, path: str) -> bool:
        """Put the cursor on a value; False when the pane does not show it."""
        spot = next((s for s in self.spots() if s.path == path), None)
        if spot is not None:
            self._land(spot)
        return spot is not None

    def _land(self, spot: Spot) -> None:
        self.cursor = spot.path
        visible = self._body_size(self.size)[1]
        if spot.y < self.top:
            self.top = spot.y if any(s.y < spot.y for s in self.spots()) else 0
        elif spot.y >= self.top + visible:
            self.top = spot.y - visible + 1
        self._recompose()

    def action_move(self, dx: int, dy: int) -> None:
        """The next value in a direction; without one the pane scrolls."""
        spots = self.spots()
        here = next((s for s in spots if s.path == self.cursor), None)
        if here is None:
            if spots:
                self._land(next((s for s in spots if s.y >= self.top), spots[0]))
            else:
                self._scroll(dy)
            return
        there = beside(spots, here, dx) if dx else beyond(spots, here, dy)
        if there is not None:
            self._land(there)
        elif dy:
            self._scroll(dy)

    def action_edge(self, way: int) -> None:
        """The first or the last value."""
        spots = self.spots()
        if spots:
            self._land(spots[0] if way < 0 else spots[-1])
        self.top = 0 if way < 0 else self._sheet.height
        self._recompose()

    def action_page(self, way: int) -> None:
        """Scroll by what is visible; the cursor comes along."""
        visible = max(self._body_size(self.size)[1] - 1, 1)
        spots = self.spots()
        here = next((s for s in spots if s.path == self.cursor), None)
        self._scroll(way * visible)
        if here is not None:
            self._land(min(spots, key=lambda s: (abs(s.y - here.y - way * visible), abs(s.x - here.x))))

    def action_ask(self) -> None:
        """Ask for the value under the cursor."""
        if self.cursor and any(s.path == self.cursor for s in self.spots()):
            self.post_message(Ask(self.cursor))
        else:
            self.action_move(1, 0)

    def action_copy(self, everything: bool) -> None:
        """Have the value under the cursor, or all rows, put on the clipboard."""
        rows = self._sheet.rows()
        text = copied(rows) if everything else texts(rows).get(self.cursor, "").strip().translate(MINUS)
        if text:
            self.post_message(Copy(text, f"{self.title}, {len(rows)} rows" if everything else text))

    def _scroll(self, by: int) -> None:
        self.top += by
        self._recompose()

    # ---------------------------------------------------------------------------------------------------------- events
    def on_resize(self, event: events.Resize) -> None:
        """Draw for the new size."""
        self.redraw()

    def on_hide(self) -> None:
        """It stands behind others, or nowhere."""
        self._is_hidden = True

    def on_show(self) -> None:
        """It can be seen again."""
        self._is_hidden = False
        if self._is_late:
            self.redraw()

    def watch_has_focus(self, focused: bool) -> None:
        """Show or hide the cursor."""
        if focused and not any(s.path == self.cursor for s in self.spots()):
            self.cursor = self.first_value()
        self._recompose()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll."""
        event.stop()
        self._scroll(2)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll."""
        event.stop()
        self._scroll(-2)

    def on_click(self, event: events.Click) -> None:
        """Put the cursor on a value; on the value that has it, ask."""
        rows = self._rows
        cell = next((c for c in rows[event.y] if c.x <= event.x < c.end and c.path), None) if event.y < len(rows) else None
        if cell is None:
            return
        if cell.path == self.cursor and event.chain > 1:
            self.post_message(Ask(cell.path))
        self.cursor = cell.path
        self._recompose()

    # ----------------------------------------------------------------------------------------------------------- tests
    def text(self) -> str:
        """What the pane shows, as plain text."""
        return "\n".join("".join(s.text for s in self.render_line(y)).rstrip() for y in range(self.size.height))
