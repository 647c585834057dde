"""CNBC bars: unofficial and undocumented, off unless the user asks for them. They are here because Italy publishes no daily yield in time.

A weekday's bar is the European close. Weekend bars exist, differ from Friday's and mean nothing; exact repeats are carried values.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .check import json_of, number, observations
from .decode import day_of
from .errors import BadDates, WrongFormat
from .feed import Feed
from .parse import records_at
from .series import Answer, Need, Observations, Request, to_day

_BARS = "https://ts-api.cnbc.com/harmony/app/bars"
_CHUNK_YEARS = 5  # what one answer holds
_START_YEAR = 2000
_PRICES = ("open", "high", "low", "close")


class Cnbc(Feed):
    """Daily bars of yields, percent, by the site's own symbols."""

    name = "cnbc"
    title = "CNBC (unofficial)"
    hosts = ("ts-api.cnbc.com",)
    licence = "No permission stated: only after you opt in, for your own display"
    interval_s = 60.0

    def requests(self, need: Need) -> Iterator[Request]:
        """The newest five years of every symbol first, then the older ones."""
        wanted = [(code, need.since[s.id]) for code, s in self.codes.items() if s.id in need.since]
        for year in range(need.today.year - need.today.year % _CHUNK_YEARS, _START_YEAR - 1, -_CHUNK_YEARS):
            for symbol, since in wanted:
                start = max(since or date(year, 1, 1), date(year, 1, 1))
                last = min(need.today + timedelta(days=1), date(year + _CHUNK_YEARS - 1, 12, 31))
                if start <= last:
                    url = f"{_BARS}/{symbol}/1D/{start:%Y%m%d}000000/{last:%Y%m%d}235959/adjusted/EST5EDT.json"
                    yield Request(part=f"{symbol} {year}", url=url, max_bytes=4_000_000, empty_ok=True)

    def read(self, answer: Answer) -> Observations:
        """Closes of the weekdays that are over in Rome."""
        symbol = answer.request.part.rpartition(" ")[0]
        document = json_of(answer)
        bars = records_at(document, "barData", "priceBars")
        if symbol not in self.codes or document["barData"].get("symbol", symbol) != symbol:
            raise WrongFormat("the bars of another symbol")
        today = to_day(answer.fetched_at.astimezone(ZoneInfo("Europe/Rome")).date())
        pairs: list[tuple[int, float]] = []
        before: list[float] = []
        for day, prices in sorted(map(_bar, bars)):
            if (day + 3) % 7 > 4:
                continue
            if prices != before and day != today:
                pairs.append((day, prices[-1]))
            before = prices
        return observations(answer, {self.codes[symbol].id: pairs}, self.series, self.factors)


def _bar(bar: dict[str, Any]) -> tuple[int, list[float]]:
    stamp = bar.get("tradeTime")
    cells = [bar.get(field) for field in _PRICES]
    if not isinstance(stamp, str) or not all(isinstance(cell, str) for cell in cells):
        raise WrongFormat("a bar without time or prices")
    if not (len(stamp) == 14 and stamp.isascii() and stamp.isdigit()):
        raise BadDates("a bar whose time is no date")
    return day_of(int(stamp[:4]), int(stamp[4:6]), int(stamp[6:8])), [number(str(cell), "bar") for cell in cells]
