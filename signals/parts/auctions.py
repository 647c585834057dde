"""How well the last auctions were bid for (US; other issuers' results are not among the series)."""

import math
from collections.abc import Mapping
from statistics import fmean
from types import MappingProxyType

import msgspec
import numpy as np

from ...cache.freshness import Status
from ...feeds.series import from_day
from .. import board
from ..auctions import Auction, AuctionScore, Demand, demand_at, demand_rows, from_series, market_demand, score_auctions
from ..inputs import Inputs, Moment, worst
from ..rows import Native
from ..stats import Days, Floats
from ..supply import COUPON_YEARS
from .asknown import Instants, known_through, session

FIELDS = ("high_yield", "bid_to_cover", "indirect_share", "dealer_share", "dispersion")
LAST_AUCTIONS = 4  # of the mean tail


class AuctionsPart:
    """Every auction of coupon bonds scored against its own term, and the demand they add up to.

    `pooled`: all auctions by date, then term; `known`: since when each and all before it were known.
    """

    def __init__(self, inputs: Inputs) -> None:
        self._inputs, self._params = inputs, inputs.settings.auctions
        auctions: list[Auction] = []
        for term, years in COUPON_YEARS.items():
            auctions += from_series(term, years, {field: inputs.native(_id(term, field)) for field in FIELDS})
        self.pooled = score_auctions(auctions, self._params)
        self.days: Days = np.array([score.auction.day for score in self.pooled], np.int32)
        self.known = self._known()
        self.demand = market_demand(self.pooled, self._params)
        self._by_term: Mapping[str, tuple[int, ...]] = MappingProxyType(
            {term: tuple(i for i, score in enumerate(self.pooled) if score.auction.term == term) for term in COUPON_YEARS}
        )

    def at(self, moment: Moment) -> dict[str, board.Auction]:
        """The last auction of each term that ever was auctioned."""
        count = self.upto(moment)
        out = {}
        for term, places in self._by_term.items():
            if last := np.searchsorted(places, count):
                out[term] = self._auction(self.pooled[places[last - 1]], moment)
        return out

    def upto(self, moment: Moment) -> int:
        """How many of the pooled auctions were known at the moment."""
        return int(np.searchsorted(self.known, moment.at, side="right"))

    def demand_z(self, moment: Moment) -> board.Reading:
        """Marginal demand of the US market; stale when the last auction is too old."""
        count = self.upto(moment)
        rows = int(np.searchsorted(self.demand.days, self.days[count - 1], side="right")) if count else 0
        known = Demand(self.demand.days[:rows], self.demand.demand_z[:rows], self.demand.n[:rows])
        found = demand_at(known, session(moment), self._params)
        day = int(known.days[-1]) if rows else None
        used = tuple(name for term in COUPON_YEARS if self._inputs.upto(name := _id(term, "bid_to_cover"), moment))
        note = f"{found.n} auctions" + (f", the last {found.age} business days ago" if found.age is not None else "")
        reading = self._inputs.computed(found.demand_z, "z", "demand_z", used, moment, day=day, note=note)
        return msgspec.structs.replace(reading, status=worst((reading.status, Status.STALE))) if found.stale else reading

    def demand_on(self, days: Days) -> Floats:
        """Marginal demand by auction date on other dates; unknown once stale."""
        return demand_rows(self.demand, days, self._params)

    def tails(self, min_years: float = 0.0) -> Native:
        """z of the tail (positive = wide) of every auction of at least that term, in auction order; auctions without one left out."""
        found = [(s.auction.day, -s.parts["tail"]) for s in self.pooled if "tail" in s.parts and s.auction.years >= min_years]
        return np.array([day for day, _ in found], np.int32), np.array([z for _, z in found], np.float64)

    def tails_known(self) -> Instants:
        """Since when each of `tails()` was known."""
        return self.known[[i for i, score in enumerate(self.pooled) if "tail" in score.parts]]

    def mean_tail_z(self, moment: Moment) -> float | None:
        """Mean z of the tail of the last four auctions."""
        recent = [-s.parts["tail"] for s in self.pooled[: self.upto(moment)] if "tail" in s.parts][-LAST_AUCTIONS:]
        return fmean(recent) if len(recent) == LAST_AUCTIONS else None

    def _known(self) -> Instants:
        """The fields of an auction appear together; the last of them counts."""
        out = np.zeros(len(self.pooled), np.int64)
        for term in COUPON_YEARS:
            own = np.array([i for i, score in enumerate(self.pooled) if score.auction.term == term], np.intp)
            for field in FIELDS:
                out[own] = np.maximum(out[own], known_through(self._inputs, _id(term, field), self.days[own]))
        return np.maximum.accumulate(out)

    def _auction(self, score: AuctionScore, moment: Moment) -> board.Auction:
        auction = score.auction
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
        note = f"{score.n_parts} parts against {score.n_ref} auctions"
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
        )


def _id(term: str, field: str) -> str:
    return f"us.auction.{term}.{field}"


def _of(value: float | None, newest: board.Reading) -> board.Reading:
    """The reading, when it is of this auction."""
    if newest.value == value:
        return newest
    return board.Reading(unit=newest.unit, as_of=newest.as_of, note="not among the results of the last auction", inputs=newest.inputs)
