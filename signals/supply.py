"""What the Treasury brings to market, and what buyers other than dealers take, in 10-year equivalents.

Net supply of a month: change of the notes and bonds outstanding (issued − redeemed − bought back, all in one number of the monthly
statement of the debt) less what the Federal Reserve bought. Rules of thumb: duration of a class from the auctions of its last year, the
Fed's purchases spread over both classes as they are outstanding. Inflation-protected and floating-rate notes are left out.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from .positioning import BucketFlows, net_supply, three_month_sum
from .rows import Native, union_of
from .stats import Days, Floats, changes
from .volatility import par_modified_durations

COUPON_YEARS: Mapping[str, float] = MappingProxyType({"2y": 2, "3y": 3, "5y": 5, "7y": 7, "10y": 10, "20y": 20, "30y": 30})
LEFT_OUT = "TIPS and floating-rate notes"
CLASS_OF: Mapping[str, str] = MappingProxyType({term: "notes" if years <= 10 else "bonds" for term, years in COUPON_YEARS.items()})


class SupplyParams(msgspec.Struct, frozen=True):
    """`mix_months` of auctions give a class its duration; a month-end value may be `month_end_age_days` old; `net_days`: short sum."""

    mix_months: int = 12
    month_end_age_days: int = 12
    net_days: int = 28


STANDING: Mapping[str, str] = MappingProxyType({"mix_months": "proposal", "month_end_age_days": "proposal", "net_days": "proposal"})
_DEFAULT = SupplyParams()


class Awards(msgspec.Struct, frozen=True):
    """Auctions of one original term, oldest first: competitive awards in USD bn, the dealers' share of them and the stop in %."""

    term: str
    days: Days
    accepted: Floats
    dealer_share: Floats
    stop: Floats


class TreasuryFlows(msgspec.Struct, frozen=True):
    """By month, oldest first: USD bn of 10-year equivalents over three months."""

    month_ends: Days
    supply: Floats
    demand: Floats


def treasury_flows(
    awards: Sequence[Awards], outstanding: Mapping[str, Native], fed: Native, y10: Native, params: SupplyParams = _DEFAULT
) -> TreasuryFlows:
    """Net coupon supply and non-dealer awards for every month of the statement of the debt.

    Args:
        outstanding: month-end amounts of "notes" and "bonds" in USD bn; without both there are no months.
        fed: notes and bonds held by the Federal Reserve, USD bn, weekly.
        y10: 10-year yield in %, for the duration of the unit.
    """
    month_ends = _months_of(outstanding)
    md10 = par_modified_durations(month_end_values(y10, month_ends, params), 10.0)
    levels = {name: month_end_values(native, month_ends, params) for name, native in outstanding.items()}
    bought = changes(month_end_values(fed, month_ends, params))
    total = sum(levels.values(), np.zeros(len(month_ends)))
    buckets = [
        BucketFlows(
            issued=changes(level),  # redemptions and buybacks are in it
            redeemed=np.zeros(len(month_ends)),
            bought_back=np.zeros(len(month_ends)),
            cb_net_purchases=bought * level / total,
            md=class_duration([each for each in awards if CLASS_OF[each.term] == name], month_ends, params),
        )
        for name, level in levels.items()
    ]
    supply, demand = net_supply(buckets, md10), _taken_by_others(awards, month_ends) / md10
    return TreasuryFlows(month_ends, three_month_sum(supply), three_month_sum(demand))


def net_coupons(awards: Sequence[Awards], buybacks: Native, params: SupplyParams = _DEFAULT) -> Native:
    """Net coupon issuance over four weeks, USD bn, on every auction date: awarded, less bought back, less what falls due.

    What falls due is what was auctioned a term ago; reopenings fall due a month or two earlier than that, and public awards only.
    """
    auctioned = [one for one in awards if len(one.days)]
    if not auctioned:
        return np.zeros(0, np.int32), np.zeros(0)
    days = union_of([one.days for one in auctioned])
    total = -_sum_before(buybacks, days, params.net_days)
    for one in auctioned:
        years = round(365.25 * COUPON_YEARS[one.term])
        total += _sum_before((one.days, one.accepted), days, params.net_days)
        total -= _sum_before((one.days + years, one.accepted), days, params.net_days)
    return days, total


