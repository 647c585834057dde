"""The file and its fortunes: opening, damage, limits, other processes."""

import os
import random
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from bondtop.cache.database import NAME
from bondtop.cache.errors import CacheError, Damaged
from bondtop.cache.health import FeedState, Health
from bondtop.cache.schema import MIGRATIONS, VERSION, migrate
from bondtop.cache.store import Store
from bondtop.feeds.errors import BondtopError
from stores import at, open_store, put, rows


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def start(code: str, *arguments: object) -> subprocess.Popen[str]:
    """A process of its own that has said "ready"."""
    process = subprocess.Popen([sys.executable, "-c", code, *map(str, arguments)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    if process.stdout.readline() != "ready\n":
        process.communicate()
        pytest.fail("the process did not begin")
    return process


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    with open_store(tmp_path) as store:
        put(store, at(100), dict.fromkeys(range(50, 100), 1.0))
    return tmp_path


@pytest.fixture
def unprivileged(tmp_path: Path) -> Iterator[Path]:
    """A folder of somebody who is not root, while we are that somebody: root may write anywhere."""
    if os.geteuid() != 0:
        yield tmp_path
        return
    folder = Path(f"/tmp/bondtop-test-{os.getpid()}-{random.getrandbits(40):x}")
    folder.mkdir()
    os.chown(folder, 65534, 65534)
    os.seteuid(65534)
    try:
        yield folder
    finally:
        os.seteuid(0)
        subprocess.run(["rm", "-r", str(folder)], check=True)


# ------------------------------------------------------------------------------------------------------------- opening
def test_what_is_made_is_private(tmp_path: Path) -> None:
    with open_store(tmp_path / "new" / "cache") as store:
        put(store, at(100), {99: 1.0})
        folder = store.path.parent
        assert rights(folder) == 0o700
        assert {p.name: rights(p) for p in folder.iterdir() if p.name.startswith(NAME)} == {
            p.name: 0o600 for p in folder.iterdir() if p.name.startswith(NAME)
        }
        assert {NAME, NAME + "-wal", NAME + "-shm"} <= {p.name for p in folder.iterdir()}
        assert store.notices == ()


def test_it_is_still_there_the_next_time(filled: Path) -> None:
    with open_store(filled) as store:
        assert len(rows(store)) == 50
        assert store.notices == ()


def test_nothing_to_read_is_said_and_nothing_made(tmp_path: Path) -> None:
    with pytest.raises(CacheError, match=r"nothing is stored in .* yet: `bondtop refresh` fills it"):
        Store.open(tmp_path / "none", read_only=True)
    assert not (tmp_path / "none").exists()


def test_a_reader_never_writes(filled: Path) -> None:
    with open_store(filled, read_only=True) as store:
        assert len(rows(store)) == 50
        with pytest.raises(CacheError, match="read-only"):
            store.put_meta("a", "b")


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CacheError, match=r"cannot make .*/file/cache"):
        Store.open(tmp_path / "file" / "cache")


def test_errors_are_sentences_for_people(tmp_path: Path) -> None:
    assert issubclass(CacheError, BondtopError)
    assert issubclass(Damaged, CacheError)


# ------------------------------------------------------------------------------------------- damaged, foreign, newer
def test_a_file_that_is_no_database_is_set_aside(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"this is not a database" * 100)
    with pytest.raises(Damaged):
        Store.open(tmp_path, read_only=True)
    with open_store(tmp_path) as store:
        (aside,) = tmp_path.glob(NAME + ".damaged-*Z")
        assert aside.read_bytes() == b"this is not a database" * 100
        (notice,) = store.notices
        assert aside.name in notice
        assert put(store, at(100), {99: 1.0}).new == 1
    with open_store(tmp_path) as store:
        assert store.notices == ()
        assert len(rows(store)) == 1


def test_a_database_of_another_program_is_set_aside_whole(tmp_path: Path) -> None:
    other = sqlite3.connect(tmp_path / NAME)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE theirs (a)")
    other.execute("INSERT INTO theirs VALUES (42)")
    other.commit()
    with open_store(tmp_path) as store:  # with their log still beside it
        assert len(store.notices) == 1
    other.close()
    (aside,) = tmp_path.glob(NAME + ".damaged-*Z")
    again = sqlite3.connect(aside)
    assert again.execute("SELECT a FROM theirs").fetchall() == [(42,)]
    again.close()


def test_a_file_cut_in_half_is_set_aside(filled: Path) -> None:
    body = (filled / NAME).read_bytes()
    (filled / NAME).write_bytes(body[: len(body) // 2])
    with open_store(filled) as store:
        assert len(store.notices) == 1
        assert rows(store) == []


def test_two_that_are_set_aside_in_one_second_are_both_kept(tmp_path: Path) -> None:
    for i in range(3):
        (tmp_path / NAME).write_bytes(b"no database %d" % i)
        open_store(tmp_path).close()
    assert sorted(p.read_bytes() for p in tmp_path.glob(NAME + ".damaged-*")) == [b"no database %d" % i for i in range(3)]


def test_damage_met_while_reading_is_mended_by_the_next_to_open(filled: Path) -> None:
    body = bytearray((filled / NAME).read_bytes())
    connection = sqlite3.connect(filled / NAME)
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'observations'").fetchone()
    connection.close()
    body[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    (filled / NAME).write_bytes(bytes(body))
    with open_store(filled) as store:
        assert store.notices == ()  # its head is well
        with pytest.raises(Damaged, match="is damaged"):
            store.panel(at(100))
        assert store.newest()["x"].day == 99  # the rest can still be read
    with open_store(filled) as store:
        assert "damaged" in store.notices[0]
        assert put(store, at(100), {99: 1.0}).new == 1
    assert not list(filled.glob("*.suspect"))


def test_a_false_alarm_costs_nothing(filled: Path) -> None:
    (filled / (NAME + ".suspect")).touch()
    with open_store(filled) as store:
        assert store.notices == ()
        assert len(rows(store)) == 50
    assert not list(filled.glob("*.suspect"))


@pytest.mark.parametrize("read_only", [True, False])
def test_a_newer_schema_is_left_alone(filled: Path, read_only: bool) -> None:
    connection = sqlite3.connect(filled / NAME)
    connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    with pytest.raises(CacheError, match=r"newer bondtop .*: update bondtop"):
        open_store(filled, read_only=read_only)
    assert not list(filled.glob(NAME + ".damaged*"))


def test_migrations_go_forward_and_each_is_whole() -> None:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    connection.execute("INSERT INTO meta VALUES ('kept', 'yes')")
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, [*MIGRATIONS, ["CREATE TABLE extra (a)", "NONSENSE"]])
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)
    assert connection.execute("SELECT count(*) FROM sqlite_master WHERE name = 'extra'").fetchone() == (0,)
    migrate(connection, [*MIGRATIONS, ["CREATE TABLE extra (a)"], ["CREATE TABLE more (a)"]])
    assert connection.execute("PRAGMA user_version").fetchone() == (VERSION + 2,)
    assert connection.execute("SELECT value FROM meta").fetchall() == [("yes",)]
    connection.close()


# ------------------------------------------------------------------------------------------------- full, locked, read-only
def test_a_full_disk_is_said_and_reading_goes_on(filled: Path) -> None:
    with open_store(filled) as store:
        with store._database.writing() as connection:
            (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(CacheError, match="disk full: nothing was stored"):
            put(store, at(20000), {day: day * 0.01 for day in range(100, 20000)})
        assert len(rows(store)) == 50
        assert len(store.panel(at(100))["x"]) == 50
        connection.execute("PRAGMA max_page_count = 1000000")
        assert put(store, at(101), {100: 1.0}).new == 1


def test_a_writer_that_does_not_end_is_said_and_reading_goes_on(filled: Path) -> None:
    other = sqlite3.connect(filled / NAME, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with open_store(filled, busy_ms=50) as store:
        with pytest.raises(CacheError, match="locked: another process"):
            put(store, at(101), {100: 1.0})
        assert len(rows(store)) == 50
        other.execute("ROLLBACK")
        assert put(store, at(101), {100: 1.0}).new == 1
    other.close()


def test_a_folder_that_cannot_be_written_is_read(unprivileged: Path) -> None:
    folder = unprivileged / "cache"
    with open_store(folder) as store:
        put(store, at(100), {98: 1.0, 99: 2.0})
    folder.chmod(0o500)
    with open_store(folder) as store:
        assert store.read_only
        assert "is read-only" in store.notices[0]
        assert len(store.panel(at(100))["x"]) == 2
        with pytest.raises(CacheError, match="cannot be written"):
            put(store, at(101), {100: 1.0})
    with open_store(folder, read_only=True) as store:
        assert len(rows(store)) == 2
    folder.chmod(0o700)
    with open_store(folder) as store:
        assert store.notices == ()


def test_a_folder_that_cannot_be_written_and_holds_nothing(unprivileged: Path) -> None:
    (unprivileged / "cache").mkdir(0o500)
    with pytest.raises(CacheError, match=r"nothing is stored in .* yet: and it cannot be written|cannot be written"):
        open_store(unprivileged / "cache")


def test_an_error_of_ours_leaves_no_half_answer(filled: Path) -> None:
    with open_store(filled) as store:
        with pytest.raises(RuntimeError), store._database.writing() as connection:
            connection.execute("DELETE FROM observations")
            raise RuntimeError
        assert len(rows(store)) == 50
        assert put(store, at(101), {100: 1.0}).new == 1


# ------------------------------------------------------------------------------------------------------- small things
def test_health_comes_back_as_it_was(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert store.health() == []
        bad = Health("zeta", FeedState.OPEN, 5, 4, 3, 9, 7, "HTML instead of CSV", 120, 3000, 2, 20000)
        store.put_health(Health("alpha"))
        store.put_health(Health("zeta"))
        store.put_health(bad)
        assert store.health() == [Health("alpha"), bad]
        assert isinstance(store.health()[1].state, FeedState)


def test_boards_and_small_things_come_back(tmp_path: Path) -> None:
    when = datetime(2026, 6, 30, 22, tzinfo=UTC)
    with open_store(tmp_path) as store:
        assert store.board() is None
        assert store.meta("a") is None
        store.put_board(b"\0first", when)
        store.put_board(b"\0second", when)
        store.put_meta("a", "1")
        store.put_meta("a", "2")
    with open_store(tmp_path) as store:
        assert store.board() == (b"\0second", when)
        assert store.board("other") is None
        assert store.meta("a") == "2"


def test_whoever_looks_for_changes_after_the_end_opens_nothing(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.changes()
    with pytest.raises(CacheError, match="is closed"):
        store.changes()


def test_changes_by_anybody_are_noticed_and_nothing_else(filled: Path) -> None:
    with open_store(filled) as store, open_store(filled) as other:
        before = store.changes()
        store.panel(at(100))
        assert store.changes() == before
        other.put_meta("a", "b")
        after = store.changes()
        assert after != before
        assert store.changes() == after
        put(store, at(101), {100: 1.0})
        assert store.changes() != after


# --------------------------------------------------------------------------------------------------- other processes
def test_what_people_ask_for_at_the_prompt_needs_no_numpy(filled: Path) -> None:
    code = """
import sys
from pathlib import Path
from bondtop.cache.store import Store
with Store.open(Path(sys.argv[1]), read_only=True) as store:
    store.newest(2_000_000_000), store.newest_days("first"), store.health(), store.board(), store.meta("a"), store.changes()
assert not {"numpy", "pandas", "holidays", "httpx", "filelock"} & set(sys.modules), sys.modules.keys()
"""
    subprocess.run([sys.executable, "-c", code, str(filled)], check=True)


_WRITER = """
import sys
from itertools import count
from pathlib import Path
from stores import at, catalogue, open_store, put
with open_store(Path(sys.argv[1]), catalogue=catalogue(x="revised first", y="revised first")) as store:
    print("ready", flush=True)
    for n in count(int(store.meta("round") or 0) + 1):
        values = {day: n + day / 1000 for day in range(50, 450)}
        put(store, at(500, hours=n / 100), {"x": values, "y": values}, part=str(n))
        store.put_meta("round", str(n))
        print(n, flush=True)
"""


def test_a_killed_writer_leaves_no_half_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    rng = random.Random(3)
    for turn in range(20):
        process = start(_WRITER, tmp_path)
        if turn == 0:  # at least one answer is whole, however slow the machine
            assert process.stdout is not None and process.stdout.readline() == "1\n"
        time.sleep(rng.uniform(0, 0.08))  # anywhere in an answer: what must hold does not depend on where
        end(process)
        with open_store(tmp_path) as store:
            assert store.notices == ()
            with store._database.reading() as connection:
                assert connection.execute("PRAGMA quick_check").fetchone() == ("ok",)
                counts = connection.execute("SELECT count(*) FROM observations GROUP BY fetched_at").fetchall()
                assert {n for (n,) in counts} <= {800}
                (answers,) = connection.execute("SELECT count(*) FROM parts").fetchone()
                assert len(counts) == answers
    assert answers > 0


_READER = """
import sys, time
from pathlib import Path
from stores import at, open_store
from bondtop.cache.store import Store
with open_store(Path(sys.argv[1]), busy_ms=100, read_only=sys.argv[2] == "True") as store:
    print("ready", flush=True)
    seen = set()
    while len(seen) < 5:
        if found := store.newest():
            assert found["x"].value == found["y"].value, found
            seen.add(found["x"].value)
        time.sleep(0.005)
"""


def test_ten_read_while_one_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reader sees five different whole answers go by. A lock held for 100 ms would be an error in it."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    readers: list[subprocess.Popen[str]] = []
    with ExitStack() as started:
        for command in [(_WRITER, tmp_path)] + [(_READER, tmp_path, i % 2 == 0) for i in range(10)]:
            started.callback(end, process := start(*command))
            if command[0] is _READER:
                readers.append(process)
        assert [r.wait(60) for r in readers] == [0] * 10


def test_many_that_open_at_once_make_one_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent.parent))
    (tmp_path / NAME).write_bytes(b"damaged")
    code = """
import sys
from pathlib import Path
from stores import open_store
print("ready", flush=True)
sys.stdin.readline()
with open_store(Path(sys.argv[1])) as store:
    store.put_meta(sys.argv[2], "here")
    print(len(store.notices))
"""
    command = [sys.executable, "-c", code, str(tmp_path)]
    processes = [subprocess.Popen([*command, str(i)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for i in range(6)]
    for process in processes:
        assert process.stdout is not None
        process.stdout.readline()
    notices = [int(p.communicate("go\n", timeout=60)[0]) for p in processes]
    assert sum(notices) == 1
    assert len(list(tmp_path.glob(NAME + ".damaged-*"))) == 1
    with open_store(tmp_path) as store:
        assert [store.meta(str(i)) for i in range(6)] == ["here"] * 6
