"""The main screen: four panes in the layout that the terminal's size allows."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from textual import events
from textual.binding import Binding
from textual.geometry import Size
from textual.widget import Widget

from ...widgets.confirmation import ConfirmationPane
from ...widgets.filling import Filling
from ...widgets.look import Look
from ...widgets.pane import Pane
from ...widgets.regime_map import RegimeMap
from ...widgets.signal_line import SignalLine
from ...widgets.state_vector import StateVector
from ...widgets.tab_line import TabLine
from ...widgets.top_line import LAST_CHANGE_FROM
from ...widgets.watch_list import WatchList
from ..arrange import CONFIRMATION, FILLING, MAP, PANES, STATE, TABS, WATCH, Body, layout_of
from ..view import View
from .base import BoardScreen

if TYPE_CHECKING:
    from ..config import Config


FIRST_DEMO = "First visit: a simulated market"


class MainScreen(BoardScreen):
    """State vector, regime map, confirmation, watch list."""

    BINDINGS = [
        *(Binding(str(i + 1), f"pane({i})", f"pane {i + 1}", show=False) for i in range(len(PANES))),
        Binding("z", "zoom", "one pane, all panes", show=False),
        Binding("tab", "next_pane(1)", "next pane", show=False),
        Binding("shift+tab", "next_pane(-1)", "pane before", show=False),
    ]
    title_text = "Monitor"

    def __init__(self, look: Look, view: View, *, shown: Sequence[str] = (), hidden: Sequence[str] = (), first: str = PANES[0]) -> None:
        super().__init__(look, view)
        self._shown_markets, self._hidden_columns = tuple(shown), frozenset(hidden)
        self._active, self._zoomed = first, False

    def contents(self) -> Widget:
        """The four panes, and what stands in their place while there is nothing to show."""
        return Body(
            TabLine(self.look, [(p.number, p.tab or p.title) for p in (StateVector, RegimeMap, ConfirmationPane, WatchList)], id=TABS),
            StateVector(self.look, shown=self._shown_markets, hidden=self._hidden_columns, id=STATE),
            RegimeMap(self.look, id=MAP),
            ConfirmationPane(self.look, id=CONFIRMATION),
            WatchList(self.look, id=WATCH),
            Filling(self.look, id=FILLING),
            active=self._active,
        )

    def on_mount(self) -> None:
        """Lay out for the size; the Board comes after."""
        filling = self.query_one(Filling)
        filling.is_demo = self.app.source.is_demo
        filling.title = FIRST_DEMO if filling.is_demo else filling.title
        self._lay_out()
        self._activate(self._active)

    def on_resize(self, event: events.Resize) -> None:
        """Another size, perhaps another layout; focus and scroll stay."""
        self._lay_out(event.size)

    def focus_again(self) -> None:
        """The active pane."""
        self._activate(self._active)

    def take(self, view: View) -> None:
        """The Board to the panes; without one, what is being fetched."""
        super().take(view)
        if self._ready:
            self.query_one(Filling).progress(view.steps, view.word)
            if view.board is None:
                self.query_one(SignalLine).say("")  # it stands above already
            self._lay_out()

    def make_room(self, panes: Iterable[Pane]) -> None:
        """Laying out costs as much as painting everything: only where a pane would really stand elsewhere."""
        self.query_one(Body).rearrange()

    def adopt(self, look: Look, config: "Config") -> None:
        """Markets and columns, too."""
        vector = self.query_one(StateVector)
        vector.shown, vector.hidden = config.markets.shown, frozenset(config.monitor.hidden_columns)
        super().adopt(look, config)

    def _lay_out(self, size: Size | None = None) -> None:
        width, height = size or self.app.size
        layout = layout_of(width, height)
        self.query_one(StateVector).tells_change = width < LAST_CHANGE_FROM
        if layout != "tiny":
            chosen = "filling" if self.view.board is None else "zoomed" if self._zoomed else layout
            self.query_one(Body).arrange_as(chosen, self._active)

    def _activate(self, name: str) -> None:
        self._active = name
        self.query_one(TabLine).choose(PANES.index(name) + 1)
        self._lay_out()
        self.query_one(f"#{name}", Pane).focus(scroll_visible=False)

    def _panes(self) -> list[Pane]:
        return [self.query_one(f"#{name}", Pane) for name in PANES]

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A pane that was clicked becomes the active one. Focus may be elsewhere by now: two panes would wake each other for ever."""
        pane = event.widget
        if pane is self.focused and isinstance(pane, Pane) and pane.id in PANES and pane.id != self._active:
            self._activate(pane.id)

    def on_tab_line_chosen(self, event: TabLine.Chosen) -> None:
        """A tab was clicked."""
        self._activate(PANES[event.number - 1])

    def action_pane(self, index: int) -> None:
        """Focus one pane."""
        self._activate(PANES[index])

    def action_next_pane(self, step: int) -> None:
        """Focus the next pane."""
        self._activate(PANES[(PANES.index(self._active) + step) % len(PANES)])

    def action_zoom(self) -> None:
        """Give the focused pane the whole screen, or give it back."""
        self._zoomed = not self._zoomed
        self._lay_out()

    def action_leave(self) -> None:
        """Nothing is below; a zoomed pane goes back."""
        self._zoomed = False
        self._lay_out()
