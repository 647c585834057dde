"""How well the last auctions were bid for (US; other issuers' results are not among the series)."""

import math
from bisect import bisect_left
from collections.abc import Sequence
from functools import partial
from statistics import fmean
from typing import NamedTuple

import msgspec
import numpy as np

from ...cache.status import Status
from ...feeds.series import from_day
from .. import board
from ..auctions import Auction, Demand, demand_at, from_series, letter_grade, market_demand, score_auction, score_history
from ..inputs import Inputs, Moment, worst
from ..operators import widening
from ..persistence import Codes, Trial, states
from ..rows import Native
from ..states import STATES
from ..stats import Days
from ..supply import COUPON_YEARS
from .asknown import Instants, known_through, session
from .kept import Kept

FIELDS = ("high_yield", "bid_to_cover", "indirect_share", "dealer_share", "dispersion")
LAST_AUCTIONS = 4  # of the mean tail
HOLD = 8  # auctions for which a trend that was there is remembered


class _Trend(NamedTuple):
    """The rows of a term's auctions whose tail has a z, whether these widen, and the state of each."""

    rows: list[int]
    trial: Trial
    codes: Codes


class AuctionsPart:
    """Every auction of coupon bonds scored against its own term, and the demand they add up to.

    `scores`: all auctions by date, then term, of `days`; `known`: since when each and all before it were known.
    """

    def __init__(self, inputs: Inputs) -> None:
        self._inputs, self._params = inputs, inputs.settings.auctions
        auctions: list[Auction] = []
        for term, years in COUPON_YEARS.items():
            auctions += from_series(term, years, {field: inputs.native(_id(term, field)) for field in FIELDS})
        self.scores = score_history(auctions, self._params)
        self.days: Days = np.array([each.day for each in self.scores.auctions], np.int32)
        self._years = np.array([each.years for each in self.scores.auctions], np.float64)
        self._by_term: dict[str, list[int]] = {term: [] for term in COUPON_YEARS}
        for row, auction in enumerate(self.scores.auctions):
            self._by_term[auction.term].append(row)
        self.known = self._known()
        self.demand = market_demand(self.scores, self._params)
        self._kept: Kept[board.Auction] = Kept(inputs)
        self._trends: dict[str, _Trend] = {}
        self._tails: dict[float, Native] = {}
        self._seen: tuple[int, board.Reading] | None = None
        self._covers = tuple(_id(term, "bid_to_cover") for term in COUPON_YEARS)
        self._shown = {term: tuple(_id(term, field) for field in FIELDS[1:]) for term in COUPON_YEARS}

    def at(self, moment: Moment) -> dict[str, board.Auction]:
        """The last auction of each term that ever was auctioned."""
        count = self.upto(moment)
        out = {}
        for term, rows in self._by_term.items():
            if n := bisect_left(rows, count):
                out[term] = self._kept(term, self._shown[term], moment, partial(self._auction, rows[:n], moment), n)
        return out

    def upto(self, moment: Moment) -> int:
        """How many of the auctions were known at the moment."""
        return int(self.known.searchsorted(moment.at, "right"))

    def demand_z(self, moment: Moment) -> board.Reading:
        """Marginal demand of the US market; stale when the last auction is too old."""
        if self._seen is None or self._seen[0] != moment.at:  # several parts ask
            self._seen = moment.at, self._demand_z(moment)
        return self._seen[1]

    def _demand_z(self, moment: Moment) -> board.Reading:
        count = self.upto(moment)
        rows = int(self.demand.days.searchsorted(self.days[count - 1], "right")) if count else 0
        known = Demand(self.demand.days[:rows], self.demand.demand_z[:rows], self.demand.n[:rows])
        found = demand_at(known, session(moment), self._params)
        day = int(known.days[-1]) if rows else None
        used = tuple(name for name in self._covers if self._inputs.upto(name, moment))
        note = f"{found.n} auctions" + (f", the last {found.age} business days ago" if found.age is not None else "")
        reading = self._inputs.computed(found.demand_z, "z", "demand_z", used, moment, day=day, note=note)
        return msgspec.structs.replace(reading, status=worst((reading.status, Status.STALE))) if found.stale else reading

    def tails(self, min_years: float = 0.0) -> Native:
        """z of the tail (positive = wide) of every auction of at least that term, in auction order; auctions without one left out."""
        found = self._tails.get(min_years)
        if found is None:
            kept = ~np.isnan(self.scores.tail_z) & (self._years >= min_years)
            found = self._tails[min_years] = self.days[kept], self.scores.tail_z[kept]
        return found

    def tails_known(self) -> Instants:
        """Since when each of `tails()` was known."""
        return self.known[~np.isnan(self.scores.tail_z)]

    def mean_tail_z(self, moment: Moment) -> float | None:
        """Mean z of the tail of the last four auctions."""
        recent: list[float] = []
        for row in range(self.upto(moment) - 1, -1, -1):
            z = self.scores.tail_z.item(row)
            if z == z:  # an unknown one does not equal itself
                recent.append(z)
                if len(recent) == LAST_AUCTIONS:
                    return fmean(recent)
        return None

    def _known(self) -> Instants:
        """The fields of an auction appear together; the last of them counts."""
        out = np.zeros(len(self.days), np.int64)
        for term, rows in self._by_term.items():
            for field in FIELDS:
                out[rows] = np.maximum(out[rows], known_through(self._inputs, _id(term, field), self.days[rows]))
        return np.maximum.accumulate(out)

    def _tail_trend(self, term: str, rows: Sequence[int], moment: Moment) -> board.Reading:
        """Whether the tails of one term widen: what condition F2 asks of all terms together."""
        if term not in self._trends:
            self._trends[term] = self._trend(self._by_term[term])
        with_tail, trial, codes = self._trends[term]
        used, place = (_id(term, "dispersion"),), bisect_left(with_tail, rows[-1] + 1) - 1
        if place < 0 or not trial.known[place]:
            why = f"fewer than {self._params.tail_trend} tails of this term have a z"
            return self._inputs.unknown(why, "z", "auction_tail_trend", used)
        note = f"{STATES[codes[place]]}: {trial.words(place)}"
        day = self.scores.auctions[rows[-1]].day
        return self._inputs.computed(trial.numbers["sen"][place], "z", "auction_tail_trend", used, moment, day=day, note=note, proxy=True)

    def _trend(self, rows: Sequence[int]) -> _Trend:
        with_tail = [row for row in rows if not math.isnan(self.scores.tail_z[row])]
        trial = widening(self.scores.tail_z[with_tail], self._params.tail_trend)
        return _Trend(with_tail, trial, states(trial, HOLD))

    def _auction(self, rows: Sequence[int], moment: Moment) -> board.Auction:
        """The last of some auctions of one term, with all that is shown of it."""
        own = [self.scores.auctions[row] for row in rows]
        auction, score = own[-1], score_auction(own[-1], own[:-1], self._params)
        read = {field: self._inputs.reading(_id(auction.term, field), moment) for field in FIELDS[1:]}
        used = tuple(_id(auction.term, field) for field, each in read.items() if each.value is not None)
        proxy = score.tail_kind == "proxy"
        tail = self._inputs.computed(
            score.tail,
            "bp",
            "auction_tail",
            (_id(auction.term, "dispersion"),),
            moment,
            day=auction.day,
            note="high − median accepted yield stands for the tail: only its z has meaning" if proxy else "",
            proxy=proxy,
        )
        graded = f"; grade {letter_grade(score.D_a)}" if score.D_a is not None else ""
        note = f"{score.n_parts} parts against {score.n_ref} auctions{graded}"
        return board.Auction(
            term=auction.term,
            held=from_day(auction.day),
            bid_to_cover=_of(auction.bid_to_cover, read["bid_to_cover"]),
            indirect=_of(auction.indirect_share, read["indirect_share"]),
            dealer=_of(auction.dealer_share, read["dealer_share"]),
            tail=tail,
            score=self._inputs.computed(score.D_a, "z", "auction_score", used, moment, day=auction.day, note=note),
            word=score.word or "",
            against_six={name: round(gap, 6) for name, gap in score.desk_gap.items() if not math.isnan(gap)},
            tail_trend=self._tail_trend(auction.term, rows, moment),
        )


def _id(term: str, field: str) -> str:
    return f"us.auction.{term}.{field}"


def _of(value: float | None, newest: board.Reading) -> board.Reading:
    """The reading, when it is of this auction."""
    if newest.value == value:
        return newest
    return board.Reading(unit=newest.unit, as_of=newest.as_of, note="not among the results of the last auction", inputs=newest.inputs)
