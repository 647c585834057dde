"""The panes of the other screens: what they say, at every size, of every kind of Board."""

import re
from functools import partial

import msgspec
import pytest
from bondtop.cache.freshness import Status
from bondtop.signals.board import readings
from bondtop.signals.explain import explain
from bondtop.widgets.auction_table import AuctionTable
from bondtop.widgets.carry_table import CarryTable
from bondtop.widgets.change_list import ChangeList, subject_words
from bondtop.widgets.clearing_parts import ClearingPane
from bondtop.widgets.curve import CurvePane
from bondtop.widgets.explain_pane import ExplainPane
from bondtop.widgets.feed_table import FeedRow, FeedTable
from bondtop.widgets.filling import Step
from bondtop.widgets.loop_diagram import LoopDiagram
from bondtop.widgets.pass_through import PassThrough
from bondtop.widgets.scenarios import ScenariosPane
from bondtop.widgets.spillover_table import SpilloverTable
from bondtop.widgets.spread_table import SpreadTable
from bondtop.widgets.standing import Standing
from bondtop.widgets.structure_table import StructureTable
from bondtop.widgets.tenor_table import TenorTable
from bondtop.widgets.trace import Trace
from handboards import BUILT, replaced, texts, unknown
from paneapp import resized, shown
from rich.cells import cell_len
from rich_boards import rich
from signal_boards import board as blank_board

OF_MARKET = (CurvePane, TenorTable, Standing, ClearingPane, AuctionTable, StructureTable)
PANES = [
    *(partial(p, market="us") for p in OF_MARKET),
    CarryTable, SpilloverTable, PassThrough, ScenariosPane, LoopDiagram, ChangeList, SpreadTable,
]  # fmt: skip
NAMES = [getattr(p, "func", p).__name__ for p in PANES]
SIZES = [(198, 46), (118, 30), (78, 21), (58, 17), (30, 8), (5, 3)]
HOSTILE = [
    "[red]bold[/] [link=x]",
    "日本国債の利回り" * 4,
    "emoji 👩‍🚀🏳️‍🌈 ﷽",
    "\x1b[31mred\x1b]0;title\x07 \r\n\t",
    "عائد السندات",
    "x" * 10_000,
]
each_pane = pytest.mark.parametrize("make", PANES, ids=NAMES)


def said(app) -> str:
    return app.pane.text()


def give_changes(app, board) -> None:
    if isinstance(app.pane, ChangeList):
        app.pane.give("since yesterday", (), board.changes, board.unchanged)


@each_pane
async def test_every_board_fits_every_size(make):
    async with shown(make, rich(), BUILT) as (app, pilot):
        for size in SIZES:
            await resized(app, pilot, *size)
            for board in (rich(), unknown(), blank_board()):
                app.pane.show(board, BUILT)
                give_changes(app, board)
                assert [app.pane.render_line(y).cell_length for y in range(size[1])] == [size[0]] * size[1]


@each_pane
@pytest.mark.parametrize("board", [unknown(), blank_board()], ids=["unknown", "empty"])
async def test_what_is_unknown_is_said_and_never_a_number(make, board):
    async with shown(make, board, BUILT) as (app, _):
        give_changes(app, board)
        assert not re.search(r"\b(nan|none|inf)\b", said(app), re.IGNORECASE)
        assert "?" in said(app) or "nothing" in said(app)


@each_pane
@pytest.mark.parametrize("ascii_only", [False, True])
async def test_hostile_text_breaks_nothing(make, ascii_only):
    async with shown(make, rich(), BUILT, ascii_only=ascii_only) as (app, _):
        for text in HOSTILE:
            board = texts(rich(), lambda old, text=text: text if old else old)
            app.pane.show(board, BUILT)
            give_changes(app, board)
            for y in range(app.pane.size.height):
                line = "".join(s.text for s in app.pane.render_line(y))
                assert cell_len(line) == app.pane.size.width
                assert line.isascii() or not ascii_only
                assert "\x1b" not in line and "\x07" not in line


@each_pane
async def test_ascii_says_the_same_without_symbols(make):
    async with shown(make, rich(), BUILT, ascii_only=True) as (app, _):
        give_changes(app, rich())
        assert said(app).isascii()


@each_pane
async def test_the_same_board_repaints_nothing(make):
    async with shown(make, rich(), BUILT) as (app, _):
        give_changes(app, rich())
        app.repainted.clear()
        app.pane.show(rich(), BUILT)
        assert app.repainted == []


@pytest.mark.parametrize("make", [p for p in PANES if p is not ChangeList], ids=NAMES[:-2] + NAMES[-1:])
async def test_every_value_that_can_be_asked_is_on_the_board(make):
    board = rich()
    known = {path for path, _ in readings(board)}
    async with shown(make, board, BUILT, size=(198, 60)) as (app, _):
        paths = {spot.path for spot in app.pane.spots()}
        assert paths and paths <= known


