"""The last line: the compressed signal, one sentence made of states only, and the way to help."""

from ..signals.board import Board
from .glyphs import clip
from .look import Look
from .pane import Pane
from .sheet import Sheet
from .tones import Tone

KEYS = (("?", " help  "), ("^P", " palette "))


class SignalLine(Pane, can_focus=False):
    """One line; `word` takes the sentence's place while something must be said."""

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
        self._line(sheet, self.word, Tone.DIM, "")

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """The sentence."""
        if self.word:
            self._line(sheet, self.word, Tone.KEY, "")
        else:
            self._line(sheet, board.line, Tone.TEXT, "line")

    def _line(self, sheet: Sheet, text: str, tone: Tone, path: str) -> None:
        g, y = self.look.glyphs, sheet.row()
        keys = sum(len(key) + len(name) for key, name in KEYS) if sheet.width >= 60 else 0
        sheet.put(y, 1, clip(g.shown(text), sheet.width - keys - 3, g), tone, path="")
        if keys:
            x = sheet.width - keys
            for key, name in KEYS:
                x = sheet.put(y, x, key, Tone.KEY)
                x = sheet.put(y, x, name, Tone.DIM)
