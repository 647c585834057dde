"""The aligned panel as it was known at any moment: settled rows are shared, the newest carried on or, where need be, laid out anew."""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import msgspec
import numpy as np

from ...feeds.calendars import calendar
from ..columns import Column, Continued
from ..inputs import Inputs, Moment
from ..known import Seen
from ..rows import KnownRows, Native, Rows, build_rows
from ..stats import Days, Floats

LOOK_BACK = 30  # rows laid out anew; more than any holiday and every carried value need
CARRIED_FROM = 14  # calendar days before them from which a value could still be carried

Clean = Callable[[str, int], Floats]
"""The first n values of a series as they were believed then."""


class View(msgspec.Struct, frozen=True):
    """The rows known at a moment. `first` says for each column (a market or another series) from which row on it differs from the whole
    history; the number of rows where it does not.
    """

    rows: KnownRows
    first: Mapping[str, int]

    @property
    def last(self) -> int:
        """Index of the newest row, -1 for none."""
        return len(self.rows.days) - 1

    def first_of(self, *columns: str) -> int:
        """From which row on any of these columns differs."""
        return min(self.first[name] for name in columns)


class _Landed:
    """On which `row` of the whole history each observation of a column came to lie; one more stands for those to come."""

    def __init__(self, rows: Days, days: Days, values: Floats) -> None:
        self.row: Callable[[int], int] = np.append(np.searchsorted(rows, days), len(rows)).item
        self._days, self._values = days, values
        self.is_complete = not np.isnan(values).any()

    def is_doubtful(self, n: int) -> bool:
        """Whether the last of n was left out of the history, for what only came later."""
        return n > 0 and bool(self._values[n - 1] != self._values[n - 1])  # an unknown value does not equal itself

    def carried(self, n: int, days: Days, limit: int) -> list[float] | None:
        """The last of n carried on to the days of some rows; None where two observations count for the first of them."""
        if n == 0:
            return [math.nan] * len(days)
        if self.row(n - 1) == self.row(n):
            return None
        value, day = float(self._values[n - 1]), int(self._days[n - 1])
        until = _weekdays_until(day) + limit + ((day + 3) % 7 > 4)  # a weekend date counts for the next row
        return [value if _weekdays_until(each) <= until else math.nan for each in days.tolist()]


