"""Exporting from the monitor: another process does the work, so that the screen never waits and no memory stays behind."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from datetime import date, datetime
from pathlib import Path

from ..feeds import apart
from ..feeds.errors import BondtopError
from .paths import Paths

WHAT = ("brief", "boards", "journal", "pictures")  # all but the series: they are a hundred megabytes
Exporter = Callable[[datetime, date | None], Awaitable[Path]]


def exporter(paths: Paths, *, demo: bool) -> Exporter:
    """What exports into a folder of the state directory that is named after an instant; of a past day when one is given."""

    async def export(named_after: datetime, day: date | None) -> Path:
        folder = paths.state / "exports" / f"{'demo-' if demo else ''}{named_after:%Y-%m-%d-%H%M}"
        options = [*(("--demo",) if demo else ()), *(("--at", day.isoformat()) if day else ())]
        places = {"--config": paths.config, "--cache-dir": paths.cache, "--state-dir": paths.state, "--log-dir": paths.log}
        options += [f"{name}={path}" for name, path in places.items()]
        await _run(sys.executable, "-P", "-m", "bondtop", "export", str(folder), *WHAT, *options)
        return folder

    return export


async def _run(*command: str) -> None:
    """The other process, which ends with us.

    Raises:
        BondtopError: it failed; the message is its last line.
    """
    nowhere = asyncio.subprocess.DEVNULL
    child = await asyncio.create_subprocess_exec(
        *command, stdin=nowhere, stdout=nowhere, stderr=asyncio.subprocess.PIPE, start_new_session=True
    )
    try:
        _, said = await child.communicate()
    finally:
        await apart.end(child)
    if child.returncode:
        from ..feeds.check import clean

        last = clean(said.decode(errors="replace").strip().rpartition("\n")[2], 300)
        raise BondtopError(last.removeprefix("bondtop: ") or f"the export ended with code {child.returncode}")
