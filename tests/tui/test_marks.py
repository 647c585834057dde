"""Marks from the command line and the app: stored, shown beside what was measured, dimmed when over, taken back, never silent."""

import getpass
import json
from datetime import date

import msgspec
import pytest
from bondtop.cache.demo import demo_store
from bondtop.cache.marks import Marks, StoredMark
from bondtop.feeds import demo
from bondtop.signals.history import History
from bondtop.signals.settings import Settings
from bondtop.tui.app import Monitor
from bondtop.tui.cli import main
from bondtop.tui.marking import MarkError, find_condition, make_mark, marks_of
from bondtop.tui.screens.mark import MarkScreen
from bondtop.tui.screens.prompt import Prompt
from bondtop.widgets.look import Look
from bondtop.widgets.tones import Tone, state_tone
from bondtop.widgets.watch_list import WatchList
from demo_boards import demo_cache
from handboards import BUILT, full
from sources import HandSource
from textual.widgets import Input, Static


@pytest.fixture
def run(tmp_path, capfd):
    demo_cache(tmp_path / "demo")

    def call(*words: str) -> tuple[int, str, str]:
        code = main([*words, "--cache-dir", str(tmp_path), "--config", str(tmp_path / "none.toml")])
        out = capfd.readouterr()
        return code, out.out, out.err

    return call


def conditions(run) -> dict:
    return json.loads(run("watch", "--json", "--demo")[1])["watch"]


def test_a_mark_is_stored_shown_listed_and_taken_back(run):
    me = getpass.getuser()
    assert conditions(run)["S1"]["state"] == "UNKNOWN"
    code, out, err = run("mark", "s1", "met", "--note", "signed", "--link", "https://example.org/", "--until", "2026-06-30", "--demo")
    assert (code, err) == (0, "")
    assert out == f"S1: met by {me} on 2026-05-29 22:30Z, until 2026-06-30; signed; https://example.org/\n"
    shown = conditions(run)["S1"]
    assert (shown["state"], shown["mark"]) == ("MANUAL", f"met by {me} on 2026-05-29, until 2026-06-30")
    run("mark", "--clear", "S1", "--demo")
    assert conditions(run)["S1"]["state"] == "UNKNOWN" and conditions(run)["S1"]["mark"] == ""
    assert [json.loads(line)["value"] for line in run("mark", "--json", "--demo")[1].splitlines()] == ["met", "cleared"]


def test_a_mark_on_a_measured_condition_stands_beside_the_measurement(run):
    before = conditions(run)["F1"]
    assert before["state"] not in ("MANUAL", "UNKNOWN", "STALE")
    run("mark", "F1", "met", "--demo")
    after = conditions(run)["F1"]
    assert after["state"] == "MANUAL" and after["value"] == before["value"]
    assert f"measured {before['state']}: " in after["evidence"]


def test_an_expired_judgement_is_stale_and_an_expired_mark_on_data_gives_way(tmp_path):
    with demo_store(demo_cache(tmp_path)) as store:
        marks = Marks(store.database)
        at = demo.NOW.replace(day=4)
        for name in ("S1", "F1"):
            marks.add(StoredMark(name, "met", "ana", at, date(2026, 5, 8)))
        history = History(store.panel(demo.NOW), Settings(demo=True), marks_of(store))
    valid, over = history.board(demo.NOW.replace(day=8)).watch, history.board(demo.NOW).watch
    assert valid["S1"].state == valid["F1"].state == "MANUAL"
    assert (over["S1"].state, over["S1"].last_state) == ("STALE", "MET") and "expired 2026-05-08" in over["S1"].evidence
    assert over["F1"].state not in ("MANUAL", "STALE") and over["F1"].mark == ""
    assert history.board(demo.NOW.replace(day=1)).watch["S1"].state == "UNKNOWN"  # nobody had said so then


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["Z9", "met"], "no condition 'Z9'"),
        (["S1", "meet"], "a mark of S1 says met, approaching, not, not 'meet'; did you mean 'met'?"),
        (["S1"], "what of S1?"),
        (["S1", "met", "--until", "soon"], "until 'soon' is not a date"),
        (["S1", "met", "--until", "2020-01-01"], "until 2020-01-01 is over"),
        (["S1", "met", "--link", "nowhere"], "link 'nowhere' does not begin with"),
        (["--clear"], "--clear which condition?"),
    ],
)
def test_mistakes_are_one_line_and_two(run, words, said):
    code, out, err = run("mark", *words, "--demo")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"bondtop: {said}")
    assert run("mark", "--json", "--demo")[1] == ""


