"""Alerts: which entries of the journal are to be told, which were, by whom and how that went, and what nobody wants to hear of.

Every step is one conditional write, so that of several processes exactly one tells an alert, and a restarted one tells none again.
"""

from collections.abc import Mapping, Sequence
from sqlite3 import Connection

import msgspec

from .database import Database
from .journal import Entry, entry_of

WAITING, TOLD, DROPPED = "waiting", "told", "dropped"
_ENTRY = "journal.id, seen, day, kind, subject, before, after, severity, evidence, provisional"
_FROM = "FROM alerts JOIN journal ON journal.id = alerts.entry"


class Queued(msgspec.Struct, frozen=True):
    """One alert. Times are UTC seconds; `reason` says why it was dropped."""

    entry: Entry
    due: int
    state: str
    reason: str = ""
    settled: int | None = None
    acknowledged: int | None = None
    acknowledged_by: str = ""


def queue(connection: Connection, entries: Sequence[Entry], due: int) -> None:
    """Have these told from `due` (UTC seconds) on; to be called in the transaction that writes them to the journal."""
    rows = [(entry.id, due, WAITING) for entry in entries]
    connection.executemany("INSERT INTO alerts (entry, due, state, reason, acknowledged_by) VALUES (?, ?, ?, '', '')", rows)


class AlertBook:
    """The alerts in a database. Every method is one short transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # ------------------------------------------------------------------------------------------------------------ telling
    def waiting(self, now: int) -> tuple[Queued, ...]:
        """What is due and was neither told nor dropped, the oldest first."""
        return self._read("WHERE state = ? AND due <= ? ORDER BY journal.id", (WAITING, now))

    def settle(self, entry: int, state: str, at: int, reason: str = "") -> bool:
        """Tell it or drop it; False when somebody else has."""
        with self._database.writing() as connection:
            cursor = connection.execute(
                "UPDATE alerts SET state = ?, reason = ?, settled = ? WHERE entry = ? AND state = ?", (state, reason, at, entry, WAITING)
            )
            return cursor.rowcount == 1

    def told(self, since: int) -> tuple[Queued, ...]:
        """What was told from that instant on (UTC seconds), the oldest first."""
        return self._read("WHERE state = ? AND settled >= ? ORDER BY journal.id", (TOLD, since))

    def claim(self, entry: int, channel: str, at: int) -> bool:
        """The right to deliver this alert there; False when somebody has it."""
        with self._database.writing() as connection:
            cursor = connection.execute("INSERT OR IGNORE INTO deliveries VALUES (?, ?, ?, 'under way')", (entry, channel, at))
            return cursor.rowcount == 1

    def note(self, entry: int, channel: str, outcome: str) -> None:
        """How a delivery went."""
        with self._database.writing() as connection:
            connection.execute("UPDATE deliveries SET outcome = ? WHERE entry = ? AND channel = ?", (outcome, entry, channel))

    # ------------------------------------------------------------------------------------------------------------- looking
    def recent(self, limit: int) -> tuple[Queued, ...]:
        """The newest alerts, the oldest first."""
        return tuple(reversed(self._read("ORDER BY journal.id DESC LIMIT ?", (limit,))))

    def outcomes(self, entry: int) -> Mapping[str, str]:
        """How each delivery of an alert went, by channel."""
        with self._database.reading() as connection:
            return dict(connection.execute("SELECT channel, outcome FROM deliveries WHERE entry = ? ORDER BY channel", (entry,)).fetchall())

    def open_count(self, since: int) -> int:
        """How many alerts told from that instant on nobody has acknowledged."""
        with self._database.reading() as connection:
            query = "SELECT count(*) FROM alerts WHERE state = ? AND settled >= ? AND acknowledged IS NULL"
            return int(connection.execute(query, (TOLD, since)).fetchone()[0])

    # ------------------------------------------------------------------------------------------------------------- people
    def acknowledge(self, entries: Sequence[int], author: str, at: int) -> int:
        """Somebody has seen these (all that were told, when empty); how many nobody had seen before."""
        chosen = f"AND entry IN ({', '.join('?' * len(entries))})" if entries else ""
        with self._database.writing() as connection:
            query = f"UPDATE alerts SET acknowledged = ?, acknowledged_by = ? WHERE state = ? AND acknowledged IS NULL {chosen}"
            return connection.execute(query, (at, author, TOLD, *entries)).rowcount

    def mute(self, subject: str, author: str, at: int, until: int) -> None:
        """Nobody wants to hear of a subject, and of what lies below it, before `until` (UTC seconds)."""
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO mutes VALUES (?, ?, ?, ?)", (subject, author, at, until))

    def unmute(self, subject: str) -> bool:
        """Hear of it again; False when it was not muted."""
        with self._database.writing() as connection:
            return connection.execute("DELETE FROM mutes WHERE subject = ?", (subject,)).rowcount == 1

    def muted(self, now: int) -> Mapping[str, int]:
        """What is muted now, and until when."""
        with self._database.reading() as connection:
            rows = connection.execute("SELECT subject, until FROM mutes WHERE until > ? ORDER BY subject", (now,))
            return dict(rows.fetchall())

    def _read(self, rest: str, values: Sequence[object]) -> tuple[Queued, ...]:
        query = f"SELECT due, state, reason, settled, acknowledged, acknowledged_by, {_ENTRY} {_FROM} {rest}"
        with self._database.reading() as connection:
            rows = connection.execute(query, values).fetchall()
        return tuple(Queued(entry_of(row[6:]), *row[:6]) for row in rows)
