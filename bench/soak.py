"""Weeks in minutes: does anything grow? Refresh rounds of the real engine and store, and steps of the time machine in the real monitor.

    uv run python bench/soak.py [refresh] [replay] [--rounds 30000] [--steps 5000]

The clock is simulated and so are the providers, within the process; every so often they fail, hang up, or send what cannot be read. The
time machine runs on the simulated market, in and out of all screens, and a new Board is made from the whole history now and then.
"""

import argparse
import asyncio
import gc
import logging
import os
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from heapq import heappop, heappush
from itertools import count
from logging.handlers import RotatingFileHandler
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from bondtop.cache import engine as engine_module
from bondtop.cache.engine import Progress, Stage
from bondtop.feeds.errors import FeedError, RateLimited, Unreachable, WrongFormat
from bondtop.feeds.series import Answer, Request, to_day
from engines import World, catalogue

SAMPLES = 25  # the first fifth is the warm-up
GROWTH_AT_MOST = 2.0  # %
LOG_AT_MOST_MB, WAL_AT_MOST_MB, A_DAY_AT_MOST_KB = 3.1, 40.0, 20.0
SIZE = (120, 40)
SCREENS = ("spreads", "carry", "sequence", "journal", "feeds", "help", "settings")
TURN, VISIT, ANEW = 800, 40, 250  # steps until the other direction, between two screens, between two new Boards


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process held at one moment. Sizes in megabytes."""

    done: int
    memory: float
    handles: int
    tasks: int
    threads: int
    database: float
    wal: float
    log: float


def sample(done: int, folder: Path) -> Sample:
    """Now."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    sizes = Counter[str]()
    for file in folder.rglob("*"):
        with suppress(FileNotFoundError):
            sizes["log" if ".log" in file.name else file.suffix] += file.stat().st_size
    counts = sum(1 for _ in Path("/proc/self/fd").iterdir()), len(asyncio.all_tasks()), threading.active_count()
    return Sample(done, pages * os.sysconf("SC_PAGE_SIZE") / 1e6, *counts, sizes[".db"] / 1e6, sizes[".db-wal"] / 1e6, sizes["log"] / 1e6)


class Table:
    """Samples as they come, and the judgement at the end."""

    def __init__(self, noun: str, folder: Path) -> None:
        self._folder, self._began = folder, time.monotonic()
        self.samples: list[Sample] = []
        print(f"{noun:>9}  memory MB  handles  tasks  threads  database MB  its log MB  our log MB     s", flush=True)

    def add(self, done: int) -> None:
        """Take a sample and print it."""
        s = sample(done, self._folder)
        self.samples.append(s)
        files = f"{s.database:>11.2f} {s.wal:>11.2f} {s.log:>11.2f} {time.monotonic() - self._began:>5.0f}"
        print(f"{s.done:>9,} {s.memory:>10.1f} {s.handles:>8} {s.tasks:>6} {s.threads:>8} {files}", flush=True)

    def judge(self) -> bool:
        """From the fifth after the warm-up to the last fifth: memory by the medians, counts by the largest."""
        fifth = len(self.samples) // 5
        early, late = self.samples[fifth : 2 * fifth], self.samples[-fifth:]
        growth = statistics.median(s.memory for s in late) / statistics.median(s.memory for s in early) - 1
        wells = [verdict("memory grew by", 100 * growth, GROWTH_AT_MOST, "%")]
        for name in ("handles", "tasks", "threads"):
            more = max(getattr(s, name) for s in late) - max(getattr(s, name) for s in early)
            wells.append(verdict(f"more {name}", more, 0, ""))
        wells.append(verdict("the database's own log", max(s.wal for s in self.samples), WAL_AT_MOST_MB, "MB"))
        wells.append(verdict("our log", self.samples[-1].log, LOG_AT_MOST_MB, "MB"))
        return all(wells)


def verdict(name: str, value: float, limit: float, unit: str) -> bool:
    """Print a number beside what was asked."""
    print(f"  {name:<26} {value:>8.2f} {unit:<3} at most {limit:g}{'' if value <= limit else '   MISSED'}")
    return value <= limit


# --------------------------------------------------------------------------------------------------------------- refresh
class Rounds:
    """Takes the engine's steps: how many rounds have ended how."""

    def __init__(self) -> None:
        self.ended = Counter[Stage]()
        self._wanted, self._reached = 0, asyncio.Event()

    def append(self, step: Progress) -> None:
        """A step of a round."""
        if step.stage in (Stage.DONE, Stage.FAILED):
            self.ended[step.stage] += 1
            if self.ended.total() >= self._wanted:
                self._reached.set()

    async def reach(self, wanted: int) -> None:
        """Wait until so many have ended."""
        self._wanted = wanted
        self._reached.clear()
        await self._reached.wait()


