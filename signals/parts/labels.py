"""The label of each market: the rules looked at over the last weeks, so that a word comes on screen as it would have."""

from collections.abc import Sequence
from statistics import median

import numpy as np

from ...cache.status import Status
from ...feeds.series import from_day
from ..board import Reading, Word
from ..comovement import rolling_r2
from ..inputs import Inputs, Moment
from ..labels import UNDECIDED, Label, LabelInputs, ShownLabel, label, shown_labels
from ..markets import MARKETS, PAIRS
from ..rows import Native
from ..stats import BP_PER_PERCENT, Days, Floats, common, listed, native_changes
from ..volatility import DAYS_A_YEAR
from .asknown import AsKnown, first_unknown, row_on
from .curves import CurvesPart
from .evidence import US, Evidence, Told
from .points import Point
from .prints import STRESS
from .standing import BUND, StandingPart, StandingView
from .tenors import MONTH, TenorsPart

Column = Sequence[float | bool | None]
Facts = tuple[float | bool | None, ...]

LOOK_BACK = 30  # rows; the start is forgotten as soon as two consecutive days agree
OLDEST_DAYS = 12  # calendar days that a value may be old on a row
FOR_EVER = 1_000_000
SPEAKS_DAYS = {"demand_z": 42, "supply_z": FOR_EVER, "short_pct": OLDEST_DAYS, "short_d4_z": OLDEST_DAYS}  # 42: thirty business days
RECENT_AUCTION_DAYS = 14  # ten business days
RUN, RUNS = 32, 3  # rows worked out at once, and how many such runs of each market are held
MOST_JUDGED, MOST_SIGMAS = 2_000, 64
R2_WINDOW, R2_MIN = 60, 40
SLOPES = ("10s30s", "2s10s")
RATE, BASES = "us.sofr", {"sofr_over_iorb_bp": "us.iorb", "sofr_over_top_bp": "us.ff.upper"}


