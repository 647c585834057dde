"""The operators of the persistence grammar: sustained, widening, stabilising, growing, declining, accelerating, shifting.

An operator is a pure function of x, the condition's own observations, oldest first, none missing. It returns a `Trial`: what each
test says at each observation, looking at that observation and earlier ones only. Trends by Mann–Kendall (Mann 1945, Kendall 1975)
and Sen's slope (Sen 1968).
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from .mannkendall import Trend, sen_slopes, trend_of_rows
from .persistence import Trial
from .stats import Floats, row_medians
from .windows import Flags, ahead, last_n, rolling_quantiles, run_lengths, windows
from .wording import true_minus, with_unit, worded


class TrendParams(msgspec.Struct, frozen=True):
    """One-sided Mann–Kendall levels of a trend that is there (`p_met`) and of one that may be (`p_near`)."""

    p_met: float = 0.10
    p_near: float = 0.25


def said(value: float, digits: int = 5, sign: str = "") -> str:
    """A number in so many significant digits and never as a power of ten: 65.4, 8,190,600."""
    text = f"{value:{sign}.{digits}g}"
    return true_minus(f"{float(text):{sign},.0f}" if "e+" in text else text)


STANDING: Mapping[str, str] = MappingProxyType({"p_met": "proposal", "p_near": "proposal"})


def sustained(
    x: Floats,
    level: float,
    side: int,
    n: int,
    grace: int = 0,
    margin: float | Floats | None = None,
    unit: str = "",
    sigma: Floats | None = None,
) -> Trial:
    """Beyond `level` (side +1 above, −1 below) now and in at least n − grace of the last n. Approaching: beyond now, or within `margin`
    (unit of x, default a tenth of the level). Opposite: the last three all not beyond. `sigma`: daily σ of x, for the distance printed."""
    margin = 0.1 * abs(level) if margin is None else margin
    distance = side * (x - level)
    beyond = distance > 0
    counts = np.cumsum(np.concatenate((np.zeros(n, np.int64), beyond.astype(np.int64))))
    count: NDArray[np.int64] = counts[n:] - counts[:-n]
    need = n - grace
    known = np.arange(len(x)) >= n - 1
    near = beyond | (distance > -np.asarray(margin))
    run = run_lengths(beyond)
    away = run_lengths(~beyond)

    def words(row: int) -> str:
        gap = f"{with_unit(said(level - x[row], 4, '+'), unit)} to {worded(level, 'g')}"
        if sigma is not None and sigma[row] > 0:
            gap += f" ({worded((level - x[row]) / sigma[row], '+.1f', 'σ')})"
        return f"{with_unit(said(x[row]), unit)}, {gap}, {min(count[row], need)} of {need}"

    numbers = {"value": x, "level": np.full(len(x), level), "distance": level - x, "count": count.astype(np.float64)}
    if sigma is not None:
        numbers["sigma"] = sigma
    progress = np.minimum(count, need) / need
    return Trial(known, beyond & (count >= need), near, away >= 3, progress, numbers, words, run)


def widening(x: Floats, k: int, params: TrendParams = TrendParams()) -> Trial:
    """Rising trend over the last k by Mann–Kendall, and the last three above the median of the k. Opposite: a falling trend."""
    trend, known = _trends(x, k)
    recent = ahead(windows(x, 3).mean(axis=1), len(x))
    middle = ahead(row_medians(windows(x, k)), len(x))
    with np.errstate(invalid="ignore"):
        met = (trend.p_up <= params.p_met) & (trend.sen > 0) & (recent > middle)
        near = (trend.p_up <= params.p_near) & (trend.sen > 0)
        opposite = trend.p_down <= params.p_met
    return Trial(
        known, met, near, opposite, _trend_progress(trend.p_up), _trend_numbers(x, trend), _trend_words(x, trend.p_up, trend.sen, k)
    )


def narrowing(x: Floats, k: int, params: TrendParams = TrendParams()) -> Trial:
    """Falling trend over the last k: widening of −x, told in the sign of x."""
    mirrored = widening(-x, k, params)
    numbers = mirrored.numbers
    return msgspec.structs.replace(
        mirrored,
        numbers={"value": x, "S": -numbers["S"], "p": numbers["p"], "sen": -numbers["sen"]},
        words=_trend_words(x, numbers["p"], -numbers["sen"], k),
    )


def growing(x: Floats, k: int, params: TrendParams = TrendParams()) -> Trial:
    """Rising trend over the last k. Approaching: the slope alone is up. Opposite: a falling trend with the slope down."""
    trend, known = _trends(x, k)
    with np.errstate(invalid="ignore"):
        met = (trend.p_up <= params.p_met) & (trend.sen > 0)
        near = trend.sen > 0
        opposite = (trend.p_down <= params.p_met) & (trend.sen < 0)
    return Trial(
        known, met, near, opposite, _trend_progress(trend.p_up), _trend_numbers(x, trend), _trend_words(x, trend.p_up, trend.sen, k)
    )


def stabilising(x: Floats, k: int, floor: float | None = None, flat: float = 0.5, sd_win: int = 250) -> Trial:
    """No drift over the last k, |z| ≤ flat, and none of them under `floor`. Opposite: under the floor, or |z| > 2·flat."""
    drift, sd, z, known = _drift(x, k, sd_win)
    lowest = -np.inf if floor is None else floor
    share = ahead((windows(x, k) >= lowest).mean(axis=1), len(x))
    with np.errstate(invalid="ignore"):
        level = np.abs(z) <= flat
        met = level & (share == 1.0)
        near = (z > -flat) & (x >= lowest)
        opposite = (x < lowest) | (np.abs(z) > 2 * flat)
    progress = np.where(level, share, share / 2)
    return Trial(known, met, near, opposite, progress, _drift_numbers(x, drift, sd, z), _drift_words(x, z, k, floor))


def not_rising(x: Floats, k: int, flat: float = 0.5, sd_win: int = 250) -> Trial:
    """No upward drift over the last k: z ≤ flat. Approaching up to 2·flat, opposite beyond it."""
    drift, sd, z, known = _drift(x, k, sd_win)
    with np.errstate(invalid="ignore"):
        met, near = z <= flat, z <= 2 * flat
        progress = np.clip(2 - z / flat, 0.0, 1.0)
    return Trial(known, met, near, known & ~near, progress, _drift_numbers(x, drift, sd, z), _drift_words(x, z, k, None))


def not_falling(x: Floats, k: int, flat: float = 0.5, sd_win: int = 250) -> Trial:
    """No downward drift over the last k: z ≥ −flat. Approaching down to −2·flat, opposite beyond it."""
    mirrored = not_rising(-x, k, flat, sd_win)
    numbers = {"value": x, "drift": -mirrored.numbers["drift"], "sd": mirrored.numbers["sd"], "z": -mirrored.numbers["z"]}
    return msgspec.structs.replace(mirrored, numbers=numbers, words=_drift_words(x, numbers["z"], k, None))


def declining(
    x: Floats,
    window: int = 750,
    block: int = 5,
    blocks: int = 12,
    quantile: float = 0.80,
    retraced_met: float = 0.25,
    params: TrendParams = TrendParams(),
) -> Trial:
    """Coming down from an elevated level. The peak of the last block·blocks observations reaches the `quantile` of the last `window`
    (at least half of it present), the means of the `blocks` non-overlapping blocks fall by Mann–Kendall, and a quarter of the way from
    the peak to the window's median is retraced. Weekly series: block 1, window 150."""
    span = block * blocks
    known = np.arange(len(x)) >= max(window // 2, span) - 1
    threshold, middle = rolling_quantiles(x, last_n(len(x), window), (quantile, 0.5))
    peak = ahead(windows(x, span).max(axis=1), len(x))
    means = windows(x, span).reshape(-1, blocks, block).mean(axis=2)
    trend = _pad_trend(trend_of_rows(means), len(x)) if len(means) else _no_trend(len(x))
    height = peak - middle
    with np.errstate(invalid="ignore", divide="ignore"):
        elevated = peak >= threshold
        retraced = np.where(height > 0, (peak - x) / height, 0.0)
        met = elevated & (trend.p_down <= params.p_met) & (retraced >= retraced_met)
        near = elevated & ((trend.p_down <= params.p_near) | (retraced >= retraced_met / 2))
        progress = np.where(elevated, np.clip(retraced / retraced_met, 0.0, 1.0), 0.0)
    numbers = {"value": x, "peak": peak, "median": middle, "retraced": retraced, "p": trend.p_down, "elevated": elevated.astype(np.float64)}

    def words(row: int) -> str:
        if not elevated[row]:
            return f"{said(x[row], 4)}, was not elevated (peak {said(peak[row], 4)} < {said(threshold[row], 4)})"
        return f"{said(x[row], 4)}, {worded(retraced[row], '.0%')} back from {said(peak[row], 4)}, p {trend.p_down[row]:.2f}"

    return Trial(known, met, near, elevated & (x >= peak), progress, numbers, words)


def accelerating(x: Floats, k: int = 4, ref: int = 8, mult: float = 1.10) -> Trial:
    """Mean of the last k above `mult` times the mean, and above the 75th percentile, of the `ref` before. Opposite: below the mean/`mult`.
    Unknown while that mean is not positive."""
    both = windows(x, k + ref)
    now = ahead(both[:, ref:].mean(axis=1), len(x))
    base = ahead(both[:, :ref].mean(axis=1), len(x))
    upper = ahead(np.percentile(both[:, :ref], 75, axis=1), len(x))
    known = base > 0
    ratio = np.divide(now, base, out=np.full(len(x), np.nan), where=known)
    with np.errstate(invalid="ignore"):
        met = (now > mult * base) & (now > upper)
        progress = np.clip((ratio - 1) / (mult - 1), 0.0, 1.0)
        near, opposite = now > base, now < base / mult
    numbers = {"value": now, "now": now, "base": base, "ratio": ratio}
    return Trial(
        known,
        met,
        near,
        opposite,
        progress,
        numbers,
        lambda row: f"mean of {k} {said(now[row], 4)} against {said(base[row], 4)} before, ×{ratio[row]:.2f}",
    )


def shifting(share_pct: Floats, met_pp: float = 1.0, near_pp: float = 0.5, min_past: int = 8) -> Trial:
    """The share rose by `met_pp` percentage points at the latest decision, and by more than three quarters of the past changes did in
    size (asked only with `min_past` of them). Opposite: it fell by as much."""
    change = np.diff(share_pct, prepend=np.nan)
    past = np.abs(change[1:])
    unusual = [row - 1 < min_past or change[row] >= np.percentile(past[: row - 1], 75) for row in range(1, len(share_pct))]
    with np.errstate(invalid="ignore"):
        met = (change >= met_pp) & np.array([False, *unusual][: len(share_pct)], dtype=np.bool_)
        return Trial(
            known=~np.isnan(change),
            met=met,
            approaching=change >= near_pp,
            opposite=change <= -met_pp,
            progress=np.clip(change / met_pp, 0.0, 1.0),
            numbers={"value": share_pct, "change_pp": change},
            words=lambda row: f"{share_pct[row]:.1f}%, {worded(change[row], '+.1f', 'pp')} at the latest decision",
        )


def fallen(x: Floats, steps: int, by: float, unit: str = "") -> Trial:
    """Lower by at least `by` than `steps` observations ago. Opposite: higher by as much. It has no approaching of its own."""
    change = np.full(len(x), np.nan)
    change[steps:] = x[steps:] - x[:-steps]
    with np.errstate(invalid="ignore"):
        return Trial(
            known=~np.isnan(change),
            met=change <= -by,
            approaching=np.zeros(len(x), np.bool_),
            opposite=change >= by,
            progress=np.clip(-change / by, 0.0, 1.0),
            numbers={"value": x, "change": change},
            words=lambda row: f"{with_unit(said(x[row]), unit)}, {with_unit(said(change[row], 4, '+'), unit)} over {steps}",
        )


def either(a: Trial, b: Trial) -> Trial:
    """One of two tests of the same observations. The opposite needs both opposites."""
    return Trial(
        known=a.known & b.known,
        met=a.met | b.met,
        approaching=a.approaching | b.approaching,
        opposite=a.opposite & b.opposite,
        progress=np.fmax(a.progress, b.progress),
        numbers={**b.numbers, **a.numbers},
        words=lambda row: f"{a.words(row)}; {b.words(row)}",
    )


def _pad_trend(trend: Trend, n: int) -> Trend:
    return Trend(*(ahead(part, n) for part in (trend.s, trend.var, trend.z, trend.p_up, trend.p_down, trend.sen)))


def _no_trend(n: int) -> Trend:
    return Trend(*(np.full(n, np.nan) for _ in range(6)))


def _trends(x: Floats, k: int) -> tuple[Trend, Flags]:
    trend = _pad_trend(trend_of_rows(windows(x, k)), len(x)) if len(x) >= k else _no_trend(len(x))
    return trend, ~np.isnan(trend.s)


def _trend_progress(p: Floats) -> Floats:
    return np.clip((0.5 - p) / 0.4, 0.0, 1.0)


def _trend_numbers(x: Floats, trend: Trend) -> dict[str, Floats]:
    return {"value": x, "S": trend.s, "p": trend.p_up, "sen": trend.sen}


def _trend_words(x: Floats, p: Floats, sen: Floats, k: int) -> Callable[[int], str]:
    return lambda row: f"{said(x[row], 4)}, trend of {k} p {p[row]:.2f}, {said(sen[row], 3, '+')} a step"


def _drift(x: Floats, k: int, sd_win: int) -> tuple[Floats, Floats, Floats, Flags]:
    """Drift over the last k (unit of x), σ of the one-step changes, their ratio scaled to k − 1 steps, and where all are known."""
    n = len(x)
    if n < k + 20:
        nothing = np.full(n, np.nan)
        return nothing, nothing, nothing, np.zeros(n, np.bool_)
    known = np.arange(n) >= k + 19
    drift = ahead(sen_slopes(windows(x, k)) * (k - 1), n)
    sd = ahead(_trailing_sd(np.diff(x), sd_win)[k + 18 :], n)
    z = np.divide(drift, sd * np.sqrt(k - 1), out=np.where(known, 0.0, np.nan), where=known & (sd > 0))
    return drift, sd, z, known


def _trailing_sd(steps: Floats, window: int) -> Floats:
    """Sample standard deviation of the last `window` steps, or of as many as there are, by running sums; 0 for the first."""
    sums = [np.concatenate(([0.0], np.cumsum(power))) for power in (steps, steps * steps)]
    ends = np.arange(1, len(steps) + 1)
    starts = np.maximum(ends - window, 0)
    n = ends - starts
    first, second = (total[ends] - total[starts] for total in sums)
    variance = (second - first * first / n) / np.maximum(n - 1, 1)
    resolution = 1e-13 * sums[1][ends]  # what rounding leaves of no movement at all
    return np.sqrt(np.where(variance > resolution, variance, 0.0))


def _drift_numbers(x: Floats, drift: Floats, sd: Floats, z: Floats) -> dict[str, Floats]:
    return {"value": x, "drift": drift, "sd": sd, "z": z}


def _drift_words(x: Floats, z: Floats, k: int, floor: float | None) -> Callable[[int], str]:
    tail = "" if floor is None else f", floor {worded(floor, 'g')}"
    return lambda row: f"{said(x[row])}, drift of {k} {worded(z[row], '+.2f', 'σ')}{tail}"
