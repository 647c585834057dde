"""`bondtop changes --since DATE`: everything that changed since, oldest first."""

import sys
from collections.abc import Iterator
from datetime import date, timedelta

import msgspec

from ...signals.board import Change
from ..alertrules import KINDS
from ..cli import Call, UsageError, day_option
from ..desk import Desk, end_of, open_desk


def run(call: Call) -> int:
    """0; one line a change, as text or JSON."""
    options = call.options
    since = day_option(options.since, "--since")
    if since is None:
        raise UsageError("--since DATE says from when on")
    if options.kind is not None and options.kind not in KINDS:
        raise UsageError(f"no kind {options.kind!r}; there are {', '.join(KINDS)}")
    with open_desk(call) as desk:
        found = _regimes(desk, since) if options.kind == "regime" else _all(desk, since, options.kind)
        if options.json:
            for change in found:
                line = {"demo": True} if desk.demo else {}
                sys.stdout.buffer.write(msgspec.json.encode(msgspec.to_builtins(change) | line) + b"\n")
            return 0
        _print(found, demo=desk.demo)
    return 0


def _regimes(desk: Desk, since: date) -> Iterator[Change]:
    """Straight from the arrays of the map: thirty years take no longer than a day."""
    from ...signals.regime_changes import regime_changes

    history = desk.history
    return regime_changes(history.regime.whole, history.aligned.whole.days, since)


def _all(desk: Desk, since: date, kind: str | None) -> Iterator[Change]:
    """A Board for each weekday, through an Announcer, so that what came and went in between is said once."""
    from ...signals.changes import Announcer

    announcer, history, now = Announcer(), desk.history, desk.clock.now()
    day = since - timedelta(days=1)
    while day <= now.date():
        if day.weekday() < 5:
            announced = announcer.feed(history.board(min(end_of(day), now)))
            yield from (change for change in announced if kind in (None, change.kind))
        day += timedelta(days=1)


def _print(found: Iterator[Change], *, demo: bool) -> None:
    from rich.console import Console

    from ..boardtext import change_line

    console = Console(highlight=False, markup=False)
    if demo:
        console.print("DEMO: a simulated market", style="bold reverse")
    count = 0
    for change in found:
        console.print(change_line(change))
        count += 1
    console.print(f"{count} changes", style="dim")
