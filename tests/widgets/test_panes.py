"""The panes of the main screen, each on its own: what repaints, what hostile text does, how columns stand."""

import re
from datetime import date, timedelta

import msgspec
import pytest
from bondtop.cache.status import Status
from bondtop.widgets.confirmation import ConfirmationPane
from bondtop.widgets.regime_map import RegimeMap
from bondtop.widgets.signal_line import SignalLine
from bondtop.widgets.state_vector import StateVector
from bondtop.widgets.top_line import TopLine
from bondtop.widgets.watch_list import WatchList
from handboards import BUILT, condition, everywhere, full, market, markets, number, regime, replaced, unknown, word
from paneapp import resized, shown
from rich.cells import cell_len
from rich_boards import rich

PANES = [StateVector, RegimeMap, ConfirmationPane, WatchList, TopLine, SignalLine]
each_pane = pytest.mark.parametrize("make", PANES, ids=[p.__name__ for p in PANES])
SIZES = [(118, 30), (78, 21), (58, 17), (30, 8), (5, 3)]
HOSTILE = [
    "[red]bold[/] [link=x]",
    "日本国債の利回り" * 4,
    "emoji 👩‍🚀🏳️‍🌈 ﷽",
    "\x1b[31mred\x1b]0;title\x07 \r\n\t",
    "عائد السندات",
    "x" * 10_000,
    "\u202e\u200b\u2066",
]


def lines(app):
    return app.pane.text().split("\n")


@each_pane
async def test_a_pane_shows_a_full_board_at_every_size(make):
    async with shown(make, full(), BUILT) as (app, pilot):
        for size in SIZES:
            await resized(app, pilot, *size)
            assert [app.pane.render_line(y).cell_length for y in range(size[1])] == [size[0]] * size[1]


@each_pane
async def test_an_unknown_board_shows_no_number(make):
    async with shown(make, unknown(), BUILT) as (app, _):
        text = app.pane.text()
        assert not re.search(r"\b(nan|none|inf)\b", text, re.IGNORECASE)
        if make is StateVector:
            assert "4.330" not in text and "?" in text


@each_pane
@pytest.mark.parametrize("ascii_only", [False, True])
async def test_hostile_text_breaks_nothing_and_keeps_the_width(make, ascii_only):
    async with shown(make, full(), BUILT, ascii_only=ascii_only) as (app, _):
        for text in HOSTILE:
            app.pane.show(everywhere(text), BUILT)
            for y in range(app.pane.size.height):
                whole = "".join(s.text for s in app.pane.render_line(y))
                assert cell_len(whole) == app.pane.size.width
                assert not set(whole) & set("\x1b\r\n\t\x07\u202e\u2066")
                assert whole.isascii() or not ascii_only


@each_pane
async def test_an_equal_board_repaints_nothing(make):
    async with shown(make, full(), BUILT) as (app, _):
        app.pane.show(full(), BUILT)
        assert app.repainted == []


async def test_one_changed_number_repaints_its_cell_and_nothing_else():
    board = full()
    async with shown(StateVector, board, BUILT) as (app, _):
        us = board.markets["us"]
        tenor = msgspec.structs.replace(us.tenors["10y"], w1=number(12.0, "bp"))
        changed = replaced(board, markets=board.markets | {"us": msgspec.structs.replace(us, tenors=us.tenors | {"10y": tenor})})
        app.pane.show(changed, BUILT)
        (region,) = app.repainted
        row = lines(app)[region.y]
        assert region.height == 1 and row[region.x : region.right].strip() == "+12"
        assert row.startswith("│ US")


async def test_a_changed_cell_is_marked_for_a_while():
    board = full()
    async with shown(StateVector, board, BUILT, marks_s=0.05) as (app, pilot):
        us = board.markets["us"]
        tenor = msgspec.structs.replace(us.tenors["10y"], level=number(4.41, "%"))
        app.pane.show(
            replaced(board, markets=board.markets | {"us": msgspec.structs.replace(us, tenors=us.tenors | {"10y": tenor})}), BUILT
        )
        assert app.pane.marked == {"markets.us.tenors.10y.level"}
        while app.pane.marked:
            await pilot.pause(0.02)
        assert app.repainted[-1] == app.repainted[0]  # the mark came and went in the same cell


async def test_ages_tick_in_place():
    async with shown(TopLine, full(), BUILT, size=(118, 2)) as (app, _):
        app.pane.tick(BUILT + timedelta(minutes=30))
        assert "30m old" in app.pane.text()
        assert app.repainted and all(region.y == 1 for region in app.repainted)


