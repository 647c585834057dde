"""Going places: screens, markets, values and conditions, by key, by palette, by a typed name."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from ..feeds.errors import BondtopError
from ..widgets.look import Look
from ..widgets.pane import Pane
from .keys import Typed
from .taking import Taking
from .themes import themes
from .travelling import Travelling

if TYPE_CHECKING:
    from ..cache.marks import StoredMark
    from ..signals.settings import Settings

# Screens by name: module below tui.screens and class. Each is imported when it is first opened.
SCREENS_BY_NAME: Mapping[str, tuple[str, str]] = {
    "explain": (".screens.explain", "ExplainScreen"),
    "market": (".screens.market", "MarketScreen"),
    "spreads": (".screens.spreads", "SpreadsScreen"),
    "carry": (".screens.carry", "CarryScreen"),
    "sequence": (".screens.sequence", "SequenceScreen"),
    "journal": (".screens.journal", "JournalScreen"),
    "feeds": (".screens.feeds", "FeedsScreen"),
    "help": (".screens.help", "HelpScreen"),
    "settings": (".screens.settings", "SettingsScreen"),
}


class Going(Typed, Travelling, Taking):
    """Keys that open something; part of Monitor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "open('help')", "keys", show=False),
        Binding("s", "open('spreads')", "spreads", show=False),
        Binding("c", "open('carry')", "carry and spillover", show=False),
        Binding("w", "open('sequence')", "sequence", show=False),
        Binding("j", "open('journal')", "journal", show=False),
        Binding("d", "open('feeds')", "feeds", show=False),
        Binding("S", "open('settings')", "settings", show=False),
        Binding("colon", "jump", "go to a market, screen, condition, date", show=False),
        Binding("m", "mark", "judge the condition under the cursor", show=False),
    ]
    look: Look
    _settings_of: "Callable[[], Settings] | None" = None
    _is_used = False

    async def on_event(self, event: events.Event) -> None:
        """Who has begun to type may ask for an explanation: a second of loading, done while it does not matter."""
        if isinstance(event, events.Key) and not self._is_used:
            self._is_used = True
            self._load_explanations()
        await super().on_event(event)

    @work(group="load", exit_on_error=False)
    async def _load_explanations(self) -> None:
        await asyncio.to_thread(import_module, ".screens.explain", __package__)

    async def action_open(self, name: str) -> None:
        """Open a screen over the main one; the same key closes it."""
        module, cls = SCREENS_BY_NAME[name]
        try:
            screen_class = getattr(import_module(module, __package__), cls)
        except ModuleNotFoundError as e:
            if not (e.name or "").endswith(module.rpartition(".")[2]):
                raise
            self.notify(f"The {name} screen is not part of this build.", markup=False)
            return
        if isinstance(self.screen, screen_class):
            self.pop_screen()
        else:
            await self._lay_over(screen_class(self.look, self.view))

    async def explain(self, path: str) -> None:
        """Explain a value; a market's name opens the market."""
        first, _, market = path.partition(".")
        if first == "markets" and self.view.board is not None and market in self.view.board.markets:
            await self.open_market(market)
            return
        from .screens.explain import ExplainScreen

        settings = self._settings_of() if self._settings_of else None
        await self._lay_over(ExplainScreen(self.look, self.view, path, settings, self.source))

    async def open_market(self, name: str) -> None:
        """Open the screen of one market."""
        from .screens.market import MarketScreen

        await self._lay_over(MarketScreen(self.look, self.view, name))

    async def _lay_over(self, screen: Screen[None]) -> None:
        """Open a screen; nothing is painted before it stands, so that no empty one flashes up."""
        with self.batch_update():
            await self.push_screen(screen)

    def action_mark(self) -> None:
        """Judge the condition under the cursor."""
        from .screens.explain import ExplainScreen

        pane, screen = self.focused, self.screen
        path = screen.path if isinstance(screen, ExplainScreen) else pane.cursor if isinstance(pane, Pane) else ""
        first, _, rest = path.partition(".")
        self.mark(rest.partition(".")[0] if first == "watch" else "")

    def mark(self, name: str) -> None:
        """Ask what a person says of a condition, or of a gate that a mark decides."""
        from .marking import GATES
        from .screens.mark import MarkScreen

        condition = self.view.board.watch.get(name) if self.view.board is not None else None
        if condition is None and name not in GATES:
            self.notify("Go to a condition of the watch list, then m; or type :mark F1, :mark A2.", markup=False)
        elif self.day is not None:
            self.notify("A mark is made now: L returns to now.", severity="warning", markup=False)
        else:
            title, standing = (condition.title, condition.evidence) if condition else (GATES[name], "")
            self.push_screen(MarkScreen(name, title, standing, self.source.clock.now), self._marked)

    def _marked(self, mark: "StoredMark | None") -> None:
        if mark is not None:
            self._keep_mark(mark)

    @work(group="mark", exit_on_error=False)
    async def _keep_mark(self, mark: "StoredMark") -> None:
        try:
            await self.source.keep_mark(mark)
            self.notify(f"{mark.condition}: {mark.value}, until {mark.until}", markup=False)
        except BondtopError as e:
            self.notify(str(e), severity="error", markup=False)

    def action_jump(self) -> None:
        """Ask where to."""
        from .screens.prompt import Prompt

        self.push_screen(Prompt(":", "market, screen, condition or date: us · spreads · watch F1 · at 2026-01-20"), self._jump)

    async def _jump(self, words: str | None) -> None:
        from .jump import parse

        if words is None:
            return
        target = parse(words, self.view.board)
        match target.kind:
            case "screen":
                await self.action_open(target.name)
            case "market":
                await self.open_market(target.name)
            case "value":
                await self.explain(target.name)
            case "mark":
                self.mark(target.name)
            case "date":
                self.go_to(date.fromisoformat(target.name))
            case "live":
                self.action_live()
            case _:
                self.notify(target.name, severity="warning", markup=False)

    def action_command_palette(self) -> None:
        """Open the palette."""
        from textual.command import CommandPalette

        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder="a screen, a market, a condition, a theme", id="--command-palette"))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers."""
        for name in SCREENS_BY_NAME:
            if name not in ("explain", "market"):
                yield SystemCommand(name.capitalize(), f"open the {name} screen", partial(self.action_open, name))
        board = self.view.board
        if board is not None:
            for name, market in board.markets.items():
                yield SystemCommand(f"Market {market.name}", "curve, tenors, auctions, clearing", partial(self.open_market, name))
            for name, condition in board.watch.items():
                yield SystemCommand(f"{name} {condition.title}", "explain the condition", partial(self.explain, f"watch.{name}"), False)
        for each in themes():
            yield SystemCommand(f"Theme {each.name}", "colours", partial(setattr, self, "theme", each.name))
        yield SystemCommand("Live", "return to now", self.action_live)
        yield SystemCommand("Go to a date", "replay, as known then", self.action_goto)
        yield SystemCommand("Save a picture", "SVG, into the current folder", self.action_picture)
        yield SystemCommand("Save the Board", "JSON, into the current folder", self.action_board)
        yield SystemCommand("Quit", "end bondtop", self.exit)
