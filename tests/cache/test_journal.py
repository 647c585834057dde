"""The journal: all of a Board or nothing of it, in order, quick when it is long."""

import time
from datetime import UTC, date, datetime, timedelta

import pytest
from bondtop.cache.alerts import AlertBook, queue
from bondtop.cache.journal import Entry, Journal
from bondtop.cache.store import Store

AT = datetime(2026, 4, 1, 14, tzinfo=UTC)


def entry(n: int = 0, kind: str = "condition") -> Entry:
    return Entry(
        AT + timedelta(hours=n), date(2026, 4, 1) + timedelta(days=n), kind, f"watch.F{n}", "NOT", "MET", "watch", f"{n} of 11", n % 2 == 1
    )


def test_what_is_folded_in_comes_out(tmp_path):
    with Store.open(tmp_path) as store:
        journal = Journal(store.database)
        written = journal.fold(AT, lambda memory: (memory + b"a", [entry(0), entry(1, "band")]))
        assert [e.id for e in written] == [1, 2]
        assert journal.read() == written
        assert journal.fold(AT, lambda memory: (memory + b"b", [])) == ()
    with Store.open(tmp_path, read_only=True) as store:
        journal = Journal(store.database)
        assert journal.read() == written and journal.newest() == 2
        assert journal.read(kinds=("band",)) == written[1:]
        assert journal.read(since=date(2026, 4, 2)) == written[1:]
        assert journal.read(before=2) == journal.read(before=2, limit=5) == written[:1]
        assert journal.read(limit=1) == written[1:]


def test_memory_and_entries_are_one(tmp_path):
    memories = []

    def remember(memory: bytes):
        memories.append(memory)
        return memory + b"x", [entry()]

    def fails(_connection, _entries):
        raise RuntimeError("power cut")

    with Store.open(tmp_path) as store:
        with pytest.raises(RuntimeError):
            Journal(store.database).fold(AT, remember, fails)
        assert Journal(store.database).read() == ()
    with Store.open(tmp_path) as store:
        Journal(store.database).fold(AT, remember)
        Journal(store.database).fold(AT, remember)
        assert len(Journal(store.database).read()) == 2
    assert memories == [b"", b"", b"x"]


def test_an_older_board_brings_nothing(tmp_path):
    with Store.open(tmp_path) as store:
        journal = Journal(store.database)
        journal.fold(AT, lambda _: (b"", [entry()]))
        for before in (timedelta(seconds=1), timedelta(hours=24)):
            assert journal.fold(AT - before, lambda _: pytest.fail("asked")) == ()


def test_a_clock_that_was_a_year_ahead_silences_nothing_for_a_year(tmp_path):
    with Store.open(tmp_path) as store:
        journal = Journal(store.database)
        journal.fold(AT + timedelta(days=365), lambda _: (b"", [entry(0)]))
        assert len(journal.fold(AT, lambda _: (b"", [entry(1)]))) == 1
        assert journal.fold(AT - timedelta(seconds=1), lambda _: pytest.fail("asked")) == ()


def test_ten_thousand_entries_are_quick(tmp_path):
    with Store.open(tmp_path) as store:
        journal = Journal(store.database)
        journal.fold(AT, lambda _: (b"", [entry(n % 300, ("band", "move")[n % 2]) for n in range(10_000)]))
        began = time.process_time()
        page = journal.read(limit=200)
        assert journal.newest() == 10_000 and page[-1].id == 10_000 and len(page) == 200
        assert journal.read(before=page[0].id, limit=200)[-1].id == 9_800
        assert len(journal.read(kinds=("move",), since=date(2026, 4, 2))) == 5_000
        assert time.process_time() - began < 2.0


def test_an_alert_is_settled_claimed_and_acknowledged_once(tmp_path):
    with Store.open(tmp_path) as one, Store.open(tmp_path) as two:
        (written,) = Journal(one.database).fold(AT, lambda _: (b"", [entry()]), lambda connection, found: queue(connection, found, 100))
        first, second = AlertBook(one.database), AlertBook(two.database)
        assert first.waiting(99) == () and [q.entry for q in second.waiting(100)] == [written]
        assert (first.settle(written.id, "told", 101), second.settle(written.id, "told", 101)) == (True, False)
        assert (second.claim(written.id, "bell", 102), first.claim(written.id, "bell", 102)) == (True, False)
        second.note(written.id, "bell", "shown")
        assert first.outcomes(written.id) == {"bell": "shown"}
        assert first.told(101)[0].settled == 101 and first.told(102) == ()
        assert (first.open_count(0), first.acknowledge((), "ana", 103), second.acknowledge((), "ben", 104)) == (1, 1, 0)
        assert second.recent(5)[0].acknowledged_by == "ana" and second.open_count(0) == 0


def test_mutes_end(tmp_path):
    with Store.open(tmp_path) as store:
        book = AlertBook(store.database)
        book.mute("watch.F1", "ana", 100, 200)
        assert (book.muted(199), book.muted(200)) == ({"watch.F1": 200}, {})
        assert (book.unmute("watch.F1"), book.unmute("watch.F1"), book.muted(150)) == (True, False, {})
