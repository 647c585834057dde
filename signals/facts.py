"""The states of a Board one by one: what a Change is a change of. Read without numpy, from a stored Board too."""

from collections.abc import Iterator
from datetime import date

import msgspec

from ..cache.status import Status
from .board import Board, Condition, Reading, Regime
from .wording import worded

UNKNOWN = "unknown"
JUDGED = "MANUAL"  # of a condition; what was judged follows it
LARGE_SIGMA = 3.0
_LATE = (Status.STALE, Status.DEAD, Status.SUSPECT)
_NO_STATE = ("UNKNOWN", "STALE")


class Fact(msgspec.Struct, frozen=True):
    """One state: `value` is compared, `shown` is printed. `rises`: only its appearance is a change, not its going.

    `key`: it matters more than others of its kind. `steady`: it has a memory of its own (hysteresis, dwell), or changes for good.
    """

    kind: str
    subject: str
    value: str
    evidence: str
    at: date
    shown: str = ""
    key: bool = False
    rises: bool = False
    steady: bool = True
    provisional: bool = False

    @property
    def words(self) -> str:
        """The state as people read it."""
        return self.shown or self.value

    @property
    def name(self) -> str:
        """Kind and subject: the same for the same state of another Board."""
        return f"{self.kind} {self.subject}"


def facts(board: Board) -> dict[str, Fact]:
    """Every state of a Board by its name."""
    parts = (_regime, _composite, _labels, _moves, _flags, _cross_asset, _watch, _sequence, _health)
    return {fact.name: fact for part in parts for fact in part(board)}


def _regime(board: Board) -> Iterator[Fact]:
    today = board.as_of.date()
    for path, regime in (("regime", board.regime), ("long_regime", board.long_regime)):
        if regime is None:
            continue
        held, at, evidence = regime.held, regime.held.as_of or today, regime_evidence(regime)
        yield Fact("regime", path, held.word or UNKNOWN, evidence, at, key=path == "regime", provisional=regime.provisional)
        yield Fact("gate", f"{path}.gate", regime.gate.word or UNKNOWN, evidence, at)
        if held.word == "Stress":
            yield Fact("subtype", f"{path}.subtype", regime.subtype.word or UNKNOWN, "; ".join(regime.subtype.evidence), at, steady=False)
        yield Fact("turning", f"{path}.turning", regime.turning or "none", _votes(regime), at, steady=False)


def regime_evidence(regime: Regime) -> str:
    """The coordinates and the gate in one line."""
    parts = (_put("m", regime.m, "+.2f", "σ"), _put("D", regime.D, ".2f", "σ"), _put("H", regime.H, ".2f", ""))
    return ", ".join(part for part in parts if part)


def _votes(regime: Regime) -> str:
    return ", ".join(f"{name} {share:.0%}" for name, share in list(regime.votes.items())[:3])


def _composite(board: Board) -> Iterator[Fact]:
    composite = board.composite
    evidence = _put("DCI", composite.dci, ".1f", "") + f", {composite.n} of 5 pillars"
    yield Fact("band", "composite.band", composite.band.word or UNKNOWN, evidence, composite.band.as_of or board.as_of.date())


def _labels(board: Board) -> Iterator[Fact]:
    for name, market in board.markets.items():
        label = market.label
        at = label.as_of or board.as_of.date()
        yield Fact("label", f"markets.{name}.label", label.word or UNKNOWN, "; ".join(label.evidence), at)


def _moves(board: Board) -> Iterator[Fact]:
    """A session's move of three σ or more; the session is its value, so that a revised size is no news."""
    for name, market in board.markets.items():
        for tenor, point in market.tenors.items():
            z, at = point.z1.value, point.z1.as_of
            if z is None or at is None:
                continue
            large = abs(z) >= LARGE_SIGMA
            rarity = f", 1 in {point.one_in:,} sessions" if point.one_in else ""
            size = "" if point.d1.value is None else f"{worded(point.d1.value, '+.1f', 'bp')}, "
            words = f"{size}{worded(z, '+.1f', 'σ')} ({point.z_word})" if large else "ordinary"
            path = f"markets.{name}.tenors.{tenor}.z1"
            yield Fact("move", path, at.isoformat() if large else "", f"{market.name} {tenor}{rarity}", at, words, rises=True)


