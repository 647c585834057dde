"""How soon the monitor shows values, against a bare Textual app's first paint; and how soon `bondtop board --json` answers.

    uv run python bench/start.py

The simulated market stands in for a filled cache: both start from a stored Board. Runs of the two alternate; medians are compared.
And what it costs to make the simulated market and its first Board, where nothing is stored: processor time, the least of some runs.
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "tests"))
from ptys import PtyProgram  # noqa: E402

RUNS = 9
SHOWN_AT_MOST, JSON_AT_MOST_S, FIRST_AT_MOST_S = 1.15, 0.25, 2.0
FIRST_RUNS = 3


def shown_s(command: Sequence[str], sign: str, environment: Mapping[str, str]) -> float:
    """Seconds until the screen has that text."""
    with PtyProgram(command, environment=environment) as program:
        program.read_until(lambda: program.shows(sign), 60)
        seconds = program.last_arrival - program.started
        program.press("q")
        program.ended(10)
    return seconds


def answered_s(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Seconds until the program has ended."""
    begin = time.perf_counter()
    subprocess.run(command, env={**os.environ, **environment}, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - begin


def made_s(command: Sequence[str], environment: Mapping[str, str]) -> float:
    """Processor seconds until the program has ended, in a cache of its own where nothing is stored."""
    with tempfile.TemporaryDirectory() as cache:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        answered_s(command, {**environment, "BONDTOP_CACHE_DIR": cache})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        environment = {f"BONDTOP_{k}_DIR": f"{folder}/{k.lower()}" for k in ("CACHE", "STATE", "LOG")}
        environment["BONDTOP_CONFIG"] = f"{folder}/config.toml"
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its byte code
        os.environ["PYTHONPYCACHEPREFIX"] = f"{folder}/pyc"
        bondtop = [sys.executable, "-m", "bondtop"]
        monitor, bare = [*bondtop, "--demo"], [sys.executable, str(HERE / "apps" / "bare.py")]
        shown_s(bare, "row 3", environment)
        with PtyProgram(monitor, environment=environment) as program:  # makes the Board and the byte code
            program.read_until(lambda: program.shows("FRAGMENTATION"), 120)
            program.press("q")
            program.ended(30)
        subprocess.run([*bondtop, "board", "--demo", "--json"], env={**os.environ, **environment}, stdout=subprocess.DEVNULL, check=True)
        ours, theirs, answers = [], [], []
        for _ in range(RUNS):
            theirs.append(shown_s(bare, "row 3", environment))
            ours.append(shown_s(monitor, "agreement", environment))
            answers.append(answered_s([*bondtop, "board", "--demo", "--json"], environment))
        made = [made_s([*bondtop, "board", "--demo", "--json"], environment) for _ in range(FIRST_RUNS)]
    print("load of the machine             " + " ".join(f"{each:.1f}" for each in os.getloadavg()))
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"bare Textual app, first paint   median {statistics.median(theirs):.3f} s, {min(theirs):.3f} to {max(theirs):.3f}")
    print(f"bondtop, first values           median {statistics.median(ours):.3f} s, {min(ours):.3f} to {max(ours):.3f}")
    print(f"ratio                           {ratio:.2f} (at most {SHOWN_AT_MOST})")
    answer_s = statistics.median(answers)
    print(f"bondtop board --json            median {answer_s:.3f} s (at most {JSON_AT_MOST_S})")
    print(f"first Board of the demo         least  {min(made):.3f} s of processor time, to {max(made):.3f} (at most {FIRST_AT_MOST_S})")
    return 0 if ratio <= SHOWN_AT_MOST and answer_s <= JSON_AT_MOST_S and min(made) <= FIRST_AT_MOST_S else 1


if __name__ == "__main__":
    sys.exit(main())
