"""Slow facts of every market, each with its vintage. What no series says is unknown."""

from functools import partial

import numpy as np

from .. import board
from ..inputs import Inputs, Moment
from ..markets import MARKETS, MarketSpec
from ..stats import BP_PER_PERCENT, Days, Floats, known_or_none
from ..structure import TermPremium, out_of_step, path12m_bp, real_policy, share_percent, term_premium
from ..supply import month_end_values
from ..wording import worded
from .kept import Kept

FED, DEBT, BILLS = "us.fed.treasuries", "us.mspd.marketable", "us.mspd.bills"
CHECK = "us.term_premium.kw"
HALF_YEAR_DAYS = 176  # calendar days of 126 business days
OLDEST_DAYS = 80  # of a value that stands for half a year ago


class StructurePart:
    """Newest values and a few differences; only the term premium, policy rates and inflation have a history."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        names = {MARKETS[market].term_premium for market in inputs.settings.markets} - {""}
        self.term_premium: dict[str, TermPremium] = {name: term_premium(*inputs.native(name)) for name in names}
        compared = {name for market in inputs.settings.markets for name in (MARKETS[market].policy, MARKETS[market].cpi)}
        compared |= {MARKETS["us"].policy, MARKETS["us"].cpi}
        self._half_year = {name: half_year_changes(*inputs.native(name)) for name in compared}
        self._kept: Kept[board.Reading] = Kept(inputs)

    def at(self, moment: Moment) -> dict[str, board.Structure]:
        """Every market at a moment."""
        return {market: self._structure(MARKETS[market], moment) for market in self._inputs.settings.markets}

    def _structure(self, spec: MarketSpec, moment: Moment) -> board.Structure:
        policy, cpi = self._reading(spec.policy, moment), self._reading(spec.cpi, moment)
        two = self._reading(spec.two_year, moment)
        rates, path = tuple(filter(None, (spec.policy, spec.cpi))), tuple(filter(None, (spec.two_year, spec.policy)))
        path_note = "2Y − policy rate; no OIS is loaded" if spec.two_year else "no 2-year series"
        return board.Structure(
            cb_share=self._cb_share(spec, moment),
            debt_gdp=self._reading(spec.debt_gdp, moment),
            policy=policy,
            cpi=cpi,
            real_policy=self._inputs.computed(real_policy(policy.value, cpi.value), "%", "real_policy", rates, moment),
            path12m=self._inputs.computed(
                path12m_bp(two.value, policy.value), "bp", "path12m", path, moment, note=path_note, proxy=bool(spec.two_year)
            ),
            term_premium=self._reading(spec.term_premium, moment),
            term_premium_changes=self._term_premium_changes(spec, moment),
            out_of_step=self._out_of_step(spec, moment),
            bill_share=self._bill_share(spec, moment),
        )

    def _reading(self, series_id: str, moment: Moment) -> board.Reading:
        return self._inputs.reading(series_id, moment) if series_id else self._inputs.unknown("no series of this market")

    def _cb_share(self, spec: MarketSpec, moment: Moment) -> board.Reading:
        """Holdings at the month-end of the newest debt, so that both are of one date."""
        if spec.id != "us":
            return self._inputs.unknown(f"holdings of {spec.central_bank} are not among the sources", "%", "cb_share")
        return self._kept("cb_share", (FED, DEBT), moment, partial(self._fed_share, moment))

    def _fed_share(self, moment: Moment) -> board.Reading:
        days, debt = self._inputs.known(DEBT, moment)
        held = month_end_values(self._inputs.known(FED, moment), days[-1:])
        share = share_percent(known_or_none(held[0]), float(debt[-1])) if len(days) else None
        day = int(days[-1]) if len(days) else None
        return self._inputs.computed(
            share, "%", "cb_share", (FED, DEBT), moment, day=day, note="face value, bills included" if share else ""
        )

    def _bill_share(self, spec: MarketSpec, moment: Moment) -> board.Reading:
        if spec.id != "us":
            return self._inputs.unknown(f"bills of {spec.debt_office} are not among the sources", "%", "bill_share")
        bills, debt = self._inputs.reading(BILLS, moment), self._inputs.reading(DEBT, moment)
        share = share_percent(bills.value, debt.value) if bills.as_of == debt.as_of else None
        return self._inputs.computed(share, "%", "bill_share", (BILLS, DEBT), moment)

    def _term_premium_changes(self, spec: MarketSpec, moment: Moment) -> dict[str, board.Reading]:
        if not spec.term_premium:
            return {}
        history, n = self.term_premium[spec.term_premium], self._inputs.upto(spec.term_premium, moment)
        columns = {"1m": history.d21_bp, "3m": history.d63_bp, "1y": history.d252_bp}
        changes = {
            name: self._inputs.computed(known_or_none(column[n - 1]) if n else None, "bp", "tp_change", (spec.term_premium,), moment)
            for name, column in columns.items()
        }
        pct = known_or_none(history.pct[n - 1]) if n else None
        changes["pct10y"] = self._inputs.computed(
            None if pct is None else 100 * pct, "pct", "tp_pct", (spec.term_premium,), moment, note="10y"
        )
        return {**changes, "check": self._inputs.reading(CHECK, moment)}

    def _out_of_step(self, spec: MarketSpec, moment: Moment) -> board.Word:
        """Policy and inflation against those of the US over half a year."""
        us = MARKETS["us"]
        used = tuple(filter(None, (spec.policy, us.policy, spec.cpi, us.cpi)))
        if spec.id == "us":
            return board.Word(formula="out_of_step", note="the US is what the others are compared with")
        policy, policy_us, cpi, cpi_us = (self._half_year_change(name, moment) for name in (spec.policy, us.policy, spec.cpi, us.cpi))
        gap = cpi - cpi_us if cpi is not None and cpi_us is not None else None
        word = out_of_step(policy, policy_us, gap, self._inputs.settings.structure)
        if word is None:
            missing = ", ".join(name for name in used if not self._inputs.upto(name, moment))
            return board.Word(formula="out_of_step", inputs=used, note=f"no data: {missing}" if missing else "too little history")
        status, _ = self._inputs.basis(used, moment)
        moved = (worded(BP_PER_PERCENT * (each or 0), "+.0f", "bp") for each in (policy, policy_us))
        evidence = ["policy {}, US {}".format(*moved)]
        evidence += [f"inflation gap {worded(gap, '+.1f', 'pp')}"] if gap is not None else []
        return board.Word(word, status, evidence=tuple(evidence), formula="out_of_step", inputs=used)

    def _half_year_change(self, series_id: str, moment: Moment) -> float | None:
        n = self._inputs.upto(series_id, moment)
        return known_or_none(self._half_year[series_id][n - 1]) if n else None


def half_year_changes(days: Days, values: Floats) -> Floats:
    """Each value less the newest of half a year before; unknown where that one is too old."""
    out = np.full(len(values), np.nan)
    wanted = days - np.int32(HALF_YEAR_DAYS)
    before = np.searchsorted(days, wanted, side="right") - 1
    there = np.flatnonzero(before >= 0)
    there = there[wanted[there] - days[before[there]] <= OLDEST_DAYS]
    out[there] = values[there] - values[before[there]]
    return out
