"""What the store costs against the least it could cost, as ratios within one run.

    uv run python bench/store.py                 the ratios: parse and store, read again, panel
    uv run python bench/store.py --kills 200     kill -9 a writer that often and look for half answers
    uv run python bench/store.py --readers 10    how long readers wait while one process writes

The files are made up in the provider's layout; with BONDTOP_CHECK_DATA the recorded curve of the Ministry of Finance is read instead.
"""

import argparse
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median

from bondtop.cache.answers import digest
from bondtop.cache.schema import MIGRATIONS
from bondtop.cache.store import Store
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.mof import Mof
from bondtop.feeds.series import Answer, Column, Frequency, Observations, Request, to_day

NOW = datetime(2026, 6, 30, 22, tzinfo=UTC)
EVERYTHING = "SELECT series, source, day, known_at, value, fetched_at FROM observations"
TENORS = ("1Y", "2Y", "3Y", "4Y", "5Y", "6Y", "7Y", "8Y", "9Y", "10Y", "15Y", "20Y", "25Y", "30Y", "40Y")


def made_up_curve() -> bytes:
    """Fifty years of a curve in the layout of the Ministry of Finance."""
    rng = random.Random(1)
    lines = ["Interest Rate" + "," * 15 + "(Unit : %)", "Date," + ",".join(TENORS)]
    day, level = date(1974, 9, 24), 8.0
    while day <= NOW.date():
        if day.weekday() < 5:
            level = max(0.1, level + rng.gauss(0, 0.04) - 0.0004)
            lines.append(f"{day.year}/{day.month}/{day.day}," + ",".join(f"{level + 0.05 * i:.3f}" for i in range(len(TENORS))))
        day += timedelta(1)
    return ("\r\n".join(lines) + "\r\n").encode()


def curve() -> bytes:
    """The recorded file where there is one."""
    recorded = Path(os.environ.get("BONDTOP_CHECK_DATA", "")) / "mof_japan" / "jgbcme_all.csv"
    return recorded.read_bytes() if recorded.is_file() else made_up_curve()


def timed(call: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def bare(path: Path) -> sqlite3.Connection:
    """A database with nothing but the table of observations, and the same pragmas."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(next(s for s in MIGRATIONS[0] if "TABLE observations" in s))
    return connection


def insert(connection: sqlite3.Connection, rows: list[tuple[float, ...]]) -> None:
    """One executemany in one transaction."""
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO observations VALUES (?, ?, ?, ?, ?, ?)", rows)
    connection.execute("COMMIT")


def parse_and_store(rounds: int) -> None:
    """The whole curve: read and stored by us, against pandas.read_csv and a bare executemany of the same rows."""
    import pandas as pd

    body = curve()
    feed = Mof(default_catalogue().of_feed("mof"))
    request = Request("history", "https://www.mof.go.jp/", max_bytes=6_000_000)
    first: list[float] = []
    floor: list[float] = []
    again: list[float] = []
    reread: list[float] = []
    later = Answer(request, body, NOW + timedelta(hours=1))
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(Path(folder) / "warm") as store:  # holidays and the like are loaded once a process
            store.ingest("mof", "history", feed.read(later), later)
            rows = [
                (series, 1, day, known_at, value, fetched_at)
                for series, (track_days, track_values, track_known, track_fetched) in enumerate(
                    (t.days.tolist(), t.values.tolist(), t.known_at.tolist(), t.fetched_at.tolist())
                    for t in store.panel(later.fetched_at).tracks.values()
                )
                for day, known_at, value, fetched_at in zip(track_days, track_known, track_values, track_fetched, strict=True)
            ]
        source = Path(folder) / "curve.csv"
        source.write_bytes(body)
        for i in range(rounds):
            answer = Answer(request, body, NOW)
            with Store.open(Path(folder) / f"ours{i}") as store:
                first.append(timed(lambda s=store, a=answer: s.ingest("mof", "history", feed.read(a), a)))

                def look(s: Store = store) -> None:
                    if s.same_as_last("mof", "history", body):
                        s.note_unchanged("mof", "history", later.fetched_at)

                again.append(timed(look))
                reread.append(timed(lambda s=store: s.ingest("mof", "history", feed.read(later), later)))
            connection = bare(Path(folder) / f"bare{i}.db")

            def least(c: sqlite3.Connection = connection) -> None:
                pd.read_csv(source, skiprows=1, na_values="-")
                insert(c, rows)

            floor.append(timed(least))
            connection.close()
    print(f"curve of {len(rows):,} observations, {len(body) / 1e6:.1f} MB, digest {digest(body)[:8]}; medians of {rounds}")
    print(f"  read_csv + executemany          {median(floor) * 1000:7.0f} ms")
    print(f"  read and store                  {median(first) * 1000:7.0f} ms   {median(first) / median(floor):.2f} of that   (at most 1.5)")
    print(
        f"  the same answer again           {median(again) * 1000:7.0f} ms   {median(again) / median(first):.3f} of the first (at most 0.3)"
    )
    print(f"  the same rows, read and compared{median(reread) * 1000:7.0f} ms   {median(reread) / median(first):.2f} of the first")


def fill(store: Store) -> int:
    """Thirty years of every series of the catalogue, each from its first source. Returns the number of observations."""
    steps = {Frequency.WEEKLY: 7, Frequency.MONTHLY: 30, Frequency.QUARTERLY: 91, Frequency.ANNUAL: 365, Frequency.EVENT: 7}
    end = to_day(NOW.date())
    total = 0
    for series in default_catalogue():
        days = [d for d in range(end - 30 * 365, end, steps.get(series.frequency, 1)) if (d + 3) % 7 < 5 or steps.get(series.frequency)]
        middle = (series.low + series.high) / 2
        observations = Observations({series.id: Column(days, [middle + (d % 97) * 1e-6 for d in days])})
        part = series.id
        store.ingest(series.sources[0].feed, part, observations, Answer(Request(part, "https://bench.invalid/"), b"", NOW))
        total += len(days)
    return total


def panels(rounds: int) -> None:
    """The panel of all series over thirty years, against a bare SELECT of the same rows into numpy."""
    import numpy as np

    first: list[float] = []
    again: list[float] = []
    back: list[float] = []
    floor: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(Path(folder)) as store:
            total = fill(store)
            path = store.path
        for _ in range(rounds):
            connection = sqlite3.connect(path)
            floor.append(timed(lambda c=connection: np.array(c.execute(EVERYTHING).fetchall())))
            connection.close()
            with Store.open(Path(folder)) as store:
                first.append(timed(lambda s=store: s.panel(NOW)))
                again.append(timed(lambda s=store: s.panel(NOW)))
                back.append(timed(lambda s=store: s.panel(NOW - timedelta(days=3650))))
    print(f"panel of {len(default_catalogue())} series, {total:,} observations; medians of {rounds}")
    print(f"  bare SELECT into numpy          {median(floor) * 1000:7.0f} ms")
    print(f"  panel                           {median(first) * 1000:7.0f} ms   {median(first) / median(floor):.2f} of that   (at most 2)")
    print(f"  panel again                     {median(again) * 1000:7.0f} ms   {median(again) / median(floor):.3f} of that")
    print(f"  panel of ten years ago          {median(back) * 1000:7.0f} ms   {median(back) / median(floor):.3f} of that")


WRITER = """
import sys
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from bondtop.cache.store import Store
from bondtop.feeds.series import Answer, Column, Observations, Request
ids, days = ("us.2y", "us.10y", "us.30y"), range(19000, 19400)
with Store.open(Path(sys.argv[1])) as store:
    start = int(store.meta("round") or 0)
    print("ready", flush=True)
    for n in count(start + 1):
        values = [1 + (n % 1000) * 0.001 + (d % 7) * 1e-4 for d in days]
        answer = Answer(Request("all", "https://bench.invalid/"), b"%d" % n * 1000, datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=n))
        store.ingest("treasury", f"part {n}", Observations({i: Column(days, values) for i in ids}), answer)
        store.put_meta("round", str(n))