# ------------------------------------------------------------------------------------------------------------------ market
async def test_the_curve_compares_with_four_moments():
    async with shown(PANES[0], rich(), BUILT, size=(100, 20)) as (app, pilot):
        app.pane.focus()
        await pilot.pause()
        assert "[1M]" in said(app) and "+27" in said(app) and "4.330" in said(app) and "30Y" in said(app)
        await pilot.press("v")
        assert "[year-end]" in said(app) and "+15" in said(app)
        await pilot.press("v")
        assert "[1D]" in said(app) and "+3" in said(app)


async def test_the_curve_needs_two_points():
    board = rich()
    ten = board.markets["us"].tenors["10y"]
    one = replaced(board, markets={"us": msgspec.structs.replace(board.markets["us"], tenors={"10y": ten})})
    async with shown(PANES[0], one, BUILT) as (app, _):
        assert "no curve" in said(app)


async def test_tenors_carry_sigma_rarity_and_both_volatilities():
    async with shown(PANES[1], rich(), BUILT, size=(118, 20)) as (app, _):
        line = next(row for row in said(app).split("\n") if "30Y" in row)
        assert "+3.2" in line and "extreme 1 in 410" in line and "95" in line and "7.8" in line


async def test_columns_that_do_not_fit_are_counted_and_a_key_away():
    async with shown(PANES[1], rich(), BUILT, size=(40, 20)) as (app, pilot):
        app.pane.focus()
        await pilot.pause()
        seen: set[str] = set()
        assert re.search(r"\+\d+ columns: v", said(app))
        for _ in range(8):
            seen |= set(said(app).split("\n")[1].split())
            await pilot.press("v")
        assert {"yield", "1D", "1W", "1M", "3M", "YTD", "σ1D", "1Y%", "10Y%", "bp/yr", "price%"} <= seen


async def test_clearing_says_why_an_identity_is_missing_and_greys_a_wrong_sign():
    async with shown(PANES[3], rich(), BUILT, size=(100, 40)) as (app, _):
        assert "path (2Y)" in said(app) and "wrong sign" in said(app) and "rising elevated" in said(app)
        app.pane.choose("jp")
        assert "a leg has no series" in said(app) and "fewer than 36 complete months" in said(app)
        app.pane.choose("uk")
        assert "no decomposition of this market" in said(app)


async def test_auctions_are_of_the_us_alone_and_mark_the_proxy():
    async with shown(PANES[4], rich(), BUILT, size=(118, 20)) as (app, _):
        assert "2.51" in said(app) and "proxy" in said(app) and "weak" in said(app) and "+0.04" in said(app)
        app.pane.choose("jp")
        assert "for the US alone" in said(app)


async def test_slow_facts_carry_their_vintage():
    async with shown(PANES[5], rich(), BUILT, size=(118, 30)) as (app, _):
        assert re.search(r"debt / GDP\s+121% 31 Dec 2025", said(app)) and "rank 1 of 5" in said(app)
        app.pane.choose("jp")
        assert "no series of the central bank's holdings" in said(app) and "out of step" in said(app)


async def test_no_market_has_a_spread_against_itself_and_only_the_euro_area_one_against_the_bund():
    async with shown(PANES[2], rich(), BUILT, size=(118, 40)) as (app, _):
        assert "against UST" not in said(app) and "against Bund" not in said(app)
        app.pane.choose("jp")
        assert re.search(r"10Y against UST\s+−196 bp", said(app)) and "against Bund" not in said(app)
        app.pane.choose("fr")
        assert "against UST" in said(app) and "against Bund" in said(app)


async def test_a_stale_value_carries_its_age():
    board = rich()
    carry = msgspec.structs.replace(board.carry.sigma_fx, status=Status.STALE, as_of=board.as_of.date().replace(month=3, day=2))
    late = replaced(board, carry=msgspec.structs.replace(board.carry, sigma_fx=carry))
    async with shown(CarryTable, late, BUILT) as (app, _):
        assert "2 Mar, 30d old" in said(app)


# --------------------------------------------------------------------------------------------------- carry and spillover
async def test_the_assumed_move_scales_the_scenario():
    async with shown(PassThrough, rich(), BUILT) as (app, pilot):
        app.pane.focus()
        await pilot.pause()
        assert "+10 bp" in said(app) and "+2.8 ±1.4 bp" in said(app) and "not what causes" in said(app)
        await pilot.press("plus", "plus")
        assert "+20 bp" in said(app) and "+5.6 ±2.8 bp" in said(app)
        await pilot.press(*["minus"] * 5)
        assert "−5 bp" in said(app) and "−1.4 ±0.7 bp" in said(app)
        await pilot.press(*["minus"] * 40)
        assert "−100 bp" in said(app)


async def test_the_table_says_who_gives_and_who_takes():
    async with shown(SpilloverTable, rich(), BUILT) as (app, _):
        assert re.search(r"Japan\s+12\s+9\s+9\s+70\s+40\s+16\s+−24", said(app))
        assert "Tokyo closes" in said(app) and "total 4" in said(app)


async def test_a_scenario_says_so_and_lists_what_it_assumes():
    async with shown(ScenariosPane, rich(), BUILT) as (app, _):
        assert "SCENARIO Volatility-targeting fund" in said(app) and "target volatility 10%" in said(app)


