"""How well auctions of coupon bonds were bid for, each against the previous auctions of its own original term.

Conventions from desk commentary; the score and its weights are rules of thumb.
"""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from statistics import fmean
from types import MappingProxyType

import msgspec
import numpy as np

from .stats import Days, Floats, robust_z, robust_z_rows
from .volatility import par_modified_duration

_FIELDS = ("bid_to_cover", "indirect_share", "dealer_share", "tail", "dispersion")


class AuctionParams(msgspec.Struct, frozen=True):
    """Counts and the half-life of demand_z in auctions, thresholds of the words in D_a, staleness in business days."""

    reference: int = 12
    min_reference: int = 8
    min_parts: int = 2
    weak: float = -1.0
    failed: float = -2.0
    strong: float = 1.0
    market_window: int = 24
    half_life: float = 8.0
    min_market: int = 4
    stale_business_days: int = 30
    desk_average: int = 6
    tail_trend: int = 8


STANDING: Mapping[str, str] = MappingProxyType(
    {
        "reference": "proposal",
        "min_reference": "proposal",
        "min_parts": "proposal",
        "weak": "proposal",
        "failed": "proposal",
        "strong": "proposal",
        "market_window": "proposal",
        "half_life": "proposal",
        "min_market": "proposal",
        "stale_business_days": "proposal",
        "desk_average": "published",
        "tail_trend": "proposal",
    }
)


class Auction(msgspec.Struct, frozen=True):
    """One auction with results (a pending one is not an observation). None is unknown.

    `term` is the *original* term, so that reopenings stand with new issues; `years` and `yield_pct` (the stop) give its duration.
    Shares in % of competitive accepted. `tail`: stop minus when-issued, bp (Japan: yen of price). `dispersion`: high minus median
    accepted yield, bp, the stand-in for a tail.
    """

    day: int
    term: str
    years: float
    yield_pct: float | None = None
    bid_to_cover: float | None = None
    indirect_share: float | None = None
    dealer_share: float | None = None
    tail: float | None = None
    dispersion: float | None = None


class AuctionScore(msgspec.Struct, frozen=True):
    """How one auction compares with the 8 to 12 before it. `parts`: signed z by name, positive = well bid; `D_a` their mean (at least 2).

    `tail_kind` is "when-issued", "proxy" (dispersion) or None; `n_ref` the most reference auctions any part had.
    `desk_gap`: plain difference from the last-six average, by name, unsigned (shares in pp, tails in their unit).
    """

    auction: Auction
    D_a: float | None
    parts: Mapping[str, float]
    tail: float | None
    tail_kind: str | None
    n_parts: int
    n_ref: int
    desk_gap: Mapping[str, float]
    word: str | None


class ScoreHistory(msgspec.Struct, frozen=True):
    """All auctions of one market by date, then term; `tail_z` is positive for a wide tail, NaN where unknown."""

    auctions: tuple[Auction, ...]
    D_a: Floats
    tail_z: Floats


class Demand(msgspec.Struct, frozen=True):
    """Marginal demand of one market after the auctions of each day: `demand_z` NaN with fewer than four scored auctions."""

    days: Days
    demand_z: Floats
    n: Floats


class DemandReading(msgspec.Struct, frozen=True):
    """Demand as of a day: `age` in business days since the last auction; `stale` beyond 30."""

    demand_z: float | None
    n: int
    age: int | None
    stale: bool


def from_series(term: str, years: float, series: Mapping[str, tuple[Days, Floats]]) -> tuple[Auction, ...]:
    """Auctions of one term, oldest first, from series by the last word of their id (`high_yield`, `bid_to_cover`, `indirect_share`,
    `dealer_share`, `tail`, `dispersion`), each (days, values) on auction dates. A date without any of them is no auction.
    """
    found: dict[int, dict[str, float]] = defaultdict(dict)
    for name, (days, values) in series.items():
        for day, value in zip(days.tolist(), values.tolist(), strict=True):
            if not math.isnan(value):
                found[day]["yield_pct" if name == "high_yield" else name] = value
    return tuple(Auction(day, term, years, **fields) for day, fields in sorted(found.items()))


