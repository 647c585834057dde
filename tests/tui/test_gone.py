"""The monitor in tmux, whose server goes away: the session ends soon, the lease is free, and the cache is whole."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from bondtop.cache.lease import Lease

TMUX = shutil.which("tmux")
pytestmark = pytest.mark.skipif(TMUX is None, reason="tmux is not installed")
PATIENCE_S, END_S = 60.0, 5.0


class Server:
    """A tmux server of its own with one session: the monitor on an empty cache, with nobody to ask."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._name = f"bondtop-test-{os.getpid()}"
        own = {f"BONDTOP_{kind}_DIR": str(folder / kind.lower()) for kind in ("CACHE", "STATE", "LOG")}
        own |= {"BONDTOP_CONFIG": str(folder / "config.toml"), "BONDTOP_MIRROR": "http://127.0.0.1:9", "LANG": "C.UTF-8"}
        words = [word for name, value in own.items() for word in ("-e", f"{name}={value}")]
        self.tmux("new-session", "-d", "-x", "120", "-y", "40", *words, f"exec {sys.executable} -m bondtop")
        self.pid = int(self.tmux("list-panes", "-F", "#{pane_pid}"))
        self.server_pid = int(self.tmux("display-message", "-p", "#{pid}"))

    def tmux(self, *words: str) -> str:
        assert TMUX is not None
        command = [TMUX, "-L", self._name, "-f", "/dev/null", *words]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=20).stdout.strip()

    def runs(self) -> bool:
        """Whether the monitor does."""
        return _lives(self.pid)

    def close(self) -> None:
        for pid in (self.pid, self.server_pid):
            if _lives(pid):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


def _lives(pid: int) -> bool:
    """Whether a process does; one that nobody has buried does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def until(happened: Callable[[], bool], within_s: float = PATIENCE_S) -> bool:
    stop = time.monotonic() + within_s
    while not happened():
        if time.monotonic() > stop:
            return False
        time.sleep(0.05)
    return True


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["kill-server", "kill -9"])
def test_a_killed_tmux_server_ends_the_session_and_leaves_all_in_order(server: Server, how: signal.Signals) -> None:
    cache = server.folder / "cache"
    assert until(lambda: "feeds" in server.tmux("capture-pane", "-p"))
    assert until(lambda: (cache / "refresh.holder").exists())
    assert not Lease(cache).take()
    os.kill(server.server_pid, how)
    assert until(lambda: not server.runs(), END_S)
    lease = Lease(cache)
    assert lease.take()
    lease.release()
    with closing(sqlite3.connect(cache / "bondtop.db")) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
