"""The one HTTP client: polite to every host, bounded in bytes and time, and never led to a host no feed declares."""

import asyncio
import random
import time
import zlib
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Self

import httpx
import msgspec

from .check import clean
from .clock import Clock
from .errors import BadAnswer, CutShort, FeedError, RateLimited, Refused, TooLarge, Unreachable, WrongFormat
from .feed import Feed
from .series import Answer, Request

# Several public sites answer 403 to the default header of an HTTP library.
USER_AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36 bondtop"
_REDIRECTS = 5
_LONGEST_WAIT_S = 20.0  # a provider that wants more is left to the engine's back-off
_LONGEST_RETRY_AFTER_S = 86400.0  # whatever a provider says, look again tomorrow
Validators = Callable[[str, str], tuple[str, str]]
Sleep = Callable[[float], Awaitable[None]]


class Patience(msgspec.Struct, frozen=True):
    """How long one answer may take, in seconds, and how often it is tried again."""

    connect_s: float = 10.0
    read_s: float = 30.0
    whole_s: float = 90.0
    retries: int = 2
    backoff_s: float = 0.5


class TooSlow(Unreachable):
    """The answer had begun, or not even that, when its time was over."""


class Pace:
    """One request at a time to a host, at least `interval_s` apart, at most `per_minute` within any minute."""

    def __init__(self, interval_s: float, per_minute: int | None, sleep: Sleep, monotonic: Callable[[], float]) -> None:
        self._interval_s, self._per_minute, self._sleep, self._monotonic = interval_s, per_minute, sleep, monotonic
        self._turn = asyncio.Lock()
        self._recent: deque[float] = deque(maxlen=per_minute or 1)

    async def __aenter__(self) -> None:
        await self._turn.acquire()
        try:
            now = self._monotonic()
            wait = self._recent[-1] + self._interval_s - now if self._recent else 0.0
            if self._per_minute and len(self._recent) == self._per_minute:
                wait = max(wait, self._recent[0] + 61.0 - now)
            if wait > 0:
                await self._sleep(wait)
            self._recent.append(self._monotonic())
        except BaseException:
            self._turn.release()
            raise

    async def __aexit__(self, *_: object) -> None:
        self._turn.release()


