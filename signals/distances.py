"""How far the other regimes are: the smallest change of one coordinate that would cross into them (§4.6)."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

import msgspec

from .gate import GateParams
from .rule import Regime, Thresholds

Coordinate = Literal["H_up", "m_up", "m_down", "D_up", "D_down", "abs_m_down"]


class Release(msgspec.Struct, frozen=True):
    """What the gate still waits for while it is on: the fall of H to its lower level, and the rows below it so far."""

    H_down: float
    days_below: int
    days_needed: int


class Distances(msgspec.Struct, frozen=True):
    """Each regime other than the held one, with the changes it takes (both, where there are two) at the thresholds in force.

    m and D in σ, H in 0…1. A distance ≤ 0 is crossed already and waits for its days. `release` only while the gate is on.
    """

    thresholds: Thresholds
    to: Mapping[Regime, Mapping[Coordinate, float]]
    release: Release | None
    nearest: Regime | None
    nearest_size: float | None


H_WEIGHT = 4.0
"""Usual daily scale of m against that of H; makes their distances comparable (proposal)."""


def distances(
    m: float,
    D: float,
    H: float | None,
    held: Regime,
    at: Thresholds,
    gate: GateParams,
    gate_on: bool = False,
    off_count: int = 0,
) -> Distances:
    """Boundary distances of one row; `at` are the thresholds in force after hysteresis, H None when unknown."""
    to: dict[Regime, Mapping[Coordinate, float]] = {
        Regime.STABLE: _to_stable(m, D, at),
        Regime.EXPANSION: {"m_down": m + max(at.m0, at.c * D)},
        Regime.REPRICING: {"m_up": max(at.m0, at.c * D) - m},
        Regime.FRAGMENTATION: {"D_up": (at.D0 if abs(m) < at.m0 else max(at.D0, abs(m) / at.c)) - D},
    }
    if not gate_on and H is not None:
        to[Regime.STRESS] = {"H_up": gate.h_on - H}
    release = Release(H - gate.h_off, off_count, gate.off_days) if gate_on and H is not None else None
    others = {regime: MappingProxyType(dict(steps)) for regime, steps in to.items() if regime != held}
    sizes = {regime: size for regime, steps in others.items() if (size := _size(steps)) > 0}
    nearest = min(sizes, key=lambda regime: sizes[regime], default=None)
    return Distances(at, MappingProxyType(others), release, nearest, None if nearest is None else sizes[nearest])


def _to_stable(m: float, D: float, at: Thresholds) -> Mapping[Coordinate, float]:
    less_common, less_divergent = abs(m) - at.m0, D - at.D0
    if less_divergent < 0:
        return {"abs_m_down": less_common}
    if less_common < 0:
        return {"D_down": less_divergent}
    return {"abs_m_down": less_common, "D_down": less_divergent}


def _size(steps: Mapping[Coordinate, float]) -> float:
    """Comparable size; where two coordinates must change the larger step counts."""
    return max(H_WEIGHT * step if coordinate == "H_up" else step for coordinate, step in steps.items())
