"""The order in which things must happen: two loops of gates that latch one after the other, and an outside starter T.

Loop A: stress, Fed, repo, basis. Loop B: yields, hedging cost, foreign buyers. Rule of thumb; windows in business days.
"""

from bisect import bisect_left
from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from .persistence import Codes
from .states import MET, REVERSED, STALE, STATES
from .stats import Days, Floats
from .watchview import GateView, LoopView
from .windows import Flags, run_lengths


class Loop(msgspec.Struct, frozen=True):
    """One loop: its gates in order, how long each may wait for the next, and where the outside starter comes in."""

    name: str
    gates: tuple[str, ...]
    windows: Mapping[str, int]
    titles: Mapping[str, str]
    entry: str


LOOP_A = Loop(
    name="A",
    gates=("A1", "A2", "A3", "A4"),
    windows=MappingProxyType({"A1": 20, "A2": 30, "A3": 90, "A4": 60}),
    titles=MappingProxyType(
        {"A1": "stress dominates", "A2": "Fed signals or acts", "A3": "repo eases", "A4": "basis reconstitutes"},
    ),
    entry="A3",
)
LOOP_B = Loop(
    name="B",
    gates=("B1'", "B2'", "B3'"),
    windows=MappingProxyType({"B1'": 60, "B2'": 60, "B3'": 130}),
    titles=MappingProxyType({"B1'": "yields stop rising", "B2'": "hedging cost compresses", "B3'": "foreign buyer returns"}),
    entry="B1'",
)


class SequenceParams(msgspec.Struct, frozen=True):
    """What counts as held, and when the order is being set by the stress."""

    hold_days: int = 20
    late_dci: float = 10.0
    late_dci_days: int = 5
    late_h: float = 0.97
    late_h_days: int = 3
    late_short_z: float = -2.0


STANDING: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("hold_days", "late_dci", "late_dci_days", "late_h", "late_h_days", "late_short_z", "windows"), "proposal")
)
_DEFAULT = SequenceParams()


class LoopState(msgspec.Struct, frozen=True):
    """What a loop remembers after a day. Rows count business days of the history."""

    latched: tuple[tuple[str, int], ...] = ()
    skipped: frozenset[str] = frozenset()
    late: bool = False
    outside_gate: str | None = None
    hold: int = 0
    resolved_row: int | None = None

    @property
    def outside(self) -> bool:
        """The run was started or shortened from outside."""
        return self.outside_gate is not None

    def latched_gates(self) -> tuple[str, ...]:
        """Gates latched, in the order in which they were."""
        return tuple(gate for gate, _ in self.latched)

    def next_gate(self, loop: Loop) -> str | None:
        """The first gate neither latched nor skipped; None when the loop is complete."""
        done = {*self.latched_gates(), *self.skipped}
        return next((gate for gate in loop.gates if gate not in done), None)


class Event(msgspec.Struct, frozen=True):
    """Something that happened to a loop on a row: LATCHED, BROKEN, EXPIRED (a gate) or RESOLVED."""

    row: int
    kind: str
    gate: str = ""
    outside: bool = False

    def __str__(self) -> str:
        return " ".join(filter(None, (self.kind, self.gate, "(outside)" if self.outside else "")))


