"""The session under yfinance, against a small server that plays the mirror; and yfinance itself on top of it."""

import json
import sys
import threading
import time
from contextlib import suppress
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.clock import Clock
from bondtop.feeds.errors import Refused, TooLarge, Unreachable
from bondtop.feeds.registry import make_feed
from bondtop.feeds.series import Answer, Failed
from bondtop.feeds.yahoo_session import BoundedSession
from curl_cffi import requests
from wires import need, values

HOST, OTHER, COOKIES = "query2.finance.yahoo.com", "query1.finance.yahoo.com", "fc.yahoo.com"
THEN = datetime(2026, 6, 30, 22, tzinfo=UTC)


def chart(symbol):
    stamps = [int(datetime(2026, 6, day, 13, 30, tzinfo=UTC).timestamp()) for day in (26, 29, 30)]
    price = {"open": [70.0, 71.0, 72.0], "high": [75.0] * 3, "low": [69.0] * 3, "close": [71.5, None, 71.96], "volume": [0] * 3}
    meta = {"currency": "USD", "symbol": symbol, "instrumentType": "INDEX", "exchangeTimezoneName": "America/New_York", "timezone": "EDT"}
    meta |= {"gmtoffset": -14400, "firstTradeDate": stamps[0], "regularMarketTime": stamps[-1], "priceHint": 2, "dataGranularity": "1d"}
    meta |= {"range": "", "validRanges": ["1d", "max"], "regularMarketPrice": 71.96}
    period = {"timezone": "EDT", "start": stamps[-1], "end": stamps[-1] + 23_400, "gmtoffset": -14400}
    meta |= {"currentTradingPeriod": {"pre": period, "regular": period, "post": period}}
    result = {"meta": meta, "timestamp": stamps, "indicators": {"quote": [price], "adjclose": [{"adjclose": price["close"]}]}}
    return json.dumps({"chart": {"result": [result], "error": None}})


