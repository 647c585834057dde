"""The journal: every Change that was ever announced, in order, with the memory of what has been announced in the same transaction.

A process that dies between two Boards repeats nothing and forgets nothing: either both were written or neither.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import UTC, date, datetime
from sqlite3 import Connection

import msgspec

from ..feeds.series import from_day, to_day
from .database import Database

_MEMORY, _TOLD_UNTIL = "journal_memory", "journal_until"
_WRONG_S = 86_400  # a Board that is further ahead than this was made by a clock that went wrong
_COLUMNS = "id, seen, day, kind, subject, before, after, severity, evidence, provisional"


class Entry(msgspec.Struct, frozen=True):
    """One change. `seen`: the instant of the Board that showed it; `at`: the session it belongs to; `id` 0: not yet written."""

    seen: datetime
    at: date
    kind: str
    subject: str
    before: str
    after: str
    severity: str
    evidence: str
    provisional: bool = False
    id: int = 0


Fold = Callable[[bytes], tuple[bytes, Sequence[Entry]]]
"""From what is remembered to what is to be remembered, and what is new."""


class Journal:
    """The journal in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def fold(self, as_of: datetime, step: Fold, beside: Callable[[Connection, Sequence[Entry]], None] | None = None) -> tuple[Entry, ...]:
        """Write what a Board of that instant brings; the entries with their numbers. A Board older than the last one brings nothing.

        Args:
            beside: writes what belongs to the new entries, in the same transaction.

        Raises:
            CacheError: the database cannot be written now; nothing was, and nothing counts as announced.
        """
        at = int(as_of.timestamp())
        with self._database.writing() as connection:
            if at < int(_meta(connection, _TOLD_UNTIL) or 0) <= at + _WRONG_S:
                return ()
            memory, entries = step((_meta(connection, _MEMORY) or "").encode())
            _put_meta(connection, _MEMORY, memory.decode())
            _put_meta(connection, _TOLD_UNTIL, str(at))
            written = tuple(_write(connection, entry) for entry in entries)
            if beside is not None and written:
                beside(connection, written)
        return written

    def read(
        self,
        *,
        since: date | None = None,
        kinds: Collection[str] = (),
        before: int | None = None,
        limit: int | None = None,
    ) -> tuple[Entry, ...]:
        """Entries, the oldest first.

        Args:
            since: only of sessions from that day on.
            kinds: only these; all when empty.
            before: only entries with a smaller number.
            limit: the newest so many of them.
        """
        tests, values = ["1"], list[object]()
        if since is not None:
            tests.append("day >= ?")
            values.append(to_day(since))
        if kinds:
            tests.append(f"kind IN ({', '.join('?' * len(kinds))})")
            values += kinds
        if before is not None:
            tests.append("id < ?")
            values.append(before)
        query = f"SELECT {_COLUMNS} FROM journal WHERE {' AND '.join(tests)} ORDER BY id DESC LIMIT ?"
        with self._database.reading() as connection:
            rows = connection.execute(query, (*values, -1 if limit is None else limit)).fetchall()
        return tuple(entry_of(row) for row in reversed(rows))

    def newest(self) -> int:
        """The number of the last entry, 0 when there is none. Microseconds."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT coalesce(max(id), 0) FROM journal").fetchone()[0])


def entry_of(row: Sequence[object]) -> Entry:
    """An entry from the columns of the table, in their order."""
    number, seen, day, kind, subject, before, after, severity, evidence, provisional = row
    assert isinstance(number, int) and isinstance(seen, int) and isinstance(day, int)
    when, at = datetime.fromtimestamp(seen, UTC), from_day(day)
    return Entry(when, at, str(kind), str(subject), str(before), str(after), str(severity), str(evidence), bool(provisional), number)


def _write(connection: Connection, entry: Entry) -> Entry:
    values = (int(entry.seen.timestamp()), to_day(entry.at), entry.kind, entry.subject, entry.before, entry.after)
    rest = (entry.severity, entry.evidence, int(entry.provisional))
    cursor = connection.execute(f"INSERT INTO journal ({_COLUMNS}) VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)", (*values, *rest))
    return msgspec.structs.replace(entry, id=cursor.lastrowid or 0)


def _meta(connection: Connection, key: str) -> str | None:
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return str(row[0]) if row else None


def _put_meta(connection: Connection, key: str, value: str) -> None:
    connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))
