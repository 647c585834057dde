"""A full refresh of an empty cache against its slowest single feed, and its peak memory; then how long `bondtop feeds` takes.

    BONDTOP_MIRROR=http://127.0.0.1:8801 uv run python bench/refresh.py

Asks the providers through the mirror named by BONDTOP_MIRROR; without one it refuses: no benchmark is worth thirty years of answers.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from replica import processes_of

FEEDS_RUNS = 9


def main() -> int:
    if "BONDTOP_MIRROR" not in os.environ:
        print("BONDTOP_MIRROR names no mirror", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {f"BONDTOP_{k}_DIR": f"{folder}/{k.lower()}" for k in ("CACHE", "STATE", "LOG")}
        environment["BONDTOP_CONFIG"] = f"{folder}/config.toml"
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["PYTHONPYCACHEPREFIX"] = f"{folder}/pyc"
        bondtop = [sys.executable, "-m", "bondtop"]
        started = time.perf_counter()
        with subprocess.Popen([*bondtop, "refresh", "--json"], env=environment, stdout=subprocess.PIPE, text=True) as process:
            with ThreadPoolExecutor(1) as aside:
                peak = aside.submit(peak_together_mb, process, Path(folder))
                said, _ = process.communicate()
            wall_s = time.perf_counter() - started
        largest_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        ends = [step for line in said.splitlines() if (step := json.loads(line))["stage"] in ("done", "failed")]
        slowest = max(ends, key=lambda step: step["seconds"])
        rows, wire_mb = sum(s["rows_new"] for s in ends), sum(s["wire_bytes"] for s in ends) / 1e6
        failed = [s["feed"] for s in ends if s["stage"] == "failed"]
        print(f"{len(ends)} feeds, {rows:,} rows, {wire_mb:.1f} MB on the wire; failed: {', '.join(failed) or 'none'}")
        ratio = wall_s / slowest["seconds"]
        print(f"whole {wall_s:.1f} s, slowest feed {slowest['feed']} {slowest['seconds']:.1f} s: {ratio:.2f}× (at most 1.3×)")
        print(f"peak memory of the largest process {largest_mb:.0f} MB, of all together {peak.result():.0f} MB (at most 300)")
        times = []
        for _ in range(FEEDS_RUNS):
            started = time.perf_counter()
            subprocess.run([*bondtop, "feeds"], env=environment, capture_output=True, check=False)
            times.append(time.perf_counter() - started)
        quartiles = statistics.quantiles(times[1:], n=4)
        print(f"bondtop feeds, warm: median {quartiles[1]:.3f} s, quartiles {quartiles[0]:.3f} to {quartiles[2]:.3f} (at most 0.35)")
    return 0


def peak_together_mb(process: subprocess.Popen[str], folder: Path) -> float:
    """The most memory that the program and its children held at a time, what they share counted once."""
    peak_kb = 0
    while process.poll() is None:
        peak_kb = max(peak_kb, sum(map(held_kb, processes_of(folder))))
        time.sleep(0.1)
    return peak_kb / 1024


def held_kb(process: Path) -> int:
    """Its proportional share of memory; 0 when it is gone."""
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


if __name__ == "__main__":
    sys.exit(main())