class LabelsPart:
    """Labels of all markets.

    What the rules look at on a row is what it became, unless something dated up to that row was not known yet: those few rows alone are
    worked out for the moment, the others in runs, once.
    """

    def __init__(self, inputs: Inputs, tenors: TenorsPart, curves: CurvesPart, standing: StandingPart) -> None:
        self._inputs, self._tenors, self._curves, self._standing = inputs, tenors, curves, standing
        self._breakevens = {name: self._month_change(name) for spec in MARKETS.values() if (name := spec.breakeven)}
        self._r2 = {
            market: AsKnown(inputs, (MARKETS[market].ten_year, MARKETS[market].two_year), _r2, tenors.prints)
            for market in inputs.settings.markets
            if MARKETS[market].two_year
        }
        self._spreads = {name: _spread_bp(inputs, base) for name, base in BASES.items()}
        self._runs: dict[str, dict[int, list[Facts]]] = {}
        self._judged: dict[object, Label] = {}
        self._sigmas: dict[object, list[float | None]] = {}  # of one moment or run, by series and first row

    def at(self, market: str, standing: StandingView, moment: Moment, evidence: Evidence) -> Word:
        """The label on the Board."""
        if standing.regime.row < 0:
            return Word(formula="label", note="no rows: the panel has no common session")
        days = standing.regime.view.rows.days
        start = max(len(days) - LOOK_BACK, 0)
        settled = max(min(self._settled(market, standing, moment, evidence), len(days)), start)
        rows = [self._as_became(market, row, evidence) for row in range(start, settled)]
        columns = self._facts(market, standing, slice(settled, len(days)), moment, evidence)
        rows += zip(*columns.values(), strict=True)
        judged = self._judge(market, tuple(columns), rows, evidence.cb_share.get(market))
        return self._word(market, shown_labels(judged)[-1], days[start:], moment)

    def _judge(self, market: str, names: tuple[str, ...], rows: Sequence[Facts], share: Reading | None) -> list[Label]:
        """The label of each row; a replay meets the same facts again and again."""
        spec = MARKETS[market]
        fixed = {
            "slope_name": next((pair for pair in SLOPES if pair in spec.pairs), SLOPES[0]),
            "is_us": market == US,
            "is_euro_ex_germany": spec.is_euro and market != BUND,
            "cb_share_pct": share.value if share else None,
            "cb_share_stale": share.status in (Status.STALE, Status.DEAD) if share else False,
        }
        same, out = (market, *fixed.values()), []
        for facts in rows:
            found = self._judged.get((same, facts))
            if found is None:
                if len(self._judged) >= MOST_JUDGED:
                    self._judged.clear()
                given = LabelInputs(**fixed, **dict(zip(names, facts, strict=True)))  # type: ignore[arg-type]
                found = self._judged[same, facts] = label(given, self._inputs.settings.labels)
            out.append(found)
        return out

    def _settled(self, market: str, standing: StandingView, moment: Moment, evidence: Evidence) -> int:
        """The first row on which something is not as it became."""
        spec, view = MARKETS[market], standing.regime.view
        yields = [spec.ten_year, spec.two_year, *(MARKETS[each].ten_year for each in self._inputs.settings.panel)]
        if pair := _slope_of(market):
            yields += (spec.curve[leg] for leg in PAIRS[pair])
        others = [spec.breakeven, *((RATE, *BASES.values()) if market == US else ())]
        first_day = min(
            *(self._tenors.prints[each].agrees_before(self._inputs.upto(each, moment)) for each in yields if each),
            *(first_unknown(self._inputs.native(each)[0], self._inputs.upto(each, moment)) for each in others),
            *(first_unknown(told.days, told.n) for told in evidence.of(market)),
        )
        columns = (*view.rows.markets, market, *STRESS, *(BUND,) * (BUND in view.first))
        return min(view.first_of(*columns), int(view.rows.days.searchsorted(np.int32(first_day))))

    def _as_became(self, market: str, row: int, evidence: Evidence) -> Facts:
        """The facts of a settled row."""
        runs, number = self._runs.setdefault(market, {}), row // RUN
        if number not in runs:
            while len(runs) >= RUNS:
                del runs[max(runs, key=lambda each: abs(each - number))]
            columns = self._facts(market, self._standing.everything, slice(number * RUN, (number + 1) * RUN), None, evidence)
            runs[number] = list(zip(*columns.values(), strict=True))
        return runs[number][row % RUN]

    def _facts(
        self, market: str, standing: StandingView, cut: slice, moment: Moment | None, evidence: Evidence
    ) -> dict[str, Column]:
        """What the rules look at, but for what is the same on every row; by the whole history without a moment."""
        spec, regime, own = MARKETS[market], standing.regime, standing.markets[market]
        rows, history = regime.view.rows.days[cut], regime.history
        columns: dict[str, Column] = {
            "s1m": listed(own.s["1M"][cut]),
            "idio": listed(own.idio[cut]),
            "gate_on": _gate(history.gate.on[cut].tolist(), history.stress.H[cut].tolist()),
            "d21_y10_bp": self._month(spec.ten_year, moment, rows),
            "d21_y2_bp": self._month(spec.two_year, moment, rows),
            "d21_breakeven_bp": self._breakeven(spec.breakeven, moment, rows),
            "sigma_bp": self._sigma(spec.ten_year, moment, rows),
            "median_sigma_others_bp": self._others_sigma(market, moment, rows),
            "correlation_with_others": listed(own.with_others[cut]),
            "d21_bund_spread_bp": listed(own.bund_month_bp[cut]),
            "sigma_bund_spread_bp": listed(own.bund_sigma_bp[cut]),
            "r2_own_2y": self._r2_on(market, moment, rows),
            **self._slope(market, moment, rows),
        }
        if market == US:
            for name, oldest in SPEAKS_DAYS.items():
                told: Told = getattr(evidence, name)
                columns[name] = _on(*told.upto(moment), rows, oldest)
            columns |= _long_auctions(*evidence.long_tails.upto(moment), rows)
            columns |= {name: self._spread(name, moment, rows) for name in BASES}
            columns["move_pct"] = listed(history.stress.level["move"][cut])
        return columns

    def _point(self, series_id: str, moment: Moment | None) -> tuple[Point, int]:
        return self._tenors.whole(series_id) if moment is None else self._tenors.point(series_id, moment)

    def _month(self, series_id: str, moment: Moment | None, rows: Days) -> Column:
        if not series_id:
            return [None] * len(rows)
        point, n = self._point(series_id, moment)
        return _on(point.yields.days[:n], point.changes[MONTH][:n], rows)

    def _sigma(self, series_id: str, moment: Moment | None, rows: Days) -> list[float | None]:
        """Slow σ through the observation before; every market is asked for by all the others."""
        key = series_id, moment and moment.at, int(rows[0]) if len(rows) else None
        found = self._sigmas.get(key)
        if found is None:
            if len(self._sigmas) > MOST_SIGMAS:
                self._sigmas.clear()
            point, n = self._point(series_id, moment)
            slow = _on(point.yields.days[1:n], point.slow_bp_yr[: max(n - 1, 0)], rows)
            found = self._sigmas[key] = [None if each is None else each / DAYS_A_YEAR**0.5 for each in slow]
        return found

    def _others_sigma(self, market: str, moment: Moment | None, rows: Days) -> Column:
        others = [MARKETS[each].ten_year for each in self._inputs.settings.panel if each != market]
        columns = [self._sigma(each, moment, rows) for each in others]
        known = ([value for value in values if value is not None] for values in zip(*columns, strict=True))
        return [median(values) if values else None for values in known]

    def _breakeven(self, series_id: str, moment: Moment | None, rows: Days) -> Column:
        if not series_id:
            return [None] * len(rows)
        days, changes_bp = self._inputs.native(series_id)[0], self._breakevens[series_id]
        n = len(days) if moment is None else self._inputs.upto(series_id, moment)
        return _on(days[:n], changes_bp[:n], rows)

    def _slope(self, market: str, moment: Moment | None, rows: Days) -> dict[str, Column]:
        name = _slope_of(market)
        if not name:
            return {}
        pair, n = self._curves.whole(market, name) if moment is None else self._curves.pair(market, name, moment)
        moves = pair.month
        long, short, sigma = (_on(moves.days[:n], x[:n], rows) for x in (moves.long_bp, moves.short_bp, moves.sigma_s))
        turned = [None if a is None or b is None else a - b for a, b in zip(long, short, strict=True)]
        return {"d21_slope_bp": turned, "sigma_slope_bp": sigma}

    def _r2_on(self, market: str, moment: Moment | None, rows: Days) -> Column:
        if market not in self._r2:
            return [None] * len(rows)
        if moment is None:
            return _on(*self._r2[market].whole, rows)
        found = self._r2[market].at(moment)
        if found is None:
            return [None] * len(rows)
        (days, values), newest = found
        known = row_on(days, newest) + 1
        return _on(days[:known], values[:known], rows)

    def _spread(self, name: str, moment: Moment | None, rows: Days) -> Column:
        """What overnight money costs over a rate of the Federal Reserve, on their common dates."""
        days, spread_bp = self._spreads[name]
        if moment is None:
            return _on(days, spread_bp, rows)
        newest = [self._inputs.last_day(each, moment) for each in (RATE, BASES[name])]
        known = 0 if None in newest else row_on(days, min(day for day in newest if day is not None)) + 1
        return _on(days[:known], spread_bp[:known], rows)

    def _month_change(self, series_id: str) -> Floats:
        days, values = self._inputs.native(series_id)
        return native_changes(days, values, steps=MONTH)

    def _word(self, market: str, shown: ShownLabel, days: Days, moment: Moment) -> Word:
        series = tuple(MARKETS[each].ten_year for each in dict.fromkeys((market, *self._inputs.settings.panel)))
        as_of, found = from_day(int(days[-1])), shown.label
        if found.word == UNDECIDED:
            return Word(as_of=as_of, formula="label", inputs=series, evidence=found.evidence, note="too little history")
        return Word(
            word=found.text,
            status=self._inputs.basis(series, moment)[0],
            as_of=as_of,
            since=from_day(int(days[shown.since])) if shown.since else None,
            confidence=found.confidence,
            evidence=found.evidence,
            formula="label",
            inputs=series,
            note=f"{shown.pending} waits for its second day" if shown.pending else "",
        )


