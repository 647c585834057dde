"""One refresher per cache: the first process takes the lease, the others follow until the system gives it free (kill −9 included)."""

import contextlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from ..feeds.check import clean
from .errors import CacheError


class Lease:
    """The right to refresh one cache directory. Held by a process through an operating-system lock, so it cannot outlive its holder."""

    def __init__(self, directory: Path) -> None:
        self._lock = FileLock(directory / "refresh.lock", mode=0o600, thread_local=False)  # it is the process that holds it
        self._note = directory / "refresh.holder"

    def take(self) -> bool:
        """Try to take the lease, without waiting; True when it is ours (or already was).

        Raises:
            CacheError: nobody can take it here: the directory cannot be written.
        """
        if self._lock.is_locked:
            return True
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            return False
        except (OSError, NotImplementedError) as e:
            why = (e.strerror if isinstance(e, OSError) else None) or str(e)
            raise CacheError(f"{self._lock.lock_file}: {why}: nothing can be refreshed here, what is there stays readable") from None
        note = json.dumps({"pid": os.getpid(), "host": socket.gethostname()})
        with contextlib.suppress(OSError), open(self._note, "w", encoding="utf-8", opener=_private) as f:  # for people; the lock counts
            f.write(note)
        return True

    def release(self) -> None:
        """Give it back; harmless when it is not ours."""
        if self._lock.is_locked:
            self._lock.release()

    @property
    def held(self) -> bool:
        """Whether this process holds it."""
        return self._lock.is_locked

    def holder(self) -> str:
        """Who refreshes, in words: "process 4711 on trader7"; "another process" when it left no note."""
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
            return f"process {int(note['pid'])} on {clean(str(note['host']), 64)}"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"

    @contextlib.contextmanager
    def try_hold(self) -> Iterator[bool]:
        """Hold it for a block if it can be had; the value says whether."""
        got = self.take()
        try:
            yield got
        finally:
            if got:
                self.release()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