def month_end_values(native: Native, month_ends: Days, params: SupplyParams = _DEFAULT) -> Floats:
    """The last value on or before each month-end; unknown where it is older than the parameter allows."""
    days, values = native
    rows = np.searchsorted(days, month_ends, side="right") - 1
    out = np.full(len(month_ends), np.nan)
    if len(days):
        there = (rows >= 0) & (month_ends - days[rows] <= params.month_end_age_days)
        out[there] = values[rows[there]]
    return out


def class_duration(awards: Sequence[Awards], month_ends: Days, params: SupplyParams = _DEFAULT) -> Floats:
    """Modified duration of what a class has auctioned over the last year, weighted by amount; unknown where it auctioned nothing."""
    weight, duration = np.zeros(len(month_ends)), np.zeros(len(month_ends))
    for one in awards:
        md = par_modified_durations(one.stop, COUPON_YEARS[one.term])
        known = ~np.isnan(md * one.accepted)
        weight += _by_month(one.days[known], one.accepted[known], month_ends)
        duration += _by_month(one.days[known], (one.accepted * md)[known], month_ends)
    weight, duration = _trailing_sum(weight, params.mix_months), _trailing_sum(duration, params.mix_months)
    mean: Floats = np.divide(duration, weight, out=np.full(len(month_ends), np.nan), where=weight > 0)
    return mean


def month_number(days: Days) -> NDArray[np.int64]:
    """Months since January 1970."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _months_of(outstanding: Mapping[str, Native]) -> Days:
    """Month-ends for which both classes are reported, from first to last without a gap."""
    if set(outstanding) != {"notes", "bonds"} or not all(len(days) for days, _ in outstanding.values()):
        return np.zeros(0, np.int32)
    first = max(month_number(days[:1])[0] for days, _ in outstanding.values())
    last = min(month_number(days[-1:])[0] for days, _ in outstanding.values())
    following = np.arange(first + 1, last + 2).astype("datetime64[M]").astype("datetime64[D]")
    return following.astype(np.int64).astype(np.int32) - np.int32(1)


def _taken_by_others(awards: Sequence[Awards], month_ends: Days) -> Floats:
    """Awards to others than dealers by month, times duration; a month with an auction of unknown takers is unknown."""
    total = np.zeros(len(month_ends)) if awards else np.full(len(month_ends), np.nan)
    for one in awards:
        md = par_modified_durations(one.stop, COUPON_YEARS[one.term])
        total += _by_month(one.days, one.accepted * (1 - one.dealer_share / 100) * md, month_ends)
    return total


def _by_month(days: Days, amounts: Floats, month_ends: Days) -> Floats:
    out = np.zeros(len(month_ends))
    if len(month_ends):
        place = month_number(days) - month_number(month_ends[:1])[0]
        inside = (place >= 0) & (place < len(out))
        np.add.at(out, place[inside], amounts[inside])
    return out


def _trailing_sum(x: Floats, window: int) -> Floats:
    total = np.concatenate(([0.0], np.cumsum(x)))
    rows = np.arange(1, len(x) + 1)
    summed: Floats = total[rows] - total[np.maximum(rows - window, 0)]
    return summed


def _sum_before(native: Native, days: Days, span: int) -> Floats:
    """Sum of what is dated within the last `span` days of each day, that day included."""
    total = np.concatenate(([0.0], np.cumsum(np.nan_to_num(native[1]))))
    ends, starts = (np.searchsorted(native[0], edge, side="right") for edge in (days, days - span))
    summed: Floats = total[ends] - total[starts]
    return summed
