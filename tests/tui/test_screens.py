"""The screens beside the main one, under keys, in replay and on an empty Board."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from bondtop.cache.journal import Entry
from bondtop.tui.app import Monitor
from bondtop.tui.config import parse_config
from bondtop.tui.going import SCREENS_BY_NAME
from bondtop.tui.histories import History
from bondtop.tui.preferences import Preferences
from bondtop.tui.screens.help import HelpScreen
from bondtop.tui.screens.journal import JournalScreen
from bondtop.tui.screens.main import MainScreen
from bondtop.tui.screens.market import MarketScreen
from bondtop.tui.screens.prompt import Prompt
from bondtop.tui.screens.spreads import SpreadsScreen
from bondtop.tui.sessions import on_session
from bondtop.tui.source import Fresh
from bondtop.widgets.announced import Announced
from bondtop.widgets.axes import to_day
from bondtop.widgets.chart import Chart
from bondtop.widgets.pane import Pane
from bondtop.widgets.setting_list import SettingList
from bondtop.widgets.state_vector import StateVector
from handboards import DAY, everywhere, full, replaced, unknown
from msgspec.structs import replace
from rich_boards import rich
from sources import HandSource

KEYS = {"spreads": "s", "carry": "c", "sequence": "w", "journal": "j", "help": "question_mark", "settings": "S"}
SIZES = [(200, 50), (120, 40), (80, 24), (60, 20), (20, 5)]
LAST = to_day(DAY)


class Market(HandSource):
    """Ten years of lines whose spread against the US is their place, in bp; known at what instant is remembered."""

    def __init__(self, board=None, **more):
        super().__init__(board, **more)
        self.wanted: list[tuple[tuple[str, ...], date]] = []
        self.broken = False

    async def histories(self, ids, until):
        self.wanted.append((tuple(ids), until.date()))
        if self.broken:
            raise OSError("disk on fire")
        last = to_day(until.date())
        days = [d for d in range(last - 3650, last + 1) if (d + 3) % 7 < 5]
        return {name: History(days, [4.0 + 0.01 * i * (d / last) for d in days]) for i, name in enumerate(ids)}


@asynccontextmanager
async def opened(name="", source=None, *, size=(120, 40), **more):
    source = source or Market(rich())
    app = Monitor(source, **more)
    async with app.run_test(size=size) as pilot:
        await source.started.wait()
        await pilot.pause()
        if name.startswith("market"):
            await app.open_market(name.partition(":")[2] or "us")
        elif name:
            await app.action_open(name)
        await settle(app, pilot)
        yield app, pilot, source


async def settle(app, pilot):
    await pilot.pause()
    if working := [w for w in app.workers if w.group in ("histories", "journal", "replay")]:  # none would mean all
        await app.workers.wait_for_complete(working)
    await pilot.pause()


def text_of(app) -> str:
    return "\n".join("".join(s.text for s in strip) for strip in app.screen._compositor.render_strips())


# -------------------------------------------------------------------------------------------------------------- every screen
@pytest.mark.parametrize(("name", "key"), KEYS.items())
async def test_a_key_opens_a_screen_and_escape_leaves_it(name, key):
    async with opened() as (app, pilot, _):
        await pilot.press(key)
        await settle(app, pilot)
        assert type(app.screen).__name__ == SCREENS_BY_NAME[name][1]
        await pilot.press("escape")
        assert isinstance(app.screen, MainScreen)


@pytest.mark.parametrize("name", [*KEYS, "market"])
@pytest.mark.parametrize("board", [rich(), unknown(), everywhere("[red]日本[/] 👩‍🚀"), None], ids=["rich", "unknown", "hostile", "none"])
async def test_every_screen_stands_every_board_and_size(name, board):
    async with opened(name, Market(board), size=SIZES[0]) as (app, pilot, _):
        for size in SIZES[1:]:
            await pilot.resize_terminal(*size)
            assert app.is_running
        await pilot.resize_terminal(80, 24)
        await settle(app, pilot)
        assert any(p.size.height > 2 for p in app.screen.query(Pane) if p.framed)


@pytest.mark.parametrize("name", [*KEYS, "market"])
async def test_ascii_reaches_every_corner(name):
    async with opened(name, ascii_only=True) as (app, _, _):
        assert text_of(app).isascii()


@pytest.mark.parametrize("name", [*KEYS, "market"])
async def test_replay_is_unmistakable_and_time_travels_on_every_screen(name):
    async with opened(name) as (app, pilot, source):
        await pilot.press("comma", "comma")
        await settle(app, pilot)
        assert "REPLAY 2026-03-30 (as known then)" in text_of(app) and source.asked
        await pilot.press("L")
        assert "REPLAY" not in text_of(app)


# ------------------------------------------------------------------------------------------------------------------- spreads
async def test_spreads_show_only_what_was_known_at_the_boards_instant():
    async with opened("spreads") as (app, pilot, source):
        assert source.wanted[-1] == (("us.10y", "uk.10y", "fr.10y", "jp.10y", "de.10y"), DAY)
        assert "newest Wed 1 Apr 2026" in text_of(app) and "UK +1" in text_of(app) and "Germany +4" in text_of(app)
        await pilot.press("less_than_sign")
        await settle(app, pilot)
        assert source.wanted[-1][1] == date(2026, 2, 27)
        assert source.wanted[-1][1] == app.view.board.as_of.date()
        assert max(t.days[-1] for t in app.screen.query_one(Chart).traces) <= to_day(app.view.board.as_of.date())


async def test_the_base_can_be_the_bund():
    async with opened("spreads") as (app, pilot, source):
        await pilot.press("b")
        await settle(app, pilot)
        assert source.wanted[-1][0][0] == "de.10y"
        assert "against Bund" in text_of(app) and app.screen.query_one(Chart).traces[0].name == "US"


async def test_a_held_key_reads_the_last_day_not_every_one():
    async with opened("spreads") as (app, pilot, source):
        source.wanted.clear()
        for day in range(1, 20):
            source.send(Fresh(replaced(rich(), as_of=rich().as_of - timedelta(days=day))))
        await settle(app, pilot)
        assert len(source.wanted) < 19 and source.wanted[-1][1] == DAY - timedelta(days=19)


async def test_a_history_that_cannot_be_read_is_said():
    source = Market(rich())
    source.broken = True
    async with opened("spreads", source) as (app, _, _):
        assert "the history cannot be read: OSError: disk on fire" in text_of(app)


async def test_the_table_says_what_the_board_says():
    async with opened("spreads") as (app, _, _):
        assert "−196" in text_of(app) and "SUPPLY-DRIVEN STRESS" in text_of(app)


# -------------------------------------------------------------------------------------------------------------------- market
async def test_markets_follow_each_other():
    async with opened("market:us") as (app, pilot, _):
        assert "US curve" in text_of(app)
        await pilot.press("n")
        assert "UK curve" in text_of(app) and app.screen.market == "uk"
        await pilot.press("p", "p")
        assert app.screen.market == "de" and "Germany curve" in text_of(app)


async def test_panes_have_digits_tabs_and_zoom():
    async with opened("market:us", size=(80, 24)) as (app, pilot, _):
        for digit, id_ in enumerate(("curve", "tenors", "standing", "clearing", "auctions", "structure"), 1):
            await pilot.press(str(digit))
            assert app.focused.id == id_ and [p.id for p in app.screen.panes if p.size.height > 2] == [id_]
        await pilot.press("tab")
        assert app.focused.id == "curve"
        await pilot.resize_terminal(160, 50)
        await pilot.pause()
        assert all(p.size.height > 2 for p in app.screen.panes)
        await pilot.press("z")
        assert [p.id for p in app.screen.panes if p.size.height > 2] == ["curve"]
        await pilot.press("escape")
        assert isinstance(app.screen, MarketScreen) and all(p.size.height > 2 for p in app.screen.panes)


async def test_a_new_board_reaches_the_market():
    async with opened("market:us") as (app, pilot, source):
        board = rich()
        us = board.markets["us"]
        ten = msgspec.structs.replace(us.tenors["10y"], level=msgspec.structs.replace(us.tenors["10y"].level, value=4.777))
        source.send(Fresh(replaced(board, markets={"us": msgspec.structs.replace(us, tenors={**us.tenors, "10y": ten})})))
        await pilot.pause()
        assert "4.777" in text_of(app)


# ------------------------------------------------------------------------------------------------------------------- journal
async def test_the_journal_compares_with_other_days():
    async with opened("journal") as (app, pilot, source):
        assert "since the Board before" in text_of(app) and "carry unwind" in text_of(app)
        await pilot.press("m")
        await settle(app, pilot)
        assert source.asked == [date(2026, 3, 31)] and "since yesterday, 31 Mar 2026" in text_of(app)
        await pilot.press("m")
        await settle(app, pilot)
        assert source.asked[-1] == date(2026, 3, 25) and "since last week, 25 Mar 2026" in text_of(app)
        await pilot.press("m")
        await settle(app, pilot)
        assert "no earlier visit is known" in text_of(app)


async def test_the_journal_knows_the_last_visit():
    source = Market(rich())
    held = msgspec.structs.replace(rich().regime.held, word="Stable")
    source.visited = replaced(rich(), regime=msgspec.structs.replace(rich().regime, held=held))
    async with opened("journal", source) as (app, pilot, _):
        await pilot.press("m", "m", "m")
        await settle(app, pilot)
        assert "since last visit" in text_of(app) and "Stable → Fragmentation" in text_of(app)


async def test_enter_goes_to_the_session_of_a_change():
    async with opened("journal") as (app, pilot, _):
        await pilot.press("home", "down", "down", "enter")
        await settle(app, pilot)
        assert isinstance(app.screen, MainScreen) and app.day == date(2026, 3, 31)


async def test_the_journal_is_filtered():
    async with opened("journal") as (app, pilot, _):
        await pilot.press("slash")
        assert isinstance(app.screen, Prompt)
        await pilot.press(*"unwind", "enter")
        assert isinstance(app.screen, JournalScreen)
        assert "1 of 4 changes" in text_of(app) and "/ unwind" in text_of(app)


async def test_an_earlier_board_that_cannot_be_made_is_said():
    source = Market(rich())

    async def broken(day):
        raise OSError("no such day")

    source.board_at = broken
    async with opened("journal", source) as (app, pilot, _):
        await pilot.press("m")
        await settle(app, pilot)
        assert "cannot be made: OSError: no such day" in text_of(app)


async def test_the_journal_compares_with_a_date():
    async with opened("journal") as (app, pilot, source):
        await pilot.press("o", *"20 Jan", "enter")
        await settle(app, pilot)
        assert any("is no date" in n.message for n in app._notifications) and source.asked == []
        await pilot.press("o", *"2026-01-20", "enter")
        await settle(app, pilot)
        assert source.asked == [date(2026, 1, 20)] and "since 2026-01-20, 20 Jan 2026" in text_of(app)
        await pilot.press("m")
        await settle(app, pilot)
        assert "since the Board before" in text_of(app)


def announced(count):
    """The journal of a busy year, the oldest first."""
    start = datetime(2026, 3, 31, 12, tzinfo=UTC) - timedelta(hours=count)
    when = [start + timedelta(hours=n) for n in range(count)]
    return [
        Entry(at, at.date(), "condition", f"watch.F{n % 3 + 1}", "NOT", "MET", ("info", "watch")[n % 2], f"entry {n}", id=n + 1)
        for n, at in enumerate(when)
    ]


async def test_ten_thousand_entries_scroll_by_drawing_what_is_seen():
    source = Market(rich())
    source.entries = announced(10_000)
    async with opened("journal", source, size=(120, 40)) as (app, pilot, _):
        await pilot.press("m", "m", "m", "m")
        await settle(app, pilot)
        pane = app.screen.query_one(Announced)
        assert "1 of 1,000" in text_of(app) and "entry 9999" in text_of(app)
        drawn, line = [], pane._line
        pane._line = lambda *words: (drawn.append(words[2]), line(*words))
        seen = set()
        for key in ("pagedown",) * 30 + ("down",) * 10 + ("pageup",) * 5 + ("end", "home"):
            drawn.clear()
            await pilot.press(key)
            assert 0 < len(drawn) <= 2 * 40, key  # at most: once for the key, once for a page that came meanwhile
            seen |= {row.split("entry ")[1].split()[0] for row in text_of(app).splitlines() if "entry " in row}
        assert len(seen) > 30 * 30
        while not app.screen._whole:
            await pilot.press("end")
            await settle(app, pilot)
        await pilot.press("end")
        assert "10,000 of 10,000" in text_of(app) and "entry 0 " in text_of(app)
        drawn.clear()
        await pilot.press("pageup")
        assert 0 < len(drawn) <= 40
        await pilot.press("slash", *"f1 9999", "enter")
        assert "1 of 1" in text_of(app) and "entry 9999" in text_of(app)


async def test_an_entry_leads_to_its_instant_and_new_ones_do_not_move_the_cursor():
    source = Market(rich())
    source.entries = announced(200)
    async with opened("journal", source) as (app, pilot, _):
        await pilot.press("m", "m", "m", "m", *["down"] * 60)
        await settle(app, pilot)
        pane = app.screen.query_one(Announced)
        here = pane._under_cursor()
        assert here.evidence == "entry 139"
        newest = source.entries[-1]
        source.entries = [*source.entries, replace(newest, id=201, evidence="entry 200")]
        source.send(Fresh(rich()))
        await settle(app, pilot)
        assert pane._under_cursor() == here and "62 of 201" in text_of(app)
        await pilot.press("enter")
        await settle(app, pilot)
        assert isinstance(app.screen, MainScreen) and app.day == on_session(here.seen.date())


# ---------------------------------------------------------------------------------------------------------------------- help
@pytest.mark.parametrize(("name", "words"), [("", ("State vector", "Monitor screen", "sort by this column")),
                                             ("spreads", ("cross-hair", "against Treasury or Bund", "1 2 3 4 5 6 7 8")),
                                             ("carry", ("1 2 3 4 ", "Carry and spillover screen")),
                                             ("journal", ("explain what changed", "keep rows with these words"))])  # fmt: skip
async def test_help_lists_the_keys_of_the_screen_below(name, words):
    async with opened(name, size=(140, 60)) as (app, pilot, _):
        await pilot.press("question_mark")
        await settle(app, pilot)
        assert isinstance(app.screen, HelpScreen)
        assert all(word in text_of(app) for word in (*words, "Everywhere", "one session back, on", "How to read it"))
        await pilot.press("question_mark")
        assert not isinstance(app.screen, HelpScreen)


async def test_every_key_of_the_app_is_in_the_help():
    async with opened("help", size=(160, 80)) as (app, _, _):
        text = text_of(app)
        assert all(f" {key} " in text for key in ("s", "c", "w", "j", "d", "S", "D", ":", "f", "g", "L", "^P"))


# ------------------------------------------------------------------------------------------------------------------ settings
async def test_a_setting_is_in_force_at_once_and_kept_in_the_file(tmp_path):
    path = tmp_path / "config.toml"
    path.write_text('# mine\n[markets]\nshown = ["us", "jp"]  # only two\n', encoding="utf-8")
    preferences = Preferences(parse_config(path.read_text(encoding="utf-8"), "x"), path)
    async with opened("settings", preferences=preferences, shown=("us", "jp")) as (app, pilot, _):
        await pilot.press("home", "right")
        assert app.theme == "light" and 'theme = "light"' in path.read_text(encoding="utf-8")
        await pilot.press("down", "enter")
        assert not app.look.rising_is_bad and all(not p.look.rising_is_bad for p in app.screen_stack[0].query(Pane))
        await pilot.press("down", "down", "enter", *"shape label", "enter")
        vector = app.screen_stack[0].query_one(StateVector)
        assert vector.hidden == {"shape", "label"}
        kept = path.read_text(encoding="utf-8")
        assert kept.startswith("# mine\n") and "# only two" in kept and 'hidden_columns = ["shape", "label"]' in kept
        assert parse_config(kept, "x") == preferences.config


async def test_a_bad_value_changes_nothing_and_says_so(tmp_path):
    path = tmp_path / "config.toml"
    async with opened("settings", preferences=Preferences(parse_config("", "x"), path)) as (app, pilot, _):
        setting = next(s for s in app.screen.query_one(SettingList).settings if s.key == "shown")
        app.screen.query_one(SettingList).cursor = setting.path
        await pilot.press("enter", *"us xx", "enter")
        await pilot.pause()
        assert not path.exists() and app.preferences.config.markets.shown[:2] == ("us", "uk")
        assert any("unknown market 'xx'" in n.message for n in app._notifications)


async def test_settings_say_where_they_are_kept():
    async with opened("settings") as (app, _, _):
        assert "for this run only" in text_of(app) and "from the next start" in text_of(app)


async def test_screens_leave_no_worker_behind():
    async with opened("spreads") as (app, pilot, _):
        await pilot.press("escape")
        await asyncio.sleep(0)
        assert not isinstance(app.screen, SpreadsScreen)
        assert [w for w in app.workers if w.group == "histories" and not w.is_finished] == []


async def test_a_full_board_of_the_main_screen_opens_every_screen():
    async with opened(source=Market(full())) as (app, pilot, _):
        for key in KEYS.values():
            await pilot.press(key)
            await settle(app, pilot)
            await pilot.press("escape")
        assert isinstance(app.screen, MainScreen)