async def test_columns_stand_under_their_heads_with_wide_names():
    board = full()
    named = markets() | {"jp": market("日本国債", 2.366, (1, 6, 21, 30), 0.4, 0.8, -0.6, 98, "bear flattener", -196, "QUIET", "▪")}
    async with shown(StateVector, replaced(board, markets=named), BUILT) as (app, _):
        text = lines(app)
        head = text[1].index("10Y") + 3
        for y, row in enumerate(text[2:7], 2):
            strip = app.pane.render_line(y)
            assert "".join(s.text for s in strip.crop(head - 5, head)).strip().count(".") == 1, row


async def test_sorting_by_the_column_under_the_cursor():
    async with shown(StateVector, full(), BUILT) as (app, pilot):
        app.pane.focus()
        await pilot.pause()
        assert app.pane.go_to("markets.us.tenors.10y.level")
        await pilot.press("o")
        names = [row.split()[1] for row in lines(app)[2:7]]
        assert names == ["UK", "US", "France", "Germany", "Japan"]
        await pilot.press("o")
        assert [row.split()[1] for row in lines(app)[2:7]] == ["Japan", "Germany", "France", "US", "UK"]
        assert app.pane.cursor == "markets.us.tenors.10y.level"
        await pilot.press("o")
        assert [row.split()[1] for row in lines(app)[2:7]] == ["US", "UK", "France", "Japan", "Germany"]


async def test_columns_that_do_not_fit_are_named_and_a_key_away():
    async with shown(StateVector, full(), BUILT, size=(70, 12)) as (app, pilot):
        app.pane.focus()
        await pilot.pause()
        assert "+" in lines(app)[-1] and "columns: v" in lines(app)[-1]
        seen = set(lines(app)[1].split())
        for _ in range(4):
            await pilot.press("v")
            seen |= set(lines(app)[1].split())
        assert {"YTD", "idio", "2s10s", "vs", "bp/yr", "real"} <= seen


async def test_hiding_a_column_and_showing_all_again():
    async with shown(StateVector, full(), BUILT) as (app, pilot):
        app.pane.focus()
        await pilot.pause()
        app.pane.go_to("markets.us.tenors.10y.w1")
        await pilot.press("minus")
        assert "1W" not in lines(app)[1].split()
        await pilot.press("plus")
        assert "1W" in lines(app)[1].split()


async def test_another_tenor():
    async with shown(StateVector, full(), BUILT) as (app, pilot):
        app.pane.focus()
        await pilot.pause()
        await pilot.press("t")
        assert "30Y" in lines(app)[1] and "3.710" in app.pane.text()


@pytest.mark.parametrize("key", ["enter"])
async def test_enter_asks_for_the_value_under_the_cursor(key):
    async with shown(StateVector, full(), BUILT) as (app, pilot):
        app.pane.focus()
        await pilot.pause()
        app.pane.go_to("markets.uk.tenors.10y.z1")
        await pilot.press(key)
        await pilot.pause()
        assert app.asked == ["markets.uk.tenors.10y.z1"]


async def test_the_cursor_goes_from_value_to_value():
    async with shown(StateVector, full(), BUILT) as (app, pilot):
        app.pane.focus()
        await pilot.pause()
        app.pane.go_to("markets.us.tenors.10y.level")
        await pilot.press("right")
        assert app.pane.cursor == "markets.us.tenors.10y.d1"
        await pilot.press("down")
        assert app.pane.cursor == "markets.uk.tenors.10y.d1"
        await pilot.press("left", "up")
        assert app.pane.cursor == "markets.us.tenors.10y.level"


async def test_a_click_puts_the_cursor_and_a_double_click_asks():
    async with shown(StateVector, full(), BUILT) as (app, pilot):
        spot = next(s for s in app.pane.spots() if s.path == "markets.uk.label")
        await pilot.click(StateVector, offset=(spot.x + 3, spot.y + 1))
        assert app.pane.cursor == "markets.uk.label" and app.asked == []
        await pilot.click(StateVector, offset=(spot.x + 3, spot.y + 1), times=2)
        await pilot.pause()
        assert app.asked == ["markets.uk.label"]


async def test_the_watch_list_names_every_state_in_words_too():
    async with shown(WatchList, full(), BUILT, size=(118, 24)) as (app, _):
        text = app.pane.text()
        for word in ("reversed", "manual", "stale", "unknown", "proxy", "since 2 Mar"):
            assert word in text
        for sign in "●◐○↩◇?":
            assert sign in text


async def test_the_watch_list_scrolls_and_the_cursor_stays_in_sight():
    async with shown(WatchList, full(), BUILT, size=(60, 9)) as (app, pilot):
        app.pane.focus()
        await pilot.pause()
        await pilot.press("end")
        assert "tarter T" in app.pane.text()
        await pilot.press("home")
        assert "FED CONSTRAINT" in app.pane.text()
        for _ in range(12):
            await pilot.press("down")
        spot = next(s for s in app.pane.spots() if s.path == app.pane.cursor)
        assert app.pane.top <= spot.y < app.pane.top + 7


