"""The aligned panel: one row a weekday, short gaps carried, rows with an unknown market taken out before any difference."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from .columns import Column
from .stats import Days, Floats, carry_forward

Flags = NDArray[np.bool_]
Native = tuple[Days, Floats]
"""A series' own observations: days since 1970-01-01, ascending, and values."""


class RowParams(msgspec.Struct, frozen=True):
    """How far a value is carried, and which share of the markets must have printed for the newest row to exist."""

    carry: int = 5
    newest_own_share: float = 0.5


STANDING: Mapping[str, str] = MappingProxyType({"carry": "validated", "newest_own_share": "proposal"})


class KnownRows(msgspec.Struct, frozen=True):
    """Aligned yields and other series.

    `yields` and `own` have shape (rows, markets); a row has no unknown yield. `own`: the market printed for that row, it was not carried.
    `others` are series on the same rows, carried, possibly unknown. `removed` are the weekdays taken out since the first of any market.
    `provisional`: the newest row still waits for a market that is not closed.
    """

    days: Days
    markets: tuple[str, ...]
    yields: Floats
    own: Flags
    others: Mapping[str, Column[np.float64]]
    removed: Days
    provisional: bool

    @property
    def own_prints(self) -> int:
        """Markets with an own print on the newest row (the n of `n/N own prints`)."""
        return sum(self.own[-1].tolist()) if len(self.own) else 0

    def yield_of(self, market: str) -> Floats:
        """The carried yields of one market in %; all unknown when it is not in the panel."""
        return self.yields[:, self.markets.index(market)] if market in self.markets else np.full(len(self.days), np.nan)

    def sliced(self, start: int, stop: int) -> "Rows":
        """The rows from `start` to `stop`, its end excluded."""
        others = MappingProxyType({name: x[start:stop] for name, x in self.others.items()})
        cut = slice(start, stop)
        return Rows(self.days[cut], self.markets, self.yields[cut], self.own[cut], others, self.removed, self.provisional)


class Rows(KnownRows, frozen=True):
    """The same of whole series."""

    others: Mapping[str, Floats]  # and those after it once more, to stay in order
    removed: Days
    provisional: bool


def build_rows(
    markets: Mapping[str, Native],
    others: Mapping[str, Native] | None = None,
    closed: Mapping[str, Collection[int]] | None = None,
    params: RowParams = RowParams(),
) -> Rows:
    """Align native series of yields in % on weekdays (a weekend date counts for the next row).

    The last row is the newest for which at least half of the markets printed. `closed`: for each market, the days its calendar calls
    holidays.
    """
    grid = _weekdays(markets.values())
    printed = _on_rows([*markets.values()], grid)
    own = ~np.isnan(printed)
    grid, own = _cut_at_newest(grid, own, params.newest_own_share)

    yields = carry_forward(printed[: len(grid)], params.carry)
    complete = ~np.isnan(yields).any(axis=1) & (len(markets) > 0)
    kept, beside = grid[complete], others or {}
    carried = np.ascontiguousarray(carry_forward(_on_rows([*beside.values()], grid), params.carry)[complete].T)
    return Rows(
        days=kept,
        markets=tuple(markets),
        yields=yields[complete],
        own=own[complete],
        others=MappingProxyType(dict(zip(beside, carried, strict=True))),
        removed=grid[~complete],
        provisional=_is_provisional(kept, own[complete], tuple(markets), closed or {}),
    )


def on_rows(native: Native, grid: Days) -> Floats:
    """A native series on a grid of weekdays, nothing carried; of several values for one row the latest stands."""
    return _on_rows([native], grid)[:, 0]


def _on_rows(natives: Sequence[Native], grid: Days) -> Floats:
    """Several series, one a column."""
    out = np.full((len(grid), len(natives)), np.nan)
    if not natives:
        return out
    days, values = (np.concatenate(parts) for parts in zip(*natives, strict=True))
    column = np.repeat(np.arange(len(natives)), [len(each) for each, _ in natives])
    dates = _next_weekday(days)
    row = np.searchsorted(grid, dates)
    inside = (values == values) & (row < len(grid))  # an unknown value does not equal itself
    inside[inside] = grid[row[inside]] == dates[inside]
    out[row[inside], column[inside]] = values[inside]
    return out


def weekdays(first: int, last: int) -> Days:
    """All Monday–Friday days from `first` to `last`, both included."""
    days = np.arange(first, last + 1, dtype=np.int32)
    return days[_weekday(days) < 5]


def union_of(columns: Sequence[Days]) -> Days:
    """All days of several columns, each once, in order; `np.unique` would load masked arrays to ask whether these are some."""
    days = np.sort(np.concatenate(columns))
    return np.asarray(days[np.append(True, days[1:] != days[:-1])[: len(days)]], np.int32)


def weekdays_between(after: Days, until: Days) -> NDArray[np.int64]:
    """How many Monday–Friday days are later than `after` and not later than `until`; negative where it lies before."""
    return np.asarray(_weekdays_until(until) - _weekdays_until(after), dtype=np.int64)


def _weekdays_until(days: Days) -> NDArray[np.int32]:
    return 5 * ((days + 3) // 7) + np.minimum(_weekday(days) + 1, 5)


def _weekdays(natives: Collection[Native]) -> Days:
    known = [_next_weekday(days[~np.isnan(values)]) for days, values in natives]
    known = [days for days in known if len(days)]
    if not known:
        return np.array([], dtype=np.int32)
    return weekdays(min(int(days[0]) for days in known), max(int(days[-1]) for days in known))


def _weekday(days: Days) -> NDArray[np.int32]:
    return (days + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0


def _next_weekday(days: Days) -> Days:
    weekday = _weekday(days)
    return np.where(weekday > 4, days + 7 - weekday, days)


def _cut_at_newest(grid: Days, own: Flags, share: float) -> tuple[Days, Flags]:
    enough = np.flatnonzero(own.sum(axis=1) >= share * max(own.shape[1], 1))
    end = enough[-1] + 1 if len(enough) else 0
    return grid[:end], own[:end]


def _is_provisional(days: Days, own: Flags, markets: tuple[str, ...], closed: Mapping[str, Collection[int]]) -> bool:
    if len(days) == 0:
        return False
    waiting = (name for name, printed in zip(markets, own[-1], strict=True) if not printed)
    return any(int(days[-1]) not in closed.get(name, ()) for name in waiting)
