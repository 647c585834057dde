"""Reads what Textual writes for a terminal, and keeps a Grid of the screen it wants.

What is no drawing (modes, title, bell, clipboard) is handed on. What may draw in a way not known here is handed on too, at its place, and
the screen is forgotten: the reader is never wrong about a cell, it only knows less. After a sequence that may change for good how a
terminal draws (margins, insertion, other sets of signs …) everything is handed on, until another screen begins.
"""

import re
from collections.abc import Callable
from typing import Protocol

from rich.cells import get_character_cell_size

from .terminal_screen import CLEARS, MARK_BITS, PLAIN, Grid, Pen

_TOKEN = re.compile(
    r"[^\x00-\x1f\x7f-\x9f]+"  # signs
    r"|\x1b\[(?P<params>[0-9;:<=>?]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b[PX^_][^\x1b]*\x1b\\"
    r"|\x1b[ -/]*[0-OQ-WYZ\\`-~]"
    r"|[\x00-\x1a\x1c-\x1f\x7f-\x9f]",
)
_STYLED = re.compile(r"\x1b\[([0-9;]*)m([^\x00-\x1f\x7f-\x9f]*)").match  # nearly all of it: a style, and signs in it
_SURE_NARROW = re.compile(
    "[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0482\u2010-\u2027\u2190-\u22ff\u2500-\u25fc\u2800-\u28ff]+"
).fullmatch
_UNSURE = re.compile("[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]").search
_LONGEST = 1 << 16  # a sequence not ended by then is none
_STYLES_KEPT = 4096
_PASSING = re.compile(r"\t|\x1b[78DEM]|\x1b[PX^_]|\x1b\[\d*[@LMPST]|\x1b\[[0-9;:]*m|\x1b\[3J").match  # strange, but soon over
_ALTERNATE = {"1049", "1047", "47"}
_SYNC = "2026"


class Taker(Protocol):
    """Who takes what the grid cannot hold."""

    def control(self, text: str) -> None:
        """Something that draws nothing."""
        ...

    def strange(self, text: str) -> None:
        """Something that may draw anything, at the cursor, with the pen. Afterwards no cell is known."""
        ...

    def anew(self, text: str) -> None:
        """Something after which another screen stands there; what was wanted of this one is void."""
        ...


