"""The yen carry and its unwind, what hedging costs a foreign buyer, and Japan's weekly flows."""

from ..signals.board import Board, Carry, Reading, Word
from .filtered import RowFiltered
from .look import figure, status_tone
from .sheet import Sheet
from .table import put_fact, put_tail
from .tones import Tone

INVESTORS = {"jpy": "yen", "eur": "euro"}
COLUMNS = (("hedged", "hedged%", 2), ("cost", "cost%", 2), ("pickup", "pickup", 0), ("d21", "1M bp", 0))
LABEL = 20


class CarryTable(RowFiltered):
    """Carry, then the hedged Treasury, then flows."""

    title = "Yen carry, hedging, flows"
    tab = "Carry"

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """Three parts."""
        part = board.carry
        self._carry(sheet, board, part)
        self._hedged(sheet, part)
        self._flows(sheet, board, part)

    def _carry(self, sheet: Sheet, board: Board, part: Carry) -> None:
        raised = part.unwind.word not in ("", "off", "no")
        self._word(sheet, "carry unwind", part.unwind, "carry.unwind", Tone.ALARM if raised else Tone.CALM, raised=raised)
        facts: tuple[tuple[str, Reading, str, int, bool], ...] = (
            ("carry-to-vol", part.carry_to_vol, "carry_to_vol", 2, False),
            ("carry", part.carry, "carry", 2, True),
            ("USD/JPY volatility", part.sigma_fx, "sigma_fx", 1, False),
            ("USD/JPY in a week", part.r5, "r5", 1, True),
            ("  unwind at", part.threshold, "threshold", 1, True),
            ("VIX in a week", part.d5_vix, "d5_vix", 1, True),
        )
        for label, reading, name, decimals, signed in facts:
            put_fact(sheet, self.look, board, label, reading, f"carry.{name}", decimals=decimals, signed=signed, label_width=LABEL)
        sheet.words("an unwind also needs VIX +5 points in the week", Tone.DIM, indent=2)
        if part.amplifier:
            sheet.words(part.amplifier, Tone.DIM, indent=2)

    def _hedged(self, sheet: Sheet, part: Carry) -> None:
        """One row an investor: a 10-year Treasury hedged into his currency."""
        y = sheet.head()
        x = sheet.put(y, 0, "Treasury 10Y hedged", Tone.TITLE, width=LABEL) + 1
        for _, head, _ in COLUMNS:
            x = sheet.put(y, x, head, Tone.DIM, width=8, right=True)
        if not part.hedged:
            sheet.words(f"{self.look.glyphs.unknown} no hedging cost is known", Tone.DIM, indent=2)
        notes = []
        for investor, legs in part.hedged.items():
            y = sheet.row()
            x = sheet.put(y, 2, f"{INVESTORS.get(investor, investor)} investor", Tone.TEXT, width=LABEL - 2) + 1
            for name, _, decimals in COLUMNS:
                reading = legs.get(name)
                tone = self.look.gain(reading.value) if name in ("pickup", "d21") and reading else Tone.TEXT
                shown = figure(reading, self.look, decimals, signed=name != "hedged", tone=tone)
                x = sheet.put_figure(y, x, shown, 8, f"carry.hedged.{investor}.{name}")
            notes += [r.note for r in legs.values() if r.note]
        for note in dict.fromkeys(notes):
            sheet.words(note, Tone.DIM, indent=2)

    def _flows(self, sheet: Sheet, board: Board, part: Carry) -> None:
        self._word(sheet, "Japan's weekly flows", part.flows_word, "carry.flows_word", Tone.TEXT)
        names = {"net_4w": ("  foreign bonds, 4w", 2, True), "pct": ("  10-year percentile", 0, False)}
        for name, reading in part.flows.items():
            label, decimals, signed = names.get(name, (f"  {name}", 2, False))
            put_fact(sheet, self.look, board, label, reading, f"carry.flows.{name}", decimals=decimals, signed=signed, label_width=LABEL)

    def _word(self, sheet: Sheet, label: str, word: Word, path: str, tone: Tone, *, raised: bool | None = None) -> None:
        g, y = self.look.glyphs, sheet.row()
        x = sheet.put(y, 0, label, Tone.TITLE, width=LABEL) + 1
        if not word.word:
            sheet.put(y, x, f"{g.unknown} {word.note or 'unknown'}", Tone.DIM)
            return
        sign = "" if raised is None else f"{g.met if raised else g.not_met} "
        x = sheet.put(y, x, sign + word.word, status_tone(word.status, tone), path=path) + 2
        put_tail(sheet, y, x, "; ".join(word.evidence))
