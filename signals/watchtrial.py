"""A condition's operator applied to its observations, with the three tests that are made of several."""


import msgspec
import numpy as np

from . import operators as op
from . import watchspec as spec
from .persistence import Trial
from .stats import BP_PER_PERCENT, Floats, native_changes, sigma
from .watchinput import Native, beside
from .windows import Flags, last_n, rolling_quantiles, trailing_minimum
from .wording import worded


def trial_of(measure: spec.Measure, x: Native, second: Native | None = None) -> Trial:
    """What the measure's operator says at each observation. `second` is the other series of a drawdown, where it exists."""
    values, unit = x.values, measure.unit
    match measure.operator:
        case spec.Sustained(level, n, grace, side, margin):
            return op.sustained(values, level, 1 if side == "above" else -1, n, grace, margin, unit, _daily_sigma(x, 0.0))
        case spec.Widening(k):
            return op.widening(values, k)
        case spec.Narrowing(k):
            return op.narrowing(values, k)
        case spec.Growing(k):
            return op.growing(values, k)
        case spec.Stabilising(k, floor, flat, sd_win):
            return op.stabilising(values, k, floor, flat, sd_win)
        case spec.NotRising(k, flat, sd_win):
            return op.not_rising(values, k, flat, sd_win)
        case spec.NotFalling(k, flat, sd_win):
            return op.not_falling(values, k, flat, sd_win)
        case spec.Recovering() as recovering:
            return _recovering(values, recovering)
        case spec.FloorFound() as floor_found:
            return _floor_found(values, floor_found)
        case spec.Declining(window, block, blocks, quantile, retraced):
            return op.declining(values, window, block, blocks, quantile, retraced)
        case spec.Accelerating(k, ref, mult):
            return op.accelerating(values, k, ref, mult)
        case spec.Shifting(met_pp, near_pp):
            return op.shifting(values, met_pp, near_pp)
        case spec.Fallen(steps, by):
            return op.fallen(values, steps, by, unit)
        case spec.Drawdown() as drawdown:
            return _drawdown(x, drawdown, second, unit)
        case spec.Judgement():
            raise ValueError("a judgement has no observations to try")


def level_trial(level: spec.Level, x: Native) -> Trial:
    """Beyond the level now; approaching within `margin_sigmas` daily σ, told in bp for yields."""
    in_bp = level.unit == "bp"
    scale, floor_bp = (BP_PER_PERCENT, 2.0) if in_bp else (1.0, 0.0)
    daily = _daily_sigma(x, floor_bp / scale)
    trial = op.sustained(x.values, level.level, 1 if level.side == "above" else -1, 1, margin=level.margin_sigmas * daily)

    def words(row: int) -> str:
        gap = level.level - x.values[row]
        in_sigmas = f" ({worded(gap / daily[row], '+.1f', 'σ')})" if daily[row] > 0 else ""
        away = worded(gap * scale, f"+.{0 if in_bp else 2}f", level.unit)
        return f"{worded(x.values[row], f'.{3 if in_bp else 2}f')}, {away} to {worded(level.level, 'g')}{in_sigmas}"

    return msgspec.structs.replace(trial, words=words, numbers={**trial.numbers, "sigma": daily})


def _daily_sigma(x: Native, floor: float) -> Floats:
    """Daily σ in the unit of x, through the observation before; unknown for short histories."""
    return sigma(native_changes(x.days, x.values) / BP_PER_PERCENT, floor).used


def _recovering(x: Floats, params: spec.Recovering) -> Trial:
    """Stabilising or growing, and the minimum of the last year lies in the lowest tenth of ten years."""
    trial = op.either(op.stabilising(x, params.k, None, params.flat, params.sd_win), op.growing(x, params.k))
    lowest = trailing_minimum(x, params.low_window)
    (threshold,) = rolling_quantiles(x, last_n(len(x), params.within), (params.quantile,))
    with np.errstate(invalid="ignore"):
        low = lowest <= threshold

    def words(row: int) -> str:
        return trial.words(row) + ("" if low[row] else f"; no recent low ({op.said(lowest[row])} > {op.said(threshold[row])})")

    return Trial(
        known=trial.known & (np.arange(len(x)) >= max(params.min_obs, params.low_window) - 1),
        met=trial.met & low,
        approaching=trial.approaching & low,
        opposite=trial.opposite & low,
        progress=np.where(low, trial.progress, 0.0),
        numbers={**trial.numbers, "low": lowest, "low_threshold": threshold},
        words=words,
    )


def _floor_found(x: Floats, params: spec.FloorFound) -> Trial:
    """Not falling, and the newest k all stand above the minimum of the window. One of the two is approaching."""
    trial = op.not_falling(x, params.k, params.flat, params.sd_win)
    lowest = trailing_minimum(x, params.low_window)
    with np.errstate(invalid="ignore"):
        older = trailing_minimum(x, params.k) > lowest
    return Trial(
        known=trial.known & ~np.isnan(lowest),
        met=trial.met & older,
        approaching=trial.met | (older & trial.approaching),
        opposite=trial.opposite,
        progress=np.where(older, trial.progress, trial.progress / 2),
        numbers={**trial.numbers, "low": lowest},
        words=lambda row: f"{trial.words(row)}; low of {params.low_window} {op.said(lowest[row])}" + ("" if older[row] else ", too fresh"),
    )


def _drawdown(x: Native, params: spec.Drawdown, second: Native | None, unit: str) -> Trial:
    """Fallen, and at the same time the second series above its median of `years` years; the fall alone is approaching."""
    fall = op.fallen(x.values, params.steps, params.by, unit)
    confirmed, asked = _above_median(second, x, params.years)

    def words(row: int) -> str:
        issuance = "unknown" if not asked[row] else "above its median" if confirmed[row] else "not above its median"
        return f"{fall.words(row)}; issuance {issuance}"

    return msgspec.structs.replace(fall, met=fall.met & confirmed, approaching=fall.met, words=words)


def _above_median(series: Native | None, x: Native, years: float) -> tuple[Flags, Flags]:
    """At each observation of x: does the series stand above its median of the years before, and is that known (half of them at hand)?"""
    if series is None or len(series) == 0:
        return np.zeros(len(x), np.bool_), np.zeros(len(x), np.bool_)
    span = round(365.25 * years)
    (median,) = rolling_quantiles(series.values, np.searchsorted(series.days, series.days - span, side="right"), (0.5,))
    enough = series.days - series.days[0] >= span // 2
    gap = msgspec.structs.replace(series, values=np.where(enough, series.values - median, np.nan))
    lead = beside(gap, x)
    with np.errstate(invalid="ignore"):
        return lead > 0, ~np.isnan(lead)
