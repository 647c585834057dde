"""A local replica of the providers, and one round of the engine against it without courtesy pauses: what the fault benches stand on.

The replica is a program of its own; BONDTOP_CHECK_DATA names its data folder, and `../replica/serve.py` beside that folder starts it.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

import httpx
from bondtop.cache.engine import Engine
from bondtop.cache.health import Health
from bondtop.cache.store import Store
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.client import Client, Patience
from bondtop.feeds.clock import Clock
from bondtop.tui.config import Config, Network
from bondtop.tui.paths import Paths
from bondtop.tui.refresher import make_feeds

PATIENT = Patience(connect_s=5, read_s=30, whole_s=60, retries=1, backoff_s=0.2)
HASTY = Patience(connect_s=2, read_s=1.5, whole_s=4, retries=1, backoff_s=0.05)


@dataclass(frozen=True, slots=True)
class Replica:
    """Where it answers."""

    url: str

    def today(self, day: date) -> None:
        """Move its date."""
        httpx.post(f"{self.url}/__today", params={"date": day.isoformat()}, timeout=60).raise_for_status()

    def fault(self, spec: str) -> None:
        """Replace its faults; an empty text ends them."""
        httpx.post(f"{self.url}/__fault", params={"spec": spec or "none"}, timeout=60).raise_for_status()

    def asked(self, place: str) -> int:
        """How many requests a host, or a pattern of host and path, has had since this was last asked."""
        return sum(fnmatch(entry["host"] + (entry["path"] if "/" in place else ""), place) for entry in self._log())

    def requests(self) -> int:
        """How many requests all hosts have had since this was last asked."""
        return len(self._log())

    def _log(self) -> list[dict[str, str]]:
        log: list[dict[str, str]] = httpx.get(f"{self.url}/__log", params={"clear": "1"}, timeout=60).json()
        return log


def replica_program() -> Path | None:
    """The program, where there is one."""
    data = os.environ.get("BONDTOP_CHECK_DATA")
    program = Path(data).parent / "replica" / "serve.py" if data else None
    return program if program and program.is_file() else None


@contextmanager
def running_replica(today: date) -> Iterator[Replica]:
    """A replica of a day on a free port, stopped at the end of the block."""
    program = replica_program()
    if program is None:
        sys.exit("no replica: BONDTOP_CHECK_DATA must name its data folder")
    command = [sys.executable, str(program), "--port", "0", "--data", os.environ["BONDTOP_CHECK_DATA"], "--today", today.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield Replica(process.stdout.readline().split()[-1])
        finally:
            process.kill()


def processes_of(folder: Path) -> list[Path]:
    """The living processes that were given this folder in their environment (Linux)."""
    return [p for p in Path("/proc").iterdir() if p.name.isdecimal() and _is_of(p, folder)]


def _is_of(process: Path, folder: Path) -> bool:
    try:
        return str(folder).encode() in (process / "environ").read_bytes() and "State:\tZ" not in (process / "status").read_text()
    except OSError:
        return False


def paths_in(folder: Path) -> Paths:
    """All of bondtop's places within one folder."""
    return Paths(folder / "config.toml", folder / "cache", folder / "state", folder / "log")


async def refresh(folder: Path, replica: Replica, names: Collection[str], patience: Patience = PATIENT) -> dict[str, Health]:
    """One round of these feeds into `folder`, as `bondtop refresh` does it, at the replica's time."""
    clock, paths, beside = Clock(), paths_in(folder), asyncio.Lock()
    config = Config(network=Network(read_s=patience.read_s, answer_s=patience.whole_s))
    feeds = make_feeds(config, paths, names, replica.url, clock, beside)
    for feed in feeds.values():
        feed.interval_s, feed.per_minute = 0.0, None  # type: ignore[misc]
    with Store.open(paths.cache) as store:
        async with Client(feeds.values(), clock=clock, mirror=replica.url, patience=patience, validators=store.validators) as client:
            await client.learn_time()
            async with Engine(feeds, store, client, default_catalogue(), clock, beside=beside).running() as engine:
                return await engine.once(names)


def latest_values(folder: Path) -> dict[tuple[str, str, int], float]:
    """What is stored, the last known value of each: by series, source and day."""
    with Store.open(paths_in(folder).cache, read_only=True) as store, store._database.reading() as connection:
        rows = connection.execute(
            "SELECT series.name, sources.name, day, value FROM observations JOIN series ON series.id = series"
            " JOIN sources ON sources.id = source ORDER BY series, source, day, known_at"
        )
        return {(series, source, day): value for series, source, day, value in rows}


def all_values(folder: Path) -> set[tuple[str, str, int, float]]:
    """Every row that is stored, revised ones included: series, source, day, value."""
    with Store.open(paths_in(folder).cache, read_only=True) as store, store._database.reading() as connection:
        return set(
            connection.execute(
                "SELECT series.name, sources.name, day, value FROM observations JOIN series ON series.id = series"
                " JOIN sources ON sources.id = source"
            )
        )
