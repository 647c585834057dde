"""Boards as they are kept, and what tells whether one is still that of now.

Nothing here but SQLite is needed: the first paint and `bondtop board --json` stand on this module.
"""

from datetime import UTC, datetime
from typing import Any

from .database import Database

LATEST = "latest"


class Boards:
    """The encoded Boards in a database, to look at; a Store puts them there."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, key: str = LATEST) -> tuple[bytes, datetime] | None:
        """The one of that name and when it was put there."""
        row = self._row("SELECT body, at FROM boards WHERE key = ?", key)
        return (row[0], datetime.fromtimestamp(row[1], UTC)) if row else None

    def meta(self, key: str) -> str | None:
        """One small thing that was remembered."""
        row = self._row("SELECT value FROM meta WHERE key = ?", key)
        return row[0] if row else None

    def newest_fetch(self) -> int:
        """When the newest observation of any series was fetched (UTC seconds); 0 when there is none."""
        row = self._row("SELECT max(fetched_at) FROM latest")
        return row[0] or 0 if row else 0

    def newest_mark(self) -> int:
        """When somebody last judged something (UTC seconds); -1 when nobody has."""
        row = self._row("SELECT coalesce(max(at), -1) FROM marks")
        return row[0] if row else -1

    def _row(self, query: str, *values: str) -> tuple[Any, ...] | None:
        with self._database.reading() as connection:
            found: tuple[Any, ...] | None = connection.execute(query, values).fetchone()
        return found
