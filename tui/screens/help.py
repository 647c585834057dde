"""Help: the keys of the focused pane, of its screen, and those that work everywhere."""

from collections.abc import Iterable, Sequence

from textual.actions import parse
from textual.binding import Binding
from textual.containers import Container
from textual.dom import DOMNode
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widget import Widget

from ...widgets.key_list import KeyGroup, KeyList
from ...widgets.pane import Pane
from .base import BoardScreen

ARROWS = {"up": "↑", "down": "↓", "left": "←", "right": "→"}
WORDS = {
    "enter": "Enter", "escape": "Esc", "tab": "Tab", "space": "Space", "home": "Home", "end": "End", "pageup": "PgUp", "pagedown": "PgDn",
    "minus": "-", "plus": "+", "slash": "/", "equals_sign": "=",
}  # fmt: skip
ALIKE = {
    **dict.fromkeys(("value above", "value below", "value to the left", "value to the right"), "from value to value"),
    **dict.fromkeys(("first value", "last value"), "the first, the last"),
    **dict.fromkeys(("a page up", "a page down"), "a page"),
    **dict.fromkeys((f"pane {i}" for i in range(1, 10)), "that pane"),
    **dict.fromkeys(("next pane", "pane before"), "next pane, pane before"),
    **dict.fromkeys(("next tenor", "tenor before"), "next tenor, tenor before"),
    **dict.fromkeys(("next market", "market before"), "next market, market before"),
    **dict.fromkeys(("one session back", "one session on"), "one session back, on"),
    **dict.fromkeys(("one month back", "one month on"), "one month back, on"),
    **dict.fromkeys(("shorter window", "longer window"), "shorter, longer window"),
    **dict.fromkeys(("a larger assumed JGB move", "a smaller assumed JGB move"), "change the assumed JGB move"),
    **dict.fromkeys(("value before", "next value"), "another value"),
}  # keys that differ in direction only share a row
OURS = (
    *("open(", "jump", "command_palette", "mark", "acknowledge"),
    *("step(", "month(", "goto", "live", "freeze"),
    *("picture", "board", "export", "demo", "quit"),
)  # the app's own actions, in the order in which they are told


class HelpScreen(BoardScreen):
    """One pane; what it lists is read off the screen below, so that it cannot be wrong."""

    DEFAULT_CSS = "HelpScreen KeyList { height: 1fr; }"
    title_text = "Help"

    def contents(self) -> Widget:
        """The keys."""
        return Container(KeyList(self.look, id="help"), id="body")

    def on_mount(self) -> None:
        """Read the keys of the screen below."""
        stack = self.app.screen_stack
        below = next((s for s in reversed(stack) if isinstance(s, BoardScreen) and s is not self), None)
        self.query_one(KeyList).give(list(self._groups(below)))

    def _groups(self, below: Screen[None] | None) -> Iterable[KeyGroup]:
        focused = below.focused if below is not None else None
        if isinstance(focused, Pane):
            yield KeyGroup(focused.title, written(_bindings(focused)))
        if isinstance(below, BoardScreen):
            ours = [b for b in _bindings(below) if not b.action.startswith(("app.", "screen."))]
            yield KeyGroup(f"{below.title_text or 'This'} screen", written(ours))
        everywhere = [b for ours in OURS for b in _bindings(self.app) if b.action.removeprefix("app.").startswith(ours)]
        yield KeyGroup("Everywhere", written(everywhere))


def _bindings(node: DOMNode) -> list[Binding]:
    """The bindings of a node that do something now."""
    found = [binding for bindings in node._bindings.key_to_bindings.values() for binding in bindings]
    return [b for b in found if node.check_action(*parse(b.action)[1:]) is not False]


def written(bindings: Iterable[Binding]) -> Sequence[tuple[str, str]]:
    """(keys, what they do), one row for keys that do the same."""
    rows: dict[str, list[str]] = {}
    for binding in bindings:
        if binding.description:
            rows.setdefault(ALIKE.get(binding.description, binding.description), []).append(key_name(binding.key))
    return [(" ".join(dict.fromkeys(keys)), words) for words, keys in rows.items()]


def key_name(key: str) -> str:
    """A key as one would write it."""
    *modifiers, last = key.split("+")
    name = ARROWS.get(last) or WORDS.get(last) or key_to_character(last) or last
    lead = "".join({"ctrl": "^", "shift": "Shift-", "alt": "Alt-"}.get(m, f"{m}-") for m in modifiers)
    return lead + (name.upper() if "ctrl" in modifiers else name)
