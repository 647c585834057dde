"""What goes to the terminal: of all that Textual writes, only what the terminal does not show already (`Economy`), or everything (`Plain`).

Both are fed text and asked for bytes. Frames that were not asked for in time are never sent: the Economy knows what it sent.
"""

from threading import Condition, RLock
from typing import Protocol

from .terminal_reader import Reader
from .terminal_screen import PLAIN, Grid
from .terminal_writer import Writer

_SYNC_BEGIN, _SYNC_END = "\x1b[?2026h", "\x1b[?2026l"
_SYNC_FROM = 256  # bytes: what is shorter arrives in one piece anyway
_MOST_CONTROL = 1 << 20  # characters kept for a terminal that takes nothing
WHOLE = 1 << 30


class Output(Protocol):
    """Between the app and the wire. Safe to use from two threads."""

    def feed(self, text: str) -> None:
        """Take what Textual writes."""
        ...

    def take(self, limit: int = WHOLE) -> bytes:
        """What the terminal shall be sent now, about `limit` bytes of it; b"" when it is up to date."""
        ...

    def resize(self, width: int, height: int) -> None:
        """The terminal has another size."""
        ...

    def waiting(self) -> bool:
        """Whether there is something to send."""
        ...


class Plain:
    """Everything, as Textual writes it. Nothing can be left out, so that whoever writes must wait when too much is kept."""

    def __init__(self) -> None:
        self._room = Condition()
        self._parts: list[str] = []
        self._size = 0

    def feed(self, text: str) -> None:
        """Keep it, once there is room."""
        with self._room:
            self._room.wait_for(lambda: self._size < _MOST_CONTROL)
            self._parts.append(text)
            self._size += len(text)

    def take(self, limit: int = WHOLE) -> bytes:
        """All of it."""
        with self._room:
            text = "".join(self._parts)
            self._parts.clear()
            self._size = 0
            self._room.notify_all()
        return text.encode("utf-8", "replace")

    def resize(self, width: int, height: int) -> None:
        """Nothing to do: Textual paints anew."""

    def waiting(self) -> bool:
        """Whether anything is kept."""
        return bool(self._parts)


class Economy:
    """Only what differs from what the terminal shows.

    Args:
        in_colour: whether the terminal erases with the background colour.

    Attributes:
        wanted: the screen that Textual has drawn.
    """

    def __init__(self, width: int, height: int, *, in_colour: bool) -> None:
        self._lock = RLock()
        self.wanted = Grid(width, height)
        self._reader = Reader(self.wanted, self, in_colour=in_colour)
        self._writer = Writer(self.wanted.width, self.wanted.height, in_colour=in_colour)
        self._controls: list[str] = []  # in the order they came; sent before the next frame
        self._control_size = 0
        self._size = width, height
        self._cursor = 0, 0  # where it was left for the user to see

    # -------------------------------------------------------------------------------------------------------- outside
    def feed(self, text: str) -> None:
        """Read what Textual writes."""
        with self._lock:
            self._adapt()
            self.wanted.frame += 1
            self._reader.feed(text)

    def take(self, limit: int = WHOLE) -> bytes:
        """The controls that wait and the frame, newest rows first when it must be short."""
        with self._lock:
            self._adapt()
            controls = "".join(self._controls)
            self._controls.clear()
            self._control_size = 0
            frame = "" if self._reader.in_update else self._frame(limit)
            return (controls + frame).encode("utf-8", "replace")

    def resize(self, width: int, height: int) -> None:
        """Take another size before the next text; called from a signal handler, which must not wait for the lock."""
        self._size = width, height

    def waiting(self) -> bool:
        """Whether rows differ, as far as is known without comparing them, or controls wait."""
        return bool(self._controls or (self.wanted.touched and not self._reader.in_update) or self._cursor_moved())

    # ----------------------------------------------------------------------------------------- what the reader hands on
    def control(self, text: str) -> None:
        """Keep a sequence that draws nothing."""
        self._keep(text)

    def strange(self, text: str) -> None:
        """Bring the terminal up to date, then pass the text and forget what stands there."""
        grid, writer = self.wanted, self._writer
        if grid.placed:
            self._keep(self._cells(WHOLE) + (writer.go_to(grid.x, grid.y) if grid.x < grid.width else writer.to_edge(grid)))
        if grid.pen is not None:
            self._keep(writer.take_pen(grid.pen))
        self._keep(text)
        pen = grid.pen if "\x1b" not in text else None
        writer.forget()
        writer.pen = pen

    def anew(self, text: str) -> None:
        """Leave the pen as it was found, then another screen."""
        self._keep(self._writer.take_pen(PLAIN) + text)
        self._writer.forget()

    # --------------------------------------------------------------------------------------------------------- inside
    def _keep(self, text: str) -> None:
        if self._control_size + len(text) > _MOST_CONTROL:  # nobody takes anything: begin anew when somebody does
            self._controls.clear()
            self._control_size = 0
            self._writer.forget()
            self.wanted.touched = dict.fromkeys(range(self.wanted.height), self.wanted.frame)
        elif text:
            self._controls.append(text)
            self._control_size += len(text)

    def _adapt(self) -> None:
        if self._size != (self.wanted.width, self.wanted.height):
            self.wanted.resize(*self._size)
            self._size = self.wanted.width, self.wanted.height
            self._writer.resize(*self._size)

    def _frame(self, limit: int) -> str:
        text = self._cells(limit) + self._cursor_text()
        if self._reader.sees_updates and len(text) >= _SYNC_FROM:
            return _SYNC_BEGIN + text + _SYNC_END
        return text

    def _cells(self, limit: int) -> str:
        touched, writer = self.wanted.touched, self._writer
        if not touched:
            return ""
        first = writer.cleared(self.wanted)
        order = sorted(touched) if limit >= WHOLE else sorted(touched, key=lambda y: (-touched[y], y))
        text, done = writer.rows(self.wanted, order, limit)
        for y in done:
            del touched[y]
        return first + text

    def _cursor_moved(self) -> bool:
        grid = self.wanted
        return grid.placed and (grid.x, grid.y) != self._cursor

    def _cursor_text(self) -> str:
        """The cursor, where it can be seen or an input method needs it. Textual parks an idle one at the upper left."""
        grid = self.wanted
        if not grid.placed:
            return ""
        x, y = self._cursor = grid.x, grid.y
        wants = self._reader.cursor_shown or (x, y) != (0, 0)
        return self._writer.go_to(min(x, grid.width - 1), y) if wants else ""
