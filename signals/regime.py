"""The regime map over a whole history: coordinates, gate, state machine, votes (§4); any set of three to eight markets."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from .agreement import EnsembleParams, Votes, agreement_history, turning_history, votes_history
from .columns import Column
from .coordinates import Coordinates, CorrelationParams, KnownCoordinates, coordinates, mean_correlation, slow_sigma
from .gate import Gate, GateParams, KnownGate, KnownStress, Stress, gate_history, stress_history
from .rows import Flags
from .rule import UNKNOWN, Codes, Regime, Thresholds, rule_codes
from .stats import Floats, SigmaParams, percentile

MIN_MARKETS = 3
Code = TypeVar("Code", np.int8, np.int32)


class RegimeParams(msgspec.Struct, frozen=True):
    """Thresholds of the map, its memory, and the parameters of its parts. `strip` names the horizons in rows; `headline` is one of them."""

    thresholds: Thresholds = msgspec.field(default_factory=Thresholds)
    hysteresis: float = 0.10
    dwell: int = 3
    dwell_out_of_stress: int = 1
    strip: Mapping[str, int] = msgspec.field(default_factory=lambda: MappingProxyType({"1W": 5, "1M": 21, "3M": 63}))
    headline: str = "1M"
    sigma: SigmaParams = msgspec.field(default_factory=SigmaParams)
    correlation: CorrelationParams = msgspec.field(default_factory=CorrelationParams)
    gate: GateParams = msgspec.field(default_factory=GateParams)
    ensemble: EnsembleParams = msgspec.field(default_factory=EnsembleParams)


STANDING: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("thresholds", "hysteresis", "dwell", "dwell_out_of_stress", "strip", "headline"), "validated")
)


class KnownLabels(msgspec.Struct, frozen=True):
    """A state machine's labels, codes of `Regime`, UNKNOWN where m or D is.

    `today` is the label before the dwell, `held` the one shown; `sessions` counts rows since `held` last changed, this one included;
    `away_count` the rows that have voted against it so far.
    """

    today: Column[np.int8]
    held: Column[np.int8]
    sessions: Column[np.int32]
    away_count: Column[np.int32]

    def away(self, row: int) -> tuple[Regime, ...]:
        """The labels that wait for the dwell on a row, oldest first."""
        away: list[Regime] = []
        count = int(self.away_count[row])
        while len(away) < count:
            if self.today[row] != UNKNOWN:
                away.append(Regime(int(self.today[row])))
            row -= 1
        return tuple(reversed(away))


class Labels(KnownLabels, frozen=True):
    """The same of a whole history."""

    today: Codes
    held: Codes
    sessions: NDArray[np.int32]
    away_count: NDArray[np.int32]


class KnownTrack(msgspec.Struct, frozen=True):
    """One horizon of the strip."""

    at: KnownCoordinates
    labels: KnownLabels


class Track(KnownTrack, frozen=True):
    """The same of a whole history."""

    at: Coordinates
    labels: Labels


class KnownMap(msgspec.Struct, frozen=True):
    """Every row of the map. `sigma_bp` has shape (rows, markets); `raw` is the label without memory; `turning` a code or UNKNOWN."""

    params: RegimeParams
    sigma_bp: Column[np.float64]
    strip: Mapping[str, KnownTrack]
    rho: Column[np.float64]
    rho_pct: Column[np.float64]
    stress: KnownStress
    gate: KnownGate
    raw: Column[np.int8]
    votes: Column[np.int16]
    agreement: Column[np.float64]
    turning: Column[np.int8]

    @property
    def headline(self) -> KnownTrack:
        return self.strip[self.params.headline]


class RegimeHistory(KnownMap, frozen=True):
    """The same of a whole history."""

    sigma_bp: Floats
    strip: Mapping[str, Track]
    rho: Floats
    rho_pct: Floats
    stress: Stress
    gate: Gate
    raw: Codes
    votes: Votes
    agreement: Floats
    turning: Codes

    @property
    def headline(self) -> Track:
        return self.strip[self.params.headline]


def regime_history(
    yields: Floats,
    vix: Floats,
    move: Floats,
    fsi: Floats,
    params: RegimeParams = RegimeParams(),
    ranked: Stress | None = None,
) -> RegimeHistory:
    """The map for every row.

    `yields` in %, shape (rows, markets), none missing; the three stress series on the same rows, NaN where unknown. With fewer than
    three markets everything is unknown. `ranked`: see `gate.stress_history`.
    """
    if yields.shape[1] < MIN_MARKETS:
        yields = np.full((len(yields), MIN_MARKETS), np.nan)
    sigma_bp = slow_sigma(yields, params.sigma)
    spots = {name: coordinates(yields, sigma_bp, horizon) for name, horizon in params.strip.items()}
    main = spots[params.headline]
    rho = mean_correlation(yields, params.correlation)
    stress = stress_history(yields, vix, move, fsi, params.gate, ranked)
    gate = gate_history(np.where(np.isnan(main.m), np.nan, stress.H), params.gate)
    strip = {name: Track(at, label_history(at.m, at.D, gate.on, params)) for name, at in spots.items()}
    held = strip[params.headline].labels.held
    votes = votes_history(main.m, main.D, stress.H, params.ensemble)
    return RegimeHistory(
        params=params,
        sigma_bp=sigma_bp,
        strip=MappingProxyType(strip),
        rho=rho,
        rho_pct=percentile(rho, params.gate.pct_window, params.gate.pct_min),
        stress=stress,
        gate=gate,
        raw=raw_labels(main.m, main.D, stress.H, params),
        votes=votes,
        agreement=agreement_history(votes, held),
        turning=turning_history(votes, held, params.ensemble),
    )


def raw_labels(m: Floats, D: Floats, H: Floats, params: RegimeParams = RegimeParams()) -> Codes:
    """Labels without memory: Stress from the upper level of H on, else the unmodified rule."""
    codes = rule_codes(m, D, params.thresholds)
    return np.where((params.gate.h_on <= H) & (codes != UNKNOWN), Regime.STRESS, codes).astype(np.int8)


def label_history(m: Floats, D: Floats, gate_on: Flags, params: RegimeParams = RegimeParams()) -> Labels:
    """Runs the state machine over all rows; a row with m or D unknown has no label and changes nothing."""
    rows = np.flatnonzero(~(np.isnan(m) | np.isnan(D)))
    under = {held: _labels_under(held, m[rows], D[rows], gate_on[rows], params) for held in (UNKNOWN, *Regime)}
    leaving = {held: np.flatnonzero(np.array(labels) != held).tolist() for held, labels in under.items()}
    today, held_codes = (np.full(len(rows), UNKNOWN, dtype=np.int8) for _ in range(2))
    changed_at, away_count = (np.zeros(len(rows), dtype=np.int32) for _ in range(2))
    held, changed, place = UNKNOWN, 0, 0
    away: tuple[int, ...] = ()
    while place < len(rows):
        if not away:  # nothing happens until a label differs
            later = bisect_left(leaving[held], place)
            until = leaving[held][later] if later < len(leaving[held]) else len(rows)
            today[place:until] = held_codes[place:until] = held
            changed_at[place:until] = changed
            place = until
            if place == len(rows):
                break
        label = under[held][place]
        before, (held, away) = held, advance(held, away, label, params)
        if held != before:
            changed = int(rows[place])
        today[place], held_codes[place], changed_at[place], away_count[place] = label, held, changed, len(away)
        place += 1
    return Labels(
        _on(rows, today, np.full(len(m), UNKNOWN, dtype=np.int8)),
        _on(rows, held_codes, np.full(len(m), UNKNOWN, dtype=np.int8)),
        _on(rows, rows.astype(np.int32) - changed_at + 1, np.zeros(len(m), dtype=np.int32)),
        _on(rows, away_count, np.zeros(len(m), dtype=np.int32)),
    )


def _on(rows: NDArray[np.intp], x: NDArray[Code], blank: NDArray[Code]) -> NDArray[Code]:
    blank[rows] = x
    return blank


def advance(held: int, away: tuple[int, ...], label: int, params: RegimeParams = RegimeParams()) -> tuple[int, tuple[int, ...]]:
    """One row of the state machine: the label held and those waiting before, and today's label. UNKNOWN is held before the first.

    Two labels that both differ from the held one count together: a dead regime must not live on because its heirs disagree.
    """
    if held in (UNKNOWN, label) or label == Regime.STRESS:
        return label, ()
    away = (*away, label)
    needed = params.dwell_out_of_stress if held == Regime.STRESS else params.dwell
    if len(away) < needed:
        return held, away
    return _most_frequent(away), ()


def _most_frequent(labels: Sequence[int]) -> int:
    """Of equally frequent ones the one seen last."""
    return max(reversed(labels), key=labels.count)


def _labels_under(held: int, m: Floats, D: Floats, gate_on: Flags, params: RegimeParams) -> list[int]:
    """Today's label on every row if `held` were the regime."""
    codes = rule_codes(m, D, params.thresholds.in_force(held, params.hysteresis))
    labels: list[int] = np.where(gate_on, np.int8(Regime.STRESS), codes).tolist()
    return labels
