"""What the simulated market publishes now and then: auctions, weekly balances and positions, monthly and quarterly statistics."""

from types import MappingProxyType

import numpy as np

from . import demo_script as script
from .demo_market import curve_point, on_weekday
from .demo_paths import LAST, RECENT, Days, Points, Simulated, month_ends, read_table, reverting, weekdays, weekly, white

# Term: years, day of the month it is sold on, size in USD bn in 2016 and now.
_AUCTIONS = MappingProxyType(
    {"2y": (2, 24, 26, 69), "3y": (3, 9, 24, 58), "5y": (5, 25, 34, 70), "7y": (7, 26, 28, 44), "10y": (10, 10, 23, 42),
     "20y": (20, 19, 12, 16), "30y": (30, 11, 15, 25)}
)  # fmt: skip
_TWENTY_YEARS_SINCE = 18402  # 2020-05-20
# Months of a new security, and of more of it.
_TIPS = MappingProxyType({"5y": ((4, 10), (6, 12)), "10y": ((1, 7), (3, 5, 9, 11)), "30y": ((2,), (8,))})
_WEAK = Points((20454, 20544, 20566, 20585, 20602), (0.0, 0.9, 1.7, 0.9, 0.1))  # January to May 2026, in σ of a mood
_FUTURES = MappingProxyType({"2y": 0.34, "5y": 0.40, "10y": 0.22, "u10": 0.14, "bond": 0.05, "ubond": 0.07})  # share of contracts


def lumpy() -> Simulated:
    """Every series that is not daily."""
    yield from _auctions()
    yield from _index_linked_auctions()
    yield from _balances()
    yield from _positions()
    yield from _flows()
    yield from _buybacks()
    yield from _debt()
    yield from _prices()
    yield "bill.hr3633.stage", np.array([20237, 20286, 20587], np.int32), np.array([1.0, 2.0, 3.0])


def _auctions() -> Simulated:
    for term, (years, day_of_month, before, now) in _AUCTIONS.items():
        days = _monthly(day_of_month)
        days = days[days >= _TWENTY_YEARS_SINCE] if term == "20y" else days
        n = len(days)
        growth = (days - days[0]) / (days[-1] - days[0])
        size = (before + (now - before) * growth).round(0)
        weak = np.interp(days, _WEAK.days, _WEAK.values)
        mood = 0.6 * white(f"{term} mood", n) - weak
        stop = on_weekday(curve_point("us", years), days)
        dispersion = (4.5 - 0.8 * mood + 0.8 * white(f"{term} dispersion", n)).clip(0.5).round(1)
        dealer = (13 - 2.2 * mood + 1.5 * white(f"{term} dealer", n)).clip(2, 60).round(2)
        indirect = (67 + 3.0 * mood + 2.2 * white(f"{term} indirect", n)).clip(20, 90).round(2)
        fields = {
            "high_yield": stop.round(3),
            "dispersion": dispersion,
            "bid_to_cover": (2.55 + 0.08 * mood + 0.06 * white(f"{term} cover", n)).round(2),
            "dealer_share": dealer,
            "indirect_share": indirect,
            "accepted": size,
        }
        for field, values in fields.items():
            yield f"us.auction.{term}.{field}", days, values


def _index_linked_auctions() -> Simulated:
    for term, (new, more) in _TIPS.items():
        days = _monthly(18)
        months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) % 12 + 1
        sold = np.isin(months, (*new, *more))
        days = days[sold]
        mood = white(f"tips {term}", len(days))
        yield f"us.auction.tips.{term}.bid_to_cover", days, (2.45 + 0.1 * mood).round(2)
        yield f"us.auction.tips.{term}.indirect_share", days, (72 + 4 * mood + white(f"tips {term} share", len(days))).round(2)
        yield f"us.auction.tips.{term}.reopening", days, np.isin(months[sold], more).astype(np.float64)


