"""The simulated market day by day: yields, policy and money-market rates, volatility, currencies, shares."""

from functools import cache
from types import MappingProxyType

import numpy as np

from . import demo_script as script
from .demo_paths import Days, Floats, Simulated, every_day, read_table, recent, reverting, walk, weekdays, white

# Usual size of a day's move of the ten-year yield in bp, and how much of it all markets share.
_DAILY_BP = MappingProxyType({"us": 5.2, "uk": 5.0, "fr": 4.2, "de": 4.2, "jp": 2.4, "it": 5.6, "ca": 4.8})
_SHARED = MappingProxyType({"us": 0.86, "uk": 0.84, "fr": 0.86, "de": 0.88, "jp": 0.68, "it": 0.66, "ca": 0.84})
_CURVE_CONTROL_ENDS = 19345  # 2022-12-20: until then the Japanese ten-year yield hardly moves

# Series of a curve by tenor in years, those read over ten years first.
_US_LONG = {"3m": 0.25, "2y": 2, "10y": 10, "30y": 30}
_US_RECENT = {"6m": 0.5, "1y": 1, "3y": 3, "5y": 5, "7y": 7, "20y": 20}
_JP_LONG, _JP_RECENT = {"2y": 2, "10y": 10, "30y": 30, "40y": 40}, {"1y": 1, "5y": 5, "7y": 7, "9y": 9, "20y": 20}
_UK_LONG, _UK_RECENT = {"10y": 10, "30y.spot": 30}, {"2y.spot": 2, "5y": 5, "20y": 20, "40y.spot": 40}
_FR_LONG = {"10y": 10, "2y.tec": 2}
_FR_RECENT = {"5y": 5, "5y.tec": 5.02, "7y.tec": 7, "10y.tec": 10.02, "20y.tec": 20, "30y.tec": 30}
_DE_LONG, _DE_RECENT = {"2y": 2, "10y": 10, "30y": 30}, {"5y": 5}


def daily() -> Simulated:
    """Every daily series."""
    yield from _curves()
    yield from _inflation()
    yield from _policy()
    yield from _funding()
    yield from _stress()
    yield from _shares()
    yield from _currencies()
    yield from _tokens()


@cache
def volatility() -> Floats:
    """How lively each weekday is; 1 is usual."""
    return read_table(script.VOLATILITY)["times"].on(weekdays())


@cache
def ten_year(market: str) -> Floats:
    """The ten-year yield of a market in % on weekdays."""
    days = weekdays()
    n, shared = len(days), _SHARED[market]
    common = white("all markets", n)
    if market == "jp":  # Tokyo closes first: it hears tomorrow what the others do today
        common = 0.2 * common + 0.98 * np.roll(common, 1)
    shock = shared * common + (1 - shared**2) ** 0.5 * white(f"{market} 10y", n)
    size = _DAILY_BP[market] * volatility()
    if market == "jp":
        size = np.where(days < _CURVE_CONTROL_ENDS, 1.1 * volatility(), 2.6 * volatility() ** 0.7)
    return read_table(script.TEN_YEAR_YIELDS)[market].through(days, np.cumsum(size * shock) / 100)


_KNOTS = (0.0, 2.0, 10.0, 30.0, 40.0)


@cache
def curve_point(market: str, years: float) -> Floats:
    """The yield of any tenor in % on weekdays: straight between the policy rate, 2, 10, 30 and 40 years, and a little off the line."""
    levels = _levels(market)
    if years in _KNOTS:
        return levels[_KNOTS.index(years)]
    right = int(np.searchsorted(_KNOTS, years))
    part = (years - _KNOTS[right - 1]) / (_KNOTS[right] - _KNOTS[right - 1])
    off = 0.004 * reverting(white(f"{market} {years}", len(weekdays())), 0.8)
    between: Floats = (1 - part) * levels[right - 1] + part * levels[right] + off
    return between


