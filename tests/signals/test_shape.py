import math

import numpy as np
import pytest
from bondtop.signals import shape as s
from hypothesis import given, settings
from hypothesis import strategies as st

MOVES = st.floats(-60, 60).map(lambda x: round(x, 1))


def test_reference_shapes(golden):
    for case in golden["curve_shape"]["cases"]:
        shape = s.shape_of(case["d_short"], case["d_long"], 50.0, case["sigma_S"], case["w"])
        assert shape.shape == case["shape"]
        assert (shape.dS, shape.dL, shape.band) == pytest.approx((case["dS"], case["dL"], case["band"]), abs=1e-6)
        assert shape.plain_band == (case["sigma_S"] is None)


@given(MOVES, MOVES, st.sampled_from([2.0, 3.2]))
def test_mirrored_moves_have_mirrored_words(short, long, band):
    mirror = {"up": "down", "down": "up", "bull": "bear", "bear": "bull", "steepener": "flattener", "flattener": "steepener"}
    word = s.classify(short, long, band)
    if short + long != 0 or "twist" in word:  # without a change of level there is no side to mirror
        assert s.classify(-short, -long, band) == " ".join(mirror.get(part, part) for part in word.split())


@given(MOVES, MOVES)
def test_words_mean_what_they_say(short, long):
    word = s.classify(short, long, 2.0)
    if "steepener" in word:
        assert long > short
    if "flattener" in word:
        assert long < short
    if word.startswith("twist"):
        assert short * long < 0
    if word.startswith("bull"):
        assert short + long < 0
    if word.startswith(("parallel", "unchanged")):
        assert abs(long - short) < 2.0


@pytest.mark.parametrize(("short", "long", "driver"), [(-10, -2, "short"), (5, 15, "long"), (-4, 4, "both")])
def test_driver_is_the_leg_that_moved_more(short, long, driver):
    assert s.shape_of(short, long, 10.0, 2.0, 21).driven_by == driver


def test_inversion():
    assert s.shape_of(1, 2, -0.1, 2.0, 5).inverted is True
    assert s.shape_of(1, 2, 0.0, 2.0, 5).inverted is False


def pair(rows=300, seed=3):
    rng = np.random.default_rng(seed)
    days = np.array([d for d in range(19000, 19000 + 2 * rows) if (d + 3) % 7 < 5][:rows], dtype=np.int32)
    short = 3 + np.cumsum(rng.normal(0, 3, rows)) / 100
    return days, short, 4 + (short - 3) + np.cumsum(rng.choice([-2.0, 2.0], rows)) / 100


def test_windows_count_dates_on_which_both_legs_printed():
    days, short, long = pair()
    holes = long.copy()
    holes[[290, 295]] = np.nan
    short_only = short.copy()
    short_only[280] = np.nan
    moves = s.curve_moves(days, short_only, days, holes, 21)
    both = np.flatnonzero(~np.isnan(short_only) & ~np.isnan(holes))
    assert moves.days.tolist() == days[both].tolist()
    assert moves.short_bp[-1] == pytest.approx(100 * (short[both[-1]] - short[both[-22]]))
    assert moves.long_bp[-1] == pytest.approx(100 * (long[both[-1]] - long[both[-22]]))
    assert moves.slope_bp[-1] == pytest.approx(100 * (long[-1] - short[-1]))


def test_band_follows_the_slope_sigma():
    days, short, long = pair()
    shape = s.shape_at(s.curve_moves(days, short, days, long, 21), -1)
    assert shape.band == pytest.approx(0.35 * 2.0 * math.sqrt(21)) and not shape.plain_band
    early = s.shape_at(s.curve_moves(days[:121], short[:121], days[:121], long[:121], 21), -1)
    assert early.band == 2.0 and early.plain_band  # 119 slope changes before the day
    enough = s.shape_at(s.curve_moves(days[:122], short[:122], days[:122], long[:122], 21), -1)
    assert not enough.plain_band


def test_too_short_a_history_is_unknown():
    days, short, long = pair(20)
    shape = s.shape_at(s.curve_moves(days, short, days, long, 21), -1)
    assert (shape.shape, shape.dS, shape.dL, shape.band, shape.driven_by) == (None, None, None, None, None)
    assert shape.inverted is False and shape.window == 21


def test_no_shape_across_a_gap():
    days, short, long = pair()
    parted = np.where(np.arange(300) >= 290, days + 30, days)
    moves = s.curve_moves(parted, short, parted, long, 21)
    assert s.shape_at(moves, -1).shape is None and s.shape_at(moves, 289).shape is not None


@settings(max_examples=15, deadline=None)
@given(st.integers(30, 298), st.sampled_from([np.nan, 9.0]))
def test_the_future_changes_no_earlier_row(cut, value):
    days, short, long = pair()
    later = np.arange(300) > cut
    whole, altered = s.curve_moves(days, short, days, long), s.curve_moves(days, np.where(later, value, short), days, long)
    for name in ("short_bp", "long_bp", "sigma_s", "slope_bp"):
        assert np.array_equal(getattr(whole, name)[: cut + 1], getattr(altered, name)[: cut + 1], equal_nan=True)
