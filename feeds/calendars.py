"""When markets are open and when numbers appear: business days, publication times, due times, ages.

Days are numbers since 1970-01-01, instants are whole UTC seconds. Holidays stand in a table (`closed_days`); before
1990 and after 2050, where it ends, every weekday counts as open: old history needs no better.
"""

from array import array
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from .closed_days import TABLE
from .series import Frequency, Series, from_day, to_day

_ZONES = {
    "us": "America/New_York",
    "nyse": "America/New_York",
    "uk": "Europe/London",
    "jp": "Asia/Tokyo",
    "ea": "Europe/Berlin",
    "se": "Europe/Stockholm",
    "ca": "America/Toronto",
    "weekdays": "UTC",
    "always": "UTC",
}


class Calendar:
    """The open days of one market."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.zone = zone(_ZONES[name])
        self._closed: dict[int, frozenset[int]] = {}
        self._now = (0, 0)  # the instant last asked for, and the date then

    def is_open(self, day: int) -> bool:
        """Whether that day is a session."""
        if self.name == "always":
            return True
        if (day + 3) % 7 > 4:
            return False
        if self.name == "weekdays":
            return True
        return day not in self._closed_in(from_day(day).year)

    def _closed_in(self, year: int) -> frozenset[int]:
        """Its weekdays without business in that year."""
        if year not in self._closed:
            self._closed[year] = _closed_days(self.name, year)
        return self._closed[year]

    def shift(self, day: int, sessions: int) -> int:
        """The day that many sessions later (earlier when negative); 0 gives the day itself, open or not."""
        step = 1 if sessions > 0 else -1
        while sessions:
            day += step
            if self.is_open(day):
                sessions -= step
        return day

    def sessions_between(self, after: int, until: int) -> int:
        """Sessions later than `after` and not later than `until`; 0 when there is none."""
        if until <= after:
            return 0
        if until - after > 800:  # the exact count of years-old ages interests nobody
            return (until - after) * 5 // 7
        if self.name == "always":
            return until - after
        count = _weekdays_until(until) - _weekdays_until(after)
        if self.name == "weekdays":
            return count
        years = range(from_day(after).year, from_day(until).year + 1)
        return count - sum(after < day <= until for year in years for day in self._closed_in(year))

    def today(self, now: int) -> int:
        """The market's own date at an instant; a Board asks for one of all series."""
        asked, day = self._now
        if asked != now:
            day = to_day(datetime.fromtimestamp(now, self.zone).date())
            self._now = now, day
        return day


def _weekdays_until(day: int) -> int:
    """Monday–Friday days from Monday, 29 December 1969, to that day."""
    weeks, rest = divmod(day + 3, 7)
    return 5 * weeks + min(rest + 1, 5)


@cache
def calendar(name: str) -> Calendar:
    """The calendar of that name."""
    return Calendar(name)


@cache
def zone(name: str) -> ZoneInfo:
    """A time zone by its IANA name."""
    return ZoneInfo(name)


def _closed_days(market: str, year: int) -> frozenset[int]:
    _, found, rest = TABLE.partition(f"\n{market} {year} ")
    days = rest.partition("\n")[0].split() if found else ()
    return frozenset(to_day(date(year, int(day[:2]), int(day[2:]))) for day in days)


def period_end(series: Series, day: int) -> int:
    """The last day of the period an observation speaks for (the day itself unless the series is monthly or slower)."""
    match series.frequency:
        case Frequency.DAILY | Frequency.CALENDAR | Frequency.WEEKLY | Frequency.EVENT:
            return day
    d = from_day(day)
    match series.frequency:
        case Frequency.MONTHLY:
            return to_day(_month_end(d.year, d.month))
        case Frequency.QUARTERLY:
            return to_day(_month_end(d.year, (d.month + 2) // 3 * 3))
        case _:
            return to_day(date(d.year, 12, 31))


def _month_end(year: int, month: int) -> date:
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def known_at(series: Series, day: int) -> int:
    """When the world could normally know the observation of that day, by the series' publication rule (UTC seconds)."""
    rule, end = series.publication, period_end(series, day)
    which = series.calendar, rule.lag, rule.weekday, rule.at.hour * 60 + rule.at.minute, rule.zone
    place = end - _FIRST_KEPT
    if not 0 <= place < _KEPT:
        return _published(*which, end)
    kept = _instants(*which)
    if not kept[place]:
        kept[place] = _published(*which, end)
    return kept[place]


_FIRST_KEPT, _KEPT = 3652, 21_915  # days: 1980 to 2039


@cache
def _instants(_calendar: str, _lag: int, _weekday: int | None, _minutes: int, _zone: str) -> "array[int]":
    """Instants of one rule by day, 0 where not asked yet: families share rules. An array, as a hundred thousand keys would be 40 MB."""
    return array("q", bytes(8 * _KEPT))


def _published(calendar_name: str, lag: int, weekday: int | None, minutes: int, zone_name: str, end: int) -> int:
    day = calendar(calendar_name).shift(end, lag)
    if weekday is not None:
        day += (weekday - (day + 3) % 7) % 7
    if zone_name == "UTC":
        return day * 86_400 + minutes * 60
    d = from_day(day)
    return int(datetime(d.year, d.month, d.day, minutes // 60, minutes % 60, tzinfo=zone(zone_name)).timestamp())


def next_day(series: Series, day: int) -> int | None:
    """The date of the observation after that one; None where nobody can say (auctions, decisions)."""
    match series.frequency:
        case Frequency.DAILY:
            return calendar(series.calendar).shift(day, 1)
        case Frequency.CALENDAR:
            return day + 1
        case Frequency.WEEKLY:
            return day + 7
        case Frequency.EVENT:
            return None
    d = from_day(period_end(series, day))
    match series.frequency:
        case Frequency.MONTHLY:
            return to_day(_month_end(d.year + d.month // 12, d.month % 12 + 1))
        case Frequency.QUARTERLY:
            return to_day(_month_end(d.year + (d.month + 2) // 12, (d.month + 2) % 12 + 1))
        case _:
            return to_day(date(d.year + 1, 12, 31))


def due_at(series: Series, newest: int) -> int | None:
    """When the observation after `newest` should appear (UTC seconds); None for events."""
    following = next_day(series, newest)
    return None if following is None else known_at(series, following)


def age(series: Series, day: int, now: int) -> int:
    """Business days of the series' own market since the observation (since the end of its period), at an instant."""
    market = calendar(series.calendar)
    return market.sessions_between(period_end(series, day), market.today(now))
