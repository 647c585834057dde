"""What a move of the JGB that the US had not yet seen does to the Treasury the same date, and back.

Tokyo closes half a day before New York, so the JGB of date t cannot know the Treasury of date t. Each side keeps its own prints: joining
both on common dates would fuse two Tokyo sessions into one move around every US holiday.
Sources: Burns, Engle and Mezrich 1998 (non-synchronous closes); RiskMetrics 1996 (EWMA).
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from .stats import Days, Floats, SigmaParams, ewma_covariance, ewma_mean_square, known_or_none, lagged, native_changes, sigma

FLAG_WORDING = "coincident; direction of causality not identified"


class PassThroughParams(msgspec.Struct, frozen=True):
    """Decay of the catch-up slope, window of the pass-through slope, and the thresholds of the bleed-over flag (in σ)."""

    lam: float = 0.97
    min_obs: int = 60
    window: int = 120
    min_window: int = 60
    distinct_t: float = 2.0
    flag_z_e: float = 3.0
    flag_z_us: float = 0.75
    max_gap_days: int = 12
    sigma: SigmaParams = msgspec.field(default_factory=SigmaParams)


STANDING: Mapping[str, str] = MappingProxyType(
    {
        "lam": "published",
        "min_obs": "published",
        "window": "validated",
        "min_window": "validated",
        "distinct_t": "published",
        "flag_z_e": "validated",
        "flag_z_us": "validated",
        "max_gap_days": "validated",
    }
)


class Slope(msgspec.Struct, frozen=True):
    """Least-squares slope per row over the last observations, its ordinary standard error, and their count. NaN below the minimum."""

    beta: Floats
    se: Floats
    n: Floats


class PassThrough(msgspec.Struct, frozen=True):
    """One row per JGB print. Changes in bp; z in σ; `flag` is 1, 0 or NaN when a part it needs is unknown.

    `j_bp` JGB change, `l_bp` Treasury changes Tokyo had not seen at its previous close, `u_bp` Treasury change of the same date,
    `b` how much of l the JGB makes good (the slope known *through* the row), `e_bp` = j − b₋₁·l the innovation.
    """

    days: Days
    j_bp: Floats
    l_bp: Floats
    u_bp: Floats
    b: Floats
    e_bp: Floats
    z_e: Floats
    z_us: Floats
    flag: Floats
    forward: Slope
    reverse: Slope


class SlopeReading(msgspec.Struct, frozen=True):
    """A slope at one date: `x_bp_per_10bp` ± 2·`se` (also per 10 bp). `distinct` is False when |t| < 2."""

    beta: float | None
    t: float | None
    x_bp_per_10bp: float | None
    se: float | None
    n: int
    distinct: bool | None


class BleedOver(msgspec.Struct, frozen=True):
    """The flag of one JGB date; `on` is None when unknown."""

    on: bool | None
    z_e: float | None
    z_us: float | None
    day: int


class PassThroughReading(msgspec.Struct, frozen=True):
    """Everything about one JGB date. `b` is the catch-up slope that was used for its innovation."""

    b: float | None
    e_bp: float | None
    beta: SlopeReading
    reverse: SlopeReading
    flag: BleedOver


def pass_through(
    jgb_days: Days, jgb_yields: Floats, ust_days: Days, ust_yields: Floats, params: PassThroughParams = PassThroughParams()
) -> PassThrough:
    """The whole history of one tenor, a row for every JGB print. Yields in % on their own dates.

    b_t = EWMA(J·L)/EWMA(L²); e_t = J_t − b_{t−1}·L_t; β = slope with intercept of U_t on e_t over the last 120 dates where both exist;
    the reverse is the slope of J_t on L_t.
    """
    jgb_days, jgb_yields = _own_prints(jgb_days, jgb_yields)
    ust_days, ust_yields = _own_prints(ust_days, ust_yields)
    j_bp = native_changes(jgb_days, jgb_yields, params.max_gap_days)
    ust_bp = native_changes(ust_days, ust_yields, params.max_gap_days)
    l_bp = unseen_changes(jgb_days, ust_days, ust_bp, params.max_gap_days)
    u_bp = on_dates(jgb_days, ust_days, ust_bp)
    b = catch_up(j_bp, l_bp, params)
    e_bp = j_bp - lagged(b) * l_bp
    z_e = e_bp / sigma(e_bp, params=params.sigma).used
    z_us = on_dates(jgb_days, ust_days, ust_bp / sigma(ust_bp, params=params.sigma).used)
    return PassThrough(
        days=jgb_days,
        j_bp=j_bp,
        l_bp=l_bp,
        u_bp=u_bp,
        b=b,
        e_bp=e_bp,
        z_e=z_e,
        z_us=z_us,
        flag=bleed_over(z_e, z_us, params),
        forward=rolling_slope(u_bp, e_bp, params.window, params.min_window),
        reverse=rolling_slope(j_bp, l_bp, params.window, params.min_window),
    )


def unseen_changes(jgb_days: Days, ust_days: Days, ust_bp: Floats, max_gap_days: int = 12) -> Floats:
    """L_t: sum of the Treasury changes dated from the previous JGB print up to, not including, t; 0 if there was none in between.

    Unknown where one of them is, and where the Treasury series had been silent for longer than `max_gap_days` (then "none" is not news).
    """
    out = np.full(len(jgb_days), np.nan)
    if len(jgb_days) < 2 or len(ust_days) == 0:
        return out
    total = np.concatenate(([0.0], np.cumsum(np.nan_to_num(ust_bp))))
    unknown = np.concatenate(([0], np.cumsum(np.isnan(ust_bp))))
    first = np.searchsorted(ust_days, jgb_days[:-1], side="left")
    end = np.searchsorted(ust_days, jgb_days[1:], side="left")
    silent_days = jgb_days[1:] - ust_days[np.maximum(end - 1, 0)]
    known = (unknown[end] == unknown[first]) & (end > 0) & (silent_days <= max_gap_days)
    out[1:] = np.where(known, total[end] - total[first], np.nan)
    return out


def on_dates(wanted: Days, days: Days, values: Floats) -> Floats:
    """`values` of the series on the wanted dates; missing where the series has no own print."""
    out = np.full(len(wanted), np.nan)
    if len(days):
        at = np.minimum(np.searchsorted(days, wanted), len(days) - 1)
        hit = days[at] == wanted
        out[hit] = values[at[hit]]
    return out


def catch_up(j_bp: Floats, l_bp: Floats, params: PassThroughParams = PassThroughParams()) -> Floats:
    """b_t, the EWMA slope of J on L through the origin; unknown while L has not moved at all."""
    both = ~(np.isnan(j_bp) | np.isnan(l_bp))
    covariance = ewma_covariance(j_bp, l_bp, params.lam, params.min_obs)
    variance = ewma_mean_square(np.where(both, l_bp, np.nan), params.lam, params.min_obs)
    b: Floats = np.divide(covariance, variance, out=np.full(len(j_bp), np.nan), where=variance > 0)
    return b


def bleed_over(z_e: Floats, z_us: Floats, params: PassThroughParams = PassThroughParams()) -> Floats:
    """1 where |z_e| ≥ 3, the Treasury moved the same way and |z_US| ≥ 0.75; 0 where not; NaN where it cannot be told."""
    large, followed = np.abs(z_e) >= params.flag_z_e, (np.sign(z_us) == np.sign(z_e)) & (np.abs(z_us) >= params.flag_z_us)
    unknown = np.isnan(z_e) | (large & np.isnan(z_us))
    flag: Floats = np.where(unknown, np.nan, (large & followed).astype(np.float64))
    return flag


def rolling_slope(y: Floats, x: Floats, window: int, min_obs: int) -> Slope:
    """Slope of y on x with intercept over the last `window` rows where both exist, for every row; units of y per unit of x."""
    both = ~(np.isnan(x) | np.isnan(y))
    seen, pairs = np.cumsum(both, dtype=np.int64), np.flatnonzero(both)
    n = np.minimum(np.arange(1, len(pairs) + 1), window).astype(np.float64)
    xs, ys = x[pairs], y[pairs]
    mean_x, mean_y = _rolling_sum(xs, window) / n, _rolling_sum(ys, window) / n
    sxx = _rolling_sum(xs * xs, window) - n * mean_x**2
    sxy = _rolling_sum(xs * ys, window) - n * mean_x * mean_y
    syy = _rolling_sum(ys * ys, window) - n * mean_y**2
    usable = (n >= max(min_obs, 3)) & (sxx > 1e-9)
    beta = np.divide(sxy, sxx, out=np.full(len(pairs), np.nan), where=usable)
    residual = np.maximum(syy - np.nan_to_num(beta) * sxy, 0.0)
    se = np.sqrt(np.divide(residual, (n - 2) * sxx, out=np.full(len(pairs), np.nan), where=usable))
    return Slope(_last_pair(beta, seen), _last_pair(se, seen), np.minimum(seen, window).astype(np.float64))


def pass_through_at(history: PassThrough, row: int, params: PassThroughParams = PassThroughParams()) -> PassThroughReading:
    """The reading of one row (negative rows count from the end)."""
    row = range(len(history.days))[row]
    on = known_or_none(history.flag[row])
    return PassThroughReading(
        b=known_or_none(history.b[row - 1]) if row else None,
        e_bp=known_or_none(history.e_bp[row]),
        beta=_slope_reading(history.forward, row, params.distinct_t),
        reverse=_slope_reading(history.reverse, row, params.distinct_t),
        flag=BleedOver(
            None if on is None else bool(on), known_or_none(history.z_e[row]), known_or_none(history.z_us[row]), int(history.days[row])
        ),
    )


def _slope_reading(slope: Slope, row: int, distinct_t: float) -> SlopeReading:
    beta, se, n = known_or_none(slope.beta[row]), known_or_none(slope.se[row]), int(slope.n[row])
    if beta is None or se is None:
        return SlopeReading(None, None, None, None, n, None)
    t = beta / se if se > 0 else None
    return SlopeReading(beta, t, 10.0 * beta, 10.0 * se, n, t is None or abs(t) >= distinct_t)


def _own_prints(days: Days, values: Floats) -> tuple[Days, Floats]:
    own = ~np.isnan(values)
    return days[own], values[own]


def _rolling_sum(x: Floats, window: int) -> Floats:
    total = np.concatenate(([0.0], np.cumsum(x)))
    end = np.arange(1, len(x) + 1)
    summed: Floats = total[end] - total[np.maximum(end - window, 0)]
    return summed


def _last_pair(values: Floats, seen: NDArray[np.int64]) -> Floats:
    """Values per pair, spread over all rows: each row shows the last pair it has seen."""
    padded = np.concatenate(([np.nan], values))
    spread: Floats = padded[seen]
    return spread
