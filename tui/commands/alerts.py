"""`bondtop alerts`: what was told and how that went; `ack`, `mute`, `unmute`, and `test`, which delivers one by every way set."""

import asyncio
import json
import os
import sys
from datetime import UTC, date, datetime, time, timedelta

from ...cache.alerts import AlertBook
from ...cache.journal import Entry
from ...cache.store import Store
from ...feeds.clock import Clock
from ...feeds.errors import BondtopError
from ...signals.board import Board
from ..alertrules import OUTWARD, AlertSettings, severity_of
from ..alerts import deliver, notice, stored_board
from ..cli import Call, UsageError, day_option
from ..config import load_config
from ..delivery.message import Message, Undelivered
from ..marking import author

_SHOWN = 40
_MUTE_DAYS = 7


def run(call: Call) -> int:
    """0; 1 when a test did not arrive, or nothing was muted by that name."""
    o = call.options
    if o.what == "test":
        return _test(load_config(call.paths.config).alerts)
    with Store.open(call.paths.cache, read_only=o.what == "list") as store:
        book, now = AlertBook(store.database), Clock().seconds()
        match o.what:
            case "ack":
                count = book.acknowledge(_numbers(o.names), author(), now)
                sys.stdout.write(f"{count} alerts acknowledged\n")
            case "mute":
                _mute(book, o.names, day_option(o.until, "--until"), now)
            case "unmute":
                return _unmute(book, o.names)
            case _:
                _list(book, stored_board(store), now, as_json=o.json)
    return 0


def _numbers(names: list[str]) -> list[int]:
    try:
        return [int(name) for name in names]
    except ValueError:
        raise UsageError("alerts are acknowledged by their numbers; without any, all of them") from None


def _mute(book: AlertBook, names: list[str], until: date | None, now: int) -> None:
    if not names:
        raise UsageError("mute which subject? `bondtop alerts` shows them: watch.F1, inputs, markets.it …")
    end = int(datetime.combine(until + timedelta(days=1), time(), UTC).timestamp()) if until else now + _MUTE_DAYS * 86_400
    if end <= now:
        raise UsageError(f"--until {until} is over already")
    for name in names:
        book.mute(name, author(), now, end)
        sys.stdout.write(f"{name} is muted until {_when(end)}\n")


def _unmute(book: AlertBook, names: list[str]) -> int:
    if not names:
        raise UsageError("unmute which subject?")
    unknown = [name for name in names if not book.unmute(name)]
    if unknown:
        raise BondtopError(f"{', '.join(unknown)}: not muted (what the settings mute is changed there)")
    return 0


def _list(book: AlertBook, board: Board | None, now: int, *, as_json: bool) -> None:
    for alert in book.recent(_SHOWN):
        message, outcomes = Message(alert.entry, board=board), book.outcomes(alert.entry.id)
        if as_json:
            more = {"id": alert.entry.id, "state": alert.state, "reason": alert.reason, "deliveries": dict(outcomes)}
            more |= {"told": _when(alert.settled) or None, "acknowledged_by": alert.acknowledged_by or None}
            sys.stdout.write(json.dumps(message.plain() | more, ensure_ascii=False) + "\n")
            continue
        ways = ", ".join(f"{channel} {outcome}" for channel, outcome in outcomes.items())
        by = f"; seen by {alert.acknowledged_by}" if alert.acknowledged_by else ""
        state = f"{alert.state}{f', {alert.reason}' if alert.reason else ''}{f': {ways}' if ways else ''}{by}"
        seen = f"{alert.entry.seen:%Y-%m-%d %H:%M}Z"
        sys.stdout.write(f"{alert.entry.id:>5}  {seen}  {severity_of(alert.entry):<8}  {message.text}  {alert.entry.subject}  [{state}]\n")
    if not as_json:
        for subject, until in book.muted(now).items():
            sys.stdout.write(f"{subject} is muted until {_when(until)}\n")


def _when(at: int | None) -> str:
    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M}Z" if at else ""


def _test(settings: AlertSettings) -> int:
    """Deliver one alert that says TEST by every way that is set."""
    now = Clock().now()
    entry = Entry(now, now.date(), "test", "test", "silence", "an alert", "watch", "asked for on the command line")
    message, failed = Message(entry, "TEST"), 0
    if not settings.deliver:
        raise BondtopError('alerts.deliver is empty: nothing is ever told (try deliver = ["toast", "bell"])')
    for channel in settings.deliver:
        outcome = "delivered"
        if channel in OUTWARD:
            try:
                asyncio.run(deliver(channel, message, settings, os.environ))
            except Undelivered as e:
                outcome, failed = str(e), 1
        elif channel == "toast":
            outcome = "shown by the monitor"
        elif sys.stdout.isatty():
            sys.stdout.write(notice([message], [channel], settings.desktop, os.environ).codes)
        else:
            outcome = "needs a terminal"
        sys.stdout.write(f"{channel}: {outcome}\n")
    return failed
