"""The state vector: one row a market, from its curve to its label and a sentence."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

from .. import board
from ..board import Reading, Word
from ..hedging import CAVEAT, rate_cost_pct
from ..inputs import Inputs, Moment
from ..labels import (
    IDIOSYNCRATIC,
    POLICY_ANCHORED,
    POLICY_REPRICING,
    POSITIONING,
    QUIET,
    SAFE_HAVEN,
    STRUCTURALLY_ANCHORED,
    SUPPLY,
    TRACKING,
    arrow,
)
from ..markets import HOME_RATE, MARKETS, MarketSpec
from ..signal_line import WEAK_DEMAND_Z
from ..stats import BP_PER_PERCENT, known_or_none, listed
from ..volatility import DAYS_A_YEAR, RealisedVolatility, ratio
from .asknown import newest
from .curves import CurvesPart
from .evidence import Evidence
from .labels import LabelsPart
from .standing import BUND, StandingPart, StandingView
from .tenors import WEEK, TenorsPart

UNITED_STATES = "us"
FROM_RATES = f"from rates and the default basis; {CAVEAT}"
YEAR_TO_DATE = ("10y", "30y")
HORIZONS = ("1W", "1M", "3M")
S_NUMBERS = (("σ", "state.s1w"), ("σ", "state.s1m"), ("σ", "state.s3m"))  # of the horizons
SAYS: Mapping[str, str] = MappingProxyType(
    {
        SAFE_HAVEN: "is bid as a haven",
        SUPPLY: "sells off on supply, the long end first",
        POLICY_REPRICING: "reprices policy and inflation",
        POSITIONING: "is pressed by positioning",
        POLICY_ANCHORED: "follows its own policy path",
        STRUCTURALLY_ANCHORED: "is held by its central bank",
        IDIOSYNCRATIC: "moves on its own",
        QUIET: "is quiet",
        TRACKING: "tracks the common move",
    }
)


class _Spread(NamedTuple):
    """A spread of 10-year yields that a market has."""

    over: str  # another market
    names: tuple[str, str]
    note: str


class _Same(NamedTuple):
    """What is the same of one market at all moments."""

    spec: MarketSpec
    among: tuple[str, ...]  # its 10-year yield, and those of the panel
    with_us: tuple[str, str]
    volatility: tuple[tuple[str, str, str], ...]  # tenor, series, series of the United States
    vs_us: _Spread | None
    vs_de: _Spread | None
    hedged: Mapping[str, tuple[str, str, str]]  # own yield, own and home rate by investor; none where no rate is loaded
    no_demand: Reading
    no_supply: Reading


class _Now(NamedTuple):
    """What all markets share at a moment."""

    moment: Moment
    standing: StandingView
    day: int | None  # of the newest aligned row
    yields: Mapping[str, float | None]  # on it
    of_us: Mapping[str, RealisedVolatility | None]
    slow_us: float | None
    rates: Mapping[str, float | None]  # short rates by series


class MarketsPart:
    """All markets of the Board."""

    def __init__(self, inputs: Inputs, tenors: TenorsPart, curves: CurvesPart, standing: StandingPart) -> None:
        self._inputs, self._tenors, self._curves, self._standing = inputs, tenors, curves, standing
        self._labels = LabelsPart(inputs, tenors, curves, standing)
        self._same = {market: _same(inputs, MARKETS[market]) for market in inputs.settings.markets}
        self._rates = tuple({rate: None for same in self._same.values() for names in same.hedged.values() for rate in names[1:]})
        self._no_series, self._no_spread = inputs.unknown("no series of this market"), inputs.unknown("", "bp", "state.spread")
        self._no_rate = inputs.unknown("no short rate of this market is loaded", "%", "hedged")

    def at(
        self, moment: Moment, evidence: Evidence, demand: Mapping[str, Reading], supply: Mapping[str, Reading]
    ) -> dict[str, board.Market]:
        """Every market at a moment. `demand` and `supply` are the z of markets for which somebody knows them."""
        standing = self._standing.view(moment)
        labels = self._labels.at(standing, moment, evidence)
        us, row = MARKETS[UNITED_STATES], standing.regime.row
        now = _Now(
            moment=moment,
            standing=standing,
            day=int(standing.regime.view.rows.days[row]) if row >= 0 else None,
            yields=_newest_yields(standing),
            of_us={tenor: self._tenors.year_to_date(us.tenors[tenor], moment) for tenor in YEAR_TO_DATE},
            slow_us=self._slow_and_arrow(us.ten_year, moment)[0],
            rates={rate: newest(self._inputs, rate, moment) for rate in self._rates},
        )
        return {
            market: self._market(same, now, labels[market], demand.get(market), supply.get(market)) for market, same in self._same.items()
        }

    def _market(self, same: _Same, now: _Now, label: Word, demand: Reading | None, supply: Reading | None) -> board.Market:
        spec, moment = same.spec, now.moment
        tenors = {tenor: self._tenors.tenor(series, moment) for tenor, series in spec.tenors.items()}
        curves = self._curves.at(spec.id, moment)
        demand = demand or same.no_demand
        standing, row = now.standing, now.standing.regime.row
        own, has_printed = standing.markets.get(spec.id), spec.id in standing.printed
        s = [known_or_none(own.s[name][row]) if own and name in own.s else None for name in HORIZONS]
        alone = self._inputs.numbers((spec.ten_year,), moment, day=now.day)
        among = self._inputs.numbers(same.among, moment, day=now.day)
        s1w, s1m, s3m = alone.several(s, S_NUMBERS)
        slow, shown = self._slow_and_arrow(spec.ten_year, moment)
        times_us = slow / now.slow_us if slow is not None and now.slow_us else None
        return board.Market(
            name=spec.name,
            tenors=tenors,
            curves=curves,
            volatility={names[0]: self._volatility(names, spec.id == UNITED_STATES, now) for names in same.volatility},
            s1w=s1w,
            s1m=s1m,
            s3m=s3m,
            z_e=among(
                float(own.alone.z[row]) if own and has_printed else None,
                "σ",
                "state.z_e",
                "no own print on the newest row" if own and not has_printed else "",
            ),
            idio=among(float(own.alone.idio[row]) if own else None, "σ", "state.idio"),
            vol_ratio=self._inputs.computed(times_us, "×", "state.vol_ratio", same.with_us, moment),
            vs_us=self._spread(spec.id, same.vs_us, now),
            vs_de=self._spread(spec.id, same.vs_de, now),
            real10=self._read(spec.real, moment),
            breakeven10=self._read(spec.breakeven, moment),
            term_premium=self._read(spec.term_premium, moment),
            demand_z=demand,
            supply_z=supply or same.no_supply,
            hedged_jpy=self._hedged(same, "jpy", now),
            hedged_eur=self._hedged(same, "eur", now),
            label=label,
            arrow=shown,
            trend=self._tenors.trend(spec.ten_year, moment),
            conclusion=conclusion(spec.name, label.word, tenors, curves, demand.value),
        )

    def _read(self, series_id: str, moment: Moment) -> Reading:
        return self._inputs.reading(series_id, moment) if series_id else self._no_series

    def _slow_and_arrow(self, series_id: str, moment: Moment) -> tuple[float | None, str]:
        """Slow realised volatility of a yield in bp a year, and its arrow."""
        point, n = self._tenors.point(series_id, moment)
        slow = known_or_none(point.slow_bp_yr.item(n - 1)) if n else None
        if n < 2:
            return slow, ""
        week, before = known_or_none(point.changes[WEEK].item(n - 1)), known_or_none(point.slow_bp_yr.item(n - 2))
        sigma_bp = None if before is None else before / DAYS_A_YEAR**0.5
        return slow, arrow(week, sigma_bp, self._inputs.settings.labels) or ""

    def _volatility(self, names: tuple[str, str, str], is_us: bool, now: _Now) -> board.Volatility:
        tenor, *both = names
        of_us = now.of_us[tenor]
        found = of_us if is_us else self._tenors.year_to_date(both[0], now.moment)
        number = self._inputs.numbers((both[0],), now.moment)
        beside = self._inputs.numbers(tuple(both), now.moment)
        log_why = note = "fewer than 40 changes this year"
        if found and found.bp_yr is not None:
            log_why = note = f"{found.n} changes, calendar year to date"
            if found.log_yield_pct is None:
                log_why = "the yield was not always above 0.25%"
        return board.Volatility(
            bp_yr=number(found.bp_yr if found else None, "bp/yr", "volatility.bp_yr", note),
            price_pct=number(found.price_pct if found else None, "%/yr", "volatility.price_pct", note),
            log_yield_pct=number(found.log_yield_pct if found else None, "%/yr", "volatility.log_yield_pct", log_why),
            ratio_us=beside(ratio(found, of_us) if found and of_us else None, "×", "volatility.ratio_us", note),
        )

    def _spread(self, market: str, spread: _Spread | None, now: _Now) -> Reading:
        """10-year spread on the newest row, bp."""
        if spread is None:
            return self._no_spread
        own, base = now.yields.get(market), now.yields.get(spread.over)
        value = BP_PER_PERCENT * (own - base) if own is not None and base is not None else None
        number = self._inputs.numbers(spread.names, now.moment, day=now.day)
        return number(value, "bp", "state.spread", spread.note if value is not None else "")

    def _hedged(self, same: _Same, investor: str, now: _Now) -> Reading:
        """The 10-year yield hedged into the investor's currency; at home it needs no hedge."""
        spec, moment, names = same.spec, now.moment, same.hedged.get(investor)
        if spec.currency == investor:
            level = self._inputs.newest(spec.ten_year, moment).value
            return self._inputs.computed(level, "%", "hedged", (spec.ten_year,), moment, note="home market, not hedged")
        if names is None:
            return self._no_rate
        own, foreign_3m, home_3m = newest(self._inputs, names[0], moment), now.rates[names[1]], now.rates[names[2]]
        if own is None or foreign_3m is None or home_3m is None:
            missing = ", ".join(name for name, value in zip(names, (own, foreign_3m, home_3m), strict=True) if value is None)
            return self._inputs.computed(None, "%", "hedged", names, moment, note=f"missing or old: {missing}", proxy=True)
        value = own - rate_cost_pct(foreign_3m, home_3m, self._inputs.settings.hedging)
        return self._inputs.computed(value, "%", "hedged", names, moment, note=FROM_RATES, proxy=True)


