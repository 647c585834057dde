"""One market: curve, tenors, standing and spreads, clearing, auctions, slow facts."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from ...widgets.auction_table import AuctionTable
from ...widgets.clearing_parts import ClearingPane
from ...widgets.curve import CurvePane
from ...widgets.look import Look
from ...widgets.pane import Pane
from ...widgets.standing import Standing
from ...widgets.structure_table import StructureTable
from ...widgets.tenor_table import TenorTable
from ..view import View
from .paned import PanedScreen


class MarketScreen(PanedScreen):
    """Everything the Board says of one market; `n` and `p` go to the next one and the one before."""

    DEFAULT_CSS = "MarketScreen .column:first-of-type { width: 6fr; } MarketScreen .column { width: 5fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "turn(1)", "next market", show=False),
        Binding("p", "turn(-1)", "market before", show=False),
    ]
    COLUMNS: ClassVar[Sequence[Sequence[int]]] = ((0, 1, 4), (2, 3, 5))
    title_text = "Market"

    def __init__(self, look: Look, view: View, market: str = "") -> None:
        self.market = market or next(iter(view.board.markets if view.board else ()), "us")
        super().__init__(look, view)

    def make_panes(self) -> Iterable[Pane]:
        """Curve first."""
        yield CurvePane(self.look, market=self.market, id="curve")
        yield TenorTable(self.look, market=self.market, id="tenors")
        yield Standing(self.look, market=self.market, id="standing")
        yield ClearingPane(self.look, market=self.market, id="clearing")
        yield AuctionTable(self.look, market=self.market, id="auctions")
        yield StructureTable(self.look, market=self.market, id="structure")

    def take(self, view: View) -> None:
        """The Board, and the market's name in the frame of the curve."""
        self._entitle(view)
        super().take(view)

    def action_turn(self, step: int) -> None:
        """Another market."""
        names = list(self.view.board.markets) if self.view.board else []
        if not names:
            return
        self.market = names[(names.index(self.market) + step) % len(names)] if self.market in names else names[0]
        self._entitle(self.view)
        for pane in self.panes:
            if isinstance(pane, CurvePane | TenorTable | Standing | ClearingPane | AuctionTable | StructureTable):
                pane.choose(self.market)

    def _entitle(self, view: View) -> None:
        market = view.board.markets.get(self.market) if view.board else None
        self.panes[0].title = f"{market.name if market else self.market.upper()} curve"
