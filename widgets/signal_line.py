"""The last line or two: the compressed signal, one sentence made of states only, and the way to help."""

from collections.abc import Sequence

from rich.cells import cell_len

from ..signals.board import Board
from .glyphs import clip
from .look import Look
from .pane import Pane
from .sheet import Sheet, wrapped
from .tones import Tone

KEYS = (("?", " help  "), ("^P", " palette "))  # the last ones give way to a sentence that is longer
NO_KEYS_BELOW = 60  # columns


class SignalLine(Pane, can_focus=False):
    """As many lines as it is high; `word` takes the sentence's place while something must be said."""

    framed = False

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.word = ""

    def say(self, word: str) -> None:
        """Say something in place of the signal; "" ends it."""
        if word != self.word:
            self.word = word
            self.redraw()

    def draw_nothing(self, sheet: Sheet, rows: int | None) -> None:
        """Before the first Board."""
        self._sentence(sheet, self.word, Tone.DIM)

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """The sentence."""
        if self.word:
            self._sentence(sheet, self.word, Tone.KEY)
        else:
            self._sentence(sheet, board.line, Tone.TEXT)

    def _sentence(self, sheet: Sheet, text: str, tone: Tone) -> None:
        """The text over the rows there are; the keys at the end of the last one."""
        g, rows = self.look.glyphs, max(self.size.height, 1)
        *upper, last = self._broken(g.shown(text), sheet.width - 2, rows)
        for line in upper:
            sheet.put(sheet.row(), 1, line, tone)
        keys = list(KEYS) if sheet.width >= NO_KEYS_BELOW else []
        while len(keys) > 1 and cell_len(last) > sheet.width - _length(keys) - 3:
            keys.pop()
        y, x = sheet.row(), sheet.width - _length(keys)
        sheet.put(y, 1, clip(last, x - 2, g), tone)
        for key, name in keys:
            x = sheet.put(y, x, key, Tone.KEY)
            x = sheet.put(y, x, name, Tone.DIM)

    def _broken(self, text: str, width: int, rows: int) -> list[str]:
        """The text in exactly so many lines, broken between words; what is too long stays on the last."""
        lines = list(wrapped(text, max(width, 1)))
        kept = lines[: rows - 1]
        return [*kept, " ".join(lines[rows - 1 :]), *[""] * (rows - 1 - len(kept))]


def _length(keys: Sequence[tuple[str, str]]) -> int:
    return sum(len(key) + len(name) for key, name in keys)
