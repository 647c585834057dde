"""The regime map on the Board: of the 10-year yields, and once more of the long end."""

import math

import msgspec

from .. import board
from ..board import Word
from ..gate import Stress
from ..inputs import Inputs, Moment
from ..newest import NewestMap
from ..regime import MIN_MARKETS, KnownMap, regime_history
from ..regime_reading import regime_at
from ..rule import Regime, regime_or_none
from ..stats import BP_PER_PERCENT
from ..subtype import Evidence, Subtype, subtype_of
from .aligned import AlignedPart, View
from .prints import STRESS
from .regime_board import regime_on_board


class RegimeView(msgspec.Struct, frozen=True):
    """The map as it was known at a moment; `row` is its newest row, -1 when there is none."""

    view: View
    history: KnownMap
    row: int

    @property
    def held(self) -> Regime | None:
        """The regime shown."""
        return regime_or_none(int(self.history.headline.labels.held[self.row])) if self.row >= 0 else None


class RegimePart:
    """One map. `ranked` may hand in the gate's components on these very rows when somebody has ranked them already."""

    def __init__(self, inputs: Inputs, aligned: AlignedPart, name: str, ranked: Stress | None = None) -> None:
        self._inputs, self._aligned, self._name = inputs, aligned, name
        vix, move, fsi = (aligned.whole.others[each] for each in STRESS)
        self.whole = regime_history(aligned.whole.yields, vix, move, fsi, inputs.settings.regime, ranked)
        self._newest = NewestMap(self.whole, aligned.whole.yields) if self.enough_markets else None
        self._seen: tuple[View, RegimeView] | None = None
        self._subtype: tuple[RegimeView, Subtype | None] | None = None

    @property
    def enough_markets(self) -> bool:
        """Whether there are markets enough for a map."""
        return len(self._aligned.series) >= MIN_MARKETS

    def view(self, moment: Moment) -> RegimeView:
        """The map as known at a moment."""
        view = self._aligned.view(moment)
        if self._seen is None or self._seen[0] is not view:
            self._seen = view, self._as_known(view)
        return self._seen[1]

    def _as_known(self, view: View) -> RegimeView:
        if view.last < 0 or self._newest is None:
            return RegimeView(view, self.whole, -1)
        rows, length = view.rows, view.last + 1
        of_yields, of_stress = view.first_of(*rows.markets), {each: view.first[each] for each in STRESS}
        if min(of_yields, *of_stress.values()) >= length:
            return RegimeView(view, self.whole, view.last)
        stress = {each: rows.others[each] for each in STRESS}
        return RegimeView(view, self._newest.known(of_yields, of_stress, rows.yields, stress), view.last)

    def subtype(self, known: RegimeView) -> Subtype | None:
        """The kind of stress; None off Stress."""
        if known.held is not Regime.STRESS:
            return None
        if self._subtype is None or self._subtype[0] is not known:
            self._subtype = known, subtype_of(self._evidence(known), self._inputs.settings.subtype)
        return self._subtype[1]

    def _evidence(self, known: RegimeView) -> Evidence:
        """What speaks for one kind of stress or the other on the newest row."""
        rows, history, row, params = known.view.rows, known.history, known.row, self._inputs.settings.subtype
        week, month = row - params.week, row - params.month
        us_yield, stocks = rows.yield_of("us" if "us" in rows.markets else "us.30y"), rows.others.get("spx")
        before = math.nan if stocks is None or week < 0 else float(stocks[week])
        return Evidence(
            m=float(history.strip["1W"].at.m[row]),
            kappa=float(history.strip["1W"].at.kappa[row]),
            us_change_bp=BP_PER_PERCENT * float(us_yield[row] - us_yield[week]) if week >= 0 else math.nan,
            stocks_return=(float(stocks[row]) - before) / before if stocks is not None and before > 0 else math.nan,
            rho_rise=float(history.rho[row] - history.rho[month]) if month >= 0 else math.nan,
            rho_pct=float(history.rho_pct[row]),
        )

    def at(self, moment: Moment, pressure: tuple[Word, ...] = ()) -> board.Regime:
        """The map on the Board. `pressure`: what else speaks of forced selling, shown in Stress only."""
        known = self.view(moment)
        rows = known.view.rows
        reading = None
        if known.row >= 0:
            reading = regime_at(
                known.history, known.row, int(rows.days[known.row]), self.subtype(known), self._aligned.provisional(known.view)
            )
        return regime_on_board(self._inputs, moment, self._name, self._aligned.series, rows, known.history, reading, pressure)
