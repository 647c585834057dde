"""Both loops and the outside starter on the Board. They step on the weekdays of the watch list."""

from bisect import bisect_right
from collections.abc import Mapping

import msgspec
import numpy as np

from ...feeds.series import from_day
from .. import board
from ..inputs import Inputs, Moment
from ..persistence import Codes
from ..sequence import LOOP_A, LOOP_B, Loop, LoopHistory, late_triggers, run_loop
from ..sequencegates import condition_codes, gate_codes, stress_dominates
from ..states import MET, STATES, UNKNOWN
from ..stats import Days, Floats
from ..watch import WatchHistory
from ..watchview import GateView, LoopView
from ..windows import Flags
from .aligned import AlignedPart
from .asknown import known_days
from .carry import CarryPart, pickup_on
from .composite import CompositePart, CompositeView
from .positioning import PositioningPart
from .regime import RegimePart
from .watch import WatchPart
from .watchinputs import holidays_around

LOOPS = (LOOP_A, LOOP_B)
STARTER = "T"
CARRIED_DAYS = 9  # of the map: five business days and the weekends in them
REPORT_DAYS = 12  # for which the newest weekly change of positions speaks
EVENTS_SHOWN = 12


class Stress(msgspec.Struct, frozen=True):
    """What the map said of each of its rows, by its date: gate (1, 0, NaN unknown), H and DCI."""

    days: Days
    gate: Floats
    h: Floats
    dci: Floats


class Given(msgspec.Struct, frozen=True):
    """What the watch list, hedging cost and positions give the gates on each day of the list; `codes` without A1."""

    watch: WatchHistory
    f1: Codes
    codes: Mapping[str, Codes]
    t_met: Flags
    short_z: Floats


class OfMap(msgspec.Struct, frozen=True):
    """What the map adds to them on some days: states of A1, and when the stress sets the order."""

    a1: Codes
    late: Flags