class Reader:
    """Feeds a grid from a stream of text that may break off anywhere.

    Args:
        in_colour: whether the terminal erases with the background colour; where not, what erases is passed on.

    Attributes:
        grid: the screen wanted.
        in_update: between the begin and the end of a synchronized update: the frame is not whole yet.
        sees_updates: whether there ever was one: Textual writes them where the terminal has them.
        cursor_shown: whether the terminal's cursor is visible.
    """

    def __init__(self, grid: Grid, taker: Taker, *, in_colour: bool = True) -> None:
        self.grid = grid
        self.in_update = self.sees_updates = False
        self.cursor_shown = True
        self._taker = taker
        self._in_colour = in_colour
        self._rest = ""
        self._lost = False
        self._pens: dict[tuple[Pen, str], Pen | None] = {}
        self._moves: dict[str, Callable[[list[int]], None]] = {
            "H": lambda n: grid.move((n[1] if len(n) > 1 else 1) - 1, n[0] - 1),
            "f": lambda n: grid.move((n[1] if len(n) > 1 else 1) - 1, n[0] - 1),
            "A": lambda n: grid.move(grid.x, grid.y - n[0]),
            "B": lambda n: grid.move(grid.x, grid.y + n[0]),
            "C": lambda n: grid.move(grid.x + n[0], grid.y),
            "D": lambda n: grid.move(min(grid.x, grid.width - 1) - n[0], grid.y),
            "E": lambda n: grid.move(0, grid.y + n[0]),
            "F": lambda n: grid.move(0, grid.y - n[0]),
            "G": lambda n: grid.move(n[0] - 1, grid.y),
            "d": lambda n: grid.move(grid.x, n[0] - 1),
        }

    def feed(self, text: str) -> None:
        """Read on."""
        text, self._rest = self._rest + text, ""
        place, grid, pens = 0, self.grid, self._pens
        match = _TOKEN.match
        while place < len(text):
            before = grid.pen
            styled = None if self._lost or before is None else _STYLED(text, place)
            if styled is not None and before is not None and (pen := pens.get((before, styled[1]))) is not None:
                grid.pen, place = pen, styled.end()
                if styled[2]:
                    self._signs(styled[2])
                continue
            token = match(text, place)
            if token is None:
                if len(text) - place <= _LONGEST:
                    self._rest = text[place:]
                else:
                    self._strange(text[place:])
                return
            place = token.end()
            final = token["final"]
            if self._lost and not (final in ("h", "l") and _is_alternate(token["params"])):
                self._taker.strange(token[0])
            elif final is None:
                self._no_csi(token)
            else:
                self._csi(token[0], token["params"], token["between"], final)

    # ----------------------------------------------------------------------------------------------------------- signs
    def _no_csi(self, token: "re.Match[str]") -> None:
        text, first = token[0], token[0][0]
        if first >= " " and not "\x7f" <= first <= "\x9f":
            self._signs(text)
        elif token["osc"] is not None:
            self._osc(text, token["osc"])
        else:
            self._c0(text)

    def _signs(self, text: str) -> None:
        grid = self.grid
        if grid.pen is None or not grid.placed or _UNSURE(text):
            self._strange(text)
        elif _SURE_NARROW(text):
            if not grid.put(text, grid.pen):
                self._strange(text)
        else:
            for i, sign in enumerate(text):
                if not self._sign(sign, grid.pen):
                    self._strange(text[i:])
                    return

    def _sign(self, sign: str, pen: Pen) -> bool:
        size = get_character_cell_size(sign)
        if size == 1:
            return self.grid.put(sign, pen)
        return self.grid.put_wide(sign, pen) if size == 2 else self.grid.combine(sign)

    def _c0(self, text: str) -> None:
        grid = self.grid
        if text in ("\a", "\x1b=", "\x1b>"):
            self._taker.control(text)
        elif not grid.placed:
            self._strange(text)
        elif text == "\n" and grid.y + 1 < grid.height:
            grid.move(0, grid.y + 1)  # the terminal line puts a carriage return before it
        elif text == "\r":
            grid.move(0, grid.y)
        elif text == "\b":
            grid.move(min(grid.x, grid.width - 1) - 1, grid.y)
        else:
            self._strange(text)

    # ------------------------------------------------------------------------------------------------------- sequences
    def _csi(self, text: str, params: str, between: str, final: str) -> None:
        if between or params[:1] in ("<", "=", ">", "?"):
            self._private(text, params, between, final)
            return
        if final == "m":
            self._style(params)
            return
        try:
            numbers = [max(int(n or 0), 0) for n in params.split(";")]
        except ValueError:
            self._strange(text)
            return
        if final in "ct":  # who are you, window operations
            self._taker.control(text)
        elif final in self._moves and (self.grid.placed or final in "Hf"):
            self._moves[final]([n or 1 for n in numbers])
        elif final in "JKX" and self._can_erase(final, numbers[0]):
            self._erase(final, numbers[0], self.grid.pen or PLAIN)
        else:
            self._strange(text)

    def _can_erase(self, final: str, how: int) -> bool:
        grid = self.grid
        return grid.placed and grid.pen is not None and (self._in_colour or not grid.pen.bg) and (final == "X" or how < 3)

    def _erase(self, final: str, how: int, pen: Pen) -> None:
        grid = self.grid
        x, y = min(grid.x, grid.width - 1), grid.y
        if final == "X":
            grid.erase(y, x, x + (how or 1), pen)
            return
        grid.erase(y, 0 if how else x, x + 1 if how == 1 else grid.width, pen)
        if final == "J":
            for row in range(0 if how else y + 1, y if how == 1 else grid.height):
                if row != y:
                    grid.erase(row, 0, grid.width, pen)

    def _private(self, text: str, params: str, between: str, final: str) -> None:
        if params[:1] == "?" and final in "hl" and not between:
            self._modes(text, params, on=final == "h")
        elif (final == "u" and not between) or (between == "$" and final == "p") or (between == " " and final == "q"):
            self._taker.control(text)  # keyboard protocol, questions about modes, shape of the cursor
        else:
            self._strange(text)

    def _modes(self, text: str, params: str, *, on: bool) -> None:
        modes = params[1:].split(";")
        if modes == [_SYNC]:
            self.in_update = on
            self.sees_updates |= on
            return
        if _is_alternate(params):
            self._anew(text)
            return
        if "7" in modes:
            self.grid.wraps = on
        if "25" in modes:
            self.cursor_shown = on
        if {"3", "5", "6", "40", "69"} & set(modes):
            self._strange(text)  # these move or redraw
        else:
            self._taker.control(text)

    def _osc(self, text: str, body: str) -> None:
        if not body.startswith("8;"):
            self._taker.control(text)
        elif self.grid.pen is not None:
            link = body[2:]
            self.grid.pen = self.grid.pen._replace(link="" if link.endswith(";") else link)

    def _anew(self, text: str) -> None:
        self._taker.anew(text)
        self.grid.forget()
        self.grid.pen, self.grid.placed, self._lost = PLAIN, False, False

    def _strange(self, text: str) -> None:
        self._taker.strange(text)
        self.grid.forget()
        self.grid.placed = False
        if text[0] < " " or "\x7f" <= text[0] <= "\x9f":
            self.grid.pen = None
            self._lost = not _PASSING(text)
            self.in_update &= not self._lost

    # ---------------------------------------------------------------------------------------------------------- styles
    def _style(self, params: str) -> None:
        before = self.grid.pen
        if before is None:
            codes = params.split(";")
            if "0" not in codes and "" not in codes:
                self._strange(f"\x1b[{params}m")
                return
            before = PLAIN
        if len(self._pens) > _STYLES_KEPT:
            self._pens.clear()
        after = changed_pen(before, params)
        if after is None:
            self._strange(f"\x1b[{params}m")
        else:
            self._pens[before, params] = after
        self.grid.pen = after