def _same(inputs: Inputs, spec: MarketSpec) -> _Same:
    us, ten = MARKETS[UNITED_STATES], spec.ten_year
    names = {investor: (ten, spec.short_rate, home) for investor, home in HOME_RATE.items() if spec.currency != investor}
    return _Same(
        spec=spec,
        among=tuple(dict.fromkeys((ten, *(MARKETS[market].ten_year for market in inputs.settings.panel)))),
        with_us=(ten, us.ten_year),
        volatility=tuple((tenor, spec.tenors[tenor], us.tenors[tenor]) for tenor in YEAR_TO_DATE if tenor in spec.tenors),
        vs_us=_spread_over(inputs, spec, UNITED_STATES),
        vs_de=_spread_over(inputs, spec, BUND) if spec.is_euro else None,
        hedged=names if spec.short_rate else {},
        no_demand=inputs.unknown(spec.no_demand, "z", "demand_z"),
        no_supply=inputs.unknown(spec.no_supply, "z", "supply_z"),
    )


def _spread_over(inputs: Inputs, spec: MarketSpec, other: str) -> _Spread | None:
    """The spread over another market; over Germany for the euro area only."""
    if other == spec.id:
        return None
    names = spec.ten_year, MARKETS[other].ten_year
    sources = [inputs.track(each).source for each in names]
    return _Spread(other, names, f"{names[0]} from {sources[0]}, {names[1]} from {sources[1]}")


