"""New rows from answers: both clocks, revisions, and what is refused."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from bondtop.cache.store import Store
from bondtop.feeds.errors import BadDates, CatalogueError, OutOfRange
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import DAY, DUE, at, catalogue, open_store, put, rows


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(tmp_path) as opened:
        yield opened


def due(day: int) -> int:
    return day * DAY + DUE


def test_history_is_known_since_its_publication(store: Store) -> None:
    result = put(store, at(100), {97: 1.0, 98: 2.0, 99: 3.0})
    assert (result.new, result.revised, result.unchanged, result.newest) == (3, 0, 0, {"x": 99})
    assert rows(store) == [(97, 1.0, due(97)), (98, 2.0, due(98)), (99, 3.0, due(99))]


def test_a_value_that_came_early_is_known_since_it_came(store: Store) -> None:
    put(store, at(100, hours=9), {100: 1.0})
    assert rows(store) == [(100, 1.0, int(at(100, hours=9).timestamp()))]


def test_what_is_equal_is_not_written_again(store: Store) -> None:
    put(store, at(100), {98: 1.0, 99: 2.0})
    before = rows(store)
    result = put(store, at(101), {98: 1.0, 99: 2.0})
    assert (result.new, result.revised, result.unchanged) == (0, 0, 2)
    assert rows(store) == before


def test_a_revision_is_a_new_row(store: Store) -> None:
    put(store, at(100), {98: 1.0, 99: 2.0})
    result = put(store, at(101), {98: 1.5, 99: 2.0})
    assert (result.new, result.revised, result.unchanged) == (0, 1, 1)
    assert rows(store) == [(98, 1.0, due(98)), (98, 1.5, int(at(101).timestamp())), (99, 2.0, due(99))]
    assert put(store, at(102), {98: 1.0, 99: 2.0}).revised == 1  # back to what it was is a revision too
    assert [v for d, v, _ in rows(store) if d == 98] == [1.0, 1.5, 1.0]


def test_quotes_of_a_running_day_take_each_others_place(store: Store) -> None:
    put(store, at(100, hours=20), {99: 1.0}, running=True)
    for hour, value in ((10, 2.0), (11, 2.1), (12, 2.2)):
        put(store, at(100, hours=hour), {99: 1.0, 100: value}, running=True)
    assert rows(store) == [(99, 1.0, due(99)), (100, 2.2, int(at(100, hours=12).timestamp()))]
    assert store.panel(at(100, hours=13))["x"].values.tolist() == [1.0, 2.2]
    put(store, at(100, hours=20), {99: 1.0, 100: 2.3}, running=True)  # the close
    put(store, at(101, hours=20), {99: 1.0, 100: 2.4}, running=True)  # and its correction
    closes = [(value, known) for day, value, known in rows(store) if day == 100]
    assert closes == [(2.3, int(at(100, hours=20).timestamp())), (2.4, int(at(101, hours=20).timestamp()))]
    assert store.panel(at(102))["x"].values.tolist() == [1.0, 2.4]


def test_a_revision_is_later_than_what_it_replaces_even_when_the_clock_went_back(store: Store) -> None:
    put(store, at(100), {99: 1.0})
    put(store, at(101), {99: 1.1})
    put(store, at(100, hours=21), {99: 1.2})
    known = [k for _, _, k in rows(store)]
    assert known == [due(99), int(at(101).timestamp()), int(at(101).timestamp()) + 1]


def test_what_was_due_and_not_there_came_late(store: Store) -> None:
    put(store, at(100, hours=17), {98: 1.0, 99: 1.0})
    put(store, at(100, hours=19), {98: 1.0, 99: 1.0})  # 100 was due an hour ago
    put(store, at(101, hours=9), {98: 1.0, 99: 1.0, 100: 1.0})
    assert rows(store)[-1] == (100, 1.0, int(at(101, hours=9).timestamp()))


def test_an_unchanged_answer_counts_as_having_looked(store: Store) -> None:
    put(store, at(99), {99: 1.0})
    store.note_unchanged("first", "all", at(100, hours=19))
    put(store, at(101, hours=9), {99: 1.0, 100: 1.0})
    assert rows(store)[-1] == (100, 1.0, int(at(101, hours=9).timestamp()))


def test_after_an_absence_values_are_known_since_their_publication(store: Store) -> None:
    put(store, at(90), {90: 1.0})
    put(store, at(100), dict.fromkeys(range(90, 101), 1.0))
    assert [known for _, _, known in rows(store)] == [due(day) for day in range(90, 101)]


def test_history_asked_for_later_is_not_late(store: Store) -> None:
    put(store, at(100), {99: 1.0, 100: 1.0})
    put(store, at(101), dict.fromkeys(range(50, 101), 1.0))
    assert [known for _, _, known in rows(store)] == [due(day) for day in range(50, 101)]


def test_a_series_that_is_new_in_an_old_question_is_not_late(store: Store) -> None:
    put(store, at(100), {"x": {99: 1.0, 100: 1.0}})
    put(store, at(101), {"x": {99: 1.0, 100: 1.0}, "y": {99: 5.0, 100: 5.0}})
    assert rows(store)[2:] == [(99, 5.0, due(99)), (100, 5.0, due(100))]


def test_a_question_is_late_by_itself_only(store: Store) -> None:
    put(store, at(100), {99: 1.0, 100: 1.0}, part="this year")
    put(store, at(100), {10: 1.0, 11: 1.0}, part="that year")
    assert [known for _, _, known in rows(store)] == [due(day) for day in (10, 11, 99, 100)]


def test_an_answer_that_ends_earlier_is_refused_whole(store: Store) -> None:
    put(store, at(100), {"x": {98: 1.0, 99: 2.0}, "y": {98: 1.0}})
    before = rows(store)
    with pytest.raises(BadDates, match=r"^x: newest 1970-04-09 is older than 1970-04-10 we already have$"):
        put(store, at(101), {"y": {98: 1.0, 99: 1.0}, "x": {98: 1.0}})
    assert rows(store) == before
    assert store.same_as_last("first", "all", repr({"x": {98: 1.0, 99: 2.0}, "y": {98: 1.0}}).encode())
    assert put(store, at(101), {"y": {98: 1.0, 99: 1.0}}).new == 1  # silence about a series is no regress


@pytest.mark.parametrize(("factor", "words"), [(100.0, "100 times"), (0.01, "1/100")])
def test_another_unit_is_refused(store: Store, factor: float, words: str) -> None:
    values = {90 + i: 1.0 + i / 10 for i in range(6)} | {96: 0.0}
    put(store, at(100), values)
    before = rows(store)
    with pytest.raises(OutOfRange, match=f"^x: values {words} .*the ones we have: another unit\\?$"):
        put(store, at(101), {day: value * factor for day, value in values.items()} | {101: factor})
    assert rows(store) == before


def test_one_value_may_change_by_any_factor(store: Store) -> None:
    put(store, at(100), {98: 0.01, 99: 1.0})
    assert put(store, at(101), {98: 1.0, 99: 1.0}).revised == 1


def test_another_series_is_refused(store: Store) -> None:
    put(store, at(100), {day: 2.0 + day / 1000 for day in range(70, 100)})
    with pytest.raises(OutOfRange, match=r"^x: 30 of 30 values differ from the ones we have: another series' file\?$"):
        put(store, at(101), {day: 2.5 + day / 1000 for day in range(70, 101)})


def test_fewer_decimals_or_a_few_corrections_are_not_another_series(store: Store) -> None:
    values = {day: 2.0 + day * 0.0017 for day in range(70, 100)}
    put(store, at(100), values)
    put(store, at(101), {day: round(value, 3) for day, value in values.items()})
    assert put(store, at(102), {day: round(value, 3) + (0.2 if day < 80 else 0) for day, value in values.items()}).revised == 10


def test_a_series_that_is_re_estimated_may_change_altogether(tmp_path: Path) -> None:
    with open_store(tmp_path / "r", catalogue=catalogue(x="revised first")) as store:
        put(store, at(100), dict.fromkeys(range(70, 100), 2.0))
        assert put(store, at(101), dict.fromkeys(range(70, 100), 2.5)).revised == 30


def test_an_unknown_series_stores_nothing(store: Store) -> None:
    with pytest.raises(CatalogueError, match="'z'"):
        put(store, at(100), {"x": {99: 1.0}, "z": {99: 1.0}})
    assert rows(store) == []


def test_the_newest_is_kept_in_step(store: Store) -> None:
    put(store, at(100), {98: 1.0, 99: 2.0})
    put(store, at(101), {98: 1.5, 99: 2.0})
    newest = store.newest()["x"]
    assert (newest.source, newest.day, newest.value, newest.known_at, newest.day_count) == ("first", 99, 2.0, due(99), 2)
    put(store, at(102), {50: 1.0, 99: 2.5}, part="other")
    newest = store.newest()["x"]
    assert (newest.day, newest.value, newest.known_at, newest.fetched_at, newest.day_count) == (99, 2.5, *[int(at(102).timestamp())] * 2, 3)
    assert store.newest_days("first") == {"x": 99}
    assert store.newest_days("second") == {}


answers = st.lists(
    st.tuples(
        st.integers(0, 3),  # days since the answer before
        st.lists(st.sampled_from([1.0, 1.1, 1.2, None]), min_size=1, max_size=8),  # values of the last days, the newest first
    ),
    min_size=1,
    max_size=8,
)


@given(answers)
@settings(max_examples=60, deadline=None)
def test_a_panel_shows_what_had_been_said_by_then_and_nothing_later(
    tmp_path_factory: pytest.TempPathFactory, script: list[tuple[int, list[float | None]]]
) -> None:
    """Against a model: at the instant of every answer the panel holds all that answers had said, however much came after.

    Only history before the first day that was asked for may join later: the world knew it then, we had not asked.
    """
    today, said = 100, dict[int, float]()
    snapshots: list[tuple[datetime, dict[int, float]]] = []
    with open_store(tmp_path_factory.mktemp("model")) as store:
        for turn, (wait, newest_first) in enumerate(script):
            today += wait
            values = {today - i: value for i, value in enumerate(newest_first) if value is not None}
            if not values or max(values) < max(said, default=0):
                continue
            now = at(today, hours=20 + turn / 100)
            put(store, now, values)
            said |= values
            snapshots.append((now, dict(said)))
        for now, expected in snapshots:
            track = store.panel(now, ["x"])["x"]
            shown = dict(zip(track.days.tolist(), track.values.tolist(), strict=True))
            assert {day: value for day, value in shown.items() if day >= min(expected)} == expected
            assert (track.known_at <= now.timestamp()).all()
