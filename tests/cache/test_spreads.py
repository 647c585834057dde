"""A spread is stored like any answer: on the days both legs have, as soon as they have them, and no more often."""

import pytest
from bondtop.cache.spreads import store_spreads
from bondtop.feeds.catalogue import extended
from bondtop.feeds.clock import Clock
from stores import at, catalogue, open_store, put

SPREAD = {
    "id": "my.gap", "title": "x less y", "unit": "bp", "frequency": "daily", "sources": ["spread:x - y*100"], "calendar": "always",
    "published": "+0 18:00 UTC", "tolerance": 3, "range": [-1e6, 1e6], "revised": True,
}  # fmt: skip


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path, catalogue=extended(catalogue(x="first", y="first"), [("test", SPREAD)])) as opened:
        yield opened


def stored(store, when) -> dict[int, float]:
    return {o.date.toordinal() - 719163: o.value for o in store.observations("my.gap", when)}


def clock(day: int) -> Clock:
    return Clock(lambda: at(day).timestamp())


def test_it_has_the_days_that_both_legs_have(store):
    put(store, at(3), {"x": {1: 4.0, 2: 4.25, 3: 4.5}, "y": {2: 1.0, 3: 1.5}})
    assert store_spreads(store, clock(3)) == 2
    assert stored(store, at(3)) == {2: 325.0, 3: 300.0}
    assert stored(store, at(2)) == {2: 325.0}  # nobody knew the third day on the second
    assert store.newest()["my.gap"].value == 300.0


def test_it_is_written_when_a_leg_has_moved_and_not_otherwise(store):
    put(store, at(2), {"x": {1: 4.0, 2: 4.25}, "y": {1: 1.0, 2: 1.0}})
    assert [store_spreads(store, clock(2)) for _ in range(2)] == [2, 0]
    put(store, at(3), {"x": {1: 4.0, 2: 4.25, 3: 4.5}}, part="x")
    assert store_spreads(store, clock(3)) == 0
    put(store, at(3, 21), {"y": {1: 1.0, 2: 1.0, 3: 1.25}}, part="y")
    assert store_spreads(store, clock(4)) == 1
    assert stored(store, at(4))[3] == 325.0


def test_a_revised_leg_revises_it_and_the_past_stays_known(store):
    put(store, at(2), {"x": {1: 4.0, 2: 4.25}, "y": {1: 1.0, 2: 1.0}})
    store_spreads(store, clock(2))
    put(store, at(5), {"x": {1: 4.0, 2: 4.5}}, part="x")
    assert store_spreads(store, clock(5)) == 1
    assert (stored(store, at(4))[2], stored(store, at(5))[2]) == (325.0, 350.0)


def test_without_legs_there_is_nothing(store):
    assert store_spreads(store, clock(3)) == 0 and stored(store, at(3)) == {}
