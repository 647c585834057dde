"""The app under keys, news and sizes."""

import asyncio
import gc
import weakref
from contextlib import asynccontextmanager
from datetime import date, timedelta

import pytest
from bondtop.feeds.errors import BondtopError
from bondtop.tui.app import Monitor
from bondtop.tui.arrange import PANES
from bondtop.tui.screens.explain import ExplainScreen
from bondtop.tui.screens.feeds import FeedsScreen
from bondtop.tui.screens.main import MainScreen
from bondtop.tui.screens.prompt import Prompt
from bondtop.tui.source import Connection, FeedStep, Fresh, Trouble
from bondtop.tui.themes import theme_names
from bondtop.widgets.filling import Step
from bondtop.widgets.pane import Pane
from engines import until
from handboards import BUILT, everywhere, full, regime, replaced, unknown, word
from sources import HandSource, StillClock


@asynccontextmanager
async def running(source=None, *, size=(120, 40), **more):
    source = source or HandSource(full())
    app = Monitor(source, **more)
    async with app.run_test(size=size) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        await pilot.pause()
        yield app, pilot, source


def screen_text(app) -> str:
    return "\n".join("".join(s.text for s in strip) for strip in app.screen._compositor.render_strips())


async def arrived(app, pilot) -> None:
    """Until the day wished for is shown."""
    while app.travelling:
        await pilot.pause(0.01)
    await pilot.pause()


async def test_the_first_board_is_painted_before_the_source_runs():
    source = HandSource(full())
    app = Monitor(source)
    async with app.run_test(size=(120, 40)):
        text = screen_text(app)
        assert "FRAGMENTATION" in text and "4.330" in text and "14:32Z" in text


@pytest.mark.parametrize("size", [(240, 60), (160, 45), (120, 36), (100, 30), (80, 24), (60, 20), (41, 11)])
@pytest.mark.parametrize("board", [full(), unknown(), everywhere("[red]日本[/] 👩‍🚀")], ids=["full", "unknown", "hostile"])
async def test_every_size_shows_every_kind_of_board(size, board):
    async with running(HandSource(board), size=size) as (app, _, _):
        assert app.is_running and app.screen.query_one(f"#{PANES[0]}", Pane).size.height > 2


async def test_too_small_says_what_it_needs():
    async with running(size=(20, 5)) as (app, pilot, _):
        assert "needs 40x10" in screen_text(app)
        await pilot.resize_terminal(120, 40)
        assert "FRAGMENTATION" in screen_text(app)


@pytest.mark.parametrize("index", range(4))
async def test_a_digit_focuses_a_pane(index):
    for size in ((120, 40), (80, 24)):
        async with running(size=size) as (app, pilot, _):
            await pilot.press(str(index + 1))
            await pilot.pause()
            assert app.focused.id == PANES[index]
            assert app.focused.region.height > 5


async def test_tab_goes_round():
    async with running() as (app, pilot, _):
        seen = []
        for _ in range(4):
            seen.append(app.focused.id)
            await pilot.press("tab")
        assert tuple(seen) == PANES and app.focused.id == PANES[0]
        await pilot.press("shift+tab")
        assert app.focused.id == PANES[3]


async def test_zoom_gives_one_pane_the_body_and_back():
    async with running() as (app, pilot, _):
        await pilot.press("3", "z")
        await pilot.pause()
        assert app.focused.id == PANES[2] and app.focused.size == (120, 36)
        await pilot.press("z")
        await pilot.pause()
        assert app.focused.size.height < 20