@cache
def _levels(market: str) -> tuple[Floats, ...]:
    """The yields at the knots of a curve in % on weekdays."""
    days, ten = weekdays(), ten_year(market)
    n = len(days)
    size = volatility() * (0.6 if market == "jp" else 1.0) / 100
    two = ten - read_table(script.SLOPES_2S10S)[market].through(days, walk(f"{market} 2s10s", 2.4 * size, n))
    steeper = read_table(script.SLOPES_10S30S)[market].through(days, walk(f"{market} 10s30s", 2.6 * size, n))
    longest = read_table(script.SLOPE_30S40S)["jp"].through(days, walk("30s40s", 0.9 * size, n)) if market == "jp" else 0.15
    overnight = policy("ea" if market in ("fr", "de", "it") else market)[np.searchsorted(every_day(), days)]
    bills = overnight - 0.08 + 0.05 * reverting(white(f"{market} bills", n) * 0.3, 0.9)
    return bills, two, ten, ten + steeper, ten + steeper + longest


def policy(area: str) -> Floats:
    """The policy rate in % on every day (in the US the top of the range)."""
    return read_table(script.POLICY)[area].held_on(every_day())


def _curves() -> Simulated:
    days = weekdays()
    curves = (
        ("us", _US_LONG, _US_RECENT, 2),
        ("jp", _JP_LONG, _JP_RECENT, 3),
        ("uk", _UK_LONG, _UK_RECENT, 3),
        ("fr", _FR_LONG, _FR_RECENT, 3),
        ("de", _DE_LONG, _DE_RECENT, 2),
    )
    for market, whole, short, decimals in curves:
        for tenor, years in whole.items():
            yield f"{market}.{tenor}", days, curve_point(market, years).round(decimals)
        for tenor, years in short.items():
            yield f"{market}.{tenor}", *recent(days, curve_point(market, years).round(decimals))
    for market, gaps in (("it", {"5y": -0.55}), ("ca", {"2y": -0.75, "5y": -0.4, "long": 0.35})):
        ten = ten_year(market)
        yield f"{market}.10y", days, ten.round(3)
        for tenor, gap in gaps.items():
            off = 0.04 * reverting(white(f"{market} {tenor}", len(days)), 0.97)
            yield f"{market}.{tenor}", *recent(days, (ten + gap + off).round(3))
    yield "ea.aaa.3m", *recent(days, (curve_point("de", 2) * 0.2 + 0.8 * _weekday_policy("ea")).round(3))


def _inflation() -> Simulated:
    days = weekdays()
    n, at = len(days), read_table(script.INFLATION)
    shock = 1.1 * white("all markets", n) + 1.8 * white("breakeven", n)
    breakeven = at["breakeven"].through(days, np.cumsum(volatility() * shock) / 100).round(2)
    ten = curve_point("us", 10).round(2)
    yield "us.10y.real", days, (ten - breakeven).round(2)
    yield "us.10y.breakeven", days, breakeven
    yield "us.5y5y.breakeven", *recent(days, (0.6 * breakeven + 0.95 + 0.02 * reverting(white("5y5y", n), 0.9)).round(2))
    premium = at["premium"].through(days, walk("premium", 2.0 * volatility(), n) / 100)
    yield "us.term_premium.acm", days, premium.round(3)
    yield "us.term_premium.kw", *recent(days, (0.6 * premium - 0.1).round(3))


def _policy() -> Simulated:
    days = every_day()
    for area in ("us", "jp", "ca"):
        level = policy(area) - (0.125 if area == "us" else 0.0)
        kind = weekdays() if area == "ca" else days
        yield f"{area}.policy", *recent(kind, level[np.searchsorted(days, kind)])
    yield "uk.policy", *recent(weekdays(), _weekday_policy("uk"))
    yield "ea.dfr", *recent(days, policy("ea"))


def _weekday_policy(area: str) -> Floats:
    return policy(area)[np.searchsorted(every_day(), weekdays())]


