"""The watch list and the sequence on the Board: as known at any moment, with staleness, marks and the outside starter."""

from datetime import UTC, date, datetime, timedelta
from functools import cache

import numpy as np
import pytest
from bondtop.cache.freshness import Status, status_of
from bondtop.cache.panel import Panel
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.series import from_day, to_day
from bondtop.signals.history import History
from bondtop.signals.inputs import Inputs, moment_of, panel_as_known
from bondtop.signals.parts.auctions import AuctionsPart
from bondtop.signals.parts.positioning import PositioningPart
from bondtop.signals.parts.supply import SupplyPart
from bondtop.signals.parts.watch import WatchPart
from bondtop.signals.parts.watchinputs import stale_days
from bondtop.signals.settings import Settings
from bondtop.signals.watchinput import Native
from bondtop.signals.watchview import Mark
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from synthetic import NOW, as_of_day, edited, synthetic_panel, without

DAY = "2026-03-18"
MINE = ("watch", "groups", "levels", "sequence", "clearing", "positioning", "inflection", "auctions", "carry", "structure", "scenarios")


def watch(panel, marks=(), **chosen):
    inputs = Inputs(panel, Settings(**chosen))
    auctions, supply = AuctionsPart(inputs), SupplyPart(inputs)
    return WatchPart(inputs, auctions, supply, PositioningPart(inputs, supply, auctions), marks)


@cache
def history():
    return History(synthetic_panel())


@cache
def whole():
    return watch(synthetic_panel())


def at(day=DAY):
    return moment_of(as_of_day(day))


def conditions(part, day=DAY):
    return part.at(at(day))[0]


def level_panel(name, value, days=30):
    """The panel with a series held at one value over its last days."""
    track = synthetic_panel()[name]
    held = track.values.copy()
    held[-days:] = value
    return Panel(NOW, {**synthetic_panel().tracks, name: replace(track, values=held)})


def until(panel, name, day):
    track = panel[name]
    n = int(np.searchsorted(track.days, to_day(date.fromisoformat(day))))
    columns = ("days", "values", "known_at", "fetched_at", "first_known_at")
    return Panel(NOW, {**panel.tracks, name: replace(track, **{each: getattr(track, each)[:n] for each in columns})})


def test_a_sustained_level_is_met_with_its_numbers():
    f1 = conditions(watch(level_panel("move", 140.0)))["F1"]
    assert (f1.state, f1.progress, f1.progress_text, f1.key, f1.group) == ("MET", 1.0, "11 of 11", True, "F")
    assert (f1.value.value, f1.threshold.value, f1.distance.value) == (140.0, 130.0, -10.0)
    assert f1.distance_sigma.value < 0 and f1.first_met is not None and f1.first_met <= f1.since
    assert f1.value.inputs == ("move",)


def test_levels_tell_their_distance_in_basis_points():
    level = watch(level_panel("us.30y", 4.85)).at(at())[2]["us30-4.90"]
    assert level.value.unit == "%" and level.distance.unit == "bp" and level.distance.value == pytest.approx(5.0)
    assert level.threshold.value == 4.90 and level.state in ("NOT", "APPROACHING")


def test_a_series_that_stopped_is_stale_and_keeps_its_last_state():
    f1 = conditions(watch(until(level_panel("move", 140.0), "move", "2026-03-10")))["F1"]
    assert (f1.state, f1.last_state) == ("STALE", "MET") and f1.value.status in (Status.STALE, Status.DEAD)


def test_a_series_that_is_not_there_is_unknown_and_the_rest_stands():
    found = conditions(watch(without(synthetic_panel(), "move", "us.custody")))
    assert found["F1"].state == found["B1"].state == "UNKNOWN" and found["F1"].progress is None
    assert found["F1"].evidence == "no source" and found["F3"].state != "UNKNOWN"


