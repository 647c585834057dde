"""How soon a step of the time machine is on the screen, and for how long the event loop is held while a Board is made.

    uv run python bench/screen.py

The steps are those of the program on a pseudo-terminal: from the key to the bytes of the new day. The loop is watched inside the app: on
the simulated market while Boards of now are made from the whole history, and live on an empty cache while a replica of the providers
fills it (where BONDTOP_CHECK_DATA names its data). (bench/start.py measures the first paint.)
"""

import asyncio
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from bondtop.feeds import demo
from bondtop.feeds.clock import Clock
from bondtop.tui.app import Monitor
from bondtop.tui.config import Config
from bondtop.tui.demo_source import DemoSource
from bondtop.tui.live import LiveSource
from bondtop.tui.sessions import session_before
from ptys import PtyProgram
from replica import paths_in, replica_program, running_replica

STEPS, HELD, EVALUATIONS = 60, 150, 6
READING_S = 0.4
REPEAT_S = 1 / 30  # of a held key, as fast as terminals send it
PROBE_S = 0.002
FILLING_S = 90.0  # by then most feeds have answered
DAY = date(2026, 6, 30)  # of the replica
STEP_AT_MOST_MS, LAG_AT_MOST_MS = 60.0, 50.0
SIZE = (120, 40)


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def steps_ms(folder: Path) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds from a key to the screen of the day before: (with a reader's pause, with the key held down, as fast as they are shown).

    A held key repeats whether or not its day is shown; a day that is overtaken by the next counts until that one is there.
    """
    environment = {f"BONDTOP_{k}_DIR": f"{folder}/{k.lower()}" for k in ("CACHE", "STATE", "LOG")}
    calm: list[float] = []
    held: list[float] = []
    rushed: list[float] = []
    with PtyProgram([sys.executable, "-m", "bondtop", "--demo"], size=SIZE, environment=environment) as program:
        program.read_until(lambda: program.shows("FRAGMENTATION"), 120)
        program.read_until_quiet()
        day = demo.NOW.date()
        for pause_s, times in ((READING_S, calm), (0.0, rushed)):
            for i in range(STEPS + 1):
                day = session_before(day)
                sign = f"REPLAY {day.isoformat()}"
                began = time.monotonic()
                program.press(",")
                assert program.read_until(lambda sign=sign: program.shows(sign), 120), sign
                if i:  # the first one makes the history
                    times.append((program.last_arrival - began) * 1000)
                program.read_for(pause_s)
        waiting: dict[date, float] = {}
        begun, left = time.monotonic(), HELD
        while left or waiting:
            if left and time.monotonic() >= begun + (HELD - left) * REPEAT_S:
                day, left = session_before(day), left - 1
                waiting[day] = time.monotonic()
                program.press(",")
            program.read_for(0.002)
            reached = [pressed for pressed in waiting if pressed >= day_shown(program)]
            held += [(program.last_arrival - waiting.pop(each)) * 1000 for each in reached]
        program.press("q")
        program.ended(20)
    return calm, held, rushed


def day_shown(program: PtyProgram) -> date:
    """The day replayed on the screen."""
    found = re.search(r"REPLAY (\d{4}-\d\d-\d\d)", program.terminal.text())
    assert found
    return date.fromisoformat(found[1])


async def watch(found: list[float]) -> None:
    """Add by how much the loop is late, in milliseconds, at every probe."""
    while True:
        began = time.perf_counter()
        await asyncio.sleep(PROBE_S)
        found.append((time.perf_counter() - began - PROBE_S) * 1000)


async def filling_lags_ms(folder: Path, url: str) -> list[float]:
    """By how much the loop was late during the first minutes of a full refresh on the screen, from an empty cache."""
    os.environ["BONDTOP_MIRROR"] = url
    config, found = Config(), list[float]()
    source = LiveSource(config, paths_in(folder / "live"), Clock())
    app = Monitor(source)
    async with app.run_test(size=SIZE):
        watching = asyncio.create_task(watch(found))
        await asyncio.sleep(FILLING_S)
        watching.cancel()
    return found


async def lags_ms(folder: Path) -> list[float]:
    """By how much the loop was late, in milliseconds, at every probe while Boards were made and shown."""
    found: list[float] = []

    source = DemoSource(folder / "demo")
    app = Monitor(source)
    async with app.run_test(size=SIZE) as pilot:
        while app.view.board is None:
            await pilot.pause(0.05)
        watching = asyncio.create_task(watch(found))
        for _ in range(EVALUATIONS):
            board = await source._maker.now()
            app._show(board)
            await asyncio.sleep(0.1)
        watching.cancel()
    return found


def line(name: str, values: Sequence[float], share: float, most: float | None) -> bool:
    reached = percentile(values, share)
    middle, worst = statistics.median(values), max(values)
    limit = "" if most is None else f" (at most {most:.0f})"
    print(f"{name}: median {middle:.1f} ms, p{share * 100:.0f} {reached:.1f} ms{limit}, worst {worst:.1f} ms of {len(values)}")
    return most is None or reached <= most


def stolen_s() -> float:
    """How long a host has kept this machine's processors from it so far, by /proc/stat; 0 where that is not told."""
    try:
        return int(Path("/proc/stat").read_text(encoding="ascii").split(maxsplit=9)[8]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError):
        return 0.0


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began, stolen = time.monotonic(), stolen_s()
        calm, held, rushed = steps_ms(folder)
        share = (stolen_s() - stolen) / (time.monotonic() - began) / (os.cpu_count() or 1)
        print(f"taken away by the host meanwhile: {share:.0%}")
        lags = asyncio.run(lags_ms(folder))
    good = [
        line("replay step, as one reads", calm, 0.95, STEP_AT_MOST_MS),
        line("replay step, one after the other", rushed, 0.95, STEP_AT_MOST_MS),
        line("days shown behind a key held down", held, 0.95, None),
        line("event loop late during evaluation", lags, 0.99, LAG_AT_MOST_MS),
    ]
    if replica_program() is not None:
        with tempfile.TemporaryDirectory() as name, running_replica(DAY) as replica:
            filling = asyncio.run(filling_lags_ms(Path(name), replica.url))
        good.append(line("event loop late during a first fill", filling, 0.99, LAG_AT_MOST_MS))
    return 0 if all(good) else 1


if __name__ == "__main__":
    raise SystemExit(main())
