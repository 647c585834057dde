"""Panes that show one market of a Board, which can be changed."""

from ..signals.board import Board, Market
from .filtered import RowFiltered
from .look import Look
from .sheet import Sheet
from .tones import Tone


class MarketPane(RowFiltered):
    """One market; subclasses draw what is known of it."""

    def __init__(self, look: Look, *, market: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.market = market

    def choose(self, market: str) -> None:
        """Show another market."""
        self.market, self.top = market, 0
        self.redraw()

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """What is known of the market."""
        market = board.markets.get(self.market)
        if market is None:
            sheet.words(f"{self.look.glyphs.unknown} no market {self.market!r} on this Board", Tone.DIM)
        else:
            self.draw_market(sheet, board, market)

    def draw_market(self, sheet: Sheet, board: Board, market: Market) -> None:
        """What is known of that market."""
        raise NotImplementedError
