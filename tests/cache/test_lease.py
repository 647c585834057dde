"""One refresher per cache, between real processes."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from bondtop.cache.errors import CacheError
from bondtop.cache.lease import Lease

HOLD = """
import sys, time
from pathlib import Path
from bondtop.cache.lease import Lease
lease = Lease(Path(sys.argv[1]))
while not lease.take():
    time.sleep(0.05)
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def other_process(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lease, or waits for it."""
    with subprocess.Popen([sys.executable, "-c", HOLD, str(folder)], stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def says_held(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"


def test_the_first_takes_it_and_may_take_it_again(tmp_path: Path) -> None:
    lease = Lease(tmp_path)
    assert not lease.held
    assert lease.take()
    assert lease.take()
    assert lease.held
    assert lease.holder() == f"process {os.getpid()} on {os.uname().nodename}"
    lease.release()
    lease.release()
    assert not lease.held


def test_two_in_one_process_do_not_share_it(tmp_path: Path) -> None:
    with Lease(tmp_path).try_hold() as first, Lease(tmp_path).try_hold() as second:
        assert (first, second) == (True, False)
    with Lease(tmp_path).try_hold() as third:
        assert third


def test_another_process_holds_it_and_says_who_it_is(tmp_path: Path) -> None:
    with other_process(tmp_path) as other:
        says_held(other)
        lease = Lease(tmp_path)
        assert not lease.take()
        assert lease.holder().startswith(f"process {other.pid} on ")


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_when_the_holder_dies_another_takes_over_within_seconds(tmp_path: Path, how: signal.Signals) -> None:
    with other_process(tmp_path) as holder:
        says_held(holder)
        with other_process(tmp_path) as waiting:
            holder.send_signal(how)
            holder.wait()
            died = time.monotonic()
            says_held(waiting)
            assert time.monotonic() - died < 3
            assert Lease(tmp_path).holder().startswith(f"process {waiting.pid} on ")


def test_its_files_are_private(tmp_path: Path) -> None:
    lease, usual = Lease(tmp_path), os.umask(0o022)
    try:
        assert lease.take()
    finally:
        os.umask(usual)
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file


def test_where_nothing_can_be_written_nobody_takes_it(tmp_path: Path) -> None:
    (tmp_path / "refresh.lock").mkdir()  # in the way, even for root
    with pytest.raises(CacheError, match=r"refresh\.lock: Is a directory: nothing can be refreshed here"):
        Lease(tmp_path).take()


@pytest.mark.parametrize("note", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1}', '{"pid": 1, "host": "\\u001b[31mevil"}', "\xff"])
def test_a_spoilt_note_is_another_process(tmp_path: Path, note: str) -> None:
    (tmp_path / "refresh.holder").write_bytes(note.encode("latin-1"))
    said = Lease(tmp_path).holder()
    assert said in ("another process", "process 1 on evil")


def test_a_process_holds_it_whichever_of_its_threads_asks(tmp_path: Path) -> None:
    lease = Lease(tmp_path)
    with lease.try_hold() as got, ThreadPoolExecutor(1) as pool:
        assert got and pool.submit(lambda: lease.held).result()
        assert pool.submit(lease.take).result()
    assert not lease.held
