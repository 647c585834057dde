"""What other markets say: equities, volatility, the dollar and bonds beside the regime; risk assets; the dollar's transmission."""

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from .. import board
from ..board import Asset, Reading, Word
from ..confirmation import (
    DOLLAR_WORDS,
    EQUITY_WORDS,
    UNKNOWN,
    Codes,
    bond_word,
    dollar_states,
    equity_states,
    verdict,
    volatility_word,
)
from ..confirmation import word as word_of
from ..dollar import CONSTRAINT_WORDS, DollarParams, conditions_states, funding_states, hedging_word
from ..inputs import Inputs, Moment
from ..markets import MARKETS
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
from .quotes import CRYPTO, DOLLARS, QUOTES, Quoted, Quotes
from .regime import RegimeView

Correlate = Callable[[Days, Floats, Days, Floats, RiskAssetParams], CommonCorrelation]

ASSETS = ("spx", "ndx", "nky", "btc", "gold")
EQUITIES, YIELD = "spx", "us.10y"
FUNDING = ("us.sofr", "us.iorb")
NFCI = "us.nfci"
NOTHING, ITSELF = Reading(), Reading(note="the index itself")
_BESIDE = {name: ((name,), (name, YIELD), (name, EQUITIES)) for name in ASSETS}
_MOVED = (("%", "asset.d1"), ("%", "asset.m1"), ("σ", "asset.z"))