def test_names_and_gates():
    assert find_condition("f1", full()) == "F1" and find_condition("a2", full()) == "A2"
    assert make_mark("A2", "withdrawn", BUILT).value == "withdrawn"
    with pytest.raises(MarkError, match="did you mean 'F1'"):
        find_condition("F11", full())


def test_what_a_weekend_says_belongs_to_its_friday(tmp_path):
    with demo_store(demo_cache(tmp_path)) as store:
        Marks(store.database).add(StoredMark("S1", "met", "ana", demo.NOW.replace(day=31), date(2026, 6, 30)))  # a Sunday
        assert marks_of(store)[0].at == date(2026, 5, 29)


# ------------------------------------------------------------------------------------------------------------------- app
def cells_of(**marked):
    """(text, tone) of the row of F1 as the watch list draws it."""
    board = full()
    condition = msgspec.structs.replace(board.watch["F1"], **marked)
    pane = WatchList(Look())
    return {(text.strip(), tone) for text, tone, _ in pane._details(condition, 60)}


def test_a_mark_stands_beside_what_was_measured_and_is_dimmed_when_it_is_over():
    mark = "met by ana on 2026-03-02, until 2026-04-01"
    valid = cells_of(state="MANUAL", mark=mark, evidence="met by ana; measured NOT: 92 of 130")
    glyphs = Look().glyphs
    assert {("manual", Tone.MANUAL), (f"{glyphs.manual} {mark}", Tone.MANUAL)} <= valid
    assert (f"measured {glyphs.state('NOT')}", state_tone("NOT")) in valid
    over = cells_of(state="STALE", mark=mark, evidence="expired")
    assert {("stale", Tone.STALE), (f"{glyphs.manual} {mark}", Tone.DIM)} <= over


async def test_m_on_a_condition_asks_and_keeps():
    source = HandSource(full())
    app = Monitor(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("4")
        await pilot.pause()
        pane = app.screen.query_one(WatchList)
        while pane.cursor != "watch.F1":
            await pilot.press("down")
        await pilot.press("m")
        await pilot.pause()
        assert isinstance(app.screen, MarkScreen)
        app.screen.query_one("#value", Input).value = "maybe"
        await pilot.press("enter")
        await pilot.pause()
        assert "not 'maybe'" in str(app.screen.query_one("#mistake", Static).content)
        app.screen.query_one("#value", Input).value = "approaching"
        app.screen.query_one("#note", Input).value = "[red]minutes[/]"
        await pilot.press("enter")
        await pilot.pause()
        assert [(m.condition, m.value, m.note, m.at) for m in source.marked] == [("F1", "approaching", "[red]minutes[/]", BUILT)]


async def test_m_elsewhere_says_where_to_go_and_replay_takes_no_mark():
    source = HandSource(full())
    app = Monitor(source)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("1", "m")
        await pilot.pause()
        assert not isinstance(app.screen, MarkScreen)
        app.travel(date(2026, 1, 20))
        while app.travelling:
            await pilot.pause(0.01)
        app.mark("F1")
        await pilot.pause()
        assert not isinstance(app.screen, MarkScreen) and source.marked == []


async def test_a_gate_is_marked_by_its_name():
    source = HandSource(full())
    app = Monitor(source)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("colon")
        await pilot.pause()
        app.screen.query_one(Input).value = "mark a2"
        assert isinstance(app.screen, Prompt)
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, MarkScreen)
        app.screen.query_one("#value", Input).value = "withdrawn"
        await pilot.press("enter")
        await pilot.pause()
        assert [(m.condition, m.value) for m in source.marked] == [("A2", "withdrawn")]
