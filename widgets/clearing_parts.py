"""How a market's 10-year yield cleared: parts that add up, and the pressure of inflation, supply and demand."""

from collections.abc import Sequence

from ..signals.board import Board, Clearing, Market, Reading, Word
from .look import figure, status_tone
from .market_pane import MarketPane
from .sheet import Sheet
from .table import put_fact, put_tail
from .tones import Tone

IDENTITIES = (("path", "term"), ("real", "breakeven"), ("expected", "tp"))
NAMES = {"path": "path (2Y)", "term": "term (10Y−2Y)", "tp": "term premium", "expected": "expected rates"}
WINDOWS = ("1w", "1m")
ARROWS = {"↑": "rising", "↓": "falling", "→": "steady"}


class ClearingPane(MarketPane):
    """Three identities, three forces, one monthly regression."""

    title = "Duration clearing"
    tab = "Clearing"

    def draw_market(self, sheet: Sheet, board: Board, market: Market) -> None:
        """Identities over forces over regression."""
        part = board.clearing.get(self.market)
        if part is None:
            sheet.words(f"{self.look.glyphs.unknown} no decomposition of this market", Tone.DIM)
            return
        self._identities(sheet, part)
        self._forces(sheet, board, part)
        self._regression(sheet, board, part)

    # ------------------------------------------------------------------------------------------------------ identities
    def _identities(self, sheet: Sheet, part: Clearing) -> None:
        y, x = sheet.head(), 0
        x = sheet.put(y, x, "change of the 10Y, bp", Tone.DIM, width=22)
        for window in WINDOWS:
            x = sheet.put(y, x, window.upper(), Tone.DIM, width=8, right=True)
        for pair in IDENTITIES:
            if self._why_not(part, pair):
                sheet.words(f"{' + '.join(NAMES.get(n, n) for n in pair)}: {self._why_not(part, pair)}", Tone.DIM)
                continue
            for i, name in enumerate(pair):
                y = sheet.row()
                x = sheet.put(y, 0, f"{'+ ' if i else '  '}{NAMES.get(name, name)}", Tone.DIM, width=22)
                for window in WINDOWS:
                    reading = part.decomposition.get(window, {}).get(name)
                    shown = figure(reading, self.look, 1, signed=True, tone=self.look.rise(reading.value if reading else None))
                    x = sheet.put_figure(y, x, shown, 8, f"clearing.{self.market}.decomposition.{window}.{name}")
                note = self._total(part, name) if i == 0 else ""
                sheet.put(y, x + 2, note, Tone.DIM)

    def _why_not(self, part: Clearing, pair: Sequence[str]) -> str:
        """Why an identity is not shown; "" when it is for any window."""
        found = [part.decomposition.get(w, {}).get(name) for w in WINDOWS for name in pair]
        if any(r is not None and r.value is not None for r in found):
            return ""
        return next((r.note for r in found if r is not None and r.note), "") or "unknown"

    def _total(self, part: Clearing, name: str) -> str:
        reading = part.decomposition.get("1m", {}).get(name)
        return reading.note if reading is not None and reading.value is not None and reading.note else ""

    # ---------------------------------------------------------------------------------------------------------- forces
    def _forces(self, sheet: Sheet, board: Board, part: Clearing) -> None:
        base = f"clearing.{self.market}"
        sheet.words("Yield = f(inflation) + f(supply) + f(marginal demand)", Tone.TITLE)
        forces: tuple[tuple[str, Reading], ...] = (
            ("inflation", part.z_inflation),
            ("supply", part.z_supply),
            ("demand", part.z_demand),
        )
        for name, reading in forces:
            put_fact(sheet, self.look, board, self._force(part, name), reading, f"{base}.z_{name}", decimals=1, signed=True, label_width=30)
        put_fact(sheet, self.look, board, "clearing pressure", part.pressure, f"{base}.pressure", decimals=1, signed=True, label_width=30)
        for word, name, label in ((part.split, "split", "what moved it"), (part.tips, "tips", "TIPS demand")):
            self._word(sheet, label, word, f"{base}.{name}")

    def _force(self, part: Clearing, name: str) -> str:
        arrow, word = part.arrows.get(name, ""), part.words.get(name, "")
        said = " ".join(filter(None, (arrow, ARROWS.get(arrow, ""), word)))
        return f"{name} {said}".strip()

    def _word(self, sheet: Sheet, label: str, word: Word, path: str) -> None:
        y = sheet.row()
        x = sheet.put(y, 0, label, Tone.DIM, width=16) + 1
        text = word.word or f"{self.look.glyphs.unknown} {word.note or 'unknown'}"
        x = sheet.put(y, x, text, status_tone(word.status) if word.word else Tone.DIM, path=path if word.word else "") + 2
        put_tail(sheet, y, x, "; ".join(word.evidence))

    # ------------------------------------------------------------------------------------------------------ regression
    def _regression(self, sheet: Sheet, board: Board, part: Clearing) -> None:
        base = f"clearing.{self.market}"
        if part.r2.value is None:
            sheet.words(f"monthly regression: {part.r2.note or 'unknown'}", Tone.DIM)
            return
        sheet.words("Monthly ridge regression, last 60 months: bp per unit", Tone.TITLE)
        for name, beta in part.betas.items():
            wrong = beta.note.startswith("wrong sign")
            tone = Tone.STALE if wrong else Tone.TEXT
            put_fact(sheet, self.look, board, name, beta, f"{base}.betas.{name}", decimals=1, signed=True, tone=tone)
        put_fact(sheet, self.look, board, "R²", part.r2, f"{base}.r2")
        put_fact(sheet, self.look, board, "unexplained", part.unexplained, f"{base}.unexplained", decimals=1, signed=True)
