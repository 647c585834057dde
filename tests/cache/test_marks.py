"""Marks are kept in order, for ever, and an older database gains a place for them."""

import sqlite3
from datetime import UTC, date, datetime

from bondtop.cache.marks import Marks, StoredMark
from bondtop.cache.schema import MIGRATIONS, migrate
from bondtop.cache.store import Store

AT = datetime(2026, 4, 1, 14, 30, 5, tzinfo=UTC)
MARK = StoredMark("S1", "met", "ana", AT, date(2026, 5, 1), "signed into law", "https://example.org/law")


def test_what_goes_in_comes_out_in_order(tmp_path):
    later = StoredMark("S1", "not", "ben", AT, date(2026, 5, 1))
    with Store.open(tmp_path) as store:
        marks = Marks(store.database)
        assert (marks.all(), marks.count()) == ((), 0)
        marks.add(MARK)
        marks.add(later)
        assert (marks.all(), marks.count()) == ((MARK, later), 2)
    with Store.open(tmp_path, read_only=True) as store:
        assert Marks(store.database).all() == (MARK, later)


def test_words_of_people_cannot_steer_the_terminal(tmp_path):
    with Store.open(tmp_path) as store:
        Marks(store.database).add(StoredMark("S1", "met", "a\x1b[31mna", AT, date(2026, 5, 1), "x\x07y\nz" * 200))
        (kept,) = Marks(store.database).all()
    assert kept.author == "ana" and len(kept.note) <= 500 and not set("\x07\x1b") & set(kept.note)


def test_a_database_of_the_first_schema_keeps_its_rows_and_gains_marks(tmp_path):
    with Store.open(tmp_path) as store:
        store.put_meta("kept", "yes")
        path = store.path
    connection = sqlite3.connect(path, isolation_level=None)  # as the first release left it
    for table in ("marks", "journal", "alerts", "deliveries", "mutes"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("PRAGMA user_version = 1")
    connection.close()
    with Store.open(tmp_path) as store:
        assert store.notices == () and store.meta("kept") == "yes"
        Marks(store.database).add(MARK)
        assert Marks(store.database).all() == (MARK,)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    migrate(connection)  # nothing more to do
    connection.close()
