"""A screen of several panes: side by side where there is room, one with tabs where there is not."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from ...widgets.look import Look
from ...widgets.pane import Pane
from ...widgets.tab_line import TabLine
from ..arrange import ONE_PANE
from ..view import View
from .base import BoardScreen


class PanedScreen(BoardScreen):
    """Subclasses give `panes` and say in `COLUMNS` which of them stand in which column, from the left, where there is room."""

    DEFAULT_CSS = """
    PanedScreen #body { layout: horizontal; }
    PanedScreen TabLine { display: none; }
    PanedScreen .column { width: 1fr; height: 100%; layout: vertical; }
    PanedScreen .column Pane { height: 1fr; }
    PanedScreen .column Pane.-short { height: auto; max-height: 50%; }
    PanedScreen.-one #body { layout: vertical; }
    PanedScreen.-one TabLine { display: block; height: 1; }
    PanedScreen.-one .column, PanedScreen.-zoomed .column { display: none; }
    PanedScreen.-one .column.-active, PanedScreen.-zoomed .column.-active { display: block; width: 100%; height: 1fr; }
    PanedScreen.-one .column Pane, PanedScreen.-zoomed .column Pane { display: none; }
    PanedScreen.-one .column Pane.-active, PanedScreen.-zoomed .column Pane.-active { display: block; height: 100%; max-height: 100%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(i + 1), f"pane({i})", f"pane {i + 1}", show=False) for i in range(6)),
        Binding("z", "zoom", "one pane, all panes", show=False),
        Binding("tab", "next_pane(1)", "next pane", show=False),
        Binding("shift+tab", "next_pane(-1)", "pane before", show=False),
    ]
    COLUMNS: ClassVar[Sequence[Sequence[int]]] = ()
    """The panes' places in `panes`, column by column."""

    def __init__(self, look: Look, view: View) -> None:
        super().__init__(look, view)
        self.panes = tuple(self.make_panes())
        for number, pane in enumerate(self.panes, 1):
            pane.number = number
        self._active = 0

    def make_panes(self) -> Iterable[Pane]:
        """The panes, in the order of their keys."""
        raise NotImplementedError

    def contents(self) -> Widget:
        """Tabs and columns."""
        tabs = TabLine(self.look, [(p.number, p.tab or p.title) for p in self.panes])
        columns = (Container(*(self.panes[i] for i in column), classes="column") for column in self.COLUMNS)
        return Container(tabs, *columns, id="body")

    def on_mount(self) -> None:
        """Lay out for the size; the screen below this class then shows."""
        self._lay_out(*self.app.size)
        self._activate(self._active)

    def on_resize(self, event: events.Resize) -> None:
        """Perhaps another layout."""
        self._lay_out(event.size.width, event.size.height)

    def focus_again(self) -> None:
        """The active pane."""
        self._activate(self._active)

    def _lay_out(self, width: int, height: int) -> None:
        self.set_class(width < ONE_PANE[0] or height < ONE_PANE[1], "-one")

    def _activate(self, index: int) -> None:
        self._active = index
        for i, pane in enumerate(self.panes):
            pane.set_class(i == index, "-active")
        for column, places in zip(self.query(".column"), self.COLUMNS, strict=True):
            column.set_class(index in places, "-active")
        self.query_one(TabLine).choose(index + 1)
        self.panes[index].focus(scroll_visible=False)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A pane that was clicked becomes the active one. Focus may be elsewhere by now: two panes would wake each other for ever."""
        if event.widget is self.focused and event.widget in self.panes and event.widget is not self.panes[self._active]:
            self._activate(self.panes.index(event.widget))

    def on_tab_line_chosen(self, event: TabLine.Chosen) -> None:
        """A tab was clicked."""
        self._activate(event.number - 1)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only panes that are there."""
        return action != "pane" or parameters[0] in range(len(self.panes))

    def action_pane(self, index: int) -> None:
        """Focus one pane."""
        self._activate(index)

    def action_next_pane(self, step: int) -> None:
        """Focus the next pane."""
        self._activate((self._active + step) % len(self.panes))

    def action_zoom(self) -> None:
        """Give the focused pane the whole screen, or give it back."""
        self.toggle_class("-zoomed")

    def action_leave(self) -> None:
        """A zoomed pane goes back; else the screen below."""
        if self.has_class("-zoomed"):
            self.remove_class("-zoomed")
        else:
            super().action_leave()


