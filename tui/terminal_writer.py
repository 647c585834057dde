"""Brings a terminal from the screen that stands to the screen that is wanted, in as few bytes as it can.

It knows what was really sent, so that a frame may be left out, or sent in part, at any time: the next one starts from the truth.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from .terminal_screen import CLEARS, MARK_BITS, PLAIN, SEEN_ON_BLANK, STUB, UNKNOWN, Grid, Pen, blank

_KEPT = 4096
_ERASERS = ("xterm", "tmux", "alacritty", "kitty", "foot", "wezterm", "linux", "konsole", "vte", "rxvt", "iterm", "st-", "ghostty", "putty")
_LONGEST_GAP = 12  # equal cells between two that differ: beyond that a move is never longer
_MOST_UNKNOWN = 0.5  # of the cells; beyond that clearing the screen first is shorter


def erases_in_colour(term: str) -> bool:
    """Whether a terminal of that name erases with the background colour (terminfo's `bce`). GNU screen does not."""
    return term.startswith(_ERASERS)


class Writer:
    """Holds what stands on the terminal.

    Args:
        in_colour: whether erasing takes the background colour.

    Attributes:
        pen: the terminal's; None when not known.
        x, y: the terminal's cursor; x is None when only the row is sure, y is None when nothing is.
    """

    def __init__(self, width: int, height: int, *, in_colour: bool) -> None:
        self._in_colour = in_colour
        self._changes: dict[tuple[Pen | None, Pen], str] = {}
        self.pen: Pen | None = None
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Take another size; nothing is known afterwards."""
        self.width, self.height = width, height
        self.forget()

    def forget(self) -> None:
        """Nothing is known of the terminal."""
        self._texts = [[UNKNOWN] * self.width for _ in range(self.height)]
        self._pens = [[PLAIN] * self.width for _ in range(self.height)]
        self.x: int | None = None
        self.y: int | None = None
        self.pen = None

    # ---------------------------------------------------------------------------------------------------------- frames
    def rows(self, wanted: Grid, order: Iterable[int], limit: int) -> tuple[str, list[int]]:
        """What brings these rows to what is wanted, in this order, and the rows that are done.

        After a row with which it is longer than `limit` (in UTF-8 bytes, about) it stops.
        """
        out: list[str] = []
        done: list[int] = []
        size = 0
        for y in order:
            row = self._row(wanted, y)
            done.append(y)
            out.append(row)
            size += len(row.encode())
            if size > limit:
                break
        return "".join(out), done

    def cleared(self, wanted: Grid) -> str:
        """An erasure of the whole screen where that makes what follows shorter; "" where not."""
        unknown = sum(row.count(UNKNOWN) for row in self._texts)
        if unknown <= _MOST_UNKNOWN * self.width * self.height or any(UNKNOWN in row for row in wanted.texts):
            return ""
        blanks: Counter[Pen] = Counter()
        for texts, pens in zip(wanted.texts, wanted.pens, strict=True):
            blanks.update(p for t, p in zip(texts, pens, strict=True) if t == " " and self._erasable(p))
        if not blanks:
            return ""
        pen = blanks.most_common(1)[0][0]
        self._texts = [[" "] * self.width for _ in range(self.height)]
        self._pens = [[pen] * self.width for _ in range(self.height)]
        return self.take_pen(Pen("", pen.bg)) + "\x1b[2J"

    def _row(self, wanted: Grid, y: int) -> str:
        texts, pens = self._texts[y], self._pens[y]
        new_texts, new_pens = wanted.texts[y], wanted.pens[y]
        if texts == new_texts and pens == new_pens:
            return ""
        if STUB in texts:
            self._break_wide(y, new_texts)
        odd = [
            x
            for x in range(self.width)
            if (new_texts[x] != texts[x] or new_pens[x] != pens[x]) and new_texts[x] != UNKNOWN and new_texts[x] != STUB
        ]
        out: list[str] = []
        done = 0  # columns before this one are as wanted
        for i, x in enumerate(odd):
            if x < done:
                continue
            if x > done and y == self.y and self.x == done and i:
                out.append(self._bridge(y, done, x, new_texts, new_pens))
            out.append(self.go_to(x, y))
            text, done = self._cells(y, x, new_texts, new_pens)
            out.append(text)
        return "".join(out)

    def _break_wide(self, y: int, new: Sequence[str]) -> None:
        """Writing over half of a wide sign takes the other half away."""
        texts = self._texts[y]
        for x in range(1, self.width):
            if texts[x] == STUB and (new[x] != STUB or new[x - 1] != texts[x - 1]):
                texts[x - 1 : x + 1] = [UNKNOWN, UNKNOWN]

    def _cells(self, y: int, x: int, new_texts: Sequence[str], new_pens: Sequence[Pen]) -> tuple[str, int]:
        """Write the cell, or the blanks that begin there; the column behind."""
        text, pen = new_texts[x], new_pens[x]
        if text == " " and self._erasable(pen):
            stop = x + 1
            while stop < self.width and new_texts[stop] == " " and new_pens[stop] == pen:
                stop += 1
            if erasure := self._erasure(x, stop):
                styled = self._pen_for(" ", pen)
                self._stand(y, x, stop, new_texts, new_pens)
                return styled + erasure, stop
        styled = self._pen_for(text, pen)
        wide = x + 1 < self.width and new_texts[x + 1] == STUB
        stop = x + (2 if wide else 1)
        self._stand(y, x, stop, new_texts, new_pens)
        # Where a terminal puts what follows a wide or combined sign, or the last column, is not left to chance.
        self.x = None if wide or len(text) > 1 or stop >= self.width else stop
        return styled + text, stop

    def _erasure(self, x: int, stop: int) -> str:
        """What blanks the columns `x` to `stop` without moving the cursor, "" where spaces are shorter."""
        count = stop - x
        if stop == self.width:
            return "\x1b[K" if count > 3 else ""
        erasure = f"\x1b[{count}X"
        return erasure if count > len(erasure) + len(f"\x1b[{count}C") else ""

    def _stand(self, y: int, x: int, stop: int, new_texts: Sequence[str], new_pens: Sequence[Pen]) -> None:
        self._texts[y][x:stop] = new_texts[x:stop]
        self._pens[y][x:stop] = new_pens[x:stop]

    def _bridge(self, y: int, start: int, stop: int, texts: Sequence[str], pens: Sequence[Pen]) -> str:
        """The equal cells between two that differ, written again where that is shorter than a move over them; else ""."""
        if stop - start > _LONGEST_GAP:
            return ""
        x, pen, out = self.x, self.pen, []
        for i in range(start, stop):
            if texts[i] in (STUB, UNKNOWN) or len(texts[i]) > 1:
                self.pen = pen
                return ""
            out.append(self._pen_for(texts[i], pens[i]))
            out.append(texts[i])
        bridge = "".join(out)
        over, self.pen = self.pen, pen
        by_move = len(self._move_text(stop, y)) + len(self._change_for(texts[stop], pens[stop]))
        self.pen = over
        if len(bridge.encode()) + len(self._change_for(texts[stop], pens[stop])) <= by_move:
            self.x = stop
            return bridge
        self.x, self.pen = x, pen
        return ""

    # ---------------------------------------------------------------------------------------------------------- cursor
    def go_to(self, x: int, y: int) -> str:
        """Move the cursor."""
        if (self.x, self.y) == (x, y):
            return ""
        text = self._move_text(x, y)
        self.x, self.y = x, y
        return text

    def to_edge(self, wanted: Grid) -> str:
        """Move the cursor behind the last column, where only writing brings it."""
        y, x = wanted.y, self.width - 1
        if wanted.texts[y][x] == STUB:
            x -= 1
        return self.go_to(x, y) + self.take_pen(wanted.pens[y][x]) + wanted.texts[y][x]

    def _move_text(self, x: int, y: int) -> str:
        """The shortest move."""
        ways = [f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H" if y else "\x1b[H"]
        if self.y is not None:
            down = y - self.y
            if down == 0:
                ways.append("\r" + _step(x, "C"))
                if self.x is not None:
                    ways.append(_step(x - self.x, "C") if x > self.x else "\b" * (self.x - x) if self.x - x < 4 else _step(self.x - x, "D"))
            elif 0 < down < 3:
                ways.append("\r" + "\n" * down + _step(x, "C"))
            if down and self.x == x:
                ways.append(_step(down, "B") if down > 0 else _step(-down, "A"))
        return min(ways, key=len)

    # ---------------------------------------------------------------------------------------------------------- styles
    def _erasable(self, pen: Pen) -> bool:
        return not (pen.marks or pen.link or (pen.bg and not self._in_colour))

    def _pen_for(self, text: str, pen: Pen) -> str:
        target = self._target(text, pen)
        return "" if target is None else self.take_pen(target)

    def _change_for(self, text: str, pen: Pen) -> str:
        target = self._target(text, pen)
        return "" if target is None else self.change(self.pen, target)

    def _target(self, text: str, pen: Pen) -> Pen | None:
        """The pen to take for a cell; None when the one at hand does."""
        mine = self.pen
        if mine == pen:
            return None
        if text == " " and mine is not None and blank(pen) is pen and not pen.marks and not pen.link:
            kept = Pen(mine.fg, pen.bg, mine.marks & ~SEEN_ON_BLANK)
            return None if kept == mine else kept
        return pen

    def take_pen(self, pen: Pen) -> str:
        """Change the style."""
        text = self.change(self.pen, pen)
        self.pen = pen
        return text

    def change(self, old: Pen | None, new: Pen) -> str:
        """The shortest change of style."""
        if old == new:
            return ""
        text = self._changes.get((old, new))
        if text is None:
            if len(self._changes) > _KEPT:
                self._changes.clear()
            self._changes[old, new] = text = _change(old, new)
        return text


def _step(count: int, way: str) -> str:
    return "" if count == 0 else f"\x1b[{way}" if count == 1 else f"\x1b[{count}{way}"


def _change(old: Pen | None, new: Pen) -> str:
    link = "" if (old or PLAIN).link == new.link else f"\x1b]8;{new.link or ';'}\x1b\\"
    afresh = [str(code) for code, bit in MARK_BITS.items() if new.marks & bit] + [c for c in (new.fg, new.bg) if c]
    ways = ["\x1b[" + ";".join(["0", *afresh] if afresh else []) + "m"]
    if old is not None:
        codes = _delta(old, new)
        ways.append(f"\x1b[{';'.join(codes)}m" if codes else "")
    return min(ways, key=len) + link


def _delta(old: Pen, new: Pen) -> list[str]:
    codes: list[str] = []
    marks = old.marks
    for code, bits in CLEARS.items():
        if marks & bits & ~new.marks:
            codes.append(str(code))
            marks &= ~bits
    codes += [str(code) for code, bit in MARK_BITS.items() if new.marks & bit & ~marks]
    if old.fg != new.fg:
        codes.append(new.fg or "39")
    if old.bg != new.bg:
        codes.append(new.bg or "49")
    return codes