class ConfirmationPart:
    """Quotes in the light of the regime, and the correlations of risk assets."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self._tens = tuple(MARKETS[market].ten_year for market in inputs.settings.panel)
        self._quotes = quotes = Quotes(inputs)
        params = inputs.settings.risk_assets
        self._with_yield = {name: AsKnown(inputs, (name, YIELD), _correlated(name, correlation_with_yield, params)) for name in ASSETS}
        self._with_equities = {
            name: AsKnown(inputs, (name, EQUITIES), _correlated(name, correlation_with_prices, params))
            for name in ASSETS
            if name != EQUITIES
        }
        self._funding = AsKnown(inputs, FUNDING, partial(_funding_states, params=inputs.settings.dollar))
        self._equity_codes = equity_states(quotes.momentum(EQUITIES), inputs.settings.confirmation)
        self._dollar_codes = {name: dollar_states(quotes.momentum(name), inputs.settings.confirmation) for name in DOLLARS}
        self._nfci = conditions_states(inputs.native(NFCI)[1], inputs.settings.dollar)

    def at(self, moment: Moment, regime: RegimeView, cost_change_bp: Reading | None = None) -> board.Confirmation:
        """What confirms the regime; `cost_change_bp`: the month's change of a yen investor's hedging cost."""
        dollar_id = self._dollar_id(moment)
        dollar = self._dollar(dollar_id, moment)
        words = (self._equities(moment), self._volatility(moment), dollar, self._bonds(moment, regime))
        held = None if regime.held is None else regime.held.name
        found = verdict(held, tuple(_or_none(each) for each in words))  # type: ignore[arg-type]
        quoted = {name: self._quotes.at(name, moment) for name in QUOTES}
        quotes = {name: self._quotes.line(name, now, moment) for name, now in quoted.items()}
        *basis, bonds = zip(found.lines, (EQUITIES, "vix", dollar_id or DOLLARS[0], ""), words, strict=True)
        lines = {
            line.name: msgspec.structs.replace(quotes[series], name=line.name, state=word, confirms=line.confirms)
            for line, series, word in basis
        }
        lines[bonds[0].name] = self._bond_line(bonds[0].name, bonds[2], bonds[0].confirms, moment, regime)
        with_yield = {name: self._correlation(self._with_yield[name], moment) for name in ASSETS}
        stock_bond, stock_bond_word = self._stock_bond(with_yield[EQUITIES], moment)
        assets = {name: self._asset(name, quoted[name], with_yield[name], moment) for name in ASSETS}
        risk_off = risk_off_count({name: assets[name].m1.value for name in ("btc", "nky", "gold")})
        return board.Confirmation(
            lines=lines,
            quotes={_key(name): line for name, line in quotes.items()},
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
        code = self._quotes.code(EQUITIES, self._equity_codes, moment)
        return self._word(word_of(code, EQUITY_WORDS), "confirmation.equities", (EQUITIES,), moment)

    def _volatility(self, moment: Moment) -> Word:
        vix, vix_pct = self._quotes.level("vix", moment)
        _, move_pct = self._quotes.level("move", moment)
        text = volatility_word(vix, vix_pct, move_pct, self._inputs.settings.confirmation)
        evidence = tuple(f"{name} p{100 * pct:.0f}" for name, pct in (("VIX", vix_pct), ("MOVE", move_pct)) if pct is not None)
        return self._word(text, "confirmation.volatility", ("vix", "move"), moment, evidence)

    def _dollar(self, name: str | None, moment: Moment) -> Word:
        code = self._quotes.code(name, self._dollar_codes[name], moment) if name else UNKNOWN
        return self._word(word_of(code, DOLLAR_WORDS), "confirmation.dollar", (name,) if name else DOLLARS, moment)

    def _bonds(self, moment: Moment, regime: RegimeView) -> Word:
        text = None
        if regime.row >= 0:
            at, on = regime.history.headline.at, bool(regime.history.gate.on[regime.row])
            m, D, kappa = (known_or_none(column[regime.row]) for column in (at.m, at.D, at.kappa))
            text = bond_word(m, D, kappa, on, self._inputs.settings.confirmation)
        return self._word(text, "confirmation.bonds", self._tens, moment)

    def _dollar_id(self, moment: Moment) -> str | None:
        """The broad index where it still speaks, else the one of six currencies."""
        return next((name for name in DOLLARS if self._quotes.is_recent(name, moment)), None)

    def _word(self, text: str | None, formula: str, series: tuple[str, ...], moment: Moment, evidence: tuple[str, ...] = ()) -> Word:
        found = self._inputs.numbers(series, moment)
        if text is None:
            missing = [name for name in series if not self._quotes.is_recent(name, moment)]
            note = f"no recent data: {', '.join(missing)}" if missing else "too little history"
            return Word(as_of=found.as_of, formula=formula, inputs=series, note=note)
        return Word(text, found.status, found.as_of, evidence=evidence, formula=formula, inputs=series)

    def _bond_line(self, name: str, state: Word, confirms: bool | None, moment: Moment, regime: RegimeView) -> board.Line:
        D = known_or_none(regime.history.headline.at.D[regime.row]) if regime.row >= 0 else None
        divergence = self._inputs.computed(D, "σ", "regime.D", state.inputs, moment, note="divergence" if D is not None else "")
        return board.Line(name, divergence, NOTHING, NOTHING, NOTHING, state, confirms)

    # ---------------------------------------------------------------------------------------------------------- risk assets
    def _asset(self, name: str, now: Quoted, with_yield: float | None, moment: Moment) -> Asset:
        alone, with_its_yield, with_stocks = _BESIDE[name]
        number = self._inputs.numbers(alone, moment, day=now.day if name == CRYPTO else None)  # others are of their newest day
        beside_yield = self._inputs.numbers(with_its_yield, moment, day=now.day)
        with_equities = ITSELF
        if name != EQUITIES:
            beside_equities = self._inputs.numbers(with_stocks, moment, day=now.day)
            with_equities = beside_equities(self._correlation(self._with_equities[name], moment), "", "asset.corr_spx")
        d1, m1, z = number.several(now.moved, _MOVED)
        corr_us10y = beside_yield(with_yield, "", "asset.corr_us10y")
        return Asset(self._quotes.titles[name], now.level, d1, m1, z, corr_us10y, with_equities)

    def _stock_bond(self, value: float | None, moment: Moment) -> tuple[Reading, Word]:
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
        _, pct = self._quotes.level(name, moment)
        if pct is None or pct <= self._inputs.settings.dollar.structural_pct:
            return dollar
        return msgspec.structs.replace(dollar, evidence=(*dollar.evidence, f"structurally firm: p{100 * pct:.0f} of ten years"))

    def _transmission(self, moment: Moment, cost: Reading | None) -> dict[str, Word]:
        params = self._inputs.settings.dollar
        cost_word = hedging_word(None if cost is None else cost.value, params)
        found, weeks = self._funding.at(moment), self._inputs.upto(NFCI, moment)
        funding = int(found[0][1][last]) if found and (last := row_on(found[0][0], found[1])) >= 0 else UNKNOWN
        nfci = int(self._nfci[weeks - 1]) if weeks else UNKNOWN
        cost_inputs = tuple(cost.inputs) if cost else ()
        return {
            "hedging": Word(note="hedging cost unknown")
            if not cost_inputs
            else self._constraint(cost_word, "hedging", cost_inputs, moment),
            "funding": self._constraint(word_of(funding, CONSTRAINT_WORDS), "funding", FUNDING, moment),
            "conditions": self._constraint(word_of(nfci, CONSTRAINT_WORDS), "conditions", (NFCI,), moment),
        }

    def _constraint(self, text: str | None, name: str, series: tuple[str, ...], moment: Moment) -> Word:
        return self._word(text, f"dollar.{name}", series, moment)


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
