"""The monitor as a Textual app: it takes News from a Source, makes the View that all screens show, and owns time travel and freezing."""

import logging
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, ClassVar, Literal

from rich.text import Text
from textual import work
from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.screen import Screen

from ..feeds.errors import BondtopError
from ..signals.board import Board
from ..widgets.filling import ENDED, Step
from ..widgets.glyphs import ASCII, UNICODE
from ..widgets.look import Look
from ..widgets.pane import Ask, Pane
from ..widgets.tones import Tone
from .arrange import PANES
from .config import Config
from .crash import write_report
from .preferences import Preferences
from .screens.base import BoardScreen
from .screens.main import MainScreen
from .source import (
    Adopted,
    Connection,
    FeedStep,
    Fresh,
    News,
    Notice,
    Source,
    Trouble,
    month_away,
    on_session,
    session_after,
    session_before,
)
from .taking import Taking
from .themes import DEFAULT, themes
from .view import View

if TYPE_CHECKING:
    from ..cache.marks import StoredMark
    from ..signals.settings import Settings
    from .driver import Behind

log = logging.getLogger(__name__)
MINUTE_S = 60.0
TOAST_S = 15.0
HINT_S = 15.0

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


class Monitor(Taking):
    """The app.

    Args:
        source: where Boards come from.
        ascii_only: signs for terminals without Unicode.
        at: start in replay on that day.
        shown: the markets of the state vector, in order.
        report: is given what crashed, returns in words where the report is.
        settings: of the signals, for explanations.
        preferences: the settings in force and their file, for the settings screen.

    It ends with DEMO_WANTED when the user asks for the demo; the caller starts that.
    """

    TITLE = "bondtop"
    CSS = "Screen { background: $background; } ToastRack { dock: bottom; }"
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    DEMO_WANTED: ClassVar[int] = 3
    hint = ""  # said once after the start
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+q", "quit", "quit", show=False),
        Binding("question_mark", "open('help')", "keys", show=False),
        Binding("s", "open('spreads')", "spreads", show=False),
        Binding("c", "open('carry')", "carry and spillover", show=False),
        Binding("w", "open('sequence')", "sequence", show=False),
        Binding("j", "open('journal')", "journal", show=False),
        Binding("d", "open('feeds')", "feeds", show=False),
        Binding("S", "open('settings')", "settings", show=False),
        Binding("D", "demo", "simulated market", show=False),
        Binding("colon", "jump", "go to a market, a screen, a condition, a date", show=False),
        Binding("A", "acknowledge", "acknowledge the alerts", show=False),
        Binding("m", "mark", "judge the condition under the cursor", show=False),
        Binding("f", "freeze", "freeze the screen, thaw it", show=False),
        Binding("comma", "step(-1)", "one session back", show=False),
        Binding("full_stop", "step(1)", "one session on", show=False),
        Binding("less_than_sign", "month(-1)", "one month back", show=False),
        Binding("greater_than_sign", "month(1)", "one month on", show=False),
        Binding("g", "goto", "go to a date", show=False),
        Binding("L", "live", "return to now", show=False),
    ]

    def __init__(
        self,
        source: Source,
        *,
        look: Look | None = None,
        ascii_only: bool = False,
        theme: str = DEFAULT,
        at: date | None = None,
        pane: str = PANES[0],
        shown: Iterable[str] = (),
        report: Callable[[BaseException], str] | None = None,
        settings: "Callable[[], Settings] | None" = None,
        preferences: Preferences | None = None,
    ) -> None:
        super().__init__()
        for each in themes():
            self.register_theme(each)
        self.theme = theme
        self.source = source
        self.preferences = preferences or Preferences(Config())
        base = look or Look()
        self.look = replace(base, glyphs=ASCII if ascii_only else UNICODE)
        self.day: date | None = None  # the day replayed; None is live
        self._first_pane, self._shown, self._start_at, self._report = pane, tuple(shown), at, report or write_report
        self._settings_of = settings
        self._live: Board | None = source.first()
        self._frozen: datetime | None = None
        self._steps: dict[str, Step] = {}
        self._connection = Connection("")
        self._trouble = ""
        self._behind_s = 0.0  # how old what the terminal shows is
        self._target: date | None = None
        self._scrubbing = self._crashed = False
        self.view = self._made(self._live, mark=False)

    # ---------------------------------------------------------------------------------------------------------- start
    def get_default_screen(self) -> Screen[None]:
        """The main screen."""
        hidden = self.preferences.config.monitor.hidden_columns
        return MainScreen(self.look, self.view, shown=self._shown, hidden=hidden, first=self._first_pane)

    def on_mount(self) -> None:
        """Paint first, then start the workers."""
        self.set_interval(MINUTE_S, self._tick)
        self.theme_changed_signal.subscribe(self, lambda _: self._restyle())
        self.call_after_refresh(self._start)

    def _start(self) -> None:
        self._follow()
        if self.hint:
            self.notify(self.hint, timeout=HINT_S, markup=False)
        if self._start_at is not None:
            self.travel(self._start_at)

    @work(group="source", exit_on_error=False)
    async def _follow(self) -> None:
        """Listen to the source; what breaks in it becomes words and a log line."""
        try:
            await self.source.run(self._hear)
        except Exception as e:
            log.exception("source")
            self._hear(Trouble(f"internal error, please report: {type(e).__name__}: {e}; the values shown stay, see the log"))

    # ----------------------------------------------------------------------------------------------------------- news
    def _hear(self, news: News) -> None:
        match news:
            case Fresh(board):
                self._live = board
                if self.source.is_demo:
                    self._ring_simulated(board, "DEMO")
                if self.day is None and self._frozen is None:
                    self._show(board)
                    return
            case FeedStep(feed, step):
                self._steps[feed] = step
            case Connection():
                self._connection = news
            case Trouble(text):
                self._trouble = text
            case Notice():
                self.ring(news)
                return
            case Adopted(config):
                self._take_over(config)
        self._show(self.view.board, mark=False)

    def on_behind(self, message: "Behind") -> None:
        """The terminal falls behind, or has caught up: say how old its screen is."""
        self._behind_s = message.age_s
        self._show(self.view.board, mark=False)

    def ring(self, notice: Notice) -> None:
        """Call the user: a toast, and what the terminal itself can do."""
        grave: dict[str, Literal["information", "warning", "error"]] = {"critical": "error", "warning": "warning"}
        if notice.title:
            severity = grave.get(notice.severity, "information")
            self.notify(notice.text, title=notice.title, severity=severity, timeout=TOAST_S, markup=False)
        if notice.codes and self._driver is not None:
            self._driver.write(notice.codes)

    def _ring_simulated(self, board: Board, origin: str) -> None:
        from .alerts import simulated_notice

        if found := simulated_notice(board, self.preferences.config.alerts, origin, os.environ):
            self.ring(found)

    @work(group="acknowledge", exit_on_error=False)
    async def action_acknowledge(self) -> None:
        """Say that the alerts so far were seen."""
        count = await self.source.acknowledge()
        self.notify(f"{count} alerts acknowledged" if count else "no alert waits to be acknowledged", markup=False)

    def _tick(self) -> None:
        if self._frozen is None:
            self._show(self.view.board, mark=False)

    def _made(self, board: Board | None, *, mark: bool) -> View:
        notice, word = "", ""
        if self.source.is_demo:
            notice = "DEMO simulated market"
        if self.day is not None:
            notice = f"{'DEMO ' if self.source.is_demo else ''}REPLAY {self.day.isoformat()} (as known then)"
        if self._target is not None and self.day is None:
            word = f"reading history for {self._target.isoformat()} …"
        elif self._frozen is not None:
            notice = f"FROZEN {self._frozen:%H:%M}Z"
            newer = self._live is not None and self._live is not board
            word = "frozen; " + ("newer data waits; " if newer else "") + "f thaws"
        elif self._trouble:
            word = self._trouble
        elif board is not None and not board.regime.held.word:
            word = self._filling()
        connection = self._connection
        tone = Tone.DIM if connection.well else Tone.WATCH
        if self._behind_s:
            connection, tone = Connection(f"screen {self._behind_s:.0f} s late  {connection.text}", False), Tone.WATCH
        steps = {name: self._steps.get(name, Step()) for name in self.source.feeds()}
        now = self.source.clock.now().replace(second=0, microsecond=0)  # ages change by the minute: within it, nothing is drawn anew
        return View(board, now, notice, connection.text, tone, word, mark, steps)

    def _filling(self) -> str:
        """While feeds are still being asked for what the regime needs: how far that is."""
        names = self.source.feeds()
        ended = sum(name in self._steps and self._steps[name].stage in ENDED for name in names)
        if not self._steps or ended == len(names):
            return ""
        return f"the cache is being filled: {ended} of {len(names)} feeds so far; d shows them"

    def _show(self, board: Board | None, *, mark: bool = True) -> None:
        self.view = self._made(board, mark=mark)
        for screen in self.screen_stack:
            if isinstance(screen, BoardScreen):
                screen.take(self.view)

    def adopt(self, config: Config) -> None:
        """Take over what can be changed while running: theme, colours of yields, marks, markets and columns shown."""
        self.theme = config.monitor.theme
        self._shown = config.markets.shown
        self.look = replace(self.look, rising_is_bad=config.monitor.yield_up == "bad", marks_s=config.monitor.changed_seconds)
        for screen in self.screen_stack:
            if isinstance(screen, BoardScreen):
                screen.adopt(self.look, config)

    def _take_over(self, config: Config) -> None:
        """Settings that were changed on disk; what was chosen on the command line stands until it is changed there."""
        before, self.preferences.config = self.preferences.config, config
        theme, self._trouble = self.theme, ""
        if (before.monitor, before.markets) != (config.monitor, config.markets):
            self.adopt(config)
            self.theme = config.monitor.theme if before.monitor.theme != config.monitor.theme else theme

    def _restyle(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, BoardScreen):
                screen.forget_styles()

    # -------------------------------------------------------------------------------------------------------- screens
    def action_open(self, name: str) -> None:
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
            self.push_screen(screen_class(self.look, self.view))

    def on_ask(self, message: Ask) -> None:
        """Explain a value; a market's name opens the market."""
        first, _, market = message.path.partition(".")
        if first == "markets" and self.view.board is not None and market in self.view.board.markets:
            self._open_market(market)
            return
        from .screens.explain import ExplainScreen

        self.push_screen(ExplainScreen(self.look, self.view, message.path, self._settings_of() if self._settings_of else None, self.source))

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

    def _jump(self, words: str | None) -> None:
        from .jump import parse

        if words is None or self.view.board is None:
            return
        target = parse(words, self.view.board)
        match target.kind:
            case "screen":
                self.action_open(target.name)
            case "market":
                self._open_market(target.name)
            case "value":
                self.on_ask(Ask(target.name))
            case "mark":
                self.mark(target.name)
            case "date":
                self.travel(date.fromisoformat(target.name))
            case "live":
                self.action_live()
            case _:
                self.notify(target.name, severity="warning", markup=False)

    def _open_market(self, name: str) -> None:
        from .screens.market import MarketScreen

        self.push_screen(MarketScreen(self.look, self.view, name))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers."""
        for name in SCREENS_BY_NAME:
            if name not in ("explain", "market"):
                yield SystemCommand(name.capitalize(), f"open the {name} screen", partial(self.action_open, name))
        for each in themes():
            yield SystemCommand(f"Theme {each.name}", "colours", partial(setattr, self, "theme", each.name))
        yield SystemCommand("Live", "return to now", self.action_live)
        yield SystemCommand("Go to a date", "replay, as known then", self.action_goto)
        yield SystemCommand("Save a picture", "SVG, into the current folder", self.action_picture)
        yield SystemCommand("Save the Board", "JSON, into the current folder", self.action_board)
        yield SystemCommand("Quit", "end bondtop", self.exit)

    def action_demo(self) -> None:
        """End and let the caller start the demo."""
        if not self.source.is_demo:
            self.exit(self.DEMO_WANTED)

    # ----------------------------------------------------------------------------------------------------------- time
    def action_freeze(self) -> None:
        """Keep the screen as it is, or show what came since."""
        if self._frozen is None:
            self._frozen = self.source.clock.now()
            self._show(self.view.board, mark=False)
        else:
            self._frozen = None
            self._show(self._live if self.day is None else self.view.board)

    def action_step(self, sessions: int) -> None:
        """One session back or on."""
        here = self._target or self.day or self._today()
        self.travel(session_before(here) if sessions < 0 else session_after(here))

    def action_month(self, months: int) -> None:
        """One month back or on."""
        self.travel(month_away(self._target or self.day or self._today(), months))

    def action_goto(self) -> None:
        """Ask for a date."""
        from .screens.prompt import Prompt

        def go(text: str | None) -> None:
            if text is None:
                return
            try:
                self.travel(date.fromisoformat(text.strip()))
            except ValueError:
                self.notify("A date looks like 2026-01-20.", severity="warning", markup=False)

        self.push_screen(Prompt("date", "YYYY-MM-DD; L returns to now"), go)

    def action_live(self) -> None:
        """Back to now."""
        self._target = None
        if self.day is not None:
            self.day = None
            self._show(self._live, mark=False)

    def _today(self) -> date:
        return self._live.as_of.date() if self._live is not None else self.source.clock.now().date()

    @property
    def travelling(self) -> bool:
        """Whether a day that was wished for is not yet shown."""
        return self._scrubbing

    def travel(self, day: date) -> None:
        """Show another day; a newer wish replaces one still under way, so that a held key scrubs."""
        day = on_session(day)
        if day > self._today():
            self.action_live()
            return
        self._target, self._frozen = day, None
        if self.day is None:
            self._show(self.view.board, mark=False)
        if not self._scrubbing:
            self._scrubbing = True
            self._scrub()

    @work(group="replay", exit_on_error=False)
    async def _scrub(self) -> None:
        try:
            while (target := self._target) is not None and target != self.day:
                board = await self.source.board_at(target)
                if self._target is not None:  # nobody has gone back to now meanwhile
                    self.day = target
                    self._show(board, mark=False)
                    self._ring_simulated(board, "REPLAY")
        except Exception as e:
            log.exception("replay")
            self.notify(f"That day cannot be shown: {type(e).__name__}: {e}", severity="error", markup=False)
        finally:
            self._target, self._scrubbing = None, False

    # --------------------------------------------------------------------------------------------------------- crash
    def _handle_exception(self, error: Exception) -> None:
        """A bug of ours: leave the terminal sane, keep a report, say where it is. (Textual would print the locals.)"""
        if self._crashed:
            return  # what follows from the first one says nothing new
        self._crashed = True
        self._return_code = 1
        log.error("crash", exc_info=error)
        self._exit_renderables.append(Text(f"bondtop stopped: {type(error).__name__}: {error}\n{self._report(error)}"))
        self._close_messages_no_wait()
        self._exception = error  # for whoever runs the app headless
        self._exception_event.set()
