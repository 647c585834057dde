"""The one HTTP client: polite, bounded, and never led astray. Answers come from an injected transport or from a server on loopback."""

import asyncio
import gzip
import logging
import shutil
import ssl
import subprocess
import time
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from bondtop.feeds.client import Client, Patience, mirror_of
from bondtop.feeds.clock import Clock
from bondtop.feeds.errors import BadAnswer, CutShort, FeedError, RateLimited, Refused, TooLarge, Unreachable, WrongFormat
from bondtop.feeds.feed import Feed
from bondtop.feeds.series import Answer, Need, Observations, Request

HOST, OTHER = "rates.example.org", "files.example.org"
Handler = Callable[[httpx.Request], httpx.Response]


class Probe(Feed):
    """A feed that only declares hosts."""

    name = "probe"
    title = "Probe"
    hosts = (HOST, OTHER)
    licence = "none"
    interval_s = 0.0

    def requests(self, need: Need) -> Iterable[Request]:
        return ()

    def read(self, answer: Answer) -> Observations:
        return Observations({})


class Paced(Probe):
    """One request in two seconds."""

    interval_s = 2.0


class Metered(Probe):
    """Five requests a minute."""

    per_minute = 5


class Time:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


class Body(httpx.AsyncByteStream):
    """Raw bytes as they come over the wire."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            yield chunk


def respond(status: int = 200, body: bytes = b"date,value\n", **headers: str) -> httpx.Response:
    return httpx.Response(status, headers={k.replace("_", "-"): v for k, v in headers.items()}, stream=Body(body))


def scripted(*responses: httpx.Response | Exception) -> tuple[Handler, list[httpx.Request]]:
    """A handler that gives one response after the other, and what it was asked."""
    left, asked = list(responses), []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        outcome = left.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return handle, asked


def make(handler: Handler | None, feed: type[Feed] = Probe, **options: Any) -> Client:
    time_ = options.pop("time", None) or Time()
    transport = httpx.MockTransport(handler) if handler else None
    return Client([feed([])], transport=transport, sleep=time_.sleep, monotonic=time_.monotonic, **({"clock": Clock()} | options))


def ask(path: str = "/data", host: str = HOST, **options: Any) -> Request:
    return Request("all", f"https://{host}{path}", **options)


async def fetch(client: Client, request: Request | None = None) -> Answer:
    async with client:
        return await client.fetch(request or ask(), feed="probe")


@asynccontextmanager
async def server(talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]], **tls: Any) -> AsyncIterator[str]:
    """A server on loopback; every connection is handed to `talk`."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(connected, "127.0.0.1", 0, **tls)
    try:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    finally:
        listening.close()


# --------------------------------------------------------------------------------------------------------------- answers
async def test_brings_the_body_and_what_belongs_to_it() -> None:
    handle, asked = scripted(respond(body=b"1,2\n", ETag='"a"', Last_Modified="Tue, 30 Jun 2026 20:00:00 GMT"))
    answer = await fetch(make(handle), ask(headers={"Referer": "https://rates.example.org/"}))
    assert (answer.body, answer.wire_bytes, answer.etag, answer.unchanged) == (b"1,2\n", 4, '"a"', False)
    assert answer.last_modified == "Tue, 30 Jun 2026 20:00:00 GMT"
    assert asked[0].headers["Referer"] == "https://rates.example.org/"
    assert asked[0].headers["Accept"] == "*/*"
    assert "Mozilla/5.0" in asked[0].headers["User-Agent"]


async def test_posts_a_form() -> None:
    handle, asked = scripted(respond())
    await fetch(make(handle), ask(method="POST", form={"day": "30", "month": "6"}))
    assert asked[0].method == "POST"
    assert asked[0].content == b"day=30&month=6"


async def test_unpacks_gzip_and_counts_the_wire() -> None:
    body = b"2026-06-30,4.25\n" * 1000
    packed = gzip.compress(body)
    handle, _ = scripted(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Body(packed[:100], packed[100:])))
    answer = await fetch(make(handle))
    assert (answer.body, answer.wire_bytes) == (body, len(packed))


# ---------------------------------------------------------------------------------------------------------------- bounds
async def refusal(response: httpx.Response, request: Request | None = None) -> FeedError:
    """What becomes of one response that is always the same."""

    def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(response.status_code, headers=response.headers, stream=response.stream)

    with pytest.raises(FeedError) as caught:
        await fetch(make(handle), request)
    return caught.value