def score_auctions(auctions: Sequence[Auction], params: AuctionParams = AuctionParams()) -> tuple[AuctionScore, ...]:
    """A score for every auction of one market, oldest first."""
    before: dict[str, list[Auction]] = defaultdict(list)
    scores = []
    for auction in sorted(auctions, key=lambda a: (a.day, a.years)):
        scores.append(score_auction(auction, before[auction.term], params))
        before[auction.term].append(auction)
    return tuple(scores)


def score_auction(auction: Auction, before: Sequence[Auction], params: AuctionParams = AuctionParams()) -> AuctionScore:
    """One auction against the earlier ones of the same original term, oldest first."""
    reference = before[-params.reference :]
    tail_field, kind = _tail_to_use(auction, reference, params)
    signs = {"bid_to_cover": 1.0, "indirect_share": 1.0, "dealer_share": -1.0, tail_field: -1.0}
    raw = {name: _robust_z(auction, reference, name, params) for name in signs}
    parts = {("tail" if name == tail_field else name): signs[name] * z for name, z in raw.items() if z is not None}
    demand = fmean(parts.values()) if len(parts) >= params.min_parts else None
    gaps = {name: _desk_gap(auction, before, name, params.desk_average) for name in signs}
    tail: float | None = getattr(auction, tail_field)
    return AuctionScore(
        auction=auction,
        D_a=demand,
        parts=MappingProxyType(parts),
        tail=tail,
        tail_kind=None if tail is None else kind,
        n_parts=len(parts),
        n_ref=max(len(_known(reference, name)) for name in signs),
        desk_gap=MappingProxyType({("tail" if n == tail_field else n): gap for n, gap in gaps.items() if gap is not None}),
        word=demand_word(demand, params),
    )


def demand_word(demand: float | None, params: AuctionParams = AuctionParams()) -> str | None:
    """failed-ish · weak · ordinary · strong; None for an unknown score."""
    if demand is None:
        return None
    if demand <= params.weak:
        return "failed-ish" if demand <= params.failed else "weak"
    return "strong" if demand >= params.strong else "ordinary"


def letter_grade(demand: float) -> str:
    """The score through the normal distribution function, in tenths from F to A+."""
    share = 0.5 * math.erfc(-demand / math.sqrt(2.0))
    return ("F", "D", "C-", "C", "C+", "B-", "B", "B+", "A", "A+")[min(int(10 * share), 9)]


def score_history(auctions: Sequence[Auction], params: AuctionParams = AuctionParams()) -> ScoreHistory:
    """D_a and the z of the tail of every auction of one market: what `score_auctions` gives, in one sweep a term."""
    ordered = tuple(sorted(auctions, key=lambda a: (a.day, a.years)))
    D_a, tail_z = np.full(len(ordered), np.nan), np.full(len(ordered), np.nan)
    rows_of: dict[str, list[int]] = defaultdict(list)
    for row, auction in enumerate(ordered):
        rows_of[auction.term].append(row)
    for rows in rows_of.values():
        z = {name: _z_column([getattr(ordered[row], name) for row in rows], params) for name in _FIELDS}
        has_tail = np.array([ordered[row].tail is not None for row in rows])
        has_dispersion = np.array([ordered[row].dispersion is not None for row in rows])
        before = np.concatenate(([0], np.cumsum(has_tail)))
        enough = before[:-1] - before[np.maximum(np.arange(len(rows)) - params.reference, 0)] >= params.min_reference
        tail = np.where((has_tail & enough) | ~has_dispersion, z["tail"], z["dispersion"])
        parts = np.array([z["bid_to_cover"], z["indirect_share"], -z["dealer_share"], -tail])
        known = ~np.isnan(parts)
        n = known.sum(axis=0)
        mean = np.where(known, parts, 0.0).sum(axis=0) / np.maximum(n, 1)
        D_a[rows] = np.where(n >= params.min_parts, mean, np.nan)
        tail_z[rows] = tail
    return ScoreHistory(ordered, D_a, tail_z)


