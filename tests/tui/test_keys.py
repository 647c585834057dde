"""Every key of the help is pressed on every screen: what it names exists, and nothing breaks. And what the new ones do."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from bondtop.cache.health import FeedState, Health
from bondtop.signals.board import decode
from bondtop.tui.app import Monitor
from bondtop.tui.going import SCREENS_BY_NAME
from bondtop.tui.screens.explain import ExplainScreen
from bondtop.tui.screens.help import OURS, _bindings
from bondtop.tui.screens.market import MarketScreen
from bondtop.tui.screens.prompt import Prompt
from bondtop.tui.taking import write_new
from bondtop.widgets.pane import Pane
from demo_boards import demo_board
from handboards import BUILT, full
from rich_boards import rich
from sources import HandSource
from textual import events
from textual.binding import Binding

NOW = int(BUILT.timestamp())
ENDING = ("quit", "demo")  # these leave the app


@asynccontextmanager
async def running(board, folder, *, size=(200, 50), source=HandSource, **more):
    source = source(board, **more)
    app = Monitor(source)
    app.folders = (folder,)
    async with app.run_test(size=size) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        await pilot.pause()
        yield app, pilot


def keys_of(*bindings: Binding, name: str) -> list[str]:
    """The keys of what the help lists, without the ways out of the app and of this screen, which have tests of their own."""
    out = (*ENDING, "leave", f"open('{name}')", *(("ask",) if name == "journal" else ()))  # Enter goes to the session of a change
    return list(dict.fromkeys(b.key for b in bindings if b.action.removeprefix("app.") not in out))


async def back_to(screen, app, pilot) -> None:
    while app.travelling:
        await pilot.pause(0.01)
    while app.screen is not screen and len(app.screen_stack) > 1:
        app.pop_screen()
    app.action_live()
    await pilot.pause()


@pytest.mark.parametrize("name", ["", *SCREENS_BY_NAME])
async def test_every_key_of_every_screen_does_something_that_exists(name, tmp_path):
    async with running(demo_board(), tmp_path, size=(120, 40)) as (app, pilot):
        if name == "explain":
            await pilot.press("enter")
        elif name:
            await app.action_open(name)
        await pilot.pause()
        screen, panes = app.screen, [p for p in app.screen.query(Pane) if p.focusable] or [None]
        everywhere = [b for b in _bindings(app) if b.action.removeprefix("app.").startswith(OURS)]
        for pane in panes:
            own = _bindings(pane) if pane else []
            for key in keys_of(*own, *([*_bindings(screen), *everywhere] if pane is panes[0] else []), name=name):
                if pane is not None:
                    pane.focus()
                await pilot.press(key)
                await back_to(screen, app, pilot)
                assert app.screen is screen, f"{key} left the screen"
        assert app.is_running


@pytest.mark.parametrize("name", ["", "carry", "market"])
async def test_panes_chosen_faster_than_focus_follows_do_not_wake_each_other_for_ever(name, tmp_path):
    async with running(full(), tmp_path, size=(120, 40)) as (app, pilot):
        if name:
            await app.action_open(name)
        await pilot.pause()
        screen, chosen = app.screen, []
        activate = screen._activate
        screen._activate = lambda pane: (chosen.append(pane), activate(pane))
        for key in "23":  # both before either has had an effect
            app.post_message(events.Key(key, key))
        while len(chosen) < 2:
            await pilot.pause()
        for _ in range(5):
            await pilot.pause()
        assert len(chosen) == 2 and app.focused.number == 3


async def test_y_copies_the_value_under_the_cursor_and_shift_y_the_table(tmp_path):
    async with running(full(), tmp_path) as (app, pilot):
        app.focused.go_to("markets.fr.vs_us")
        await pilot.press("y")
        await pilot.pause()
        assert app.clipboard == "-63"
        await pilot.press("Y")
        await pilot.pause()
        rows = [line.split("\t") for line in app.clipboard.split("\n")]
        assert rows[0][:3] == ["Market", "10Y", "1D"] and ["France", "3.702", "+2"] in [row[:3] for row in rows]


async def test_the_cursor_starts_on_a_value_and_a_name_opens_the_market(tmp_path):
    async with running(full(), tmp_path) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ExplainScreen) and app.screen.path == "markets.us.tenors.10y.level"
        await pilot.press("escape", "left", "enter")
        await pilot.pause()
        assert isinstance(app.screen, MarketScreen) and app.screen.market == "us"


async def test_what_is_typed_right_after_enter_finds_the_explanation_open(tmp_path):
    async with running(full(), tmp_path) as (app, pilot):
        main = app.screen
        for key in ("enter", "escape", "enter", "P"):  # all before any of them has had an effect
            app.post_message(events.Key(key, None))
        await pilot.pause()
        assert [type(screen) for screen in app.screen_stack] == [type(main), ExplainScreen]
        assert "Explain" in next(tmp_path.glob("*.svg")).read_text()


class ThreeFeeds(HandSource):
    async def health(self):
        return (
            Health("treasury", FeedState.OK, NOW, NOW, NOW, NOW + 3600),
            Health("fred", FeedState.FAILING, NOW, NOW - 7200, NOW, NOW + 60, 2, "HTTP 503 Unavailable"),
            Health("yahoo", FeedState.OPEN, NOW - 600, None, None, NOW + 3000, 6, "no answer from Yahoo"),
        )


FILTERED = [
    ("", "1", "jap", "Japan", "France"),
    ("", "3", "bitc", "Bitcoin", "MOVE"),
    ("", "4", "buyback", "Buybacks", "MOVE >"),
    ("d", "", "503", "fred", "treasury"),
    ("c", "1", "euro", "euro investor", "yen investor"),
    ("c", "2", "japan", "Japan", "France"),
    ("c", "3", "30y", "30Y", "10Y"),
    ("c", "4", "sell", "bonds it would sell", "weight us"),
    (":us\n", "2", "30y", "30Y", "10Y "),
    (":us\n", "3", "own move of", "own move of the day", "1W in"),
    (":us\n", "5", "30", "30Y", "10Y"),
    (":us\n", "6", "debt", "debt / GDP", "policy rate"),
    ("s", "\t", "jap", "Japan", "Germany"),
    ("j", "", "unwind", "carry unwind", "regime"),
    ("?", "", "palette", "^P", "journal"),
]


@pytest.mark.parametrize(("opens", "pane", "words", "there", "away"), FILTERED, ids=[f"{o.strip() or 'main'}{p}" for o, p, *_ in FILTERED])
async def test_slash_filters_whatever_has_rows_and_the_frame_says_so(opens, pane, words, there, away, tmp_path):
    async with running(rich(), tmp_path, source=ThreeFeeds) as (app, pilot):
        await pilot.press(*typed(opens), *typed(pane))
        await pilot.pause()
        while any(w.group != "source" and not w.is_finished for w in app.workers):
            await pilot.pause(0.01)
        screen = app.screen
        assert away in app.focused.text()
        await pilot.press("slash")
        assert isinstance(app.screen, Prompt)
        await pilot.press(*words, "enter")
        await pilot.pause()
        assert app.screen is screen
        text = app.focused.text()
        assert f"/ {words}" in text and there in text and away not in text
        await pilot.press("slash", *"no such row", "enter")
        await pilot.pause()
        assert "passes the filter" in app.focused.text()
        await pilot.press("slash", "enter")
        await pilot.pause()
        assert there in app.focused.text() and away in app.focused.text()


def typed(text: str) -> list[str]:
    return [{"\n": "enter", "\t": "tab", ":": "colon", "?": "question_mark"}.get(sign, sign) for sign in text]


async def test_a_picture_and_the_board_are_saved_and_no_file_is_written_over(tmp_path):
    async with running(rich(), tmp_path) as (_, pilot):
        await pilot.press("P", "B", "B")
        await pilot.pause()
    picture = (tmp_path / "bondtop-20260401-1432.svg").read_text()
    assert "FRAGMENTATION" in picture and "@font-face" not in picture and "https://" not in picture
    first, second = (tmp_path / f"bondtop-20260401-1432{n}.json" for n in ("", "-2"))
    assert first.read_bytes() == second.read_bytes() and decode(first.read_bytes()) == rich()
    assert json.loads(first.read_bytes())["version"] == 1


async def test_a_folder_that_takes_nothing_is_passed_over_or_said(tmp_path):
    closed = tmp_path / "not-there"
    assert write_new((closed, tmp_path), "board", "json", b"{}") == tmp_path / "board.json"
    async with running(full(), closed) as (app, pilot):
        await pilot.press("B")
        await pilot.pause()
        assert any("not saved" in n.message for n in app._notifications)


async def test_without_a_board_nothing_is_saved(tmp_path):
    async with running(None, tmp_path) as (_, pilot):
        await pilot.press("B")
        await pilot.pause()
    assert not list(tmp_path.iterdir())


# ------------------------------------------------------------------------------------------------------------------ the palette
@pytest.mark.parametrize(
    ("words", "screen"), [("journal", "JournalScreen"), ("market japan", "MarketScreen"), ("buybacks", "ExplainScreen")]
)
async def test_the_palette_goes_to_screens_markets_and_conditions(words, screen, tmp_path):
    async with running(full(), tmp_path) as (app, pilot):
        await pilot.press("ctrl+p", *words)
        palette = app.screen
        async with asyncio.timeout(30):
            while not palette.query_one("CommandList").option_count:
                await pilot.pause(0.01)
            await pilot.press("down", "enter")
            while type(app.screen).__name__ != screen:
                await pilot.pause(0.01)


async def test_dialogs_toasts_and_the_palette_keep_to_ascii_too(tmp_path):
    source = HandSource(full())
    app = Monitor(source, ascii_only=True)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        for keys in (("colon",), ("g",), ("4", "down", "m"), ("ctrl+p",)):
            await pilot.press(*keys)
            await pilot.pause()
            assert app.screen is not app.screen_stack[0]
            assert [row for row in screen_rows(app) if not row.isascii()] == []
            await pilot.press("escape")
            await pilot.pause()
        app.notify("DCI 48.9 → “Defensive” … \x1b[31m")
        async with asyncio.timeout(30):
            while not any('DCI 48.9 -> "Defensive" ~' in row for row in screen_rows(app)):
                await pilot.pause(0.01)
        assert all(row.isascii() for row in screen_rows(app))


def screen_rows(app) -> list[str]:
    return ["".join(s.text for s in strip) for strip in app.screen._compositor.render_strips()]
