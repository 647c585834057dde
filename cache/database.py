"""The database file: opened with care, set aside when damaged, read by many at once and written by one at a time."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from .errors import CacheError, Damaged
from .schema import APPLICATION_ID, VERSION, migrate

NAME = "bondtop.db"
_WAL_LIMIT = 32 << 20  # bytes the write-ahead log shrinks to after a large answer


class Database:
    """Connections to one file: a pool for readers, one for the writer, one that only watches for changes. Safe to use from threads.

    Args:
        path: an existing database of the current schema.
        read_only: never write; writing raises CacheError.
        busy_ms: how long to wait for another process that writes.
    """

    def __init__(self, path: Path, *, read_only: bool, busy_ms: int) -> None:
        self.path = path
        self.read_only = read_only
        self._busy_ms = busy_ms
        self._lock = threading.Lock()  # one writer at a time
        self._writer: sqlite3.Connection | None = None
        self._watch: sqlite3.Connection | None = None
        self._watching = threading.Lock()  # somebody may still look when all is closed
        self._idle: list[sqlite3.Connection] = []
        self._snapshots: list[sqlite3.Connection] = []
        self._closed = False

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection that sees one state of the database for the length of the block.

        Raises:
            CacheError, Damaged: what became of it, in words.
        """
        with _in_words(self.path):
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._connect()
            try:
                connection.execute("BEGIN")
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                if self._closed:
                    connection.close()
                else:
                    self._idle.append(connection)

    def snapshot(self) -> Callable[[], AbstractContextManager[sqlite3.Connection]]:
        """As `reading`, with one and the same state every time, whatever is written meanwhile, until this is closed.

        For a process that looks and ends: what others write cannot be folded into the file before.
        """
        with _in_words(self.path):
            connection = self._connect()
            self._snapshots.append(connection)
            connection.execute("BEGIN")

        @contextmanager
        def reading() -> Iterator[sqlite3.Connection]:
            with _in_words(self.path):
                yield connection

        return reading

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection in a transaction of its own: all of the block is stored at its end, or nothing.

        Raises:
            CacheError, Damaged: what became of it, in words.
        """
        if self.read_only:
            raise CacheError(f"{self.path} cannot be written here (read-only); nothing was stored")
        with self._lock, _in_words(self.path):
            if self._writer is None:
                self._writer = self._connect()
            connection = self._writer
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:  # a full disk has rolled back by itself
                    connection.execute("ROLLBACK")
                raise

    def data_version(self) -> int:
        """A number that differs from the last one when anybody, we or another process, has written since."""
        with self._watching, _in_words(self.path):
            if self._closed:
                raise CacheError(f"{self.path} is closed")
            if self._watch is None:
                self._watch = self._connect()
            return int(self._watch.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close all connections; one that is still reading closes when it is done."""
        self._closed = True
        with self._watching:
            if self._watch is not None:
                self._watch.close()
                self._watch = None
        with self._lock:
            if self._writer is not None:
                self._writer.close()
                self._writer = None
            while self._snapshots:
                self._snapshots.pop().close()
            while self._idle:
                self._idle.pop().close()

    def _connect(self) -> sqlite3.Connection:
        return connect(self.path, read_only=self.read_only, busy_ms=self._busy_ms)


def open_database(directory: Path, *, read_only: bool, busy_ms: int) -> tuple[Database, list[str]]:
    """The database in `directory`, made, brought up to date or replaced as needed, and what a person should know about that.

    Raises:
        CacheError: it was made by a newer bondtop, or there is none and none can be made.
        Damaged: it is damaged or not ours, and cannot be set aside because it must not be written.
    """
    path = directory / NAME
    notices: list[str] = []
    if not read_only:
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as e:
            raise CacheError(f"cannot make {directory}: {e.strerror}") from e
        if not _writable(path):
            read_only = True
            notices.append(f"{directory} is read-only: showing what is stored, storing nothing")
    if read_only and not path.exists():
        advice = "and it cannot be written" if notices else "`bondtop refresh` fills it"
        raise CacheError(f"nothing is stored in {directory} yet: {advice}")
    if read_only:
        version = _version(path, read_only=True, busy_ms=busy_ms)
        if version < VERSION:
            raise CacheError(f"{path} was made by an older bondtop (schema {version}) and cannot be brought up to date: read-only")
    elif not _is_current(path, busy_ms):
        notices += _make_current(path, busy_ms)
    return Database(path, read_only=read_only, busy_ms=busy_ms), notices


