"""What changed between two Boards, what did not, and who has been told (methods §26).

Most states carry their own memory: a regime its hysteresis and dwell, a label its two days, a band its margin. The others sit at a
threshold, and could be announced twice a minute; the Announcer holds a return back until it has lasted. Severities are rules of thumb.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Protocol

import msgspec

from .board import Board, Change
from .facts import JUDGED, UNKNOWN, Fact, facts

RETURN_DAYS = 7  # back in a state that held no longer ago than this …
DWELL_SESSIONS = 3  # … is announced once it has lasted for so many
_WATCH_KINDS = ("regime", "band", "gate", "loop")


def diff(before: Board, after: Board) -> tuple[Change, ...]:
    """Every difference that matters, the gravest first."""
    return _differences(facts(before), facts(after), after)


def unchanged(before: Board, after: Board) -> tuple[str, ...]:
    """What did not change: held regime, band, groups and loops, with the days in that state."""
    return _the_same(facts(before), facts(after), after)


def _differences(old: Mapping[str, Fact], new: Mapping[str, Fact], after: Board) -> tuple[Change, ...]:
    found = [_change(old[name], fact, after) for name, fact in new.items() if name in old and _differs(old[name].value, fact)]
    return _gravest_first(found)


def _the_same(old: Mapping[str, Fact], new: Mapping[str, Fact], after: Board) -> tuple[str, ...]:
    def same(name: str) -> bool:
        return name in old and name in new and old[name].value == new[name].value

    out = []
    if same("regime regime") and (word := after.regime.held.word):
        out.append(f"regime still {word}, {_count(after.regime.sessions, 'session')}")
    if same("band composite.band") and (band := after.composite.band).word:
        out.append(f"band still {band.word}, {_days(band.since, after)}")
    for name, group in after.groups.items():
        if same(f"group groups.{name}"):
            state = "not met" if group.state == "NOT" else group.state.lower()
            out.append(f"{group.title}: still {state}, {_days(group.since, after)}")
    for name, loop in after.sequence.loops.items():
        if all(same(fact) for fact in new if fact.split(" ")[1].startswith(f"sequence.loops.{name}")):
            out.append(f"loop {name}: still {loop.status}")
    return tuple(out)


def with_changes(board: Board, before: Board | None) -> Board:
    """The Board with what changed and what did not against an earlier one."""
    if before is None:
        return board
    old, new = facts(before), facts(board)
    return msgspec.structs.replace(board, changes=_differences(old, new, board), unchanged=_the_same(old, new, board))


class Boards(Protocol):
    """Whatever gives the Board of an instant; a History does."""

    def board(self, as_of: datetime) -> Board:
        """The Board of an instant."""
        ...


def board_with_changes(history: Boards, as_of: datetime) -> Board:
    """The Board of an instant with its differences from that of a weekday earlier."""
    before = as_of - timedelta(days={0: 3, 6: 2}.get(as_of.weekday(), 1))
    return with_changes(history.board(as_of), history.board(before))


class Said(msgspec.Struct, omit_defaults=True):
    """What was last announced of one state, which states it left lately, and one that waits until it has lasted."""

    value: str
    words: str
    left: dict[str, date] = {}
    waiting: str = ""
    sessions: list[date] = []


class Announcer:
    """Boards in, Changes out, each once: a fold whose memory outlives the process (`dump`, `load`).

    A state that comes back to where it was within a week is announced only after it has lasted three sessions.
    """

    def __init__(self, memory: dict[str, Said] | None = None) -> None:
        self._memory = memory or {}

    @classmethod
    def load(cls, data: bytes) -> "Announcer":
        """With the memory that `dump` wrote; nothing remembered when it cannot be read."""
        try:
            return cls(msgspec.json.decode(data, type=dict[str, Said]))
        except msgspec.DecodeError:
            return cls()

    def dump(self) -> bytes:
        """The memory."""
        return msgspec.json.encode(self._memory)

    def feed(self, board: Board) -> tuple[Change, ...]:
        """What is new on this Board, the gravest first. The first Board is taken in silence."""
        found = [change for fact in facts(board).values() if (change := self._hear(fact, board))]
        return _gravest_first(found)

    def _hear(self, fact: Fact, board: Board) -> Change | None:
        said = self._memory.get(fact.name)
        if said is None:
            self._memory[fact.name] = Said(fact.value, fact.words)
            return None
        if not _differs(said.value, fact):
            said.waiting, said.sessions = "", []
            if fact.value != said.value and fact.rises:
                said.value, said.words = fact.value, fact.words
            return None
        day = board.as_of.date()
        judged = JUDGED in (said.value.split(" ")[0], fact.value.split(" ")[0])  # a person does not flap
        if not fact.steady and not judged and self._too_soon(said, fact, day):
            return None
        before = Fact(fact.kind, fact.subject, said.value, "", fact.at, said.words)
        left = {value: when for value, when in said.left.items() if day - when <= timedelta(RETURN_DAYS)}
        self._memory[fact.name] = Said(fact.value, fact.words, left | {said.value: day})
        return _change(before, fact, board)

    def _too_soon(self, said: Said, fact: Fact, day: date) -> bool:
        """Whether it is back in a state it left a moment ago, and has not lasted yet."""
        left = said.left.get(fact.value)
        if left is None or day - left > timedelta(RETURN_DAYS):
            return False
        if said.waiting != fact.value:
            said.waiting, said.sessions = fact.value, []
        if day not in said.sessions:
            said.sessions = [*said.sessions, day]
        return len(said.sessions) < DWELL_SESSIONS


def _differs(before: str, fact: Fact) -> bool:
    return fact.value != before and (bool(fact.value) or not fact.rises)


def _change(before: Fact, after: Fact, board: Board) -> Change:
    return Change(
        at=after.at,
        kind=after.kind,
        subject=after.subject,
        before=before.words or "none",
        after=after.words,
        severity=severity(before, after),
        evidence=after.evidence,
        provisional=after.provisional,
        seen=board.as_of,
    )


def severity(before: Fact, after: Fact) -> str:
    """alarm: regime into Stress, band into Systemic, a loop late, carry unwinding; watch: other regimes, bands, gates, key conditions."""
    alarms = {("regime", "Stress"), ("band", "Systemic"), ("loop", "late")}
    if after.subject == "long_regime":
        return "watch"
    if (after.kind, after.value) in alarms or (after.kind == "flag" and after.key):
        return "alarm"
    known = UNKNOWN not in (before.value, after.value)
    if after.kind in _WATCH_KINDS:
        return "watch" if known or after.kind == "regime" else "info"
    return "watch" if after.kind == "condition" and after.key else "info"


def _gravest_first(changes: list[Change]) -> tuple[Change, ...]:
    return tuple(sorted(changes, key=lambda change: ("alarm", "watch", "info").index(change.severity)))


def _days(since: date | None, board: Board) -> str:
    return "for how long is unknown" if since is None else _count((board.as_of.date() - since).days, "day")


def _count(n: int | None, noun: str) -> str:
    return f"? {noun}s" if n is None else f"{n} {noun}" + ("" if n == 1 else "s")