"""


def start_writer(folder: Path) -> subprocess.Popen[str]:
    """A process that stores one answer after the other, each a revision of three times 400 values, until it is killed."""
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def kills(times: int) -> None:
    """kill -9 again and again; every answer in the file must be whole."""
    rng = random.Random(2)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for _ in range(times):
            process = start_writer(folder)
            time.sleep(rng.uniform(0.0, 0.15))
            process.kill()
            process.communicate()
            with Store.open(folder) as store:
                assert not store.notices, store.notices
            connection = sqlite3.connect(folder / "bondtop.db")
            assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
            halves = connection.execute("SELECT count(*) FROM (SELECT 1 FROM observations GROUP BY fetched_at HAVING count(*) <> 1200)")
            assert halves.fetchone() == (0,)
            (answers,) = connection.execute("SELECT count(DISTINCT fetched_at) FROM observations").fetchone()
            connection.close()
    print(f"killed {times} times: the database opened every time, {answers:,} answers in it, all of them whole")


READER = """
import sys, time
from pathlib import Path
from bondtop.cache.store import Store
with Store.open(Path(sys.argv[1]), busy_ms=100) as store:
    print("ready", flush=True)
    end, waits = time.perf_counter() + float(sys.argv[2]), []
    while time.perf_counter() < end:
        at = time.perf_counter()
        store.newest(); store.newest_days("treasury"); store.health()
        waits.append(time.perf_counter() - at)
        time.sleep(0.05)
print(max(waits), sorted(waits)[len(waits) // 2], len(waits))
"""


def readers(count: int, seconds: float = 5.0) -> None:
    """Many processes read small things while one writes as fast as it can; any lock held for 100 ms would be an error."""
    with tempfile.TemporaryDirectory() as folder:
        writer = start_writer(Path(folder))
        command = [sys.executable, "-c", READER, folder, str(seconds)]
        processes = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
        found = [(p.communicate()[0].split()[1:], p.returncode) for p in processes]
        writer.kill()
        writer.communicate()
    assert all(code == 0 for _, code in found), found
    worst, middle = max(float(w[0]) for w, _ in found), median(float(w[1]) for w, _ in found)
    reads = sum(int(w[2]) for w, _ in found)
    print(f"{count} readers beside a writer, {os.cpu_count()} cores: {reads} reads, no error")
    print(f"  median {middle * 1000:.1f} ms, worst {worst * 1000:.1f} ms")


def main() -> None:
    """As the module says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--readers", type=int, default=0)
    options = parser.parse_args()
    if options.kills:
        kills(options.kills)
    if options.readers:
        readers(options.readers)
    if not (options.kills or options.readers):
        parse_and_store(options.rounds)
        panels(options.rounds)


if __name__ == "__main__":
    main()