def _weekdays_until(day: int) -> int:
    """Mondays to Fridays of all weeks up to a day."""
    return 5 * ((day + 3) // 7) + min((day + 3) % 7 + 1, 5)


class AlignedPart:
    """Rows of one set of markets; `markets` and `others` name the series of each column."""

    def __init__(self, inputs: Inputs, markets: Mapping[str, str], others: Mapping[str, str], clean: Clean) -> None:
        self._inputs, self._markets, self._others, self._clean = inputs, dict(markets), dict(others), clean
        self._columns = {**self._markets, **self._others}
        self._of_columns = tuple(self._columns.values())
        natives = {name: self._from(each, 0, len(inputs.native(each)[0])) for name, each in self._columns.items()}
        self.whole = self._build(natives)
        self._landed = {name: _Landed(self.whole.days, *native) for name, native in natives.items()}
        self._doubtful = tuple(name for name, each in self._landed.items() if not each.is_complete)
        self._asked: Seen | None = None
        self._found: tuple[tuple[int, ...], View] | None = None

    @property
    def series(self) -> tuple[str, ...]:
        """The series of the markets."""
        return tuple(self._markets.values())

    def series_of(self, column: str) -> str:
        """The series of a column."""
        return self._columns[column]

    def view(self, moment: Moment) -> View:
        """What was known at a moment."""
        now = self._inputs.seen(moment)
        if self._found is None or self._asked is not now:
            known = self._inputs.counts(self._of_columns, moment)
            if self._found is None or self._found[0] != known:
                counts = dict(zip(self._columns, known, strict=True))
                self._found = known, self._continued(counts) or self._laid_out(counts)
            self._asked = now
        return self._found[1]

    def provisional(self, view: View) -> bool:
        """Whether the newest row waits for a market that its calendar says was open."""
        if view.last < 0:
            return False
        day = int(view.rows.days[-1])
        waiting = (each for each, printed in zip(self.series, view.rows.own[-1], strict=True) if not printed)
        return any(calendar(self._inputs.catalogue[each].calendar).is_open(day) for each in waiting)

    def _from(self, series_id: str, start: int, n: int) -> Native:
        """Observations `start` to n as known then."""
        return self._inputs.native(series_id)[0][start:n], self._clean(series_id, n)[start:]

    def _build(self, natives: Mapping[str, Native]) -> Rows:
        markets = {name: natives[name] for name in self._markets}
        others = {name: natives[name] for name in self._others}
        return build_rows(markets, others, params=self._inputs.settings.rows)

    def _continued(self, counts: Mapping[str, int]) -> View | None:
        """The view where all that differs are values carried on because the next had not come yet, as on nearly every day; else None."""
        whole, limit = self.whole, self._inputs.settings.rows.carry
        late = {name: self._landed[name].row(n) for name, n in counts.items()}
        length = self._length(counts)
        if length == 0 or any(self._landed[name].is_doubtful(counts[name]) for name in self._doubtful):
            return None
        first = dict.fromkeys(counts, length)
        tails: dict[str, list[float]] = {}
        for name, row in late.items():
            if row >= length:
                continue
            tail = self._landed[name].carried(counts[name], whole.days[row:length], limit)
            if tail is None or (name in self._markets and tail[-1] != tail[-1]):  # once a value is too old it stays so
                return None
            tails[name] = tail
            first[name] = row if name in self._markets else row + _equal(whole.others[name][row:length], tail)
        return View(_with_tails(whole.sliced(0, length), tails), MappingProxyType(first))

    def _length(self, counts: Mapping[str, int]) -> int:
        """How many rows there are; 0 where that is not easily told."""
        whole = self.whole
        newest = [self._landed[name].row(counts[name] - 1) if counts[name] else -1 for name in self._markets]
        last = max(newest, default=-1)
        needed = self._inputs.settings.rows.newest_own_share * max(len(newest), 1)
        for row in range(min(last, len(whole.days) - 1), max(last - LOOK_BACK, -1), -1):
            if sum(own and known >= row for own, known in zip(whole.own[row].tolist(), newest, strict=True)) >= needed:
                return row + 1
        return 0

    def _laid_out(self, counts: Mapping[str, int]) -> View:
        """The view with its newest rows laid out anew."""
        whole = self.whole
        newest = max((self._day(name, n) for name, n in counts.items() if name in self._markets), default=0)
        start = max(int(whole.days.searchsorted(np.int32(newest))) - LOOK_BACK, 0)
        if len(whole.days) == 0 or min(counts[name] for name in self._markets) == 0:
            return View(whole.sliced(0, 0), MappingProxyType(dict.fromkeys(counts, 0)))
        since = int(whole.days[start]) if start else 0
        natives = {}
        for name, n in counts.items():
            days = self._inputs.native(self._columns[name])[0]
            natives[name] = self._from(self._columns[name], int(days[:n].searchsorted(np.int32(since - CARRIED_FROM))) if start else 0, n)
        newest_rows = _from_day(self._build(natives), since)
        length = start + len(newest_rows.days)
        agreeing = _agreeing(whole.sliced(start, length), newest_rows)
        first = {name: start + each for name, each in zip(counts, agreeing, strict=True)}
        rows = whole.sliced(0, length) if min(first.values()) >= length else _join(whole.sliced(0, start), newest_rows)
        return View(rows, MappingProxyType(first))

    def _day(self, name: str, n: int) -> int:
        return int(self._inputs.native(self._columns[name])[0][n - 1]) if n else 0


def _equal(old: Floats, new: Sequence[float]) -> int:
    """How many leading values are equal or both unknown."""
    pairs = zip(old.tolist(), new, strict=True)
    return next((place for place, (was, now) in enumerate(pairs) if was != now and (was == was or now == now)), len(new))


def _with_tails(rows: Rows, tails: Mapping[str, Sequence[float]]) -> KnownRows:
    """Columns with their newest values carried on instead."""
    length = len(rows.days)
    others: dict[str, Column[np.float64]] = dict(rows.others)
    others |= {name: Continued(rows.others[name], length - len(tail), tail) for name, tail in tails.items() if name in rows.others}
    yields, own = rows.yields, rows.own
    if not tails.keys().isdisjoint(rows.markets):
        yields, own = yields.copy(), own.copy()
        for column, name in enumerate(rows.markets):
            if name in tails:
                start = length - len(tails[name])
                yields[start:, column], own[start:, column] = tails[name], False
    return KnownRows(rows.days, rows.markets, yields, own, MappingProxyType(others), rows.removed, False)


def _agreeing(old: Rows, new: Rows) -> list[int]:
    """For each column, how many leading rows are of the same day and of equal value; for a market, printed or carried in both."""
    n = min(len(old.days), len(new.days))
    if n == 0:
        return [0] * (len(new.markets) + len(new.others))
    (old_days, was), (new_days, now) = ((rows.days[:n, None], _table(rows, n)) for rows in (old, new))
    differs = ((was != now) & ((was == was) | (now == now))) | (old_days != new_days)  # an unknown value does not equal itself
    markets = len(new.markets)
    differs[:, :markets] |= old.own[:n] != new.own[:n]
    ends: list[int] = np.where(differs.any(axis=0), differs.argmax(axis=0), n).tolist()
    return ends


def _table(rows: Rows, n: int) -> Floats:
    return np.column_stack([rows.yields[:n], *(column[:n] for column in rows.others.values())])


def _from_day(rows: Rows, day: int) -> Rows:
    return rows.sliced(int(rows.days.searchsorted(np.int32(day))), len(rows.days))


def _join(before: Rows, after: Rows) -> Rows:
    others = {name: np.concatenate([column, after.others[name]]) for name, column in before.others.items()}
    return Rows(
        np.concatenate([before.days, after.days]),
        before.markets,
        np.concatenate([before.yields, after.yields]),
        np.concatenate([before.own, after.own]),
        MappingProxyType(others),
        before.removed,
        False,
    )
