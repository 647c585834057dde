"""Points of the curves: levels, changes, moves in σ and volatilities of single yields, on their own dates."""

import math
from dataclasses import dataclass

import msgspec
import numpy as np

from ...feeds.series import from_day, to_day
from .. import board
from ..board import Reading
from ..inputs import Inputs, Moment
from ..markets import years_of
from ..moves import Moves, frequency, frequency_text, word
from ..newest import last_percentile
from ..stats import BP_PER_PERCENT, Floats, known_or_none, native_changes
from ..volatility import (
    RealisedVolatility,
    par_modified_duration,
    price_volatility_pct,
    realised_volatility,
    slow_volatility_bp_yr,
)
from .prints import PrintsPart, Yields

WEEK, MONTH, QUARTER = 5, 21, 63
YEAR_WINDOW, DECADE_WINDOW = (252, 126), (2520, 500)  # rows, and how many of them must be known
YEAR_END_MAX_AGE = 31  # calendar days
TREND = 60
ORDINARY_Z = 1.0  # how rare smaller moves are is no news


@dataclass(frozen=True, slots=True)
class Point:
    """One series of yields with all that one row of it is read from, one row for each own observation."""

    yields: Yields
    moves: Moves
    changes: dict[int, Floats]  # by observations, bp
    slow_bp_yr: Floats  # through the row itself


class TenorsPart:
    """Every yield of every market."""

    def __init__(self, inputs: Inputs, prints: PrintsPart) -> None:
        self._inputs, self.prints = inputs, prints
        self._whole: dict[str, Point] = {}
        self._then: dict[str, tuple[int, Point]] = {}

    def point(self, series_id: str, moment: Moment) -> tuple[Point, int]:
        """A series, and how many of its observations were known."""
        n = self._inputs.upto(series_id, moment)
        if self.prints[series_id].is_settled(n):
            return self.whole(series_id), n
        if series_id not in self._then or self._then[series_id][0] != n:
            self._then[series_id] = n, self._point(self.prints.known(series_id, n))
        return self._then[series_id][1], n

    def whole(self, series_id: str) -> Point:
        """The whole history of a series."""
        if series_id not in self._whole:
            self._whole[series_id] = self._point(self.prints[series_id])
        return self._whole[series_id]

    def tenor(self, series_id: str, tenor: str, moment: Moment) -> board.Tenor:
        """One point of a curve on the Board."""
        point, n = self.point(series_id, moment)
        return _Writer(self._inputs, series_id, tenor, moment, point, n).tenor()

    def trend(self, series_id: str, moment: Moment) -> tuple[float, ...]:
        """The last 60 own observations, %."""
        return tuple(self._inputs.known(series_id, moment)[1][-TREND:].tolist())

    def year_to_date(self, series_id: str, tenor: str, moment: Moment) -> RealisedVolatility | None:
        """Volatility of the calendar year to date; None without any observation."""
        point, n = self.point(series_id, moment)
        if n == 0:
            return None
        days = point.yields.days[:n]
        first = year_start(int(days[-1]))
        start = max(int(days.searchsorted(np.int32(first))) - 1, 0)
        recent = slice(start, n)
        return realised_volatility(days[recent], point.yields.clean_upto(n)[recent], years_of(tenor), (first, int(days[-1])))

    def _point(self, yields: Yields) -> Point:
        gap = self._inputs.settings.moves.max_gap_days
        moved = {steps: native_changes(yields.days, yields.clean, gap, steps) for steps in (WEEK, MONTH, QUARTER)}
        daily = native_changes(yields.days, yields.clean, gap)
        return Point(yields, yields.moves, moved, slow_volatility_bp_yr(daily, self._inputs.settings.moves.sigma))


class _Writer:
    """One row of one yield, written as the Board says it."""

    def __init__(self, inputs: Inputs, series_id: str, tenor: str, moment: Moment, point: Point, n: int) -> None:
        self._inputs, self._id, self._years, self._moment = inputs, series_id, years_of(tenor), moment
        self._point, self._n, self._row = point, n, n - 1
        self._number = inputs.numbers((series_id,), moment)
        self._clean = point.yields.clean_upto(n)

    def tenor(self) -> board.Tenor:
        point, row = self._point, self._row
        moves, params = point.moves, self._inputs.settings.moves
        z = self._at(moves.z)
        seen = frequency(moves.z, row, params) if z is not None and abs(z) >= ORDINARY_Z else None
        level = self._level()
        vol = self._at(point.slow_bp_yr)
        md = par_modified_duration(level.value, self._years) if level.value is not None else None
        return board.Tenor(
            level=level,
            d1=self._of(self._at(moves.change_bp), "bp", "d1"),
            w1=self._of(self._at(point.changes[WEEK]), "bp", "w1"),
            m1=self._of(self._at(point.changes[MONTH]), "bp", "m1"),
            m3=self._of(self._at(point.changes[QUARTER]), "bp", "m3"),
            ytd=self._of(self._since_year_end(), "bp", "ytd"),
            z1=self._of(z, "σ", "z1", frequency_text(seen)),
            z_fast=self._at(moves.z_fast),
            z_slow=self._at(moves.z_slow),
            sigma=self._of(self._at(moves.sigma_used), "bp/day", "sigma"),
            z_word=word(z, params),
            one_in=seen.one_in if seen else None,
            sessions=seen.n if seen else 0,
            pct1y=self._percentile("pct1y", *YEAR_WINDOW),
            pct10y=self._percentile("pct10y", *DECADE_WINDOW),
            vol_bp=self._of(vol, "bp/yr", "vol"),
            vol_price=self._of(None if vol is None or md is None else price_volatility_pct(vol, md), "%/yr", "vol_price"),
        )

    def _level(self) -> Reading:
        if self._row < 0:
            return self._inputs.reading(self._id, self._moment)
        suspect = math.isnan(self._clean[self._row])
        reading = self._inputs.reading(self._id, self._moment, suspect=suspect)
        waiting = self._point.yields.is_waiting(self._n, self._inputs.settings.bad_prints.candidate_z)
        return msgspec.structs.replace(reading, note="a jump that is not confirmed yet") if waiting and not suspect else reading

    def _at(self, x: Floats) -> float | None:
        return known_or_none(x[self._row]) if self._row >= 0 else None

    def _since_year_end(self) -> float | None:
        """Change since the last observation of the previous calendar year, bp."""
        if self._row < 0 or math.isnan(self._clean[self._row]):
            return None
        days = self._point.yields.days
        first = year_start(int(days[self._row]))
        before = int(days.searchsorted(np.int32(first))) - 1
        while before >= 0 and math.isnan(self._clean[before]):
            before -= 1
        if before < 0 or first - int(days[before]) > YEAR_END_MAX_AGE:
            return None
        return float(BP_PER_PERCENT * (self._clean[self._row] - self._clean[before]))

    def _percentile(self, name: str, window: int, min_obs: int) -> Reading:
        return self._of(100.0 * last_percentile(self._clean[-window:], min_obs), "pct", name)

    def _of(self, value: float | None, unit: str, name: str, note: str = "") -> Reading:
        return self._number(value, unit, f"state.{name}", note)


def year_start(day: int) -> int:
    """1 January of that day's year."""
    return to_day(from_day(day).replace(month=1, day=1))
