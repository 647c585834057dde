"""What other markets say: equities, volatility, the dollar and bonds beside the regime; risk assets; the dollar's transmission."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

import msgspec
import numpy as np

from ...feeds.calendars import age
from ...feeds.series import from_day
from .. import board
from ..board import Asset, Reading, Word
from ..confirmation import (
    BOND_WORDS,
    DOLLAR_WORDS,
    EQUITY_WORDS,
    UNKNOWN,
    VOLATILITY_WORDS,
    Codes,
    bond_states,
    dollar_states,
    equity_states,
    verdict,
    volatility_states,
)
from ..confirmation import word as word_of
from ..dollar import CONSTRAINT_WORDS, DollarParams, conditions_states, funding_states, hedging_states
from ..inputs import Inputs, Moment
from ..markets import MARKETS
from ..momentum import Momentum, momentum
from ..newest import last_percentile
from ..riskassets import (
    CommonCorrelation,
    RiskAssetParams,
    correlation_with_prices,
    correlation_with_yield,
    risk_off_count,
    shock_word,
    weekdays_only,
)
from ..rows import Native
from ..stats import BP_PER_PERCENT, Days, Floats, common, known_or_none
from .asknown import AsKnown, row_on
from .regime import RegimeView

Correlate = Callable[[Days, Floats, Days, Floats, RiskAssetParams], CommonCorrelation]

MAX_AGE = 3  # business days of its own market after which a line no longer speaks
DECADE = (2520, 500)
DOLLARS = ("usd.broad", "dxy")
QUOTES = ("spx", "ndx", "nky", "vix", "move", "usd.broad", "dxy", "usdjpy", "hy.oas", "gold", "btc")
POINTS: Mapping[str, str] = MappingProxyType({"vix": "points", "move": "points", "hy.oas": "bp"})  # of a change; the others' are in %
ASSETS = ("spx", "ndx", "nky", "btc", "gold")
EQUITIES, YIELD = "spx", "us.10y"
CRYPTO = "btc"
FUNDING = ("us.sofr", "us.iorb")
NFCI = "us.nfci"


class Quote(msgspec.Struct, frozen=True):
    """One price or index on its own dates (crypto on weekdays), a row for each."""

    days: Days
    values: Floats
    momentum: Momentum


class _Now(msgspec.Struct, frozen=True):
    """A quote's newest row."""

    day: int
    value: float
    change: float | None  # of the day, in points or %
    month: float | None
    z: float | None


