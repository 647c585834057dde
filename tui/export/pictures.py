"""Pictures of the monitor's panes and screens as SVG and HTML: drawn by the monitor itself, without a terminal."""

import asyncio
import io
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from rich.console import Console
from textual.app import App, ComposeResult
from textual.geometry import Size
from textual.pilot import Pilot
from textual.theme import Theme

from ...cache.health import Health
from ...cache.journal import Entry
from ...cache.marks import StoredMark
from ...cache.store import Store
from ...feeds.clock import Clock
from ...signals.board import Board
from ...widgets.confirmation import ConfirmationPane
from ...widgets.look import Look
from ...widgets.pane import Pane
from ...widgets.regime_map import RegimeMap
from ...widgets.state_vector import StateVector
from ...widgets.watch_list import WatchList
from ..app import Monitor
from ..histories import History, read_histories
from ..source import Tell
from ..taking import FONTS, without_outside
from ..themes import DEFAULT, themes
from .markup import Element, tag
from .subject import Subject

SIZE = (180, 58)
PANE_WIDTH = 120
PANES: Mapping[str, tuple[type[Pane], int]] = {  # and rows beyond the least, for what is shown where there is room
    "state-vector": (StateVector, 9),
    "regime-map": (RegimeMap, 8),
    "confirmation": (ConfirmationPane, 0),
    "watch-list": (WatchList, 0),
}
SCREENS = ("spreads", "carry", "sequence")
NAMES = ("monitor", *PANES, *SCREENS)
PATIENCE_S = 60.0
_ODD = re.compile(r"[^\x00-\u024f\u2500-\u257f]")  # may come from another font, of another width: each is kept in its cell
class Picture(msgspec.Struct, frozen=True):
    """One picture in both forms."""

    name: str
    svg: str
    html: str


def pictures(subject: Subject, theme: str) -> Sequence[Picture]:
    """The main screen, its panes and the other screens of a Board."""
    return asyncio.run(_pictures(subject, DEFAULT if theme == "ansi" else theme))


async def _pictures(subject: Subject, theme: str) -> list[Picture]:
    board = subject.board
    marks = ("DEMO simulated market · " if board.demo else "") + ("REPLAY · " if subject.is_replay else "")
    heading = f"{marks}as known {board.as_of:%Y-%m-%d %H:%M} UTC"
    found = [picture async for picture in _screens(subject, theme, heading)]
    for name, (cls, more) in PANES.items():
        pane = cls(Look(marks_s=0.0))
        pane.board, pane.now = board, board.as_of
        around = Size(PANE_WIDTH, 0)
        app = _PaneApp(pane, theme)
        async with app.run_test(size=(PANE_WIDTH, pane.get_content_height(around, around, PANE_WIDTH) + more)) as pilot:
            pane.show(board, board.as_of)
            await pilot.pause()
            found.append(_picture(app, name, heading))
    return found


async def _screens(subject: Subject, theme: str, heading: str) -> AsyncIterator[Picture]:
    board = subject.board
    source = _Still(board, subject.desk.store)
    day = board.as_of.date() if subject.is_replay else None
    app = Monitor(source, look=Look(marks_s=0.0), theme=theme, at=day, shown=subject.desk.config.markets.shown)
    async with app.run_test(size=SIZE) as pilot:
        await _until(pilot, lambda: day is None or app.day is not None)
        yield await _settled(app, pilot, "monitor", heading)
        for name in SCREENS:
            await app.action_open(name)
            yield await _settled(app, pilot, name, heading)
            await app.action_open(name)
            await pilot.pause()


async def _settled(app: Monitor, pilot: Pilot[int], name: str, heading: str) -> Picture:
    """The screen once its charts have been read; without a cursor."""
    await pilot.pause()
    await _until(pilot, lambda: all(worker.is_finished for worker in app.workers if worker.group == "histories"))
    app.set_focus(None)
    await pilot.pause()
    return _picture(app, name, heading)


async def _until(pilot: Pilot[int], ready: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not ready():
            await pilot.pause(0.02)


def _picture(app: App[Any], name: str, heading: str) -> Picture:
    """What stands on the screen, in both forms."""
    title = f"bondtop {name} · {heading}"
    width, height = app.size
    console = Console(
        width=width, height=height, file=io.StringIO(), force_terminal=True, color_system="truecolor", record=True, legacy_windows=False,
        safe_box=False,
    )  # fmt: skip
    console.print(app.screen._compositor.render_update(full=True))
    style, code = console.export_html(code_format="{stylesheet}\0{code}", clear=False).split("\0")
    return Picture(name, without_outside(console.export_svg(title=title)), _page(app.current_theme, title, style, code))


def _page(theme: Theme, title: str, style: str, code: str) -> str:
    css = f"body {{ margin: 0; padding: 1em; background: {theme.background}; color: {theme.foreground}; }}\n"
    css += f"pre {{ margin: 0; font: 13px/1.25 {FONTS}; }}\n"
    css += "i { display: inline-block; width: 1ch; height: 1.25em; overflow: hidden; vertical-align: top; font-style: inherit; }\n" + style
    head = tag("head", tag("meta", charset="utf-8"), tag("title", title), tag("style", Element(css)))
    body = tag("body", tag("pre", f"{title}\n\n", Element(_ODD.sub(r"<i>\g<0></i>", code))))
    return "<!doctype html>\n" + tag("html", head, body, lang="en").markup + "\n"


class _PaneApp(App[None]):
    """One pane and nothing else."""

    CSS = "Pane { width: 100%; height: 100%; }"
    AUTO_FOCUS = None

    def __init__(self, pane: Pane, theme: str) -> None:
        super().__init__()
        for each in themes():
            self.register_theme(each)
        self.theme, self._pane = theme, pane

    def compose(self) -> ComposeResult:
        """The pane."""
        yield self._pane


class _Still:
    """A Source of one Board at whose instant time stands still."""

    def __init__(self, board: Board, store: Store) -> None:
        self.clock = Clock(board.as_of.timestamp)
        self.is_demo = board.demo
        self._board, self._store = board, store

    def first(self) -> Board | None:
        """The Board."""
        return self._board

    def feeds(self) -> Sequence[str]:
        """None is asked."""
        return ()

    async def run(self, tell: Tell) -> None:
        """Nothing ever comes."""

    async def board_at(self, day: date) -> Board:
        """The Board."""
        return self._board

    async def last_visit(self) -> Board | None:
        """Not known."""
        return None

    async def histories(self, ids: Sequence[str], until: datetime) -> Mapping[str, History]:
        """Series for charts."""
        return await read_histories(self._store, ids, until)

    async def health(self) -> Sequence[Health]:
        """Not pictured."""
        return ()

    async def journal(self, limit: int, before: int | None = None) -> Sequence[Entry]:
        """Not pictured."""
        return ()

    async def acknowledge(self) -> int:
        """Nothing to acknowledge."""
        return 0

    async def keep_mark(self, mark: StoredMark) -> None:
        """Nobody marks a picture."""

    def refresh(self, feed: str | None) -> str:
        """Nothing to ask."""
        return ""
