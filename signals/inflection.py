"""Critical inflection: does marginal demand still rise with supply? d(demand)/d(supply) by month.

Slope: Theil–Sen with rank interval (Sen 1968; Gilbert 1987). States and thresholds are rules of thumb.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from .clauses import is_known
from .stats import Floats, changes, known_or_none
from .wording import worded

ABSORBING, ADVERSE, WITHDRAWAL, EASING = "absorbing", "adverse", "withdrawal", "easing"
INFLECTED, WATCH, STABLE, UNDEFINED = "inflected", "watch", "stable", "undefined, quadrant only"


class InflectionParams(msgspec.Struct, frozen=True):
    """Windows in months; shares of the window's mean |supply|; normal quantile of the two-sided 80 % interval."""

    window: int = 12
    min_months: int = 10
    history: int = 60
    quadrant_months: int = 3
    pair_share: float = 0.01
    undefined_share: float = 0.05
    quantile: float = 1.2816
    months_running: int = 2


STANDING: Mapping[str, str] = MappingProxyType(
    {name: "published" if name == "quantile" else "proposal" for name in InflectionParams.__struct_fields__}
)
_DEFAULT = InflectionParams()


class Slope(msgspec.Struct, frozen=True):
    """Theil–Sen slope and its 80 % interval; an end is None where too few pairs remain to bound it."""

    b: float | None
    lo: float | None
    hi: float | None
    pairs: int


class InflectionHistory(msgspec.Struct, frozen=True):
    """One value per month, oldest first; words are None where unknown.

    `b_hist` holds the median of b over five years and its 10 and 90 % points.
    """

    b: Floats
    lo: Floats
    hi: Floats
    b_hist: NDArray[np.float64]  # months × (median, 10 %, 90 %)
    quadrant: tuple[str | None, ...]
    state: tuple[str | None, ...]


class Inflection(msgspec.Struct, frozen=True):
    """The reading of one month. `as_of` is the month-end in days since 1970."""

    b: float | None
    lo: float | None
    hi: float | None
    b_hist: tuple[float, float, float] | None
    quadrant: str | None
    state: str | None
    markets: tuple[str, ...]
    missing: tuple[str, ...]
    as_of: int


class Pooled(msgspec.Struct, frozen=True):
    """Supply and demand summed over the markets that have data, the missing named."""

    supply: Floats
    demand: Floats
    markets: tuple[str, ...]
    missing: tuple[str, ...]


def theil_sen(d_supply: Floats, d_demand: Floats, min_gap: float, quantile: float = 1.2816) -> Slope:
    """Median of the pairwise slopes of Δdemand on Δsupply over pairs whose Δsupply differ by more than `min_gap`, with the rank interval.

    With N slopes sorted and C = quantile·√(n(n−1)(2n+5)/18) the interval runs from slope (N − C)/2 to (N + C)/2 + 1, counted from one.
    """
    slopes, pairs = theil_sen_rows(d_supply[None], d_demand[None], np.array([min_gap]), quantile)
    b, lo, hi = (known_or_none(value) for value in slopes[0])
    return Slope(b, lo, hi, int(pairs[0]))


