"""The monitor as a Textual app: it takes News from a Source and makes the View that all screens show."""

import gc
import logging
import os
from collections.abc import Callable, Iterable
from datetime import date
from typing import TYPE_CHECKING, ClassVar, Literal

import msgspec
from rich.text import Text
from textual import work
from textual._styles_cache import StylesCache
from textual.await_complete import AwaitComplete
from textual.binding import Binding, BindingType
from textual.screen import Screen

from ..signals.board import Board
from ..widgets.filling import ENDED, Step
from ..widgets.glyphs import ASCII, UNICODE
from ..widgets.look import Look
from ..widgets.tones import Tone
from .arrange import PANES
from .config import Config
from .crash import write_report
from .going import Going
from .preferences import Preferences
from .screens.base import BoardScreen
from .screens.main import MainScreen
from .source import Adopted, Connection, FeedStep, Fresh, News, Notice, Source, Trouble
from .themes import DEFAULT, themes
from .view import View

if TYPE_CHECKING:
    from ..signals.settings import Settings
    from .driver import Behind

log = logging.getLogger(__name__)
MINUTE_S = 60.0
TOAST_S = 15.0
HINT_S = 15.0


class Monitor(Going):
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
    CSS = """
    Screen { background: $background; }
    ToastRack { dock: bottom; }
    .-ascii Toast { border: none; }
    .-ascii CommandPalette #--input { border: none; }
    .-ascii CommandPalette LoadingIndicator { display: none; }
    .-ascii CommandList { border: none; scrollbar-size: 0 0; }
    .-ascii SearchIcon { display: none; }
    """
    ENABLE_COMMAND_PALETTE = True
    COMMAND_PALETTE_BINDING = "ctrl+p"
    DEMO_WANTED: ClassVar[int] = 3
    hint = ""  # said once after the start
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q,ctrl+q", "quit", "quit", show=False),
        Binding("ctrl+z", "suspend_process", "to the shell; fg comes back", show=False),
        Binding("D", "demo", "simulated market", show=False),
        Binding("A", "acknowledge", "acknowledge the alerts", show=False),
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
        self.look = msgspec.structs.replace(base, glyphs=ASCII if ascii_only else UNICODE)
        self.set_class(ascii_only, "-ascii")
        self._first_pane, self._shown, self._start_at, self._report = pane, tuple(shown), at, report or write_report
        self._settings_of = settings
        self._live: Board | None = source.first()
        self._steps: dict[str, Step] = {}
        self._connection = Connection("")
        self._trouble = ""
        self._behind_s = 0.0  # how old what the terminal shows is
        self._crashed = False
        self._has_closed = False  # a screen, since the garbage was collected
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

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: Literal["information", "warning", "error"] = "information",
        timeout: float | None = None,
        markup: bool = False,
    ) -> None:
        """Say something for some seconds, in signs the terminal has. What providers wrote may be in it: never markup."""
        shown = self.look.glyphs.shown
        super().notify(shown(message), title=shown(title), severity=severity, timeout=timeout, markup=False)

    def action_help_quit(self) -> None:
        """Ctrl+C copies where something is selected; here it only says how one leaves."""
        self.notify("q leaves")

    @work(group="acknowledge", exit_on_error=False)
    async def action_acknowledge(self) -> None:
        """Say that the alerts so far were seen."""
        count = await self.source.acknowledge()
        self.notify(f"{count} alerts acknowledged" if count else "no alert waits to be acknowledged", markup=False)

    def _tick(self) -> None:
        if self._frozen is None:
            self._show(self.view.board, mark=False)
        if self._has_closed:  # its widgets lead in circles: collected here, once a minute, and not while somebody steps
            self._has_closed = False
            self.call_after_refresh(gc.collect)

    def _made(self, board: Board | None, *, mark: bool) -> View:
        notice, word = "", ""
        if self.source.is_demo:
            notice = "DEMO simulated market"
        if self.day is not None:
            notice = f"{'DEMO ' if self.source.is_demo else ''}REPLAY {self.day.isoformat()} (as known then)"
        if self._target is not None and self.day is None:
            word = f"reading history for {self._target.isoformat()} …"
        elif self._frozen is not None:
            notice = f"{notice} FROZEN {self._frozen:%H:%M}Z".lstrip()
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
        """Give the Board to the screen that is seen; those under it take it when they are seen again."""
        self.view = self._made(board, mark=mark)
        seen = next((screen for screen in reversed(self.screen_stack) if isinstance(screen, BoardScreen)), None)
        if seen is not None:
            seen.take(self.view)

    def adopt(self, config: Config) -> None:
        """Take over what can be changed while running: theme, colours of yields, marks, markets and columns shown."""
        self.theme = config.monitor.theme
        self._shown = config.markets.shown
        monitor = config.monitor
        self.look = msgspec.structs.replace(self.look, rising_is_bad=monitor.yield_up == "bad", marks_s=monitor.changed_seconds)
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

    def pop_screen(self) -> AwaitComplete:
        """Close the uppermost screen. Textual would keep what it drew of the last thousand widgets, fifty megabytes of it."""
        StylesCache.get_inner_outer.cache_clear()
        self._has_closed = True
        return super().pop_screen()

    def _restyle(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, BoardScreen):
                screen.forget_styles()

    def action_demo(self) -> None:
        """End and let the caller start the demo."""
        if not self.source.is_demo:
            self.exit(self.DEMO_WANTED)

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