async def test_resizing_keeps_focus_cursor_and_scroll():
    async with running() as (app, pilot, _):
        await pilot.press("4")
        watch = app.screen.query_one(f"#{PANES[3]}", Pane)
        watch.go_to("watch.S2")
        for size in ((80, 24), (60, 20), (200, 50), (30, 5), (100, 30), (120, 40)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        await until(lambda: app.focused is not None)  # what was hidden loses the focus, and gets it back, in its own time
        assert app.focused is watch and watch.cursor == "watch.S2"


async def test_a_pane_has_the_focus_whatever_took_it():
    async with running() as (app, pilot, _):
        await pilot.press("3")
        app.screen.set_focus(None)
        await until(lambda: app.focused is not None)
        assert app.focused.id == PANES[2]


async def test_a_new_board_is_shown_and_only_what_differs_is_repainted():
    async with running() as (app, pilot, source):
        panes = [app.screen.query_one(f"#{name}", Pane) for name in PANES]
        painted = []
        for pane in panes:
            pane.refresh = lambda *regions, pane=pane, **_: painted.append((pane.id, regions))
            pane.repaint = lambda odd, pane=pane: painted.append((pane.id, odd))
        source.send(Fresh(replaced(full(), line="Another line.")))
        await pilot.pause()
        assert painted == [] and "Another line." in screen_text(app)


async def test_the_held_regime_changes_in_place():
    async with running() as (app, pilot, source):
        source.send(Fresh(replaced(full(), regime=regime(held=word("Stress"), gate=word("on")))))
        await pilot.pause()
        assert " STRESS" in screen_text(app) and "● ON" in screen_text(app)


async def test_freezing_holds_the_screen_and_says_that_newer_data_wait():
    async with running() as (app, pilot, source):
        await pilot.press("f")
        assert "FROZEN" in screen_text(app)
        source.send(Fresh(replaced(full(), line="Another line.")))
        await pilot.pause()
        text = screen_text(app)
        assert "Another line." not in text and "newer data waits" in text
        await pilot.press("f")
        assert "Another line." in screen_text(app) and "FROZEN" not in screen_text(app)


STEPS = (
    ("comma", "2026-03-31"),
    ("comma", "2026-03-30"),
    ("comma", "2026-03-27"),
    ("full_stop", "2026-03-30"),
    ("less_than_sign", "2026-02-27"),
    ("greater_than_sign", "2026-03-27"),
)


async def test_stepping_through_time_and_back():
    async with running() as (app, pilot, _):
        for key, day in STEPS:
            await pilot.press(key)
            await arrived(app, pilot)
            text = screen_text(app)
            assert f"REPLAY {day} (as known then)" in text and f"As known on {day}." in text
        await pilot.press("L")
        assert "REPLAY" not in screen_text(app) and app.day is None


async def test_a_board_that_arrives_in_replay_waits_for_the_return():
    async with running() as (app, pilot, source):
        app.travel(date(2026, 1, 20))
        await arrived(app, pilot)
        source.send(Fresh(replaced(full(), line="Another line.")))
        await pilot.pause()
        assert "As known on 2026-01-20." in screen_text(app)
        await pilot.press("L")
        assert "Another line." in screen_text(app)


async def test_a_held_key_scrubs_without_a_queue():
    async with running() as (app, pilot, source):
        for _ in range(30):
            app.action_step(-1)
        await arrived(app, pilot)
        assert app.day == date(2026, 2, 18) and len(source.asked) <= 3


async def test_a_day_that_cannot_be_shown_is_said_and_the_screen_stays():
    class Broken(HandSource):
        async def board_at(self, day):
            raise BondtopError("its process ended with code -9")

    async with running(Broken(full())) as (app, pilot, _):
        before = screen_text(app)
        app.travel(date(2026, 1, 20))
        await arrived(app, pilot)
        assert [note.message for note in app._notifications] == ["That day cannot be shown: its process ended with code -9"]
        app.clear_notifications()
        await pilot.pause()
        assert app.day is None and screen_text(app) == before


async def test_the_future_is_now():
    async with running() as (app, _, source):
        app.travel(date(2027, 1, 1))
        assert app.day is None and source.asked == []


async def test_starting_in_replay():
    async with running(at=date(2026, 1, 20)) as (app, pilot, _):
        await arrived(app, pilot)
        await pilot.pause()
        assert "REPLAY 2026-01-20" in screen_text(app)


async def test_g_asks_for_a_date():
    async with running() as (app, pilot, _):
        await pilot.press("g")
        assert isinstance(app.screen, Prompt)
        await pilot.press(*"2026-01-20", "enter")
        await pilot.pause()
        await arrived(app, pilot)
        assert app.day == date(2026, 1, 20)


async def test_a_day_that_has_not_come_yet_is_said_and_now_is_shown():
    async with running() as (app, pilot, _):
        await pilot.press("g")
        await pilot.press(*"2099-01-02", "enter")
        await pilot.pause()
        assert app.day is None
        assert [note.message for note in app._notifications] == ["2099-01-02 has not come yet: this is now."]


@pytest.mark.parametrize(("words", "screen"), [("feeds", FeedsScreen), ("move", ExplainScreen), ("watch F1", ExplainScreen)])
async def test_a_typed_mnemonic_goes_there(words, screen):
    async with running() as (app, pilot, _):
        await pilot.press("colon", *words, "enter")
        await pilot.pause()
        assert isinstance(app.screen, screen)


async def test_enter_explains_and_escape_comes_back_to_the_same_value():
    async with running() as (app, pilot, _):
        pane = app.focused
        pane.go_to("markets.uk.tenors.10y.z1")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, ExplainScreen) and "markets.uk.tenors.10y.z1" in screen_text(app)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, MainScreen) and app.focused is pane and pane.cursor == "markets.uk.tenors.10y.z1"


