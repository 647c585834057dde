"""What the monitor sends: first screen, one changed quote, a whole new Board, at rest, over a slow line; beside it what else is installed.

    uv run python bench/wire.py

Real bytes out of a pseudo-terminal of 120 by 40, as over SSH. The Board is a hand-made one, so that it needs neither data nor network. At
the end comes the README's table. (What a session at rest costs that follows a real cache, or refreshes it: bench/sessions.py.)
"""

import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "tests"))
from ptys import PtyProgram  # noqa: E402
from pyte.screens import Char  # noqa: E402

SIZE = (120, 40)
MODES = {"truecolor": ("full", "dark", {}), "slim": ("slim", "ansi", {"TEXTUAL_COLOR_SYSTEM": "standard"})}
FIRST_AT_MOST = {"truecolor": 12_000, "slim": 7_000}
ONE_AT_MOST, ALL_AT_MOST, REST_AT_MOST, REST_CPU_AT_MOST, KEY_AT_MOST_S = 60, 1.3, 10.0, 0.2, 0.3
REST_S = 60.0
KEYS = 40
SLOW_BYTES_PER_S = 2_000


class Monitor:
    """The monitor on a Board that changes on demand."""

    def __init__(self, program: PtyProgram, pipe: str) -> None:
        self.program, self._pipe = program, pipe

    def tell(self, word: str) -> None:
        fd = os.open(self._pipe, os.O_WRONLY)
        os.write(fd, word.encode() + b"\n")
        os.close(fd)


@contextmanager
def monitor(way: str, theme: str, more: dict[str, str], bytes_per_s: float | None = None) -> Iterator[Monitor]:
    calm = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0", "TEXTUAL_FPS": "30"}
    environment = {"SSH_CONNECTION": "192.0.2.1 50000 192.0.2.2 22", **calm, **more}
    with tempfile.TemporaryDirectory() as folder:
        pipe = f"{folder}/pipe"
        os.mkfifo(pipe)
        command = [sys.executable, str(HERE / "apps" / "still.py"), pipe, way, theme, "0"]
        with PtyProgram(command, size=SIZE, environment=environment, bytes_per_s=bytes_per_s) as program:
            program.read_until(lambda: program.shows("17/18"), 30)
            program.read_until_quiet(1.5)
            yield Monitor(program, pipe)


def shortest(before: Sequence[Sequence[Char]], after: Sequence[Sequence[Char]]) -> int:
    """Bytes of the cells that changed, each stretch with the shortest move to it, each style change once and as a difference."""
    total, pen = 0, after[0][0]
    for y, (old, new) in enumerate(zip(before, after, strict=True)):
        last = -1
        for x, (a, b) in enumerate(zip(old, new, strict=True)):
            if a == b:
                continue
            if last < 0:
                total += len(f"\x1b[{y + 1};{x + 1}H")
            elif x > last + 1:
                total += min(len(f"\x1b[{x - last - 1}C"), x - last - 1)
            total += len(b.data.encode()) + _style_bytes(pen, b)
            pen, last = b, x
    return total


def _style_bytes(old: Char, new: Char) -> int:
    if new.data == " " and old.bg == new.bg:
        return 0
    colours = sum(_colour_bytes(c) for a, c in ((old.fg, new.fg), (old.bg, new.bg)) if a != c)
    flags = 2 * sum(getattr(old, f) != getattr(new, f) for f in ("bold", "italics", "underscore", "reverse", "strikethrough"))
    return colours + flags + 2 if colours or flags else 0


