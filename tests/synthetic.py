"""Makes a Panel of six simulated years for every series of the catalogue: deterministic, plausible, and never anybody's data."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zlib import crc32

import numpy as np
from bondtop.cache.panel import Panel, Track, make_track
from bondtop.feeds.calendars import calendar, known_at, period_end
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.series import Frequency, Series, from_day, to_day
from msgspec.structs import replace

FIRST, LAST = to_day(date(2020, 1, 2)), to_day(date(2026, 3, 20))
NOW = datetime(2026, 3, 21, tzinfo=UTC)
SPAN = LAST - FIRST + 1
SHOCK = to_day(date(2024, 8, 5))  # a fortnight of stress starts here
MARKET_LEVEL = {"us": 4.2, "uk": 4.5, "fr": 3.2, "jp": 1.2, "de": 2.6, "it": 3.7, "ca": 3.2, "ea": 2.6}
MARKET_BETA = {"us": 1.0, "uk": 1.0, "fr": 0.8, "jp": 0.3, "de": 0.8, "it": 0.9, "ca": 0.9, "ea": 0.8}
TYPICAL: Mapping[str, tuple[float, float]] = {  # level, daily σ in the same unit; mean reverting
    "vix": (18, 0.9), "move": (95, 3.0), "ofr.fsi": (0, 0.15), "hy.oas": (350, 6), "ig.oas": (100, 2), "baa.spread": (180, 2),
    "us.rrp": (300, 20), "us.tga": (750, 30), "us.noise": (1.5, 0.05), "us.seclend.fee": (6, 0.4), "us.custody": (2900, 8),
    "us.foreign_rrp": (350, 5), "us.fed.treasuries": (4300, 5), "us.fed.assets": (6700, 10), "us.mspd.marketable": (27000, 60),
    "us.mspd.bills": (5900, 40), "us.debt.total": (35000, 80), "us.nfci": (-0.4, 0.02), "jp.flows.foreign_bonds.net": (1000, 4000),
    "stablecoin.cap": (230, 0.6), "rwa.treasuries": (5, 0.03), "bill.hr3633.stage": (2, 0.0), "us.srf.accepted": (0.5, 0.3),
    "ofr.hf.leverage": (8, 0.1), "us.cpi.yoy": (2.8, 0.05),
}  # fmt: skip
WALKS: Mapping[str, tuple[float, float]] = {  # level, daily σ in %: log random walks
    "spx": (4000, 1.0), "ndx": (14000, 1.2), "nky": (30000, 1.1), "btc": (40000, 3.0), "gold": (1900, 0.9), "oil.wti": (75, 1.8),
    "dxy": (102, 0.4), "usd.broad": (120, 0.3), "usdjpy": (140, 0.6), "usdjpy.boj17": (140, 0.6), "eurusd": (1.1, 0.5),
    "gbpusd": (1.27, 0.5), "hyg": (78, 0.4), "lqd": (110, 0.4), "tlt": (95, 0.9), "ief": (95, 0.4), "ust10.future": (112, 0.35),
    "jpy.future": (0.0071, 0.6),
}  # fmt: skip
TERM = {"2y": 24, "3y": 36, "5y": 60, "7y": 84, "10y": 120, "20y": 240, "30y": 360}


@cache
def synthetic_panel() -> Panel:
    """The panel as known on 21 March 2026; about 300 series."""
    catalogue = default_catalogue()
    return Panel(NOW, {series.id: track for series in catalogue if len(track := _track(series))})


def as_of_day(day: str) -> datetime:
    """The end of a day, UTC: when a replay of that day stands."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(days=1)


def without(panel: Panel, *ids: str) -> Panel:
    """The panel with some series missing."""
    return Panel(panel.as_of, {name: track for name, track in panel.tracks.items() if name not in ids})


def only(panel: Panel, keep: Callable[[str], bool]) -> Panel:
    """The panel with the series that `keep` says."""
    return Panel(panel.as_of, {name: track for name, track in panel.tracks.items() if keep(name)})


