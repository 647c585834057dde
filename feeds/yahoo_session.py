"""The HTTP session handed to yfinance: its own kind, with our bounds."""

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Executor
from typing import Any
from urllib.parse import urljoin, urlsplit

from curl_cffi import requests

from .aside import Daemons
from .check import clean
from .clock import Clock
from .errors import FeedError, Refused, TooLarge, Unreachable

_MOST_BYTES = 16_000_000  # forty years of daily bars are 2 MB
_REDIRECTS = 5
_QUOTES = "/v8/"


class BoundedSession(requests.Session[requests.Response]):
    """Asks declared hosts only, reads no more than 16 MB, and goes to the mirror where there is one. Threads: as its parent.

    Quotes need neither cookie nor crumb. The library gives them without, if what kept it from those is a passing failure in its eyes: so
    that is what every failure there becomes. To agree to a consent page in somebody's name is not for us: its hosts are not declared.

    A host that was silent once is not asked again: the library asks for its crumb anew with every symbol, half a minute each time.
    """

    def __init__(self, mirror: str | None, clock: Clock, hosts: Sequence[str], *, read_s: float, answer_s: float) -> None:
        super().__init__(impersonate="chrome")
        self._read_s, self._answer_s = read_s, answer_s
        self._silent: dict[str, Exception] = {}
        self._mirror = mirror.rstrip("/") if mirror else None
        self._clock, self._hosts = clock, frozenset(hosts)

    @property
    def executor(self) -> Executor:
        """Where streamed answers are received: in threads that do not keep us from ending."""
        return Daemons()

    def request(self, method: Any, url: str, *args: Any, **settings: Any) -> Any:
        """The response, whole, after redirects.

        Raises:
            Refused: a server error for quotes, a host that is not declared, or a circle of redirects.
            TooLarge: more bytes than any answer has.
            Unreachable: the whole answer took too long.
            ConnectionError: any of these, when it was not quotes that were asked for.
        """
        try:
            return self._followed(method, url, *args, **settings)
        except FeedError as error:
            if _QUOTES in url:
                raise
            raise requests.exceptions.ConnectionError(str(error)) from None

    def _followed(self, method: Any, url: str, *args: Any, **settings: Any) -> Any:
        follow = settings.pop("allow_redirects", True)
        for _ in range(_REDIRECTS + 1):
            response = self._once(method, url, *args, **settings)
            location = response.headers.get("location")
            if not (follow and location and 300 <= response.status_code < 400):
                return response
            url, args = urljoin(url, self._original(location)), ()
            settings = {k: v for k, v in settings.items() if k in ("timeout", "headers", "proxies")}
            method = method if response.status_code in (307, 308) else "GET"
        raise Refused("redirected in a circle", 0)

    def _once(self, method: Any, url: str, *args: Any, **settings: Any) -> Any:
        host = urlsplit(url).hostname or ""
        if host not in self._hosts:
            raise Refused(f"led to {clean(host, 80)}, a host no feed declares", 0)
        if not url.startswith("https://"):
            raise Refused(f"led to {clean(url.partition('?')[0], 80)}, which is not https", 0)
        address = f"{self._mirror}/{url.removeprefix('https://')}" if self._mirror else url
        unfollowed: dict[str, Any] = settings | {"allow_redirects": False, "stream": True, "timeout": self._read_s}
        if host in self._silent:
            raise self._silent[host]
        try:
            response: Any = super().request(method, address, *args, **unfollowed)
            try:
                response.content = _bounded(response.iter_content(), self._answer_s)
            finally:
                response.close()
        except (requests.exceptions.Timeout, Unreachable) as e:
            self._silent[host] = e
            raise
        if self._mirror:
            self._clock.follow(response.headers.get("date"))
        if response.status_code >= 500 and _QUOTES in url:
            raise Refused(f"HTTP {response.status_code}", response.status_code)
        return response

    def _original(self, location: str) -> str:
        """Where a mirror's redirect points in the real world."""
        if self._mirror and location.startswith(self._mirror + "/"):
            return "https://" + location.removeprefix(self._mirror + "/")
        return location


def _bounded(chunks: Iterable[bytes], whole_s: float) -> bytes:
    """The whole body; the library's own limit of time ends with the first byte."""
    parts: list[bytes] = []
    size = 0
    latest = time.monotonic() + whole_s
    for chunk in chunks:
        if time.monotonic() > latest:
            raise Unreachable(f"no whole answer within {whole_s:g} s")
        size += len(chunk)
        if size > _MOST_BYTES:
            raise TooLarge(f"more than {_MOST_BYTES / 1e6:.0f} MB, which this answer never has")
        parts.append(chunk)
    return b"".join(parts)