async def test_refuses_more_bytes_than_the_answer_can_have() -> None:
    assert isinstance(await refusal(respond(body=b"x" * 1001), ask(max_bytes=1000)), TooLarge)


async def test_refuses_a_gzip_bomb_without_unfolding_it() -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    bomb = b"".join(packer.compress(b"1" * (1 << 20)) for _ in range(200)) + packer.flush()
    taken: list[int] = []

    class Watched(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            for at in range(0, len(bomb), 4096):
                taken.append(at)
                yield bomb[at : at + 4096]

    error = await refusal(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Watched()), ask(max_bytes=1_000_000))
    assert isinstance(error, TooLarge)
    assert len(taken) * 4096 < len(bomb) / 10


async def test_takes_exactly_as_many_bytes_as_allowed() -> None:
    handle, _ = scripted(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Body(gzip.compress(b"x" * 1000))))
    assert len((await fetch(make(handle), ask(max_bytes=1000))).body) == 1000


@pytest.mark.parametrize("keep", [0.3, 0.9, 0.999])
async def test_refuses_a_cut_gzip_stream(keep: float) -> None:
    packed = gzip.compress(b"".join(b"%d\n" % (i * i) for i in range(5000)))
    cut = packed[: int(len(packed) * keep)]
    assert isinstance(await refusal(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Body(cut))), CutShort)


async def test_refuses_damaged_and_unknown_packing() -> None:
    packed = bytearray(gzip.compress(b"12345" * 100))
    packed[20] ^= 0xFF
    assert isinstance(await refusal(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Body(bytes(packed)))), BadAnswer)
    assert isinstance(await refusal(httpx.Response(200, headers={"Content-Encoding": "br"}, stream=Body(b"xx"))), WrongFormat)
    twice = gzip.compress(b"1,2\n") + gzip.compress(b"3,4\n")
    assert isinstance(await refusal(httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Body(twice))), WrongFormat)


# ------------------------------------------------------------------------------------------------------------- redirects
async def test_follows_a_redirect_to_a_declared_host_without_taking_keys_along() -> None:
    handle, asked = scripted(respond(302, Location=f"https://{OTHER}/moved?x=1"), respond(body=b"there\n"))
    answer = await fetch(make(handle), ask(headers={"Ocp-Apim-Subscription-Key": "secret"}, method="POST", form={"a": "b"}))
    assert answer.body == b"there\n"
    assert str(asked[1].url) == f"https://{OTHER}/moved?x=1"
    assert asked[1].method == "GET"
    assert asked[1].content == b""
    assert "Ocp-Apim-Subscription-Key" not in asked[1].headers


async def test_keeps_method_form_and_headers_where_the_status_says_so() -> None:
    handle, asked = scripted(respond(307, Location="/again"), respond())
    await fetch(make(handle), ask(headers={"X": "y"}, method="POST", form={"a": "b"}))
    assert (asked[1].method, asked[1].content, asked[1].headers["X"]) == ("POST", b"a=b", "y")


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("https://evil.example.com/", "a host no feed declares"),
        ("//evil.example.com/", "a host no feed declares"),
        (f"https://{HOST}@evil.example.com/", "a host no feed declares"),
        (f"https://{HOST}\\@evil.example.com/", "a host no feed declares"),
        (f"https://{HOST}.evil.example.com/", "a host no feed declares"),
        ("https://127.0.0.1/", "a host no feed declares"),
        (f"http://{HOST}/", "not plain https"),
        (f"https://{HOST}:8443/", "not plain https"),
        ("file:///etc/passwd", "a host no feed declares"),
        ("javascript:alert(1)", "address that is none"),
        ("\x1b[31m", "address that is none"),
    ],
)
async def test_is_not_led_astray(target: str, words: str) -> None:
    asked = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return respond(302, Location=target)

    with pytest.raises(FeedError, match=words):
        await fetch(make(handle))
    assert {str(r.url) for r in asked} == {f"https://{HOST}/data"}