class SequencePart:
    """The loops over the whole history; an earlier moment steps again only through the days on which less was known of the map."""

    def __init__(
        self,
        inputs: Inputs,
        watch: WatchPart,
        aligned: AlignedPart,
        regime: RegimePart,
        composite: CompositePart,
        carry: CarryPart,
        positioning: PositioningPart,
    ) -> None:
        self._inputs, self._watch, self._composite = inputs, watch, composite
        self._carry, self._positioning = carry, positioning
        self._told: dict[str, tuple[object, tuple[str, ...]]] = {}
        self._stress = _stress(aligned.whole.days, regime.whole.gate.on, regime.whole.stress.H, composite.whole.dci)
        days = watch.whole.days
        self._given = self._given_by(watch.whole, watch.stale)
        self._of_map = self._seen_in(self._given, self._stress, 0, len(days))
        self._loops = {loop.name: self._run(loop, self._given, self._of_map) for loop in LOOPS} if len(days) else {}

    def at(self, moment: Moment) -> board.Sequence:
        """The loops at a moment."""
        history, _, row = self._watch.history(moment)
        loops = {loop.name: self._shown(loop, stepped, row) for loop, stepped in zip(LOOPS, self._stepped(moment), strict=True)}
        return board.Sequence(loops, self._starter(history, row))

    def _shown(self, loop: Loop, stepped: LoopHistory, row: int) -> board.Loop:
        """A loop on a row with its last events."""
        upto = bisect_right(stepped.events, row, key=lambda event: event.row)
        view = msgspec.structs.replace(stepped, events=()).at(row)
        return board.Loop(
            name=view.loop,
            gates=tuple(_gate(gate) for gate in view.gates),
            next=view.next or "",
            status=view.status,
            sentence=_sentence(loop, view),
            out_of_order=view.out_of_order,
            late=view.late,
            outside=view.outside,
            held=view.held or 0,
            events=self._events(loop, stepped, slice(max(upto - EVENTS_SHOWN, 0), upto)),
        )

    def _events(self, loop: Loop, stepped: LoopHistory, last: slice) -> tuple[str, ...]:
        """Events in words; those told last are told again while they are the same."""
        events = stepped.events[last]
        days = tuple(int(stepped.days[event.row]) for event in events[:1])  # they tell one history from another
        held = self._told.get(loop.name)
        if held is None or held[0] != (days, events):
            told = tuple(f"{from_day(int(stepped.days[event.row]))} {event}" for event in events)
            held = self._told[loop.name] = (days, events), told
        return held[1]

    def _stepped(self, moment: Moment) -> list[LoopHistory]:
        """The loops as known at a moment, on as many days at least as there were."""
        history, stale, row = self._watch.history(moment)
        known = self._composite.view(moment)
        if history is not self._given.watch:
            given = self._given_by(history, stale)
            of_map = self._seen_in(given, self._known_stress(known, history.days, 0), 0, row + 1)
            return [self._run(loop, given, of_map) for loop in LOOPS]
        first = min(int(np.searchsorted(history.days, np.int32(self._first_unlike(known)))), row + 1)
        new = self._seen_in(self._given, self._known_stress(known, history.days, first), first, row + 1)
        before, rows = self._of_map, slice(first, row + 1)
        if np.array_equal(new.a1, before.a1[rows]) and np.array_equal(new.late, before.late[rows]):
            return list(self._loops.values())  # what was not known yet made no difference
        of_map = OfMap(np.concatenate([before.a1[:first], new.a1]), np.concatenate([before.late[:first], new.late]))
        return [self._run(loop, self._given, of_map, (self._loops[loop.name], first)) for loop in LOOPS]

    def _run(self, loop: Loop, given: Given, of_map: OfMap, resume: tuple[LoopHistory, int] | None = None) -> LoopHistory:
        """A loop on as many days as are given of the map."""
        rows = slice(len(of_map.a1))
        codes = {**{name: each[rows] for name, each in given.codes.items()}, "A1": of_map.a1}
        late = of_map.late if loop is LOOP_A else None
        return run_loop(loop, given.watch.days[rows], codes, given.t_met[rows], late, self._inputs.settings.sequence, resume)

    def _known_stress(self, known: CompositeView, days: Days, first: int) -> Stress:
        """The rows of the map that count on `days` from the place `first` on."""
        if known.row < 0:
            return _stress(np.zeros(0, np.int32), np.zeros(0, np.bool_), np.zeros(0), np.zeros(0))
        regime, dates = known.regime.history, known.regime.view.rows.days
        since = self._counted_since(first)
        start = int(dates.searchsorted(days[since] - np.int32(CARRIED_DAYS))) if since < len(days) else known.row
        rows = slice(min(start, known.row), known.row + 1)
        ever = rows.start > 0 and (_any_known(regime.stress.H[rows.start - 1 : rows.start]) or _any_known(regime.stress.H[: rows.start]))
        return _stress(dates[rows], regime.gate.on[rows], regime.stress.H[rows], known.history.dci[rows], ever)

    def _counted_since(self, first: int) -> int:
        """Runs of days before are counted, too."""
        params = self._inputs.settings.sequence
        return max(first - max(params.late_dci_days, params.late_h_days), 0)

    def _first_unlike(self, known: CompositeView) -> int:
        """The first day on which the map as known at the moment is not what the whole history says."""
        whole, view = self._stress.days, known.regime.view
        if known.row < 0:
            return int(whole[0]) if len(whole) else np.iinfo(np.int32).max
        row = min(min(view.first.values()), known.row + 1)
        days = [int(days[row]) for days in (whole, view.rows.days[: known.row + 1]) if row < len(days)]
        return min(days, default=np.iinfo(np.int32).max)

    def _given_by(self, watch: WatchHistory, stale: Mapping[str, Flags]) -> Given:
        days = watch.days
        nothing = np.full(len(days), np.nan)
        holidays = holidays_around(int(days[-1])) if len(days) else days
        codes = gate_codes(watch, nothing, pickup_on(self._carry, days), stale, holidays, self._inputs.settings.gates)
        starter = watch.groups.get(STARTER)
        t_met = np.zeros(len(days), np.bool_) if starter is None else starter == MET
        return Given(watch, condition_codes(watch, "F1"), codes, t_met, self._short_change(days))

    def _seen_in(self, given: Given, stress: Stress, start: int, stop: int) -> OfMap:
        """What the map says on the days `start` to `stop`, its end excluded."""
        params, since = self._inputs.settings.sequence, self._counted_since(start)
        days = given.watch.days[since:stop]
        rows = np.searchsorted(stress.days, days, side="right") - 1
        gone = (rows < 0) | (days - stress.days[rows] > CARRIED_DAYS) if len(stress.days) else np.ones(len(days), np.bool_)
        is_gone = bool(gone.any())

        def on(x: Floats) -> Floats:
            if not len(x):
                return np.full(len(days), np.nan)
            found = x[rows]
            if is_gone:
                found[gone] = np.nan
            return found

        a1 = stress_dominates(given.f1[since:stop], on(stress.gate))
        late = late_triggers(on(stress.dci), on(stress.h), given.short_z[since:stop], params)
        return OfMap(a1[start - since :], late[start - since :])

    def _short_change(self, days: Days) -> Floats:
        """z of the weekly change of the leveraged net short in the newest report known on each day."""
        history, known = self._positioning.leveraged, known_days(self._positioning.known)
        rows = np.searchsorted(known, days, side="right") - 1
        out = np.full(len(days), np.nan)
        seen = np.flatnonzero(rows >= 0)
        seen = seen[days[seen] - history.days[rows[seen]] <= REPORT_DAYS]
        out[seen] = history.d1_z[rows[seen]]
        return out

    def _starter(self, history: WatchHistory, row: int) -> board.Gate:
        codes = history.groups.get(STARTER)
        title = next((group.title for group in history.watchlist.groups if group.id == STARTER), "outside starter")
        state = STATES[UNKNOWN if codes is None else codes[row]]
        return board.Gate(STARTER, title, state.value, None, None, 0, False)


def _stress(days: Days, on: Flags, h: Floats, dci: Floats, ever: bool = False) -> Stress:
    """The gate is unknown until H has been known once; `ever`: it was known before."""
    gate = on.astype(np.float64)
    if not ever:
        gate[np.cumsum(h == h) == 0] = np.nan  # an unknown value does not equal itself
    return Stress(days, gate, h, dci)


def _any_known(x: Floats) -> bool:
    return bool((x == x).any())  # an unknown value does not equal itself


def _gate(gate: GateView) -> board.Gate:
    latched_on = None if gate.latched_on is None else from_day(gate.latched_on)
    return board.Gate(gate.id, gate.title, gate.state.value, latched_on, gate.elapsed, gate.window, gate.skipped)


def _sentence(loop: Loop, view: LoopView) -> str:
    """What a loop waits for."""
    if view.note:
        return f"Loop {view.loop}: {view.note}."
    if view.next is None:
        return f"Loop {view.loop} is complete and must hold: {view.status.removeprefix('complete, ')}."
    late = {(True, False): "; the order is being set by the stress", (True, True): "; late response"}.get(
        (view.late, view.late_response), ""
    )
    ahead = f"; {', '.join(view.out_of_order)} came out of order and is fragile" if view.out_of_order else ""
    last = next((gate for gate in reversed(view.gates) if gate.elapsed is not None), None)
    left = "" if last is None else f", day {last.elapsed} of {last.window}"
    return f"Loop {view.loop} waits at {view.next}: {loop.titles[view.next]}{left}{ahead}{late}."