def _colour_bytes(colour: str) -> int:
    if len(colour) == 6 and all(c in "0123456789abcdef" for c in colour):
        return len("38;2;") + len(";".join(str(int(colour[i : i + 2], 16)) for i in (0, 2, 4))) + 1
    return 3


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: bytes, bytes a second, share of a processor."""

    name: str
    first: int
    one: int | None
    rest: float
    processor: float

    def __str__(self) -> str:
        one = "–" if self.one is None else f"{self.one:,}"
        return f"| {self.name} | {self.first:,} | {one} | {self.rest:,.0f} | {self.processor:.2%} |"


def verdict(name: str, value: float, limit: float, unit: str) -> bool:
    well = value <= limit
    print(f"  {name:<34} {value:>9,.3f} {unit:<4} at most {limit:,.3f}{'' if well else '   MISSED'}")
    return well


def first_and_changes(mode: str, rows: list[Row]) -> bool:
    way, theme, more = MODES[mode]
    print(f"bondtop, {mode}")
    with monitor(way, theme, more) as m:
        program = m.program
        first, one = len(program.received), 0
        well = verdict("first screen", first, FIRST_AT_MOST[mode], "B")
        for word, limit in (("one", ONE_AT_MOST), ("all", ALL_AT_MOST)):
            before, count = program.terminal.cells(), len(program.received)
            m.tell(word)
            program.read_until_quiet(1.5)
            sent, least = len(program.received) - count, shortest(before, program.terminal.cells())
            if word == "one":
                well &= verdict("one changed quote", one := sent, limit, "B")
            else:
                print(f"  a whole new Board                  {sent:,} B, the changed cells alone {least:,} B")
                well &= verdict("… as a ratio", sent / least, limit, "")
        cpu, begin = program.cpu_s(), time.monotonic()
        rate = program.read_for(REST_S) / REST_S
        well &= verdict("at rest", rate, REST_AT_MOST, "B/s")
        busy = (program.cpu_s() - cpu) / (time.monotonic() - begin)
        well &= verdict("at rest, processor", 100 * busy, REST_CPU_AT_MOST, "%")
        rows.append(Row("bondtop" if mode == "truecolor" else "bondtop `--slim`", first, one, rate, busy))
    return well


def slow_line() -> bool:
    """Keys while whole Boards arrive on a slow line: from the key to the cursor on its new place, less its own bytes' way."""
    way, theme, more = MODES["truecolor"]
    waits: list[float] = []
    with monitor(way, theme, more, SLOW_BYTES_PER_S) as m:
        program = m.program
        program.press("\x1b[B")
        program.read_until_quiet(1.0)
        count = len(program.received)
        program.press("\x1b[C\x1b[D")
        program.read_until_quiet(1.0)
        own_s = (len(program.received) - count) / 2 / SLOW_BYTES_PER_S
        for i in range(KEYS):
            if i % 4 == 0:
                m.tell("all")
                program.read_for(0.3)
            before, begin = program.reversed_cells(), time.monotonic()
            program.press("\x1b[C" if i % 8 < 4 else "\x1b[D")
            if program.read_until(lambda before=before: program.reversed_cells() != before, 20.0):
                waits.append(time.monotonic() - begin - own_s)
            program.read_for(0.2)
    ordered = statistics.quantiles(waits, n=20)
    print(f"slow line of {SLOW_BYTES_PER_S} B/s: {len(waits)} keys, median {statistics.median(waits):.3f} s")
    return verdict("key to its effect, p95", ordered[-1], KEY_AT_MOST_S, "s")


def peer(name: str, command: Sequence[str], key: str = "") -> Row:
    """Another program, for comparison; `key` makes it change one cell."""
    with PtyProgram(command, size=SIZE) as program:
        program.read_until(lambda: len(program.received) > 2_000, 30)  # before come questions to the terminal
        program.read_until_quiet(0.4, 3.0)
        first, one = len(program.received), None
        if key:
            program.press(key)
            program.read_until_quiet(0.5, 3.0)
            one = len(program.received) - first
        cpu, rate = program.cpu_s(), program.read_for(REST_S) / REST_S
        busy = (program.cpu_s() - cpu) / REST_S
        program.press("q")
    return Row(name, first, one, rate, busy)


def main() -> int:
    rows: list[Row] = []
    well = all([first_and_changes("truecolor", rows), first_and_changes("slim", rows), slow_line()])
    rows.append(peer("bare Textual, four tables", [sys.executable, str(HERE / "apps" / "bare.py")], "u"))
    rows += [peer(name, [found]) for name in ("htop", "btop", "top") if (found := shutil.which(name))]
    print("\n| | first screen, B | one changed quote, B | at rest, B/s | at rest, processor |\n| --- | --- | --- | --- | --- |")
    print("\n".join(map(str, rows)))
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