class ConfirmationPart:
    """Momentum of every quote, and the correlations of risk assets."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._quotes = {name: self._quote(inputs.native(name), name) for name in QUOTES}
        params = inputs.settings.risk_assets
        self._with_yield = {name: AsKnown(inputs, (name, YIELD), _correlated(name, correlation_with_yield, params)) for name in ASSETS}
        self._with_equities = {
            name: AsKnown(inputs, (name, EQUITIES), _correlated(name, correlation_with_prices, params))
            for name in ASSETS
            if name != EQUITIES
        }
        self._funding = AsKnown(inputs, FUNDING, partial(_funding_states, params=inputs.settings.dollar))
        self._nfci = conditions_states(inputs.native(NFCI)[1], inputs.settings.dollar)

    def at(self, moment: Moment, regime: RegimeView, cost_change_bp: Reading | None = None) -> board.Confirmation:
        """What confirms the regime; `cost_change_bp`: the month's change of a yen investor's hedging cost."""
        dollar_id = self._dollar_id(moment)
        dollar = self._dollar(dollar_id, moment)
        words = (self._equities(moment), self._volatility(moment), dollar, self._bonds(moment, regime))
        held = None if regime.held is None else regime.held.name
        found = verdict(held, tuple(_or_none(each) for each in words))  # type: ignore[arg-type]
        basis = (EQUITIES, "vix", dollar_id or DOLLARS[0], None)
        lines = {
            line.name: self._line(line.name, series, word, line.confirms, moment, regime)
            for line, series, word in zip(found.lines, basis, words, strict=True)
        }
        stock_bond, stock_bond_word = self._stock_bond(moment)
        assets = {name: self._asset(name, moment) for name in ASSETS}
        risk_off = risk_off_count({name: assets[name].m1.value for name in ("btc", "nky", "gold")})
        return board.Confirmation(
            lines=lines,
            quotes={_key(name): self._line(self._title(name), name, Word(), None, moment, regime) for name in QUOTES},
            confirm_k=found.k,
            confirm_n=found.n,
            verdict=found.text,
            stock_bond=stock_bond,
            stock_bond_word=stock_bond_word,
            assets=assets,
            risk_off_k=risk_off.k if risk_off.n else None,
            risk_off_n=risk_off.n,
            dollar=self._structural(dollar, dollar_id, moment),
            transmission=self._transmission(moment, cost_change_bp),
        )

    # ---------------------------------------------------------------------------------------------------------------- lines
    def _equities(self, moment: Moment) -> Word:
        now = self._row(EQUITIES, moment)
        code = UNKNOWN if now is None else int(equity_states(now, self._inputs.settings.confirmation)[0])
        return self._word(code, EQUITY_WORDS, "confirmation.equities", (EQUITIES,), moment)

    def _volatility(self, moment: Moment) -> Word:
        vix, vix_pct = self._level("vix", moment)
        _, move_pct = self._level("move", moment)
        row = [np.array([x]) for x in (vix, vix_pct, move_pct)]
        code = int(volatility_states(row[0], row[1], row[2], self._inputs.settings.confirmation)[0])
        evidence = tuple(f"{name} p{100 * pct:.0f}" for name, pct in (("VIX", vix_pct), ("MOVE", move_pct)) if pct == pct)
        return self._word(code, VOLATILITY_WORDS, "confirmation.volatility", ("vix", "move"), moment, evidence)

    def _dollar(self, name: str | None, moment: Moment) -> Word:
        now = self._row(name, moment) if name else None
        code = UNKNOWN if now is None else int(dollar_states(now, self._inputs.settings.confirmation)[0])
        return self._word(code, DOLLAR_WORDS, "confirmation.dollar", (name,) if name else DOLLARS, moment)

    def _bonds(self, moment: Moment, regime: RegimeView) -> Word:
        series = tuple(MARKETS[market].ten_year for market in self._inputs.settings.panel)
        code = UNKNOWN
        if regime.row >= 0:
            at, row = regime.history.headline.at, slice(regime.row, regime.row + 1)
            on = regime.history.gate.on[row]
            code = int(bond_states(at.m[row], at.D[row], at.kappa[row], on, self._inputs.settings.confirmation)[0])
        return self._word(code, BOND_WORDS, "confirmation.bonds", series, moment)

    def _dollar_id(self, moment: Moment) -> str | None:
        """The broad index where it still speaks, else the one of six currencies."""
        return next((name for name in DOLLARS if self._is_recent(name, moment)), None)

    def _word(
        self, code: int, words: tuple[str, ...], formula: str, series: tuple[str, ...], moment: Moment, evidence: tuple[str, ...] = ()
    ) -> Word:
        text = word_of(code, words)
        day = max((day for name in series if (day := self._inputs.last_day(name, moment)) is not None), default=None)
        as_of = None if day is None else from_day(day)
        if text is None:
            missing = [name for name in series if not self._is_recent(name, moment)]
            note = f"no recent data: {', '.join(missing)}" if missing else "too little history"
            return Word(as_of=as_of, formula=formula, inputs=series, note=note)
        return Word(text, self._inputs.basis(series, moment)[0], as_of, evidence=evidence, formula=formula, inputs=series)

    def _line(self, name: str, series: str | None, state: Word, confirms: bool | None, moment: Moment, regime: RegimeView) -> board.Line:
        if series is None:
            at, row = regime.history.headline.at, regime.row
            D = known_or_none(at.D[row]) if row >= 0 else None
            divergence = self._inputs.computed(D, "σ", "regime.D", state.inputs, moment, note="divergence" if D is not None else "")
            nothing = self._inputs.unknown("")
            return board.Line(name, divergence, nothing, nothing, nothing, state, confirms)
        now, unit = self._now(series, moment), POINTS.get(series, "%")
        number = self._inputs.numbers((series,), moment, day=now.day if now else None)
        d1, m1 = (now.change, now.month) if now else (None, None)
        changes = (number(d1, unit, "quote.d1"), number(m1, unit, "quote.m1"), number(now.z if now else None, "σ", "quote.z"))
        return board.Line(name, self._inputs.reading(series, moment), *changes, state, confirms)

    # ---------------------------------------------------------------------------------------------------------- risk assets
    def _asset(self, name: str, moment: Moment) -> Asset:
        now = self._now(name, moment)
        day = now.day if now else None
        alone, beside_yield = (self._inputs.numbers(names, moment, day=day) for names in ((name,), (name, YIELD)))
        if name == EQUITIES:
            with_equities = self._inputs.unknown("the index itself")
        else:
            found = self._correlation(self._with_equities[name], moment)
            with_equities = self._inputs.numbers((name, EQUITIES), moment, day=day)(found, "", "asset.corr_spx")
        return Asset(
            name=self._title(name),
            level=self._inputs.reading(name, moment),
            d1=alone(now.change if now else None, "%", "asset.d1"),
            m1=alone(now.month if now else None, "%", "asset.m1"),
            z=alone(now.z if now else None, "σ", "asset.z"),
            corr_us10y=beside_yield(self._correlation(self._with_yield[name], moment), "", "asset.corr_us10y"),
            corr_spx=with_equities,
        )

    def _stock_bond(self, moment: Moment) -> tuple[Reading, Word]:
        value = self._correlation(self._with_yield[EQUITIES], moment)
        series = (EQUITIES, YIELD)
        reading = self._inputs.computed(value, "", "stock_bond", series, moment)
        text = shock_word(value, self._inputs.settings.risk_assets)
        return reading, Word(text or "", reading.status, reading.as_of, formula="stock_bond", inputs=series, note=reading.note)

    def _correlation(self, known: AsKnown[CommonCorrelation], moment: Moment) -> float | None:
        found = known.at(moment)
        if found is None:
            return None
        history, newest = found
        last = row_on(history.days, newest)
        return known_or_none(history.values[last]) if last >= 0 else None

    # --------------------------------------------------------------------------------------------------------------- dollar
    def _structural(self, dollar: Word, name: str | None, moment: Moment) -> Word:
        """Firm becomes structurally firm above the 70th percentile of ten years."""
        if dollar.word != "firm" or name is None:
            return dollar
        _, pct = self._level(name, moment)
        if not pct > self._inputs.settings.dollar.structural_pct:
            return dollar
        return msgspec.structs.replace(dollar, evidence=(*dollar.evidence, f"structurally firm: p{100 * pct:.0f} of ten years"))

    def _transmission(self, moment: Moment, cost: Reading | None) -> dict[str, Word]:
        params = self._inputs.settings.dollar
        cost_code = UNKNOWN if cost is None or cost.value is None else int(hedging_states(np.array([cost.value]), params)[0])
        found, weeks = self._funding.at(moment), self._inputs.upto(NFCI, moment)
        funding = int(found[0][1][last]) if found and (last := row_on(found[0][0], found[1])) >= 0 else UNKNOWN
        nfci = int(self._nfci[weeks - 1]) if weeks else UNKNOWN
        cost_inputs = tuple(cost.inputs) if cost else ()
        return {
            "hedging": Word(note="hedging cost unknown")
            if not cost_inputs
            else self._constraint(cost_code, "hedging", cost_inputs, moment),
            "funding": self._constraint(funding, "funding", FUNDING, moment),
            "conditions": self._constraint(nfci, "conditions", (NFCI,), moment),
        }

    def _constraint(self, code: int, name: str, series: tuple[str, ...], moment: Moment) -> Word:
        return self._word(code, CONSTRAINT_WORDS, f"dollar.{name}", series, moment)

    # --------------------------------------------------------------------------------------------------------------- quotes
    def _quote(self, native: Native, name: str) -> Quote:
        days, values = weekdays_only(*native) if name == CRYPTO else native
        return Quote(days, values, momentum(days, values, self._inputs.settings.momentum))

    def _upto(self, name: str, moment: Moment) -> int:
        """Rows of a quote known at the moment."""
        if name != CRYPTO:
            return self._inputs.upto(name, moment)
        last = self._inputs.last_day(name, moment)
        return 0 if last is None else int(self._quotes[name].days.searchsorted(np.int32(last), "right"))

    def _is_recent(self, name: str, moment: Moment) -> bool:
        day = self._inputs.last_day(name, moment)
        return day is not None and age(self._inputs.catalogue[name], day, moment.at) <= MAX_AGE

    def _row(self, name: str, moment: Moment) -> Momentum | None:
        """Momentum on the newest row; None where the quote is too old."""
        n = self._upto(name, moment)
        if n == 0 or not self._is_recent(name, moment):
            return None
        m = self._quotes[name].momentum
        return Momentum(*(x[n - 1 : n] for x in (m.day_return_pct, m.return_pct, m.z, m.below_high_pct, m.over_mean_pct)))

    def _now(self, name: str, moment: Moment) -> _Now | None:
        n = self._upto(name, moment)
        if n == 0:
            return None
        quote = self._quotes[name]
        values, m = quote.values, quote.momentum
        if name in POINTS:
            horizon = self._inputs.settings.momentum.horizon
            day, month = (float(values[n - 1] - values[n - 1 - k]) if n > k else None for k in (1, horizon))
        else:
            day, month = known_or_none(m.day_return_pct[n - 1]), known_or_none(m.return_pct[n - 1])
        return _Now(int(quote.days[n - 1]), float(values[n - 1]), day, month, known_or_none(m.z[n - 1]))

    def _level(self, name: str, moment: Moment) -> tuple[float, float]:
        """Value and 10-year percentile 0…1; unknown where too old."""
        values = self._inputs.known(name, moment)[1][-DECADE[0] :]
        if not len(values) or not self._is_recent(name, moment):
            return np.nan, np.nan
        return float(values[-1]), last_percentile(values, DECADE[1])

    def _title(self, name: str) -> str:
        return self._inputs.catalogue[name].title


def _or_none(word: Word) -> str | None:
    return word.word or None


def _key(series_id: str) -> str:
    """A series as a key of the Board, whose paths have dots."""
    return series_id.replace(".", "_")


def _correlated(name: str, function: Correlate, params: RiskAssetParams) -> Callable[[Sequence[Native]], CommonCorrelation]:
    def build(natives: Sequence[Native]) -> CommonCorrelation:
        own, other = natives
        return function(*(weekdays_only(*own) if name == CRYPTO else own), *other, params)

    return build


def _funding_states(natives: Sequence[Native], params: DollarParams) -> tuple[Days, Codes]:
    """State of funding on the common dates of SOFR and IORB."""
    (sofr_days, sofr), (iorb_days, iorb) = natives
    days, a, b = common(sofr_days, sofr, iorb_days, iorb)
    return days, funding_states(BP_PER_PERCENT * (a - b), params)