def test_judgements_are_unknown_without_a_mark_and_speak_with_one():
    assert conditions(whole())["S1"].state == "UNKNOWN"
    mark = Mark("S1", "met", "desk", date(2026, 3, 1), date(2026, 4, 1), "signed")
    part = watch(synthetic_panel(), [mark])
    assert conditions(part)["S1"].state == "MANUAL" and "desk" in conditions(part)["S1"].mark
    assert conditions(part, "2026-02-20")["S1"].state == "UNKNOWN"  # nobody had said so then


def test_groups_count_their_members():
    found, groups, _ = watch(level_panel("move", 140.0)).at(at())
    assert groups["F"].state == "MET" and groups["F"].members == ("F1", "F2", "F3")
    assert groups["F"].met == sum(found[name].state == "MET" for name in groups["F"].members)


def test_a_users_list_changes_a_condition():
    own = ("own.toml", '[[condition]]\nid = "F1"\noperator = { kind = "sustained", level = 60 }\n[[condition]]\nid = "R3"\noff = true\n')
    found = conditions(watch(synthetic_panel(), watchlists=(own,)))
    assert found["F1"].threshold.value == 60.0 and "R3" not in found


def test_an_observation_counts_from_when_it_was_known():
    noon = moment_of(datetime(2026, 3, 18, 12, tzinfo=UTC))  # before New York has closed
    morning, evening = whole().at(noon)[0]["F1"], conditions(whole())["F1"]
    assert morning.value.as_of == date(2026, 3, 17) and evening.value.as_of == date(2026, 3, 18)
    history, _, row = whole().history(noon)
    assert history is not whole().whole and row == len(history.days) - 1
    assert whole().history(at())[0] is whole().whole


@settings(max_examples=50)
@given(st.integers(0, 400), st.integers(0, 86_399), st.integers(-3, 0))
def test_all_is_known_when_no_series_waits_for_more(back, second, lag):
    given_, moment = whole()._given, moment_of(NOW - timedelta(days=back, seconds=second))
    day = moment.day + lag
    at_end = (day + 1) * 86_400
    waiting = [at for at in given_.instants.values() if ((at > moment.at) & (at <= at_end)).any()]
    assert given_.all_known(moment, day) == (not waiting)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=2, max_size=6))
def test_lines_held_from_moment_to_moment_say_what_they_say_alone(back):
    part = whole()
    for days in back:
        moment = moment_of(NOW - timedelta(days=days, seconds=1))
        held = part.at(moment)
        part._held.clear()
        part._groups.clear()
        assert held == part.at(moment)


def test_a_group_is_the_same_while_no_member_changes_and_counts_anew_when_one_does():
    part = watch(level_panel("move", 140.0))
    told = [part.at(moment_of(NOW - timedelta(days=back, seconds=1)))[1]["F"] for back in range(60)]
    assert len({each.met for each in told}) > 1 and len({id(each) for each in told}) < len(told) / 2
    for back in (0, 40, 20, 59, 1):
        moment = moment_of(NOW - timedelta(days=back, seconds=1))
        history, _, row = part.history(moment)
        item = next(history.group_item(group, row) for group in part.watchlist.groups if group.id == "F")
        found = part.at(moment)[1]["F"]
        assert (found.state, found.met, found.since) == (item.state.value, item.met, from_day(item.since))


def test_on_a_weekend_the_list_stands_as_on_friday():
    friday, sunday = conditions(whole(), "2026-03-13"), conditions(whole(), "2026-03-15")
    assert {name: each.state for name, each in friday.items()} == {name: each.state for name, each in sunday.items()}


def test_before_everything_all_is_unknown():
    assert {each.state for each in conditions(whole(), "2010-01-05").values()} == {"UNKNOWN"}
    empty = watch(Panel(NOW, {}))
    assert {each.state for part in empty.at(at()) for each in part.values()} == {"UNKNOWN"}


SERIES = [default_catalogue()[name] for name in ("move", "us.custody", "stablecoin.cap", "us.mspd.bills", "jp.10y")]


