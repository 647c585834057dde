"""What a part sees of the cache at a moment: how much was known, what it was worth, and why something is unknown."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from bondtop.cache.freshness import Status
from bondtop.cache.panel import Panel, make_track
from bondtop.feeds.errors import CatalogueError
from bondtop.feeds.series import to_day
from bondtop.signals.inputs import Inputs, moment_of, panel_as_known, worst
from hypothesis import given, settings
from hypothesis import strategies as st
from synthetic import synthetic_panel

DAYS = [to_day(date(2026, 3, d)) for d in (16, 17, 18, 19)]
AT_NOON = [int(datetime(2026, 3, d, 12, tzinfo=UTC).timestamp()) for d in (16, 17, 18, 19)]
NOW = datetime(2026, 3, 19, 23, tzinfo=UTC)


def track(name, known_at=AT_NOON, values=(4.0, 4.1, 4.2, 4.3), first=None, source="treasury"):
    return make_track(name, source, DAYS[: len(values)], values, known_at, [at + 600 for at in known_at], first)


def inputs(*tracks):
    return Inputs(Panel(NOW, {each.series: each for each in tracks}))


def test_only_what_was_known_counts():
    known = inputs(track("us.10y"))
    for hour, count in ((11, 2), (12, 3), (23, 3)):
        assert known.upto("us.10y", moment_of(datetime(2026, 3, 18, hour, tzinfo=UTC))) == count


def test_an_observation_waits_for_the_ones_before_it():
    late = [AT_NOON[0], AT_NOON[3], AT_NOON[2], AT_NOON[3]]
    known = inputs(track("us.10y", late))
    assert known.upto("us.10y", moment_of(datetime(2026, 3, 18, 20, tzinfo=UTC))) == 1


def test_a_revised_value_was_known_since_its_first_print():
    known = inputs(track("us.10y", [AT_NOON[3]] * 4, first=AT_NOON))
    assert known.upto("us.10y", moment_of(datetime(2026, 3, 17, 20, tzinfo=UTC))) == 2


def test_a_reading_has_both_clocks_and_its_source():
    reading = inputs(track("us.10y")).reading("us.10y", moment_of(datetime(2026, 3, 18, 13, tzinfo=UTC)))
    assert (reading.value, reading.unit, reading.as_of, reading.source) == (4.2, "%", date(2026, 3, 18), "treasury")
    assert reading.updated == datetime(2026, 3, 18, 12, 10, tzinfo=UTC)
    assert reading.status is Status.FRESH
    assert reading.inputs == ("us.10y",)


def test_nothing_known_is_unknown_with_the_reason():
    reading = inputs().reading("us.10y", moment_of(NOW))
    assert (reading.value, reading.status, reading.note) == (None, Status.UNKNOWN, "no data: us.10y")


def test_an_unknown_id_is_a_mistake():
    with pytest.raises(CatalogueError, match=r"us\.10y"):
        inputs().reading("us.10yy", moment_of(NOW))


def test_a_computed_number_is_as_good_as_the_worst_of_its_inputs():
    old = moment_of(NOW + timedelta(days=9))
    known = inputs(track("us.10y"), track("jp.40y", [at + 86400 for at in AT_NOON]))
    assert known.computed(1.0, "bp", "f", ("us.10y",), moment_of(NOW)).status is Status.FRESH
    assert known.computed(1.0, "bp", "f", ("us.10y", "jp.40y"), old).status is Status.STALE
    assert known.computed(1.0, "bp", "f", ("us.10y",), moment_of(NOW), proxy=True).status is Status.PROXY


def test_a_computed_number_carries_the_newest_clock():
    known = inputs(track("us.10y"), track("uk.10y", AT_NOON[:2], (4.0, 4.1)))
    reading = known.computed(1.0, "bp", "f", ("us.10y", "uk.10y"), moment_of(NOW), day=DAYS[1])
    assert reading.updated == datetime(2026, 3, 19, 12, 10, tzinfo=UTC)
    assert reading.as_of == date(2026, 3, 17)


@pytest.mark.parametrize("value", [None, np.nan])
def test_a_missing_number_is_never_a_number(value):
    reading = inputs(track("us.10y")).computed(value, "bp", "f", ("us.10y", "uk.10y"), moment_of(NOW))
    assert (reading.value, reading.status, reading.note) == (None, Status.UNKNOWN, "no data: uk.10y")


def test_too_little_history_is_a_reason():
    assert inputs(track("us.10y")).computed(None, "bp", "f", ("us.10y",), moment_of(NOW)).note == "too little history"


def test_an_input_without_data_does_not_condemn_a_number_made_without_it():
    assert inputs(track("us.10y")).computed(1.0, "bp", "f", ("us.10y", "vix"), moment_of(NOW)).status is Status.FRESH


def test_other_readings_count_as_inputs_by_their_path():
    known = inputs(track("us.10y"))
    proxy = known.computed(2.0, "%", "f", ("us.10y",), moment_of(NOW), proxy=True)
    reading = known.computed(1.0, "bp", "f", ("us.10y",), moment_of(NOW), parts={"carry.carry": proxy})
    assert reading.status is Status.PROXY
    assert reading.inputs == ("us.10y", "carry.carry")


def test_gravity_of_statuses():
    assert worst((Status.FRESH, Status.AGEING)) is Status.AGEING
    assert worst((Status.SUSPECT, Status.PROXY, Status.AGEING)) is Status.SUSPECT
    assert worst((Status.STALE, Status.SUSPECT)) is Status.STALE
    assert worst((Status.DEAD, Status.UNKNOWN)) is Status.UNKNOWN


def test_no_series_is_no_data():
    known = inputs(track("us.10y"))
    assert known.upto("", moment_of(NOW)) == 0
    assert len(known.native("")[0]) == 0


def test_a_panel_as_known_earlier_has_the_leading_observations():
    panel = panel_as_known(Panel(NOW, {"us.10y": track("us.10y")}), datetime(2026, 3, 17, 20, tzinfo=UTC))
    assert panel["us.10y"].values.tolist() == [4.0, 4.1]
    assert panel.as_of == datetime(2026, 3, 17, 20, tzinfo=UTC)


def test_what_was_looked_at_is_remembered_for_the_moment():
    known = inputs(track("us.10y"), track("uk.10y"))
    known.reading("us.10y", moment_of(NOW))
    assert list(known.looked_at(moment_of(NOW))) == ["us.10y"]


def test_what_was_seen_of_a_moment_is_one_object_until_another_is_asked_about():
    known = inputs(track("us.10y"))
    now, before = moment_of(NOW), moment_of(NOW - timedelta(days=1))
    seen = known.seen(now)
    assert known.seen(now) is seen
    assert known.seen(before) is not seen
    assert known.seen(now) is not seen


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(-3, 2_500), st.integers(0, 86_400)), min_size=2, max_size=12))
def test_one_moment_after_another_says_what_each_says_alone(steps):
    """What is held from moment to moment: in any order of them, and long before and after the observations."""
    panel = synthetic_panel()
    names = [name for name in panel.tracks if name.startswith(("us.", "jp.10y", "cftc", "fr.cpi"))]
    held = Inputs(panel)
    for days, seconds in steps:
        moment = moment_of(panel.as_of + timedelta(days=300 - days, seconds=-seconds))
        alone = Inputs(panel)
        assert [held.reading(name, moment) for name in names] == [alone.reading(name, moment) for name in names]
        assert held.numbers(("us.10y", "vix", "fr.cpi.yoy"), moment) == alone.numbers(("us.10y", "vix", "fr.cpi.yoy"), moment)
        assert held.looked_at(moment) == alone.looked_at(moment)