async def test_does_not_go_in_circles() -> None:
    asked = []

    def handle(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return respond(302, Location="/data")

    with pytest.raises(Refused, match="circle"):
        await fetch(make(handle))
    assert len(asked) == 6


async def test_asks_no_undeclared_host() -> None:
    handle, asked = scripted()
    with pytest.raises(Refused, match="no feed declares"):
        await fetch(make(handle), ask(host="elsewhere.example.org"))
    assert asked == []


# ------------------------------------------------------------------------------------------------------------------ pace
async def test_keeps_its_distance_between_requests_to_one_host() -> None:
    time_, at = Time(), []

    def handle(request: httpx.Request) -> httpx.Response:
        at.append((request.url.host, time_.now))
        return respond()

    async with make(handle, Paced, time=time_) as client:
        await asyncio.gather(*(client.fetch(ask(), feed="probe") for _ in range(4)), client.fetch(ask(host=OTHER), feed="probe"))
    ours = [t for host, t in at if host == HOST]
    assert all(later - earlier >= 2.0 for earlier, later in pairwise(ours))
    assert len(ours) == 4


async def test_keeps_to_a_quota_by_the_minute() -> None:
    time_, at = Time(), []

    def handle(_: httpx.Request) -> httpx.Response:
        at.append(time_.now)
        return respond()

    async with make(handle, Metered, time=time_) as client:
        for _ in range(13):
            await client.fetch(ask(), feed="probe")
    assert all(at[i + 5] - at[i] > 60 for i in range(8))
    assert at[4] == at[0]


async def test_waiting_for_our_own_turn_does_not_count_as_slowness() -> None:
    class Slow(Paced):
        interval_s = 0.3

    handle, asked = scripted(*(respond() for _ in range(4)))
    client = Client([Slow([])], clock=Clock(), transport=httpx.MockTransport(handle), patience=Patience(whole_s=0.2), sleep=asyncio.sleep)
    async with client:
        await asyncio.gather(*(client.fetch(ask(), feed="probe") for _ in range(4)))
    assert len(asked) == 4


async def test_a_cancelled_turn_is_given_back() -> None:
    handle, asked = scripted(respond(), respond())
    client = Client([Paced([])], clock=Clock(), transport=httpx.MockTransport(handle), sleep=lambda _: asyncio.sleep(3600))
    async with client:
        await client.fetch(ask(), feed="probe")
        waiting = asyncio.create_task(client.fetch(ask(), feed="probe"))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert not client._paces[HOST]._turn.locked()
    assert len(asked) == 1


# --------------------------------------------------------------------------------------------------------------- retries
@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_tries_again_after_a_server_error(status: int) -> None:
    time_ = Time()
    handle, asked = scripted(respond(status), respond(status), respond(body=b"well\n"))
    assert (await fetch(make(handle, time=time_))).body == b"well\n"
    assert len(asked) == 3
    assert 0.5 <= time_.slept[0] <= 0.65
    assert 1.0 <= time_.slept[1] <= 1.3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422])
async def test_never_tries_again_after_a_client_error(status: int) -> None:
    handle, asked = scripted(respond(status))
    with pytest.raises(Refused) as caught:
        await fetch(make(handle))
    assert caught.value.status == status
    assert not isinstance(caught.value, RateLimited)
    assert str(caught.value).startswith(f"HTTP {status}")
    assert len(asked) == 1


async def test_waits_as_long_as_the_provider_says() -> None:
    time_ = Time()
    handle, asked = scripted(respond(429, Retry_After="7"), respond())
    await fetch(make(handle, time=time_))
    assert 7.0 <= time_.slept[0] <= 9.1
    assert len(asked) == 2


async def test_leaves_a_long_wait_to_others() -> None:
    time_ = Time()
    handle, asked = scripted(respond(429, Retry_After="3600"))
    with pytest.raises(RateLimited) as caught:
        await fetch(make(handle, time=time_))
    assert (caught.value.retry_after_s, caught.value.status) == (3600.0, 429)
    assert (len(asked), time_.slept) == (1, [])


async def test_understands_a_date_to_come_back_at() -> None:
    clock = Clock(lambda: 1_780_000_000.0)
    when = format_datetime(datetime.fromtimestamp(1_780_000_000, UTC) + timedelta(minutes=10), usegmt=True)
    handle, _ = scripted(respond(503, Retry_After=when))
    with pytest.raises(Refused) as caught:
        await fetch(make(handle, clock=clock))
    assert caught.value.retry_after_s == 600.0