@settings(max_examples=25)
@given(st.sampled_from(SERIES), st.lists(st.integers(1, 60), min_size=1, max_size=12), st.integers(0, 5))
def test_stale_days_are_those_on_which_the_newest_value_was_too_old(series, gaps, delay):
    start = to_day(date(2025, 1, 1))
    days = (start + np.cumsum(gaps)).astype(np.int32)
    native = Native(days, np.ones(len(days)), (days + delay).astype(np.int32))
    grid = np.array([day for day in range(start, int(days[-1]) + 150) if (day + 3) % 7 < 5], np.int32)
    end = (int(grid[-1]) + 1) * 86_400
    found = stale_days(series, native, grid, end)
    for day, flag in zip(grid.tolist(), found.tolist(), strict=True):
        row = int(np.searchsorted(native.known, day, side="right")) - 1
        is_stale = row >= 0 and status_of(series, int(days[row]), min((day + 1) * 86_400, end)) in (Status.STALE, Status.DEAD)
        assert flag == is_stale


@cache
def stressed():
    """Stress since the end of February 2026, the Fed's answer by a mark of 12 March, and no Treasury action to start from outside."""
    panel = without(level_panel("move", 150.0, 25), "us.buyback.accepted", "us.mspd.bills")
    return History(panel, marks=(Mark("A2", "met", "desk", date(2026, 3, 12), date(2026, 12, 31)),))


def test_a_loop_waits_at_its_next_gate():
    found = stressed().board(as_of_day("2026-03-11")).sequence
    loop = found.loops["A"]
    assert found.starter.id == "T" and found.starter.state == "NOT"
    assert (loop.next, loop.gates[0].latched_on, loop.gates[0].elapsed) == ("A2", date(2026, 3, 2), 7)
    assert loop.sentence.startswith("Loop A waits at A2: Fed signals or acts, day 7 of 20")
    assert loop.events[-1] == "2026-03-02 LATCHED A1" and not loop.outside


def test_gates_latch_in_order_one_a_day():
    loop = stressed().board(as_of_day(DAY)).sequence.loops["A"]
    latched = [gate.latched_on for gate in loop.gates]
    assert latched == [date(2026, 3, 2), date(2026, 3, 12), date(2026, 3, 13), date(2026, 3, 16)]
    assert loop.next == "" and loop.held == 2 and loop.sentence == "Loop A is complete and must hold: held 2/20."


def test_the_past_of_a_loop_is_not_rewritten_by_what_latched_later():
    before = stressed().board(as_of_day("2026-03-11")).sequence.loops["A"]
    stressed().board(as_of_day(DAY))
    assert stressed().board(as_of_day("2026-03-11")).sequence.loops["A"] == before


def test_no_map_leaves_the_gate_of_stress_unknown():
    found = History(without(synthetic_panel(), "us.10y", "move")).board(as_of_day(DAY)).sequence
    assert found.loops["A"].gates[0].state == "UNKNOWN"


@pytest.mark.parametrize("moment", ["2026-03-18T24", "2025-11-28T24", "2024-08-07T24", "2022-01-11T19", "2021-05-08T12", "2020-03-02T24"])
def test_the_past_stands_as_it_was_known(moment):
    day, hours = moment.split("T")
    as_of = datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(hours=int(hours))
    looked_back = history().board(as_of)
    then = History(panel_as_known(synthetic_panel(), as_of)).board(as_of)
    for part in MINE:
        assert getattr(looked_back, part) == getattr(then, part), part


def test_an_edit_of_the_past_shows_from_its_own_day_on():
    changed = History(edited(synthetic_panel(), "us.sofr", {"2026-03-16": 9.0}))
    for day, differs in (("2026-03-16", False), ("2026-03-17", True)):
        a, b = (each.board(as_of_day(day)).watch["F3"].value.value for each in (history(), changed))
        assert (a != b) is differs
