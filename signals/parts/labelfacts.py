"""What the rules of the labels look at on a row of the map, for all markets."""

from bisect import bisect_right
from collections.abc import Sequence
from statistics import median

import numpy as np

from ..columns import Column, between
from ..comovement import rolling_r2
from ..inputs import Inputs, Moment
from ..markets import MARKETS, PAIRS
from ..rows import Native
from ..stats import BP_PER_PERCENT, Days, Floats, common, native_changes
from ..volatility import DAYS_A_YEAR
from .asknown import AsKnown, first_unknown, row_on
from .curves import CurvesPart
from .evidence import US, Evidence, Told
from .points import Point
from .prints import STRESS
from .standing import StandingView
from .tenors import MONTH, TenorsPart

Numbers = list[float | None]
Values = Sequence[float | bool | None]

OLDEST_DAYS = 12  # calendar days that a value may be old on a row
RECENT_AUCTION_DAYS = 14  # ten business days
NEWEST = 8  # observations among which those of the newest rows mostly are
SPEAKS_DAYS = {"demand_z": 42, "supply_z": 10**6, "short_pct": OLDEST_DAYS, "short_d4_z": OLDEST_DAYS}  # 42: thirty business days
R2_WINDOW, R2_MIN = 60, 40
SLOPES = ("10s30s", "2s10s")
RATE, BASES = "us.sofr", {"sofr_over_iorb_bp": "us.iorb", "sofr_over_top_bp": "us.ff.upper"}