class LoopHistory(msgspec.Struct, frozen=True):
    """One loop on every day: the memory after each row and what happened."""

    loop: Loop
    days: Days
    codes: Mapping[str, Codes]
    t_met: Flags
    states: tuple[LoopState, ...]
    events: tuple[Event, ...]
    params: SequenceParams

    def at(self, row: int = -1) -> LoopView:
        """The loop on the day of that row, with what happened up to then."""
        row %= len(self.days)
        memory, loop = self.states[row], self.loop
        latched = dict(memory.latched)
        following = memory.next_gate(loop)
        ahead = self._ahead(row, following)
        return LoopView(
            loop=loop.name,
            status=self._status(row, following, ahead),
            note="" if memory.latched or self.t_met[row] else "waiting on each other; only T or an outside shock starts it",
            gates=tuple(
                GateView(
                    id=gate,
                    title=loop.titles[gate],
                    state=STATES[self.codes[gate][row]],
                    latched_on=int(self.days[latched[gate]]) if gate in latched else None,
                    elapsed=row - latched[gate] if gate in latched else None,
                    window=loop.windows[gate],
                    skipped=gate in memory.skipped,
                )
                for gate in loop.gates
            ),
            next=following,
            out_of_order=ahead,
            late=memory.late,
            late_response=memory.late and "A2" in latched,
            outside=memory.outside,
            held=memory.hold if following is None else None,
            resolved_on=None if memory.resolved_row is None else int(self.days[memory.resolved_row]),
            events=tuple((int(self.days[event.row]), str(event)) for event in self.events if event.row <= row),
        )

    def status(self, row: int) -> str:
        """The status line of that row."""
        following = self.states[row].next_gate(self.loop)
        return self._status(row, following, self._ahead(row, following))

    def _ahead(self, row: int, following: str | None) -> tuple[str, ...]:
        """Gates after the next one that are met while it is not (fragile), once anything is latched."""
        memory = self.states[row]
        if not memory.latched or following is None or self.codes[following][row] == MET:
            return ()
        later = self.loop.gates[self.loop.gates.index(following) + 1 :]
        return tuple(gate for gate in later if self.codes[gate][row] == MET and gate not in memory.latched_gates())

    def _status(self, row: int, following: str | None, ahead: tuple[str, ...]) -> str:
        memory = self.states[row]
        if not memory.latched:
            return "idle"
        gate, since = memory.latched[-1]
        line = (
            f"complete, held {memory.hold}/{self.params.hold_days}"
            if following is None
            else f"waiting at {following}, elapsed {row - since}/{self.loop.windows[gate]}"
        )
        if ahead:
            line += f" + out of order: {', '.join(ahead)}"
        return line + (" + late" if memory.late else "")


def run_loop(
    loop: Loop,
    days: Days,
    codes: Mapping[str, Codes],
    t_met: Flags,
    late_trigger: Flags | None = None,
    params: SequenceParams = _DEFAULT,
    resume: tuple[LoopHistory, int] | None = None,
) -> LoopHistory:
    """Step a loop through a history.

    Args:
        codes: state codes of each gate on each of `days` (judgements by their value).
        t_met: on which days the outside starter is met.
        late_trigger: on which days the stress is setting the order (loop A; see `late_triggers`).
        resume: a history that was given the same on all rows before that one; only the rows from it on are stepped.
    """
    codes = dict(codes)
    if loop.entry == loop.gates[0]:
        codes[loop.entry] = np.where(t_met, MET, codes[loop.entry]).astype(np.int8)
    late = np.zeros(len(days), np.bool_) if late_trigger is None else late_trigger
    first = resume[1] if resume else 0
    memories = list(resume[0].states[:first]) if resume else []
    events = [event for event in resume[0].events if event.row < first] if resume else []
    memory = memories[-1] if memories else LoopState()
    following = memory.next_gate(loop)
    calendar = _Calendar(loop, codes, t_met, late, first)
    row = first
    while (busy := calendar.next_busy(row, memory, following)) < len(days):
        memories += [memory] * (busy - row)
        today = {gate: int(codes[gate][busy]) for gate in loop.gates}
        memory, event = _step(loop, memory, following, busy, today, bool(t_met[busy]), bool(late[busy]), params)
        memories.append(memory)
        row = busy + 1
        if event is not None:
            events.append(event)
            following = memory.next_gate(loop)  # which gate is next changes with an event only
    memories += [memory] * (len(days) - row)
    return LoopHistory(loop, days, codes, t_met, tuple(memories), tuple(events), params)


