"""Where the panes of the main screen stand, for every size of terminal: one pure function, and the Textual layout that asks it."""

from collections.abc import Callable, Mapping

from textual.geometry import NULL_OFFSET, Region, Size, Spacing
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

LEAST = (40, 10)  # columns and rows below which nothing can be shown
ONE_PANE = (100, 30)  # below this one pane with tabs
TWO_BY_TWO = (160, 45)
STATE, MAP, CONFIRMATION, WATCH, TABS, FILLING = "state-vector", "regime-map", "confirmation", "watch-list", "tabs", "filling"
PANES = (STATE, MAP, CONFIRMATION, WATCH)
LEAST_MIDDLE = 10  # rows of the two panes in the middle
LONG_LINE = 190  # columns in which the compressed signal stands on one line

Heights = Callable[[str, int], int]


def layout_of(width: int, height: int) -> str:
    """Which layout a terminal of that size gets: tiny, one, full or quad."""
    if width < LEAST[0] or height < LEAST[1]:
        return "tiny"
    if width < ONE_PANE[0] or height < ONE_PANE[1]:
        return "one"
    return "quad" if width >= TWO_BY_TWO[0] and height >= TWO_BY_TWO[1] else "full"


def signal_rows(width: int, height: int) -> int:
    """The rows of the last line: two where the sentence may be longer than one and a row can be spared."""
    spare = height >= 40 or (layout_of(width, height) == "one" and height >= 24)
    return 2 if width < LONG_LINE and spare else 1


def placed(layout: str, active: str, size: Size, wanted: Heights) -> Mapping[str, Region]:
    """Where each pane stands in a body of that size; a pane that is not named is not shown.

    Args:
        layout: filling, one, zoomed, full or quad.
        wanted: the rows a pane would like, by its name and the width it gets.
    """
    width, height = size
    match layout:
        case "filling":
            return {FILLING: Region(0, 0, width, height)}
        case "zoomed":
            return {active: Region(0, 0, width, height)}
        case "one":
            return {TABS: Region(0, 0, width, 1), active: Region(0, 1, width, max(height - 1, 0))}
        case "quad":
            return _quad(width, height, wanted)
    return _full(width, height, wanted)


def _full(width: int, height: int, wanted: Heights) -> Mapping[str, Region]:
    """State vector over map and confirmation over watch list; what is left goes to the middle, then is taken from the watch list."""
    top = min(wanted(STATE, width), height // 3)
    bottom = min(wanted(WATCH, width), max(height - top - LEAST_MIDDLE, 3))
    middle = height - top - bottom
    half = width // 2
    return {
        STATE: Region(0, 0, width, top),
        MAP: Region(0, top, half, middle),
        CONFIRMATION: Region(half, top, width - half, middle),
        WATCH: Region(0, top + middle, width, bottom),
    }


def _quad(width: int, height: int, wanted: Heights) -> Mapping[str, Region]:
    """State vector over watch list, map over confirmation. The lower ones get what they want; charts fill the rest of the upper ones."""
    left = max(106, min(width - 60, 132), width * 3 // 5)
    right = width - left
    watch = min(wanted(WATCH, left), height // 2)
    confirmation = min(wanted(CONFIRMATION, right), height // 2)
    return {
        STATE: Region(0, 0, left, height - watch),
        MAP: Region(left, 0, right, height - confirmation),
        CONFIRMATION: Region(left, height - confirmation, right, confirmation),
        WATCH: Region(0, height - watch, left, watch),
    }


class Body(Widget):
    """Holds the panes. `arrangement` and `active` say how."""

    DEFAULT_CSS = "Body { height: 1fr; width: 1fr; }"

    def __init__(self, *children: Widget, active: str) -> None:
        super().__init__(*children, id="body")
        self.arrangement, self.active = "full", active
        self.regions_taken: Mapping[str, Region] = {}
        self._panes = PaneLayout()

    @property
    def layout(self) -> Layout:
        """Ours, whatever a style sheet says: Textual's styles take only layouts that it knows by name."""
        return self._panes

    def arrange_as(self, arrangement: str, active: str) -> None:
        """Change the layout or the active pane."""
        if (arrangement, active) != (self.arrangement, self.active):
            self.arrangement, self.active = arrangement, active
            self._anew()

    def rearrange(self) -> None:
        """Lay out anew if what the panes want now puts any of them elsewhere."""
        if self.regions(self.size) != self.regions_taken:
            self._anew()

    def regions(self, size: Size) -> Mapping[str, Region]:
        """Where each pane should stand in a body of that size."""
        by_name = {child.id: child for child in self.children if child.id}

        def wanted(name: str, width: int) -> int:
            return by_name[name].get_content_height(size, size, width) if name in by_name else 0

        return {name: region for name, region in placed(self.arrangement, self.active, size, wanted).items() if name in by_name}

    def _anew(self) -> None:
        self._clear_arrangement_cache()
        self.refresh(layout=True)


class PaneLayout(Layout):
    """Asks `placed` and gives every other child no room."""

    name = "panes"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        """Placements of the children that are shown."""
        assert isinstance(parent, Body)
        by_name = {child.id: child for child in children}
        parent.regions_taken = parent.regions(size)
        return [WidgetPlacement(region, NULL_OFFSET, Spacing(), by_name[name]) for name, region in parent.regions_taken.items()]
