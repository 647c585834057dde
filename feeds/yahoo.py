"""Yahoo quotes through yfinance: volatility, dollar, equities, futures, funds.

The library is synchronous, large and one per process, so it runs symbol by symbol in a process of its own (`yahoo_child`). What it gives
becomes a small CSV (symbol, date, open, close), and only that is read: the rules below are then tested on bytes.

- A currency bar is labelled by London days and, since 2010, closes where it opens. Its open is the close of the business day before,
  and is dated so. Four bars of 2008 hold prices of another month.
- The MOVE repeats the day before where the day's own value came late; such a bar is left out, as is any last bar that repeats.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import quote

from .check import number, observations, text_of
from .clock import Clock
from .decode import iso_days, rows_of, uniform, whole
from .errors import FeedError, RateLimited, Unreachable, WrongFormat
from .feed import Feed, Fetcher
from .series import Answer, Failed, Need, Observations, Request, Series, from_day, to_day
from .yahoo_child import Bars, Child
from .yahoo_library import HEADER

_CHART = "https://query2.finance.yahoo.com/v8/finance/chart"
_FIRST = date(1950, 1, 1)
_CURRENCY = "=X"
_REPEATS = frozenset({"^MOVE", "DX-Y.NYB"})  # carried values stand in their histories
_SWAPPED = frozenset(to_day(date(2008, month, 8)) for month in (4, 5, 10, 12))

Bar = tuple[int, str, str]  # day, open, close as they came


class Yahoo(Feed):
    """Daily bars by symbol.

    Args:
        cache_dir: where the library may keep its cookies and time zones (default: where it wants to).
        mirror: `http://host:port` that answers for every host.
        clock: says when an answer came; follows a mirror.
        read_s: seconds of silence after which an answer is given up.
        answer_s: seconds that one whole answer may take.
        beside: held while the library's process lives: one large process beside ours is enough.
    """

    name = "yahoo"
    title = "Yahoo Finance"
    hosts = ("query1.finance.yahoo.com", "query2.finance.yahoo.com", "fc.yahoo.com")
    licence = "Personal use only; ICE, Cboe, S&P and Nikkei own the numbers"
    live = True

    def __init__(
        self,
        series: Sequence[Series],
        keys: Mapping[str, str] | None = None,
        cache_dir: Path | None = None,
        mirror: str | None = None,
        clock: Clock | None = None,
        read_s: float = 20.0,
        answer_s: float = 60.0,
        beside: asyncio.Lock | None = None,
    ) -> None:
        super().__init__(series, keys)
        self._read_s, self._answer_s = read_s, answer_s
        self._cache_dir, self._mirror, self._clock = cache_dir, mirror, clock or Clock()
        self._beside = beside or asyncio.Lock()

    def library(self) -> Bars:
        """Whom to ask in one round."""
        return Child(self.hosts, self._cache_dir, self._mirror, self._clock, read_s=self._read_s, answer_s=self._answer_s)

    def requests(self, need: Need) -> Iterator[Request]:
        """One question a symbol; those whose series have no better source first."""
        wanted = [(code, s) for code, s in self.codes.items() if s.id in need.since]
        for code, series in sorted(wanted, key=lambda each: each[1].sources[0].feed != self.name):
            first = need.since[series.id] or series.start or _FIRST
            yield Request(part=code, url=f"{_CHART}/{quote(code, safe='')}?interval=1d&since={first - timedelta(days=4)}")

    async def ask(self, client: Fetcher, need: Need) -> AsyncGenerator[Answer | Failed, None]:
        """Symbol by symbol. A silent or tired provider ends the round: the others would fare no better."""
        until = need.today + timedelta(days=2)
        async with self._beside, self.library() as library:
            for request in self.requests(need):
                since = date.fromisoformat(request.url[-10:])
                try:
                    body = await library.bars(request.part, since, until)
                except FeedError as error:
                    yield Failed(request, error)
                    if isinstance(error, Unreachable | RateLimited):
                        return
                    continue
                yield Answer(request, body, self._clock.now(), len(body))

    def read(self, answer: Answer) -> Observations:
        """The closes of one symbol, without the bars that are known to be none."""
        bars = _bars_of(text_of(answer, "CSV"), answer.request.part)
        symbol = answer.request.part
        if symbol not in self.codes:
            raise WrongFormat("a symbol we did not ask for")
        pairs = _currency(bars) if symbol.endswith(_CURRENCY) else [(day, number(close, symbol)) for day, _, close in bars if close]
        rows = {self.codes[symbol].id: _without_repeats(pairs, everywhere=symbol in _REPEATS)}
        return observations(answer, rows, self.series, self.factors)


# --------------------------------------------------------------------------------------------------------------- bytes
def _bars_of(text: str, symbol: str) -> list[Bar]:
    header, *rows = rows_of(whole(text))
    if tuple(header) != HEADER:
        raise WrongFormat("not the bars of a symbol")
    uniform(rows, len(HEADER))
    if any(row[0] != symbol for row in rows):
        raise WrongFormat("the bars of another symbol")
    return sorted((day, row[2], row[3]) for day, row in zip(iso_days(row[1] for row in rows), rows, strict=True))


def _currency(bars: Sequence[Bar]) -> list[tuple[int, float]]:
    """Opens, dated by the business day before."""
    out: dict[int, float] = {}
    for day, opened, _ in bars:
        if opened and day not in _SWAPPED:
            weekday = from_day(day).weekday()
            out[day - {0: 3, 6: 2}.get(weekday, 1)] = number(opened, "open")
    return list(out.items())


def _without_repeats(pairs: Sequence[tuple[int, float]], *, everywhere: bool) -> list[tuple[int, float]]:
    """Without the values at the end that only repeat the one before; `everywhere`, without all such values."""
    changed = [i == 0 or value != pairs[i - 1][1] for i, (_, value) in enumerate(pairs)]
    last = max((i for i, new in enumerate(changed) if new), default=-1)
    return [pair for i, pair in enumerate(pairs) if changed[i] or (i < last and not everywhere)]
