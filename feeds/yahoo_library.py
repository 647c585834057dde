"""Yahoo's bars through yfinance, in words and bytes of ours. Lives in a process of its own (`yahoo_child`): it brings pandas along."""

import logging
import warnings
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from .check import clean
from .clock import Clock
from .errors import FeedError, RateLimited, Unreachable, WrongFormat

if TYPE_CHECKING:
    import pandas as pd

_UNREACHABLE: Mapping[str, str] = MappingProxyType(  # as the HTTP client says it
    {
        "Timeout": "silence for too long",
        "ConnectionError": "no connection, or it was lost",
        "IncompleteRead": "the connection closed before the whole answer was there",
        "DNSError": "host name not found (no network?)",
        "ProxyError": "the proxy refuses",
        "CertificateVerifyError": "its TLS certificate is not trusted",
        "SSLError": "its TLS certificate is not trusted",
    }
)
HEADER = ("symbol", "date", "open", "close")
_REST_S = 900.0  # its waves of refusals last


class Library:
    """yfinance, quiet, with a session that is bounded in bytes, kept to declared hosts and sent to the mirror.

    Args:
        cache_dir: where it may keep its cookies and time zones (default: where it wants to).
        mirror: `http://host:port` that answers for every host.
        clock: is told what time a mirror says it is.
        read_s: seconds of silence after which an answer is given up.
        answer_s: seconds that one whole answer may take.
    """

    def __init__(
        self, hosts: Sequence[str], cache_dir: Path | None, mirror: str | None, clock: Clock, *, read_s: float, answer_s: float
    ) -> None:
        self._hosts, self._cache_dir, self._mirror, self._clock = tuple(hosts), cache_dir, mirror, clock
        self._read_s, self._answer_s = read_s, answer_s
        self._session: Any = None

    def bars(self, symbol: str, since: date, until: date) -> bytes:
        """Daily bars in their canonical form, `until` excluded. Blocks.

        Raises:
            FeedError: whatever the library raises, in words.
        """
        try:
            return as_csv(symbol, self.history(symbol, since, until))
        except FeedError:
            raise
        except Exception as error:  # noqa: BLE001 (the library raises anything: its own errors, curl's, pandas's, KeyError)
            raise _in_words(error) from None

    def history(self, symbol: str, since: date, until: date) -> "pd.DataFrame":
        """The library's frame of daily bars; raises whatever the library raises."""
        import yfinance

        if self._session is None:
            self._session = self._open(yfinance)
        yfinance.data.YfData.cache_get.cache_clear()  # it remembers broken answers for as long as the process lives
        ticker = yfinance.Ticker(symbol, session=self._session)
        frame: pd.DataFrame = ticker.history(start=since, end=until, interval="1d", auto_adjust=False, actions=False, timeout=self._read_s)
        return frame

    def _open(self, yfinance: Any) -> Any:
        from .yahoo_session import BoundedSession

        warnings.filterwarnings("ignore", module=r"yfinance(\.|$)")  # after the import, which switches them on
        logging.getLogger("yfinance").setLevel(logging.CRITICAL)
        if self._cache_dir is not None:
            self._cache_dir.mkdir(parents=True, exist_ok=True)
            yfinance.set_tz_cache_location(str(self._cache_dir))
        yfinance.config.network.retries = 1
        yfinance.config.debug.hide_exceptions = False  # else every failure but one is an empty frame
        return BoundedSession(self._mirror, self._clock, self._hosts, read_s=self._read_s, answer_s=self._answer_s)


def as_csv(symbol: str, frame: "pd.DataFrame") -> bytes:
    """The canonical form of a frame. Missing prices are blank; an empty frame leaves the header alone."""
    lines = [",".join(HEADER)]
    if not frame.empty:
        for stamp, opened, closed in zip(frame.index, frame["Open"], frame["Close"], strict=True):
            lines.append(f"{symbol},{stamp:%Y-%m-%d},{_cell(opened)},{_cell(closed)}")
    return ("\n".join(lines) + "\n").encode()


def _cell(price: float) -> str:
    """A price to seven significant digits: the wire has float32 noise behind them. Blank when there is none."""
    return "" if price != price else f"{price:.7g}"


def _in_words(error: Exception) -> FeedError:
    kind = type(error).__name__
    if "RateLimit" in kind:
        return RateLimited("too many requests, says Yahoo", 429, _REST_S)
    if kind in ("YFPricesMissingError", "YFTzMissingError"):  # its "possibly delisted" accompanies every passing failure
        return WrongFormat("no prices came back")
    if kind in ("JSONDecodeError", "UnicodeDecodeError"):
        return WrongFormat("a page, or an answer cut short, instead of quotes")
    if type(error).__module__.startswith("curl_cffi"):
        return Unreachable(_UNREACHABLE.get(kind, f"no answer from Yahoo ({kind})"))
    return WrongFormat(f"the library failed: {kind}: {clean(str(error), 100)}")
