"""`bondtop feeds`: how every feed is doing, from the cache alone."""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from ...cache.freshness import status_of
from ...cache.health import FeedState, Health
from ...cache.status import Status
from ...cache.store import Store
from ...feeds.catalogue import Catalogue
from ...feeds.clock import Clock
from ...feeds.series import from_day
from ..cli import Call
from ..config import load_config
from ..wiring import cache_clock, feed_names

_LATE = (Status.STALE, Status.DEAD)


class Row(msgspec.Struct, frozen=True):
    """One feed as shown: its health, and how many of the series it is the first choice for are in which state."""

    health: Health
    series: int
    late: int
    empty: int

    @property
    def state(self) -> str:
        """One word."""
        if self.health.state is not FeedState.OK:
            return str(self.health.state)
        return "late" if self.late else "ok"


def run(call: Call) -> int:
    """0 when every feed is well, 1 when one is failing."""
    config = load_config(call.paths.config)
    with Store.open(call.paths.cache, read_only=True) as store:
        now = cache_clock(store, config, Clock()).seconds()
        rows = _rows(store, config.catalogue, feed_names(config), now)
    if call.options.json:
        import json

        sys.stdout.write(json.dumps([_plain(r) for r in rows], indent=1) + "\n")
    else:
        _print(rows, now)
    return 1 if any(r.health.reason for r in rows) else 0


def _rows(store: Store, catalogue: Catalogue, names: Sequence[str], now: int) -> list[Row]:
    known = {h.feed: h for h in store.health()}
    rows = []
    for name in names:
        newest = store.newest_days(name)
        supplied = catalogue.of_feed(name)
        late = sum(s.sources[0].feed == name and status_of(s, newest.get(s.id), now) in _LATE for s in supplied)
        rows.append(Row(known.get(name, Health(name)), len(supplied), late, len(supplied) - len(newest)))
    return rows


def _plain(row: Row) -> dict[str, object]:
    return msgspec.structs.asdict(row.health) | {"state": row.state, "series": row.series, "late": row.late, "empty": row.empty}


_COLUMNS = ("feed", "state", "series", "as of", "answered", "next", "KB", "s")
_LEFT = 2  # the first columns read from the left, the others are numbers and times


def _cells(row: Row, now: int) -> tuple[str, ...]:
    h = row.health
    return (
        h.feed,
        f"{_LOOKS[row.state][0]} {row.state}",
        f"{row.series - row.empty}/{row.series}",
        from_day(h.as_of).isoformat() if h.as_of is not None else "",
        _ago(h.last_success, now),
        _clock(h.next_due, now),
        f"{h.wire_bytes / 1000:,.0f}" if h.wire_bytes else "",
        f"{h.latency_ms / 1000:.0f}" if h.latency_ms is not None else "",
    )


_LOOKS = {"ok": ("●", "green"), "late": ("◐", "yellow"), "failing": ("✗", "red"), "open": ("✗", "red"), "never": ("?", "dim")}


def _print(rows: Sequence[Row], now: int) -> None:
    """A table within 80 columns; what is wrong stands on a line of its own below it. Piped, it is plain text and twice as quick."""
    table = [_cells(r, now) for r in rows]
    words = [(r, said) for r in rows if (said := _words(r, now))]
    sum_up = f"{sum(r.state == 'ok' for r in rows)} of {len(rows)} feeds well"
    if sys.stdout.isatty():
        _print_rich(rows, table, words, sum_up)
        return
    widths = [max(len(line[i]) for line in (_COLUMNS, *table)) for i in range(len(_COLUMNS))]
    for line in (_COLUMNS, *table):
        padded = (c.ljust(w) if i < _LEFT else c.rjust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True)))
        sys.stdout.write(" ".join(padded).rstrip() + "\n")
    for row, said in words:
        sys.stdout.write(f"{row.health.feed}: {said}\n")
    sys.stdout.write(sum_up + "\n")


def _print_rich(rows: Sequence[Row], table: Sequence[Sequence[str]], words: Sequence[tuple[Row, str]], sum_up: str) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for i, name in enumerate(_COLUMNS):
        shown.add_column(name, justify="left" if i < _LEFT else "right", no_wrap=True)
    for row, (feed, state, *rest) in zip(rows, table, strict=True):
        shown.add_row(feed, Text(state, _LOOKS[row.state][1]), *rest)
    console = Console(highlight=False)
    console.print(shown)
    for row, said in words:
        console.print(Text(f"{row.health.feed}: {said}", _LOOKS[row.state][1]), soft_wrap=True)
    console.print(Text(sum_up, "dim"))


def _words(row: Row, now: int) -> str:
    if row.health.reason:
        again = f"; again {_clock(row.health.next_due, now)}" if row.health.next_due else ""
        return row.health.reason + again
    if row.late:
        return f"answers, but {row.late} series older than expected"
    return ""


def _ago(at: int | None, now: int) -> str:
    if at is None:
        return ""
    seconds = max(0, now - at)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return "just now"


def _clock(at: int | None, now: int) -> str:
    """A coming instant: the time (UTC) today, the date too on other days."""
    if at is None:
        return ""
    if at <= now:
        return "now"
    when, today = datetime.fromtimestamp(at, UTC), datetime.fromtimestamp(now, UTC).date()
    return f"{when:%H:%M}Z" if when.date() == today else f"{when:%d %b %H:%M}Z"
