"""The label of each market: the rules looked at over the last weeks, so that a word comes on screen as it would have."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median

import numpy as np

from ...cache.status import Status
from ...feeds.series import from_day
from ..board import Reading, Word
from ..comovement import rolling_r2
from ..inputs import Inputs, Moment
from ..labels import UNDECIDED, Label, LabelInputs, ShownLabel, label, shown_labels
from ..markets import MARKETS
from ..rows import Native
from ..stats import Days, Floats, common, lagged, native_changes
from ..volatility import DAYS_A_YEAR
from .asknown import AsKnown, row_on
from .curves import CurvesPart
from .rates import recent_spread
from .standing import BUND, StandingView
from .tenors import MONTH, TenorsPart

Column = list[float | None] | list[bool | None]

LOOK_BACK = 30  # rows; the start is forgotten as soon as two consecutive days agree
OLDEST_DAYS = 12  # calendar days that a value may be old on a row
AUCTIONS_SPEAK_DAYS = 42  # thirty business days
RECENT_AUCTION_DAYS = 14  # ten business days
RECENT = 150  # observations that reach back over the rows looked at
MOST_JUDGED = 20_000
R2_WINDOW, R2_MIN = 60, 40
SLOPES = ("10s30s", "2s10s")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What other parts know, as known at the moment: by market, or of the US only. Series are (days, values); none is a pair of empties."""

    demand_z: Mapping[str, Native] = field(default_factory=dict)  # by auction date
    supply_z: Mapping[str, Native] = field(default_factory=dict)  # by month-end
    long_tails: Mapping[str, Native] = field(default_factory=dict)  # z of the tail of auctions of ten years and longer
    short_pct: Native | None = None
    short_d4_z: Native | None = None
    cb_share: Mapping[str, Reading] = field(default_factory=dict)


class LabelsPart:
    """Labels of all markets."""

    def __init__(self, inputs: Inputs, tenors: TenorsPart, curves: CurvesPart) -> None:
        self._inputs, self._tenors, self._curves = inputs, tenors, curves
        self._breakevens = {name: self._month_change(name) for spec in MARKETS.values() if (name := spec.breakeven)}
        self._r2 = {
            market: AsKnown(inputs, (MARKETS[market].ten_year, MARKETS[market].two_year), _r2, tenors.prints)
            for market in inputs.settings.markets
            if MARKETS[market].two_year
        }
        self._judged: dict[object, Label] = {}
        self._sigmas: tuple[int, dict[str, list[float | None]]] = (0, {})  # of one moment
        self._medians: dict[tuple[str, ...], list[float | None]] = {}  # over several markets, of that moment

    def at(self, market: str, standing: StandingView, moment: Moment, evidence: Evidence) -> Word:
        """The label on the Board."""
        if standing.regime.row < 0:
            return Word(formula="label", note="no rows: the panel has no common session")
        days = standing.regime.view.rows.days
        recent = slice(max(len(days) - LOOK_BACK, 0), len(days))
        fixed, columns = self._facts(market, standing, moment, evidence, recent)
        same = market, fixed.cb_share_pct, fixed.cb_share_stale, len(columns)
        judged = [self._judge((same, values), fixed, columns) for values in zip(*columns.values(), strict=True)]
        return self._word(market, shown_labels(judged)[-1], days[recent], moment)

    def _judge(self, key: tuple[tuple[object, ...], tuple[float | bool | None, ...]], fixed: LabelInputs, names: Iterable[str]) -> Label:
        """One day's label; a replay meets the same days again and again. `key`: the market and the day's values by `names`."""
        found = self._judged.get(key)
        if found is None:
            if len(self._judged) > MOST_JUDGED:
                self._judged.clear()
            facts = replace(fixed, **dict(zip(names, key[1], strict=True)))  # type: ignore[arg-type]
            found = self._judged[key] = label(facts, self._inputs.settings.labels)
        return found

    def _facts(
        self, market: str, standing: StandingView, moment: Moment, evidence: Evidence, recent: slice
    ) -> tuple[LabelInputs, dict[str, Column]]:
        """What the rules look at: what is the same on every row, and columns of what is not."""
        spec, regime, own = MARKETS[market], standing.regime, standing.markets[market]
        rows = regime.view.rows.days[recent]
        history = regime.history
        columns: dict[str, Column] = {
            "s1m": _listed(own.s["1M"][recent]),
            "idio": _listed(own.idio[recent]),
            "gate_on": _gate(history.gate.on[recent].tolist(), history.stress.H[recent].tolist()),
            "d21_y10_bp": self._month(spec.ten_year, moment, rows),
            "d21_y2_bp": self._month(spec.two_year, moment, rows),
            "d21_breakeven_bp": self._breakeven(spec.breakeven, moment, rows),
            "sigma_bp": self._sigma(spec.ten_year, moment, rows),
            "median_sigma_others_bp": self._others_sigma(market, moment, rows),
            "correlation_with_others": _listed(own.with_others[recent]),
            "d21_bund_spread_bp": _listed(own.bund_month_bp[recent]),
            "sigma_bund_spread_bp": _listed(own.bund_sigma_bp[recent]),
            "r2_own_2y": self._r2_on(market, moment, rows),
            "demand_z": _on(evidence.demand_z.get(market), rows, AUCTIONS_SPEAK_DAYS),
            "supply_z": _on(evidence.supply_z.get(market), rows, None),
            **self._slope(market, moment, rows),
            **_long_auctions(evidence.long_tails.get(market), rows),
        }
        if market == "us":
            columns |= self._positioning(standing, moment, evidence, rows, recent)
        share = evidence.cb_share.get(market)
        fixed = LabelInputs(
            slope_name=next((pair for pair in SLOPES if pair in spec.pairs), SLOPES[0]),
            is_us=market == "us",
            is_euro_ex_germany=spec.is_euro and market != BUND,
            cb_share_pct=share.value if share else None,
            cb_share_stale=share.status in (Status.STALE, Status.DEAD) if share else False,
        )
        return fixed, columns

    def _month(self, series_id: str, moment: Moment, rows: Days) -> list[float | None]:
        if not series_id:
            return [None] * len(rows)
        point, n = self._tenors.point(series_id, moment)
        return _on((point.yields.days[:n], point.changes[MONTH][:n]), rows)

    def _sigma(self, series_id: str, moment: Moment, rows: Days) -> list[float | None]:
        """Slow σ through the observation before; every market is asked for by all the others."""
        if self._sigmas[0] != moment.at:
            self._sigmas, self._medians = (moment.at, {}), {}
        found = self._sigmas[1].get(series_id)
        if found is None:
            point, n = self._tenors.point(series_id, moment)
            recent = slice(max(n - RECENT, 0), n)
            sigma_bp = lagged(point.slow_bp_yr[recent]) / DAYS_A_YEAR**0.5
            found = self._sigmas[1][series_id] = _on((point.yields.days[recent], sigma_bp), rows)
        return found

    def _others_sigma(self, market: str, moment: Moment, rows: Days) -> list[float | None]:
        others = tuple(MARKETS[each].ten_year for each in self._inputs.settings.panel if each != market)
        columns = [self._sigma(each, moment, rows) for each in others]
        found = self._medians.get(others)
        if found is None:
            known = ([value for value in values if value is not None] for values in zip(*columns, strict=True))
            found = self._medians[others] = [median(values) if values else None for values in known]
        return found

    def _breakeven(self, series_id: str, moment: Moment, rows: Days) -> list[float | None]:
        if not series_id:
            return [None] * len(rows)
        n = self._inputs.upto(series_id, moment)
        return _on((self._inputs.native(series_id)[0][:n], self._breakevens[series_id][:n]), rows)

    def _slope(self, market: str, moment: Moment, rows: Days) -> dict[str, list[float | None]]:
        name = next((pair for pair in SLOPES if pair in MARKETS[market].pairs), None)
        if name is None:
            return {}
        pair, n = self._curves.pair(market, name, moment)
        moves = pair.month
        turned = moves.long_bp[:n] - moves.short_bp[:n]
        return {
            "d21_slope_bp": _on((moves.days[:n], turned), rows),
            "sigma_slope_bp": _on((moves.days[:n], moves.sigma_s[:n]), rows),
        }

    def _r2_on(self, market: str, moment: Moment, rows: Days) -> list[float | None]:
        found = self._r2[market].at(moment) if market in self._r2 else None
        if found is None:
            return [None] * len(rows)
        (days, values), newest = found
        known = row_on(days, newest) + 1
        return _on((days[:known], values[:known]), rows)

    def _positioning(
        self, standing: StandingView, moment: Moment, evidence: Evidence, rows: Days, recent: slice
    ) -> dict[str, list[float | None]]:
        return {
            "short_pct": _on(evidence.short_pct, rows),
            "short_d4_z": _on(evidence.short_d4_z, rows),
            "sofr_over_iorb_bp": _on(recent_spread(self._inputs, "us.sofr", "us.iorb", moment, RECENT), rows),
            "sofr_over_top_bp": _on(recent_spread(self._inputs, "us.sofr", "us.ff.upper", moment, RECENT), rows),
            "move_pct": _listed(standing.regime.history.stress.level["move"][recent]),
        }

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


