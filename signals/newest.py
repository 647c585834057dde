"""The newest rows of the map, where they were known differently from what they became: what a replay must compute, and no more.

A history and inputs that agree with its own on all rows before some first one give what the whole computation would give on those inputs:
earlier rows are shared, the others are computed one by one.
"""

import math
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from .agreement import EnsembleParams, votes_of
from .columns import Column, Continued, since
from .coordinates import Coordinates, KnownCoordinates
from .gate import ACUTE, COMPONENTS, Gate, GateParams, KnownGate, KnownStress, against_at, gate_step
from .newest_yields import NewestYields, Spot
from .regime import KnownLabels, KnownMap, KnownTrack, Labels, RegimeHistory, RegimeParams, advance
from .rule import UNKNOWN, Regime, rule
from .running import Ranks
from .stats import Floats, median_of_known


class NewestMap:
    """A map over whole histories, to be continued from any row on what was known instead; `yields` in %, (rows, markets), are its own."""

    def __init__(self, history: RegimeHistory, yields: Floats) -> None:
        self._history, self._yields = history, NewestYields(history, yields)
        params = history.params
        ranks = partial(Ranks, window=params.gate.pct_window, min_obs=params.gate.pct_min)
        self._level = {name: ranks(x) for name, x in history.stress.values.items()}
        self._acute = {name: ranks(x) for name, x in history.stress.recent.items()}
        self._rho = ranks(history.rho)

    def known(
        self, of_yields: int, of_stress: Mapping[str, int], yields: Floats, stress_series: Mapping[str, Column[np.float64]]
    ) -> KnownMap:
        """The map of `yields` and of the three stress series by the names of gate.SERIES.

        `of_yields` and `of_stress`: from which row on they differ; the number of rows where they do not.
        """
        history, params, n = self._history, self._history.params, len(yields)
        moved = self._yields.from_row(of_yields, yields)
        new = {name: since(stress_series[name], start) for name, start in of_stress.items()}
        new |= {"rv": [each.rv for each in moved], "turb": [each.turb for each in moved]}
        firsts = {name: min(of_stress.get(name, of_yields), n) for name in COMPONENTS}
        first = min(firsts.values())
        sigma_bp: Column[np.float64] = history.sigma_bp[:n]
        rho: Column[np.float64] = history.rho[:n]
        rho_pct: Column[np.float64] = history.rho_pct[:n]
        if moved:
            new_rho = [each.rho for each in moved]
            sigma_bp = Continued(history.sigma_bp, of_yields, [each.sigma_bp for each in moved])
            rho, rho_pct = (
                Continued(history.rho, of_yields, new_rho),
                Continued(history.rho_pct, of_yields, self._rho.of(of_yields, new_rho)),
            )
        spots = {
            name: _continued(track.at, min(of_yields, n), [each.spots[place] for each in moved])
            for place, (name, track) in enumerate(history.strip.items())
        }
        main = spots[params.headline]
        stress = self._stress(firsts, first, new, stress_series, n)
        rows = [*zip(since(main.m, first), since(main.D, first), since(stress.H, first), strict=True)]
        gate = _gate_from(history.gate, first, [H if m == m else math.nan for m, _, H in rows], params.gate)
        labelled = min(of_yields, first + _agreeing(history.gate.on[first:n].tolist(), since(gate.on, first)))
        strip = {name: KnownTrack(at, _labels_from(history.strip[name].labels, labelled, at, gate, params)) for name, at in spots.items()}
        votes = [votes_of(m, D, H, params.ensemble) for m, D, H in rows]
        held = since(strip[params.headline].labels.held, first)
        told = [_told(each, mine, params.ensemble) for each, mine in zip(votes, held, strict=True)]
        return KnownMap(
            params=params,
            sigma_bp=sigma_bp,
            strip=strip,
            rho=rho,
            rho_pct=rho_pct,
            stress=stress,
            gate=gate,
            raw=Continued(history.raw, first, [_raw(m, D, H, params) for m, D, H in rows]),
            votes=Continued(history.votes, first, votes),
            agreement=Continued(history.agreement, first, [share for share, _ in told]),
            turning=Continued(history.turning, first, [leader for _, leader in told]),
        )

    def _stress(
        self, firsts: Mapping[str, int], first: int, new: Mapping[str, list[float]], stress_series: Mapping[str, Column[np.float64]], n: int
    ) -> KnownStress:
        """From values of components that differ from `firsts` on; where one does not, its ranks are shared."""
        before, params = self._history.stress, self._history.params.gate
        values: dict[str, Column[np.float64]] = {name: x[:n] for name, x in before.values.items()}
        recent: dict[str, Column[np.float64]] = {name: x[:n] for name, x in before.recent.items()}
        level: dict[str, Column[np.float64]] = {name: x[:n] for name, x in before.level.items()}
        acute: dict[str, Column[np.float64]] = {name: x[:n] for name, x in before.acute.items()}
        values |= stress_series
        for name, start in firsts.items():
            if start >= n:
                continue
            if name not in stress_series:
                values[name] = Continued(before.values[name], start, new[name])
            level[name] = Continued(before.level[name], start, self._level[name].of(start, new[name]))
            if name in ACUTE:
                quiet = self._recent(name, start, new[name], params)
                recent[name] = Continued(before.recent[name], start, quiet)
                acute[name] = Continued(before.acute[name], start, self._acute[name].of(start, quiet))
        acute["turb"] = level["turb"]
        G, levels = _means([since(x, first) for x in level.values()])
        A, acutes = _means([since(x, first) for x in acute.values()])
        enough = [a >= params.min_levels and b >= 1 for a, b in zip(levels, acutes, strict=True)]
        H = [(g + a) / 2 if known else math.nan for g, a, known in zip(G, A, enough, strict=True)]
        return KnownStress(
            values, recent, level, acute, Continued(before.G, first, G), Continued(before.A, first, A), Continued(before.H, first, H)
        )

    def _recent(self, name: str, first: int, new: list[float], params: GateParams) -> list[float]:
        """A component's rows from `first` on, against their own last quarter."""
        start = max(first - params.acute_window + 1, 0)
        x = [*self._history.stress.values[name][start:first].tolist(), *new]
        windows = (x[max(end - params.acute_window, 0) : end] for end in range(first - start + 1, len(x) + 1))
        return [against_at(name, value, median_of_known(past, params.acute_min)) for value, past in zip(new, windows, strict=True)]