def _slope_of(market: str) -> str:
    """The slope that the rules look at, "" where a market has none."""
    return next((pair for pair in SLOPES if pair in MARKETS[market].pairs), "")


def _on(days: Days, values: Floats, rows: Days, oldest: int = OLDEST_DAYS) -> list[float | None]:
    """The newest value dated up to each row, unless it is too old for it."""
    if not len(days) or not len(rows):
        return [None] * len(rows)
    at = days.searchsorted(rows, "right") - 1
    found = values[at]
    found[(at < 0) | (rows - days[at] > oldest)] = np.nan
    return listed(found)


def _gate(on: Sequence[bool], H: Sequence[float]) -> list[bool | None]:
    """The gate, unknown while H never told."""
    return [None if stress != stress and not is_on else is_on for is_on, stress in zip(on, H, strict=True)]


def _long_auctions(days: Days, tails: Floats, rows: Days) -> dict[str, Column]:
    """Whether there was an auction of ten years or more within ten business days, and the z of its tail."""
    if not len(days):
        return {"long_auction_recent": [None] * len(rows), "long_auction_tail_z": [None] * len(rows)}
    last = days.searchsorted(rows, "right") - 1
    is_recent = (last >= 0) & (rows - days[last] <= RECENT_AUCTION_DAYS)
    return {"long_auction_recent": is_recent.tolist(), "long_auction_tail_z": listed(np.where(is_recent, tails[last], np.nan))}


def _r2(natives: Sequence[Native]) -> Native:
    """R² of a 10-year yield on its own 2-year yield, on the dates of the first."""
    (ten_days, ten), (two_days, two) = natives
    days, a, b = common(ten_days, ten, two_days, two)
    return days, rolling_r2(native_changes(days, a), native_changes(days, b), R2_WINDOW, R2_MIN)


def _spread_bp(inputs: Inputs, base: str) -> Native:
    days, rates, bases = common(*inputs.native(RATE), *inputs.native(base))
    return days, BP_PER_PERCENT * (rates - bases)