@pytest.mark.parametrize(("header", "wait"), [("9" * 400, 86400.0), ("²", None), ("soon", None), ("-5", None), ("", None)])
async def test_a_senseless_wish_breaks_nothing(header: str, wait: float | None) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(429, headers=[(b"Retry-After", header.encode())], stream=Body(b""))

    with pytest.raises(RateLimited) as caught:
        await fetch(make(handle))
    assert caught.value.retry_after_s == wait


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (httpx.ConnectTimeout("t"), "no connection within the time allowed"),
        (httpx.ReadTimeout("t"), "connected, then silence"),
        (httpx.RemoteProtocolError("peer closed"), "closed before the whole answer"),
        (httpx.ConnectError("[Errno -2] Name or service not known"), "host name not found"),
        (httpx.ConnectError("[Errno 111] refused"), "connection refused"),
        (httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]"), "TLS certificate is not trusted"),
        (httpx.ProxyError("407 Proxy Authentication Required"), "the proxy refuses: 407 Proxy"),
        (httpx.ReadError(""), "connection lost"),
    ],
)
async def test_says_in_words_what_the_network_did(error: Exception, words: str) -> None:
    handle, asked = scripted(error, error, error)
    with pytest.raises(Unreachable, match=words):
        await fetch(make(handle))
    assert len(asked) == 3


# ------------------------------------------------------------------------------------------------------------ conditions
async def test_sends_validators_and_takes_not_modified() -> None:
    handle, asked = scripted(respond(304, b""))
    answer = await fetch(make(handle, validators=lambda feed, part: (f'"{feed}-{part}"', "Tue, 30 Jun 2026 20:00:00 GMT")))
    assert (answer.unchanged, answer.body) == (True, b"")
    assert asked[0].headers["If-None-Match"] == '"probe-all"'
    assert asked[0].headers["If-Modified-Since"] == "Tue, 30 Jun 2026 20:00:00 GMT"


async def test_asks_without_conditions_when_it_has_none() -> None:
    handle, asked = scripted(respond())
    await fetch(make(handle, validators=lambda feed, part: ("", "")))
    assert not {"If-None-Match", "If-Modified-Since"} & set(asked[0].headers)


@pytest.mark.parametrize("etag", ['"é"'.encode(), b'"' + b"x" * 300 + b'"'])
async def test_forgets_a_validator_that_cannot_be_sent_back(etag: bytes) -> None:
    def handle(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers=[(b"ETag", etag)], stream=Body(b"1\n"))

    assert (await fetch(make(handle))).etag == ""


