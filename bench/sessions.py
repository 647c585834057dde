"""Many sessions on one host and one cache: who refreshes, how soon the others follow, what each costs, and what happens when one dies.

    BONDTOP_CHECK_DATA=… uv run python bench/sessions.py --sessions 50 [--cache DIR]

Real `bondtop` programs on pseudo-terminals against the replica. `--cache` names a filled cache to begin from (it is copied, and must have
been filled from the replica of `--today`); without it one is filled first, which takes some minutes.
"""

import argparse
import os
import shutil
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "tests"))
import msgspec  # noqa: E402
from bondtop.cache.store import Store  # noqa: E402
from bondtop.signals.board import decode, encode  # noqa: E402
from ptys import PtyProgram, listen  # noqa: E402
from replica import Replica, running_replica  # noqa: E402

FOLLOW_AT_MOST_S, REPLACED_AT_MOST_S, END_AT_MOST_S = 2.0, 5.0, 5.0
OWN_AT_MOST_MB, CPU_AT_MOST = 60.0, 0.003
BONDTOP = (sys.executable, "-m", "bondtop")
CONDITION = "S1"  # marked to have a new Board made


@dataclass(frozen=True, slots=True)
class Place:
    """Where the programs keep their things, as environment."""

    folder: Path
    mirror: str

    @property
    def cache(self) -> Path:
        """The cache's folder."""
        return self.folder / "cache"

    def environment(self) -> dict[str, str]:
        """What leads a program there."""
        places = {f"BONDTOP_{k}_DIR": str(self.folder / k.lower()) for k in ("CACHE", "STATE", "LOG")}
        return places | {"BONDTOP_CONFIG": str(self.folder / "config.toml"), "BONDTOP_MIRROR": self.mirror}

    def run(self, *words: str) -> None:
        """A command to its end."""
        subprocess.run([*BONDTOP, *words], env={**os.environ, **self.environment()}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def holders(self) -> list[int]:
        """The processes that hold the lease, by the system's own list of locks."""
        inode = (self.cache / "refresh.lock").stat().st_ino
        rows = [line.split() for line in Path("/proc/locks").read_text(encoding="ascii").splitlines()]
        return [int(row[4]) for row in rows if row[1] == "FLOCK" and row[5].rpartition(":")[2] == str(inode)]

    def is_whole(self) -> bool:
        """Whether the database passes SQLite's own check."""
        with closing(sqlite3.connect(self.cache / "bondtop.db")) as connection:
            return connection.execute("PRAGMA quick_check").fetchone() == ("ok",)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process has cost so far. Megabytes; seconds of processor time."""

    own_mb: float
    fair_mb: float
    cpu_s: float


def cost(program: PtyProgram) -> Cost:
    """From the system's own books: memory that nobody shares, memory with a fair share of what is shared."""
    rows = [line.split() for line in Path(f"/proc/{program.pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]]
    kb = {row[0].rstrip(":"): int(row[1]) for row in rows}
    return Cost((kb["Private_Clean"] + kb["Private_Dirty"]) / 1024, kb["Pss"] / 1024, program.cpu_s())


class Bench:
    """The programs, and whether all was well so far."""

    def __init__(self, place: Place, replica: Replica, stack: ExitStack) -> None:
        self._place, self._replica, self._stack = place, replica, stack
        self.programs: list[PtyProgram] = []
        self.well = True

    def verdict(self, name: str, value: float, limit: float, unit: str) -> None:
        """Print a number beside what was asked."""
        missed = "" if value <= limit else "   MISSED"
        self.well &= value <= limit
        print(f"  {name:<52} {value:>8,.3f} {unit:<2} at most {limit:g}{missed}", flush=True)

    def start(self, count: int, pause_s: float) -> None:
        """One after another."""
        for _ in range(count):
            program = self._stack.enter_context(PtyProgram(BONDTOP, environment=self._place.environment()))
            self.programs.append(program)
            self.wait(lambda program=program: program.shows("agreement"), 60)
            listen(self.programs, pause_s)

    def wait(self, reached: Callable[[], bool], within_s: float, every_s: float = 0.02) -> float:
        """Listen to all until it is so; seconds that took."""
        begin = time.monotonic()
        while not reached() and time.monotonic() - begin < within_s:
            listen(self.programs, every_s)
        return time.monotonic() - begin

    def requests(self, seconds: float) -> int:
        """How many requests the providers get in that time."""
        self._replica.requests()
        listen(self.programs, seconds)
        return self._replica.requests()

    # -------------------------------------------------------------------------------------------------------- measurements
    def rest(self, seconds: float, alone: int) -> None:
        """Nothing happens: what that costs."""
        before, sent = [cost(p) for p in self.programs], [len(p.received) for p in self.programs]
        asked = self.requests(seconds)
        after = [cost(p) for p in self.programs]
        holder = self._place.holders()
        cpu = [(b.cpu_s - a.cpu_s) / seconds for a, b in zip(before, after, strict=True)]
        wire = [(len(p.received) - n) / seconds for p, n in zip(self.programs, sent, strict=True)]
        self.verdict("sessions that refresh", len(holder), 1, "")
        self.verdict(f"requests in {seconds:.0f} s (one session alone: {alone})", asked, alone + 3, "")
        for name, wanted in (("follower", False), ("refresher", True)):
            chosen = [i for i, p in enumerate(self.programs) if (p.pid in holder) == wanted]
            own, fair = [after[i].own_mb for i in chosen], [after[i].fair_mb for i in chosen]
            print(f"  {len(chosen)} × {name}: fair share of memory, median {statistics.median(fair):.0f} MB")
            limit = OWN_AT_MOST_MB if not wanted else float("inf")
            self.verdict(f"{name}: memory of its own, median", statistics.median(own), limit, "MB")
            self.verdict(f"{name}: memory of its own, largest", max(own), limit, "MB")
            self.verdict(f"{name}: processor at rest, median", 100 * statistics.median(cpu[i] for i in chosen), 100 * CPU_AT_MOST, "%")
            self.verdict(f"{name}: processor at rest, largest", 100 * max(cpu[i] for i in chosen), 100 * CPU_AT_MOST, "%")
        self.verdict("sent to a terminal, largest", max(wire), 10, "B/s")

    def follow(self) -> None:
        """A person judges a condition: how soon is there a Board that knows? A Board is stored: how soon do all others show it?"""
        (holder,) = self._place.holders()
        followers = [p for p in self.programs if p.pid != holder]
        with Store.open(self._place.cache) as store:
            before, begin = store.board(), time.monotonic()
            self._place.run("mark", CONDITION, "met")
            self.wait(lambda: store.board() != before, 60, 0.1)
            print(f"  from a mark to the Board that knows it: {time.monotonic() - begin:.1f} s")
            self.wait(lambda: False, 3.0)
            body, at = store.board() or (b"", None)
            assert at is not None
            board = msgspec.structs.replace(decode(body), line="SOMETHING NEW")
            store.put_board(encode(board), at)
            stored = time.monotonic()
        self.wait(lambda: all(p.shows(board.line) for p in followers), 20)
        delays = [p.last_arrival - stored if p.shows(board.line) else float("inf") for p in followers]
        self.verdict("from a new Board to a follower's screen, median", statistics.median(delays), FOLLOW_AT_MOST_S, "s")
        self.verdict("from a new Board to a follower's screen, slowest", max(delays), FOLLOW_AT_MOST_S, "s")

    def kill(self) -> None:
        """kill -9 of the one that refreshes."""
        (holder,) = self._place.holders()
        victim = next(p for p in self.programs if p.pid == holder)
        self.programs.remove(victim)
        os.kill(holder, signal.SIGKILL)
        taken_s = self.wait(lambda: len(self._place.holders()) == 1 and self._place.holders()[0] != holder, 30)
        heir = next((p for p in self.programs if p.pid in self._place.holders()), None)
        said_s = self.wait(lambda: heir is None or not heir.shows("refreshes"), 30)
        victim.close()
        self.verdict("kill -9: another has the lease after", taken_s, REPLACED_AT_MOST_S, "s")
        self.verdict("kill -9: its screen says so after", taken_s + said_s, REPLACED_AT_MOST_S, "s")

    def hang_up(self) -> None:
        """All terminals go away at once, as with a tmux server that is killed."""
        begin = time.monotonic()
        for program in self.programs:
            program.hang_up()
        ended = [program.ended(max(0.0, begin + 30 - time.monotonic())) for program in self.programs]
        self.verdict("terminals gone: the last session has ended after", time.monotonic() - begin, END_AT_MOST_S, "s")
        self.well &= all(ended) and not self._place.holders() and self._place.is_whole()
        print(f"  all ended: {all(ended)}, lease free: {not self._place.holders()}, cache whole: {self._place.is_whole()}")


def main(arguments: Sequence[str] | None = None) -> int:
    """0 when all was as asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--cache", type=Path, help="a filled cache to begin from")
    parser.add_argument("--today", type=date.fromisoformat, default=date(2026, 7, 2))
    parser.add_argument("--rest", type=float, default=60.0, help="seconds over which the cost at rest is measured")
    options = parser.parse_args(arguments)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program has its byte code
    with running_replica(options.today) as replica, tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        place = Place(Path(folder), replica.url)
        if options.cache:
            shutil.copytree(options.cache, place.cache)
        place.run("refresh")
        bench = Bench(place, replica, stack)
        print(f"{options.sessions} sessions on one cache", flush=True)
        bench.start(1, options.rest / 2)
        alone = bench.requests(options.rest)
        bench.start(options.sessions - 1, 0.5)
        listen(bench.programs, options.rest / 2)
        bench.rest(options.rest, alone)
        bench.follow()
        bench.kill()
        bench.hang_up()
    return 0 if bench.well else 1


if __name__ == "__main__":
    sys.exit(main())
