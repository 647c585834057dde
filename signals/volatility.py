"""Realised volatility in three units. The sign of "this market against that one" depends on the unit, so every number carries it."""

import math
from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from .stats import Days, Floats, SigmaParams, ewma_mean_square, native_changes

DAYS_A_YEAR = 252
BP_PER_PERCENT = 100.0
HOUSE_SIGMA = SigmaParams()


class VolatilityParams(msgspec.Struct, frozen=True):
    """What a window needs, and below which yield (%) a relative volatility says nothing."""

    min_changes: int = 40
    min_log_yield: float = 0.25
    max_gap_days: int = 12


STANDING: Mapping[str, str] = MappingProxyType({"min_changes": "proposal", "min_log_yield": "proposal", "max_gap_days": "validated"})


class RealisedVolatility(msgspec.Struct, frozen=True):
    """Volatility over one window: `bp_yr` in bp a year, `price_pct` and `log_yield_pct` in % a year, `md` in years, `n` changes.

    `window` is (first day, last day). `log_yield_pct` is None unless the yield stayed above 0.25 %. `ratio_us` compares bp_yr.
    """

    bp_yr: float | None
    price_pct: float | None
    log_yield_pct: float | None
    md: float | None
    n: int
    window: tuple[int, int]
    ratio_us: float | None = None


def par_modified_duration(y_percent: float, years: float) -> float:
    """Modified duration (years) of a par bond with semi-annual coupons: MD = (1 − (1 + y/2)^(−2T))/y, and T at y = 0."""
    y = y_percent / 100.0
    if y == 0.0:
        return float(years)
    return -math.expm1(-2.0 * years * math.log1p(y / 2.0)) / y


def par_modified_durations(y_percent: Floats, years: float) -> Floats:
    """The same for every row; unknown where the yield is."""
    y = y_percent / 100.0
    out: Floats = np.where(np.isnan(y), np.nan, float(years))
    np.divide(-np.expm1(-2.0 * years * np.log1p(y / 2.0)), y, out=out, where=~np.isnan(y) & (y != 0.0))
    return out


def annualised_bp(sigma_bp_day: float) -> float:
    """bp a day to bp a year: √252."""
    return math.sqrt(DAYS_A_YEAR) * sigma_bp_day


def price_volatility_pct(bp_yr: float, md_years: float) -> float:
    """bp a year to % of price a year."""
    return bp_yr * md_years / BP_PER_PERCENT


def realised_volatility(
    days: Days, yields: Floats, tenor_years: float, window: tuple[int, int], params: VolatilityParams = VolatilityParams()
) -> RealisedVolatility:
    """Zero-mean volatility of the changes dated within `window` (days, both ends included); `yields` in % on native dates.

    Fewer than 40 changes → unknown. The modified duration is a par bond's at the mean yield of the window.
    """
    own = yields == yields  # an unknown value does not equal itself
    days, yields = days[own], yields[own]
    first, stop = (int(each) for each in np.searchsorted(days, np.array([window[0], window[1] + 1], days.dtype)))
    change_bp = native_changes(days, yields, params.max_gap_days)[first:stop]
    rows = first + np.flatnonzero(change_bp == change_bp)
    n = len(rows)
    if n < params.min_changes:
        return RealisedVolatility(None, None, None, None, n, window)
    moved = change_bp[rows - first]
    bp_yr = annualised_bp(math.sqrt(float(moved.dot(moved)) / n))
    md = par_modified_duration(float(yields[first:stop].sum()) / (stop - first), tenor_years)
    start, end = yields[rows - 1], yields[rows]
    log_pct = None
    if min(start.min(), end.min()) > params.min_log_yield:
        logs = np.log(end / start)
        log_pct = 100.0 * math.sqrt(DAYS_A_YEAR * float(logs.dot(logs)) / n)
    return RealisedVolatility(bp_yr, price_volatility_pct(bp_yr, md), log_pct, md, n, window)


class YearToDate:
    """`realised_volatility` of one calendar year, from its `first` day through any of its observations; all but the sums is done once.

    `days` and `yields` (%) are the year's, and the observation before.
    """

    def __init__(self, days: Days, yields: Floats, tenor_years: float, first: int, params: VolatilityParams = VolatilityParams()) -> None:
        self._days, self._years, self._first_day, self._params = days, tenor_years, first, params
        own = yields == yields  # an unknown value does not equal itself
        self._count: list[int] = np.cumsum(own).tolist()  # of what follows, sums through each
        days, yields = days[own], yields[own]
        self._first = int(days.searchsorted(np.int32(first)))
        change_bp = native_changes(days, yields, params.max_gap_days)[self._first :]
        rows = self._first + np.flatnonzero(change_bp == change_bp)
        start, end = yields[rows - 1], yields[rows]
        least = np.minimum.accumulate(np.minimum(start, end))
        above = int(np.count_nonzero(least > params.min_log_yield))  # it never rises
        self._changes: list[int] = rows.searchsorted(np.arange(len(days) + 1)).tolist()
        self._levels, self._squares, self._log_squares = (
            np.cumsum(x).tolist()
            for x in (yields[self._first :], change_bp[rows - self._first] ** 2, np.log(end[:above] / start[:above]) ** 2)
        )

    def through(self, place: int) -> RealisedVolatility:
        """Volatility through one of the given observations."""
        window, known = (self._first_day, self._days.item(place)), self._count[place]
        n = self._changes[known]
        if n < self._params.min_changes:
            return RealisedVolatility(None, None, None, None, n, window)
        bp_yr, in_year = annualised_bp(math.sqrt(self._squares[n - 1] / n)), known - self._first
        md = par_modified_duration(self._levels[in_year - 1] / in_year, self._years)
        log_pct = 100.0 * math.sqrt(DAYS_A_YEAR * self._log_squares[n - 1] / n) if n <= len(self._log_squares) else None
        return RealisedVolatility(bp_yr, price_volatility_pct(bp_yr, md), log_pct, md, n, window)


def slow_volatility_bp_yr(change_bp: Floats, params: SigmaParams = HOUSE_SIGMA) -> Floats:
    """The slow EWMA σ through each row, in bp a year, without a floor; `change_bp` native daily changes."""
    slow: Floats = np.sqrt(DAYS_A_YEAR * ewma_mean_square(change_bp, params.lam_slow, params.min_slow))
    return slow


def year_to_date(day: int) -> tuple[int, int]:
    """The default window: from 1 January of the day's calendar year through the day."""
    date = np.datetime64(int(day), "D")
    return int(date.astype("datetime64[Y]").astype("datetime64[D]").astype(np.int64)), int(day)


def ratio(own: RealisedVolatility, us: RealisedVolatility) -> float | None:
    """Own volatility over that of the US, always in bp a year."""
    return own.bp_yr / us.bp_yr if own.bp_yr is not None and us.bp_yr else None
