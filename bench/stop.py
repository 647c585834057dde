"""SIGINT and SIGTERM at any moment of a refresh: how soon is it gone, with which code, and does it leave anything behind?

    BONDTOP_CHECK_DATA=… uv run python bench/stop.py --moments 40

A real `bondtop refresh` (once and `--follow`, everything, Yahoo's child alone, workbooks alone) fills an empty cache from the replica and
is told to end at a random moment. It must be gone within a second, print no traceback, leave no process, free the lease, and leave a
database that passes SQLite's own check. Exit code 1 when it did not.
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from bondtop.cache.lease import Lease
from replica import processes_of, running_replica

DAY = date(2026, 6, 30)
LIMIT_S = 1.0
LONGEST_S = 8.0  # the latest moment
RUNS = (["refresh"], ["refresh", "--follow"], ["refresh", "yahoo"], ["refresh", "nyfed", "boe"], ["refresh", "--follow", "yahoo", "nyfed"])
CODES = {signal.SIGINT: (130, -signal.SIGINT), signal.SIGTERM: (143, -signal.SIGTERM)}  # a shell calls both the same


@dataclass(slots=True)
class Stop:
    """One run that was told to end."""

    command: str
    signal: signal.Signals
    moment_s: float
    took_s: float
    code: int
    wrong: list[str] = field(default_factory=list)


def main() -> int:
    """Stop and look, again and again; 1 when anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moments", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it, and so would all we start
    chance = random.Random(options.seed)
    stops = []
    with running_replica(DAY) as replica, tempfile.TemporaryDirectory() as top:
        for i in range(options.moments):
            told = chance.choice((signal.SIGINT, signal.SIGTERM))
            stop = stop_at(Path(top), replica.url, RUNS[i % len(RUNS)], told, chance.uniform(0.05, LONGEST_S))
            stops.append(stop)
            verdict = "WRONG " + "; ".join(stop.wrong) if stop.wrong else "ok"
            when = f"{told.name:8} after {stop.moment_s:4.1f} s: gone in {stop.took_s:4.2f} s, code {stop.code:4}"
            print(f"{stop.command:32} {when}  {verdict}", flush=True)
    took = sorted(s.took_s for s in stops)
    bad = sum(bool(s.wrong) for s in stops)
    print(f"{len(stops)} stops: median {statistics.median(took):.2f} s, longest {took[-1]:.2f} s (at most {LIMIT_S:g}); {bad} went wrong")
    return 1 if bad else 0


def stop_at(top: Path, mirror: str, command: list[str], told: signal.Signals, moment_s: float) -> Stop:
    """Start it on an empty cache, tell it to end at that moment, and look at what it leaves."""
    work = top / "work"
    shutil.rmtree(work, ignore_errors=True)
    places = {f"BONDTOP_{k}_DIR": str(work / k.lower()) for k in ("CACHE", "STATE", "LOG")}
    environment = os.environ | places | {"BONDTOP_CONFIG": str(work / "config.toml"), "BONDTOP_MIRROR": mirror}
    program = [sys.executable, "-m", "bondtop", *command]
    with subprocess.Popen(program, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not (work / "cache").exists() and process.poll() is None:  # before it has begun, it is Python that ends
            time.sleep(0.01)
        time.sleep(moment_s)
        ended_by_itself = process.poll() is not None
        started = time.monotonic()
        process.send_signal(told)
        _, said = process.communicate(timeout=60)
        took_s = time.monotonic() - started
    stop = Stop(" ".join(command), told, moment_s, took_s, process.returncode)
    expected = (0, 1) if ended_by_itself else (0, *CODES[told]) if "--follow" in command else CODES[told]
    if process.returncode not in expected:
        stop.wrong.append(f"code {process.returncode}, not {expected}")
    if took_s > LIMIT_S:
        stop.wrong.append("too late")
    if "Traceback" in said or "rror" in said:
        stop.wrong.append(said.strip().splitlines()[-1])
    stop.wrong += left_behind(work)
    return stop


def left_behind(work: Path) -> list[str]:
    """What should not be there any more: processes, the lease, a damaged file."""
    wrong = []
    if processes := [p.name for p in processes_of(work)]:
        wrong.append(f"processes left: {processes}")
    cache = work / "cache"
    if not cache.exists():
        return wrong
    with Lease(cache).try_hold() as held:
        if not held:
            wrong.append("the lease is still held")
    if (path := cache / "bondtop.db").exists():
        with closing(sqlite3.connect(path)) as connection:
            (verdict,) = connection.execute("PRAGMA quick_check").fetchone()
        if verdict != "ok":
            wrong.append(f"quick_check: {verdict}")
    return wrong


if __name__ == "__main__":
    sys.exit(main())