def edited(panel: Panel, series_id: str, values: Mapping[str, float | None]) -> Panel:
    """The panel with some values of a series changed, by date; None takes the observation out."""
    track = panel[series_id]
    wanted = {to_day(date.fromisoformat(day)): value for day, value in values.items()}
    changed = np.array([wanted.get(int(day), value) for day, value in zip(track.days, track.values, strict=True)], dtype=object)
    kept = np.array([value is not None for value in changed])
    columns = (track.days, np.where(kept, changed, 0.0), track.known_at, track.fetched_at, track.first_known_at)
    return Panel(panel.as_of, {**panel.tracks, series_id: make_track(series_id, track.source, *(column[kept] for column in columns))})


def with_another_future(panel: Panel, after: datetime, gone: Collection[str] = ()) -> Panel:
    """The panel with every observation first known after an instant moved by a random amount, or taken out."""
    at = int(after.timestamp())
    return Panel(panel.as_of, {name: _moved(track, at, name in gone) for name, track in panel.tracks.items()})


def _moved(track: Track, at: int, is_gone: bool) -> Track:
    later = track.first_known_at > at
    if is_gone:
        columns = (track.days, track.values, track.known_at, track.fetched_at, track.first_known_at)
        return make_track(track.series, track.source, *(column[~later] for column in columns))
    noise = _random(track.series + "future").normal(1.0, 0.3, len(track))
    return replace(track, values=np.where(later, track.values * noise + 0.01, track.values))


def _track(series: Series) -> Track:
    if series.id.startswith("bill"):
        return make_track(series.id, "", (), (), (), ())
    days, known = _dates(_Like(series))
    values = np.clip(_values(series, days), series.low, series.high)
    return make_track(series.id, series.sources[0].feed, days, values, known, known + 600)


@dataclass(frozen=True)
class _Like:
    """A series as far as its dates go: many share them."""

    series: Series = field(compare=False)
    key: object = field(init=False)

    def __post_init__(self) -> None:
        frequency = self.series.frequency
        own = _weekday(self.series) if frequency is Frequency.WEEKLY else _term(self.series) if frequency is Frequency.EVENT else ""
        object.__setattr__(self, "key", (self.series.frequency, self.series.calendar, self.series.publication, own))


@cache
def _dates(like: _Like) -> tuple[np.ndarray, np.ndarray]:
    """Days of the observations, and when each was known."""
    days = np.array(_days(like.series))
    known = np.array([known_at(like.series, day) for day in days.tolist()])
    there = known <= NOW.timestamp()
    return days[there], known[there]


def _days(series: Series) -> list[int]:
    market = calendar(series.calendar)
    span = range(FIRST, LAST + 1)
    match series.frequency:
        case Frequency.DAILY:
            return [day for day in span if market.is_open(day)]
        case Frequency.CALENDAR:
            return list(span)
        case Frequency.WEEKLY:
            return [day for day in span if (day + 3) % 7 == _weekday(series)]
        case Frequency.EVENT:
            return [day for day in span if _is_event(series, day)]
        case _:
            return sorted({end for day in span if (end := period_end(series, day)) <= LAST})


def _weekday(series: Series) -> int:
    return 1 if series.id.startswith("cftc") else 5 if series.id.startswith("jp.flows") else 4 if "nfci" in series.id else 2


def _term(series: Series) -> str:
    return series.id.removeprefix("us.auction.").removeprefix("tips.").split(".")[0]


def _is_event(series: Series, day: int) -> bool:
    """Auctions once a month, each term on its own day; buybacks every Wednesday."""
    if series.id.startswith("us.buyback"):
        return (day + 3) % 7 == 2
    return from_day(day).day == 8 + list(TERM).index(_term(series)) and calendar("us").is_open(day)


