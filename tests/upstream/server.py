"""A small upstream on loopback: it answers as some providers do, in their wire forms, as of a day, and misbehaves on demand.

Bank of Canada (JSON by series code), Ministry of Finance Japan (two CSV files with validators) and the CFTC (a list of reports). All
numbers are made up. `https://HOST/PATH` is asked as `/HOST/PATH`; the `Date` header says 22:00 GMT of the day, or what `now` says.
"""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

BOC, MOF, CFTC = "www.bankofcanada.ca", "www.mof.go.jp", "publicreporting.cftc.gov"
FIRST = date(2026, 4, 1)  # our providers' histories begin there
TENORS = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 25, 30, 40)
CONTRACTS = ("042601", "044601", "043602", "043607", "020601", "020604")


# --------------------------------------------------------------------------------------------------------------- numbers
def sessions(until: date) -> list[date]:
    """Weekdays before `until`: every provider here publishes a day later."""
    days = (FIRST + timedelta(n) for n in range((until - FIRST).days))
    return [d for d in days if d.weekday() < 5]


def canadian(day: date, code: str) -> float:
    """A made-up yield in percent."""
    return round(2.5 + len(code) / 100 + day.toordinal() % 50 / 100, 2)


def japanese(day: date, tenor: int) -> float:
    """A made-up yield in percent."""
    return round(1.0 + tenor / 20 + day.toordinal() % 40 / 100, 3)


def contracts(day: date, contract: str) -> int:
    """A made-up number of contracts."""
    return 100_000 + int(contract) % 1000 * 10 + day.toordinal() % 700


# ----------------------------------------------------------------------------------------------------------------- wires
def boc(path: str, query: dict[str, str], today: date, times: float) -> bytes:
    """Valet: one object a day, values as text."""
    codes = path.split("/")[2].split(",")
    since = date.fromisoformat(query.get("start_date", FIRST.isoformat()))
    rows = [{"d": d.isoformat()} | {c: {"v": f"{canadian(d, c) * times:.2f}"} for c in codes} for d in sessions(today) if d >= since]
    return json.dumps({"terms": {"url": "https://example.org/terms"}, "observations": rows}).encode()


def mof(path: str, query: dict[str, str], today: date, times: float) -> bytes:
    """The month's file, and the file of all months before it."""
    month = sessions(today)[-1].replace(day=1)
    days = [d for d in sessions(today) if (d < month) == path.endswith("jgbcme_all.csv")]
    head = "Interest Rate" + "," * 15 + "(Unit : %)\r\nDate," + ",".join(f"{t}Y" for t in TENORS) + "\r\n"
    lines = (f"{d.year}/{d.month}/{d.day}," + ",".join(f"{japanese(d, t) * times:.3f}" for t in TENORS) + "\r\n" for d in days)
    return (head + "".join(lines)).encode()


def cftc(path: str, query: dict[str, str], today: date, times: float) -> bytes:
    """Reports of Tuesdays, out on Fridays."""
    out = [d for d in sessions(today) if d.weekday() == 1 and d + timedelta(3) <= today]
    fields = [f for f in query["$select"].split(",") if "long" in f or "short" in f]
    rows = [
        {
            "cftc_contract_market_code": c,
            "report_date_as_yyyy_mm_dd": f"{d}T00:00:00.000",
            "open_interest_all": str(int(contracts(d, c) * 5 * times)),
            **{f: str(int(contracts(d, c) * times)) for f in fields},
        }
        for d in reversed(out)
        for c in CONTRACTS
    ]
    return json.dumps(rows).encode()


WIRES: dict[str, Callable[[str, dict[str, str], date, float], bytes]] = {BOC: boc, MOF: mof, CFTC: cftc}
PAGE = b"<!DOCTYPE html><html><title>Just a moment...</title></html>"


# ---------------------------------------------------------------------------------------------------------------- server
@dataclass
class Upstream:
    """The providers' day, their faults by host, and what they were asked."""

    today: date
    url: str = ""
    faults: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # HOST/PATH?QUERY
    now: datetime | None = None  # its time, when that is not ten in the evening

    def hosts_asked(self) -> set[str]:
        """Who was asked at all."""
        return {entry.split("/")[0] for entry in self.asked}


@contextmanager
def upstream(today: date) -> Iterator[Upstream]:
    """A running upstream, stopped at the end of the block."""
    state = Upstream(today)

    class Handler(_Handler):
        world = state

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        state.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield state
        finally:
            server.shutdown()


class _Handler(BaseHTTPRequestHandler):
    world: Upstream
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: Any) -> None:
        """Silence."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        evening = datetime.combine(self.world.today, datetime.min.time(), UTC) + timedelta(hours=22)
        return format_datetime(self.world.now or evening, usegmt=True)

    def do_OPTIONS(self) -> None:
        self._send(204, b"")

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        host, _, path = asked.path.lstrip("/").partition("/")
        query = {k: unquote(v[-1]) for k, v in parse_qs(asked.query).items()}
        self.world.asked.append(self.path.lstrip("/"))
        fault = self.world.faults.get(host, "")
        match fault.partition(":")[0]:
            case "status":
                self._send(int(fault.split(":")[1]), PAGE, {"Retry-After": "3600"})
            case "html":
                self._send(200, PAGE)
            case "empty":
                self._send(200, b"")
            case "reset":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.close_connection = True
                self.connection.close()
            case "silent":
                time.sleep(4)
                self.close_connection = True
            case _:
                self._data(host, path, query, fault)

    def _data(self, host: str, path: str, query: dict[str, str], fault: str) -> None:
        today = self.world.today - timedelta(30) if fault == "stale" else self.world.today
        body = WIRES[host](path, query, today, 100.0 if fault == "badunit" else 1.0)
        tag = f'"{sha256(body).hexdigest()[:16]}"'
        if self.headers.get("If-None-Match") == tag:
            self._send(304, b"", {"ETag": tag})
            return
        if fault == "truncated":
            body = body[: len(body) // 2]
        self._send(200, body, {"ETag": tag} if host == MOF and not fault else {})

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
