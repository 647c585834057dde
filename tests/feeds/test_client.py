"""The one HTTP client: polite, bounded, and never led astray."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import httpx
import pytest
from bondtop.feeds.client import Client, Patience
from bondtop.feeds.clock import Clock
from bondtop.feeds.errors import BadAnswer, CutShort, FeedError, RateLimited, Refused, TooLarge, Unreachable, WrongFormat
from bondtop.feeds.series import Request
from clients import HOST, OTHER, Body, Metered, Paced, Time, ask, fetch, make, respond, scripted


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


@pytest.mark.parametrize(("status", "kept"), [(301, True), (302, True), (303, False), (308, True)])
async def test_asks_the_same_of_a_site_that_has_moved_to_another_name(status: int, kept: bool) -> None:
    handle, asked = scripted(respond(status, Location=f"https://{OTHER}/data"), respond())
    await fetch(make(handle), ask(headers={"X": "y"}, method="POST", form={"a": "b"}))
    assert (asked[1].method, asked[1].content) == (("POST", b"a=b") if kept else ("GET", b""))
    assert "X" not in asked[1].headers


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
