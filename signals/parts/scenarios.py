"""Scenarios with their assumptions, never measurements: forced selling by a volatility-targeting fund, a term premium that normalises."""

from datetime import date

from ...feeds.series import from_day, to_day
from .. import board
from ..deleveraging import ASSUMPTIONS, PUBLISHED_BASE_USD_BN, PUBLISHED_CUT, PUBLISHED_SALE_USD_BN, leverage_history, scenario_at
from ..inputs import Inputs, Moment
from ..passthrough import on_dates
from ..structure import TermPremium
from .asknown import row_on, session
from .structure import StructurePart

BONDS, EQUITY = ("us.10y", "de.10y", "jp.10y"), "spx"
TERM_PREMIUM = "us.term_premium.acm"
CLAIMED_SHIFT_BP = (50.0, 75.0)  # the source notes' normalisation
PUBLISHED = (
    f"published scenario of January 2026 (press reports of 20 January): leverage cut by up to {PUBLISHED_CUT:.0%},"
    f" at most ${PUBLISHED_SALE_USD_BN:.0f}bn of US bonds, a base near ${PUBLISHED_BASE_USD_BN:.0f}bn"
)


class ScenariosPart:
    """Leverage has one row for each day on which all its assets printed."""

    def __init__(self, inputs: Inputs, structure: StructurePart) -> None:
        self._inputs, self._structure, self._params = inputs, structure, inputs.settings.deleveraging
        natives = {name: inputs.native(name) for name in (*BONDS, EQUITY)}
        days = natives[EQUITY][0]
        yields = {name: on_dates(days, *natives[name]) for name in BONDS}
        self._leverage = leverage_history(days, yields, {EQUITY: natives[EQUITY][1]}, self._params)

    def at(self, moment: Moment) -> dict[str, board.Scenario]:
        """Both scenarios at a moment."""
        return {"deleveraging": self._deleveraging(moment), "term_premium": self._term_premium(moment)}

    def _deleveraging(self, moment: Moment) -> board.Scenario:
        """The row of the newest day on which everything printed and was known."""
        ids, aum = (*BONDS, EQUITY), self._inputs.settings.deleveraging_aum_usd_bn
        newest = [self._inputs.last_day(name, moment) for name in ids]
        known = [day for day in newest if day is not None]
        row = row_on(self._leverage.days, min(known)) if len(known) == len(ids) else -1
        found = scenario_at(self._leverage, row, aum, self._params) if row >= 0 else None
        numbers = self._inputs.numbers(ids, moment, day=found.day if found else None)
        why = "" if found and found.leverage is not None else "fewer than 60 common days"

        def number(value: float | None, unit: str, formula: str) -> board.Reading:
            return numbers(value, unit, formula, why if value is None else "scenario")

        cut = None if found is None or found.dL_over_L is None else 100 * found.dL_over_L
        values = {
            "leverage": number(found.leverage if found else None, "×", "scenario_leverage"),
            "dL_over_L": number(cut, "%", "scenario_cut"),
            "sale": number(found.sale if found else None, "USD bn", "scenario_sale"),
            **{_key(name): number(weight, "share", "scenario_weight") for name, weight in (found.weights if found else {}).items()},
        }
        left_out = (f"left out, did not move: {', '.join(found.left_out)}",) if found and found.left_out else ()
        return board.Scenario(
            "Volatility-targeting fund deleverages", values, (*ASSUMPTIONS, f"assets under management ${aum:,.0f}bn", *left_out, PUBLISHED)
        )

    def _term_premium(self, moment: Moment) -> board.Scenario:
        """How far the term premium has come since a date, against the shift that was claimed."""
        since = self._inputs.settings.term_premium_since or date(from_day(session(moment)).year - 1, 12, 31)
        n = self._inputs.upto(TERM_PREMIUM, moment)
        history: TermPremium | None = self._structure.term_premium.get(TERM_PREMIUM)
        moved = history.change_since_bp(to_day(since), n - 1) if history is not None and n else None
        low, high = CLAIMED_SHIFT_BP
        why = "" if moved is not None else "no value on or before that date"
        numbers = self._inputs.numbers((TERM_PREMIUM,), moment)

        def number(value: float | None, unit: str, formula: str) -> board.Reading:
            return numbers(value, unit, formula, why if value is None else "scenario")

        values = {
            "level": self._inputs.reading(TERM_PREMIUM, moment),
            "since": number(moved, "bp", "tp_since"),
            "share_of_low": number(None if moved is None else 100 * moved / low, "%", "tp_share"),
            "share_of_high": number(None if moved is None else 100 * moved / high, "%", "tp_share"),
        }
        claim = f"normalisation by +{low:.0f} to +{high:.0f} bp (source notes), counted since {since}"
        return board.Scenario("Term premium normalises", values, (claim, "the model re-estimates its history"))


def _key(series_id: str) -> str:
    return f"weight_{series_id.replace('.', '_')}"