def _funding() -> Simulated:
    """Repo against the range, the Fed's desk, and the Treasury's account."""
    days, at = weekdays(), read_table(script.FUNDING)
    n, upper = len(days), _weekday_policy("us")
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    turn = np.append(months[1:] != months[:-1], True)
    spread_bp = at["sofr_bp"].on(days) + 0.9 * white("sofr", n) + 7.0 * turn
    sofr = (upper + spread_bp / 100).round(2)
    yield "us.sofr", *recent(days, sofr)
    yield "us.iorb", *recent(every_day(), (policy("us") - 0.10).round(2))
    yield "us.ff.upper", *recent(days, upper)
    for name, gap in (("sofr.p25", -0.02), ("sofr.p99", 0.12), ("tgcr", -0.02)):
        yield f"us.{name}", *recent(days, (sofr + gap * (1 + 0.4 * turn)).round(2))
    yield "us.srf.accepted", *recent(days, np.abs(at["srf"].on(days) * (1 + 0.3 * white("srf", n)) + 8 * turn).round(1))
    yield "us.seclend.fee", *recent(days, (at["fee"].on(days) + 0.5 * reverting(white("fee", n), 0.6)).round(2))
    yield "us.noise", *recent(days, (at["noise"].on(days) + 0.05 * reverting(white("noise", n), 0.7)).round(3))
    yield "us.tga", *recent(days, at["tga"].through(days, 9 * reverting(white("tga", n), 0.9)).round(1))
    yield "jp.call", days, (_weekday_policy("jp") - 0.02 + 0.003 * white("call", n)).round(3)
    yield "uk.sonia", *recent(days, (_weekday_policy("uk") - 0.03).round(3))


def _stress() -> Simulated:
    days, at = weekdays(), read_table(script.STRESS)
    n = len(days)
    yield "vix", days, at["vix"].through_log(days, reverting(0.045 * _fear(n), 0.92)).round(2)
    yield "move", days, at["move"].through_log(days, reverting(0.028 * (0.5 * _fear(n) + 0.8 * white("move", n)), 0.93)).round(2)
    fsi = at["fsi"].through(days, reverting(0.09 * (0.6 * _fear(n) + 0.8 * white("fsi", n)), 0.95))
    yield "ofr.fsi", days, fsi.round(3)
    for part, share in (("credit", 0.3), ("funding", 0.2)):
        yield f"ofr.fsi.{part}", days, (share * fsi + 0.05 * reverting(white(part, n), 0.95)).round(3)
    yield "hy.oas", days, at["hy"].through_log(days, walk("hy", 0.008, n)).round(0)


def _fear(n: int) -> Floats:
    return 0.75 * white("fear", n) - 0.66 * white("shares", n)


def _shares() -> Simulated:
    days, at = weekdays(), read_table(script.RISK_ASSETS)
    n = len(days)
    size = 0.008 * np.maximum(volatility(), 0.8)
    for name, own, shared in (("spx", 0.3, 1.0), ("ndx", 0.5, 1.15), ("nky", 0.9, 0.8), ("gold", 0.9, 0.0)):
        shock = size * (shared * white("shares", n) + own * white(name, n))
        values = at[name].through_log(days, np.cumsum(shock)).round(2)
        yield name, *((days, values) if name == "spx" else recent(days, values))
    whole = every_day()
    yield "btc", *recent(whole, at["btc"].through_log(whole, walk("btc", 0.028, len(whole))).round(0))


def _currencies() -> Simulated:
    days, at = weekdays(), read_table(script.CURRENCIES)
    n = len(days)
    dollar = white("dollar", n)
    for name, size, series in (("usdjpy", 0.0052, "usdjpy"), ("dxy", 0.0037, "dxy"), ("broad", 0.0026, "usd.broad")):
        shock = size * (0.75 * dollar + 0.66 * white(name, n))
        yield series, days, at[name].through_log(days, np.cumsum(shock)).round(4)


def _tokens() -> Simulated:
    days, at = every_day(), read_table(script.TOKENS)
    n = len(days)
    for column, name in (("cap", "stablecoin.cap"), ("rwa", "rwa.treasuries")):
        yield name, *recent(days, at[column].through_log(days, walk(name, 0.002, n)).round(3))


def on_weekday(values: Floats, days: Days) -> Floats:
    """Values of weekdays on some of them; a weekend takes the Friday's."""
    picked: Floats = values[np.searchsorted(weekdays(), days, side="right") - 1]
    return picked
