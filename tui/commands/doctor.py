"""`bondtop doctor`: what works here, and what to do about what does not."""

import asyncio
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from ...cache.lease import Lease
from ...cache.store import Store
from ...feeds.client import USER_AGENT, mirror_of, network_words
from ...feeds.errors import BondtopError
from ...feeds.registry import feed_class
from ..cli import Call
from ..config import Config, ConfigError, load_config
from ..wiring import feed_names

_PATIENCE_S = 8.0
_CLOCK_SLACK_S = 120
_NO_ANSWER = "check the network; behind a proxy set HTTPS_PROXY, or a mirror in the settings"


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at. `advice` is what to do; "" when it is well, or when another finding says it."""

    what: str
    found: str
    advice: str = ""
    well: bool = True
    fatal: bool = False  # bondtop cannot do its work with it


def run(call: Call) -> int:
    """0 when nothing keeps bondtop from working here, 1 otherwise."""
    try:
        config = load_config(call.paths.config)
        findings = [Finding("settings", f"{call.paths.config}" + ("" if call.paths.config.exists() else " (not there: defaults)"))]
    except ConfigError as e:
        config, findings = Config(), [Finding("settings", str(e), "mend the file, or move it away", fatal=True)]
    findings += [*_terminal(), *_cache(call), *asyncio.run(_network(config))]
    _print(findings)
    return 1 if any(f.fatal for f in findings) else 0


def _terminal() -> Iterator[Finding]:
    term, colour = os.environ.get("TERM", ""), os.environ.get("COLORTERM", "")
    if not sys.stdout.isatty():
        yield Finding("terminal", "standard output is no terminal", "the monitor needs one; the other commands do not")
    elif term in ("", "dumb"):
        yield Finding("terminal", f"TERM is {term or 'not set'}", "set TERM, for example to xterm-256color")
    else:
        size = shutil.get_terminal_size()
        small = size.columns < 80 or size.lines < 24
        yield Finding("terminal", f"{term}, {size.columns}×{size.lines}", "less than 80×24 is cramped" if small else "")
    if "NO_COLOR" in os.environ:
        yield Finding("colour", "NO_COLOR is set: states are told by glyph and word")
    else:
        deep = colour in ("truecolor", "24bit")
        yield Finding("colour", "24 bit" if deep else "256 or fewer", "" if deep else "COLORTERM=truecolor, if your terminal can")
    encoding = (sys.stdout.encoding or "").lower()
    advice = "" if "utf" in encoding else "a UTF-8 locale (LANG=C.UTF-8) shows glyphs and charts; without one they are ASCII"
    yield Finding("text", encoding, advice)
    if "SSH_CONNECTION" in os.environ:
        yield Finding("line", "over SSH")


def _cache(call: Call) -> Iterator[Finding]:
    directory = call.paths.cache
    if not (directory / "bondtop.db").exists():
        yield Finding("cache", f"{directory}: empty", "`bondtop refresh` fills it; `bondtop --demo` needs none")
        return
    try:
        with Store.open(directory, read_only=True) as store:
            size = (directory / "bondtop.db").stat().st_size
            yield Finding("cache", f"{directory}: {len(store.newest())} series, {size / 1e6:.0f} MB")
    except BondtopError as e:
        yield Finding("cache", str(e), "bondtop sets a damaged file aside and fills a new one", fatal=True)
    lease = Lease(directory)
    try:
        with lease.try_hold() as ours:
            yield Finding("refresh", "nobody refreshes this cache now" if ours else f"{lease.holder()} refreshes this cache")
    except BondtopError as e:
        yield Finding("refresh", str(e), "a directory that can be written: --cache-dir, or BONDTOP_CACHE_DIR")


async def _network(config: Config) -> list[Finding]:
    """One small question to every host of every feed in use, side by side."""
    import httpx

    try:
        mirror = mirror_of(os.environ, config.network.mirror)
    except BondtopError as e:
        return [Finding("mirror", str(e), "http://host:port", fatal=True)]
    hosts = dict.fromkeys(h for n in feed_names(config) for h in feed_class(n).hosts)
    offsets: list[float] = []

    async def look(client: httpx.AsyncClient, host: str) -> Finding:
        address = f"{mirror}/{host}/" if mirror else f"https://{host}/"
        try:
            response = await client.request("OPTIONS" if mirror else "HEAD", address)
        except httpx.HTTPError as e:
            return Finding(host, network_words(e), well=False)
        with suppress(ValueError, TypeError):  # a date that is none, or has no zone
            offsets.append((parsedate_to_datetime(response.headers.get("date", "")) - datetime.now(UTC)).total_seconds())
        return Finding(host, "answers")

    limits = httpx.Limits(max_connections=16)
    headers = {"User-Agent": USER_AGENT}
    try:
        asking = httpx.AsyncClient(timeout=_PATIENCE_S, limits=limits, headers=headers)
    except (ValueError, ImportError, OSError) as e:
        return [Finding("proxy", str(e), "mend HTTPS_PROXY, ALL_PROXY or SSL_CERT_FILE in the environment", fatal=True)]
    async with asking as client:
        findings = list(await asyncio.gather(*(look(client, h) for h in hosts)))
    if silent := sum(not f.well for f in findings):
        said = "no host answers" if silent == len(findings) else f"{silent} of {len(findings)} hosts do not answer"
        findings.insert(0, Finding("network", said, _NO_ANSWER, fatal=silent == len(findings)))
    if mirror:
        findings.insert(0, Finding("mirror", mirror))
    if not offsets:
        return [Finding("clock", "nobody to compare it with"), *findings]
    off = sorted(offsets)[len(offsets) // 2]
    if abs(off) <= _CLOCK_SLACK_S:
        clock = Finding("clock", "right")
    elif mirror:
        clock = Finding("clock", f"the mirror's time is {off / 86400:+.1f} days from ours; bondtop goes by the mirror")
    else:
        clock = Finding("clock", f"{off:+.0f} s from the providers'", "set the machine's clock: due times and ages depend on it")
    return [clock, *findings]


def _print(findings: list[Finding]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for f in findings:
        glyph, style = ("✗", "red") if f.fatal else ("◐", "yellow") if f.advice or not f.well else ("●", "green")
        table.add_row(Text(f"{glyph} {f.what}", style), Text(f.found).append(f"\n→ {f.advice}" if f.advice else "", "dim"))
    Console(soft_wrap=not sys.stdout.isatty(), highlight=False).print(table)
