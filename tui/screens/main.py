"""The main screen: four panes in the layout that the terminal's size allows."""

from collections.abc import Iterable, Sequence

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.strip import Strip
from textual.widget import Widget

from ...widgets.confirmation import ConfirmationPane
from ...widgets.filling import Filling
from ...widgets.look import Look
from ...widgets.pane import Pane
from ...widgets.regime_map import RegimeMap
from ...widgets.state_vector import StateVector
from ...widgets.tab_line import TabLine
from ...widgets.watch_list import WatchList
from ..view import View
from .base import BoardScreen

LEAST = (40, 10)
ONE_PANE = (100, 30)
TWO_BY_TWO = (160, 45)
PANES = ("state-vector", "regime-map", "confirmation", "watch-list")
LAYOUTS = ("-full", "-quad", "-one", "-tiny")


def layout_of(width: int, height: int) -> str:
    """Which layout a terminal of that size gets."""
    if width < LEAST[0] or height < LEAST[1]:
        return "-tiny"
    if width < ONE_PANE[0] or height < ONE_PANE[1]:
        return "-one"
    return "-quad" if width >= TWO_BY_TWO[0] and height >= TWO_BY_TWO[1] else "-full"


class TooSmall(Widget):
    """Says what is needed."""

    def render_line(self, y: int) -> Strip:
        """Short words on the first lines."""
        width, height = self.app.size
        words = ("bondtop", f"needs {LEAST[0]}x{LEAST[1]}", f"has {width}x{height}", "q quits")
        return Strip([Segment((words[y] if y < len(words) else "")[: self.size.width], self.rich_style)])


class MainScreen(BoardScreen):
    """State vector, regime map, confirmation, watch list."""

    DEFAULT_CSS = """
    MainScreen #body { layout: grid; }
    MainScreen Filling, MainScreen TooSmall, MainScreen TabLine { display: none; }
    MainScreen.-full #body { grid-size: 2; grid-rows: auto 1fr auto; }
    MainScreen.-full StateVector, MainScreen.-full WatchList { column-span: 2; height: auto; }
    MainScreen.-full WatchList { max-height: 45vh; }
    MainScreen.-full RegimeMap, MainScreen.-full ConfirmationPane { height: 100%; min-height: 8; }
    MainScreen.-quad #body { grid-size: 2; grid-rows: 1fr 1fr; }
    MainScreen.-quad Pane { height: 100%; }
    MainScreen.-one #body { layout: vertical; }
    MainScreen.-one TabLine { display: block; height: 1; }
    MainScreen.-one #body Pane { display: none; height: 1fr; }
    MainScreen.-one #body Pane.-active { display: block; }
    MainScreen.-zoomed #body { layout: vertical; }
    MainScreen.-zoomed #body Pane { display: none; height: 1fr; max-height: 100vh; }
    MainScreen.-zoomed #body Pane.-active { display: block; }
    MainScreen.-filling #body Pane { display: none; }
    MainScreen.-filling #body Filling { display: block; height: 1fr; column-span: 2; }
    MainScreen.-filling TabLine { display: none; }
    MainScreen.-tiny TooSmall { display: block; height: 1fr; }
    MainScreen.-tiny TopLine, MainScreen.-tiny SignalLine, MainScreen.-tiny #body { display: none; }
    """
    BINDINGS = [
        *(Binding(str(i + 1), f"pane({i})", f"pane {i + 1}", show=False) for i in range(len(PANES))),
        Binding("z", "zoom", "one pane, all panes", show=False),
        Binding("tab", "next_pane(1)", "next pane", show=False),
        Binding("shift+tab", "next_pane(-1)", "pane before", show=False),
    ]
    title_text = "Monitor"

    def __init__(self, look: Look, view: View, *, shown: Sequence[str] = (), first: str = PANES[0]) -> None:
        super().__init__(look, view)
        self._shown_markets, self._active = tuple(shown), first

    def body(self) -> Iterable[Widget]:
        """The four panes, and what stands in their place while there is nothing to show."""
        yield TabLine(self.look, [(p.number, p.title) for p in (StateVector, RegimeMap, ConfirmationPane, WatchList)])
        yield StateVector(self.look, shown=self._shown_markets, id=PANES[0])
        yield RegimeMap(self.look, id=PANES[1])
        yield ConfirmationPane(self.look, id=PANES[2])
        yield WatchList(self.look, id=PANES[3])
        yield Filling(self.look, id="filling")

    def compose(self):  # type: ignore[no-untyped-def]
        """As every screen, and the words for a terminal that is too small."""
        yield from super().compose()
        yield TooSmall()

    def on_mount(self) -> None:
        """Lay out for the size, then show."""
        self._lay_out(*self.app.size)
        self._activate(self._active)
        super().on_mount()

    def on_resize(self, event: events.Resize) -> None:
        """Another size, perhaps another layout; focus and scroll stay."""
        self._lay_out(event.size.width, event.size.height)

    def take(self, view: View) -> None:
        """The Board to the panes; without one, what is being fetched."""
        super().take(view)
        if self.is_mounted:
            self.set_class(view.board is None, "-filling")
            self.query_one(Filling).progress(view.steps, view.word)

    def _lay_out(self, width: int, height: int) -> None:
        chosen = layout_of(width, height)
        for name in LAYOUTS:
            self.set_class(name == chosen, name)

    def _activate(self, name: str) -> None:
        self._active = name
        for pane in self._panes():
            pane.set_class(pane.id == name, "-active")
        self.query_one(TabLine).choose(PANES.index(name) + 1)
        self.query_one(f"#{name}", Pane).focus(scroll_visible=False)

    def _panes(self) -> list[Pane]:
        return [self.query_one(f"#{name}", Pane) for name in PANES]

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A pane that was clicked becomes the active one."""
        if isinstance(event.widget, Pane) and event.widget.id in PANES and event.widget.id != self._active:
            self._activate(event.widget.id)

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
        self.toggle_class("-zoomed")

    def action_leave(self) -> None:
        """Nothing is below; a zoomed pane goes back."""
        self.remove_class("-zoomed")


