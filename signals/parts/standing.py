"""Where each market stands on the aligned rows: moves in its own σ, what it did alone, how it goes with the others."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from ..columns import Column, Continued, joined
from ..coordinates import changes_bp
from ..inputs import Inputs, Moment
from ..markets import MARKETS
from ..newest_standing import Residuals, correlation_from, residual_from, sigma_continued
from ..regime import KnownMap
from ..running import memory
from ..stats import BP_PER_PERCENT, Floats, changes, ewma_correlation, sigma
from .aligned import AlignedPart, View
from .regime import RegimePart, RegimeView

BUND = "de"
MONTH = 21
WITH_OTHERS_LAM, WITH_OTHERS_MIN = 0.97, 60


class Standing(msgspec.Struct, frozen=True):
    """One market on every row. `s` by horizon in σ; `with_others` is the correlation of 2-row changes.

    `alone.z` is to be shown only on rows for which the market printed itself. The month's change of the spread to the Bund and the slow σ
    of its daily change, through the row before, in bp, are known of other euro-area markets only.
    """

    s: Mapping[str, Column[np.float64]]
    alone: Residuals
    with_others: Floats
    bund_month_bp: Floats
    bund_sigma_bp: Floats
    sigma_bp: Floats  # slow, of the own daily change, through the row before; of markets outside the panel only


class StandingView(msgspec.Struct, frozen=True):
    """All markets as known at a moment, on the rows of `regime`; `printed` are those with an own print on the newest."""

    regime: RegimeView
    markets: Mapping[str, Standing]
    printed: frozenset[str]


class StandingPart:
    """Markets of the panel and others that are shown beside them; a market outside the panel is measured against all of it."""

    def __init__(self, inputs: Inputs, aligned: AlignedPart, regime: RegimePart) -> None:
        self._inputs, self._aligned, self._regime = inputs, aligned, regime
        rows = aligned.whole
        everything = View(rows, MappingProxyType(dict.fromkeys((*rows.markets, *rows.others), 0)))
        self.whole = self._standings(everything, regime.whole, {})
        self.everything = StandingView(RegimeView(everything, regime.whole, everything.last), self.whole, frozenset())
        self._seen: StandingView | None = None

    def view(self, moment: Moment) -> StandingView:
        """Where the markets stood, as known at a moment."""
        regime = self._regime.view(moment)
        if self._seen is None or self._seen.regime is not regime:
            found = self._standings(regime.view, regime.history, self.whole) if regime.row >= 0 else {}
            self._seen = StandingView(regime, found, frozenset(each for each in found if self._has_printed(each, regime.view, moment)))
        return self._seen

    def _has_printed(self, market: str, view: View, moment: Moment) -> bool:
        rows = view.rows
        if market in rows.markets:
            return bool(rows.own[-1, rows.markets.index(market)])
        dates = self._inputs.known(self._aligned.series_of(market), moment)[0][-8:]
        weekday = (dates + 3) % 7
        return bool((np.where(weekday > 4, dates + 7 - weekday, dates) == rows.days[-1]).any())

    def _standings(self, view: View, history: KnownMap, before: Mapping[str, Standing]) -> Mapping[str, Standing]:
        rows, length = view.rows, len(view.rows.days)
        out: dict[str, Standing] = {}
        moved: Mapping[int, Floats] | None = None
        for market in self._inputs.settings.markets:
            first = view.first_of(*rows.markets, market, *(BUND,) * (BUND in view.first and MARKETS[market].is_euro))
            if market in before and first >= length:
                out[market] = before[market]
                continue
            moved = moved or self._moved(view)
            out[market] = self._standing(market, view, history, moved, first, before.get(market))
        return out

    def _moved(self, view: View) -> Mapping[int, Floats]:
        """Changes of the panel's markets over one and two rows, bp, on the newest rows: all that the others' rows need that differ."""
        memorised = max(memory(WITH_OTHERS_LAM), self._inputs.settings.residual.window + 2) + 2
        recent = view.rows.yields[max(view.first_of(*self._inputs.settings.markets) - memorised, 0) :]
        return {steps: changes_bp(recent, steps) for steps in (1, 2)}

    def _standing(
        self, market: str, view: View, history: KnownMap, moved: Mapping[int, Floats], first: int, before: Standing | None
    ) -> Standing:
        settings, rows = self._inputs.settings, view.rows
        in_panel = market in rows.markets
        column = rows.markets.index(market) if in_panel else None
        own_yield = rows.yields[:, column] if column is not None else rows.others[market]
        others = {steps: _mean(x if column is None else np.delete(x, column, axis=1)) for steps, x in moved.items()}
        nothing = np.empty(0)
        alone = residual_from(before.alone if before else None, first, own_yield, others[1], settings.residual)
        start = max(first - memory(WITH_OTHERS_LAM), 0)
        own_2 = BP_PER_PERCENT * changes(own_yield[start:], 2)
        recent = _with_others(own_2, others[2][-len(own_2) :], first - start)
        s: Mapping[str, Column[np.float64]]
        if column is not None:
            s, sigma_bp = {name: _of_market(track.at.s, column) for name, track in history.strip.items()}, nothing
        else:
            sigma_bp = self._slow_sigma(BP_PER_PERCENT * changes(own_yield), first, before.sigma_bp if before else nothing)
            s = self._moves_in_sigma(own_yield, sigma_bp, first, before)
        bund_month, bund_sigma = self._against_bund(market, own_yield, view, first, before)
        return Standing(
            s=s,
            alone=alone,
            with_others=joined(before.with_others if before else nothing, first, recent),
            bund_month_bp=bund_month,
            bund_sigma_bp=bund_sigma,
            sigma_bp=sigma_bp,
        )

    def _against_bund(self, market: str, own_yield: Floats, view: View, first: int, before: Standing | None) -> tuple[Floats, Floats]:
        rows = view.rows
        if not MARKETS[market].is_euro or market == BUND or BUND not in view.first:
            unknown = np.full(len(own_yield), np.nan)
            return unknown, unknown
        bund = rows.yield_of(BUND) if BUND in rows.markets else rows.others[BUND]
        spread_bp = BP_PER_PERCENT * (own_yield - bund)
        return changes(spread_bp, MONTH), self._slow_sigma(changes(spread_bp), first, before.bund_sigma_bp if before else np.empty(0))

    def _moves_in_sigma(self, own_yield: Floats, sigma_bp: Floats, first: int, before: Standing | None) -> Mapping[str, Floats]:
        """s of a market outside the panel, by the definition of the map."""
        params = self._inputs.settings.regime
        scale = np.maximum(sigma_bp[first:], params.sigma.floor)
        moved = {name: (h, BP_PER_PERCENT * changes(own_yield, h)[first:]) for name, h in params.strip.items()}
        return {
            name: joined(before.s[name][:] if before else np.empty(0), first, change / (scale * np.sqrt(h)))
            for name, (h, change) in moved.items()
        }

    def _slow_sigma(self, changes_bp: Floats, first: int, before: Floats) -> Floats:
        """Slow σ through the row before."""
        params = self._inputs.settings.regime.sigma
        if first == 0:
            return sigma(changes_bp, floor=0.0, params=params).slow
        return sigma_continued(before, changes_bp, first, params.lam_slow, params.min_slow)


def _with_others(own_bp: Floats, others_bp: Floats, first: int) -> Floats:
    """Correlation of 2-row changes on the rows from `first` on."""
    if first == 0:
        return ewma_correlation(own_bp, others_bp, WITH_OTHERS_LAM, WITH_OTHERS_MIN)
    return correlation_from(own_bp, others_bp, first, WITH_OTHERS_LAM, WITH_OTHERS_MIN)


def _of_market(table: Column[np.float64], column: int) -> Column[np.float64]:
    if isinstance(table, Continued):
        return Continued(table.before[:, column], table.first, [row[column] for row in table.newest])
    return table[:][:, column]


def _mean(table: Floats) -> Floats:
    return np.asarray(table.mean(axis=1)) if table.shape[1] else np.full(len(table), np.nan)
