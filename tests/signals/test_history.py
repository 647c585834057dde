"""Boards of a history: the same whichever History they are read from, blind to the future, and always there."""

import gc
import weakref
from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest
from boards import differences
from bondtop.cache.freshness import Status
from bondtop.cache.panel import Panel
from bondtop.feeds.series import from_day
from bondtop.signals.board import decode, encode, readings
from bondtop.signals.history import History, evaluate
from bondtop.signals.inputs import panel_as_known
from synthetic import NOW, SHOCK, as_of_day, edited, only, synthetic_panel, with_another_future, without

PANEL_TENS = ("us.10y", "uk.10y", "fr.10y", "jp.10y")
# Ends of ordinary days, of local holidays, in the middle of days, when only some markets have printed, and amid the shock.
MOMENTS = (
    as_of_day("2024-08-09"),
    as_of_day("2025-05-05"),
    as_of_day("2025-04-18") - timedelta(hours=14),
    as_of_day("2025-11-27") - timedelta(hours=4),
    as_of_day("2026-01-02"),
    as_of_day("2025-10-14") - timedelta(hours=23),
)


@cache
def history() -> History:
    return History(synthetic_panel())


@cache
def newest():
    return history().board(NOW)


def test_the_newest_board_is_what_evaluate_makes():
    assert differences(evaluate(synthetic_panel()), newest()) == []


def test_a_board_travels_as_json():
    assert decode(encode(newest())) == newest()


def test_a_board_has_every_part():
    board = newest()
    assert board.regime.held.word
    assert board.long_regime is not None
    assert board.composite.dci.value is not None
    assert set(board.markets) == {"us", "uk", "fr", "jp", "de", "it", "ca"}
    assert board.confirmation.confirm_n == 4
    assert board.line.endswith(".")
    assert board.inputs["us.10y"].status is Status.FRESH


def test_no_number_is_nan_and_every_unknown_says_why():
    for path, part in readings(newest()):
        value = getattr(part, "value", None)
        assert value is None or np.isfinite(value), path


@pytest.mark.parametrize("as_of", MOMENTS, ids=str)
def test_an_earlier_board_is_that_of_the_panel_as_known_then(as_of):
    assert differences(history().board(as_of), evaluate(panel_as_known(synthetic_panel(), as_of))) == []


@pytest.mark.parametrize("as_of", MOMENTS[:4], ids=str)
def test_the_future_does_not_show(as_of):
    other = History(with_another_future(synthetic_panel(), as_of))
    assert differences(other.board(as_of), history().board(as_of)) == []


def test_a_future_that_never_comes_does_not_show():
    as_of = MOMENTS[1]
    gone = with_another_future(synthetic_panel(), as_of, gone=("us.10y", "ofr.fsi", "vix", "uk.10y", "us.auction.10y.bid_to_cover", "spx"))
    assert differences(History(gone).board(as_of), history().board(as_of)) == []


def test_going_back_and_forth_changes_nothing():
    first = history().board(MOMENTS[0])
    history().board(MOMENTS[3])
    assert differences(history().board(MOMENTS[0]), first) == []


def test_a_bad_print_is_believed_until_it_comes_back():
    """JP jumps by 90 bp for one day: on the day it stands, unconfirmed; once it is back it never happened."""
    panel = edited(synthetic_panel(), "jp.10y", {"2025-06-11": 2.9})
    wrong = History(panel)
    on_the_day, later = as_of_day("2025-06-12"), as_of_day("2025-06-16")
    for as_of in (on_the_day, as_of_day("2025-06-13"), later):
        assert differences(wrong.board(as_of), evaluate(panel_as_known(panel, as_of))) == []
    ten = wrong.board(on_the_day).markets["jp"].tenors["10y"]
    assert (ten.level.value, ten.level.note, ten.z_word) == (2.9, "a jump that is not confirmed yet", "six-sigma")
    missing = edited(synthetic_panel(), "jp.10y", {"2025-06-11": None})
    assert wrong.board(later).regime.m.value == pytest.approx(History(missing).board(later).regime.m.value, abs=1e-9)


