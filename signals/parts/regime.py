"""The regime map on the Board: of the 10-year yields, and once more of the long end."""

import msgspec
import numpy as np

from .. import board
from ..board import Word
from ..coordinates import Coordinates
from ..gate import Stress
from ..inputs import Inputs, Moment
from ..newest import NewestMap
from ..regime import MIN_MARKETS, KnownMap, regime_history
from ..regime_reading import regime_at
from ..rule import Regime, regime_or_none
from ..subtype import Subtype, subtype_at, subtype_history
from .aligned import AlignedPart, View
from .prints import STRESS
from .regime_board import TRAIL, regime_on_board


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
        recent = slice(max(known.row - TRAIL, 0), known.row + 1)
        rows, history = known.view.rows, known.history
        stocks = rows.others.get("spx", np.full(len(rows.days), np.nan))
        us_yield = rows.yield_of("us" if "us" in rows.markets else "us.30y")
        week = history.strip["1W"].at
        cut = Coordinates(week.horizon, week.s[recent], week.m[recent], week.D[recent], week.kappa[recent])
        held = history.headline.labels.held[recent]
        inputs = (history.rho[recent], history.rho_pct[recent], us_yield[recent], stocks[recent])
        return subtype_at(subtype_history(held, cut, *inputs, self._inputs.settings.subtype), -1)

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