@pytest.fixture
def mirror():
    """A mirror whose answers depend on the path; `log` holds what was asked, `status` what it says to charts, `cookies` the path whose
    answer is given to whoever asks for those, or for a crumb."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            path = urlsplit(self.path).path
            server.log.append(path)
            if path.startswith(f"/{COOKIES}") or path.endswith("/getcrumb"):
                path = server.cookies
            if path.endswith("/circle"):
                return self.say(302, b"", Location=f"https://{HOST}/circle")
            if path.endswith("/away"):
                return self.say(302, b"", Location="https://evil.example/")
            if path.endswith("/once"):
                return self.say(302, b"", Location=f"{server.address}/{HOST}/v8/finance/chart/%5EMOVE")
            if path.endswith("/plain"):
                return self.say(302, b"", Location=f"http://{HOST}/once")
            if path.endswith("/silent"):
                return server.over.wait(60)
            if path.endswith("/trickle"):
                return self.trickle()
            if path.endswith("/huge"):
                return self.say(200, b"1" * 17_000_000)
            if "/v8/finance/chart/" in path:
                return self.say(server.status, chart(path.rpartition("/")[2]).encode() if server.status == 200 else b"<html>")
            if path.endswith("/refusing"):
                return self.say(404, b"<html>")
            return self.say(200, b"crumb")

        def trickle(self):
            self.say(200, b"1" * 100, **{"Content-Length": "100000"})
            with suppress(ConnectionError):
                while True:
                    self.wfile.write(b"1")
                    time.sleep(0.05)

        def say(self, status, body, **headers):
            self.send_response_only(status)
            for key, value in {"Date": "Tue, 30 Jun 2026 22:00:00 GMT", "Content-Length": str(len(body)), **headers}.items():
                self.send_header(key, value)
            self.end_headers()
            with suppress(ConnectionError):  # a client that has had enough hangs up
                self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.over = threading.Event()
    server.log, server.status, server.cookies = [], 200, "/crumb"
    server.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def open_session(mirror, clock=None, *, read_s=20.0, answer_s=60.0):
    return BoundedSession(mirror.address, clock or Clock(), (HOST, OTHER, COOKIES), read_s=read_s, answer_s=answer_s)


@pytest.fixture
def session(mirror):
    with open_session(mirror) as session:
        yield session


def test_everything_goes_to_the_mirror_whose_time_it_is(mirror):
    clock = Clock()
    with open_session(mirror, clock) as session:
        assert session.get(f"https://{HOST}/v8/finance/chart/%5EMOVE").json()["chart"]["error"] is None
    assert mirror.log == [f"/{HOST}/v8/finance/chart/%5EMOVE"]
    assert abs((clock.now() - THEN).total_seconds()) < 60


def test_redirects_stay_in_the_mirror_and_among_declared_hosts(session, mirror):
    assert session.get(f"https://{HOST}/v8/once").status_code == 200
    assert session.get(f"https://{HOST}/v8/once", allow_redirects=False).status_code == 302
    with pytest.raises(Refused, match="in a circle"):
        session.get(f"https://{HOST}/v8/circle")
    with pytest.raises(Refused, match="is not https"):
        session.get(f"https://{HOST}/v8/plain")
    with pytest.raises(Refused, match=r"led to evil\.example"):
        session.get(f"https://{HOST}/v8/away")
    with pytest.raises(Refused, match=r"led to evil\.example"):
        session.get("https://evil.example/v8/")
    assert not any("evil" in path for path in mirror.log)


def test_no_more_than_is_reasonable(session):
    with pytest.raises(TooLarge, match="more than 16 MB"):
        session.get(f"https://{HOST}/v8/huge")


@pytest.mark.parametrize("path", ["circle", "plain", "away", "huge"])
def test_without_cookies_the_library_goes_on_so_their_failures_are_passing_ones(session, path):
    with pytest.raises(requests.exceptions.ConnectionError):
        session.get(f"https://{OTHER}/{path}")


@pytest.mark.parametrize("host", ["guce.yahoo.com", "consent.yahoo.com"])
def test_nobody_consents_in_the_name_of_the_user(mirror, host):
    hosts = make_feed("yahoo", default_catalogue()).hosts
    refusal = pytest.raises(requests.exceptions.ConnectionError, match="a host no feed declares")
    with BoundedSession(mirror.address, Clock(), hosts, read_s=20.0, answer_s=60.0) as session, refusal:
        session.get(f"https://{host}/consent")
    assert not mirror.log


@pytest.mark.parametrize("path", ["/away", "/circle", "/huge", "/refusing"])
async def test_whatever_becomes_of_cookies_there_are_quotes(mirror, tmp_path, path):
    feed = make_feed("yahoo", default_catalogue(), cache_dir=tmp_path / "yahoo", mirror=mirror.address)
    mirror.cookies = path
    async with feed.library() as library:
        for symbol in ("^MOVE", "^VIX"):  # after a failure the library tries another way to cookies
            assert b"71.96" in await library.bars(symbol, date(2026, 6, 26), date(2026, 7, 2))
    assert any(asked.startswith((f"/{COOKIES}", f"/{OTHER}")) for asked in mirror.log)


async def test_the_library_on_top_in_a_process_of_its_own(mirror, tmp_path, capfd):
    before = set(sys.modules)
    feed = make_feed("yahoo", default_catalogue(), cache_dir=tmp_path / "yahoo", mirror=mirror.address)
    (got,) = [each async for each in feed.ask(None, need(move=date(2026, 6, 26)))]
    assert isinstance(got, Answer), got
    assert values(feed.read(got)) == {"move": {"2026-06-26": 71.5, "2026-06-30": 71.96}}
    assert abs((got.fetched_at - THEN).total_seconds()) < 60
    assert list((tmp_path / "yahoo").iterdir())
    mirror.status = 500
    (got,) = [each async for each in feed.ask(None, need(move=date(2026, 6, 26)))]
    assert isinstance(got, Failed) and str(got.error) == "HTTP 500"
    mirror.status = 200  # a broken answer is not remembered
    (got,) = [each async for each in feed.ask(None, need(move=date(2026, 6, 26)))]
    assert isinstance(got, Answer)
    assert capfd.readouterr() == ("", "")
    assert not {"pandas", "yfinance"} & (set(sys.modules) - before)


def test_a_trickle_is_given_up(mirror):
    with open_session(mirror, answer_s=0.3) as session, pytest.raises(Unreachable, match="no whole answer"):
        session.get(f"https://{HOST}/v8/trickle", timeout=5)


def test_a_host_that_was_silent_once_is_not_asked_again(mirror):
    with open_session(mirror, read_s=0.3) as session:
        for _ in range(3):
            with pytest.raises(requests.exceptions.Timeout):
                session.get(f"https://{OTHER}/silent", timeout=60)
        assert session.get(f"https://{HOST}/v8/finance/chart/%5EMOVE").status_code == 200
    assert mirror.log == [f"/{OTHER}/silent", f"/{HOST}/v8/finance/chart/%5EMOVE"]
