"""`bondtop changes --since DATE`: everything that changed since, oldest first, and what did not."""

import sys
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import msgspec

from ...feeds.errors import BondtopError
from ...signals.board import Board, Change, decode
from ..alertrules import KINDS
from ..cli import Call, UsageError, day_option
from ..desk import Desk, open_desk
from ..sessions import end_of

_VISIT = "visit"  # as the monitor names the Board that stood when it was left (bringing the live source here would bring Textual)
_DAYS = {"yesterday": 1, "week": 7}


def run(call: Call) -> int:
    """0; one line a change, as text or JSON; as text also what is as it was."""
    options = call.options
    words = options.since
    day = None if words in (_VISIT, *_DAYS) else day_option(words, "--since")
    if words is None:
        raise UsageError("--since DATE says from when on; visit, yesterday and week are understood too")
    if options.kind is not None and options.kind not in KINDS:
        raise UsageError(f"no kind {options.kind!r}; there are {', '.join(KINDS)}")
    with open_desk(call) as desk:
        before = _visited(desk) if words == _VISIT else _before(desk, day or desk.clock.now().date() - timedelta(days=_DAYS[words] - 1))
        since = before.as_of.date() + timedelta(days=words != _VISIT)
        found = _regimes(desk, day or since) if options.kind == "regime" else _all(desk, before, since, options.kind)
        if options.json:
            for change in found:
                line = {"demo": True} if desk.demo else {}
                sys.stdout.buffer.write(msgspec.json.encode(msgspec.to_builtins(change) | line) + b"\n")
            return 0
        _print(found, () if options.kind else _unchanged(desk, before), demo=desk.demo)
    return 0


def _visited(desk: Desk) -> Board:
    """The Board that stood when the monitor was left.

    Raises:
        BondtopError: nobody has ever left a monitor on this cache.
    """
    kept = desk.store.board(_VISIT)
    if kept is None:
        raise BondtopError("no earlier visit is known: the monitor remembers when it is left")
    return decode(kept[0])


def _before(desk: Desk, since: date) -> Board:
    """The Board of the last weekday before a day."""
    day = since - timedelta(days={0: 3, 6: 2}.get(since.weekday(), 1))
    return desk.history.board(min(end_of(day), desk.clock.now()))


def _regimes(desk: Desk, since: date) -> Iterator[Change]:
    """Straight from the arrays of the map: thirty years take no longer than a day."""
    from ...signals.regime_changes import regime_changes

    history = desk.history
    return regime_changes(history.regime.whole, history.aligned.whole.days, since)


def _all(desk: Desk, before: Board, since: date, kind: str | None) -> Iterator[Change]:
    """A Board for each weekday, through an Announcer, so that what came and went in between is said once."""
    from ...signals.changes import Announcer

    announcer, history, now = Announcer(), desk.history, desk.clock.now()
    announcer.feed(before)
    for day in (since + timedelta(days=n) for n in range((now.date() - since).days + 1)):
        if day.weekday() < 5:
            announced = announcer.feed(history.board(min(end_of(day), now)))
            yield from (change for change in announced if kind in (None, change.kind))


def _unchanged(desk: Desk, before: Board) -> Iterator[str]:
    from ...signals.changes import unchanged

    yield from unchanged(before, desk.history.board(desk.clock.now()))


def _print(found: Iterator[Change], same: Iterable[str], *, demo: bool) -> None:
    from rich.console import Console

    from ..boardtext import change_line

    console = Console(highlight=False, markup=False)
    if demo:
        console.print("DEMO: a simulated market", style="bold reverse")
    count = 0
    for change in found:
        console.print(change_line(change))
        count += 1
    for words in same:
        console.print(f"as it was: {words}", style="dim")
    console.print(f"{count} changes", style="dim")