def _listed(x: Floats) -> list[float | None]:
    values: list[float] = x.tolist()
    return [value if value == value else None for value in values]


def _on(native: Native | None, rows: Days, oldest: int | None = OLDEST_DAYS) -> list[float | None]:
    """The newest value dated up to each row, unless it is too old for it."""
    if native is None or not len(native[0]):
        return [None] * len(rows)
    (days, values), wanted = native, rows.tolist()
    start = max(int(days.searchsorted(rows[0], "right")) - 1, 0)
    dates, found = days[start:].tolist(), _listed(values[start:])
    out: list[float | None] = []
    place, n = -1, len(dates)
    for row in wanted:  # few rows, in step with the dates: quicker than arrays
        while place + 1 < n and dates[place + 1] <= row:
            place += 1
        out.append(None if place < 0 or (oldest is not None and row - dates[place] > oldest) else found[place])
    return out


def _gate(on: Sequence[bool], H: Sequence[float]) -> list[bool | None]:
    """The gate, unknown while H never told."""
    return [None if stress != stress and not is_on else is_on for is_on, stress in zip(on, H, strict=True)]


def _long_auctions(tails: Native | None, rows: Days) -> dict[str, Column]:
    """Whether there was an auction of ten years or more within ten business days, and the z of its tail."""
    if tails is None or not len(tails[0]):
        return {}
    days, values = tails
    last = np.searchsorted(days, rows, side="right") - 1
    is_recent = (last >= 0) & (rows - days[last] <= RECENT_AUCTION_DAYS)
    return {
        "long_auction_recent": is_recent.tolist(),
        "long_auction_tail_z": _listed(np.where(is_recent, values[last], np.nan)),
    }


def _r2(natives: Sequence[Native]) -> Native:
    """R² of a 10-year yield on its own 2-year yield, on the dates of the first."""
    (ten_days, ten), (two_days, two) = natives
    days, a, b = common(ten_days, ten, two_days, two)
    return days, rolling_r2(native_changes(days, a), native_changes(days, b), R2_WINDOW, R2_MIN)