class Client:
    """Asks providers. One for all feeds of a process; an async context manager.

    Args:
        feeds: whoever may be asked, with their hosts and limits.
        mirror: `http://host:port` that answers for every host: `https://HOST/PATH` is asked as `mirror/HOST/PATH`.
        validators: (etag, last modified) kept for a feed's request part.
        transport: injected in tests.

    Raises:
        Unreachable: the environment names a proxy or certificates that cannot be used.
    """

    def __init__(
        self,
        feeds: Iterable[Feed],
        *,
        clock: Clock,
        mirror: str | None = None,
        validators: Validators | None = None,
        patience: Patience | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        sleep: Sleep = asyncio.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.mirror = mirror.rstrip("/") if mirror else None
        self._clock = clock
        self._validators = validators
        self._patience = patience or Patience()
        self._sleep = sleep
        self._paces: dict[str, Pace] = {}
        self._hosts: set[str] = set()
        for feed in feeds:
            for host in feed.hosts:
                self._hosts.add(host)
                self._paces.setdefault(host, Pace(feed.interval_s, feed.per_minute, sleep, monotonic))
        p = self._patience
        try:
            self._http = httpx.AsyncClient(
                headers={"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip"},
                timeout=httpx.Timeout(p.read_s, connect=p.connect_s),
                follow_redirects=False,
                transport=transport,
            )
        except (ValueError, ImportError, OSError) as e:
            raise Unreachable(f"proxy or certificate settings that cannot be used (HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE): {e}") from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._http.aclose()

    async def learn_time(self) -> None:
        """Ask the mirror what time it is there. A mirror that cannot be reached changes nothing: its answers will say so."""
        if self.mirror:
            try:
                async with asyncio.timeout(5):
                    self._clock.follow((await self._http.request("OPTIONS", self.mirror + "/")).headers.get("date"))
            except (httpx.HTTPError, TimeoutError):
                return

    async def fetch(self, request: Request, *, feed: str) -> Answer:
        """The answer to one request, retried where that can help.

        Raises:
            Unreachable, Refused, RateLimited, TooLarge, CutShort, WrongFormat: what became of the last try.
        """
        patience = self._patience
        for attempt in range(patience.retries + 1):
            try:
                return await self._once(request, feed)
            except TooSlow:
                raise  # a trickle only wastes the next minute and a half as well
            except (Unreachable, CutShort) as e:
                error: FeedError = e
                wait = patience.backoff_s * 2**attempt
            except Refused as e:
                error = e
                if e.status != 429 and e.status < 500:
                    raise
                wait = e.retry_after_s if e.retry_after_s is not None else patience.backoff_s * 2**attempt
            if attempt == patience.retries or wait > _LONGEST_WAIT_S:
                raise error
            await self._sleep(wait * random.uniform(1.0, 1.3))
        raise AssertionError("unreachable")

    async def _once(self, request: Request, feed: str) -> Answer:
        headers = dict(request.headers)
        if self._validators:
            etag, modified = self._validators(feed, request.part)
            headers |= ({"If-None-Match": etag} if etag else {}) | ({"If-Modified-Since": modified} if modified else {})
        url, method = httpx.URL(request.url), request.method
        form = dict(request.form) if request.form else None
        for _ in range(_REDIRECTS + 1):
            if url.host not in self._hosts:
                raise Refused(f"led to {clean(url.host, 80)}, a host no feed declares", 0)
            if url.scheme != "https" or url.port is not None:
                raise Refused(f"led to {clean(str(url.copy_with(query=None)), 80)}, which is not plain https", 0)
            async with self._paces[url.host]:
                outcome = await self._in_time(method, url, headers, form, request)
            if isinstance(outcome, Answer):
                return outcome
            status, there = outcome
            moved = there.host != url.host and there.raw_path == url.raw_path  # the site has, so it is asked the same again
            if there.host != url.host:
                headers = {}  # keys and validators are for the host they came from
            if status == 303 or (status in (301, 302) and not moved):
                method, form = "GET", None
            url = there
        raise Refused("redirected in a circle", 0)

    async def _in_time(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], form: dict[str, str] | None, request: Request
    ) -> Answer | tuple[int, httpx.URL]:
        """One exchange: an answer, or the status and target of a redirect. Our own courtesy pauses do not count against its time."""
        try:
            async with asyncio.timeout(self._patience.whole_s):
                return await self._exchange(method, url, headers, form, request)
        except TimeoutError:
            raise TooSlow(f"no whole answer within {self._patience.whole_s:g} s") from None

    async def _exchange(
        self, method: str, url: httpx.URL, headers: Mapping[str, str], form: dict[str, str] | None, request: Request
    ) -> Answer | tuple[int, httpx.URL]:
        try:
            async with self._http.stream(method, self._address(url), headers=headers, data=form) as response:
                if self.mirror:
                    self._clock.follow(response.headers.get("date"))
                if response.has_redirect_location:
                    return response.status_code, url.join(self._original(response.headers["location"]))
                return await self._answer(response, request)
        except httpx.InvalidURL as e:
            raise WrongFormat(f"led to an address that is none: {clean(str(e), 80)}") from None
        except (httpx.HTTPError, OSError) as e:
            raise Unreachable(network_words(e)) from None

    def _address(self, url: httpx.URL) -> str:
        return f"{self.mirror}/{str(url).removeprefix('https://')}" if self.mirror else str(url)

    def _original(self, location: str) -> str:
        """Where a mirror's redirect points in the real world."""
        if self.mirror and location.startswith(self.mirror + "/"):
            return "https://" + location.removeprefix(self.mirror + "/")
        return location

    async def _answer(self, response: httpx.Response, request: Request) -> Answer:
        status = response.status_code
        unchanged = status == 304
        if not (200 <= status < 300 or unchanged):
            wait = _retry_after(response.headers.get("retry-after"), self._clock.now())
            reason = f"HTTP {status} {clean(response.reason_phrase, 40)}".strip()
            raise RateLimited(reason, status, wait) if status == 429 else Refused(reason, status, wait)
        body, wire = (b"", 0) if unchanged else await _bounded(response, request.max_bytes)
        return Answer(
            request=request,
            body=body,
            fetched_at=self._clock.now(),
            wire_bytes=wire,
            unchanged=unchanged,
            etag=_validator(response, "etag", 200),
            last_modified=_validator(response, "last-modified", 60),
        )