def connect(path: Path, *, read_only: bool, busy_ms: int) -> sqlite3.Connection:
    """A bare connection, without the implicit transactions of Python's module."""
    mode = "ro" if read_only else "rw"
    if read_only and not os.access(path.parent, os.W_OK, effective_ids=True) and not _beside(path, "-wal").exists():
        mode = "ro&immutable=1"  # SQLite cannot make its lock files there, and nobody else is writing
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, isolation_level=None, check_same_thread=False, timeout=busy_ms / 1000
    )
    try:
        if not read_only:
            connection.execute("PRAGMA synchronous = NORMAL")  # with WAL: a power cut may lose the last answers, never the file
            connection.execute(f"PRAGMA journal_size_limit = {_WAL_LIMIT}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _is_current(path: Path, busy_ms: int) -> bool:
    if not path.exists() or _suspicion(path).exists():
        return False
    try:
        return _version(path, read_only=False, busy_ms=busy_ms) == VERSION
    except Damaged:
        return False


def _version(path: Path, *, read_only: bool, busy_ms: int) -> int:
    """The schema of the file, 0 for an empty one.

    Raises:
        Damaged: not a database, or not ours.
        CacheError: newer than this program.
    """
    with _in_words(path), closing(connect(path, read_only=read_only, busy_ms=busy_ms)) as connection:
        (application,) = connection.execute("PRAGMA application_id").fetchone()
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (application or version or tables):
        raise Damaged(f"{path} is a database of another program")
    if version > VERSION:
        raise CacheError(f"{path} was made by a newer bondtop (schema {version}, this one knows {VERSION}): update bondtop")
    return int(version)


def _make_current(path: Path, busy_ms: int) -> list[str]:
    """Make, migrate or replace the file, one process at a time; says what was set aside."""
    from filelock import FileLock, Timeout

    notices: list[str] = []
    try:
        with FileLock(_beside(path, ".lock"), timeout=max(busy_ms / 1000, 5), mode=0o600):
            try:
                if path.exists():
                    _version(path, read_only=False, busy_ms=busy_ms)
                    _dispel_suspicion(path, busy_ms)
            except Damaged:
                aside = _set_aside(path)
                notices.append(f"{path} was damaged or another program's: it is kept as {aside.name}, and a new one is being filled")
            if not path.exists():
                os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite gives its own files the same rights
            with _in_words(path), closing(connect(path, read_only=False, busy_ms=busy_ms)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                migrate(connection)
    except Timeout:
        raise CacheError(f"another process has been preparing {path} for too long") from None
    except OSError as e:
        raise CacheError(f"cannot make {path}: {e.strerror}") from e
    return notices


def _dispel_suspicion(path: Path, busy_ms: int) -> None:
    """Somebody met damage while using the file: look through all of it once.

    Raises:
        Damaged: it is.
    """
    if not _suspicion(path).exists():
        return
    with _in_words(path), closing(connect(path, read_only=False, busy_ms=busy_ms)) as connection:
        (verdict,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != "ok":
        raise Damaged(f"{path} is damaged")
    _suspicion(path).unlink(missing_ok=True)


def _set_aside(path: Path) -> Path:
    """Rename the file with all that belongs to it. The log goes first: left alone, it would be played into the next database."""
    stem = f"{path.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    names = (stem, *(f"{stem}.{n}" for n in range(2, 1000)))
    aside = next(a for name in names if not (a := path.with_name(name)).exists())
    for suffix in ("-wal", "-shm", ""):
        with suppress(FileNotFoundError):
            _beside(path, suffix).rename(_beside(aside, suffix))
    _suspicion(path).unlink(missing_ok=True)
    return aside


@contextmanager
def _in_words(path: Path) -> Iterator[None]:
    """SQLite's errors as ours. Damage leaves a mark, so that the next to open the file looks through all of it."""
    try:
        yield
    except sqlite3.DatabaseError as e:
        match getattr(e, "sqlite_errorcode", -1) & 0xFF:
            case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
                with suppress(OSError):
                    _suspicion(path).touch(mode=0o600)
                raise Damaged(f"{path} is damaged ({e}): start bondtop again, it will be set aside and filled anew") from e
            case sqlite3.SQLITE_FULL:
                raise CacheError(f"disk full: nothing was stored in {path}, what is there stays readable") from e
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                raise CacheError(f"{path} is locked: another process has been writing for too long") from e
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_AUTH:
                raise CacheError(f"{path} cannot be opened or written ({e})") from e
            case sqlite3.SQLITE_IOERR:
                raise CacheError(f"the disk under {path} fails ({e})") from e
            case _:
                raise


def _writable(path: Path) -> bool:
    may_write = os.access(path.parent, os.W_OK | os.X_OK, effective_ids=True)
    return may_write and (not path.exists() or os.access(path, os.W_OK, effective_ids=True))


def _suspicion(path: Path) -> Path:
    return _beside(path, ".suspect")


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)
