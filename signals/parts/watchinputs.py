"""What the watch list and the gates look at: native series with the day on which each observation was known, and when they were stale."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np

from ...cache.freshness import status_of
from ...cache.status import Status
from ...feeds.calendars import calendar, period_end
from ...feeds.series import Frequency, Series
from ..inputs import Inputs, Moment
from ..rows import Native as Plain
from ..rows import weekdays_between
from ..stats import Days
from ..supply import COUPON_YEARS
from ..watchinput import Native
from ..watchspec import Watchlist
from ..windows import Flags
from .asknown import SECONDS_A_DAY, Instants, known_days
from .auctions import AuctionsPart
from .positioning import PositioningPart
from .supply import BUYBACKS, SupplyPart

GATE_SERIES = ("us.sofr", "us.iorb", "us.srf.accepted", "us.10y", "jp.10y", "us.3m", "jp.call")
AUCTION_TOLERANCE = 10  # business days without an auction of any term after which demand at auctions is old
AUCTION_BASED = ("us.auction.tail_z", "us.coupons.net_4w")
TOO_OLD = (Status.STALE, Status.DEAD)
DAYS_BACK, DAYS_AHEAD = 15, 45  # of holidays: since the newest observation, and in the month that has not ended
AUCTIONED = tuple(f"us.auction.{term}.accepted" for term in COUPON_YEARS)
TAILS = tuple(f"us.auction.{term}.dispersion" for term in COUPON_YEARS)
SHORTS = tuple(f"cftc.lev.net.{contract}" for contract in ("2y", "5y", "10y", "u10", "bond", "ubond"))
# What the series that no feed supplies are made of.
BASIS: Mapping[str, tuple[str, ...]] = {
    "us.auction.tail_z": TAILS,
    "us.coupons.net_4w": (*AUCTIONED, BUYBACKS),
    "cftc.lev.short_10y": SHORTS,
}


class WatchInputs(msgspec.Struct, frozen=True):
    """Series by id, and since when each observation was known (UTC seconds, never decreasing); `any_known` are all those instants."""

    natives: Mapping[str, Native]
    instants: Mapping[str, Instants]
    any_known: Instants

    def known(self, moment: Moment) -> "WatchInputs":
        """Without the observations that were not known at the moment."""
        counts = {name: int(np.searchsorted(at, moment.at, side="right")) for name, at in self.instants.items()}
        natives = {name: native.only(np.arange(len(native)) < counts[name]) for name, native in self.natives.items() if counts[name]}
        known = {name: at[: counts[name]] for name, at in self.instants.items() if counts[name]}
        return WatchInputs(natives, known, self.any_known[: int(self.any_known.searchsorted(moment.at, "right"))])

    def all_known(self, moment: Moment, day: int) -> bool:
        """Whether everything that counts from the end of that day on was known at the moment."""
        known, counts = (int(self.any_known.searchsorted(at, "right")) for at in (moment.at, (day + 1) * SECONDS_A_DAY))
        return known >= counts


def watch_inputs(
    inputs: Inputs, watchlist: Watchlist, auctions: AuctionsPart, supply: SupplyPart, positioning: PositioningPart
) -> WatchInputs:
    """Everything the list names and the gates need, as far as there are observations."""
    computed: dict[str, tuple[Plain, Instants]] = {
        "us.auction.tail_z": (auctions.tails(), auctions.tails_known()),
        "us.coupons.net_4w": supply.net_coupons(),
        "cftc.lev.short_10y": positioning.short(),
    }
    natives, instants = {}, {}
    for name in named(watchlist):
        native, known = computed[name] if name in computed else (inputs.native(name), inputs.known_from(name))
        if len(native[0]):
            natives[name], instants[name] = Native(*native, known_days(known)), known
    return WatchInputs(natives, instants, np.sort(np.concatenate([np.zeros(0, np.int64), *instants.values()])))


def stale_flags(inputs: Inputs, natives: Mapping[str, Native], days: Days, at: int) -> dict[str, Flags]:
    """Per series, on which of `days` (weekdays) its newest observation was too old: at the end of the day, on the last not after `at`."""
    return {
        name: _without_auction(native, days)
        if name in AUCTION_BASED
        else stale_days(inputs.catalogue[BASIS[name][2] if name in BASIS else name], native, days, at)
        for name, native in natives.items()
    }


def named(watchlist: Watchlist) -> tuple[str, ...]:
    """Every series id that a condition, a level or a gate mentions."""
    ids = {name for condition in watchlist.conditions for name in condition.series_named()}
    return tuple(sorted({*ids, *(level.series for level in watchlist.levels), *GATE_SERIES}))


def holidays_around(day: int) -> Days:
    """US weekdays without business in the weeks around a day."""
    us = calendar("us")
    around = range(day - DAYS_BACK, day + DAYS_AHEAD)
    return np.array([each for each in around if (each + 3) % 7 < 5 and not us.is_open(each)], np.int32)


def stale_days(series: Series, native: Native, days: Days, at: int) -> Flags:
    """At the end of which of `days` (weekdays), and no later than `at`, the newest observation known then was too old."""
    flags = np.zeros(len(days), np.bool_)
    if not len(days):
        return flags
    until = np.append(native.known[1:], days[-1] + 1)  # the day on which the next one takes over
    for row in _candidates(series, native, until):
        first = _first_stale(series, int(native.days[row]), int(native.known[row]), int(until[row]), at)
        flags[np.searchsorted(days, first) : np.searchsorted(days, until[row])] = True
    return flags


def _candidates(series: Series, native: Native, until: Days) -> Iterable[int]:
    """Observations that were the newest for so many weekdays that they may have been stale."""
    ends = native.days
    if series.frequency in (Frequency.MONTHLY, Frequency.QUARTERLY, Frequency.ANNUAL):
        ends = np.array([period_end(series, day) for day in native.days.tolist()], np.int32)
    last = until - 1
    there = last + _further(series)  # the market's own date at the end of that day
    ages = there - ends if series.calendar == "always" else weekdays_between(ends, there)
    rows: list[int] = np.flatnonzero((ages > series.tolerance) & (last >= native.known)).tolist()
    return rows


def _further(series: Series) -> int:
    """How many days further than UTC's a market's date may be at the end of a UTC day: one east of Greenwich and in UTC itself."""
    return max(calendar(series.calendar).today((day + 1) * SECONDS_A_DAY) - day for day in (0, 182))  # winter and summer


def _first_stale(series: Series, day: int, known: int, until: int, at: int) -> int:
    """The first day, from `known` on, at whose end (not after `at`) an observation was stale; `until` when it never was before."""
    low, high = known, until
    while low < high:
        middle = (low + high) // 2
        if status_of(series, day, min((middle + 1) * SECONDS_A_DAY, at)) in TOO_OLD:
            high = middle
        else:
            low = middle + 1
    return low


def _without_auction(native: Native, days: Days) -> Flags:
    rows = native.rows_known(days)
    seen = np.flatnonzero(rows >= 0)
    flags = np.zeros(len(days), np.bool_)
    flags[seen] = weekdays_between(native.days[rows[seen]], days[seen]) > AUCTION_TOLERANCE
    return flags


def catalogue_ids(names: Sequence[str]) -> tuple[str, ...]:
    """The series of the catalogue behind what a condition names."""
    return tuple(dict.fromkeys(each for name in names for each in BASIS.get(name, (name,))))
