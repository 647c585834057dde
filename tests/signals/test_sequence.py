"""The two loops: reference traces, invariants of the machine, lateness, and the states of the gates."""

from datetime import date

import numpy as np
import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.series import from_day, to_day
from bondtop.signals.sequence import LOOP_A, LOOP_B, late_triggers, run_loop
from bondtop.signals.sequencegates import gate_codes
from bondtop.signals.states import APPROACHING, MET, NOT, REVERSED, STALE, STATES, UNKNOWN, State
from bondtop.signals.watch import evaluate_watchlist
from bondtop.signals.watchfile import load_watchlist
from bondtop.signals.watchinput import Native
from bondtop.signals.watchview import Mark
from hypothesis import given, settings
from hypothesis import strategies as st

LOOPS = {"A": LOOP_A, "B": LOOP_B}


def scripted(loop, script, n):
    """Gate codes, T and lateness of a script: [first day, last day, states on those days], all else NOT."""
    codes = {gate: np.full(n, NOT, np.int8) for gate in loop.gates}
    t_met, late = np.zeros(n, bool), np.zeros(n, bool)
    for first, last, states in script:
        for name, state in states.items():
            if name == "T":
                t_met[first : last + 1] = state
            elif name == "late":
                late[first : last + 1] = state
            else:
                codes[name][first : last + 1] = State(state).code
    return run_loop(loop, np.arange(n, dtype=np.int32), codes, t_met, late)


def trace(history):
    """[day, status, event] of the days with an event or a new kind of status, elapsed and held days left aside."""
    events = {event.row: str(event) for event in history.events}
    rows, before = [], None
    for row in range(len(history.days)):
        status = history.status(row)
        kind = status if "elapsed" not in status else status.split(",")[0] + status.partition("/")[2].lstrip("0123456789")
        kind = "complete" if status.startswith("complete") else kind
        if row in events or kind != before:
            rows.append([row, status, events.get(row)])
        before = kind
    return rows


def test_reference_traces(golden):
    for case in golden["sequence"]["cases"]:
        loop = LOOPS[case["loop"]]
        history = scripted(loop, case["script"], case["days"])
        assert trace(history) == case["trace"], case["name"]
        if "windows" in case:
            assert dict(loop.windows) == case["windows"] and list(loop.gates) == case["gates"]
    assert dict(LOOP_A.windows) == golden["sequence"]["windows"]


def random_history(loop):
    code = st.sampled_from([MET, MET, MET, NOT, REVERSED, STALE, UNKNOWN, APPROACHING])
    spell = st.tuples(st.integers(1, 25), st.tuples(*[code] * len(loop.gates)), st.booleans(), st.booleans())
    return st.lists(spell, min_size=1, max_size=12)


@pytest.mark.parametrize("loop", [LOOP_A, LOOP_B], ids="AB")
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_the_machine_keeps_its_promises(loop, data):
    spells = data.draw(random_history(loop))
    rows = [(codes, t, late) for length, codes, t, late in spells for _ in range(length)]
    codes = {gate: np.array([r[0][i] for r in rows], np.int8) for i, gate in enumerate(loop.gates)}
    t_met, late = np.array([r[1] for r in rows]), np.array([r[2] for r in rows])
    history = run_loop(loop, np.arange(len(rows), dtype=np.int32), codes, t_met, late)
    assert len({event.row for event in history.events}) == len(history.events)
    for event in history.events:
        if event.kind == "LATCHED":
            assert history.codes[event.gate][event.row] == MET
    before = 0
    for row, memory in enumerate(history.states):
        assert abs(len(memory.latched) - before) <= 1 or memory.resolved_row == row
        before = len(memory.latched)
        gates = memory.latched_gates()
        done = [gate for gate in loop.gates if gate in gates or gate in memory.skipped]
        assert done == list(loop.gates[: len(done)]) and list(gates) == sorted(gates)
        assert [r for _, r in memory.latched] == sorted(r for _, r in memory.latched)
        assert not (memory.skipped & set(gates)) and (not memory.skipped or memory.outside)
        assert memory.latched or not (memory.late or memory.outside or memory.hold)
        assert memory.hold < 20
        view = history.at(row)
        assert view.status == history.status(row) and [g.id for g in view.gates] == list(loop.gates)
    cut = data.draw(st.integers(1, len(rows)))
    part = run_loop(loop, np.arange(cut, dtype=np.int32), {g: c[:cut] for g, c in codes.items()}, t_met[:cut], late[:cut])
    assert part.states == history.states[:cut]