def market_demand(scores: ScoreHistory, params: AuctionParams = AuctionParams()) -> Demand:
    """demand_z = Σ D_a·MD·2^(−k/8) / Σ MD·2^(−k/8) over the last 24 auctions, k = auctions since, for every auction day of one market."""
    auctions = scores.auctions
    md = np.array([np.nan if (found := _duration(each)) is None else found for each in auctions], dtype=np.float64)
    known = ~np.isnan(scores.D_a * md)
    weight, product = np.where(known, md, 0.0), np.where(known, md * scores.D_a, 0.0)
    total, weights, count = np.zeros(len(md)), np.zeros(len(md)), np.zeros(len(md))
    for since in range(min(params.market_window, len(md))):
        decay, row = 2.0 ** (-since / params.half_life), slice(0, len(md) - since)
        total[since:] += decay * product[row]
        weights[since:] += decay * weight[row]
        count[since:] += known[row]
    value = np.divide(total, weights, out=np.full(len(md), np.nan), where=count >= params.min_market)
    days = np.array([each.day for each in auctions], dtype=np.int32)
    last = np.flatnonzero(np.diff(days, append=days[-1:] + 1))
    return Demand(days[last], value[last], count[last])


def demand_at(demand: Demand, day: int, params: AuctionParams = AuctionParams()) -> DemandReading:
    """Marginal demand as of a day (days since 1970)."""
    row = int(np.searchsorted(demand.days, day, side="right")) - 1
    if row < 0:
        return DemandReading(None, 0, None, True)
    age = int(np.busday_count(np.datetime64(int(demand.days[row]), "D"), np.datetime64(int(day), "D")))
    value = float(demand.demand_z[row])
    return DemandReading(None if math.isnan(value) else value, int(demand.n[row]), age, age > params.stale_business_days)


def demand_rows(demand: Demand, row_days: Days, params: AuctionParams = AuctionParams()) -> Floats:
    """demand_z on other dates, each showing the last auction day on or before it; unknown once stale."""
    last = np.searchsorted(demand.days, row_days, side="right") - 1
    out = np.full(len(row_days), np.nan)
    seen = np.flatnonzero(last >= 0)
    then, now = demand.days[last[seen]].astype("datetime64[D]"), row_days[seen].astype("datetime64[D]")
    fresh = seen[np.busday_count(then, now) <= params.stale_business_days]
    out[fresh] = demand.demand_z[last[fresh]]
    return out


def _tail_to_use(auction: Auction, reference: Sequence[Auction], params: AuctionParams) -> tuple[str, str]:
    """A true tail where this auction and enough earlier ones have one, else the dispersion; never one against the other."""
    comparable = auction.tail is not None and len(_known(reference, "tail")) >= params.min_reference
    if comparable or auction.dispersion is None:
        return "tail", "when-issued"
    return "dispersion", "proxy"


def _known(auctions: Sequence[Auction], name: str) -> list[float]:
    return [value for value in (getattr(a, name) for a in auctions) if value is not None]


def _robust_z(auction: Auction, reference: Sequence[Auction], name: str, params: AuctionParams) -> float | None:
    value: float | None = getattr(auction, name)
    return None if value is None else robust_z(value, _known(reference, name), params.min_reference)


def _desk_gap(auction: Auction, before: Sequence[Auction], name: str, count: int) -> float | None:
    value: float | None = getattr(auction, name)
    last = _known(before[-count:], name)
    return value - fmean(last) if value is not None and len(last) == count else None


def _z_column(values: Sequence[float | None], params: AuctionParams) -> Floats:
    x = np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return robust_z_rows(x, params.reference, params.min_reference)


def _duration(auction: Auction) -> float | None:
    return None if auction.yield_pct is None else par_modified_duration(auction.yield_pct, auction.years)
