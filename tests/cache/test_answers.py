"""Raw answers: kept, bounded, and compared with the next."""

import random
from datetime import UTC, datetime
from pathlib import Path

from bondtop.cache.store import Store
from bondtop.feeds.series import Column, Observations
from stores import answer, at, catalogue, open_store, put

ONE = Observations({"x": Column([1], [1.0])})


def take(store: Store, body: bytes, part: str = "all", day: int = 100, **validators: str) -> None:
    store.ingest("first", part, ONE, answer(part, at(day), body, **validators))


def test_the_last_three_of_a_question_are_kept(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        for i in range(5):
            take(store, b"body %d" % i, day=100 + i)
        take(store, b"other", "another part")
        kept = store.kept_answers("first", "all")
        assert [(k.body, k.at) for k in kept] == [(b"body %d" % i, at(100 + i)) for i in (4, 3, 2)]
        assert [k.body for k in store.kept_answers("first", "another part")] == [b"other"]
        assert store.kept_answers("second", "all") == []


def test_all_together_they_are_bounded_and_the_oldest_go_first(tmp_path: Path) -> None:
    rng = random.Random(1)
    with open_store(tmp_path, raw_answers_bytes=3500) as store:
        for i in range(6):
            take(store, rng.randbytes(1000), f"part {i}", day=100 + i)
        assert [len(store.kept_answers("first", f"part {i}")) for i in range(6)] == [0, 0, 0, 1, 1, 1]
        take(store, b"0" * 100_000, "long but even", day=110)  # it is the packed size that counts
        assert [len(store.kept_answers("first", f"part {i}")) for i in range(6)] == [0, 0, 0, 1, 1, 1]


def test_the_last_answer_is_recognised(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert not store.same_as_last("first", "all", b"one")
        take(store, b"one")
        assert store.same_as_last("first", "all", b"one")
        assert not store.same_as_last("first", "all", b"two")
        assert not store.same_as_last("first", "other part", b"one")
        assert not store.same_as_last("second", "all", b"one")
        take(store, b"two")
        assert not store.same_as_last("first", "all", b"one")


def test_validators_are_those_of_the_last_good_answer(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert store.validators("first", "all") == ("", "")
        take(store, b"one", etag='"abc"', last_modified="Tue, 30 Jun 2026 22:00:00 GMT")
        assert store.validators("first", "all") == ('"abc"', "Tue, 30 Jun 2026 22:00:00 GMT")
        take(store, b"two")
        assert store.validators("first", "all") == ("", "")


def test_a_question_knows_its_series(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        put(store, at(100), {"x": {99: 1.0}, "y": {99: 1.0}})
        put(store, at(101), {"x": {99: 1.0}})
        assert set(store.series_of("first", "all")) == {"x", "y"}
        assert set(store.series_of("first", "never asked")) == set()


def test_other_series_in_the_catalogue_make_old_answers_news_again(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        take(store, b"one", etag="e")
    with open_store(tmp_path) as store:
        assert store.same_as_last("first", "all", b"one")
    with open_store(tmp_path, catalogue=catalogue(x="first", z="first")) as store:
        assert not store.same_as_last("first", "all", b"one")
        assert store.validators("first", "all") == ("", "")
        assert len(store.kept_answers("first", "all")) == 1


def test_when_series_were_asked_for(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        assert store.asked("first") == {}
        store.note_asked("first", {"x", "y"}, 1000)
        store.note_asked("first", ["x"], 2000)
        assert store.asked("first") == {"x": 2000, "y": 1000}
        assert store.asked("second") == {}


def test_bodies_come_back_to_the_byte(tmp_path: Path) -> None:
    body = bytes(range(256)) * 100
    with open_store(tmp_path) as store:
        store.ingest("first", "all", ONE, answer("all", datetime(2026, 6, 30, 22, tzinfo=UTC), body))
        assert store.kept_answers("first", "all")[0].body == body