def _is_alternate(params: str) -> bool:
    return params.startswith("?") and not _ALTERNATE.isdisjoint(params[1:].split(";"))


def changed_pen(pen: Pen, params: str) -> Pen | None:
    """The pen after `CSI params m`; None when a parameter is not known."""
    codes = params.split(";")
    fg, bg, marks, link = pen
    i = 0
    while i < len(codes):
        if not (codes[i] or "0").isdecimal():
            return None
        code = int(codes[i] or 0)
        i += 1
        if code == 0:
            fg = bg = ""
            marks = 0
        elif code in MARK_BITS:
            marks |= MARK_BITS[code]
        elif code in CLEARS:
            marks &= ~CLEARS[code]
        elif 30 <= code <= 37 or 90 <= code <= 97:
            fg = str(code)
        elif 40 <= code <= 47 or 100 <= code <= 107:
            bg = str(code)
        elif code == 39:
            fg = ""
        elif code == 49:
            bg = ""
        elif code in (38, 48):
            size = {"5": 2, "2": 4}.get(codes[i] if i < len(codes) else "")
            if size is None or i + size > len(codes) or not all(c.isdecimal() for c in codes[i : i + size]):
                return None
            colour = ";".join((str(code), *codes[i : i + size]))
            fg, bg = (colour, bg) if code == 38 else (fg, colour)
            i += size
        else:
            return None
    return Pen(fg, bg, marks, link)
