"""The command without a name: opens the monitor. `opening` tells how it starts in two stages."""

import gc
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from ..feeds.clock import Clock
from ..feeds.errors import BondtopError
from .cli import Call, UsageError, day_option
from .config import Config, load_config
from .paths import private_directory
from .preferences import Preferences

if TYPE_CHECKING:
    from ..signals.board import Board
    from ..signals.settings import Settings
    from .source import Source

FPS = 120  # at most; a key waits up to one frame for its effect
SLIM_FPS = 8  # the slim driver sends fewer; what it sends is then not long drawn
COLLECT_AFTER = 700, 500, 1000  # what is new is looked through as ever, what has lasted seldom: that costs a frame or two
SLIM_THEME = "ansi"
PANES_BY_NAME = {"state": "state-vector", "regime": "regime-map", "confirmation": "confirmation", "watch": "watch-list"}


def run(call: Call) -> int:
    """0 when the user left, 1 after a crash."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise BondtopError("the monitor needs a terminal; `bondtop board` prints the same Board without one")
    gc.disable()  # until the screen stands: nothing that is loaded is garbage, and looking through it costs a fifth of the start
    try:
        return _run(call)
    finally:
        gc.enable()


def _run(call: Call) -> int:
    config = load_config(call.paths.config)
    preferences = Preferences(config, call.paths.config)
    at = day_option(call.options.at, "--at")
    pane = _pane(call.options.pane)
    private_directory(call.paths.cache)
    prepare(os.environ, slim=call.options.slim)
    wants_demo = call.options.demo
    while True:
        source = _demo(call) if wants_demo else _live(call, config)
        code = _show(call, preferences, source, at, pane)
        if code != _DEMO_WANTED:
            return code
        wants_demo, at = True, None


_DEMO_WANTED = 3


def prepare(environment: "os._Environ[str] | dict[str, str]", *, slim: bool) -> None:
    """Textual reads these when it is imported."""
    environment["TEXTUAL_ANIMATIONS"] = "none"
    environment["TEXTUAL_SMOOTH_SCROLL"] = "0"
    environment.setdefault("TEXTUAL_FPS", str(SLIM_FPS if slim else FPS))
    for exported in ("COLUMNS", "LINES"):  # they would stand for the terminal's own size, and no resize would be noticed
        environment.pop(exported, None)
    if slim:
        environment["TEXTUAL_COLOR_SYSTEM"] = "standard"


def speaks_unicode(environment: Mapping[str, str], encoding: str) -> bool:
    """Whether the terminal can be expected to show more than ASCII.

    Python itself turns a plain C locale into C.UTF-8, so what the user said is read first.
    """
    said = environment.get("LC_ALL") or environment.get("LANG") or environment.get("LC_CTYPE") or ""
    if said:
        return said.lower().replace("-", "").rpartition(".")[2].startswith("utf8")
    return encoding.lower().replace("-", "") == "utf8"


def _show(call: Call, preferences: Preferences, source: "Source", at: date | None, pane: str) -> int:
    from ..widgets.look import Look
    from .app import Monitor
    from .crash import reporter
    from .exporting import exporter
    from .slim import driver, hint_once, lean
    from .themes import theme_names

    options, config = call.options, preferences.config
    theme = options.theme or (SLIM_THEME if options.slim else config.monitor.theme)
    if theme not in theme_names():
        raise UsageError(f"no theme {theme!r}; there are {', '.join(theme_names())}")
    app = Monitor(
        source,
        look=Look(rising_is_bad=config.monitor.yield_up == "bad", marks_s=0.0 if options.slim else config.monitor.changed_seconds),
        ascii_only=options.ascii or config.monitor.ascii or not speaks_unicode(os.environ, sys.stdout.encoding or ""),
        theme=theme,
        at=at,
        pane=pane,
        shown=config.markets.shown,
        report=reporter(call.paths.state, secrets=lambda: _secrets(preferences.config)),
        settings=lambda: _settings(preferences.config, demo=source.is_demo),
        preferences=preferences,
    )
    app.folders = (Path.cwd(), call.paths.state)
    app.exporter = exporter(call.paths, demo=source.is_demo)
    app.driver_class = driver(
        os.environ,
        slim=options.slim,
        plain=options.plain_output or config.monitor.output == "plain",
        silence_s=config.monitor.silence_seconds,
    )
    app.look = lean(app.look) if options.slim else app.look
    app.hint = "" if options.slim else hint_once(os.environ, call.paths.state)
    result = app.run(mouse=config.monitor.mouse and not options.no_mouse)
    return result if result is not None else app.return_code or 0


def _live(call: Call, config: Config) -> "Source":
    from .stored import first_board
    from .wiring import feed_names

    clock = Clock()

    def make() -> "Source":
        from .live import LiveSource

        return LiveSource(config, call.paths, clock)

    return _opening(call, config, first_board(call.paths.cache, config, clock), feed_names(config), clock, make, is_demo=False)


def _demo(call: Call) -> "Source":
    from ..feeds import scenario
    from .stored import demo_folder, first_board

    clock = Clock(scenario.NOW.timestamp)

    def make() -> "Source":
        from .demo_source import DemoSource

        return DemoSource(call.paths.cache / "demo")

    first = first_board(demo_folder(call.paths.cache), Config(), clock)
    return _opening(call, Config(), first, (scenario.FEED,), clock, make, is_demo=True)


def _opening(
    call: Call, config: Config, first: "Board | None", names: Sequence[str], clock: Clock, make: "Callable[[], Source]", *, is_demo: bool
) -> "Source":
    """A market that is made after the first paint; with nothing to paint it is made now, so that what is wrong with the cache ends us."""
    from .opening import Opening

    market = make() if first is None else None

    def once_painted() -> "Source":
        from .wiring import log_to

        gc.freeze()
        gc.set_threshold(*COLLECT_AFTER)
        gc.enable()
        log_to(call.paths, config, debug=call.options.debug)
        made = market or make()
        made.first()
        return made

    return Opening(market.first() if market else first, names, clock, once_painted, is_demo=is_demo)


def _settings(config: Config, *, demo: bool) -> "Settings":
    from .desk import settings_of

    return settings_of(config, demo=demo)


def _secrets(config: Config) -> frozenset[str]:
    from .hiding import all_secrets

    return all_secrets(config, os.environ)


def _pane(name: str | None) -> str:
    if name is None:
        return "state-vector"
    if name not in PANES_BY_NAME:
        raise UsageError(f"no pane {name!r}; there are {', '.join(PANES_BY_NAME)}")
    return PANES_BY_NAME[name]
