"""Lists without dates: what is proven to be of now, what waits, what is an old copy."""

from pathlib import Path

import pytest
from bondtop.cache.intake import Intake
from bondtop.cache.store import Store
from bondtop.cache.undated import Looks
from bondtop.feeds.errors import BadDates
from bondtop.feeds.series import Answer, Column, Observations, Request
from engines import Plain
from hypothesis import given
from hypothesis import strategies as st
from stores import at, catalogue, open_store


class First(Plain):
    name = "first"


class Desk:
    """Takes one figure after another in, as the engine does; `stored` is what became of them, by day."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.feed = First(store.catalogue.of_feed("first"))

    async def look(self, day: int, value: float, *, filler: str = "") -> None:
        async def in_thread(call, *args):
            return call(*args)

        request = Request("all", "https://example.org/", "x", undated=True)
        body = f"{filler}{day} {value!r}".encode()
        await Intake(self.store, in_thread).take(self.feed, Answer(request, body, at(day)))

    def stored(self) -> dict[int, float]:
        return {o.date.toordinal() - 719163: o.value for o in self.store.observations("x", at(5000))}


@pytest.fixture
def desk(tmp_path: Path):
    with open_store(tmp_path, catalogue=catalogue(x="first")) as store:
        yield Desk(store)


async def test_nothing_dates_the_first_look_and_a_change_dates_the_second(desk: Desk) -> None:
    await desk.look(1000, 16.2)
    assert desk.stored() == {}
    await desk.look(1001, 16.3)
    await desk.look(1002, 16.25)
    assert desk.stored() == {1001: 16.3, 1002: 16.25}


async def test_a_frozen_list_gets_no_new_date(desk: Desk) -> None:
    for day, value in ((1000, 16.2), (1001, 16.3), (1002, 16.3), (1003, 16.3)):
        await desk.look(day, value, filler=" " * (day % 2))
    assert desk.stored() == {1001: 16.3}
    await desk.look(1004, 16.35)
    assert desk.stored() == {1001: 16.3, 1004: 16.35}


async def test_an_old_copy_is_named_and_does_not_disturb_what_follows(desk: Desk) -> None:
    for day in range(40):
        await desk.look(1000 + day, 16.2 + day / 100)
    with pytest.raises(BadDates, match="x: an old copy, with the figure of 1972-10-07"):
        await desk.look(1040, 16.3)
    await desk.look(1041, 16.65)
    assert 1040 not in desk.stored()
    assert desk.stored()[1041] == 16.65


async def test_an_old_copy_that_nobody_saw_is_too_far_off(desk: Desk) -> None:
    await desk.look(1000, 16.2)
    await desk.look(1001, 16.25)
    await desk.look(1002, 15.7)
    await desk.look(1003, 15.7)
    await desk.look(1004, 16.3)
    assert desk.stored() == {1001: 16.25, 1004: 16.3}


async def test_a_true_jump_waits_for_the_look_that_follows(desk: Desk) -> None:
    for day, value in ((1000, 16.2), (1001, 16.25), (1002, 19.0), (1003, 19.1)):
        await desk.look(day, value)
    assert desk.stored() == {1001: 16.25, 1003: 19.1}


async def test_after_an_absence_one_look_is_only_a_look(desk: Desk) -> None:
    for day, value in ((1000, 16.2), (1001, 16.21), (1030, 16.22), (1031, 16.23)):
        await desk.look(day, value)
    assert desk.stored() == {1001: 16.21, 1031: 16.23}


class Memory:
    """What the store remembers, without a store."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def meta(self, key: str) -> str | None:
        return self.kept.get(key)

    def put_meta(self, key: str, value: str) -> None:
        self.kept[key] = value


@given(st.lists(st.tuples(st.integers(1, 5), st.integers(90, 110)), max_size=30))
def test_whatever_is_proven_was_never_seen_before(steps: list[tuple[int, int]]) -> None:
    looks, day, seen = Looks(Memory(), "first"), 1000, set[int]()
    for pause, value in steps:
        day += pause
        said = Observations({"x": Column([day], [float(value)])})
        try:
            proven = looks.proven(said, at(day))
        except BadDates:
            assert value in seen
            continue
        assert not (proven.columns and value in seen)
        looks.note(said, at(day))
        seen.add(value)
