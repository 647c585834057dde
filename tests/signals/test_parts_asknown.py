"""Histories as they stood: rows that came late, values on days, ranks of the moment."""

from datetime import UTC, date, datetime

import numpy as np
from bondtop.cache.panel import Panel, make_track
from bondtop.feeds.series import to_day
from bondtop.signals.inputs import Inputs, moment_of
from bondtop.signals.parts.asknown import AsKnown, known_days, newest, on_days, row_on, session
from synthetic import as_of_day

DAY = 86_400
MONDAY = to_day(date(2024, 3, 4))
VIX = [(MONDAY, 1.0, MONDAY), (MONDAY + 1, 2.0, MONDAY + 1)]


def world(**series):
    """A panel of series given as (day, value, day on whose noon it was known)."""
    tracks = {}
    for name, rows in series.items():
        days, values, known = zip(*rows, strict=True)
        noon = np.array(known) * DAY + DAY // 2
        tracks[name.replace("_", ".")] = make_track(name.replace("_", "."), "x", days, values, noon, noon)
    return Inputs(Panel(as_of_day("2024-03-31"), tracks))


def at(day, hours=24.0):
    """A moment so many hours after a day began."""
    return moment_of(datetime.fromtimestamp(day * DAY + int(hours * 3600), UTC))


def sums(natives):
    """Of each observation of the first series, its value plus the other's value of that date (0 where there is none)."""
    (days, values), (other_days, other) = natives
    beside = dict(zip(other_days.tolist(), other.tolist(), strict=True))
    return days, np.array([value + beside.get(int(day), 0.0) for day, value in zip(days, values, strict=True)])


def test_a_row_is_looked_up_when_everything_dated_so_far_was_known():
    inputs = world(vix=VIX, move=[(MONDAY, 10.0, MONDAY), (MONDAY + 1, 20.0, MONDAY + 1)])
    history = AsKnown(inputs, ("vix", "move"), sums)
    found = history.at(at(MONDAY))
    assert found is not None and found[0] is history.whole and found[1] == MONDAY
    assert history.at(at(MONDAY - 1)) is None


def test_a_row_that_something_late_changed_is_computed_again():
    inputs = world(vix=VIX, move=[(MONDAY, 10.0, MONDAY), (MONDAY + 1, 20.0, MONDAY + 3)])
    history = AsKnown(inputs, ("vix", "move"), sums)
    (days, values), day = history.at(at(MONDAY + 1))
    assert values.tolist() == [11.0, 2.0] and row_on(days, day) == 1
    assert history.at(at(MONDAY + 3))[0][1].tolist() == [11.0, 22.0]


def test_the_end_of_a_day_belongs_to_it():
    assert session(at(MONDAY)) == MONDAY
    assert session(at(MONDAY, 24.01)) == MONDAY + 1
    assert known_days(np.array([MONDAY * DAY + 1, (MONDAY + 1) * DAY, (MONDAY + 1) * DAY + 1])).tolist() == [MONDAY, MONDAY, MONDAY + 1]


def test_values_on_days_are_those_known_then_and_not_too_old():
    inputs = world(vix=[(MONDAY, 1.0, MONDAY + 1), (MONDAY + 2, 3.0, MONDAY + 2)])
    days = np.arange(MONDAY, MONDAY + 12, dtype=np.int32)
    found = on_days(inputs, "vix", days)
    assert np.isnan(found[0]) and found[1] == 1.0 and (found[2:10] == 3.0).all()  # Wednesday's value speaks for five weekdays
    assert np.isnan(found[10:]).all()
    assert np.isnan(on_days(inputs, "", days)).all()
    for day, value in zip(days.tolist(), found.tolist(), strict=True):
        assert newest(inputs, "vix", at(day)) == (None if np.isnan(value) else value)
    assert newest(inputs, "", at(MONDAY)) is None
