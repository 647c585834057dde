"""A program in a pseudo-terminal whose bytes are counted, shown by pyte and answered as a terminal answers; the line may be slow."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from terminals import Terminal

_SYNC, _WELL = b"\x1b[?2026$p", b"\x1b[5n"
_ANSWERS = {_SYNC: b"\x1b[?2026;2$y", _WELL: b"\x1b[0n"}


class PtyProgram:
    """One program, started at once.

    Args:
        bytes_per_s: of the line; None is as fast as it goes. A question of the program is answered when it has come through.
        answers: whether the terminal answers at all.
        synchronized: whether it knows synchronized updates and says so.
        hang_up_ignored: whether the program is started as by `nohup`.

    Attributes:
        received: every byte so far.
        arrivals: (when, how many) of every read.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        size: tuple[int, int] = (120, 40),
        environment: Mapping[str, str] | None = None,
        bytes_per_s: float | None = None,
        answers: bool = True,
        synchronized: bool = True,
        hang_up_ignored: bool = False,
    ) -> None:
        self.width, self.height = size
        self.terminal = Terminal(*size)
        self.received = b""
        self.arrivals: list[tuple[float, int]] = []
        self._bytes_per_s, self._answers = bytes_per_s, answers
        self._due = time.monotonic()
        self._known = [question for question in _ANSWERS if synchronized or question != _SYNC]
        self._asked = dict.fromkeys(_ANSWERS, 0)
        self.status: int | None = None
        self.started = time.monotonic()
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            signal.signal(signal.SIGHUP, signal.SIG_IGN if hang_up_ignored else signal.SIG_DFL)
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
            kept = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES")}  # those of whoever runs the tests
            chosen = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
            os.execvpe(command[0], list(command), {**kept, **chosen, **(environment or {})})
        os.set_blocking(self.fd, False)
        os.set_inheritable(self.fd, False)  # a program started later would keep this terminal alive

    # ----------------------------------------------------------------------------------------------------------- bytes
    def read_for(self, seconds: float) -> int:
        """Let that time pass; how many bytes came."""
        before = len(self.received)
        self.read_until(lambda: False, seconds)
        return len(self.received) - before

    def read_until(self, reached: Callable[[], bool], within_s: float) -> bool:
        """Read until a condition holds."""
        stop = time.monotonic() + within_s
        while not reached():
            left = stop - time.monotonic()
            if left <= 0 or not self._read(min(left, 0.02)):
                return reached()
        return True

    def read_until_quiet(self, quiet_s: float = 0.5, within_s: float = 20.0) -> None:
        """Read until nothing has come for some time."""
        begin = time.monotonic()
        self.read_until(lambda: time.monotonic() - max(self.last_arrival, begin) >= quiet_s, within_s)

    @property
    def last_arrival(self) -> float:
        """When the last byte came, the start before the first one."""
        return self.arrivals[-1][0] if self.arrivals else self.started

    def shows(self, text: str) -> bool:
        """Whether the screen has that text in one row."""
        return text in self.terminal.text()

    def reversed_cells(self) -> list[tuple[int, int]]:
        """Where cells stand reversed: a cursor drawn by the program."""
        return [(x, y) for y, row in enumerate(self.terminal.cells()) for x, cell in enumerate(row) if cell.reverse]

    def slow_down(self, bytes_per_s: float | None) -> None:
        """Change the line."""
        self._bytes_per_s = bytes_per_s

    def stop_answering(self) -> None:
        """From now on the terminal says nothing by itself, as at the end of a line that is half dead."""
        self._answers = False

    def press(self, keys: str) -> None:
        """Type."""
        os.write(self.fd, keys.encode())

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        self.terminal.resize(width, height)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def _read(self, patience_s: float) -> bool:
        now = time.monotonic()
        if self._bytes_per_s is not None and now < self._due:
            time.sleep(min(self._due - now, patience_s))
            return True
        if not select.select([self.fd], [], [], patience_s)[0]:
            return True
        try:
            data = os.read(self.fd, 1 << 16 if self._bytes_per_s is None else 64)
        except OSError:
            return False  # the program has ended
        if not data:
            return False
        if self._bytes_per_s is not None:
            self._due = max(self._due, now) + len(data) / self._bytes_per_s
        self.received += data
        self.arrivals.append((time.monotonic(), len(data)))
        self.terminal.receive_line(data)
        self._answer()
        return True

    def _answer(self) -> None:
        for question in self._known:
            asked = self.received.count(question)
            if self._answers and asked > self._asked[question]:
                os.write(self.fd, _ANSWERS[question] * (asked - self._asked[question]))
            self._asked[question] = asked

    # ------------------------------------------------------------------------------------------------------------- end
    def hang_up(self) -> None:
        """The terminal goes away."""
        os.close(self.fd)
        self.fd = -1

    def ended(self, within_s: float, *, reads: bool = True) -> bool:
        """Wait for the program's end; `status` is then its exit code, negative for a signal. `reads`: whether what it sends is taken."""
        stop = time.monotonic() + within_s
        while self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > stop:
                return False
            elif self.fd >= 0 and reads:
                self._read(0.02)
            else:
                time.sleep(0.02)
        return True

    def close(self) -> None:
        """End it by force if need be."""
        if self.status is None and not self.ended(0.0):
            os.kill(self.pid, signal.SIGKILL)
            self.ended(5.0)
        if self.fd >= 0:
            self.hang_up()

    def __enter__(self) -> "PtyProgram":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def cpu_s(self) -> float:
        """Processor time it used so far."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def wakes(self) -> int:
        """How often one of its threads has waited so far."""
        statuses = [file.read_text(encoding="ascii") for file in Path(f"/proc/{self.pid}/task").glob("*/status")]
        return sum(int(line.split()[1]) for text in statuses for line in text.splitlines() if line.startswith("voluntary_ctxt"))

    def drawn(self) -> bytes:
        """What came, without questions and without the modes set at the start."""
        return re.sub(rb"\x1b\[[?>=][0-9;]*\$?[a-z]", b"", self.received)


def listen(programs: Sequence[PtyProgram], seconds: float) -> None:
    """Let that time pass, and read what any of them writes."""
    stop = time.monotonic() + seconds
    while (left := stop - time.monotonic()) > 0:
        poll = select.poll()
        by_fd = {program.fd: program for program in programs if program.fd >= 0}
        for fd in by_fd:
            poll.register(fd, select.POLLIN)
        for fd, _ in poll.poll(left * 1000):
            if not by_fd[fd]._read(0.0):
                by_fd[fd].hang_up()
