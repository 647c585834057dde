"""The state vector: one row a market, from its curve to its label and a sentence."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

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
from ..stats import BP_PER_PERCENT, known_or_none
from ..volatility import RealisedVolatility, ratio
from .asknown import newest
from .curves import CurvesPart
from .evidence import Evidence
from .labels import LabelsPart
from .standing import BUND, StandingPart, StandingView
from .tenors import WEEK, TenorsPart

UNITED_STATES = "us"
FROM_RATES = f"from rates and the default basis; {CAVEAT}"
YEAR_TO_DATE = ("10y", "30y")
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


class MarketsPart:
    """All markets of the Board."""

    def __init__(self, inputs: Inputs, tenors: TenorsPart, curves: CurvesPart, standing: StandingPart) -> None:
        self._inputs, self._tenors, self._curves, self._standing = inputs, tenors, curves, standing
        self._labels = LabelsPart(inputs, tenors, curves, standing)

    def at(
        self, moment: Moment, evidence: Evidence, demand: Mapping[str, Reading], supply: Mapping[str, Reading]
    ) -> dict[str, board.Market]:
        """Every market at a moment. `demand` and `supply` are the z of markets for which somebody knows them."""
        standing = self._standing.view(moment)
        labels = self._labels.at(standing, moment, evidence)
        us = self._tenors.year_to_date(MARKETS[UNITED_STATES].ten_year, moment)
        of_us = {"10y": us, "30y": self._tenors.year_to_date(MARKETS[UNITED_STATES].tenors["30y"], moment)}
        return {
            market: self._market(MARKETS[market], standing, moment, labels[market], of_us, demand.get(market), supply.get(market))
            for market in self._inputs.settings.markets
        }

    def _market(
        self,
        spec: MarketSpec,
        standing: StandingView,
        moment: Moment,
        label: Word,
        of_us: Mapping[str, RealisedVolatility | None],
        demand: Reading | None,
        supply: Reading | None,
    ) -> board.Market:
        tenors = {tenor: self._tenors.tenor(series, moment) for tenor, series in spec.tenors.items()}
        curves = self._curves.at(spec.id, moment)
        demand = demand or self._inputs.unknown(spec.no_demand, "z", "demand_z")
        moves = _Moves(self._inputs, spec, standing, moment)
        return board.Market(
            name=spec.name,
            tenors=tenors,
            curves=curves,
            volatility={tenor: self._volatility(spec, tenor, moment, of_us[tenor]) for tenor in YEAR_TO_DATE if tenor in spec.tenors},
            s1w=moves.in_sigma("s1w", "1W"),
            s1m=moves.in_sigma("s1m", "1M"),
            s3m=moves.in_sigma("s3m", "3M"),
            z_e=moves.of_the_day(),
            idio=moves.idio(),
            vol_ratio=self._vol_ratio(spec, moment),
            vs_us=moves.spread_to(UNITED_STATES),
            vs_de=moves.spread_to(BUND),
            real10=self._read(spec.real, moment),
            breakeven10=self._read(spec.breakeven, moment),
            term_premium=self._read(spec.term_premium, moment),
            demand_z=demand,
            supply_z=supply or self._inputs.unknown(spec.no_supply, "z", "supply_z"),
            hedged_jpy=self._hedged(spec, "jpy", moment),
            hedged_eur=self._hedged(spec, "eur", moment),
            label=label,
            arrow=self._arrow(spec, moment),
            trend=self._tenors.trend(spec.ten_year, moment),
            conclusion=conclusion(spec.name, label.word, tenors, curves, demand.value),
        )

    def _read(self, series_id: str, moment: Moment) -> Reading:
        return self._inputs.reading(series_id, moment) if series_id else self._inputs.unknown("no series of this market")

    def _vol_ratio(self, spec: MarketSpec, moment: Moment) -> Reading:
        """Slow realised volatility of the 10-year yield over that of the US, both in bp a year."""
        names = (spec.ten_year, MARKETS[UNITED_STATES].ten_year)
        own, us = (self._slow(name, moment) for name in names)
        return self._inputs.computed(own / us if own is not None and us else None, "×", "state.vol_ratio", names, moment)

    def _slow(self, series_id: str, moment: Moment) -> float | None:
        point, n = self._tenors.point(series_id, moment)
        return known_or_none(point.slow_bp_yr[n - 1]) if n else None

    def _volatility(self, spec: MarketSpec, tenor: str, moment: Moment, of_us: RealisedVolatility | None) -> board.Volatility:
        series = spec.tenors[tenor]
        found = of_us if spec.id == UNITED_STATES else self._tenors.year_to_date(series, moment)
        note = f"{found.n} changes, calendar year to date" if found and found.bp_yr is not None else "fewer than 40 changes this year"

        number = self._inputs.numbers((series,), moment)
        both = self._inputs.numbers((series, MARKETS[UNITED_STATES].tenors[tenor]), moment)
        log_why = "" if found is None or found.bp_yr is None or found.log_yield_pct is not None else "the yield was not always above 0.25%"
        return board.Volatility(
            bp_yr=number(found.bp_yr if found else None, "bp/yr", "volatility.bp_yr", note),
            price_pct=number(found.price_pct if found else None, "%/yr", "volatility.price_pct", note),
            log_yield_pct=number(found.log_yield_pct if found else None, "%/yr", "volatility.log_yield_pct", log_why or note),
            ratio_us=both(ratio(found, of_us) if found and of_us else None, "×", "volatility.ratio_us", note),
        )

    def _hedged(self, spec: MarketSpec, investor: str, moment: Moment) -> Reading:
        """The 10-year yield hedged into the investor's currency; at home it needs no hedge."""
        home = HOME_RATE[investor]
        if spec.currency == investor:
            level = self._inputs.reading(spec.ten_year, moment)
            return self._inputs.computed(level.value, "%", "hedged", (spec.ten_year,), moment, note="home market, not hedged")
        names = (spec.ten_year, spec.short_rate, home)
        if not spec.short_rate:
            return self._inputs.unknown("no short rate of this market is loaded", "%", "hedged")
        values = [newest(self._inputs, name, moment) for name in names]
        own, foreign_3m, home_3m = values
        if own is None or foreign_3m is None or home_3m is None:
            missing = ", ".join(name for name, value in zip(names, values, strict=True) if value is None)
            return self._inputs.computed(None, "%", "hedged", names, moment, note=f"missing or old: {missing}", proxy=True)
        value = own - rate_cost_pct(foreign_3m, home_3m, self._inputs.settings.hedging)
        return self._inputs.computed(value, "%", "hedged", names, moment, note=FROM_RATES, proxy=True)

    def _arrow(self, spec: MarketSpec, moment: Moment) -> str:
        point, n = self._tenors.point(spec.ten_year, moment)
        if n < 2:
            return ""
        week, sigma_bp = known_or_none(point.changes[WEEK][n - 1]), known_or_none(point.slow_bp_yr[n - 2])
        slow = None if sigma_bp is None else sigma_bp / 252**0.5
        return arrow(week, slow, self._inputs.settings.labels) or ""