async def test_the_regime_map_turns_to_the_long_end():
    async with shown(RegimeMap, full(), BUILT, size=(58, 14)) as (app, pilot):
        app.pane.focus()
        await pilot.pause()
        assert "10Y" in lines(app)[0] and "m +0.44" in app.pane.text()
        await pilot.press("t")
        assert "30Y" in lines(app)[0] and "m +1.10" in app.pane.text()


async def test_the_top_line_answers_in_order():
    async with shown(TopLine, full(), BUILT, size=(160, 2)) as (app, _):
        first = lines(app)[0]
        order = ["FRAGMENTATION", "12 sessions", "agreement 83%", "nearest: Repricing m +0.31σ", "DCI 48.9", "Defensive"]
        places = [first.index(word) for word in order]
        assert places == sorted(places)


async def test_the_signal_gives_way_to_a_word_and_comes_back():
    async with shown(SignalLine, full(), BUILT, size=(118, 1)) as (app, _):
        app.pane.say("frozen; f thaws")
        assert "frozen" in app.pane.text() and "Duration" not in app.pane.text()
        app.pane.say("")
        assert "Duration is repricing" in app.pane.text()


# ------------------------------------------------------------------------------------- what gives way where there is little room
async def test_the_top_line_writes_regimes_short_before_it_leaves_quotes_out():
    async with shown(TopLine, full(), BUILT, size=(120, 2)) as (app, pilot):
        app.pane.say("", "● 22/22 feeds", app.pane.connection_tone)
        assert "1W Repr  1M Frag  3M Stable" in lines(app)[1] and "DXY 104.2" in lines(app)[1]
        await resized(app, pilot, 200, 2)
        assert "1W Repricing  1M Fragmentation  3M Stable" in lines(app)[1]


async def test_the_demo_is_named_shorter_in_a_narrow_terminal_and_never_left_out():
    async with shown(TopLine, full(), BUILT, size=(200, 2)) as (app, pilot):
        app.pane.say("DEMO simulated market", "simulated, no network", app.pane.connection_tone)
        assert lines(app)[0].startswith("  DEMO simulated market  FRAGM") and "simulated, no network" in lines(app)[1]
        await resized(app, pilot, 120, 2)
        assert lines(app)[0].startswith("  DEMO simulated  FRAGM") and "nearest" in lines(app)[0]
        await resized(app, pilot, 80, 2)
        assert lines(app)[0].startswith("  DEMO  FRAGM")


async def test_what_changed_last_stands_in_the_top_line_or_in_the_state_vector():
    words = "1 Apr: carry unwind off → unwind"  # the gravest of them
    async with shown(TopLine, rich(), BUILT, size=(200, 2)) as (app, pilot):
        assert words in lines(app)[1]
        await resized(app, pilot, 120, 2)
        assert words not in app.pane.text()
    async with shown(StateVector, rich(), BUILT, size=(120, 9)) as (app, pilot):
        assert words in app.pane.text()
        app.pane.tells_change = False
        app.pane.redraw()
        assert words not in app.pane.text()


async def test_the_signal_takes_the_rows_it_has_and_the_keys_give_way():
    async with shown(SignalLine, full(), BUILT, size=(100, 2)) as (app, pilot):
        first, second = lines(app)
        assert first.startswith(" Duration is repricing") and second.strip().startswith("buyer") and "^P palette" in second
        await resized(app, pilot, 160, 1)
        assert "USD firm." in lines(app)[0] and "? help" in lines(app)[0] and "palette" in lines(app)[0]
        await resized(app, pilot, 140, 1)
        assert "USD firm." in lines(app)[0] and "? help" in lines(app)[0] and "palette" not in lines(app)[0]
        await resized(app, pilot, 80, 1)
        assert "…" in lines(app)[0] and "? help" in lines(app)[0]


async def test_a_proxy_is_named_and_its_progress_never_reads_as_a_share_of_it():
    board = full()
    tails = condition("F2", "NOT", 0.56, progress=0.45, progress_text="45%")
    async with shown(WatchList, replaced(board, watch=board.watch | {"F2": tails}), BUILT, size=(120, 24)) as (app, pilot):
        row = next(row for row in lines(app) if "Auction tails" in row)
        assert re.search(r"~0\.56   proxy ██░░", row) and "45%" not in row
        await resized(app, pilot, 134, 24)
        row = next(row for row in lines(app) if "Auction tails" in row)
        assert re.search(r"~0\.56     45% ██░░ proxy", row)


