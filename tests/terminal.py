"""A real terminal for tests: the program runs on a pty, and pyte keeps the screen a person would see."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pyte

PATIENCE_S = 60.0


class Terminal:
    """A context manager: the program on a terminal of `columns` × `rows`."""

    def __init__(self, folder: Path, *words: str, columns: int, rows: int, environment: Mapping[str, str] | None = None) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self.sent = bytearray()
        self._master, worker = pty.openpty()
        fcntl.ioctl(worker, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.before = termios.tcgetattr(worker)
        own = {f"BONDTOP_{kind}_DIR": str(folder / kind.lower()) for kind in ("CACHE", "STATE", "LOG")}
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("BONDTOP_", "TEXTUAL", "LC_", "NO_COLOR"))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bondtop", *words],
            stdin=worker,
            stdout=worker,
            stderr=worker,
            env=kept
            | own
            | {"BONDTOP_CONFIG": str(folder / "config.toml"), "TERM": "xterm-256color", "LANG": "C.UTF-8"}
            | (environment or {}),
            start_new_session=True,
        )
        self._worker = worker

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
        os.close(self._worker)
        os.close(self._master)

    @property
    def lines(self) -> list[str]:
        """The screen as it stands."""
        return [line.rstrip() for line in self._screen.display]

    def text(self) -> str:
        return "\n".join(self.lines)

    def until(self, seen: Callable[[str], bool]) -> str:
        """Read until the screen satisfies; fails with the screen after a minute."""
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            self._read(0.05)
            if seen(self.text()):
                return self.text()
            assert self._process.poll() is None, f"the program ended with {self._process.returncode}:\n{self.text()}"
        raise AssertionError(f"never seen; the screen:\n{self.text()}")

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._master, keys.encode())

    def resize(self, columns: int, rows: int) -> None:
        """Another size; what stood there is gone, as in a terminal that does not reflow."""
        self._screen.resize(rows, columns)
        fcntl.ioctl(self._worker, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.kill(self._process.pid, signal.SIGWINCH)

    def end(self) -> int:
        """Wait for the program; its exit code."""
        end = time.monotonic() + PATIENCE_S
        while self._process.poll() is None and time.monotonic() < end:
            self._read(0.05)
        self._read(0.05)
        return self._process.wait(timeout=1)

    def modes(self) -> list[object]:
        """The terminal's modes now."""
        return termios.tcgetattr(self._worker)

    def _read(self, patience_s: float) -> None:
        while select.select([self._master], [], [], patience_s)[0]:
            data = os.read(self._master, 65536)
            self.sent += data
            self._stream.feed(data)
