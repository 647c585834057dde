"""One row of the regime map as the outside reads it (§4.10)."""

import math
from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from .agreement import shares
from .distances import Distances, distances
from .gate import COMPONENTS
from .regime import KnownMap
from .rule import UNKNOWN, Regime, regime_or_none
from .stats import known_or_none
from .subtype import Subtype


class Component(msgspec.Struct, frozen=True):
    """A component of the gate: its value in its own unit, and its percentiles 0…1."""

    value: float | None
    level: float | None
    acute: float | None


class RegimeReading(msgspec.Struct, frozen=True):
    """State of one row; unknown is None. `s` and `sigma_bp` follow the order of the panel's markets; `as_of` in days since 1970-01-01."""

    as_of: int
    provisional: bool
    regime: Regime | None
    sessions: int
    raw: Regime | None
    s: tuple[float | None, ...]
    sigma_bp: tuple[float | None, ...]
    m: float | None
    D: float | None
    kappa: float | None
    rho: float | None
    rho_pct: float | None
    H: float | None
    G: float | None
    A: float | None
    components: Mapping[str, Component]
    gate_on: bool
    off_count: int
    away: tuple[Regime, ...]
    agreement: float | None
    votes: tuple[tuple[Regime, float], ...]
    turning: Regime | None
    distances: Distances | None
    horizons: Mapping[str, Regime | None]
    subtype: Subtype | None


def regime_at(history: KnownMap, row: int, as_of: int, subtype: Subtype | None = None, provisional: bool = False) -> RegimeReading:
    """Everything the map says on a row."""
    track, stress = history.headline, history.stress
    return RegimeReading(
        as_of=as_of,
        provisional=provisional,
        regime=regime_or_none(int(track.labels.held[row])),
        sessions=int(track.labels.sessions[row]),
        raw=regime_or_none(int(history.raw[row])),
        s=tuple(known_or_none(value) for value in track.at.s[row]),
        sigma_bp=tuple(known_or_none(value) for value in history.sigma_bp[row]),
        m=known_or_none(track.at.m[row]),
        D=known_or_none(track.at.D[row]),
        kappa=known_or_none(track.at.kappa[row]),
        rho=known_or_none(history.rho[row]),
        rho_pct=known_or_none(history.rho_pct[row]),
        H=known_or_none(stress.H[row]),
        G=known_or_none(stress.G[row]),
        A=known_or_none(stress.A[row]),
        components=MappingProxyType({name: _component(history, name, row) for name in COMPONENTS}),
        gate_on=bool(history.gate.on[row]),
        off_count=int(history.gate.off_count[row]),
        away=track.labels.away(row),
        agreement=known_or_none(history.agreement[row]),
        votes=shares(history.votes[row]),
        turning=regime_or_none(int(history.turning[row])),
        distances=distances_at(history, row),
        horizons=MappingProxyType({name: regime_or_none(int(each.labels.held[row])) for name, each in history.strip.items()}),
        subtype=subtype,
    )


def distances_at(history: KnownMap, row: int) -> Distances | None:
    """Boundary distances of a row with the thresholds in force on it; None without a label."""
    track, params = history.headline, history.params
    held = int(track.labels.held[row])
    if held == UNKNOWN:
        return None
    stress = float(history.stress.H[row])
    return distances(
        float(track.at.m[row]),
        float(track.at.D[row]),
        None if math.isnan(stress) else stress,
        Regime(held),
        params.thresholds.in_force(held, params.hysteresis),
        params.gate,
        gate_on=bool(history.gate.on[row]),
        off_count=int(history.gate.off_count[row]),
    )


def _component(history: KnownMap, name: str, row: int) -> Component:
    stress = history.stress
    return Component(*(known_or_none(part[name][row]) for part in (stress.values, stress.level, stress.acute)))