class LabelFacts:
    """Columns of facts, named as in `LabelInputs`, by the whole history or as known at a moment."""

    def __init__(self, inputs: Inputs, tenors: TenorsPart, curves: CurvesPart) -> None:
        self._inputs, self._tenors, self._curves = inputs, tenors, curves
        self._markets = inputs.settings.markets
        self._breakevens = {name: self._month_change(name) for spec in MARKETS.values() if (name := spec.breakeven)}
        self._r2 = {
            market: AsKnown(inputs, (MARKETS[market].ten_year, MARKETS[market].two_year), _r2, tenors.prints)
            for market in self._markets
            if MARKETS[market].two_year
        }
        self._spreads = {name: _spread_bp(inputs, base) for name, base in BASES.items()}
        self._slopes = {market: slope_of(market) for market in self._markets}
        self._yields, self._others = _looked_at(self._markets, inputs.settings.panel)

    def settled(self, standing: StandingView, moment: Moment, evidence: Evidence) -> int:
        """The first row on which something is not as it became."""
        prints, counts, native = self._tenors.prints, self._inputs.counts, self._inputs.native
        of_yields, of_others = counts(self._yields, moment), counts(self._others, moment)
        first_day = min(
            *[prints[each].agrees_before(n) for each, n in zip(self._yields, of_yields, strict=True)],
            *[first_unknown(native(each)[0], n) for each, n in zip(self._others, of_others, strict=True)],
            *[first_unknown(told.days, told.n) for told in evidence.told],
        )
        view = standing.regime.view
        columns = (*view.rows.markets, *self._markets, *STRESS)
        return min(view.first_of(*columns), int(view.rows.days.searchsorted(np.int32(first_day))))

    def on(self, standing: StandingView, cut: slice, moment: Moment | None, evidence: Evidence) -> dict[str, dict[str, Values]]:
        """By market, what the rules look at on some rows, but for what is the same on all; by the whole history without a moment."""
        history, rows = standing.regime.history, standing.regime.view.rows.days[cut].tolist()
        gate_on = _gate(between(history.gate.on, cut.start, cut.stop), between(history.stress.H, cut.start, cut.stop))
        tens = {market: self._placed(MARKETS[market].ten_year, moment, rows) for market in self._markets}
        sigma = {market: _sigma(*ten) for market, ten in tens.items()}
        nothing: Numbers = [None] * len(rows)
        out: dict[str, dict[str, Values]] = {}
        for market in self._markets:
            spec, own = MARKETS[market], standing.markets[market]
            out[market] = {
                "s1m": _cut(own.s["1M"], cut),
                "idio": _cut(own.alone.idio, cut),
                "gate_on": gate_on,
                "d21_y10_bp": _month(*tens[market]),
                "d21_y2_bp": _month(*self._placed(spec.two_year, moment, rows)) if spec.two_year else nothing,
                "d21_breakeven_bp": self._breakeven(spec.breakeven, moment, rows),
                "sigma_bp": sigma[market],
                "median_sigma_others_bp": _medians([sigma[each] for each in self._inputs.settings.panel if each != market]),
                "correlation_with_others": _cut(own.with_others, cut),
                "d21_bund_spread_bp": _cut(own.bund_month_bp, cut),
                "sigma_bund_spread_bp": _cut(own.bund_sigma_bp, cut),
                "r2_own_2y": self._r2_on(market, moment, rows),
                **self._slope(market, moment, rows),
            }
        if US in out:
            out[US] |= _told(evidence, moment, rows) | {name: self._spread(name, moment, rows) for name in BASES}
            out[US]["move_pct"] = _cut(history.stress.level["move"], cut)
        return out

    def _point(self, series_id: str, moment: Moment | None) -> tuple[Point, int]:
        return self._tenors.whole(series_id) if moment is None else self._tenors.point(series_id, moment)

    def _placed(self, series_id: str, moment: Moment | None, rows: list[int]) -> tuple[Point, list[int]]:
        """A yield, and which of its observations is the newest on each row."""
        point, n = self._point(series_id, moment)
        return point, _places(point.yields.days, n, rows)

    def _breakeven(self, series_id: str, moment: Moment | None, rows: list[int]) -> Numbers:
        if not series_id:
            return [None] * len(rows)
        days, changes_bp = self._inputs.native(series_id)[0], self._breakevens[series_id]
        return _on(days, changes_bp, len(days) if moment is None else self._inputs.upto(series_id, moment), rows)

    def _slope(self, market: str, moment: Moment | None, rows: list[int]) -> dict[str, Values]:
        name = self._slopes[market]
        if not name:
            return {}
        pair, n = self._curves.whole(market, name) if moment is None else self._curves.pair(market, name, moment)
        moves = pair.month
        places = _places(moves.days, n, rows)
        long, short, sigma = (_picked(x, places) for x in (moves.long_bp, moves.short_bp, moves.sigma_s))
        turned = [None if a is None or b is None else a - b for a, b in zip(long, short, strict=True)]
        return {"d21_slope_bp": turned, "sigma_slope_bp": sigma}

    def _r2_on(self, market: str, moment: Moment | None, rows: list[int]) -> Numbers:
        if market not in self._r2:
            return [None] * len(rows)
        if moment is None:
            days, values = self._r2[market].whole
            return _on(days, values, len(days), rows)
        found = self._r2[market].at(moment)
        if found is None:
            return [None] * len(rows)
        (days, values), newest = found
        return _on(days, values, row_on(days, newest) + 1, rows)

    def _spread(self, name: str, moment: Moment | None, rows: list[int]) -> Numbers:
        """What overnight money costs over a rate of the Federal Reserve, on their common dates."""
        days, spread_bp = self._spreads[name]
        if moment is None:
            return _on(days, spread_bp, len(days), rows)
        newest = [day for each in (RATE, BASES[name]) if (day := self._inputs.last_day(each, moment)) is not None]
        return _on(days, spread_bp, row_on(days, min(newest)) + 1 if len(newest) == 2 else 0, rows)

    def _month_change(self, series_id: str) -> Floats:
        days, values = self._inputs.native(series_id)
        return native_changes(days, values, steps=MONTH)


def slope_of(market: str) -> str:
    """The slope that the rules look at, "" where a market has none."""
    return next((pair for pair in SLOPES if pair in MARKETS[market].pairs), "")


