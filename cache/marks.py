"""Marks: what a person has judged, kept for ever. A mark is never changed; a newer one, or one that clears it, takes its place."""

from datetime import UTC, date, datetime

import msgspec

from ..feeds.check import clean
from ..feeds.series import from_day, to_day
from .database import Database

CLEARED = "cleared"
_LONGEST = 500  # characters of a note or a link


class StoredMark(msgspec.Struct, frozen=True):
    """One judgement. `at` is the instant it was entered (UTC), `until` the last day on which it counts."""

    condition: str
    value: str  # met, approaching, not, withdrawn, cleared
    author: str
    at: datetime
    until: date
    note: str = ""
    link: str = ""


_COLUMNS = ", ".join(StoredMark.__struct_fields__)


class Marks:
    """The marks in a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, mark: StoredMark) -> None:
        """Keep one more.

        Raises:
            CacheError: the database cannot be written now.
        """
        condition, value, author, at, until, note, link = msgspec.structs.astuple(mark)
        row = (condition, value, clean(author, 60), int(at.timestamp()), to_day(until), clean(note, _LONGEST), clean(link, _LONGEST))
        with self._database.writing() as connection:
            connection.execute(f"INSERT INTO marks ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", row)

    def all(self) -> tuple[StoredMark, ...]:
        """Every mark ever entered, in the order of entry."""
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT {_COLUMNS} FROM marks ORDER BY id").fetchall()
        return tuple(
            StoredMark(condition, value, author, datetime.fromtimestamp(at, UTC), from_day(until), note, link)
            for condition, value, author, at, until, note, link in rows
        )

    def count(self) -> int:
        """How many were ever entered: another number says that there is a new one. Microseconds."""
        with self._database.reading() as connection:
            return int(connection.execute("SELECT coalesce(max(id), 0) FROM marks").fetchone()[0])
