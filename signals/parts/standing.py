"""Where each market stands on the aligned rows: moves in its own σ, what it did alone, how it goes with the others."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from ..columns import Column, Continued
from ..coordinates import changes_bp
from ..inputs import Inputs, Moment
from ..markets import MARKETS
from ..newest_standing import (
    MONTH,
    WITH_OTHERS_LAM,
    WITH_OTHERS_MIN,
    WITH_OTHERS_STEPS,
    KnownStanding,
    Newest,
    NewestMarket,
    Residuals,
    Standing,
    forecast_errors,
)
from ..regime import KnownMap
from ..residual import forecast_error, scaled
from ..rows import KnownRows
from ..stats import BP_PER_PERCENT, Floats, changes, ewma_correlation, lagged, sigma
from .aligned import AlignedPart, View
from .regime import RegimePart, RegimeView

BUND = "de"


class StandingView(msgspec.Struct, frozen=True):
    """All markets as known at a moment, on the rows of `regime`; `printed` are those with an own print on the newest."""

    regime: RegimeView
    markets: Mapping[str, KnownStanding]
    printed: frozenset[str]


class StandingPart:
    """Markets of the panel and others that are shown beside them; a market outside the panel is measured against all of it."""

    def __init__(self, inputs: Inputs, aligned: AlignedPart, regime: RegimePart) -> None:
        self._inputs, self._aligned, self._regime = inputs, aligned, regime
        rows, settings = aligned.whole, inputs.settings
        everything = View(rows, MappingProxyType(dict.fromkeys((*rows.markets, *rows.others), 0)))
        self.whole = self._standings(rows, regime.whole)
        self.everything = StandingView(RegimeView(everything, regime.whole, everything.last), self.whole, frozenset())
        self._columns = {market: self._rests_on(market) for market in settings.markets}
        self._newest: dict[str, NewestMarket] = {}
        if regime.enough_markets:
            for market, whole in self.whole.items():
                own, others, bund = _yield_of(rows, market), _others(rows, market), self._bund(rows, market)
                self._newest[market] = NewestMarket(whole, own, others, bund, settings.residual, settings.regime)
        self._seen: StandingView | None = None

    def view(self, moment: Moment) -> StandingView:
        """Where the markets stood, as known at a moment."""
        regime = self._regime.view(moment)
        if self._seen is None or self._seen.regime is not regime:
            found = self._known(regime) if regime.row >= 0 else {}
            self._seen = StandingView(regime, found, frozenset(each for each in found if self._has_printed(each, regime.view, moment)))
        return self._seen

    def _has_printed(self, market: str, view: View, moment: Moment) -> bool:
        rows = view.rows
        if market in rows.markets:
            return bool(rows.own[-1, rows.markets.index(market)])
        dates: list[int] = self._inputs.known(self._aligned.series_of(market), moment)[0][-8:].tolist()
        newest = int(rows.days[-1])
        return any((day if (weekday := (day + 3) % 7) <= 4 else day + 7 - weekday) == newest for day in dates)

    def _rests_on(self, market: str) -> tuple[str, ...]:
        """The columns of the aligned panel behind a market."""
        rows = self._aligned.whole
        beside = (BUND,) if MARKETS[market].is_euro and (BUND in rows.markets or BUND in rows.others) else ()
        return (*rows.markets, market, *beside)

    def _known(self, regime: RegimeView) -> Mapping[str, KnownStanding]:
        """The markets as known at a moment; only those are continued that rest on something that was late."""
        view, rows, length = regime.view, regime.view.rows, regime.row + 1
        firsts = {market: view.first_of(*columns) for market, columns in self._columns.items()}
        first = min(firsts.values())
        if first >= length:
            return self.whole
        if first < WITH_OTHERS_STEPS:
            return self._standings(rows, regime.history)
        longest = max(MONTH, *self._inputs.settings.regime.strip.values())
        before = min(first, max(self._inputs.settings.residual.window + 2, longest))
        table = np.column_stack([_yield_of(rows, market, first - before) for market in firsts])
        errors, others = forecast_errors(table, len(rows.markets), before, self._inputs.settings.residual)
        skipped = max(before - longest, 0)
        levels: dict[str, list[float]] = dict(zip(firsts, table[skipped:].T.tolist(), strict=True))
        out: dict[str, KnownStanding] = {}
        for place, market in enumerate(firsts):
            if firsts[market] >= length:
                out[market] = self.whole[market]
                continue
            new = Newest(
                first=first,
                before=before - skipped,
                own=levels[market],
                bund=levels.get(BUND, []),
                e=[row[place] for row in errors],
                others=[row[place] for row in others],
            )
            s_of_map = None
            if market in rows.markets:
                s_of_map = {name: _of_market(track.at.s, place) for name, track in regime.history.strip.items()}
            out[market] = self._newest[market].known(new, s_of_map)
        return out

    def _standings(self, rows: KnownRows, history: KnownMap) -> Mapping[str, Standing]:
        """All rows of all markets."""
        return {market: self._standing(market, rows, history) for market in self._inputs.settings.markets}

    def _standing(self, market: str, rows: KnownRows, history: KnownMap) -> Standing:
        own, others, residual = _yield_of(rows, market), _others(rows, market), self._inputs.settings.residual
        moved, moved_others = BP_PER_PERCENT * changes(own), _mean(changes_bp(others))
        e = forecast_error(moved, np.column_stack([moved_others, lagged(moved_others)]), residual.window)
        scale = sigma(e, params=residual.sigma)
        z, idio = scaled(e, scale.fast, scale.slow, residual)
        own_steps, others_steps = BP_PER_PERCENT * changes(own, WITH_OTHERS_STEPS), _mean(changes_bp(others, WITH_OTHERS_STEPS))
        month, sigma_bp = np.full(len(own), np.nan), np.full(len(own), np.nan)
        bund = self._bund(rows, market)
        if bund is not None:
            spread_bp = BP_PER_PERCENT * (own - bund)
            month, sigma_bp = changes(spread_bp, MONTH), self._slow_sigma(changes(spread_bp))
        return Standing(
            s=self._moves(market, rows, history),
            alone=Residuals(z, idio, e),
            with_others=ewma_correlation(own_steps, others_steps, WITH_OTHERS_LAM, WITH_OTHERS_MIN),
            bund_month_bp=month,
            bund_sigma_bp=sigma_bp,
        )

    def _moves(self, market: str, rows: KnownRows, history: KnownMap) -> Mapping[str, Floats]:
        """s by horizon; of a market outside the panel by the definition of the map."""
        if market in rows.markets:
            column = rows.markets.index(market)
            return {name: track.at.s[: len(rows.days)][:, column] for name, track in history.strip.items()}
        own, params = _yield_of(rows, market), self._inputs.settings.regime
        scale = np.maximum(self._slow_sigma(BP_PER_PERCENT * changes(own)), params.sigma.floor)
        return {name: BP_PER_PERCENT * changes(own, steps) / (scale * np.sqrt(steps)) for name, steps in params.strip.items()}

    def _slow_sigma(self, changes_bp: Floats) -> Floats:
        """Slow σ through the row before."""
        return sigma(changes_bp, floor=0.0, params=self._inputs.settings.regime.sigma).slow

    def _bund(self, rows: KnownRows, market: str) -> Floats | None:
        """Yields of the Bund for another market of the euro area."""
        is_beside = market != BUND and MARKETS[market].is_euro and (BUND in rows.markets or BUND in rows.others)
        return _yield_of(rows, BUND) if is_beside else None


def _yield_of(rows: KnownRows, market: str, start: int = 0) -> Floats:
    """The yields of a market from a row on."""
    return rows.yield_of(market)[start:] if market in rows.markets else rows.others[market][start:]


def _others(rows: KnownRows, market: str) -> Floats:
    """Yields of the other markets of the panel, all of it for a market outside."""
    return rows.yields[:, [column for column, each in enumerate(rows.markets) if each != market]]


def _of_market(table: Column[np.float64], column: int) -> Column[np.float64]:
    """One market's column of a table of the map."""
    if isinstance(table, Continued):
        return Continued(table.before[:, column], table.first, [row[column] for row in table.newest])
    return table[:][:, column]


def _mean(table: Floats) -> Floats:
    return np.asarray(table.mean(axis=1)) if table.shape[1] else np.full(len(table), np.nan)
