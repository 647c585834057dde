"""Every point of a market's curve: level, changes, σ-moves, rarity, percentiles, volatility in both units."""

from collections.abc import Sequence

from ..signals.board import Board, Reading
from .columns import Column
from .curve import in_order
from .look import Figure, Look, figure
from .table import NOTHING, Shown, Table, dated
from .tones import Tone

LARGE, EXTREME = 2.0, 3.0  # σ


class TenorTable(Table):
    """One row a tenor."""

    title = "Tenors"
    COLUMNS = (
        Column("name", "", 4, 0, right=False),
        Column("level", "yield", 6, 0),
        Column("d1", "1D bp", 6, 0),
        Column("w1", "1W", 5, 1),
        Column("m1", "1M", 5, 1),
        Column("m3", "3M", 5, 5),
        Column("ytd", "YTD", 5, 4),
        Column("z1", "σ1D", 5, 0),
        Column("word", "move", 18, 2, right=False),
        Column("pct1y", "1Y%", 4, 6),
        Column("pct10y", "10Y%", 4, 3),
        Column("vol_bp", "bp/yr", 5, 2),
        Column("vol_price", "price%", 6, 2),
        Column("as_of", "as of", 12, 3, right=False),
    )

    def __init__(self, look: Look, *, market: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.market = market

    def choose(self, market: str) -> None:
        """Show another market."""
        self.market = market
        self.redraw()

    def keys(self, board: Board) -> Sequence[str]:
        """By maturity."""
        market = board.markets.get(self.market)
        return in_order(market.tenors) if market else ()

    def cell(self, board: Board, key: str, column: str) -> Shown:
        """A number of the tenor."""
        tenor, look = board.markets[self.market].tenors[key], self.look
        base = f"markets.{self.market}.tenors.{key}"
        match column:
            case "name":
                return Figure(key.upper(), Tone.STRONG), ""
            case "level":
                return figure(tenor.level, look, 3, tone=Tone.STRONG), f"{base}.level"
            case "z1":
                size = abs(tenor.z1.value or 0)
                tone = Tone.ALARM if size >= EXTREME else Tone.WATCH if size >= LARGE else Tone.TEXT
                return figure(tenor.z1, look, 1, signed=True, tone=tone), f"{base}.z1"
            case "word":
                rare = f" 1 in {tenor.one_in:,}" if tenor.one_in else ""
                return (Figure(tenor.z_word + rare, Tone.WATCH), f"{base}.z1") if tenor.z_word else NOTHING
            case "pct1y" | "pct10y":
                reading: Reading = getattr(tenor, column)
                return figure(reading, look, 0, scale=1.0 if reading.unit == "pct" else 100.0), f"{base}.{column}"
            case "vol_bp":
                return figure(tenor.vol_bp, look, 0), f"{base}.vol_bp"
            case "vol_price":
                return figure(tenor.vol_price, look, 1), f"{base}.vol_price"
            case "as_of":
                return Figure(dated(tenor.level, board, look), Tone.DIM), ""
        change: Reading = getattr(tenor, column)
        rounded = None if change.value is None else round(change.value)
        return figure(change, look, 0, signed=True, tone=look.rise(rounded)), f"{base}.{column}"

    def empty(self, board: Board) -> str:
        """No such market, or no tenor."""
        return "no tenor of this market is known"