async def test_a_value_of_a_slow_series_says_of_which_day_it_is_and_a_late_one_too():
    board = full()
    february, march = number(22.3, as_of=date(2026, 2, 28)), number(1.4, "bp", as_of=date(2026, 3, 30))
    bills = msgspec.structs.replace(condition("T1", "NOT", progress_text="18%"), value=february)
    late = msgspec.structs.replace(condition("R1", "STALE"), value=march)
    changed = replaced(board, watch=board.watch | {"T1": bills, "R1": late})
    async with shown(WatchList, changed, BUILT, size=(120, 24)) as (app, pilot):
        for width in (120, 134):
            await resized(app, pilot, width, 24)
            rows = {title: next(row for row in lines(app) if title in row) for title in ("Refunding", "Repo specialness", "MOVE >")}
            assert "28 Feb" in rows["Refunding"] and re.search(r"~1\.4 bp stale .*30 Mar", rows["Repo specialness"])
            assert "Apr" not in rows["MOVE >"]  # of the newest session


async def test_ranks_stand_beside_what_they_make_and_beside_their_own_quote():
    board = full()
    ranked = msgspec.structs.replace(board.confirmation.lines["volatility"], state=word("elevated", evidence=("VIX p92", "MOVE p71")))
    move = msgspec.structs.replace(board.confirmation.quotes["move"], state=word())
    part = msgspec.structs.replace(
        board.confirmation,
        lines=board.confirmation.lines | {"volatility": ranked},
        quotes=board.confirmation.quotes | {"move": move},
    )
    async with shown(ConfirmationPane, replaced(board, confirmation=part), BUILT, size=(60, 24)) as (app, _):
        assert any("VIX" in row and "elevated (p92)" in row for row in lines(app))
        assert any("MOVE" in row and " p71 " in row for row in lines(app))


async def test_nothing_is_left_out_of_a_narrow_confirmation():
    async with shown(ConfirmationPane, full(), BUILT, size=(60, 24)) as (app, pilot):
        for width in (60, 40):
            await resized(app, pilot, width, 24)
            for said in ("Gold +0.8%", "risk-off: 3 of 3", "conditions tightening", "pressure +0.8"):
                assert said in app.pane.text()


async def test_every_distance_is_told_with_short_names_if_need_be():
    async with shown(RegimeMap, full(), BUILT, size=(60, 20)) as (app, pilot):
        assert "Repricing m +0.31  Stable D −0.38  Stress H +0.22" in app.pane.text()
        await resized(app, pilot, 56, 20)
        assert "Repr m +0.31  Stable D −0.38  Stress H +0.22" in app.pane.text()


async def test_the_trail_never_hides_the_name_of_a_region():
    for at in (0.0, 0.3, 0.9, 1.1):
        trail = tuple((-1.5 + i * 0.15, at) for i in range(21))
        async with shown(RegimeMap, replaced(full(), regime=regime(trail=trail)), BUILT, size=(60, 12)) as (app, _):
            assert [n for n in ("FRAGMENTATION", "STABLE", "EXPANSION", "REPRICING") if n not in app.pane.text()] == [], app.pane.text()


async def test_the_chart_of_sessions_has_an_axis_with_the_newest_day():
    async with shown(StateVector, full(), BUILT, size=(130, 30)) as (app, _):
        (axis,) = [row for row in lines(app) if "└───" in row and "−20" in row]
        assert "−40" in axis and axis.rstrip("│ ").endswith("1 Apr")


async def test_moves_take_a_second_row_where_rows_are_to_spare():
    async with shown(StateVector, rich(), BUILT, size=(80, 20)) as (app, pilot):
        moves = [row for row in lines(app) if "bleed-over 30Y" in row or "1 Apr: carry unwind off → unwind" in row]
        assert len(moves) == 2
        await resized(app, pilot, 80, 9)
        assert "carry unwind" not in app.pane.text() and "bleed-over 30Y" in app.pane.text()


async def test_in_the_narrowest_columns_titles_stay_whole_and_since_becomes_short():
    async with shown(WatchList, full(), BUILT, size=(106, 24)) as (app, _):
        text = app.pane.text()
        assert "Off-the-run bid-ask compressing" in text and "Tokenised Treasury repo growing" in text
        assert any(re.search(r"Buybacks accelerating\s+115  2 Mar–", row) for row in lines(app))


async def test_what_is_late_says_so_in_words_on_the_top_line_and_among_the_levels():
    board = full()
    held = msgspec.structs.replace(word("Fragmentation"), status=Status.STALE, as_of=date(2026, 3, 20))
    late = replaced(board, regime=regime(held=held), levels=board.levels | {"us30": condition("us30", "STALE", title="UST 30Y 4.90")})
    async with shown(TopLine, late, BUILT, size=(120, 2)) as (app, _):
        assert lines(app)[0].startswith(" FRAGMENTATION ▪ stale, as of 20 Mar ▪ 12 sessions")
    async with shown(WatchList, late, BUILT, size=(120, 24)) as (app, _):
        assert "? UST 30Y 4.90 stale" in app.pane.text()
