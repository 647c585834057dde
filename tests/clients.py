"""Helpers for tests of the HTTP client: injected answers, fake time, a server on loopback."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from bondtop.feeds.client import Client
from bondtop.feeds.clock import Clock
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