async def _bounded(response: httpx.Response, most: int) -> tuple[bytes, int]:
    """The unpacked body and its size on the wire; never more than `most` bytes of either in memory."""
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding not in ("gzip", "x-gzip", "identity", ""):
        raise WrongFormat(f"packed as {clean(encoding, 20)!r}, which was not asked for")
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if "gzip" in encoding else None
    parts: list[bytes] = []
    size = wire = 0
    try:
        async for chunk in response.aiter_raw():
            wire += len(chunk)
            if unpack:
                chunk = unpack.decompress(chunk, most - size + 1)
            size += len(chunk)
            if size > most or wire > most:
                raise TooLarge(f"more than {_size(most)}, which this answer never has")
            parts.append(chunk)
    except zlib.error:
        raise WrongFormat("damaged gzip stream") from None
    if unpack and size and not unpack.eof:
        raise CutShort("the packed answer ends before its end")
    if unpack and unpack.unused_data:
        raise WrongFormat("more behind the end of the gzip stream")
    return b"".join(parts), wire


def _size(count: int) -> str:
    return f"{count / 1e6:.0f} MB" if count >= 1_000_000 else f"{count / 1e3:.0f} kB"


def _retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds to wait by a Retry-After header, which holds seconds or a date; None without one that makes sense."""
    if not header:
        return None
    try:
        seconds = float(header) if header.strip().isdecimal() else (parsedate_to_datetime(header).astimezone(UTC) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, seconds), _LONGEST_RETRY_AFTER_S)


def _validator(response: httpx.Response, name: str, limit: int) -> str:
    """A validator to be sent back as it came; none when it cannot be."""
    value = response.headers.get(name, "")
    return value if value.isascii() and value == clean(value, limit) else ""


def network_words(error: Exception) -> str:
    """A network failure as a trader would say it."""
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return "no connection within the time allowed"
        case httpx.ReadTimeout() | httpx.WriteTimeout():
            return "connected, then silence"
        case httpx.ProxyError():
            return f"the proxy refuses: {clean(str(error), 60)}"
        case httpx.RemoteProtocolError() if "location" in str(error):
            return "led to an address that is none"
        case httpx.RemoteProtocolError():
            return "the connection closed before the whole answer was there"
        case httpx.ConnectError() if "CERTIFICATE" in str(error).upper():
            return "its TLS certificate is not trusted"
        case httpx.ConnectError() if "name" in str(error).lower() or "address" in str(error).lower():
            return "host name not found (no network?)"
        case httpx.ConnectError():
            return "connection refused"
        case _:
            return f"connection lost ({type(error).__name__})"


def mirror_of(environment: Mapping[str, str], configured: str | None) -> str | None:
    """The mirror in force: BONDTOP_MIRROR, else the configured one.

    Raises:
        BadAnswer: it is not an http address.
    """
    mirror = environment.get("BONDTOP_MIRROR") or configured
    if mirror and not mirror.startswith(("http://", "https://")):
        raise BadAnswer(f"mirror {mirror!r} is not an http address")
    return mirror or None