async def test_the_feeds_screen_asks_one_feed_or_all():
    async with running() as (app, pilot, source):
        await pilot.press("d")
        await pilot.pause()
        assert isinstance(app.screen, FeedsScreen)
        await pilot.press("R")
        await pilot.pause()
        assert source.refreshed == [None]
        await pilot.press("d")
        assert isinstance(app.screen, MainScreen)


async def test_the_first_visit_of_the_demo_says_what_is_made_and_offers_no_other():
    async with running(HandSource(None, is_demo=True)) as (app, pilot, source):
        source.send(FeedStep("demo", Step("asking")))
        await pilot.pause()
        text = screen_text(app)
        assert "A simulated market is being made" in text and "DEMO" in text and "0 of 1" not in text and "D a simulated" not in text


async def test_with_nothing_known_one_goes_to_screens_and_is_told_of_the_rest():
    async with running(HandSource(None)) as (app, pilot, _):
        await pilot.press(*("colon", "u", "s"), "enter")
        await pilot.pause()
        assert any("no data to go to yet" in n.message for n in app._notifications)
        await pilot.press(*("colon", *"feeds"), "enter")
        await pilot.pause()
        assert isinstance(app.screen, FeedsScreen)


async def test_control_c_says_how_one_leaves_and_what_is_said_is_never_markup():
    async with running() as (app, pilot, _):
        await pilot.press("ctrl+c")
        app.notify("[red]not a colour[/red] \x1b[2J")
        await pilot.pause()
        assert [n.message for n in app._notifications] == ["q leaves", "[red]not a colour[/red]  [2J"]
        assert app.is_running and not any(n.markup for n in app._notifications)


async def test_a_frozen_demo_or_replay_still_says_what_it_is():
    async with running(HandSource(full(), is_demo=True)) as (app, pilot, _):
        await pilot.press("f")
        assert "DEMO simulated market FROZEN" in screen_text(app)


async def test_a_closed_screen_is_gone_by_the_next_minute_though_nothing_else_collects():
    gc.disable()
    try:
        async with running() as (app, pilot, _):
            await app.action_open("help")
            closed = weakref.ref(app.screen)
            app.pop_screen()
            for _ in range(3):
                await pilot.pause()
            app._tick()
            for _ in range(3):
                await pilot.pause()
            assert closed() is None
    finally:
        gc.enable()


