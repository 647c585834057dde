"""`bondtop journal`: what was announced, and when; read from the cache, nothing is computed."""

import sys

import msgspec

from ...cache.journal import Journal
from ...cache.store import Store
from ..alertrules import KINDS
from ..cli import Call, UsageError, day_option
from ..record import change_of


def run(call: Call) -> int:
    """0; oldest first, one line a change."""
    o = call.options
    if o.kind is not None and o.kind not in KINDS:
        raise UsageError(f"no kind {o.kind!r}; there are {', '.join(KINDS)}")
    since = day_option(o.since, "--since")
    with Store.open(call.paths.cache, read_only=True) as store:
        entries = Journal(store.database).read(since=since, kinds=(o.kind,) if o.kind else ())
    if o.json:
        for entry in entries:
            sys.stdout.buffer.write(msgspec.json.encode({"id": entry.id} | msgspec.to_builtins(change_of(entry))) + b"\n")
        return 0
    from rich.console import Console

    from ..boardtext import change_line

    console = Console(highlight=False, markup=False)
    for entry in entries:
        line = change_line(change_of(entry))
        console.print(f"{entry.seen:%Y-%m-%d %H:%M}Z", style="dim", end="  ")
        console.print(line)
    console.print(f"{len(entries):,} changes" if entries else "nothing was announced yet", style="dim")
    return 0