def _newest_yields(standing: StandingView) -> dict[str, float | None]:
    """10-year yields on the newest aligned row, %; none without rows."""
    rows, row = standing.regime.view.rows, standing.regime.row
    if row < 0:
        return {}
    panel = dict(zip(rows.markets, listed(rows.yields[row]), strict=True))
    return panel | {market: known_or_none(column[row]) for market, column in rows.others.items() if market in MARKETS}


def conclusion(name: str, label: str, tenors: Mapping[str, board.Tenor], curves: Mapping[str, board.Curve], demand_z: float | None) -> str:
    """One sentence about a market, made of states only."""
    says = SAYS.get(label.rstrip("?"), "cannot be read yet")
    return f"{name} {'; '.join((says, *_also(tenors, curves, demand_z)))}."


def _also(tenors: Mapping[str, board.Tenor], curves: Mapping[str, board.Curve], demand_z: float | None) -> Iterator[str]:
    shape = next(((pair, curve.shape_1m.word) for pair, curve in curves.items() if curve.shape_1m.word), None)
    if shape:
        yield f"{shape[0]} {shape[1]} over a month"
    sizes = [abs(each.z1.value or 0.0) for each in tenors.values()]
    if sizes:
        moved, point = list(tenors.items())[sizes.index(max(sizes))]
        if point.z_word:
            yield f"{point.z_word} move of the {moved.upper()}"
    if demand_z is not None:
        yield "buyers weak" if demand_z <= WEAK_DEMAND_Z else "buyers present"