# ---------------------------------------------------------------------------------------------------------------- mirror
def mirrored(body: bytes) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    """A gateway: says the path it was asked, redirects what is called /old, and lives in 2026."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        method, path, _ = (await reader.readuntil(b"\r\n")).decode().split()
        while await reader.readuntil(b"\r\n") != b"\r\n":
            pass
        date = b"Date: Tue, 30 Jun 2026 22:00:00 GMT\r\nConnection: close\r\n"
        if path.endswith("/old"):
            host = f"http://127.0.0.1:{writer.get_extra_info('sockname')[1]}/{OTHER}" if body == b"own" else f"https://{OTHER}"
            writer.write(b"HTTP/1.1 302 Found\r\n" + date + f"Location: {host}/new\r\nContent-Length: 0\r\n\r\n".encode())
        else:
            said = f"{method} {path}".encode()
            writer.write(b"HTTP/1.1 200 OK\r\n" + date + b"Content-Length: %d\r\n\r\n" % len(said) + said)
        await writer.drain()

    return talk


@pytest.mark.parametrize("kind", [b"own", b"original"])
async def test_a_mirror_answers_for_every_host_redirects_included(kind: bytes) -> None:
    async with server(mirrored(kind)) as url:
        clock = Clock()
        async with make(None, mirror=url + "/", clock=clock) as client:
            assert (await client.fetch(ask("/a b?x=1&y=%2F"), feed="probe")).body == f"GET /{HOST}/a%20b?x=1&y=%2F".encode()
            moved = await client.fetch(ask("/old"), feed="probe")
    assert moved.body == f"GET /{OTHER}/new".encode()
    assert moved.fetched_at.date().isoformat() == "2026-06-30"


async def test_learns_the_mirror_s_time() -> None:
    async with server(mirrored(b"")) as url:
        clock = Clock()
        async with make(None, mirror=url, clock=clock) as client:
            await client.learn_time()
    assert abs((clock.now() - datetime(2026, 6, 30, 22, tzinfo=UTC)).total_seconds()) < 60


async def test_without_a_mirror_nobody_moves_the_clock() -> None:
    clock = Clock()
    handle, _ = scripted(respond(Date="Tue, 30 Jun 2009 22:00:00 GMT"))
    client = make(handle, clock=clock)
    await client.learn_time()
    await fetch(client)
    assert clock.offset_s == 0.0


async def test_a_mirror_that_is_gone_is_said_by_its_answers() -> None:
    async with make(None, mirror="http://127.0.0.1:9", clock=Clock()) as client:
        await client.learn_time()
        with pytest.raises(Unreachable, match="refused"):
            await client.fetch(ask(), feed="probe")


def test_the_environment_s_mirror_goes_before_the_settings() -> None:
    assert mirror_of({"BONDTOP_MIRROR": "http://a:1"}, "http://b:2") == "http://a:1"
    assert mirror_of({}, "http://b:2") == "http://b:2"
    assert mirror_of({}, "") is None
    with pytest.raises(BadAnswer, match="not an http address"):
        mirror_of({"BONDTOP_MIRROR": "gopher://a"}, None)


@pytest.mark.parametrize("date", ["yesterday", "Tue, 30 Jun 2026", ""])
def test_a_senseless_date_moves_no_clock(date: str) -> None:
    clock = Clock(lambda: 1e9)
    clock.follow(date)
    assert clock.offset_s == 0.0


# ------------------------------------------------------------------------------------------------------------- real wire
async def test_gives_up_a_trickle_when_its_time_is_over() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while True:
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with server(talk) as url:
        started = time.monotonic()
        with pytest.raises(Unreachable, match=r"no whole answer within 0\.3 s"):
            await fetch(make(None, mirror=url, patience=Patience(read_s=5, whole_s=0.3)))
        assert time.monotonic() - started < 3


async def test_a_hang_up_in_the_middle_is_no_answer() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n2026-06-30,4.2")
        await writer.drain()

    async with server(talk) as url:
        with pytest.raises(Unreachable, match="before the whole answer"):
            await fetch(make(None, mirror=url, patience=Patience(retries=0)))


async def proxy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Refuses every tunnel, naming it."""
    request = (await reader.readuntil(b"\r\n\r\n")).decode()
    writer.write(f"HTTP/1.1 403 No {request.split()[1]}\r\nContent-Length: 0\r\n\r\n".encode())
    await writer.drain()


async def test_goes_through_the_proxy_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async with server(proxy) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        with pytest.raises(Unreachable, match=f"the proxy refuses: 403 No {HOST}:443"):
            await fetch(make(None, patience=Patience(retries=0)))


@pytest.mark.parametrize("value", ["gopher://proxy:1", "socks5://proxy:1"])
def test_a_proxy_that_cannot_be_used_is_named(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(Unreachable, match="HTTPS_PROXY"):
        make(None)


def make_certificate(folder: Path) -> None:
    """One that nobody signed."""
    kind = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={HOST}")
    command = ["openssl", "req", *kind, "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
async def test_trusts_no_certificate_of_its_own_making(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    make_certificate(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    heard: list[bytes] = []

    async def tunnel(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await writer.drain()
        try:
            await writer.start_tls(context)
            heard.append(await reader.read(1000))
        except ssl.SSLError:
            return

    async with server(tunnel) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        with pytest.raises(Unreachable, match="certificate is not trusted"):
            await fetch(make(None, patience=Patience(retries=0)))
    assert not any(heard)


async def test_keys_are_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    from bondtop.tui.wiring import quiet_libraries

    quiet_libraries()
    caplog.set_level(logging.DEBUG)
    handle, _ = scripted(respond(500), respond(302, Location="https://evil.example.com/?api_key=hidden"))
    with pytest.raises(Refused) as caught:
        await fetch(make(handle), ask("/data?api_key=hidden", headers={"Ocp-Apim-Subscription-Key": "hidden"}))
    assert "hidden" not in str(caught.value)
    assert "hidden" not in caplog.text