class _Calendar:
    """On which rows something can happen to a loop: between them a step would change nothing."""

    def __init__(self, loop: Loop, codes: Mapping[str, Codes], t_met: Flags, late: Flags, first: int) -> None:
        def rows(flags: Flags) -> list[int]:
            found: list[int] = (np.flatnonzero(flags) + first).tolist()
            return found

        ahead = {gate: codes[gate][first:] for gate in loop.gates}
        self._windows, self._n = loop.windows, len(t_met)
        self._met = {gate: rows(each == MET) for gate, each in ahead.items()}
        self._broken = {gate: rows(each == REVERSED) for gate, each in ahead.items()}
        self._lapsed = {gate: rows((each != MET) & (each != STALE)) for gate, each in ahead.items()}
        is_a = loop.name == "A"
        self._started = rows(t_met[first:] & (ahead[loop.entry] == MET)) if is_a else []
        self._late = rows(late[first:]) if is_a else []

    def next_busy(self, row: int, memory: LoopState, following: str | None) -> int:
        """The first such row from `row` on; the number of rows when there is none."""
        if following is None:
            return row  # a complete loop counts the days it holds
        found = [self._first(self._met[following], row), self._first(self._started, row)]
        if memory.latched:
            gate, since = memory.latched[-1]
            found.append(self._first(self._broken[gate], row))
            found.append(self._first(self._lapsed[gate], max(row, since + self._windows[gate] + 1)))
        if not memory.late:
            found.append(self._first(self._late, row))
        return min(found)

    def _first(self, rows: list[int], row: int) -> int:
        place = bisect_left(rows, row)
        return rows[place] if place < len(rows) else self._n


def late_triggers(dci: Floats, h: Floats, short_change_z: Floats, params: SequenceParams = _DEFAULT) -> Flags:
    """On which days the stress sets the order: DCI under 10 on 5 consecutive days, H at least 0.97 on 3, or a week in which the leveraged
    net short fell by more than 2 robust z. Unknown values trigger nothing."""
    with np.errstate(invalid="ignore"):
        low = run_lengths(dci < params.late_dci) >= params.late_dci_days
        high = run_lengths(h >= params.late_h) >= params.late_h_days
        return np.asarray(low | high | (short_change_z < params.late_short_z), dtype=np.bool_)


def _step(
    loop: Loop,
    memory: LoopState,
    following: str | None,
    row: int,
    state_of: Mapping[str, int],
    t_met: bool,
    late_trigger: bool,
    params: SequenceParams,
) -> tuple[LoopState, Event | None]:
    """One business day: at most one gate latches, or one goes. `following` is the next gate of `memory`."""
    if memory.latched and following is None:
        hold = memory.hold + 1 if state_of[memory.latched[-1][0]] == MET else 0
        if hold >= params.hold_days:
            return LoopState(resolved_row=row), Event(row, "RESOLVED")
        if hold != memory.hold:
            memory = msgspec.structs.replace(memory, hold=hold)
    if memory.latched:
        gate, since = memory.latched[-1]
        if state_of[gate] == REVERSED:
            return _without_last(memory), Event(row, "BROKEN", gate)
        if row - since > loop.windows[gate] and state_of[gate] not in (MET, STALE):
            return _without_last(memory), Event(row, "EXPIRED", gate)
    event = None
    if following is not None and state_of[following] == MET:
        from_outside = t_met and following == loop.gates[0] == loop.entry
        memory = msgspec.structs.replace(
            memory, latched=(*memory.latched, (following, row)), outside_gate=following if from_outside else memory.outside_gate, hold=0
        )
        event = Event(row, "LATCHED", following)
    elif loop.name == "A" and t_met and state_of[loop.entry] == MET and not {"A3", "A4"} & set(memory.latched_gates()):
        skipped = frozenset({"A1", "A2"} - set(memory.latched_gates()))
        latched = (*memory.latched, (loop.entry, row))
        memory = msgspec.structs.replace(memory, latched=latched, skipped=skipped, outside_gate=loop.entry, hold=0)
        event = Event(row, "LATCHED", loop.entry, outside=True)
    if loop.name == "A" and late_trigger and not memory.late:
        gates = memory.latched_gates()
        if "A1" in gates and "A2" not in gates and "A2" not in memory.skipped:
            memory = msgspec.structs.replace(memory, late=True)
    return memory, event


def _without_last(memory: LoopState) -> LoopState:
    """The last latched gate goes; what came with it goes too."""
    gate, _ = memory.latched[-1]
    rest = memory.latched[:-1]
    outside_goes = gate == memory.outside_gate
    return msgspec.structs.replace(
        memory,
        latched=rest,
        hold=0,
        late=memory.late and bool(rest),
        outside_gate=None if outside_goes else memory.outside_gate,
        skipped=frozenset() if outside_goes else memory.skipped,
    )
