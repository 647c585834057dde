"""What the database holds, and how an older one is brought up to date.

Times are whole UTC seconds since 1970, days are numbers since 1970-01-01. `observations` is bitemporal: a revision is a new row with a
later `known_at`, and only what a day still running said is ever replaced. `latest.written` counts the rows ever written of a series from a
source: it names the state of its history.
"""

import sqlite3
from collections.abc import Sequence

APPLICATION_ID = 0x626E6474  # "bndt", by which the file is known to be ours

_FIRST = (
    "CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE series (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """CREATE TABLE observations (
        series INTEGER NOT NULL, source INTEGER NOT NULL, day INTEGER NOT NULL, known_at INTEGER NOT NULL,
        value REAL NOT NULL, fetched_at INTEGER NOT NULL,
        PRIMARY KEY (series, source, day, known_at)) WITHOUT ROWID""",
    # The newest observation of each series from each source, kept in step so that nobody scans a million rows for it.
    """CREATE TABLE latest (
        series INTEGER NOT NULL, source INTEGER NOT NULL, first INTEGER NOT NULL, day INTEGER NOT NULL, known_at INTEGER NOT NULL,
        value REAL NOT NULL, fetched_at INTEGER NOT NULL, day_count INTEGER NOT NULL, written INTEGER NOT NULL,
        PRIMARY KEY (series, source)) WITHOUT ROWID""",
    # One question to a provider: when it was last answered well, and what that answer was.
    """CREATE TABLE parts (
        id INTEGER PRIMARY KEY, source INTEGER NOT NULL, name TEXT NOT NULL, last_success INTEGER NOT NULL,
        sha256 TEXT NOT NULL DEFAULT '', etag TEXT NOT NULL DEFAULT '', last_modified TEXT NOT NULL DEFAULT '',
        wanted TEXT NOT NULL DEFAULT '', UNIQUE (source, name))""",
    # When a source was last asked for a series, whatever it answered.
    """CREATE TABLE asked (
        source INTEGER NOT NULL, series INTEGER NOT NULL, at INTEGER NOT NULL,
        PRIMARY KEY (source, series)) WITHOUT ROWID""",
    # The first and the newest day that a question has ever brought of a series.
    """CREATE TABLE reach (
        part INTEGER NOT NULL, series INTEGER NOT NULL, first INTEGER NOT NULL, newest INTEGER NOT NULL,
        PRIMARY KEY (part, series)) WITHOUT ROWID""",
    """CREATE TABLE bodies (
        id INTEGER PRIMARY KEY, part INTEGER NOT NULL, at INTEGER NOT NULL, sha256 TEXT NOT NULL, size INTEGER NOT NULL,
        packed BLOB NOT NULL)""",
    "CREATE INDEX bodies_of_part ON bodies (part, size)",
    """CREATE TABLE health (
        feed TEXT PRIMARY KEY, state TEXT NOT NULL, last_try INTEGER, last_success INTEGER, last_new INTEGER, next_due INTEGER,
        failures INTEGER NOT NULL, reason TEXT NOT NULL, latency_ms INTEGER, wire_bytes INTEGER NOT NULL, rows_new INTEGER NOT NULL,
        as_of INTEGER) WITHOUT ROWID""",
    "CREATE TABLE boards (key TEXT PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL)",
)
# What people and the monitor itself have said. Unlike observations it cannot be fetched again.
_SECOND = (
    """CREATE TABLE marks (
        id INTEGER PRIMARY KEY, condition TEXT NOT NULL, value TEXT NOT NULL, author TEXT NOT NULL, at INTEGER NOT NULL,
        until INTEGER NOT NULL, note TEXT NOT NULL, link TEXT NOT NULL)""",
    """CREATE TABLE journal (
        id INTEGER PRIMARY KEY, seen INTEGER NOT NULL, day INTEGER NOT NULL, kind TEXT NOT NULL, subject TEXT NOT NULL,
        before TEXT NOT NULL, after TEXT NOT NULL, severity TEXT NOT NULL, evidence TEXT NOT NULL, provisional INTEGER NOT NULL)""",
    "CREATE INDEX journal_of_day ON journal (day)",
    # One entry of the journal that passed the rules: waiting until it may be told, told, or dropped and why.
    """CREATE TABLE alerts (
        entry INTEGER PRIMARY KEY, due INTEGER NOT NULL, state TEXT NOT NULL, reason TEXT NOT NULL, settled INTEGER,
        acknowledged INTEGER, acknowledged_by TEXT NOT NULL)""",
    "CREATE INDEX alerts_by_state ON alerts (state)",
    # Who claims a row delivers: one process, once.
    """CREATE TABLE deliveries (
        entry INTEGER NOT NULL, channel TEXT NOT NULL, at INTEGER NOT NULL, outcome TEXT NOT NULL,
        PRIMARY KEY (entry, channel)) WITHOUT ROWID""",
    """CREATE TABLE mutes (
        subject TEXT PRIMARY KEY, author TEXT NOT NULL, at INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID""",
)
# The n-th leads to version n; add at the end, never change one that was released.
MIGRATIONS: tuple[tuple[str, ...], ...] = (_FIRST, _SECOND)
VERSION = len(MIGRATIONS)


def migrate(connection: sqlite3.Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
    """Bring the database to the newest version, each step in a transaction of its own."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    for number, statements in enumerate(migrations[version:], version + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            for statement in statements:
                connection.execute(statement)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {number}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def identify(connection: sqlite3.Connection, table: str, name: str) -> int:
    """The number of a series or a source, given out at first use.

    Args:
        table: "series" or "sources".
    """
    found = connection.execute(f"SELECT id FROM {table} WHERE name = ?", (name,)).fetchone()
    if found is None:
        connection.execute(f"INSERT INTO {table} (name) VALUES (?)", (name,))
        found = connection.execute("SELECT last_insert_rowid()").fetchone()
    return int(found[0])