def _agreeing(before: Sequence[bool], after: Sequence[bool]) -> int:
    """How many leading rows are equal."""
    return next((place for place, (old, new) in enumerate(zip(before, after, strict=False)) if old != new), min(len(before), len(after)))


def _continued(before: Coordinates, first: int, new: Sequence[Spot]) -> KnownCoordinates:
    """Coordinates with other newest rows."""
    if not new:
        return KnownCoordinates(before.horizon, before.s[:first], before.m[:first], before.D[:first], before.kappa[:first])
    s, m, D, kappa = zip(*new, strict=True)
    return KnownCoordinates(
        before.horizon,
        Continued(before.s, first, s),
        Continued(before.m, first, m),
        Continued(before.D, first, D),
        Continued(before.kappa, first, kappa),
    )


def _means(columns: Sequence[Sequence[float]]) -> tuple[list[float], list[int]]:
    """Mean and count of the known values of each row; the mean of none is unknown."""
    known = [[value for value in row if value == value] for row in zip(*columns, strict=True)]
    return [sum(row) / len(row) if row else math.nan for row in known], [len(row) for row in known]


def _told(votes: Sequence[int], held: int, params: EnsembleParams) -> tuple[float, int]:
    """`agreement_history` and `turning_history` of one row."""
    total, most = sum(votes), max(votes)
    if total == 0 or held == UNKNOWN:
        return math.nan, UNKNOWN
    leader = votes.index(most)
    return votes[held] / total, leader if most >= params.turning_share * total and leader != held else UNKNOWN


def _raw(m: float, D: float, H: float, params: RegimeParams) -> int:
    """`raw_labels` of one row."""
    if m != m or D != D:
        return UNKNOWN
    return Regime.STRESS if params.gate.h_on <= H else rule(m, D, params.thresholds)


def _gate_from(before: Gate, first: int, H: Sequence[float], params: GateParams) -> KnownGate:
    """`H`: of the rows from `first` on."""
    on, off_count = (bool(before.on[first - 1]), int(before.off_count[first - 1])) if first else (False, 0)
    states = []
    for stress in H:
        on, off_count = gate_step(on, off_count, stress, params)
        states.append((on, off_count))
    return KnownGate(
        Continued(before.on, first, [on for on, _ in states]), Continued(before.off_count, first, [count for _, count in states])
    )


def _labels_from(before: Labels, first: int, at: KnownCoordinates, gate: KnownGate, params: RegimeParams) -> KnownLabels:
    """The state machine from where it stood on the last row with a label."""
    n = len(at.m)
    if first >= n:
        return KnownLabels(before.today[:n], before.held[:n], before.sessions[:n], before.away_count[:n])
    last = first - 1
    while last >= 0 and before.held[last] == UNKNOWN:
        last -= 1
    held = int(before.held[last]) if last >= 0 else UNKNOWN
    away: tuple[int, ...] = before.away(last) if last >= 0 else ()
    changed_at = last - int(before.sessions[last]) + 1 if last >= 0 else 0
    today, held_codes, sessions, away_count = [], [], [], []
    for row, (m, D, on) in enumerate(zip(since(at.m, first), since(at.D, first), since(gate.on, first), strict=True), first):
        label: int = UNKNOWN
        if m == m and D == D:
            label = Regime.STRESS if on else rule(m, D, params.thresholds.in_force(held, params.hysteresis))
            held_before, (held, away) = held, advance(held, away, label, params)
            if held != held_before:
                changed_at = row
        known = label != UNKNOWN
        today.append(label)
        held_codes.append(held if known else UNKNOWN)
        sessions.append(row - changed_at + 1 if known else 0)
        away_count.append(len(away) if known else 0)
    return KnownLabels(
        Continued(before.today, first, today),
        Continued(before.held, first, held_codes),
        Continued(before.sessions, first, sessions),
        Continued(before.away_count, first, away_count),
    )