class _Moves:
    """What one market did on the newest aligned row."""

    def __init__(self, inputs: Inputs, spec: MarketSpec, standing: StandingView, moment: Moment) -> None:
        self._inputs, self._spec, self._standing, self._moment = inputs, spec, standing, moment
        self._row = standing.regime.row
        self._own = standing.markets.get(spec.id)
        self._day = int(standing.regime.view.rows.days[self._row]) if self._row >= 0 else None
        panel = [MARKETS[market].ten_year for market in inputs.settings.panel]
        self._alone = inputs.numbers((spec.ten_year,), moment, day=self._day)
        self._among = inputs.numbers(tuple(dict.fromkeys((spec.ten_year, *panel))), moment, day=self._day)

    def in_sigma(self, name: str, horizon: str) -> Reading:
        """Move over a horizon in the market's own σ."""
        value = known_or_none(self._own.s[horizon][self._row]) if self._own else None
        return self._alone(value, "σ", f"state.{name}")

    def of_the_day(self) -> Reading:
        """Residual of the day; only where the market printed."""
        printed = self._spec.id in self._standing.printed
        value = known_or_none(self._own.alone.z[self._row]) if self._own and printed else None
        note = "no own print on the newest row" if self._own and not printed else ""
        return self._among(value, "σ", "state.z_e", note)

    def idio(self) -> Reading:
        """Residuals of a month."""
        value = known_or_none(self._own.alone.idio[self._row]) if self._own else None
        return self._among(value, "σ", "state.idio")

    def spread_to(self, other: str) -> Reading:
        """10-year spread on the newest row, bp; over Germany for the euro area only."""
        name, own_name = MARKETS[other].ten_year, self._spec.ten_year
        if other == self._spec.id or (other == BUND and not self._spec.is_euro):
            return self._inputs.unknown("", "bp", "state.spread")
        own, base = self._yield(self._spec.id), self._yield(other)
        value = BP_PER_PERCENT * (own - base) if own is not None and base is not None else None
        sources = [self._inputs.track(each).source for each in (own_name, name)]
        note = f"{own_name} from {sources[0]}, {name} from {sources[1]}" if value is not None else ""
        return self._inputs.computed(value, "bp", "state.spread", (own_name, name), self._moment, day=self._day, note=note)

    def _yield(self, market: str) -> float | None:
        rows = self._standing.regime.view.rows
        if self._row < 0:
            return None
        column = rows.yield_of(market) if market in rows.markets else rows.others.get(market)
        return None if column is None else known_or_none(column[self._row])


def conclusion(name: str, label: str, tenors: Mapping[str, board.Tenor], curves: Mapping[str, board.Curve], demand_z: float | None) -> str:
    """One sentence about a market, made of states only."""
    says = SAYS.get(label.rstrip("?"), "cannot be read yet")
    return f"{name} {'; '.join((says, *_also(tenors, curves, demand_z)))}."


def _also(tenors: Mapping[str, board.Tenor], curves: Mapping[str, board.Curve], demand_z: float | None) -> Iterator[str]:
    shape = next(((pair, curve.shape_1m.word) for pair, curve in curves.items() if curve.shape_1m.word), None)
    if shape:
        yield f"{shape[0]} {shape[1]} over a month"
    moved = max(tenors.items(), key=lambda each: abs(each[1].z1.value or 0.0), default=None)
    if moved and moved[1].z_word:
        yield f"{moved[1].z_word} move of the {moved[0].upper()}"
    if demand_z is not None:
        yield "buyers weak" if demand_z <= WEAK_DEMAND_Z else "buyers present"