def _looked_at(markets: Sequence[str], panel: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The yields, and the other series, that the rules look at on a row."""
    yields = [MARKETS[each].ten_year for each in panel]
    for spec in (MARKETS[each] for each in markets):
        pair = slope_of(spec.id)
        yields += [spec.ten_year, spec.two_year, *(spec.curve[leg] for leg in (PAIRS[pair] if pair else ()))]
    others = [MARKETS[each].breakeven for each in markets]
    others += (RATE, *BASES.values()) if US in markets else ()
    return tuple(dict.fromkeys(each for each in yields if each)), tuple(each for each in others if each)


def _cut(column: Column[np.float64], cut: slice) -> Numbers:
    """Some rows of a column."""
    return [value if value == value else None for value in between(column, cut.start, cut.stop)]


def _on(days: Days, values: Floats, n: int, rows: list[int], oldest: int = OLDEST_DAYS) -> Numbers:
    """The newest of the first n values dated up to each row, unless it is too old for it."""
    return _picked(values, _places(days, n, rows, oldest))


def _places(days: Days, n: int, rows: list[int], oldest: int = OLDEST_DAYS) -> list[int]:
    """The places of the newest of the first n days up to each row; −1 where it is too old for it."""
    n = min(n, len(days))
    if not rows or n <= 0:
        return [-1] * len(rows)
    start = max(n - NEWEST, 0)
    near = days[start:n].tolist()
    if start and near[0] > rows[0]:
        stop = min(row_on(days, rows[-1]) + 1, n)
        start = max(stop - 1 - (rows[-1] - rows[0]), 0)
        near = days[start:stop].tolist()
    out = []
    for row in rows:  # few rows: quicker than arrays
        place = bisect_right(near, row) - 1
        out.append(start + place if place >= 0 and row - near[place] <= oldest else -1)
    return out


def _picked(values: Floats, places: list[int]) -> Numbers:
    """The values at places; unknown at −1."""
    return [value if place >= 0 and (value := values.item(place)) == value else None for place in places]


def _month(point: Point, places: list[int]) -> Numbers:
    return _picked(point.changes[MONTH], places)


def _sigma(point: Point, places: list[int]) -> Numbers:
    """Slow σ through the observation before, bp a day."""
    slow = _picked(point.slow_bp_yr, [place - 1 for place in places])
    return [None if each is None else each / DAYS_A_YEAR**0.5 for each in slow]


def _told(evidence: Evidence, moment: Moment | None, rows: list[int]) -> dict[str, Values]:
    """What is told of the US, and whether there was an auction of ten years or more within ten business days."""

    def on(told: Told, oldest: int) -> Numbers:
        return _on(told.days, told.values, told.upto(moment), rows, oldest)

    out: dict[str, Values] = {name: on(getattr(evidence, name), oldest) for name, oldest in SPEAKS_DAYS.items()}
    tails = on(evidence.long_tails, RECENT_AUCTION_DAYS)
    auctioned = evidence.long_tails.upto(moment) > 0
    recent = [tail is not None if auctioned else None for tail in tails]
    return out | {"long_auction_recent": recent, "long_auction_tail_z": tails}


def _medians(columns: Sequence[Numbers]) -> Numbers:
    """The median of what is known on each row."""
    known = ([value for value in values if value is not None] for values in zip(*columns, strict=True))
    return [median(values) if values else None for values in known]


def _gate(on: Sequence[bool], H: Sequence[float]) -> list[bool | None]:
    """The gate, unknown while H never told."""
    return [None if stress != stress and not is_on else is_on for is_on, stress in zip(on, H, strict=True)]


def _r2(natives: Sequence[Native]) -> Native:
    """R² of a 10-year yield on its own 2-year yield, on the dates of the first."""
    (ten_days, ten), (two_days, two) = natives
    days, a, b = common(ten_days, ten, two_days, two)
    return days, rolling_r2(native_changes(days, a), native_changes(days, b), R2_WINDOW, R2_MIN)


def _spread_bp(inputs: Inputs, base: str) -> Native:
    days, rates, bases = common(*inputs.native(RATE), *inputs.native(base))
    return days, BP_PER_PERCENT * (rates - bases)
