"""Critical inflection: does marginal demand still rise with supply? One market has the data, the United States."""

from ...feeds.series import from_day
from .. import board
from ..inflection import INFLECTED, inflected_text, inflection_at, inflection_history
from ..inputs import Inputs, Moment
from .supply import SupplyPart

MARKET = "us"
ONLY_US = "of all debt offices only the US Treasury's issues and auction results are among the sources"


class InflectionPart:
    """Months as rows, those of the supply."""

    def __init__(self, inputs: Inputs, supply: SupplyPart) -> None:
        self._inputs, self._supply = inputs, supply
        self._history = inflection_history(supply.flows.supply, supply.flows.demand, inputs.settings.inflection)

    def at(self, moment: Moment, regime: board.Regime) -> board.Inflection:
        """What is known at a moment; `regime` is that of the moment, for what an inflection is to be watched with."""
        row = self._supply.row(moment)
        missing = tuple(market for market in self._inputs.settings.markets if market != MARKET)
        if row < 0:
            return self._unknown((MARKET, *missing), "no statement of the debt")
        found = inflection_at(self._history, row, int(self._supply.flows.month_ends[row]), (MARKET,), missing)
        usual = f"10 to 90% of five years: {found.b_hist[1]:.2f} to {found.b_hist[2]:.2f}" if found.b_hist else ""
        middle = found.b_hist[0] if found.b_hist else None
        evidence = inflected_text(regime.m.value, regime.rho_pct.value, regime.H.value) if found.state == INFLECTED else ""
        return board.Inflection(
            b=self._slope(found.b, "inflection_b", found.as_of, moment),
            lo=self._slope(found.lo, "inflection_lo", found.as_of, moment, "80% interval of ranks"),
            hi=self._slope(found.hi, "inflection_hi", found.as_of, moment, "80% interval of ranks"),
            b_hist=self._slope(middle, "inflection_b_hist", found.as_of, moment, usual),
            quadrant=self._word(found.quadrant, "inflection_quadrant", found.as_of, moment),
            state=self._word(found.state, "inflection_state", found.as_of, moment, evidence),
            markets=found.markets,
            missing=found.missing,
        )

    def _slope(self, value: float | None, formula: str, month_end: int, moment: Moment, note: str = "") -> board.Reading:
        why = note if value is not None else "too few months, or too few pairs of them"
        return self._inputs.computed(value, "per unit of supply", formula, self._supply.used(moment), moment, day=month_end, note=why)

    def _word(self, word: str | None, formula: str, month_end: int, moment: Moment, evidence: str = "") -> board.Word:
        used = self._supply.used(moment)
        if not word:
            return board.Word(as_of=from_day(month_end), formula=formula, inputs=used, note="too few months")
        status, _ = self._inputs.basis(used, moment)
        said = (evidence,) if evidence else ()
        return board.Word(word, status, from_day(month_end), evidence=said, formula=formula, inputs=used, note=ONLY_US)

    def _unknown(self, missing: tuple[str, ...], why: str) -> board.Inflection:
        b, lo, hi, b_hist = (self._inputs.unknown(why, "per unit of supply", f"inflection_{name}") for name in ("b", "lo", "hi", "b_hist"))
        quadrant, state = (board.Word(formula=f"inflection_{name}", note=why) for name in ("quadrant", "state"))
        return board.Inflection(b, lo, hi, b_hist, quadrant, state, (), missing)
