"""Demand for inflation-protected securities, and what moved a nominal yield: real yield or breakeven. Rules of thumb throughout."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean
from types import MappingProxyType

import msgspec

from .stats import Floats, changes, known_or_none, robust_z

BP_PER_PERCENT = 100.0


class TipsParams(msgspec.Struct, frozen=True):
    """`reference` auctions of the same term and kind; a word needs `in_a_row` past a threshold; the split spans `horizon_rows`."""

    reference: int = 8
    surging: float = 1.0
    fading: float = -1.0
    in_a_row: int = 2
    horizon_rows: int = 21


STANDING: Mapping[str, str] = MappingProxyType(
    {"reference": "proposal", "surging": "proposal", "fading": "proposal", "in_a_row": "proposal", "horizon_rows": "proposal"}
)


class TipsAuction(msgspec.Struct, frozen=True):
    """One auction with results. New issues and reopenings of a term are judged apart. `indirect_share` in % of competitive accepted."""

    day: int
    term: str
    reopening: bool
    bid_to_cover: float | None
    indirect_share: float | None


class TipsDemand(msgspec.Struct, frozen=True):
    """`z` of the last auction (mean of the robust z of cover and indirect share), None when unknown.

    `word`: surging · steady · fading, None unless the last two auctions both have a z.
    """

    z: float | None
    word: str | None
    day: int | None


class Split(msgspec.Struct, frozen=True):
    """A change of the nominal yield in its two parts, bp. `word` is None when unknown or when a part did not move."""

    dy: float | None
    dreal: float | None
    dbe: float | None
    word: str | None


def demand_index(auctions: Sequence[TipsAuction], params: TipsParams = TipsParams()) -> tuple[float | None, ...]:
    """The index of each auction, oldest first: mean robust z of what is known, against the last 8 of the same term and kind."""
    before: dict[tuple[str, bool], list[TipsAuction]] = defaultdict(list)
    index = []
    for auction in auctions:
        reference = before[auction.term, auction.reopening][-params.reference :]
        parts = (
            _z(auction.bid_to_cover, [a.bid_to_cover for a in reference], params),
            _z(auction.indirect_share, [a.indirect_share for a in reference], params),
        )
        known = [z for z in parts if z is not None]
        index.append(fmean(known) if known else None)
        before[auction.term, auction.reopening].append(auction)
    return tuple(index)


def tips_demand(auctions: Sequence[TipsAuction], params: TipsParams = TipsParams()) -> TipsDemand:
    """Demand after the last of `auctions` (oldest first, any term); fewer than 8 comparable ones before → unknown."""
    if not auctions:
        return TipsDemand(None, None, None)
    index = demand_index(auctions, params)
    last = index[-params.in_a_row :]
    known = [z for z in last if z is not None]
    word = _demand_word(known, params) if len(known) == params.in_a_row else None
    return TipsDemand(index[-1], word, auctions[-1].day)


def split_word(dreal: float, dbe: float) -> str | None:
    """inflation bid · supply or growth · real-rate shock · disinflation, by the signs of both parts."""
    if dreal == 0.0 or dbe == 0.0:
        return None
    if dbe > 0:
        return "supply or growth" if dreal > 0 else "inflation bid"
    return "real-rate shock" if dreal > 0 else "disinflation"


def split_at(nominal: Floats, real: Floats, breakeven: Floats, row: int, params: TipsParams = TipsParams()) -> Split:
    """The split over 21 rows up to `row` (negative counts from the end). All three in % on the same dates, NaN where unknown."""
    dy, dreal, dbe = (known_or_none(BP_PER_PERCENT * changes(x, params.horizon_rows)[row]) for x in (nominal, real, breakeven))
    word = split_word(dreal, dbe) if dreal is not None and dbe is not None else None
    return Split(dy, dreal, dbe, word)


def _z(value: float | None, reference: Sequence[float | None], params: TipsParams) -> float | None:
    return None if value is None else robust_z(value, [x for x in reference if x is not None], params.reference)


def _demand_word(last: Sequence[float], params: TipsParams) -> str:
    if min(last) >= params.surging:
        return "surging"
    return "fading" if max(last) <= params.fading else "steady"
