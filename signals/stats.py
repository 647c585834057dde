"""Conventions shared by every signal: decays, σ, percentile ranks, robust z and native changes.

All series run oldest first in float64, NaN means missing or unknown, and every result of history is causal: row t looks at rows ≤ t only.
"""

import math
from collections.abc import Mapping, Sequence
from functools import cache
from statistics import fmean, median
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from . import ranks

Floats = NDArray[np.float64]
Days = NDArray[np.int32]

BP_PER_PERCENT = 100.0
_LONGEST_BLOCK = 16_384  # rows of a running sum; sixty years of weekdays


class SigmaParams(msgspec.Struct, frozen=True):
    """Decays and floor of the daily σ. The floor has the unit of the changes (bp for yields)."""

    lam_fast: float = 0.94
    min_fast: int = 40
    lam_slow: float = 0.9973
    min_slow: int = 120
    floor: float = 2.0


class Sigma(msgspec.Struct, frozen=True):
    """Daily σ *through row t−1*: row t holds what scales row t's move.

    `fast` and `slow` are without the floor; `used` is the largest of both and the floor.
    """

    fast: Floats
    slow: Floats
    used: Floats


STANDING: Mapping[str, str] = MappingProxyType(
    {
        "lam_fast": "published",
        "min_fast": "published",
        "lam_slow": "validated",
        "min_slow": "validated",
        "floor": "validated",
    }
)


def lagged(x: Floats, rows: int = 1) -> Floats:
    """x as known `rows` rows earlier; the first rows are unknown."""
    out = np.full(len(x), np.nan)
    if rows < len(x):
        out[rows:] = x[: len(x) - rows]
    return out


def changes(x: Floats, steps: int = 1) -> Floats:
    """x_t − x_{t−steps} over rows, in the unit of x; unknown where either end is."""
    return x - lagged(x, steps)


def log_returns(x: Floats, steps: int = 1) -> Floats:
    """Natural-log return over `steps` rows, in %. Values that are not positive have no return."""
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.where(x > 0, np.log(x), np.nan)
    return 100.0 * changes(logs, steps)


def decayed_sum(terms: Floats, lam: float) -> Floats:
    """Σ_k λ^k terms_{t−k} down the rows, for each column; no missing values.

    Dividing by λ^row turns the recursion into a running sum; that only rescales, so rounding stays that of the recursion. Blocks keep the
    scale finite.
    """
    powers = _powers(lam)
    out = np.empty_like(terms)
    carried = np.zeros(terms.shape[1:])
    for start in range(0, len(terms), len(powers)):
        rows = slice(start, start + len(powers))
        scale = powers[: len(terms[rows])].reshape(-1, *(1,) * (terms.ndim - 1))
        out[rows] = scale * (np.cumsum(terms[rows] / scale, axis=0) + lam * carried)
        carried = out[rows][-1]
    return out


@cache
def _powers(lam: float) -> Floats:
    """λ^k for the rows of one block. A handful of decays is used, each hundreds of times."""
    powers: Floats = np.asarray(lam ** np.arange(min(_LONGEST_BLOCK, max(1, int(math.log(1e-100) / math.log(lam))))), np.float64)
    powers.setflags(write=False)
    return powers


def ewm(x: Floats, lam: float, min_obs: int = 1) -> Floats:
    """Exponentially weighted mean of x, one series or one a column, weights normalised over the observations seen so far.

    v_t = Σ λ^k x_{t−k} / Σ λ^k. A missing x ages both sums and so leaves v as it was. Unknown until `min_obs` observations.
    Source: J.P. Morgan 1996, RiskMetrics Technical Document.
    """
    if len(x) == 0:
        return x.copy()
    columns = x.reshape(len(x), -1)
    present = ~np.isnan(columns)
    weighted = decayed_sum(np.where(present, columns, 0.0), lam)
    mean = np.full(columns.shape, np.nan)
    begun = int(present[:, 0].argmax())
    if present[begun:].all() and not present[:begun].any():  # the same sums to the last bit, with one column of weights
        rows = slice(begun + max(min_obs, 1) - 1, None)
        mean[rows] = weighted[rows] / decayed_sum(present[:, :1].astype(np.float64), lam)[rows]
        return mean.reshape(x.shape)
    weights = decayed_sum(present.astype(np.float64), lam)
    # Read the last observed row instead of dividing two sums that a very long gap has shrunk to nothing.
    last_seen = np.maximum.accumulate(np.where(present, np.arange(len(x))[:, None], 0), axis=0)
    weighted, weights = (np.take_along_axis(sums, last_seen, axis=0) for sums in (weighted, weights))
    np.divide(weighted, weights, out=mean, where=np.cumsum(present, axis=0) >= max(min_obs, 1))
    return mean.reshape(x.shape)


