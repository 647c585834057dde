"""Where a market stands: its label with the evidence, spreads, slopes and shapes, real yield and breakeven, hedged yields."""

from ..signals.board import Board, Market, Reading
from .look import figure, status_tone
from .market_pane import MarketPane
from .sheet import Sheet
from .state_vector import compared
from .table import put_fact, put_tail
from .tones import Tone, label_tone


class Standing(MarketPane):
    """Words first, then numbers."""

    title = "Standing and spreads"
    tab = "Standing"

    def draw_market(self, sheet: Sheet, board: Board, market: Market) -> None:
        """Label, spreads, slopes, the rest."""
        self._label(sheet, board, market)
        self._numbers(
            sheet,
            board,
            (
                ("10Y against UST", market.vs_us, "vs_us", 0, True),
                ("10Y against Bund", market.vs_de, "vs_de", 0, True),
                ("1W in σ", market.s1w, "s1w", 1, True),
                ("1M in σ", market.s1m, "s1m", 1, True),
                ("3M in σ", market.s3m, "s3m", 1, True),
                ("own move of the day", market.z_e, "z_e", 1, True),
                ("own move, 1M", market.idio, "idio", 1, True),
                ("volatility against US", market.vol_ratio, "vol_ratio", 2, False),
            ),
        )
        self._curves(sheet, market)
        self._numbers(
            sheet,
            board,
            (
                ("real 10Y", market.real10, "real10", 2, False),
                ("breakeven 10Y", market.breakeven10, "breakeven10", 2, False),
                ("term premium", market.term_premium, "term_premium", 2, True),
                ("demand", market.demand_z, "demand_z", 1, True),
                ("supply", market.supply_z, "supply_z", 1, True),
                ("hedged into yen", market.hedged_jpy, "hedged_jpy", 2, False),
                ("hedged into euro", market.hedged_eur, "hedged_eur", 2, False),
            ),
        )

    def _numbers(self, sheet: Sheet, board: Board, facts: tuple[tuple[str, Reading, str, int, bool], ...]) -> None:
        for label, reading, name, decimals, signed in facts:
            if name.startswith("vs_") and not compared(self.market, name.removeprefix("vs_")):
                continue
            path = f"markets.{self.market}.{name}"
            put_fact(sheet, self.look, board, label, reading, path, decimals=decimals, signed=signed, label_width=22)

    def _label(self, sheet: Sheet, board: Board, market: Market) -> None:
        g, label, y = self.look.glyphs, market.label, sheet.row()
        arrow = {"▲": g.up, "▼": g.down, "▪": g.flat}.get(market.arrow, "")
        word = f"{arrow} {label.word}".strip() if label.word else f"{g.unknown} label unknown"
        x = sheet.put(y, 0, word, status_tone(label.status, label_tone(label.word)), path=f"markets.{self.market}.label")
        since = f"  since {label.since.day} {label.since:%b %y}" if label.since else ""
        sure = f"  {label.confidence:.0%} of its clauses known" if label.confidence is not None else ""
        put_tail(sheet, y, x, since + sure)
        if market.conclusion:
            sheet.words(market.conclusion, Tone.TEXT)
        for clause in label.evidence:
            sheet.words(clause, Tone.DIM, indent=2)

    def _curves(self, sheet: Sheet, market: Market) -> None:
        look = self.look
        for name, curve in market.curves.items():
            base, y = f"markets.{self.market}.curves.{name}", sheet.row()
            x = sheet.put(y, 0, name, Tone.DIM, width=22) + 1
            tone = Tone.WATCH if curve.inverted else Tone.TEXT
            x = sheet.put_figure(y, x, figure(curve.slope, look, 0, signed=True, tone=tone), 9, f"{base}.slope")
            unknown = curve.slope.value is None
            x = sheet.put(y, x + 1, curve.slope.note if unknown else "bp", Tone.DIM) + 1
            x = sheet.put(y, x, "inverted " if curve.inverted else "", Tone.WATCH)
            for window, shape in (("1W", curve.shape_1w), ("1M", curve.shape_1m)):
                if shape.word and x + len(shape.word) + 4 > sheet.width:
                    y, x = sheet.row(), 23
                if shape.word:
                    x = sheet.put(y, x, f"{window} ", Tone.DIM)
                    x = sheet.put(y, x, shape.word, status_tone(shape.status), path=f"{base}.shape_{window.lower()}") + 2