def theil_sen_rows(d_supply: Floats, d_demand: Floats, min_gap: Floats, quantile: float) -> tuple[Floats, NDArray[np.int64]]:
    """`theil_sen` of many windows at once, (windows, months): slope, lower and upper end of each (NaN where there is none), and pairs."""
    first, second = np.triu_indices(d_supply.shape[1], 1)
    gap, rise = d_supply[:, second] - d_supply[:, first], d_demand[:, second] - d_demand[:, first]
    wide = (np.abs(gap) > min_gap[:, None]) & ~np.isnan(rise)
    slopes = np.full((len(gap), gap.shape[1] + 1), np.nan)
    np.divide(rise, gap, out=slopes[:, :-1], where=wide)
    slopes.sort(axis=1)  # unknown ones go last
    pairs = wide.sum(axis=1)
    n = np.count_nonzero(~np.isnan(d_supply + d_demand), axis=1)
    c = quantile * np.sqrt(n * (n - 1) * (2 * n + 5) / 18)

    def at(rank: NDArray[np.int64]) -> Floats:
        """Slope of that rank, counted from one."""
        inside = (rank >= 1) & (rank <= pairs)
        picked = np.take_along_axis(slopes, np.clip(rank - 1, 0, slopes.shape[1] - 1)[:, None], axis=1)[:, 0]
        return np.where(inside, picked, np.nan)

    middle = (at((pairs + 1) // 2) + at(pairs // 2 + 1)) / 2
    lo, hi = (np.floor(each).astype(np.int64) for each in ((pairs - c) / 2 + 0.5, (pairs + c) / 2 + 1.5))
    return np.column_stack([middle, at(lo), at(hi)]), pairs


def quadrant(d_supply: float | None, d_demand: float | None) -> str | None:
    """The word for a change of supply and of demand. A ratio alone misleads: both falling also gives a positive derivative."""
    if not is_known(d_supply) or not is_known(d_demand):
        return None
    if d_supply > 0:
        return ABSORBING if d_demand >= 0 else ADVERSE
    return EASING if d_demand >= 0 else WITHDRAWAL


def inflection_history(supply: Floats, demand: Floats, params: InflectionParams = _DEFAULT) -> InflectionHistory:
    """Slope, interval, quadrant and state for every month.

    `supply` and `demand`: 3-month sums in 10-year equivalents by month-end, oldest first (net coupon supply; non-dealer awards).
    """
    months = len(supply)
    d_supply, d_demand = changes(supply), changes(demand)
    wide_supply, wide_demand = changes(supply, params.quadrant_months), changes(demand, params.quadrant_months)
    mean_size = _trailing_mean(np.abs(supply), params.window)
    slopes = np.full((months, 3), np.nan)
    counts = _trailing_count(~(np.isnan(d_supply) | np.isnan(d_demand)), params.window)
    quadrants = tuple(quadrant(float(x), float(y)) for x, y in zip(wide_supply, wide_demand, strict=True))
    enough = (counts >= params.min_months) & ~np.isnan(mean_size)
    spans = [_trailing(each, params.window)[enough] for each in (d_supply, d_demand)]
    slopes[enough] = theil_sen_rows(spans[0], spans[1], params.pair_share * mean_size[enough], params.quantile)[0]
    b, lo, hi = slopes.T
    bad = np.array([word in (ADVERSE, WITHDRAWAL) for word in quadrants], dtype=np.bool_)
    inflected = _trailing_count(bad & (hi < 0), params.months_running) == params.months_running
    undefined = np.abs(wide_supply) < params.undefined_share * mean_size
    judged = (counts >= params.min_months) & ~np.isnan(wide_supply) & ~np.isnan(wide_demand)
    states = np.select(
        [~judged, undefined, inflected, bad | (b < 0), ~np.isnan(b)], ["", UNDEFINED, INFLECTED, WATCH, STABLE], default=""
    ).tolist()
    words = tuple(state or None for state in states)
    return InflectionHistory(b, lo, hi, _trailing_quantiles(b, params.history), quadrants, words)


def inflection_at(
    history: InflectionHistory, month: int, as_of: int, markets: tuple[str, ...], missing: tuple[str, ...] = ()
) -> Inflection:
    """The reading of one row of a history."""
    usual = history.b_hist[month]
    return Inflection(
        known_or_none(history.b[month]),
        known_or_none(history.lo[month]),
        known_or_none(history.hi[month]),
        None if np.isnan(usual).any() else (float(usual[0]), float(usual[1]), float(usual[2])),
        history.quadrant[month],
        history.state[month],
        markets,
        missing,
        as_of,
    )


def pool(markets: Mapping[str, tuple[Floats, Floats]], weights: Mapping[str, float], params: InflectionParams = _DEFAULT) -> Pooled:
    """Weighted sum of (supply, demand) over the markets whose last 13 months are complete; the others are missing, and named.

    All on the same months; weights bring them to one currency and duration.
    Months in which one of the pooled markets has no data are unknown: a market's entry must not read as new supply.
    """
    recent = params.window + 1
    used = tuple(
        name
        for name, (supply, demand) in markets.items()
        if len(supply) >= recent and not np.isnan(supply[-recent:]).any() and not np.isnan(demand[-recent:]).any()
    )
    months = max((len(supply) for supply, _ in markets.values()), default=0)
    start = np.zeros(months) if used else np.full(months, np.nan)
    supply = sum((weights[name] * markets[name][0] for name in used), start)
    demand = sum((weights[name] * markets[name][1] for name in used), start)
    return Pooled(supply, demand, used, tuple(name for name in markets if name not in used))


def inflected_text(common_move: float | None, rho_pct: float | None, h: float | None) -> str:
    """What to watch once demand falls as supply rises, with the live state of each: m in σ, percentile of ρ̄ (0…1), gate H (0…1)."""
    repricing = f" (m {worded(common_move, '+.2f', 'σ')})" if is_known(common_move) else " (m unknown)"
    convergence = f" (ρ̄ p{100 * rho_pct:.0f})" if is_known(rho_pct) else " (ρ̄ unknown)"
    stress = f" (H {h:.2f})" if is_known(h) else " (H unknown)"
    return f"d(Demand)/d(Supply) < 0: watch global repricing{repricing} → convergence{convergence} → cross-asset stress{stress}"


def _trailing_count(flags: NDArray[np.bool_], window: int) -> NDArray[np.int_]:
    total = np.concatenate(([0], np.cumsum(flags)))
    rows = np.arange(1, len(flags) + 1)
    return total[rows] - total[np.maximum(rows - window, 0)]


def _trailing(x: Floats, window: int) -> Floats:
    """The last `window` values of each row, (rows, window); unknown before the first."""
    padded = np.concatenate([np.full(window - 1, np.nan), x])
    return np.lib.stride_tricks.sliding_window_view(padded, window) if len(x) else np.zeros((0, window))


def _trailing_mean(x: Floats, window: int) -> Floats:
    """Mean of the known values among the last `window`."""
    spans = _trailing(x, window)
    known = ~np.isnan(spans)
    total, n = np.where(known, spans, 0.0).sum(axis=1), known.sum(axis=1)
    mean: Floats = np.divide(total, n, out=np.full(len(x), np.nan), where=n > 0)
    return mean


def _trailing_quantiles(b: Floats, window: int) -> Floats:
    """Median, 10 % and 90 % point (linear interpolation) of the known values among the last `window`, per row."""
    ordered = np.sort(_trailing(b, window), axis=1)  # unknown ones go last
    last = np.count_nonzero(~np.isnan(ordered), axis=1) - 1
    out = np.full((len(b), 3), np.nan)
    some = last >= 0
    for column, share in enumerate((0.5, 0.1, 0.9)):
        place = share * last[some]
        low = np.floor(place).astype(np.int64)
        below, above = (np.take_along_axis(ordered[some], np.minimum(p, last[some])[:, None], axis=1)[:, 0] for p in (low, low + 1))
        out[some, column] = below + (place - low) * (above - below)
    return out