def test_a_view_tells_gates_windows_and_what_happened():
    history = scripted(LOOP_A, [[0, 40, {"A1": "MET"}], [5, 60, {"A2": "MET"}]], 12)
    view = history.at(9)
    assert [(g.id, g.state, g.latched_on, g.elapsed) for g in view.gates[:3]] == [
        ("A1", State.MET, 0, 9),
        ("A2", State.MET, 5, 4),
        ("A3", State.NOT, None, None),
    ]
    assert (view.next, view.late, view.outside, view.held, view.note) == ("A3", False, False, None, "")
    assert view.events == ((0, "LATCHED A1"), (5, "LATCHED A2"))
    idle = scripted(LOOP_A, [], 3).at()
    assert idle.status == "idle" and idle.note.startswith("waiting on each other")


def test_help_after_the_stress_set_the_order_is_a_late_response():
    history = scripted(LOOP_A, [[0, 40, {"A1": "MET"}], [3, 3, {"late": True}], [6, 40, {"A2": "MET"}]], 10)
    assert not history.at(5).late_response and history.at(5).late
    assert history.at(7).late_response


def test_what_came_from_outside_takes_its_shortcut_with_it():
    history = scripted(LOOP_A, [[0, 9, {"A3": "MET"}], [0, 0, {"T": True}], [10, 10, {"A3": "REVERSED"}]], 12)
    assert history.at(0).outside and [g.skipped for g in history.at(0).gates] == [True, True, False, False]
    assert history.events[-1].kind == "BROKEN"
    assert not history.at(10).outside and not any(g.skipped for g in history.at(10).gates)


def test_lateness_needs_days_in_a_row():
    n = 12
    dci, h, z = np.full(n, 50.0), np.full(n, 0.5), np.full(n, np.nan)
    dci[2:7] = 9.0
    h[8:11] = 0.97
    z[11] = -2.5
    assert np.flatnonzero(late_triggers(dci, h, z)).tolist() == [6, 10, 11]
    dci[4] = np.nan
    assert np.flatnonzero(late_triggers(dci, h, z)).tolist() == [10, 11]


# --- gates -----------------------------------------------------------------------------------------------------------------------


DAYS = np.array([day for day in range(to_day(date(2023, 1, 2)), to_day(date(2023, 1, 2)) + 420) if (day + 3) % 7 < 5], np.int32)
N = len(DAYS)
FLAT = np.tile([0.01, -0.01], N)[:N]


def series(values):
    return Native.of(DAYS, np.broadcast_to(np.asarray(values, float), N).copy())


def gates_at(inputs=None, stress=0.0, pickup=-100.0, marks=(), stale=None, row=-1):
    watch = evaluate_watchlist(load_watchlist(default_catalogue().series), inputs or {}, DAYS, marks, stale)
    codes = gate_codes(watch, np.full(N, stress), np.broadcast_to(np.asarray(pickup, float), N).copy(), stale)
    return {gate: STATES[column[row]] for gate, column in codes.items()}


def test_without_data_every_gate_is_unknown():
    assert set(gates_at(stress=np.nan, pickup=np.nan).values()) == {State.UNKNOWN}


def test_stress_dominates_by_move_or_by_the_gate():
    assert gates_at({"move": series(140.0)})["A1"] is State.MET
    assert gates_at({"move": series(90.0)})["A1"] is State.NOT
    assert gates_at({"move": series(90.0)}, stress=1.0)["A1"] is State.MET
    assert gates_at({}, stress=1.0)["A1"] is State.MET
    assert gates_at({"move": series(90.0)}, stress=np.nan)["A1"] is State.UNKNOWN
    assert gates_at({"move": series(90.0)}, stale={"move": np.ones(N, bool)})["A1"] is State.STALE