def _monthly(day_of_month: int) -> Days:
    """The first weekday from that day of every month on."""
    months = month_ends().astype("datetime64[D]").astype("datetime64[M]")
    months = np.append(months, months[-1] + np.timedelta64(1, "M"))
    wanted = months.astype("datetime64[D]").astype(np.int32) + day_of_month - 1
    sold = wanted + np.maximum((wanted + 3) % 7 - 4, 0) * (7 - (wanted + 3) % 7)
    picked: Days = sold[sold <= LAST].astype(np.int32)
    return picked


def _balances() -> Simulated:
    """Weekly books of the Fed and of the dealers."""
    days, at = weekly(2), read_table(script.FLOWS)
    n = len(days)
    yield "us.custody", days, at["custody"].through(days, 5 * reverting(white("custody", n), 0.7)).round(1)
    yield "us.foreign_rrp", days, at["pool"].through(days, 5 * reverting(white("pool", n), 0.7)).round(1)
    fed = at["fed"].through(days, 3 * reverting(white("fed", n), 0.7))
    yield "us.fed.treasuries", days, fed.round(1)
    yield "us.soma.notesbonds", days, (0.83 * fed).round(1)
    fridays = weekly(4)
    nfci = at["nfci"].through(fridays, 0.01 * reverting(white("nfci", len(fridays)), 0.9)).round(3)
    yield "us.nfci", fridays, nfci
    since = weekly(2, RECENT)
    strain = np.interp(since, [20500, 20558, 20580, 20602], [1.0, 2.6, 1.8, 1.0])
    yield "us.fails.otr.10y.deliver", since, (3_000 * strain * np.exp(0.2 * white("otr.10y.deliver", len(since)))).round(0)


def _positions() -> Simulated:
    """Weekly futures positions, the short of leveraged funds, and what official holders abroad have."""
    days = weekly(1)
    n = len(days)
    short = read_table(script.FLOWS)["short"].through(days, 0.04 * reverting(white("short", n), 0.8))
    for contract, share in _FUTURES.items():
        own = 1 + 0.03 * white(f"lev {contract}", n)
        yield f"cftc.lev.net.{contract}", days, -(1e6 * short * share * own).round(0)
    months = month_ends()
    official = read_table(script.FLOWS)["custody_official"].on(months)
    yield "tic.official", months, (official + 11.64 * white("official", len(months))).round(1)


def _flows() -> Simulated:
    """Japan's weekly trades in foreign bonds, 100 million yen."""
    days = weekly(5)
    yield "jp.flows.foreign_bonds.net", days, (read_table(script.FLOWS)["flows"].on(days) + 3500 * white("jp flows", len(days))).round(0)


def _buybacks() -> Simulated:
    days = weekly(2, 19844)  # since May 2024
    accepted = (read_table(script.FLOWS)["buyback"].on(days) * (1 + 0.12 * white("buyback", len(days)))).clip(0.2).round(2)
    yield "us.buyback.accepted", days, accepted


def _debt() -> Simulated:
    months, at = month_ends(), read_table(script.DEBT)
    marketable = at["marketable"].on(months) + 25 * reverting(white("debt", len(months)), 0.5)
    bills = marketable * at["bills"].on(months) / 100
    rest = marketable - bills
    parts = {"bills": bills, "notes": 0.68 * rest, "bonds": 0.21 * rest}
    for name, values in (*parts.items(), ("marketable", marketable)):
        yield f"us.mspd.{name}", months, values.round(1)
    for area in ("fr", "de", "it"):
        quarters = month_ends(3)
        yield f"{area}.debt_gdp", quarters, at[area].on(quarters).round(1)
    for area in ("us", "jp", "uk", "ca"):
        years = month_ends(12)
        yield f"{area}.debt_gdp", years, at[area].on(years).round(1)


def _prices() -> Simulated:
    months = month_ends()
    months = months[months <= weekdays()[-1] - 28]  # the last month's are not out
    for name, points in read_table(script.PRICES).items():
        series = "jp.cpi.core.yoy" if name == "jpcore" else f"{name}.cpi.yoy"
        yield series, months, (points.on(months) + 0.08 * white(series, len(months))).round(1)
