"""The rows as known at a moment are those that would be laid out of what was known then, and say from where on they differ."""

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import pytest
from bondtop.cache.panel import Panel, make_track
from bondtop.signals.inputs import Inputs, moment_of, panel_as_known
from bondtop.signals.parts.aligned import AlignedPart
from hypothesis import given, settings
from hypothesis import strategies as st

MARKETS = {"us": "us.10y", "uk": "uk.10y", "fr": "fr.10y", "jp": "jp.10y"}
OTHERS = {"vix": "vix", "fsi": "ofr.fsi", "noise": "us.noise"}
FIRST, DAYS = 20_100, 140  # from a Saturday on
NOW = datetime.fromtimestamp((FIRST + DAYS + 20) * 86_400, UTC)


@cache
def part(as_of=NOW):
    inputs = Inputs(panel_as_known(panel(), as_of))
    return AlignedPart(inputs, MARKETS, OTHERS, lambda name, n: believed(name, *inputs.native(name), n))


@cache
def panel():
    """Each market prints on most weekdays and once on a Saturday; hours to days pass until a print is known."""
    rng = np.random.default_rng(6)
    tracks = {}
    for place, name in enumerate((*MARKETS.values(), *OTHERS.values())):
        days = np.arange(FIRST, FIRST + DAYS)
        weekday = (days + 3) % 7 < 5
        kept = (rng.random(DAYS) < 0.85) & (weekday | (days == FIRST + 56))
        kept[70 : 70 + 3 * place] = False  # some are silent for longer than a value is carried
        known = days[kept] * 86_400 + rng.integers(8, 24 + 30 * (place > 3), kept.sum()) * 3_600
        known[40:45] += 86_400 * 3
        values = np.round(4 + np.cumsum(rng.normal(0, 0.02, kept.sum())), 1 if name == "us.noise" else 3)
        tracks[name] = make_track(name, "one", days[kept], values, known, known)
    return Panel(NOW, tracks)


def believed(name, days, values, n):
    """The 30th print of Japan is a bad one: the next tells."""
    values = values[:n].copy()
    if name == "jp.10y" and n > 31:
        values[30] = np.nan
    return values


@settings(max_examples=150, deadline=None)
@given(st.integers(8 * 24, (DAYS + 10) * 24))
def test_rows_at_a_moment_are_those_of_what_was_known(hours):
    as_of = datetime.fromtimestamp(FIRST * 86_400, UTC) + timedelta(hours=hours)
    view, then, whole = part().view(moment_of(as_of)), part(as_of).whole, part().whole
    n = len(then.days)
    np.testing.assert_array_equal(view.rows.days, then.days)
    np.testing.assert_array_equal(view.rows.yields, then.yields)
    np.testing.assert_array_equal(view.rows.own, then.own)
    assert view.rows.days.tolist() == whole.days[:n].tolist()
    for name in OTHERS:
        np.testing.assert_array_equal(view.rows.others[name][:], then.others[name])
        np.testing.assert_array_equal(view.rows.others[name][: view.first[name]], whole.others[name][: view.first[name]])
        assert view.first[name] == n or view.rows.others[name][view.first[name]] != whole.others[name][view.first[name]]
    for column, name in enumerate(MARKETS):
        first = view.first[name]
        np.testing.assert_array_equal(view.rows.yields[:first, column], whole.yields[:first, column])
        np.testing.assert_array_equal(view.rows.own[:first, column], whole.own[:first, column])


def test_nothing_is_known_before_the_last_market_has_begun():
    before = part().view(moment_of(datetime.fromtimestamp(FIRST * 86_400, UTC)))
    assert (before.last, len(before.rows.days)) == (-1, 0)


def test_a_view_is_the_same_object_until_something_new_is_known():
    moment = datetime.fromtimestamp((FIRST + 100) * 86_400, UTC)
    assert part().view(moment_of(moment)) is part().view(moment_of(moment + timedelta(seconds=1)))
    with pytest.raises(AttributeError):
        part().view(moment_of(moment)).first = {}


def test_rows_held_from_before_another_moment_are_looked_at_again():
    inputs = Inputs(panel())
    aligned = AlignedPart(inputs, MARKETS, OTHERS, lambda name, n: believed(name, *inputs.native(name), n))
    now = moment_of(NOW - timedelta(days=30))
    held = aligned.view(now)
    assert aligned.view(now) is held
    inputs.upto("us.10y", moment_of(NOW))
    assert aligned.view(now) is held
    assert set(inputs.looked_at(now)) == {*MARKETS.values(), *OTHERS.values()}
