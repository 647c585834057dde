"""Demand for inflation-protected Treasuries, and what moved the nominal yield: real yield or breakeven."""

from functools import partial

import numpy as np

from ...feeds.series import from_day
from .. import board
from ..clearing import SharedLegs, shared_legs
from ..inputs import Inputs, Moment
from ..passthrough import on_dates
from ..stats import known_or_none
from ..tips import TipsAuction, split_word, tips_demand
from ..wording import worded
from .asknown import Instants, known_through, session
from .kept import Kept

TERMS = ("5y", "10y", "30y")
FIELDS = ("bid_to_cover", "indirect_share", "reopening")
LEGS = ("us.10y", "us.10y.real", "us.10y.breakeven")
LEG_ROWS = 90


class TipsPart:
    """Auctions of all terms in one order; `_known`: since when each and all before it were known."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs, self._params = inputs, inputs.settings.tips
        self._auctions = sorted((each for term in TERMS for each in _auctions(inputs, term)), key=lambda each: each.day)
        days = np.array([each.day for each in self._auctions], np.int32)
        self._ids = tuple(_id(term, field) for term in TERMS for field in FIELDS)
        known = [known_through(inputs, name, days) for name in self._ids]
        self._known: Instants = np.maximum.accumulate(np.max(known, axis=0))
        self._kept: Kept[board.Word] = Kept(inputs)
        self._legs: SharedLegs | None = None

    def demand(self, moment: Moment) -> board.Word:
        """Surging, steady or fading."""
        n = int(self._known.searchsorted(moment.at, "right"))
        return self._kept("demand", self._ids, moment, partial(self._demand, n, moment), n)

    def _demand(self, n: int, moment: Moment) -> board.Word:
        found = tips_demand(self._auctions[:n], self._params)
        used = tuple(name for name in self._ids if self._inputs.upto(name, moment))
        if found.day is None:
            return board.Word(formula="tips_demand", inputs=self._ids, note="no auction results that say what was sold")
        if found.word is None:
            return board.Word(as_of=from_day(found.day), formula="tips_demand", inputs=used, note="fewer than eight comparable auctions")
        last = self._auctions[n - 1]
        sold = f"{last.term} {'reopening' if last.reopening else 'new issue'}"
        evidence = (f"index of the last auction ({sold}) {worded(found.z, '+.2f')}",) if found.z is not None else ()
        status, _ = self._inputs.basis(used, moment)
        return board.Word(word=found.word, status=status, as_of=from_day(found.day), evidence=evidence, formula="tips_demand", inputs=used)

    def split(self, moment: Moment) -> board.Word:
        """Inflation bid, supply or growth, real-rate shock or disinflation, by the parts of a month's change."""
        if self._legs is None:
            self._legs = shared_legs([self._inputs.native(name) for name in LEGS])
        known = [self._inputs.upto(name, moment) for name in LEGS]
        moved = self._legs.changes_bp(known, session(moment), self._params.horizon_rows, LEG_ROWS)
        if moved is None:
            missing = ", ".join(name for name in LEGS if not self._inputs.upto(name, moment))
            return board.Word(formula="tips_split", inputs=LEGS, note=f"no data: {missing}" if missing else "too little history")
        day, (total, real, breakeven) = moved
        word = split_word(real, breakeven)
        evidence = f"Δ10Y {worded(total, '+.1f', 'bp')}, real {worded(real, '+.1f')}, breakeven {worded(breakeven, '+.1f')}"
        status, _ = self._inputs.basis(LEGS, moment)
        note = "" if word else "a part did not move"
        return board.Word(word or "", status, from_day(day), evidence=(evidence,), formula="tips_split", inputs=LEGS, note=note)


def _auctions(inputs: Inputs, term: str) -> list[TipsAuction]:
    natives = [inputs.native(_id(term, field)) for field in FIELDS]
    days = natives[-1][0]  # without a word on what was sold an auction is comparable with no other
    cover, indirect, reopening = (on_dates(days, *native).tolist() for native in natives)
    return [
        TipsAuction(day, term, bool(more), known_or_none(c), known_or_none(i))
        for day, c, i, more in zip(days.tolist(), cover, indirect, reopening, strict=True)
    ]


def _id(term: str, field: str) -> str:
    return f"us.auction.tips.{term}.{field}"