async def test_an_empty_cache_shows_what_is_being_fetched_then_the_panes():
    async with running(HandSource(None)) as (app, pilot, source):
        assert "0 of 3 feeds" in screen_text(app) and "waiting" in screen_text(app)
        source.send(FeedStep("treasury", Step("answer", "daily", 120)))
        source.send(FeedStep("fred", Step("failed", "", 0, "HTTP 503 from [fred]")))
        await pilot.pause()
        text = screen_text(app)
        assert "reading" in text and "120 values" in text and "HTTP 503 from [fred]" in text and "1 of 3 feeds" in text
        source.send(Fresh(full()))
        for _ in range(100):
            if "4.330" in (text := screen_text(app)):
                break
            await pilot.pause(0.01)
        assert "4.330" in text and "of 3 feeds" not in text


async def test_no_network_and_no_cache_says_so_and_offers_the_demo():
    async with running(HandSource(None)) as (app, pilot, source):
        source.send(Trouble("Nothing is stored and no provider answers. Press D for a simulated market."))
        await pilot.pause()
        assert "Press D" in screen_text(app)
        await pilot.press("D")
    assert app.return_value == Monitor.DEMO_WANTED


async def test_the_demo_says_so_on_every_screen():
    async with running(HandSource(full(), is_demo=True)) as (app, pilot, _):
        for key in ("escape", "d"):
            await pilot.press(key)
            await pilot.pause()
            assert "DEMO" in screen_text(app)


async def test_the_connection_is_told():
    async with running(size=(160, 40)) as (app, pilot, source):
        source.send(Connection("process 4711 on trader7 refreshes · ● 17/18 feeds", well=False))
        await pilot.pause()
        assert "process 4711 on trader7 refreshes · ● 17/18 feeds" in screen_text(app)


async def test_a_source_that_breaks_becomes_words():
    class Broken(HandSource):
        async def run(self, tell):
            self.started.set()
            raise RuntimeError("no [such] thing")

    async with running(Broken(full())) as (app, pilot, _):
        await pilot.pause()
        assert "no [such] thing" in screen_text(app) and "4.330" in screen_text(app)


async def test_a_day_that_cannot_be_shown_leaves_the_screen_as_it_was():
    class Broken(HandSource):
        async def board_at(self, day):
            raise ValueError(f"no data for {day} [sic]")

    async with running(Broken(full())) as (app, pilot, _):
        await pilot.press("comma")
        await pilot.pause()
        assert app.day is None and "4.330" in screen_text(app)


async def test_ages_tick():
    clock = StillClock(BUILT)
    async with running(HandSource(full(), clock=clock)) as (app, pilot, _):
        clock.offset_s = timedelta(minutes=42).total_seconds()
        app._tick()
        await pilot.pause()
        assert "42m old" in screen_text(app)


@pytest.mark.parametrize("name", theme_names())
async def test_every_theme_paints_every_state_in_words(name):
    async with running(theme=name) as (app, _, _):
        text = screen_text(app)
        assert all(w in text for w in ("reversed", "manual", "stale", "unknown", "met"))


async def test_ascii_only_screens_hold_nothing_else():
    for size in ((120, 40), (80, 24), (200, 50)):
        async with running(ascii_only=True, size=size) as (app, pilot, _):
            assert screen_text(app).isascii()
            await pilot.press("d")
            await pilot.pause()
            assert screen_text(app).isascii()


async def test_a_crash_leaves_words_and_a_report_and_no_locals():
    reports = []

    def report(error):
        reports.append(error)
        return "a report is in crash.txt"

    source = HandSource(full())
    app = Monitor(source, report=report)
    with pytest.raises(ZeroDivisionError):
        async with app.run_test(size=(120, 40)) as pilot:
            secret = "s3cret"  # noqa: F841
            app.call_later(lambda: 1 / 0)
            await pilot.pause()
    assert len(reports) == 1 and app.return_code == 1
