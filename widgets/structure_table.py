"""Slow facts of a market, each with its vintage, and who else ranks where."""

from ..signals.board import Board, Market, Word
from .look import figure, status_tone
from .market_pane import MarketPane
from .sheet import Sheet
from .table import put_fact, put_tail
from .tones import Tone

CHANGES = {"1m": "change 1M", "3m": "change 3M", "1y": "change 1Y", "pct10y": "10-year percentile", "check": "second model"}


class StructureTable(MarketPane):
    """Policy, prices, debt, the central bank, the term premium; then the market's place in the ranking."""

    title = "Structure"

    def draw_market(self, sheet: Sheet, board: Board, market: Market) -> None:
        """Facts, then the ranking."""
        part, base = board.structure.get(self.market), f"structure.{self.market}"
        if part is None:
            sheet.words(f"{self.look.glyphs.unknown} no slow facts of this market", Tone.DIM)
        else:
            facts = (
                ("policy rate", part.policy, "policy", 2, False),
                ("inflation", part.cpi, "cpi", 1, False),
                ("real policy rate", part.real_policy, "real_policy", 2, True),
                ("path, next 12 months", part.path12m, "path12m", 0, True),
                ("central-bank share", part.cb_share, "cb_share", 1, False),
                ("debt / GDP", part.debt_gdp, "debt_gdp", 0, False),
                ("bills in the debt", part.bill_share, "bill_share", 1, False),
                ("term premium", part.term_premium, "term_premium", 2, True),
            )
            for label, reading, name, decimals, signed in facts:
                put_fact(sheet, self.look, board, label, reading, f"{base}.{name}", decimals=decimals, signed=signed)
            for name, reading in part.term_premium_changes.items():
                decimals, path = 0 if name != "check" else 2, f"{base}.term_premium_changes.{name}"
                put_fact(sheet, self.look, board, f"  {CHANGES.get(name, name)}", reading, path, decimals=decimals, signed=name != "pct10y")
            self._out_of_step(sheet, part.out_of_step, f"{base}.out_of_step")
        self._ranking(sheet, board)

    def _out_of_step(self, sheet: Sheet, word: Word, path: str) -> None:
        if self.market == "us":
            return  # the others are compared with it
        y = sheet.row()
        x = sheet.put(y, 0, "against the US", Tone.DIM, width=20) + 1
        text = word.word or f"{self.look.glyphs.unknown} {word.note or 'unknown'}"
        x = sheet.put(y, x, text, status_tone(word.status) if word.word else Tone.DIM, path=path if word.word else "") + 2
        put_tail(sheet, y, x, "; ".join(word.evidence))

    def _ranking(self, sheet: Sheet, board: Board) -> None:
        """Liquidity, policy, value: this market among the others."""
        part, base, look = board.allocation.get(self.market), f"allocation.{self.market}", self.look
        if part is None:
            return
        y = sheet.row()
        place = f"{part.rank} of {sum(a.rank is not None for a in board.allocation.values())}" if part.rank else look.glyphs.unknown
        x = sheet.put(y, 0, "capital allocation ", Tone.DIM)
        x = sheet.put(y, x, f"rank {place}", Tone.STRONG if part.rank else Tone.DIM, path=f"{base}.score") + 2
        for name, reading in (("score", part.score), ("liquidity", part.liquidity), ("policy", part.policy), ("value", part.value)):
            shown = figure(reading, look, 2)
            if x + len(name) + len(shown.text) + 1 > sheet.width:
                y, x = sheet.row(), 2
            x = sheet.put(y, x, f"{name} ", Tone.DIM)
            x = sheet.put(y, x, shown.text, shown.tone, path=f"{base}.{name}") + 2
        if part.driver:
            sheet.words(f"driven by {part.driver}", Tone.DIM, indent=2)