@dataclass
class Weeks(World):
    """Quotes of the day that runs move, every answer is logged, and time goes on to the next thing due once all workers rest."""

    sleepers: list[tuple[float, int, asyncio.Future[None]]] = field(default_factory=list)
    numbers: "count[int]" = field(default_factory=count)

    async def sleep(self, seconds: float) -> None:
        wake: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heappush(self.sleepers, (self.now + seconds, next(self.numbers), wake))
        if len(self.sleepers) == len(self.catalogue.feeds):
            due, _, first = heappop(self.sleepers)
            self.now = max(self.now, due)
            first.set_result(None)
        await wake

    async def fetch(self, request: Request, *, feed: str) -> Answer:
        answer = await super().fetch(request, feed=feed)
        logging.getLogger("soak").info("%s answered %s: %s", feed, request.part, answer.body)
        now = datetime.fromtimestamp(self.now, UTC)
        if feed != "quotes" or now.hour >= 18 or now.weekday() >= 5:
            return answer
        return replace(answer, body=answer.body + f"\n{to_day(now.date())} {50 + self.now % 3600 / 100:.2f}".encode())


async def refresh(rounds: int, folder: Path) -> bool:
    """The engine follows quotes and daily feeds, one of which cannot be read."""
    logging.getLogger().addHandler(RotatingFileHandler(folder / "bondtop.log", maxBytes=1_000_000, backupCount=2))
    logging.getLogger().setLevel(logging.INFO)
    engine_module._LONGEST_SLEEP_S = 1800.0  # no clock jumps here
    rng, ended = random.Random(6), Rounds()

    def trouble(feed: str, part: str) -> FeedError | None:
        kinds = (Unreachable("connection reset"), WrongFormat("HTML instead of CSV"), RateLimited("HTTP 429", 429, 300.0))
        return rng.choice(kinds) if rng.random() < 0.03 else None

    daily = {f"{feed}{i}": feed for feed in ("one", "two", "pieces", "buggy") for i in range(4)}
    world = Weeks(folder, catalogue(**daily, **{f"quote{i}": "quotes" for i in range(6)}), trouble=trouble)
    world.asked, world.steps = deque(maxlen=100), ended  # type: ignore[assignment]  (tests want all of it, we do not)
    table = Table("rounds", folder)
    async with world.engine(quote_interval_s=60) as (engine, _):
        work = asyncio.create_task(engine.follow())
        for i in range(1, SAMPLES + 1):
            await ended.reach(rounds * i // SAMPLES)
            table.add(ended.ended.total())
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
    days = (world.now - world.began) / 86400
    print(f"  {days:,.0f} simulated days; {ended.ended[Stage.FAILED]:,} rounds failed")
    early, late = table.samples[SAMPLES // 5], table.samples[-1]
    grown_kb = 1000 * (late.database - early.database) / (days * (1 - early.done / late.done))
    return verdict("the database grew a day by", grown_kb, A_DAY_AT_MOST_KB, "kB") & table.judge()


# ---------------------------------------------------------------------------------------------------------------- replay
async def replay(steps: int, folder: Path) -> bool:
    """The monitor steps through time, back and on, in and out of all screens."""
    from bondtop.tui.app import Monitor
    from bondtop.tui.demo_source import DemoSource

    source = DemoSource(folder / "demo")
    app = Monitor(source)
    async with app.run_test(size=SIZE) as pilot:
        while app.view.board is None:
            await pilot.pause(0.05)
        table = Table("steps", folder)
        for step in range(1, steps + 1):
            app.action_step(-1 if (step // TURN) % 2 == 0 else 1)
            while app.travelling:
                await pilot.pause(0)
            if step % VISIT == 0:
                name = SCREENS[step // VISIT % len(SCREENS)]
                await app.action_open(name)
                await pilot.pause()
                await app.action_open(name)
                await pilot.pause()
            if step % ANEW == 0:
                app._show(await source._maker.now())
            if step % (steps // SAMPLES) == 0:
                await pilot.pause(0.5)  # a screen that was closed takes a moment to go
                table.add(step)
    return table.judge()


def main() -> int:
    """Each part in a process of its own, one after the other; 0 when nothing grew."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="part", help="refresh, replay; both by default")
    parser.add_argument("--rounds", type=int, default=30_000)
    parser.add_argument("--steps", type=int, default=5_000)
    options = parser.parse_args()
    if len(options.parts) != 1:
        command = [sys.executable, __file__, f"--rounds={options.rounds}", f"--steps={options.steps}"]
        return max(subprocess.run([*command, part], check=False).returncode for part in options.parts or ("refresh", "replay"))
    with tempfile.TemporaryDirectory() as folder:
        part = options.parts[0]
        work = refresh(options.rounds, Path(folder)) if part == "refresh" else replay(options.steps, Path(folder))
        return 0 if asyncio.run(work) else 1


if __name__ == "__main__":
    sys.exit(main())