def ewma_mean_square(x: Floats, lam: float, min_obs: int) -> Floats:
    """Zero-mean EWMA variance of x per row, in squared units of x."""
    return ewm(x * x, lam, min_obs)


def ewma_covariance(x: Floats, y: Floats, lam: float, min_obs: int) -> Floats:
    """Zero-mean EWMA covariance over the rows where both exist; other rows keep the last value."""
    return ewm(x * y, lam, min_obs)


def ewma_correlation(x: Floats, y: Floats, lam: float = 0.97, min_obs: int = 60) -> Floats:
    """Zero-mean EWMA correlation over the rows where both exist, −1…1; unknown while one of them has not moved at all."""
    both = ~(np.isnan(x) | np.isnan(y))
    xx = ewm(np.where(both, x * x, np.nan), lam, min_obs)
    yy = ewm(np.where(both, y * y, np.nan), lam, min_obs)
    return correlation(ewma_covariance(x, y, lam, min_obs), xx, yy)


def correlation(xy: Floats, xx: Floats, yy: Floats) -> Floats:
    """xy/√(xx·yy); unknown where a variance is zero."""
    scale = np.sqrt(xx * yy)
    out = np.full(len(xy), np.nan)
    np.divide(xy, scale, out=out, where=scale > 0)
    return out


def ewm_mean(x: Floats, span: float) -> Floats:
    """EWM mean of span s: λ = 1 − 2/(s + 1)."""
    return ewm(x, 1.0 - 2.0 / (span + 1.0))


def sigma(changes_bp: Floats, floor: float | None = None, params: SigmaParams = SigmaParams()) -> Sigma:
    """Fast and slow zero-mean EWMA σ through the row before, in the unit of the changes a row, and the largest of both and the floor.

    Unknown until both have their minimum count. `floor` defaults to the parameter's; give 0 for series that are not yields.
    """
    fast = lagged(np.sqrt(ewma_mean_square(changes_bp, params.lam_fast, params.min_fast)))
    slow = lagged(np.sqrt(ewma_mean_square(changes_bp, params.lam_slow, params.min_slow)))
    used = np.maximum(np.maximum(fast, slow), params.floor if floor is None else floor)
    return Sigma(fast, slow, used)


def percentile(x: Floats, window: int = 2520, min_obs: int = 500) -> Floats:
    """Rank 0…1 of each row's value in the trailing `window` rows, its own included; ties count half.

    pct = (#{x_s < x_t} + (#{x_s = x_t} + 1)/2)/n over the n known values; unknown for a missing value or n < `min_obs`.
    """
    known = ~np.isnan(x)
    codes = np.unique(x[known], return_inverse=True)[1]
    first, past = (places[known] for places in ranks.windows(known, window))
    less, equal = ranks.count_less_and_equal(codes, first, past, codes)
    count = past - first
    out = np.full(len(x), np.nan)
    out[known] = np.where(count >= min_obs, (less + (equal + 1) / 2) / count, np.nan)
    return out


