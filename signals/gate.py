"""The stress gate H: are volatility, turbulence and funding stress high *and* rising (§4.3)?"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from operator import mul
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from .columns import Column
from .coordinates import changes_bp
from .rows import Flags
from .stats import Floats, decayed_sum, ewm_mean, ewma_mean_square, percentile, rolling_median

COMPONENTS = ("vix", "move", "rv", "fsi", "turb")
"""Cboe VIX, ICE MOVE, realised volatility, OFR Financial Stress Index, turbulence."""
ACUTE = COMPONENTS[:4]
"""Those with an acute form of their own."""
SERIES = ("vix", "move", "fsi")
"""Those that are series of their own, not made of yields."""
TURBULENT_STEPS = 2  # rows over which turbulence measures changes
SINGULAR = 1e-12  # determinant of correlations that are as good as linear in each other


class GateParams(msgspec.Struct, frozen=True):
    """Switch levels of H, and how the five components are measured."""

    h_on: float = 0.90
    h_off: float = 0.70
    off_days: int = 5
    min_levels: int = 3
    lam_rv: float = 0.94
    min_rv: int = 40
    acute_window: int = 63
    acute_min: int = 40
    turb_start: int = 250
    lam_turb: float = 0.9973
    turb_span: float = 5.0
    pct_window: int = 2520
    pct_min: int = 500


STANDING: Mapping[str, str] = MappingProxyType({**dict.fromkeys(GateParams.__struct_fields__, "validated"), "lam_rv": "published"})


class KnownStress(msgspec.Struct, frozen=True):
    """The gate's components and H per row; the mappings have the names of COMPONENTS. Percentiles, G, A and H are in 0…1.

    `recent` holds the components against their own last quarter, whose percentile `acute` is; turbulence has none.
    """

    values: Mapping[str, Column[np.float64]]
    recent: Mapping[str, Column[np.float64]]
    level: Mapping[str, Column[np.float64]]
    acute: Mapping[str, Column[np.float64]]
    G: Column[np.float64]
    A: Column[np.float64]
    H: Column[np.float64]


class Stress(KnownStress, frozen=True):
    """The same of a whole history."""

    values: Mapping[str, Floats]
    recent: Mapping[str, Floats]
    level: Mapping[str, Floats]
    acute: Mapping[str, Floats]
    G: Floats
    A: Floats
    H: Floats


class KnownGate(msgspec.Struct, frozen=True):
    """State of the gate after each row; `off_count` counts the consecutive rows below the lower level while it is on."""

    on: Column[np.bool_]
    off_count: Column[np.int32]


class Gate(KnownGate, frozen=True):
    """The same of a whole history."""

    on: Flags
    off_count: NDArray[np.int32]


def stress_history(
    yields: Floats, vix: Floats, move: Floats, fsi: Floats, params: GateParams = GateParams(), ranked: Stress | None = None
) -> Stress:
    """H from aligned yields in % (rows, markets) and three series on the same rows, NaN where they are unknown.

    A component that is missing is left out of both means. `ranked` has the same three series on the same rows: their ranks are taken from
    it. Sources: Kritzman and Li 2010 (turbulence); Holló, Kremer and Lo Duca 2012 (percentile transform).
    """
    rv, turb = realised_volatility(yields, params), turbulence(yields, params)
    values = dict(zip(COMPONENTS, (vix, move, rv, fsi, turb), strict=True))
    done = () if ranked is None else SERIES
    recent, level, acute = (dict(part) for part in (ranked.recent, ranked.level, ranked.acute)) if ranked is not None else ({}, {}, {})
    for name, x in values.items():
        if name in done:
            continue
        level[name] = percentile(x, params.pct_window, params.pct_min)
        if name in ACUTE:
            recent[name] = against(name, x, rolling_median(x, params.acute_window, params.acute_min))
            acute[name] = percentile(recent[name], params.pct_window, params.pct_min)
    return stress_from(values, recent, level, acute, params)


def stress_from(
    values: Mapping[str, Floats],
    recent: Mapping[str, Floats],
    level: Mapping[str, Floats],
    acute: Mapping[str, Floats],
    params: GateParams = GateParams(),
) -> Stress:
    """H from the percentiles of the components."""
    values, recent, level = dict(values), dict(recent), dict(level)
    acute = {**acute, "turb": level["turb"]}  # turbulence already measures the unusual
    G, levels = _mean_of_known([*level.values()])
    A, acutes = _mean_of_known([*acute.values()])
    H = np.where((levels >= params.min_levels) & (acutes >= 1), (G + A) / 2, np.nan)
    return Stress(MappingProxyType(values), MappingProxyType(recent), MappingProxyType(level), MappingProxyType(acute), G, A, H)


def realised_volatility(yields: Floats, params: GateParams = GateParams()) -> Floats:
    """Mean over markets of the fast EWMA σ through the row itself, bp/day, no floor."""
    mean: Floats = np.sqrt(ewma_mean_square(changes_bp(yields), params.lam_rv, params.min_rv)).mean(axis=1)
    return mean


def turbulence(yields: Floats, params: GateParams = GateParams()) -> Floats:
    """EWM mean of the Mahalanobis distance of 2-row changes from their slow covariance, per market; about 1 in quiet times.

    The first `turb_start` vectors serve twice, in the starting covariance and in the recursion. Unknown where the covariance is singular.
    Source: Kritzman and Li 2010, Skulls, Financial Turbulence, and Risk Management.
    """
    markets = yields.shape[1]
    out = np.full(len(yields), np.nan)
    x = changes_bp(yields, TURBULENT_STEPS)[TURBULENT_STEPS:]
    start = params.turb_start
    if len(x) <= start:
        return out
    opening = opening_covariance(x[:start])
    grown = decayed_sum((x[:, :, None] * x[:, None, :]).reshape(len(x), -1), params.lam_turb).reshape(-1, markets, markets)
    age = params.lam_turb ** np.arange(1, len(x) + 1)
    covariance = age[:, None, None] * opening + (1 - params.lam_turb) * grown
    distance = np.full(len(x), np.nan)
    distance[start:] = mahalanobis(x[start:], covariance[start - 1 : -1]) / markets
    out[TURBULENT_STEPS:] = ewm_mean(distance, params.turb_span)
    return out


def opening_covariance(x: Floats) -> Floats:
    """Covariance of the first changes, from which the recursion starts."""
    centred = x - x.mean(axis=0)
    return np.asarray(centred.T @ centred / (len(x) - 1))


def gate_step(on: bool, off_count: int, stress: float, params: GateParams = GateParams()) -> tuple[bool, int]:
    """One row of the gate: its state before and H; an unknown H changes nothing."""
    if math.isnan(stress):
        return on, off_count
    if not on:
        return stress >= params.h_on, 0
    off_count = off_count + 1 if stress < params.h_off else 0
    return (False, 0) if off_count >= params.off_days else (True, off_count)


def gate_history(H: Floats, params: GateParams = GateParams()) -> Gate:
    """The gate after each row, off before the first."""
    states = np.zeros((len(H), 2), dtype=np.int32)
    stress, row, passed = H.tolist(), 0, np.flatnonzero(params.h_on <= H).tolist()
    while (place := bisect_left(passed, row)) < len(passed):  # off until then
        row, on, off_count = passed[place], False, 0
        while row < len(stress):
            on, off_count = gate_step(on, off_count, stress[row], params)
            states[row] = on, off_count
            row += 1
            if not on:
                break
    return Gate(states[:, 0].astype(np.bool_), states[:, 1])


def against(name: str, x: Floats, middle: Floats) -> Floats:
    """A component against its recent median: its ratio, or for the stress index, which crosses zero, its difference."""
    if name == "fsi":
        return x - middle
    out = np.full(len(x), np.nan)
    np.divide(x, middle, out=out, where=middle > 0)
    return out


def against_at(name: str, value: float, middle: float) -> float:
    """`against` of one row."""
    if name == "fsi":
        return value - middle
    return value / middle if middle > 0 else math.nan


def _mean_of_known(columns: list[Floats]) -> tuple[Floats, Floats]:
    """Mean and count of the known values of each row; the mean of none is unknown."""
    table = np.column_stack(columns)
    known = table == table  # an unknown value does not equal itself
    count = known.sum(axis=1, dtype=np.float64)
    mean = np.full(len(table), np.nan)
    np.divide(np.where(known, table, 0.0).sum(axis=1), count, out=mean, where=count > 0)
    return mean, count


def mahalanobis(x: Floats, covariance: Floats) -> Floats:
    """x′ S⁻¹ x row by row, solved in correlation form; unknown where S is singular."""
    deviation = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    safe = np.where(deviation > 0, deviation, 1.0)
    correlation = covariance / (safe[:, :, None] * safe[:, None, :])
    with np.errstate(invalid="ignore"):  # unknown yields are singular
        regular = np.asarray((deviation > 0).all(axis=1) & (np.linalg.det(correlation) > SINGULAR))
    out = np.full(len(x), np.nan)
    unit = (x / safe)[regular]
    out[regular] = (unit * np.linalg.solve(correlation[regular], unit[:, :, None])[:, :, 0]).sum(axis=1)
    return out


def mahalanobis_at(x: Sequence[float], covariance: Sequence[Sequence[float]]) -> float:
    """`mahalanobis` of one row, by the Cholesky factor of the correlations."""
    deviation = [math.sqrt(each[i]) if each[i] > 0 else 0.0 for i, each in enumerate(covariance)]
    if not all(deviation):
        return math.nan
    rows: list[list[float]] = []
    solved: list[float] = []
    determinant = 1.0
    for i, scale in enumerate(deviation):
        row: list[float] = []
        for j, other in enumerate(rows):
            row.append((covariance[i][j] / (scale * deviation[j]) - sum(map(mul, row, other))) / other[j])
        left = 1.0 - sum(each * each for each in row)
        determinant *= left
        if not determinant > SINGULAR:
            return math.nan
        pivot = math.sqrt(left)
        solved.append((x[i] / scale - sum(map(mul, row, solved))) / pivot)
        rows.append([*row, pivot])
    return sum(each * each for each in solved)
