"""What changed between two Boards, what did not, and that nothing is said twice."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from bondtop.cache.freshness import Status
from bondtop.signals.board import Beta, Gate, Input, Market, Tenor
from bondtop.signals.changes import Announcer, diff, unchanged, with_changes
from bondtop.signals.regime import regime_history
from bondtop.signals.regime_changes import regime_changes
from bondtop.signals.rule import UNKNOWN
from hypothesis import given, settings
from hypothesis import strategies as st
from panels import generated_rows
from signal_boards import AT, blank, board, condition, group, kinds, loop, reading, word


def days_later(days: int):
    return AT + timedelta(days)


def held(name: str, at=AT, **given):
    return board(at, regime__held=word(name, as_of=at.date()), **given)


def test_equal_boards_have_no_difference():
    assert diff(held("Stable"), held("Stable")) == ()


@pytest.mark.parametrize(
    ("before", "after", "severity"),
    [("Stable", "Repricing", "watch"), ("Repricing", "Stress", "alarm"), ("Stress", "Stable", "watch"), ("Stable", "", "watch")],
)
def test_the_regime(before, after, severity):
    old, new = held(before), held(after)
    found = diff(old, new)
    assert ("regime", before, after or "unknown", severity) in kinds(found)
    assert {c.kind for c in found} <= {"regime", "subtype"}


def test_a_change_carries_evidence_and_both_clocks():
    new = held("Stress", regime__m=reading(-1.25), regime__D=reading(0.31), regime__H=reading(0.93), regime__provisional=True)
    (change,) = diff(held("Stable"), new)
    assert change.evidence == "m −1.25σ, D 0.31σ, H 0.93"
    assert (change.at, change.seen, change.provisional) == (AT.date(), AT, True)


@pytest.mark.parametrize(
    ("given_before", "given_after", "expected"),
    [
        ({"composite__band": word("Neutral")}, {"composite__band": word("Defensive")}, ("band", "Neutral", "Defensive", "watch")),
        ({"composite__band": word("Stressed")}, {"composite__band": word("Systemic")}, ("band", "Stressed", "Systemic", "alarm")),
        ({"regime__turning": ""}, {"regime__turning": "Repricing"}, ("turning", "none", "Repricing", "info")),
        ({"watch": {"F1": condition("NOT")}}, {"watch": {"F1": condition("MET")}}, ("condition", "NOT", "MET", "info")),
        ({"watch": {"F1": condition("NOT")}}, {"watch": {"F1": condition("MET", key=True)}}, ("condition", "NOT", "MET", "watch")),
        ({"watch": {"F1": condition("MET", key=True)}}, {"watch": {"F1": condition("STALE")}}, ("condition", "MET", "STALE", "info")),
        ({"levels": {"x": condition("NOT")}}, {"levels": {"x": condition("MET")}}, ("level", "NOT", "MET", "info")),
        ({"groups": {"F": group("NOT")}}, {"groups": {"F": group("MET")}}, ("group", "NOT", "MET", "info")),
        ({"inflection__state": word("watch")}, {"inflection__state": word("inflected")}, ("inflection", "watch", "inflected", "info")),
        ({"confirmation__confirm_k": 2}, {"confirmation__confirm_k": 3}, ("confirmation", "2 of 0", "3 of 0", "info")),
        ({"carry__unwind": word("off")}, {"carry__unwind": word("unwind")}, ("flag", "off", "unwind", "alarm")),
    ],
)  # fmt: skip
def test_each_kind(given_before, given_after, expected):
    assert kinds(diff(board(**given_before), board(**given_after))) == [expected]


def gate(name: str, latched: date | None) -> Gate:
    return blank(Gate, id=name, title=name, state="MET", latched_on=latched)


def test_gates_and_loops():
    open_, latched = (board(sequence__loops={"A": loop((gate("A1", day),))}) for day in (None, AT.date()))
    assert kinds(diff(open_, latched)) == [("gate", "open", "latched 2026-04-01", "watch")]
    assert kinds(diff(latched, open_)) == [("gate", "latched 2026-04-01", "open", "watch")]
    late, resolved = (board(sequence__loops={"A": loop((), **more)}) for more in ({"late": True}, {"events": ("2026-04-01 RESOLVED",)}))
    assert kinds(diff(board(sequence__loops={"A": loop(())}), late)) == [("loop", "in time", "late", "alarm")]
    assert kinds(diff(board(sequence__loops={"A": loop(())}), resolved)) == [("loop", "not resolved", "2026-04-01 RESOLVED", "watch")]


def moved(z: float, at=AT):
    tenor = blank(Tenor, z1=reading(z), d1=reading(20.3), z_word="large", one_in=1900)
    return board(at, markets={"jp": blank(Market, name="Japan", tenors={"30y": tenor}, label=word("QUIET"))})


def test_a_large_move_appears_and_its_going_is_no_news():
    (change,) = diff(moved(0.4), moved(6.6))
    assert change.kind == "move"
    assert (change.subject, change.after) == ("markets.jp.tenors.30y.z1", "+20.3 bp, +6.6σ (large)")
    assert change.evidence == "Japan 30y, 1 in 1,900 sessions"
    assert diff(moved(6.6), moved(6.5)) == (), "the same session, measured again"
    assert diff(moved(6.6), moved(0.4)) == ()
    assert diff(moved(1.0), moved(2.99)) == ()


def test_a_bleed_over_flag_rises():
    def flagged(text: str):
        return board(spillover__beta={"30y": blank(Beta, flag=word(text))})

    assert kinds(diff(flagged("off"), flagged("on"))) == [("flag", "off", "on", "info")]
    assert diff(flagged("on"), flagged("off")) == ()


def test_health_speaks_of_late_series_not_of_due_ones():
    def fed(status: Status):
        return board(inputs={"move": Input(status, AT.date(), AT, "yahoo")})

    assert diff(fed(Status.FRESH), fed(Status.AGEING)) == ()
    assert kinds(diff(fed(Status.FRESH), fed(Status.STALE))) == [("health", "well", "stale", "info")]
    assert kinds(diff(fed(Status.STALE), fed(Status.FRESH))) == [("health", "stale", "well", "info")]


def test_the_gravest_come_first():
    found = diff(held("Stable", confirmation__confirm_k=1), held("Stress", composite__band=word("Defensive")))
    assert [c.severity for c in found] == sorted((c.severity for c in found), key=("alarm", "watch", "info").index)
    assert found[0].severity == "alarm"


def test_what_did_not_change():
    same = {
        "regime__sessions": 12,
        "composite__band": word("Defensive", since=date(2026, 3, 20)),
        "groups": {"F": group("NOT", since=date(2026, 3, 31))},
        "sequence__loops": {"A": loop((gate("A1", None),))},
    }
    old, new = held("Fragmentation", **same), held("Fragmentation", **same)
    assert unchanged(old, new) == (
        "regime still Fragmentation, 12 sessions",
        "band still Defensive, 12 days",
        "Fed constraint lifting: still not met, 1 day",
        "loop A: still waiting at A1",
    )
    assert with_changes(new, old).unchanged == unchanged(old, new)
    assert with_changes(new, None) == new
    assert not any("regime" in line for line in unchanged(held("Stable", **same), new))


# ----------------------------------------------------------------------------------------------------------- announcing
def announced(states: list[str], kind: str = "watch") -> list[tuple[int, str]]:
    """(day, new state) of each announcement of a condition that is in these states day by day."""
    announcer, out = Announcer(), []
    for day, state in enumerate(states):
        out += [(day, c.after) for c in announcer.feed(board(days_later(day), **{kind: {"F1": condition(state)}}))]
    return out


def test_the_first_board_is_taken_in_silence_and_nothing_is_said_twice():
    assert announced(["MET", "MET", "MET"]) == []
    assert announced(["NOT", "MET", "MET", "MET"]) == [(1, "MET")]


def test_a_state_that_comes_and_goes_is_said_once():
    assert announced(["NOT", "MET", "NOT", "MET", "NOT", "MET", "MET"]) == [(1, "MET")]


def test_a_return_that_lasts_is_said_after_three_sessions():
    assert announced(["NOT", "MET", "NOT", "NOT", "NOT", "NOT"]) == [(1, "MET"), (4, "NOT")]


def test_what_a_person_says_is_said_at_once_and_what_was_judged_with_it():
    announcer, said = Announcer(), []
    for minute, (state, mark) in enumerate([("UNKNOWN", ""), ("MANUAL", "met by ana"), ("MANUAL", "not by ana"), ("UNKNOWN", "")]):
        at = AT + timedelta(minutes=minute)
        said += [(c.before, c.after) for c in announcer.feed(board(at, watch={"S1": condition(state, mark=mark)}))]
    assert said == [("UNKNOWN", "MANUAL met"), ("MANUAL met", "MANUAL not"), ("MANUAL not", "UNKNOWN")]


def test_a_return_after_a_week_is_said_at_once():
    assert announced(["NOT", *["MET"] * 9, "NOT"]) == [(1, "MET"), (10, "NOT")]


def test_flicker_within_one_day_is_silent():
    announcer, out = Announcer(), []
    for minute in range(60):
        state = "MET" if minute % 2 else "NOT"
        out += announcer.feed(board(AT + timedelta(minutes=minute), watch={"F1": condition(state)}))
    assert [c.after for c in out] == ["MET"]


def test_regimes_are_never_held_back():
    announcer = Announcer()
    said = [c.after for day, name in enumerate(("Stable", "Stress", "Stable", "Stress"))
            for c in announcer.feed(held(name, days_later(day))) if c.kind == "regime"]  # fmt: skip
    assert said == ["Stress", "Stable", "Stress"]


def test_the_memory_outlives_the_process():
    announcer = Announcer()
    assert announcer.feed(held("Stable")) == ()
    again = Announcer.load(announcer.dump())
    assert [c.kind for c in again.feed(held("Stress", days_later(1)))] == ["regime"]
    assert again.feed(held("Stress", days_later(1))) == ()
    assert Announcer.load(b"not ours").feed(held("Stable")) == ()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["MET", "NOT", "APPROACHING"]), min_size=2, max_size=25))
def test_what_is_said_is_a_chain_that_ends_where_the_state_settles(states):
    said = [states[0], *(state for _, state in announced([*states, *[states[-1]] * 12]))]
    assert all(a != b for a, b in pairwise(said))
    assert said[-1] == states[-1]


# ----------------------------------------------------------------------------------------------------------- regimes at once
def test_regime_changes_of_a_whole_history():
    rows = generated_rows()
    history = regime_history(rows.yields, *(rows.others[name] for name in ("vix", "move", "fsi")))
    found = list(regime_changes(history, rows.days, date(1970, 1, 1)))
    labels = history.headline.labels.held
    known = labels[labels != UNKNOWN]
    assert len(found) == int((known[1:] != known[:-1]).sum()) > 5
    assert all(b.before == a.after for a, b in pairwise(found))
    assert {c.severity for c in found if c.after == "Stress"} == {"alarm"}
    later = [c for c in found if c.at >= found[3].at]
    assert list(regime_changes(history, rows.days, found[3].at)) == later
