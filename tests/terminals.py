"""A terminal to compare with: pyte behind a tty line that puts a carriage return before each line feed."""

import re

import pyte
from pyte.screens import Char
from wcwidth import wcwidth


class _Screen(pyte.Screen):
    """pyte's own leaves the cells of other rows that nobody wrote yet without the background colour."""

    def erase_in_display(self, how: int = 0, *args: object, **kwargs: object) -> None:
        if how == 3:
            return
        here = self.cursor.y
        for y in {0: range(here + 1, self.lines), 1: range(here), 2: range(self.lines)}[how]:
            for x in range(self.columns):
                self.buffer[y][x] = self.cursor.attrs
        if how < 2:
            self.erase_in_line(how)


_KEYBOARD = re.compile(rb"\x1b\[[<>=][0-9;]*u")  # pyte takes the keyboard protocol for "restore the cursor"


class Terminal:
    """Shows what bytes make of a screen of `width` × `height`."""

    def __init__(self, width: int, height: int) -> None:
        self.screen = _Screen(width, height)
        self._stream = pyte.ByteStream(self.screen)

    def receive(self, data: bytes) -> None:
        """Take bytes as the program wrote them."""
        self.receive_line(data.replace(b"\n", b"\r\n"))

    def receive_line(self, data: bytes) -> None:
        """Take bytes as they come out of a tty line."""
        self._stream.feed(_KEYBOARD.sub(b"", data))

    def resize(self, width: int, height: int) -> None:
        """Have another size."""
        self.screen.resize(height, width)

    def cells(self) -> list[list[Char]]:
        """Every cell as it looks: what cannot be seen of a blank's style is left out, and half a wide sign is none."""
        screen = self.screen
        rows = [[screen.buffer[y][x] for x in range(screen.columns)] for y in range(screen.lines)]
        for row in rows:
            for x, cell in enumerate(row):
                is_wide, before_half = _is_wide(cell), x + 1 < len(row) and row[x + 1].data == ""
                if (is_wide and not before_half) or (cell.data == "" and not (x and _is_wide(row[x - 1]))):
                    row[x] = cell._replace(data=" ")
        return [[_seen(cell) for cell in row] for row in rows]

    def text(self) -> str:
        """The signs."""
        return "\n".join(self.screen.display)


def _is_wide(cell: Char) -> bool:
    return cell.data != "" and wcwidth(cell.data[0]) == 2


def _seen(cell: Char) -> Char:
    if cell.data == " " and not (cell.underscore or cell.strikethrough or cell.reverse):
        return Char(" ", bg=cell.bg)
    return cell
