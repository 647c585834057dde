"""kill -9 in the middle of refreshes: does the database open each time, and is there ever half an answer in it?

    BONDTOP_CHECK_DATA=… uv run python bench/kill.py --kills 200

A real `bondtop refresh` fills a cache from the replica and is killed after a random time, again and again, each start going on where the
last one was killed, until all is there and it begins anew. After every kill the file must pass SQLite's own check, hold only values that
an undisturbed filling brought, and each answer that is noted as answered must be there whole.
"""

import argparse
import asyncio
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from datetime import date
from pathlib import Path

from bondtop.cache.store import Store
from bondtop.feeds.catalogue import default_catalogue
from replica import all_values, refresh, running_replica

FEEDS = ("mof", "boc", "cftc", "boj")
DAY = date(2026, 6, 30)


def main() -> int:
    """Kill, look, and go on; 1 when anything was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    kills, bad, filled, rng = options.kills, 0, 0, random.Random(options.seed)
    with running_replica(DAY) as replica, tempfile.TemporaryDirectory() as top:
        undisturbed, work = Path(top) / "undisturbed", Path(top) / "work"
        for _ in range(3):  # a replica that has just begun, on a busy machine, may be slow
            if not (failing := {h.feed: h.reason for h in asyncio.run(refresh(undisturbed, replica, FEEDS)).values() if h.reason}):
                break
        else:
            sys.exit(f"without any kill: {failing}")
        right = all_values(undisturbed)
        whole = by_feed(right)
        print(f"an undisturbed filling: {len(right)} values", flush=True)
        for kill in range(kills):
            alive_s = rng.uniform(0.0, 4.0)
            refresh_and_kill(work, replica.url, alive_s)
            found = look(work, right, whole)
            if found:
                bad += 1
                print(f"kill {kill} after {alive_s:.2f} s: {found}", flush=True)
            if (work / "cache" / "bondtop.db").exists() and by_feed(all_values(work)) == whole:  # begin anew
                filled += 1
                for file in (work / "cache").glob("bondtop.db*"):
                    file.unlink()
            if kill % 20 == 19:
                print(f"{kill + 1} kills, {filled} fillings completed, {bad} bad", flush=True)
    return 1 if bad else 0


def refresh_and_kill(work: Path, mirror: str, alive_s: float) -> None:
    """Let the program run that long from when it holds the lease, and kill it unless it has ended."""
    places = {f"BONDTOP_{k}_DIR": str(work / k.lower()) for k in ("CACHE", "STATE", "LOG")}
    environment = os.environ | places | {"BONDTOP_CONFIG": str(work / "config.toml"), "BONDTOP_MIRROR": mirror}
    note = work / "cache" / "refresh.holder"
    note.unlink(missing_ok=True)
    with subprocess.Popen([sys.executable, "-m", "bondtop", "refresh", *FEEDS], env=environment, stderr=subprocess.DEVNULL) as process:
        while not note.exists() and process.poll() is None:
            time.sleep(0.01)
        end = time.monotonic() + alive_s
        while time.monotonic() < end and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)


def look(work: Path, right: set[tuple[str, str, int, float]], whole: dict[tuple[str, str], int]) -> str:
    """What is wrong with the cache; "" when nothing is."""
    path = work / "cache" / "bondtop.db"
    if not path.exists():
        return ""
    with closing(sqlite3.connect(path)) as connection:
        (verdict,) = connection.execute("PRAGMA quick_check").fetchone()
    if verdict != "ok":
        return f"quick_check: {verdict}"
    with Store.open(path.parent) as store:
        if store.notices:
            return f"notices: {store.notices}"
        counts = {s: n.day_count for s, n in store.newest().items()}
    values = all_values(work)
    if wrong := values - right:
        return f"{len(wrong)} values that an undisturbed filling does not have"
    if half := [k for k, n in by_feed(values).items() if k[1] != "mof" and n != whole[k]]:  # mof's history comes in two files
        return f"half an answer: {half[:3]}"
    return "" if all(s in default_catalogue().series for s in counts) else "a series that there is not"


def by_feed(values: set[tuple[str, str, int, float]]) -> dict[tuple[str, str], int]:
    """How many values each (series, source) has."""
    counts: dict[tuple[str, str], int] = {}
    for series, source, _, _ in values:
        counts[(series, source)] = counts.get((series, source), 0) + 1
    return counts


if __name__ == "__main__":
    sys.exit(main())
