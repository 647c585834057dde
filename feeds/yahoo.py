"""Yahoo quotes through yfinance: volatility, dollar, equities, futures, funds.

The library is synchronous and one per process, so it runs symbol by symbol in a thread. What it gives becomes a small CSV
(symbol, date, open, close), and only that is read: the rules below are then tested on bytes.

- A currency bar is labelled by London days and, since 2010, closes where it opens. Its open is the close of the business day before,
  and is dated so. Four bars of 2008 hold prices of another month.
- The MOVE repeats the day before where the day's own value came late; such a bar is left out, as is any last bar that repeats.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .aside import aside
from .check import clean, number, observations, text_of
from .clock import Clock
from .decode import iso_days, rows_of, uniform, whole
from .errors import FeedError, RateLimited, Unreachable, WrongFormat
from .feed import Feed, Fetcher
from .series import Answer, Failed, Need, Observations, Request, Series, from_day, to_day

if TYPE_CHECKING:
    import pandas as pd

_CHART = "https://query2.finance.yahoo.com/v8/finance/chart"
_HEADER = ["symbol", "date", "open", "close"]
_FIRST = date(1950, 1, 1)
_TIMEOUT_S = 20
_REST_S = 900.0  # its waves of refusals last
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
    """

    name = "yahoo"
    title = "Yahoo Finance"
    hosts = ("query1.finance.yahoo.com", "query2.finance.yahoo.com", "fc.yahoo.com", "guce.yahoo.com", "consent.yahoo.com")
    licence = "Personal use only; ICE, Cboe, S&P and Nikkei own the numbers"
    live = True

    def __init__(
        self,
        series: Sequence[Series],
        keys: Mapping[str, str] | None = None,
        cache_dir: Path | None = None,
        mirror: str | None = None,
        clock: Clock | None = None,
    ) -> None:
        super().__init__(series, keys)
        self._cache_dir, self._mirror, self._clock = cache_dir, mirror, clock or Clock()
        self._session: Any = None

    def requests(self, need: Need) -> Iterator[Request]:
        """One question a symbol; those whose series have no better source first."""
        wanted = [(code, s) for code, s in self.codes.items() if s.id in need.since]
        for code, series in sorted(wanted, key=lambda each: each[1].sources[0].feed != self.name):
            first = need.since[series.id] or series.start or _FIRST
            yield Request(part=code, url=f"{_CHART}/{quote(code, safe='')}?interval=1d&since={first - timedelta(days=4)}")

    async def ask(self, client: Fetcher, need: Need) -> AsyncGenerator[Answer | Failed, None]:
        """Symbol by symbol. A silent or tired provider ends the round: the others would fare no better."""
        until = need.today + timedelta(days=2)
        for request in self.requests(need):
            since = date.fromisoformat(request.url[-10:])
            try:
                body = await aside(self._bars, request.part, since, until)
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

    # ------------------------------------------------------------------------------------------------------- library
    def history(self, symbol: str, since: date, until: date) -> "pd.DataFrame":
        """The library's frame of daily bars, `until` excluded. Blocks; raises whatever the library raises."""
        import yfinance

        if self._session is None:
            self._session = _session(yfinance, self._cache_dir, self._mirror, self._clock, self.hosts)
        yfinance.data.YfData.cache_get.cache_clear()  # it remembers broken answers for as long as the process lives
        ticker = yfinance.Ticker(symbol, session=self._session)
        frame: pd.DataFrame = ticker.history(start=since, end=until, interval="1d", auto_adjust=False, actions=False, timeout=_TIMEOUT_S)
        return frame

    def _bars(self, symbol: str, since: date, until: date) -> bytes:
        try:
            return _csv(symbol, self.history(symbol, since, until))
        except FeedError:
            raise
        except Exception as error:  # noqa: BLE001 (the library raises anything: its own errors, curl's, pandas's, KeyError)
            raise _in_words(error) from None


# --------------------------------------------------------------------------------------------------------------- bytes
def _csv(symbol: str, frame: "pd.DataFrame") -> bytes:
    """The canonical form of a frame. Missing prices are blank; an empty frame leaves the header alone."""
    lines = [",".join(_HEADER)]
    if not frame.empty:
        for stamp, opened, closed in zip(frame.index, frame["Open"], frame["Close"], strict=True):
            lines.append(f"{symbol},{stamp:%Y-%m-%d},{_cell(opened)},{_cell(closed)}")
    return ("\n".join(lines) + "\n").encode()


def _cell(price: float) -> str:
    """A price to seven significant digits: the wire has float32 noise behind them. Blank when there is none."""
    return "" if price != price else f"{price:.7g}"


def _bars_of(text: str, symbol: str) -> list[Bar]:
    header, *rows = rows_of(whole(text))
    if header != _HEADER:
        raise WrongFormat("not the bars of a symbol")
    uniform(rows, len(header))
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


# ------------------------------------------------------------------------------------------------------------- library
def _session(yfinance: Any, cache_dir: Path | None, mirror: str | None, clock: Clock, hosts: Sequence[str]) -> Any:
    """A quiet library, and the session it is to use: bounded in bytes, kept to declared hosts, sent to the mirror."""
    import logging
    import warnings

    from .yahoo_session import make_session

    warnings.filterwarnings("ignore", module=r"yfinance(\.|$)")  # after the import, which switches them on
    logging.getLogger("yfinance").setLevel(logging.CRITICAL)
    if cache_dir is not None:
        cache_dir.mkdir(parents=True, exist_ok=True)
        yfinance.set_tz_cache_location(str(cache_dir))
    yfinance.config.network.retries = 1
    yfinance.config.debug.hide_exceptions = False  # else every failure but one is an empty frame
    return make_session(mirror, clock, hosts)


def _in_words(error: Exception) -> FeedError:
    kind = type(error).__name__
    if "RateLimit" in kind:
        return RateLimited("too many requests, says Yahoo", 429, _REST_S)
    if kind in ("YFPricesMissingError", "YFTzMissingError"):  # its "possibly delisted" accompanies every passing failure
        return WrongFormat("no prices came back")
    if kind in ("JSONDecodeError", "UnicodeDecodeError"):
        return WrongFormat("a page, or an answer cut short, instead of quotes")
    if type(error).__module__.startswith("curl_cffi"):
        return Unreachable(f"no answer from Yahoo ({kind})")
    return WrongFormat(f"the library failed: {kind}: {clean(str(error), 100)}")