def test_the_fed_acts_by_a_mark_and_large_repo_use_hints():
    first, last = from_day(int(DAYS[0])), from_day(int(DAYS[-1]))
    assert gates_at({"us.srf.accepted": series(2.0)})["A2"] is State.UNKNOWN
    assert gates_at({"us.srf.accepted": series(12.0)}, row=12)["A2"] is State.APPROACHING
    month_end = int(np.searchsorted(DAYS, to_day(date(2023, 3, 31))))
    assert gates_at({"us.srf.accepted": series(12.0)}, row=month_end)["A2"] is State.UNKNOWN
    assert gates_at(marks=[Mark("A2", "met", "ana", first, last)])["A2"] is State.MET
    assert gates_at(marks=[Mark("A2", "met", "ana", first, first)])["A2"] is State.STALE
    assert gates_at(marks=[Mark("A2", "met", "ana", first, last), Mark("A2", "withdrawn", "ana", last, last)])["A2"] is State.REVERSED


def test_repo_eases_when_the_range_holds_and_the_spread_does_not_widen():
    calm = {"us.sofr": series(5.30 + FLAT), "us.ff.upper": series(5.50), "us.iorb": series(5.40)}
    assert gates_at(calm)["A3"] is State.MET
    widening = calm | {"us.sofr": series(5.30 + np.linspace(0, 0.1, N))}
    assert gates_at(widening)["A3"] is State.APPROACHING
    assert gates_at(calm | {"us.sofr": series(5.53 + FLAT)}, row=205)["A3"] is State.REVERSED
    assert gates_at({k: v for k, v in calm.items() if k != "us.iorb"})["A3"] is State.UNKNOWN
    assert gates_at(calm, stale={"us.iorb": np.ones(N, bool)})["A3"] is State.STALE


def test_yields_stop_rising_in_both_markets():
    still, rising = series(4.0 + FLAT), series(4.0 + np.linspace(0, 1, N) ** 4 * 9 + FLAT)
    slow = 4.0 + FLAT + np.where(np.arange(N) > N - 20, np.arange(N) - N + 20, 0) * 0.003
    assert gates_at({"us.10y": still, "jp.10y": still})["B1'"] is State.MET
    assert gates_at({"us.10y": still, "jp.10y": rising})["B1'"] is State.REVERSED
    assert gates_at({"us.10y": still})["B1'"] is State.UNKNOWN
    assert gates_at({"us.10y": still, "jp.10y": series(slow)})["B1'"] is State.APPROACHING
    assert gates_at({"us.10y": still, "jp.10y": still}, stale={"jp.10y": np.ones(N, bool)})["B1'"] is State.STALE


def test_hedging_cost_compresses_by_its_change_or_its_sign():
    ramp = np.linspace(-N, 0, N)
    assert gates_at(pickup=-100.0)["B2'"] is State.NOT
    assert gates_at(pickup=5.0)["B2'"] is State.MET
    assert gates_at(pickup=-100.0 + ramp / 2)["B2'"] is State.MET
    assert gates_at(pickup=-100.0 - ramp / 2)["B2'"] is State.REVERSED
    assert gates_at(pickup=-100.0, stale={"jp.call": np.ones(N, bool)})["B2'"] is State.STALE
    assert gates_at(pickup=-100.0, row=3)["B2'"] is State.UNKNOWN


def test_the_starter_opens_loop_b():
    n = 5
    codes = {gate: np.full(n, NOT, np.int8) for gate in LOOP_B.gates}
    history = run_loop(LOOP_B, np.arange(n, dtype=np.int32), codes, np.array([False, True, False, False, False]))
    assert history.at(1).gates[0].state is State.MET and history.at(2).gates[0].state is State.NOT
    assert history.at(4).outside