def rolling_median(x: Floats, window: int, min_obs: int) -> Floats:
    """Median of the known values in the trailing `window` rows, this one included; unknown below `min_obs`."""
    known = ~np.isnan(x)
    ordered, codes = np.unique(x[known], return_inverse=True)
    first, past = ranks.windows(known, window)
    enough = past - first >= max(min_obs, 1)
    first, past = first[enough], past[enough]
    count = past - first
    upper = ordered[ranks.smallest(codes, first, past, count // 2)]
    lower, even = upper.copy(), count % 2 == 0
    lower[even] = ordered[ranks.smallest(codes, first[even], past[even], count[even] // 2 - 1)]
    out = np.full(len(x), np.nan)
    out[enough] = (lower + upper) / 2
    return out


def median_of_known(x: Sequence[float], min_obs: int) -> float:
    """`rolling_median` of one window."""
    known = sorted([value for value in x if value == value])  # an unknown value does not equal itself
    n = len(known)
    return (known[(n - 1) // 2] + known[n // 2]) / 2 if n >= max(min_obs, 1) else math.nan


def row_medians(rows: Floats) -> Floats:
    """Median of each row, none of whose values may be missing: `np.median` would look for those, and loads masked arrays to do so."""
    above = rows.shape[1] // 2
    ordered = np.partition(rows, above, axis=1)
    upper = ordered[:, above]
    lower = upper if rows.shape[1] % 2 else ordered[:, :above].max(axis=1)  # cheaper than to have two places put in order
    return np.asarray((lower + upper) / 2)


def robust_z(x: float, ref: Sequence[float], min_count: int = 8, clip: float = 5.0) -> float | None:
    """How unusual x is against the comparable earlier observations `ref` (x not among them), in robust σ, clipped to ±`clip`.

    (x − median)/(1.4826·MAD). When more than half of the reference is equal, 1.2533 times the mean absolute deviation stands in.
    """
    known = [value for value in ref if not math.isnan(value)]
    if math.isnan(x) or len(known) < min_count:
        return None
    centre = median(known)
    distances = [abs(value - centre) for value in known]
    scale = 1.4826 * median(distances) or 1.2533 * fmean(distances)
    if scale == 0.0:
        return 0.0 if x == centre else None
    return max(-clip, min(clip, (x - centre) / scale))


def robust_z_rows(x: Floats, ref: int, min_count: int = 8, clip: float = 5.0) -> Floats:
    """`robust_z` of every row against the known values among the `ref` rows before it."""
    out = np.full(len(x), np.nan)
    regular = np.zeros(len(x), dtype=np.bool_)
    if len(x) > ref >= min_count:
        before = np.lib.stride_tricks.sliding_window_view(x, ref)[:-1]  # row i: the reference of row i + ref
        centre = row_medians(before)
        scale = 1.4826 * row_medians(np.abs(before - centre[:, None]))
        regular[ref:] = (scale > 0) & ~np.isnan(before).any(axis=1)
        np.divide(x[ref:] - centre, scale, out=out[ref:], where=regular[ref:])
        out[ref:] = np.clip(out[ref:], -clip, clip)
    for row in np.flatnonzero(~regular & ~np.isnan(x)).tolist():
        z = robust_z(float(x[row]), x[max(row - ref, 0) : row].tolist(), min_count, clip)
        out[row] = np.nan if z is None else z
    return out


def native_changes(days: Days, values: Floats, max_gap_days: int = 12, steps: int = 1) -> Floats:
    """Changes in bp between own observations `steps` apart, one per given row; `values` in %.

    Missing where an observation is missing, and where two consecutive observations inside the span lie more than `max_gap_days` apart.
    """
    out = np.full(len(values), np.nan)
    own = np.flatnonzero(values == values)  # an unknown value does not equal itself
    if len(own) > steps:
        complete = len(own) == len(values)
        dates, known = (days, values) if complete else (days[own], values[own])
        moved = BP_PER_PERCENT * (known[steps:] - known[:-steps])
        gaps = dates[1:] - dates[:-1] > max_gap_days
        if gaps.any():
            broken = np.concatenate(([0], np.cumsum(gaps)))
            moved[broken[steps:] != broken[:-steps]] = np.nan
        out[slice(steps, None) if complete else own[steps:]] = moved
    return out


def carry_forward(x: Floats, limit: int = 5) -> Floats:
    """Fill missing rows with the last value over at most `limit` consecutive rows; one series or one a column."""
    if x.size == 0:
        return x.copy()
    rows = np.arange(len(x)).reshape(-1, *(1,) * (x.ndim - 1))
    last_seen = np.maximum.accumulate(np.where(np.isnan(x), -1, rows), axis=0)
    return np.where((last_seen >= 0) & (rows - last_seen <= limit), np.take_along_axis(x, last_seen, axis=0), np.nan)


def common(days_a: Days, a: Floats, days_b: Days, b: Floats) -> tuple[Days, Floats, Floats]:
    """Both series on the dates on which both have an own observation."""
    own_a, own_b = ~np.isnan(a), ~np.isnan(b)
    days, rows_a, rows_b = np.intersect1d(days_a[own_a], days_b[own_b], assume_unique=True, return_indices=True)
    return days.astype(np.int32), a[own_a][rows_a], b[own_b][rows_b]


def known_or_none(value: float) -> float | None:
    """A scalar of a history as the outside sees it: unknown is None, never NaN."""
    return None if math.isnan(value) else float(value)


def listed(x: Floats) -> list[float | None]:
    """Many scalars of a history at once, as the outside sees them."""
    values: list[float] = x.tolist()
    return [value if value == value else None for value in values]