# ---------------------------------------------------------------------------------------------------------------- sequence
@pytest.mark.parametrize("width", [118, 78])
async def test_gates_say_latch_window_order_and_lateness(width):
    async with shown(LoopDiagram, rich(), BUILT, size=(width, 50)) as (app, _):
        text = said(app)
        for words in ("latched 4 Mar 26", "17/30d", "waited for", "TOO LATE", "FRAGILE: A4 met before A3", "A3 repo eases < T", "T2 ●"):
            assert words in text
        assert "hedging cost compresses" in text and "only T or an outside shock" in text


async def test_a_window_that_is_over_says_so():
    board = rich()
    loop = board.sequence.loops["A"]
    gates = tuple(msgspec.structs.replace(g, elapsed=31) if g.id == "A2" else g for g in loop.gates)
    late = replaced(board, sequence=msgspec.structs.replace(board.sequence, loops={"A": msgspec.structs.replace(loop, gates=gates)}))
    async with shown(LoopDiagram, late, BUILT, size=(118, 30)) as (app, _):
        assert "31/30d over" in said(app)


# ----------------------------------------------------------------------------------------------------------------- spreads
async def test_changes_and_range_are_of_the_line():
    line = Trace("UK", list(range(100)), [float(i) for i in range(100)])
    async with shown(SpreadTable, rich(), BUILT) as (app, _):
        app.pane.give("us", {"uk": line})
        row = next(r for r in said(app).split("\n") if "UK" in r)
        assert re.search(r"UK\s+\+58\s+\+5\s+\+21\s+\+63\s+0 ─{11}● \s*\+99", row)
        app.pane.give("de", {})
        assert "US" in said(app) and "Germany" not in said(app).split("\n", 2)[2]


# ----------------------------------------------------------------------------------------------------------------- journal
async def test_changes_are_filtered_by_words_and_by_weight():
    async with shown(ChangeList, rich(), BUILT) as (app, pilot):
        give_changes(app, rich())
        app.pane.focus()
        await pilot.pause()
        assert "4 changes" in said(app) and "F1 MOVE > 130 for two weeks" in said(app) and "What did not" in said(app)
        await pilot.press("a")
        assert "3 of 4 changes" in said(app) and "uk.10y" not in said(app)
        await pilot.press("a")
        assert "1 of 4 changes" in said(app) and "carry unwind" in said(app)
        await pilot.press("a")
        app.pane.keep("move approaching")
        assert "1 of 4" in said(app) and "Fragmentation" not in said(app).split("\n", 1)[1].split("What did not")[0]
        app.pane.keep("no such word")
        assert "no change passes the filter" in said(app)


async def test_a_change_can_be_explained():
    async with shown(ChangeList, rich(), BUILT) as (app, pilot):
        give_changes(app, rich())
        app.pane.focus()
        await pilot.pause()
        await pilot.press("home", "down", "down", "e")
        assert app.asked == ["watch.F1"]


@pytest.mark.parametrize(
    ("subject", "words"),
    [
        ("regime", "regime"), ("long_regime.turning", "30Y turning"), ("composite.band", "DCI band"), ("markets.jp.label", "Japan label"),
        ("markets.us.tenors.30y.z1", "US 30Y move"), ("levels.us30", "UST 30Y 4.90"), ("levels.a.b", "levels a b"),
        ("sequence.loops.A.A2", "Loop A gate A2"), ("sequence.loops.B.late", "Loop B in time"), ("inputs.uk.10y", "series uk.10y"),
        ("groups.F", "Fed constraint lifting"), ("spillover.beta.30y.flag", "JGB→UST bleed-over 30Y"),
    ],
)  # fmt: skip
def test_subjects_are_said_as_people_say_them(subject, words):
    board = rich()
    kind = "label" if subject.endswith("label") else "x"
    assert subject_words(board, msgspec.structs.replace(board.changes[0], subject=subject, kind=kind)) == words


async def test_a_feeds_reason_is_told_whole_beside_it_or_beneath():
    reason = "current: ends in the middle of a line: '1.14' where a number with three decimals was expected"
    async with shown(FeedTable, rich(), BUILT, size=(200, 9)) as (app, pilot):
        app.pane.feeds([FeedRow("mof", "failing", reason=reason), FeedRow("boe", "ok", step=Step("asking"))])
        for width in (200, 120, 80, 60):
            await resized(app, pilot, width, 9)
            text = said(app)
            assert reason in " ".join(re.sub("[│┃]", " ", text).split()) and "boe" in text
            assert text.count("asking") == 1  # the state says it; nothing more is known


async def test_an_explanation_names_a_state_with_sign_and_word():
    board = rich()
    async with shown(ExplainPane, board, BUILT) as (app, _):
        assert app.pane.explain(explain(board, "watch.F1")) and f"◐ {board.watch['F1'].state.lower()}" in said(app)
        assert not app.pane.explain(explain(board, "watch.F1"))  # as high as before