def _values(series: Series, days: np.ndarray) -> np.ndarray:
    name, at = series.id, days - FIRST
    prefix, rest = name.split(".")[0], name.split(".")[1:]
    if name in WALKS:
        level, sigma = WALKS[name]
        return level * np.exp(np.cumsum(_shocked(_random(name).normal(0.01, sigma, SPAN), -2.0)) / 100)[at]
    if name in TYPICAL:
        return _reverting(name, *TYPICAL[name])[at]
    if name.startswith("us.auction."):
        return _auction(series, at)
    if prefix in MARKET_LEVEL and rest and rest[-1] in ("breakeven", "real"):
        breakeven = _reverting("breakeven", 2.3, 0.03)
        return (breakeven if rest[-1] == "breakeven" else _yields("us", rest[0]) - breakeven)[at]
    if prefix in MARKET_LEVEL and series.unit == "%" and (tenor := next((part for part in rest if part[:-1].isdigit()), "")):
        return _yields(prefix, tenor)[at]
    if name == "ca.long":
        return _yields("ca", "30y")[at]
    if (rest and rest[-1] in ("policy", "dfr")) or name in ("us.iorb", "jp.call", "us.effr", "us.obfr", "uk.sonia", "us.ff.lower"):
        return np.full(len(days), MARKET_LEVEL.get(prefix, 2.0) - 0.5)
    if name == "us.ff.upper":
        return np.full(len(days), MARKET_LEVEL["us"] - 0.25)
    if (
        (name.startswith("us.sofr") and series.unit == "%")
        or name in ("us.tgcr", "us.bgcr")
        or (name.startswith("ofr.repo") and series.unit == "%")
    ):
        return _reverting("sofr", MARKET_LEVEL["us"] - 0.4, 0.02)[at]
    if name.startswith("cftc"):
        return _reverting(name, -600_000 if "net" in name else 900_000, 15_000)[at]
    if "term_premium" in name:
        return _reverting(name, 0.5, 0.02)[at]
    middle = 0.7 * max(series.low, 0.0) + 0.3 * min(series.high, 1000 * max(1.0, abs(series.low)))
    return _reverting(name, middle, 0.002 * abs(middle) or 0.01)[at]


def _auction(series: Series, at: np.ndarray) -> np.ndarray:
    _, _, term, *_, what = series.id.split(".")
    level = {"bid_to_cover": 2.5, "dispersion": 5.0, "dealer_share": 14.0, "direct_share": 18.0, "indirect_share": 68.0}.get(what)
    if level is not None:
        return level * (1 + _random(series.id).normal(0.0, 0.05, SPAN)[at])
    if what == "reopening":
        return (np.arange(len(at)) % 3 != 0).astype(np.float64)
    if what in ("high_yield", "median_yield"):
        return _yields("us", term if term in TERM else "10y")[at]
    return np.full(len(at), {"offering": 45.0, "accepted": 45.0}.get(what, 50.0)) * (1 + 0.00002 * at)


@cache
def _yields(market: str, tenor: str) -> np.ndarray:
    """A level, a common factor, the market's own, and a little of the tenor's own; in %, one for each calendar day."""
    years = float(tenor[:-1]) / (12 if tenor.endswith("m") else 1)
    common = np.cumsum(_shocked(_random("common").normal(0, 0.045, SPAN), 0.06))
    own = np.cumsum(_random(market).normal(0, 0.02, SPAN))
    steep = np.cumsum(_random(market + "slope").normal(0, 0.008, SPAN)) * np.log(years / 10)
    size = 0.4 + 0.6 * min(1.0, years / 10)
    return MARKET_LEVEL[market] + 0.4 * np.log(years / 10) + size * (MARKET_BETA[market] * common + own) + 0.3 * steep


@cache
def _reverting(name: str, level: float, sigma: float) -> np.ndarray:
    steps = _shocked(_random(name).normal(0.0, sigma, SPAN), 4 * sigma) if name in ("vix", "move", "ofr.fsi") else None
    steps = _random(name).normal(0.0, sigma, SPAN) if steps is None else steps
    kept = 0.97
    weights = kept ** np.arange(200)
    return level + np.convolve(steps, weights)[:SPAN]


def _shocked(steps: np.ndarray, push: float) -> np.ndarray:
    out = steps.copy()
    start = SHOCK - FIRST
    out[start : start + 12] = 1.5 * out[start : start + 12] + push
    return out


def _random(name: str) -> np.random.Generator:
    return np.random.default_rng(crc32(name.encode()))
