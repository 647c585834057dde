"""The one HTTP client behind a mirror, on a real wire, through a proxy."""

import asyncio
import logging
import shutil
import ssl
import subprocess
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bondtop.feeds.client import Patience, mirror_of
from bondtop.feeds.clock import Clock
from bondtop.feeds.errors import BadAnswer, Refused, Unreachable
from clients import HOST, OTHER, ask, fetch, make, respond, scripted, server


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