def test_a_bad_print_that_is_the_newest_is_marked_once_known():
    panel = edited(synthetic_panel(), "us.30y", {"2025-06-10": 9.5, "2025-06-11": 9.6})
    board = History(panel).board(as_of_day("2025-06-11"))
    assert board.markets["us"].tenors["30y"].level.note == "a jump that is not confirmed yet"


def test_the_shock_is_stress_and_passes():
    words = {history().board(as_of_day(str(from_day(SHOCK + k)))).regime.held.word for k in (8, 12)}
    assert words == {"Stress"}
    assert newest().regime.gate.word == "off"


def test_days_reach_from_the_first_row_to_the_panels_own():
    days = history().days
    assert days[-1] == (NOW.timestamp() - 1) // 86400 or (days[-1] + 3) % 7 == 4
    assert len(days) > 1500


def test_an_empty_panel_gives_a_board():
    board = evaluate(Panel(NOW, {}))
    assert board.line == "State unknown: no data: us.10y, uk.10y, fr.10y, jp.10y"
    assert decode(encode(board)) == board
    assert {part.status for path, part in readings(board) if not path.endswith("threshold")} == {Status.UNKNOWN}


def test_before_anything_was_known_there_is_a_board():
    board = history().board(datetime(2019, 1, 2, tzinfo=UTC))
    assert board.regime.held.word == ""
    assert all(part.status is Status.UNKNOWN for _, part in readings(board.markets["us"]))


@pytest.mark.parametrize("market", ["us", "jp"])
def test_one_market_alone_gives_a_board(market):
    board = evaluate(only(synthetic_panel(), lambda name: name.startswith(f"{market}.")))
    assert board.markets[market].tenors["10y"].z1.value is not None
    assert board.regime.held.word == ""
    assert board.regime.m.value is None


@pytest.mark.parametrize(
    "missing",
    [("vix",), ("move",), ("ofr.fsi", "ofr.fsi.funding", "ofr.fsi.credit"), ("spx",), ("jp.10y",), ("us.10y",), ("us.2y", "de.10y")],
    ids="+".join,
)
def test_a_missing_series_leaves_the_rest_standing(missing):
    board = evaluate(without(synthetic_panel(), *missing))
    assert board.markets["uk"].tenors["10y"].level.value is not None
    is_panel = set(missing) & set(PANEL_TENS)
    assert (board.regime.held.word == "") == bool(is_panel)
    if is_panel:
        assert board.regime.held.note == f"no data: {missing[0]}"


def test_a_market_that_ended_makes_the_map_stale():
    panel = panel_as_known(only(synthetic_panel(), lambda name: name == "fr.10y"), as_of_day("2025-12-10"))
    board = evaluate(Panel(NOW, {**synthetic_panel().tracks, "fr.10y": panel["fr.10y"]}))
    assert board.regime.held.status is Status.DEAD
    assert board.regime.held.as_of.isoformat() < "2025-12-20"
    assert board.line.startswith("[as of 2025-12-")


def test_the_stress_index_may_stop_without_harm():
    panel = panel_as_known(only(synthetic_panel(), lambda name: name.startswith("ofr.fsi")), as_of_day("2025-09-11"))
    board = evaluate(Panel(NOW, {**synthetic_panel().tracks, **panel.tracks}))
    assert board.regime.H.note == "4 of 5 components"
    assert board.regime.H.status is Status.FRESH
    assert board.composite.n == 5
    assert set(board.composite.pillars["funding"].indicators) == {"fsi_funding", "sofr_iorb", "sofr_p99"}


def test_a_history_goes_with_its_last_user():
    """Not when the collector comes by: sixty megabytes each minute would pile up until then."""
    gc.disable()
    try:
        history = History(synthetic_panel())
        history.board(history.panel.as_of)
        parts = [weakref.ref(history), weakref.ref(history.aligned), weakref.ref(history.inputs)]
        del history
        assert [part() for part in parts] == [None, None, None]
    finally:
        gc.enable()
