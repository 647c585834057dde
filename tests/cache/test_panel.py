"""What was known at an instant: one source a series, nothing later, both clocks."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from bondtop.cache import panel
from bondtop.cache.panel import Panel, make_track
from bondtop.cache.store import Store
from bondtop.feeds.errors import BadDates, CatalogueError
from bondtop.feeds.series import from_day
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import at, catalogue, open_store, put


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def shown(store: Store, day: int, hours: float = 20) -> dict[int, float]:
    track = store.panel(at(day, hours), ["x"])["x"]
    return dict(zip(track.days.tolist(), track.values.tolist(), strict=True))


def test_a_value_is_there_from_the_second_it_was_published(store: Store) -> None:
    put(store, at(100), {98: 1.0, 99: 2.0})
    assert shown(store, 99, hours=18) == {98: 1.0, 99: 2.0}
    assert shown(store, 99, hours=18 - 1 / 3600) == {98: 1.0}
    assert shown(store, 97) == {}


def test_a_revision_replaces_its_value_from_when_it_came(store: Store) -> None:
    put(store, at(100), {97: 1.0, 98: 2.0, 99: 3.0})
    put(store, at(101), {97: 1.0, 98: 2.5, 99: 3.0, 101: 4.0})
    assert shown(store, 100) == {97: 1.0, 98: 2.0, 99: 3.0}
    assert shown(store, 101) == {97: 1.0, 98: 2.5, 99: 3.0, 101: 4.0}


def test_tracks_keep_both_clocks_and_cannot_be_changed(store: Store) -> None:
    put(store, at(100), {98: 1.0, 99: 2.0})
    put(store, at(101), {98: 1.5, 99: 2.0})
    for day in (100, 101):
        track = store.panel(at(day), ["x"])["x"]
        assert [a.dtype for a in (track.days, track.values, track.known_at, track.fetched_at)] == [np.int32, np.float64, np.int64, np.int64]
        for array in (track.days, track.values, track.known_at, track.fetched_at):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0
    assert track.known_at.tolist() == [int(at(101).timestamp()), int(at(99, 18).timestamp())]
    assert track.fetched_at.tolist() == [int(at(101).timestamp()), int(at(100).timestamp())]


def test_since_cuts_the_front(store: Store) -> None:
    put(store, at(100), {day: float(day) for day in range(90, 100)})
    put(store, at(101), {day: float(day) + (day == 95) for day in range(90, 100)})
    track = store.panel(at(101), ["x"], since=from_day(95))["x"]
    assert track.days.tolist() == [95, 96, 97, 98, 99]
    assert track.values[0] == 96.0
    assert len(store.panel(at(101), ["x"], since=date(2026, 1, 1))["x"]) == 0


def test_series_without_data_are_empty_and_wrong_ids_are_errors(store: Store) -> None:
    panel = store.panel(at(100))
    assert set(panel.tracks) == {"x", "y"}
    assert (len(panel["y"]), panel["y"].source) == (0, "")
    assert len(panel["us.10y"]) == 0  # not loaded, but there is such a series
    with pytest.raises(CatalogueError, match="did you mean us\\.10y"):
        panel["us.10yy"]
    with pytest.raises(CatalogueError):
        store.panel(at(100), ["z"])


def test_a_panel_made_by_hand_answers_for_what_it_lacks() -> None:
    panel = Panel(at(100), {"x": make_track("x", "first", [1, 2], [1.0, 2.0], [0, 0], [0, 0])})
    assert panel["x"].values.tolist() == [1.0, 2.0]
    assert len(panel["jp.10y"]) == 0


@pytest.fixture
def both(store: Store) -> Store:
    """`first` has days 200 to 500, `second` days 195 to 510, ten higher."""
    put(store, at(510), dict.fromkeys(range(200, 501), 1.0))
    put(store, at(510), dict.fromkeys(range(195, 511), 11.0), feed="second")
    return store


def source(store: Store, day: int) -> str:
    return store.panel(at(day), ["x"])["x"].source


def test_the_first_source_stands_while_it_is_not_stale(both: Store) -> None:
    track = both.panel(at(503), ["x"])["x"]
    assert (track.source, track.days[0], track.days[-1]) == ("first", 200, 500)


def test_a_stale_source_gives_way_with_its_whole_history(both: Store) -> None:
    track = both.panel(at(504), ["x"])["x"]
    assert (track.source, track.days[0], track.days[-1]) == ("second", 195, 504)
    assert set(track.values.tolist()) == {11.0}


def test_what_came_later_does_not_decide_earlier(both: Store) -> None:
    assert source(both, 499) == "first"
    assert source(both, 198) == "second"  # the first had nothing yet


def test_a_fallback_without_history_does_not_take_over(store: Store) -> None:
    put(store, at(510), dict.fromkeys(range(200, 501), 1.0))
    put(store, at(510), dict.fromkeys(range(212, 511), 11.0), feed="second")
    assert source(store, 510) == "first"
    put(store, at(510), dict.fromkeys(range(211, 511), 11.0), feed="second", part="more")
    assert source(store, 510) == "second"


def test_a_fallback_that_is_no_fresher_does_not_take_over(store: Store) -> None:
    put(store, at(510), dict.fromkeys(range(200, 501), 1.0))
    put(store, at(510), dict.fromkeys(range(200, 501), 11.0), feed="second")
    assert source(store, 510) == "first"


def test_of_two_fallbacks_the_fresh_one(tmp_path: Path) -> None:
    with open_store(tmp_path, catalogue=catalogue(x="first second third")) as store:
        put(store, at(510), dict.fromkeys(range(100, 490), 1.0))
        put(store, at(510), dict.fromkeys(range(100, 500), 2.0), feed="second")
        assert source(store, 510) == "second"  # stale as well, but fresher
        put(store, at(510), dict.fromkeys(range(100, 511), 3.0), feed="third")
        assert source(store, 510) == "third"


def test_newest_and_observations_agree_with_the_panel(both: Store) -> None:
    for day in (502, 510):
        track = both.panel(at(day), ["x"])["x"]
        listed = list(both.observations("x", at(day)))
        assert [(o.source, o.value, o.known_at.timestamp(), o.fetched_at.timestamp()) for o in listed] == [
            (track.source, *row) for row in zip(track.values.tolist(), track.known_at.tolist(), track.fetched_at.tolist(), strict=True)
        ]
        assert [o.date for o in listed] == [from_day(d) for d in track.days.tolist()]
    now = int(at(510).timestamp())
    assert (both.newest(now)["x"].source, both.newest(now)["x"].day) == ("second", 510)
    assert (both.newest()["x"].source, both.newest()["x"].day) == ("first", 500)
    assert "y" not in both.newest()


def test_observations_of_every_source_and_since_a_day(both: Store) -> None:
    found = [(o.source, o.date) for o in both.observations("x", at(510), since=from_day(500), every_source=True)]
    assert found == [("first", from_day(500)), *(("second", from_day(d)) for d in range(500, 511))]
    with pytest.raises(CatalogueError):
        list(both.observations("z", at(510)))


def test_instants_need_a_zone(store: Store) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        store.panel(at(100).replace(tzinfo=None))


@given(st.lists(st.dictionaries(st.integers(90, 100), st.sampled_from([1.0, 2.0]), min_size=1), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None)
def test_a_panel_of_a_store_in_use_is_that_of_a_store_just_opened(
    tmp_path_factory: pytest.TempPathFactory, answers: list[dict[int, float]]
) -> None:
    """What is remembered between panels never differs from what is in the file."""
    folder = tmp_path_factory.mktemp("memory")
    with open_store(folder) as used:
        for i, values in enumerate(answers):
            put(used, at(101 + i), values, part=str(i))
            now = at(101 + i)
            held = used.panel(now)["x"]
            with open_store(folder, read_only=True) as opened:
                fresh = opened.panel(now)["x"]
            for name in ("days", "values", "known_at", "fetched_at"):
                np.testing.assert_array_equal(getattr(held, name), getattr(fresh, name))


def same(one: Panel, other: Panel) -> bool:
    columns = ("days", "values", "known_at", "fetched_at", "first_known_at")
    return one.tracks.keys() == other.tracks.keys() and all(
        track.source == other[name].source
        and all(np.array_equal(getattr(track, column), getattr(other[name], column)) for column in columns)
        and all(getattr(track, column).dtype == getattr(other[name], column).dtype for column in columns)
        for name, track in one.tracks.items()
    )


@settings(max_examples=25)
@given(
    answers=st.lists(
        st.tuples(
            st.sampled_from(("first", "second")),
            st.sampled_from(("all", "more")),
            st.dictionaries(st.sampled_from(("x", "y")), st.dictionaries(st.integers(90, 110), st.sampled_from((1.0, 1.5)), min_size=1)),
        ),
        max_size=4,
    ),
    day=st.integers(85, 120),
)
def test_rows_kept_at_hand_are_those_stored(tmp_path_factory, answers, day) -> None:
    folder = tmp_path_factory.mktemp("held")
    with open_store(folder) as writer:
        for number, (feed, part, values) in enumerate(answers):
            wanted = {name: column for name, column in values.items() if feed == "first" or name == "x"}  # the second has no other
            if wanted:
                with suppress(BadDates):
                    put(writer, at(111 + number), wanted, feed=feed, part=part, hold=True)
            with open_store(folder) as reader:
                assert same(writer.panel(at(day)), reader.panel(at(day)))
                assert same(writer.panel(at(day)), reader.panel_on_demand(at(day)))


def test_a_panel_on_demand_stays_in_the_state_it_began_in(store: Store) -> None:
    put(store, at(100), {"x": {98: 1.0}, "y": {98: 5.0}})
    then = store.panel_on_demand(at(103))
    put(store, at(101), {"x": {98: 1.5, 99: 2.0}, "y": {98: 5.5}})
    assert len(then.tracks) == len(store.catalogue)
    assert then["x"].values.tolist() == [1.0]
    assert store.panel(at(103))["x"].values.tolist() == [1.5, 2.0]
    assert then["y"].values.tolist() == [5.0]
    assert then["x"] is then["x"]
    with pytest.raises(CatalogueError, match="nope"):
        then["nope"]


def test_a_panel_on_demand_reads_only_what_is_asked_for(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, at(100), {"x": {98: 1.0}, "y": {98: 5.0}})
    read, asked = panel._read, []
    monkeypatch.setattr(panel, "_read", lambda connection, key: asked.append(key) or read(connection, key))
    found = store.panel_on_demand(at(100))
    assert asked == []
    assert [found["y"].values.tolist(), found["y"].values.tolist()] == [[5.0], [5.0]]
    assert len(asked) == 1


def test_what_is_kept_at_hand_is_not_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, at(100), {98: 1.0, 99: 2.0}, hold=True)

    def refuse(*_: object) -> None:
        raise AssertionError("rows were read")

    monkeypatch.setattr(panel, "_read", refuse)
    assert shown(store, 100) == {98: 1.0, 99: 2.0}
    put(store, at(101), {98: 1.0, 99: 2.0, 101: 3.0}, hold=True)
    with pytest.raises(AssertionError, match="rows were read"):
        shown(store, 101)
