"""Points of the curves: all that the Board says of one own observation of one series of yields, worked out in runs of neighbouring ones.

A replay reads neighbours one after the other. A run costs hardly more than one observation, and a step then only picks from lists.
"""

from collections.abc import Sequence

import msgspec
import numpy as np

from ...feeds.series import from_day, to_day
from ..moves import Moves, frequencies, frequency_text, word
from ..ranks import percentiles_between
from ..settings import Settings
from ..stats import BP_PER_PERCENT, Days, Floats, listed, native_changes
from ..volatility import RealisedVolatility, YearToDate, par_modified_duration, price_volatility_pct, slow_volatility_bp_yr
from .prints import Yields

WEEK, MONTH, QUARTER = 5, 21, 63
YEAR_WINDOW, DECADE_WINDOW = (252, 126), (2520, 500)  # rows, and how many of them must be known
YEAR_END_MAX_AGE = 31  # calendar days
RUN = 64  # observations
ORDINARY_Z = 1.0  # how rare smaller moves are is no news


NUMBERS = (
    ("bp", "state.d1"),
    ("bp", "state.w1"),
    ("bp", "state.m1"),
    ("bp", "state.m3"),
    ("bp", "state.ytd"),
    ("bp/day", "state.sigma"),
    ("pct", "state.pct1y"),
    ("pct", "state.pct10y"),
    ("bp/yr", "state.vol"),
    ("%/yr", "state.vol_price"),
)


class Row(msgspec.Struct, frozen=True, gc=False):
    """What is said of one observation: `numbers` with the units and formulas of `NUMBERS`, its move in σ and how rare. None is unknown."""

    numbers: tuple[float | None, ...] = (None,) * len(NUMBERS)
    z: float | None = None
    z_fast: float | None = None
    z_slow: float | None = None
    word: str = ""
    one_in: int | None = None
    sessions: int = 0
    rarity: str = ""
    is_suspect: bool = False
    is_waiting: bool = False  # a jump, its own or the one before, that nothing has confirmed yet


NOTHING = Row()


class Point(msgspec.Struct, frozen=True):
    """One series of yields with all that one row of it is read from, one row for each own observation."""

    yields: Yields
    moves: Moves
    changes: dict[int, Floats]  # by observations, bp
    slow_bp_yr: Floats  # through the row itself


def point_of(yields: Yields, settings: Settings) -> Point:
    """The whole history of a series."""
    gap = settings.moves.max_gap_days
    moved = {steps: native_changes(yields.days, yields.clean, gap, steps) for steps in (WEEK, MONTH, QUARTER)}
    daily = native_changes(yields.days, yields.clean, gap)
    return Point(yields, yields.moves, moved, slow_volatility_bp_yr(daily, settings.moves.sigma))


class Rows:
    """The rows of one point, of a bond of so many years. Points of other `phase` begin their runs with other observations."""

    def __init__(self, point: Point, years: float, settings: Settings, phase: int = 0) -> None:
        self.point, self._years, self._settings, self._phase = point, years, settings, phase
        self._run: tuple[int, Sequence[Row]] = (0, ())
        self._year: tuple[int, int, YearToDate | None] = (0, 0, None)

    def __getitem__(self, n: int) -> Row:
        """What is said when the first n observations are known."""
        if n == 0:
            return NOTHING
        start, run = self._run
        if not start < n <= start + len(run):
            begins = (n - 1 + self._phase) // RUN * RUN - self._phase
            start = max(begins, 0)
            run = self._rows(start, min(begins + RUN, len(self.point.yields.days)))
            self._run = start, run
        return run[n - 1 - start]

    def year_to_date(self, n: int) -> RealisedVolatility:
        """Volatility of the calendar year of the nth observation, through it."""
        days = self.point.yields.days
        start, stop, year = self._year
        if year is None or not start <= n - 1 < stop:
            first = year_start(int(days[n - 1]))
            start, stop = (int(each) for each in days.searchsorted(np.array([first, next_year(first)], np.int32)))
            cut = slice(max(start - 1, 0), stop)
            year = YearToDate(days[cut], self.point.yields.clean[cut], self._years, first)
            self._year = start, stop, year
        return year.through(n - 1 - max(start - 1, 0))

    def _rows(self, start: int, stop: int) -> list[Row]:
        point, params, cut = self.point, self._settings.moves, slice(start, stop)
        moves, clean = point.moves, point.yields.clean
        z, levels, vols = listed(moves.z[cut]), point.yields.values[cut].tolist(), listed(point.slow_bp_yr[cut])
        rare = [place for place, each in enumerate(z) if each is not None and abs(each) >= ORDINARY_Z]
        found = dict(zip(rare, frequencies(moves.z, [start + place for place in rare], params), strict=True))
        seen = [found.get(place) for place in range(len(z))]
        jumped = np.abs(moves.z[max(start - 1, 0) : stop]) >= self._settings.bad_prints.candidate_z
        if start == 0:
            jumped = np.concatenate([[False], jumped])
        durations = [par_modified_duration(level, self._years) for level in levels]
        numbers = (
            listed(moves.change_bp[cut]),
            *(listed(point.changes[steps][cut]) for steps in (WEEK, MONTH, QUARTER)),
            self._since_year_end(start, stop),
            listed(moves.sigma_used[cut]),
            *(listed(100.0 * percentiles_between(clean, start, stop, *window)) for window in (YEAR_WINDOW, DECADE_WINDOW)),
            vols,
            [None if vol is None else price_volatility_pct(vol, md) for vol, md in zip(vols, durations, strict=True)],
        )
        columns = (
            zip(*numbers, strict=True),
            z,
            listed(moves.z_fast[cut]),
            listed(moves.z_slow[cut]),
            [word(each, params) for each in z],
            [each.one_in if each else None for each in seen],
            [each.n if each else 0 for each in seen],
            [frequency_text(each) for each in seen],
            np.isnan(clean[cut]).tolist(),
            (jumped[1:] | jumped[:-1]).tolist(),
        )
        return [Row(*values) for values in zip(*columns, strict=True)]

    def _since_year_end(self, start: int, stop: int) -> list[float | None]:
        """Change since the last known observation of the previous calendar year, bp."""
        days, clean = self.point.yields.days, self.point.yields.clean
        out: list[float | None] = []
        while start < stop:
            first = year_start(int(days[start]))
            end = min(int(days.searchsorted(np.int32(next_year(first)))), stop)
            out += listed(BP_PER_PERCENT * (clean[start:end] - _last_known(days, clean, first)))
            start = end
        return out


def _last_known(days: Days, clean: Floats, first: int) -> float:
    """The last known value before a day; unknown where it is more than a month older."""
    recent = slice(*(int(each) for each in days.searchsorted(np.array([first - YEAR_END_MAX_AGE, first], np.int32))))
    known = clean[recent][~np.isnan(clean[recent])]
    return float(known[-1]) if len(known) else np.nan


def year_start(day: int) -> int:
    """1 January of that day's year."""
    return to_day(from_day(day).replace(month=1, day=1))


def next_year(first: int) -> int:
    """1 January of the year after the one that starts on a day."""
    return year_start(first + 366)
