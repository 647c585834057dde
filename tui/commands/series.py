"""`bondtop series`: what is known of one series, or which there are."""

import csv
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, time

from ...cache.freshness import status_of
from ...cache.store import Store
from ...feeds.catalogue import Catalogue
from ...feeds.clock import Clock
from ...feeds.series import Observation, Series, from_day
from ..cli import Call, UsageError, day_option
from ..config import load_config
from ..wiring import cache_clock

_WIDE = 240  # nothing is cut where nobody looks at columns
_TITLED = 110  # columns from which there is room for titles
_TAIL = 20  # observations shown to people


def run(call: Call) -> int:
    """0; an unknown id is wrong usage and offers the nearest."""
    o = call.options
    since, at = day_option(o.since, "--since"), day_option(o.at, "--at")
    config = load_config(call.paths.config)
    catalogue = config.catalogue
    with Store.open(call.paths.cache, read_only=True, catalogue=catalogue) as store:
        clock = cache_clock(store, config, Clock())
        if o.id is None:
            if o.csv:
                raise UsageError("--csv needs the id of a series")
            return _list(store, catalogue, clock.seconds(), as_json=o.json)
        series = catalogue[o.id]
        as_of = datetime.combine(at, time.max, UTC) if at else clock.now()
        rows = store.observations(series.id, as_of, since)
        if o.csv:
            _csv(rows)
        elif o.json:
            for r in rows:
                sys.stdout.write(json.dumps(_plain(r)) + "\n")
        else:
            _show(series, list(rows))
    return 0


def _plain(r: Observation) -> dict[str, object]:
    return {
        "date": r.date.isoformat(),
        "value": r.value,
        "known_at": _iso(r.known_at),
        "source": r.source,
        "fetched_at": _iso(r.fetched_at),
    }


def _iso(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _csv(rows: Iterable[Observation]) -> None:
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(("date", "value", "known_at", "source", "fetched_at"))
    for r in rows:
        out.writerow(_plain(r).values())


def _show(series: Series, rows: list[Observation]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False, markup=False)
    console.print(Text(series.id, "bold") + f"  {series.title}, {series.unit}, {series.frequency}")
    if not rows:
        console.print("nothing known of it yet: `bondtop refresh` asks for it")
        return
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for name, side in (("date", "left"), ("value", "right"), ("known at", "left"), ("source", "left"), ("fetched at", "left")):
        table.add_column(name, justify="right" if side == "right" else "left", no_wrap=True)
    for r in rows[-_TAIL:]:
        table.add_row(r.date.isoformat(), _number(r.value), f"{r.known_at:%Y-%m-%d %H:%M}Z", r.source, f"{r.fetched_at:%Y-%m-%d %H:%M}Z")
    console.print(table)
    console.print(f"{len(rows):,} observation{'s' * (len(rows) > 1)} since {rows[0].date}", style="dim")


def _list(store: Store, catalogue: Catalogue, now: int, *, as_json: bool) -> int:
    newest = store.newest(now)
    entries = [(s, newest.get(s.id)) for s in catalogue]
    if as_json:
        for s, n in entries:
            known = {"as_of": from_day(n.day).isoformat(), "value": n.value, "source": n.source} if n else {}
            status = str(status_of(s, n.day if n else None, now))
            line = {"id": s.id, "title": s.title, "unit": s.unit, "frequency": str(s.frequency), "status": status}
            sys.stdout.write(json.dumps(line | known) + "\n")
        return 0
    from rich.console import Console
    from rich.table import Table

    console = Console(highlight=False, markup=False, width=None if sys.stdout.isatty() else _WIDE)
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim")
    for name, least in (("id", 26), ("value", 11), ("unit", 5), ("as of", 10), ("status", 7), ("source", 8)):
        table.add_column(name, justify="right" if name == "value" else "left", no_wrap=True, min_width=least)
    if titled := console.width >= _TITLED:
        table.add_column("title", style="dim")
    for s, n in entries:
        status = status_of(s, n.day if n else None, now)
        shown = (_number(n.value), s.unit, from_day(n.day).isoformat(), str(status), n.source) if n else ("", s.unit, "", str(status), "")
        table.add_row(s.id, *shown, *[s.title] * titled)
    console.print(table)
    return 0


def _number(value: float) -> str:
    """Six digits, and never powers of ten."""
    return f"{value:,.0f}" if abs(value) >= 100_000 else f"{value:,.6g}"
