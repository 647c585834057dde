"""The last auction of every term, against its own predecessors."""

from collections.abc import Sequence

from ..signals.board import Auction, Board, Reading
from .columns import Column
from .glyphs import number
from .look import Figure, Look, figure
from .table import NOTHING, Shown, Table
from .tones import Tone

HOME = "us"  # whose auctions the Board knows
WORD_TONES = {"failed-ish": Tone.ALARM, "weak": Tone.WATCH, "strong": Tone.CALM}
FIELDS = {"cover": "bid_to_cover", "indirect": "indirect", "dealer": "dealer", "tail": "tail", "score": "score"}
SIX = {"cover6": "bid_to_cover", "indirect6": "indirect_share", "dealer6": "dealer_share"}


class AuctionTable(Table):
    """One row a term. Beside cover and shares stands the difference from the mean of the last six."""

    title = "Auctions"
    COLUMNS = (
        Column("term", "", 4, 0, right=False),
        Column("held", "held", 9, 1, right=False),
        Column("cover", "cover", 5, 0),
        Column("cover6", "vs 6", 5, 3),
        Column("indirect", "indir%", 6, 1),
        Column("indirect6", "vs 6", 5, 4),
        Column("dealer", "deal%", 6, 1),
        Column("dealer6", "vs 6", 5, 4),
        Column("tail", "tail bp", 7, 2),
        Column("kind", "", 5, 2, right=False),
        Column("score", "z", 5, 0),
        Column("word", "", 12, 1, right=False),
    )

    def __init__(self, look: Look, *, market: str = HOME, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.market = market

    def choose(self, market: str) -> None:
        """Another market; only one has results."""
        self.market = market
        self.redraw()

    def keys(self, board: Board) -> Sequence[str]:
        """By term."""
        return sorted(board.auctions, key=_years) if self.market == HOME else ()

    def empty(self, board: Board) -> str:
        """Results are of the US alone."""
        return "no auction result is known" if self.market == HOME else "auction results are read for the US alone"

    def cell(self, board: Board, key: str, column: str) -> Shown:
        """A number of the auction."""
        auction, base, g = board.auctions[key], f"auctions.{key}", self.look.glyphs
        if column in SIX:
            return self._against(auction, column), ""
        match column:
            case "term":
                return Figure(auction.term.upper(), Tone.STRONG), ""
            case "held":
                return Figure(f"{auction.held.day} {auction.held:%b %y}" if auction.held else g.unknown, Tone.DIM), ""
            case "kind":
                return (Figure("proxy", Tone.WATCH), f"{base}.tail") if auction.tail.status == "proxy" else NOTHING
            case "word":
                return Figure(auction.word or g.unknown, WORD_TONES.get(auction.word, Tone.TEXT)), f"{base}.score"
        reading: Reading = getattr(auction, FIELDS[column])
        decimals, signed = (2, False) if column == "cover" else (1, column in ("tail", "score"))
        return figure(reading, self.look, decimals, signed=signed), f"{base}.{FIELDS[column]}"

    def _against(self, auction: Auction, column: str) -> Figure:
        gap = auction.against_six.get(SIX[column])
        if gap is None:
            return Figure(self.look.glyphs.dash, Tone.DIM)
        return Figure(number(gap, 2 if column == "cover6" else 1, self.look.glyphs, signed=True), Tone.DIM)


def _years(term: str) -> float:
    digits = term.rstrip("yw m")
    return float(digits) if digits.replace(".", "").isdigit() else 99.0
