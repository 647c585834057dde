"""A trader's hour: how much memory the live monitor holds, alone and with its helpers, from an empty cache on.

    BONDTOP_CHECK_DATA=… uv run python bench/hour.py [--rounds 30] [--size 120x40]

The real program on a pseudo-terminal, a replica of the providers behind it. Once the cache is filled come rounds of two minutes' work each:
every screen, a market, an explanation, zoom, filter, sorting, other columns, steps and months back and on, now again. Between them the
providers' day moves, and all that is due then is asked. Nobody waits between keys, so the hour takes minutes.
"""

import argparse
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from ptys import PtyProgram
from refresh import held_kb
from replica import processes_of, replica_program, running_replica

FIRST_DAY, ROUNDS_A_DAY = date(2026, 6, 22), 6
LEAST_FILL_S, FILL_S, QUIET_S = 60.0, 400.0, 8.0
APP_AT_MOST_MB = 180.0
KEYS = (
    *("s", "\x1b", "c", "\x1b", "w", "\x1b", "j", "m", "\x1b", "d", "\x1b", "S", "\x1b", "?", "\x1b"),
    *(":us\r", "\x1b", ":jp\r", ",", ",", "\x1b", "L", "1", "\x1b[C", "\r", "\x1b", "o", "o", "o", "v", "v", "t", "T"),
    *("z", "z", "2", "z", "z", "4", "/jap\r", "/\r", "3", "1", "f", "f"),
    *([","] * 12 + ["."] * 6 + ["<", "<", ">"] + [","] * 20 + ["L"]),
)


@dataclass
class Memory:
    """What the program and its helpers hold, sampled twice a second. Megabytes; shared pages count by share."""

    folder: Path
    pid: int
    app: float = 0.0
    together: float = 0.0
    peaks: dict[str, float] = field(default_factory=dict)

    def sample(self) -> None:
        """Now."""
        found = {int(p.name): held_kb(p) / 1024 for p in processes_of(self.folder)}
        self.app, self.together = resident_mb(self.pid), sum(found.values())
        for name, value in (("app", self.app), ("together", self.together)):
            self.peaks[name] = max(self.peaks.get(name, 0.0), value)

    def say(self, when: str, *, forget: bool = True) -> None:
        """Print it with the peaks since the last time."""
        self.sample()
        peaks = f"app {self.peaks['app']:.0f}, together {self.peaks['together']:.0f}"
        print(f"{when}: app {self.app:.0f} MB resident, all processes together {self.together:.0f} MB; at most {peaks}", flush=True)
        if forget:
            self.peaks.clear()

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Sample until the end of the block."""
        over = threading.Event()

        def watch() -> None:
            while not over.wait(0.5):
                self.sample()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()


def resident_mb(pid: int) -> float:
    """The resident memory of a process; 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    except OSError:
        return 0.0


def at_work(program: PtyProgram) -> None:
    """Two minutes of it, as fast as the screen follows."""
    for keys in KEYS:
        program.press(keys)
        program.read_until_quiet(0.15, 10)


def main() -> int:
    """0 when the app's memory stayed within what is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--size", default="120x40")
    options = parser.parse_args()
    if replica_program() is None:
        sys.exit("no replica: BONDTOP_CHECK_DATA must name its data folder")
    columns, _, rows = options.size.partition("x")
    with tempfile.TemporaryDirectory() as name, running_replica(FIRST_DAY) as replica:
        folder, day, settings = Path(name), FIRST_DAY, Path(name) / "config.toml"
        environment = {f"BONDTOP_{k}_DIR": f"{name}/{k.lower()}" for k in ("CACHE", "STATE", "LOG")}
        environment |= {"BONDTOP_CONFIG": str(settings), "BONDTOP_MIRROR": replica.url}
        settings.write_text("", encoding="utf-8")
        with PtyProgram([sys.executable, "-m", "bondtop"], size=(int(columns), int(rows)), environment=environment) as program:
            memory = Memory(folder, program.pid)
            with memory.watching():
                began = time.monotonic()
                while time.monotonic() - began < FILL_S:
                    program.read_for(QUIET_S)
                    if not replica.requests() and time.monotonic() - began > LEAST_FILL_S:
                        break
                program.read_for(QUIET_S)
                if program.ended(0.0):
                    sys.exit(f"the program ended with {program.status}:\n{program.terminal.text()}")
                memory.say(f"filled after {time.monotonic() - began:.0f} s")
                for number in range(1, options.rounds + 1):
                    at_work(program)
                    if number % ROUNDS_A_DAY == 0:
                        day += timedelta(days={4: 3}.get(day.weekday(), 1))
                        replica.today(day)
                        settings.write_text(f"[feeds]\nquote_interval_s = {60 + number}\n", encoding="utf-8")  # the clock is learnt anew
                        program.read_for(QUIET_S)
                        asked = replica.requests()
                        memory.say(f"round {number}, {asked} questions about {day}", forget=False)
                program.read_for(QUIET_S)
                memory.say("at the end")
                end = memory.app
            program.press("q")
            program.ended(20)
    print(f"resident memory of the app {end:.0f} MB (at most {APP_AT_MOST_MB:.0f})")
    return 0 if end <= APP_AT_MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main())