def _flags(board: Board) -> Iterator[Fact]:
    today = board.as_of.date()
    for tenor, beta in board.spillover.beta.items():
        at = beta.flag.as_of or today
        path = f"spillover.beta.{tenor}.flag"
        yield Fact("flag", path, _raised(beta.flag.word, at), "; ".join(beta.flag.evidence), at, beta.flag.word, rises=True)
    unwind = board.carry.unwind
    at = unwind.as_of or today
    yield Fact("flag", "carry.unwind", _raised(unwind.word, at), "; ".join(unwind.evidence), at, unwind.word, key=True, rises=True)


def _raised(word: str, at: date) -> str:
    return at.isoformat() if word not in ("", "off") else ""


def _cross_asset(board: Board) -> Iterator[Fact]:
    today = board.as_of.date()
    state, seen = board.inflection.state, board.confirmation
    yield Fact("inflection", "inflection.state", state.word or UNKNOWN, "; ".join(state.evidence), state.as_of or today)
    lines = ", ".join(f"{line.name} {line.state.word or UNKNOWN}" for line in seen.lines.values())
    yield Fact("confirmation", "confirmation", f"{seen.confirm_k} of {seen.confirm_n}", lines, today, steady=False)


def _watch(board: Board) -> Iterator[Fact]:
    for path, items, kind in (("watch", board.watch, "condition"), ("levels", board.levels, "level")):
        for name, item in items.items():
            yield _condition(board, item, kind, f"{path}.{name}")
    for name, group in board.groups.items():
        yield Fact("group", f"groups.{name}", group.state, f"{group.met} of {len(group.members)} met", board.as_of.date(), steady=False)


def _condition(board: Board, item: Condition, kind: str, path: str) -> Fact:
    at = item.value.as_of or board.as_of.date()
    state = f"{JUDGED} {item.mark.partition(' by ')[0]}".rstrip() if item.state == JUDGED else item.state
    return Fact(kind, path, state, item.evidence, at, key=item.key and item.state not in _NO_STATE, steady=False)


def _sequence(board: Board) -> Iterator[Fact]:
    today = board.as_of.date()
    for name, loop in board.sequence.loops.items():
        for gate in loop.gates:
            latched = gate.latched_on.isoformat() if gate.latched_on else "skipped" if gate.skipped else "open"
            shown = f"latched {latched}" if gate.latched_on else latched
            yield Fact("gate", f"sequence.loops.{name}.{gate.id}", latched, loop.status, today, shown)
        late = "late" if loop.late else "in time"
        yield Fact("loop", f"sequence.loops.{name}.late", late, loop.status, today)
        resolved = next((event for event in reversed(loop.events) if "RESOLVED" in event), "")
        yield Fact("loop", f"sequence.loops.{name}", resolved, loop.status, today, resolved or "not resolved", rises=True)


def _health(board: Board) -> Iterator[Fact]:
    """Late and suspect series; whether something newer is due is no news."""
    today = board.as_of.date()
    for name, one in board.inputs.items():
        if one.status is Status.UNKNOWN:
            continue
        state = str(one.status) if one.status in _LATE else "well"
        evidence = f"newest {one.as_of}" if one.as_of else "nothing known"
        yield Fact("health", f"inputs.{name}", state, evidence, today, steady=False)


def _put(name: str, reading: Reading, form: str, unit: str) -> str:
    return f"{name} unknown" if reading.value is None else f"{name} {worded(reading.value, form, unit)}"
