"""From native series to the observations that a condition looks at: spread, share, weekly values, month turns taken out."""

from collections.abc import Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from .stats import BP_PER_PERCENT, Days, Floats
from .watchspec import Drawdown, Measure

MAX_AGE_DAYS = 12  # a second leg that is older does not make a spread
REFUNDING_MONTHS = (2, 5, 8, 11)  # the month-ends after the quarterly refundings

Inputs = Mapping[str, "Native"]


class Native(msgspec.Struct, frozen=True):
    """Own observations, oldest first, none missing. `known[i]` is the first day on which observation i could be known, never decreasing."""

    days: Days
    values: Floats
    known: Days

    def __len__(self) -> int:
        return len(self.days)

    @classmethod
    def of(cls, days: Days, values: Floats, known: Days | None = None) -> "Native":
        """From arrays that may hold NaN; without `known`, an observation is known on its own day."""
        own = ~np.isnan(values)
        since = np.maximum.accumulate((days if known is None else known)[own])
        return cls(days[own], values[own], since)

    def rows_known(self, days: Days) -> NDArray[np.int64]:
        """For each day, the newest observation known on it; −1 before the first."""
        return np.searchsorted(self.known, days, side="right") - 1

    def row_known(self, day: int) -> int:
        """The newest observation known on a day; −1 before the first."""
        return int(self.known.searchsorted(self.known.dtype.type(day), "right")) - 1

    def only(self, keep: NDArray[np.bool_]) -> "Native":
        """The observations at `keep`."""
        return Native(self.days[keep], self.values[keep], self.known[keep])


def measured(measure: Measure, inputs: Inputs, last_day: int, holidays: Days) -> Native | None:
    """The observations of one measure, in its unit; None without a source.

    Args:
        last_day: the newest day of the history: weeks without an operation count until then.
        holidays: weekdays without business, to tell the last business day of a month that has not ended.
    """
    needed = measure.series[:1] if isinstance(measure.operator, Drawdown) else measure.series
    legs = [inputs[name] for name in needed if name in inputs and len(inputs[name])]
    if not legs or len(legs) < len(needed):
        return None
    match measure.input:
        case "spread_bp":
            whole = _spread_bp(*legs)
        case "share_pct":
            whole = _share_pct(*legs)
        case "value":
            whole = legs[0]
    match measure.sample:
        case "all":
            return whole
        case "without_month_turn":
            return whole.only(~month_turns(whole.days, holidays))
        case "refunding_months":
            months = whole.days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
            return whole.only(np.isin(months, REFUNDING_MONTHS))
        case "week_mean" | "week_sum" | "week_last":
            return _weekly(whole, measure.sample, last_day)


def beside(series: Native, x: Native, max_age_days: int = MAX_AGE_DAYS) -> Floats:
    """For each observation of x, the series' newest value that was known with it and dated no later; NaN where it is too old.

    What came later is not put in afterwards: an observation stays what it was.
    """
    if len(series) == 0:
        return np.full(len(x), np.nan)
    dated = np.searchsorted(series.days, x.days, side="right")
    rows = np.minimum(dated, np.searchsorted(series.known, x.known, side="right")) - 1
    there = (rows >= 0) & (x.days - series.days[rows] <= max_age_days)
    return np.where(there, series.values[rows], np.nan)


def month_turns(days: Days, holidays: Days) -> NDArray[np.bool_]:
    """Which observations fall on the last business day of a month or the business day on either side.

    Business days are the observations themselves and, after the newest one, weekdays that are no holidays.
    """
    if len(days) == 0:
        return np.zeros(0, np.bool_)
    ahead = np.arange(days[-1] + 1, days[-1] + 40)
    ahead = ahead[((ahead + 3) % 7 < 5) & ~np.isin(ahead, holidays)]
    months = np.concatenate((days, ahead)).astype("datetime64[D]").astype("datetime64[M]")
    last = np.append(months[1:] != months[:-1], False)
    near = last.copy()
    near[1:] |= last[:-1]
    near[:-1] |= last[1:]
    return near[: len(days)]


def _spread_bp(a: Native, b: Native) -> Native:
    spread = np.round(BP_PER_PERCENT * (a.values - beside(b, a)), 6)  # 4.33 − 4.33 is 0, and −2 bp is −2 bp
    return Native.of(a.days, spread, a.known)


def _share_pct(part: Native, whole: Native) -> Native:
    days, i, j = np.intersect1d(part.days, whole.days, return_indices=True)
    return Native.of(days, 100.0 * part.values[i] / whole.values[j], np.maximum(part.known[i], whole.known[j]))


def _weekly(x: Native, how: str, last_day: int) -> Native:
    """One value a week, Monday to Sunday, dated on its Friday and known from the Monday after. Sums count empty weeks as 0."""
    weeks = (x.days + 3) // 7
    ends = np.append(np.flatnonzero(np.diff(weeks)), len(weeks) - 1)
    starts = np.concatenate(([0], ends[:-1] + 1))
    sums = np.add.reduceat(x.values, starts)
    value = {"week_sum": sums, "week_mean": sums / (ends - starts + 1), "week_last": x.values[ends]}[how]
    number, known = weeks[ends], x.known[ends]
    if how == "week_sum":
        every = np.arange(number[0], max(number[-1], (last_day + 3) // 7) + 1)
        filled, seen = np.zeros(len(every)), np.zeros(len(every), np.int64)
        filled[number - number[0]], seen[number - number[0]] = value, known
        number, value, known = every, filled, seen
    return Native.of((7 * number + 1).astype(np.int32), value, np.maximum(7 * number + 4, known).astype(np.int32))
