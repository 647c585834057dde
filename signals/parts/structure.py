"""Slow facts of every market, each with its vintage. What no series says is unknown."""

from functools import partial

import numpy as np

from ...cache.status import Status
from .. import board
from ..inputs import Inputs, Moment
from ..markets import MARKETS, MarketSpec
from ..stats import BP_PER_PERCENT, Days, Floats, known_or_none
from ..structure import TermPremium, out_of_step, path12m_bp, real_policy, share_percent, term_premium
from ..supply import month_end_values
from ..wording import worded
from .kept import Kept
from .neighbours import Columns

FED, DEBT, BILLS = "us.fed.treasuries", "us.mspd.marketable", "us.mspd.bills"
CHECK = "us.term_premium.kw"
HALF_YEAR_DAYS = 176  # calendar days of 126 business days
OLDEST_DAYS = 80  # of a value that stands for half a year ago
NO_SERIES = board.Reading(note="no series of this market")
HalfYear = tuple[float | None, float | None]  # changes over half a year of a policy rate and of inflation, percentage points
HOME = board.Word(formula="out_of_step", note="the US is what the others are compared with")


class StructurePart:
    """Newest values and a few differences; only the term premium, policy rates and inflation have a history."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        names = {MARKETS[market].term_premium for market in inputs.settings.markets} - {""}
        self.term_premium: dict[str, TermPremium] = {name: term_premium(*inputs.native(name)) for name in names}
        compared = {name for market in inputs.settings.markets for name in (MARKETS[market].policy, MARKETS[market].cpi)}
        compared |= {MARKETS["us"].policy, MARKETS["us"].cpi}
        self._half_year = {name: Columns(half_year_changes(*inputs.native(name))) for name in compared}
        self._unknown_shares = {
            market: (
                inputs.unknown(f"holdings of {MARKETS[market].central_bank} are not among the sources", "%", "cb_share"),
                inputs.unknown(f"bills of {MARKETS[market].debt_office} are not among the sources", "%", "bill_share"),
            )
            for market in inputs.settings.markets
        }
        self._rates = {market: _rates(MARKETS[market]) for market in inputs.settings.markets}
        self._compared = {market: _compared(MARKETS[market]) for market in inputs.settings.markets}
        self._kept: Kept[board.Reading] = Kept(inputs)
        self._steps: Kept[board.Word] = Kept(inputs)

    def at(self, moment: Moment) -> dict[str, board.Structure]:
        """Every market at a moment."""
        home = self._half_year_changes(MARKETS["us"], moment)
        return {market: self._structure(MARKETS[market], home, moment) for market in self._inputs.settings.markets}

    def _structure(self, spec: MarketSpec, home: HalfYear, moment: Moment) -> board.Structure:
        policy, cpi = self._reading(spec.policy, moment), self._reading(spec.cpi, moment)
        two_year = spec.two_year
        two = self._inputs.last_value(two_year, moment)
        rates, path = self._rates[spec.id]
        path_note = "2Y − policy rate; no OIS is loaded" if two_year else "no 2-year series"
        return board.Structure(
            cb_share=self._cb_share(spec, moment),
            debt_gdp=self._reading(spec.debt_gdp, moment),
            policy=policy,
            cpi=cpi,
            real_policy=self._inputs.numbers(rates, moment)(real_policy(policy.value, cpi.value), "%", "real_policy"),
            path12m=self._inputs.numbers(path, moment, proxy=bool(two_year))(path12m_bp(two, policy.value), "bp", "path12m", path_note),
            term_premium=self._reading(spec.term_premium, moment),
            term_premium_changes=self._term_premium_changes(spec, moment),
            out_of_step=self._out_of_step(spec, home, moment),
            bill_share=self._bill_share(spec, moment),
        )

    def _reading(self, series_id: str, moment: Moment) -> board.Reading:
        return self._inputs.reading(series_id, moment) if series_id else NO_SERIES

    def _cb_share(self, spec: MarketSpec, moment: Moment) -> board.Reading:
        """Holdings at the month-end of the newest debt, so that both are of one date."""
        if spec.id != "us":
            return self._unknown_shares[spec.id][0]
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
            return self._unknown_shares[spec.id][1]
        return self._kept("bill_share", (BILLS, DEBT), moment, partial(self._treasury_bills, moment))

    def _treasury_bills(self, moment: Moment) -> board.Reading:
        bills, debt = self._inputs.reading(BILLS, moment), self._inputs.reading(DEBT, moment)
        share = share_percent(bills.value, debt.value) if bills.as_of == debt.as_of else None
        return self._inputs.computed(share, "%", "bill_share", (BILLS, DEBT), moment)

    def _term_premium_changes(self, spec: MarketSpec, moment: Moment) -> dict[str, board.Reading]:
        if not spec.term_premium:
            return {}
        history, n = self.term_premium[spec.term_premium], self._inputs.upto(spec.term_premium, moment)
        columns = {"1m": history.d21_bp, "3m": history.d63_bp, "1y": history.d252_bp}
        number = self._inputs.numbers((spec.term_premium,), moment)
        changes = {name: number(column.item(n - 1) if n else None, "bp", "tp_change") for name, column in columns.items()}
        changes["pct10y"] = number(100 * history.pct.item(n - 1) if n else None, "pct", "tp_pct", "10y")
        changes["check"] = self._inputs.reading(CHECK, moment)
        return changes

    def _out_of_step(self, spec: MarketSpec, home: HalfYear, moment: Moment) -> board.Word:
        """Policy and inflation against those of the US over half a year."""
        if spec.id == "us":
            return HOME
        used = self._compared[spec.id]
        (policy, cpi), (policy_us, cpi_us) = self._half_year_changes(spec, moment), home
        gap = cpi - cpi_us if cpi is not None and cpi_us is not None else None
        found = self._inputs.numbers(used, moment)
        said = (policy, policy_us, gap, found.status, found.missing)  # the word has no date: most days say the same
        return self._steps(spec.id, (), moment, partial(self._in_step, used, *said), *said)

    def _in_step(
        self,
        used: tuple[str, ...],
        policy: float | None,
        policy_us: float | None,
        gap: float | None,
        status: Status,
        missing: tuple[str, ...],
    ) -> board.Word:
        word = out_of_step(policy, policy_us, gap, self._inputs.settings.structure)
        if word is None:
            note = f"no data: {', '.join(missing)}" if missing else "too little history"
            return board.Word(formula="out_of_step", inputs=used, note=note)
        moved = (worded(BP_PER_PERCENT * (each or 0), "+.0f", "bp") for each in (policy, policy_us))
        evidence = ["policy {}, US {}".format(*moved)]
        evidence += [f"inflation gap {worded(gap, '+.1f', 'pp')}"] if gap is not None else []
        return board.Word(word, status, evidence=tuple(evidence), formula="out_of_step", inputs=used)

    def _half_year_changes(self, spec: MarketSpec, moment: Moment) -> HalfYear:
        """Of the policy rate and of inflation."""
        policy, cpi = self._inputs.counts((spec.policy, spec.cpi), moment)
        return (
            self._half_year[spec.policy][policy - 1][0] if policy else None,
            self._half_year[spec.cpi][cpi - 1][0] if cpi else None,
        )


def _rates(spec: MarketSpec) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The series of the real policy rate, and of the path priced."""
    return tuple(filter(None, (spec.policy, spec.cpi))), tuple(filter(None, (spec.two_year, spec.policy)))


def _compared(spec: MarketSpec) -> tuple[str, ...]:
    """The series by which a market is compared with the US."""
    us = MARKETS["us"]
    return tuple(filter(None, (spec.policy, us.policy, spec.cpi, us.cpi)))


def half_year_changes(days: Days, values: Floats) -> Floats:
    """Each value less the newest of half a year before; unknown where that one is too old."""
    out = np.full(len(values), np.nan)
    wanted = days - np.int32(HALF_YEAR_DAYS)
    before = np.searchsorted(days, wanted, side="right") - 1
    there = np.flatnonzero(before >= 0)
    there = there[wanted[there] - days[before[there]] <= OLDEST_DAYS]
    out[there] = values[there] - values[before[there]]
    return out
