import csv
from datetime import date

import numpy as np
import pytest
from bondtop.signals import moves as m
from hypothesis import given, settings
from hypothesis import strategies as st


def day(iso):
    return (date.fromisoformat(iso) - date(1970, 1, 1)).days


def weekdays(rows):
    return np.array([d for d in range(10000, 10000 + 2 * rows) if (d + 3) % 7 < 5][:rows], dtype=np.int32)


def walk(rows=1500, seed=11):
    """Yields in % with daily σ of 5 bp."""
    return 5 + np.cumsum(np.random.default_rng(seed).normal(0, 5, rows)) / 100


def test_a_constant_sigma_is_found_and_never_includes_its_own_move():
    bp = np.where(np.arange(200) % 2, 5.0, -5.0)
    bp[-1] = 40.0
    moves = m.sigma_moves(weekdays(201), 4 + np.concatenate(([0.0], np.cumsum(bp))) / 100)
    assert moves.sigma_used[-1] == pytest.approx(5.0)
    assert moves.z[-1] == pytest.approx(8.0)
    assert np.isnan(moves.z[:121]).all() and not np.isnan(moves.z[121])  # 120 changes come first


def test_the_floor_binds_on_a_pinned_series():
    bp = np.append(np.where(np.arange(200) % 2, 0.3, -0.3), 15.0)
    moves = m.sigma_moves(weekdays(202), np.concatenate(([0.0], np.cumsum(bp))) / 100)
    reading = m.move_at(moves, -1)
    assert reading.sigma_used == 2.0
    assert (reading.z, reading.z_fast, reading.z_slow) == pytest.approx((7.5, 7.5, 7.5))
    assert reading.word == "six-sigma"


def test_the_wilder_of_fast_and_slow_is_used():
    rng = np.random.default_rng(4)
    bp = np.concatenate((rng.choice([-3.0, 3.0], 500), rng.choice([-12.0, 12.0], 40)))
    after_storm = m.sigma_moves(weekdays(541), np.concatenate(([4.0], 4 + np.cumsum(bp) / 100)))
    assert after_storm.sigma_used[-1] > 10 and abs(after_storm.z[-1]) == pytest.approx(abs(after_storm.z_fast[-1]))
    assert abs(after_storm.z_slow[-1]) > abs(after_storm.z[-1])


@pytest.mark.parametrize(
    ("z", "expected"),
    [(1.99, ""), (2.0, "notable"), (-2.5, "notable"), (3.0, "large"), (-4.0, "extreme"), (5.99, "extreme"), (-6.0, "six-sigma")],
)
def test_words(z, expected):
    assert m.word(z) == expected
    assert m.word(None) == ""


def test_frequency_counts_the_day_itself():
    z = np.full(1200, 0.5)
    z[[100, 1100]] = (3.0, -4.0)
    z[-1] = -3.0
    assert m.frequency(z, -1) == m.Frequency(one_in=400, count=3, n=1200)
    assert m.frequency(z, 1100) == m.Frequency(one_in=None, count=1, n=1101)
    assert m.frequency_text(m.frequency(z, -1)) == "1 in 400 sessions"
    assert m.frequency_text(m.frequency(z, 1100)) == "not seen before in 1,101 sessions"
    assert m.frequency(z, 0) is None and m.frequency_text(None) == ""


def test_several_rows_are_counted_as_each_alone():
    z = np.random.default_rng(7).standard_normal(1_300).round(1)
    z[[3, 40, 1_250]] = np.nan
    rows = [0, 900, 1_020, 1_021, 1_250, 1_299]
    found = m.frequencies(z, rows)
    assert found == [m.frequency(z, row) for row in rows] and m.frequencies(z, []) == []
    past = np.abs(z[:1_022])
    assert found[3] is not None and found[3].count == (past >= past[-1]).sum() and found[3].n == 1_020


def test_frequency_needs_a_thousand_known_sessions():
    z = np.full(1000, 1.0)
    assert m.frequency(z, -1) == m.Frequency(1, 1000, 1000)
    z[3] = np.nan
    assert m.frequency(z, -1) is None
    z = np.full(1100, 1.0)
    z[-1] = np.nan
    assert m.frequency(z, -1) is None


def test_holidays_are_missing_not_zero():
    days, yields = weekdays(400), walk(400)
    yields[200] = np.nan
    moves = m.sigma_moves(days, yields)
    assert len(moves.days) == 399
    assert moves.change_bp[200] == pytest.approx(100 * (yields[201] - yields[199]))


def test_a_suspect_print_enters_no_sigma_and_no_other_change():
    days, yields = weekdays(400), walk(400)
    spiked, suspect = yields.copy(), np.zeros(400, dtype=bool)
    spiked[300] += 0.5
    suspect[300] = True
    without = yields.copy()
    without[300] = np.nan
    marked, clean = m.sigma_moves(days, spiked, suspect), m.sigma_moves(days, without)
    others = np.arange(400) != 300
    assert np.array_equal(marked.change_bp[others], clean.change_bp, equal_nan=True)
    assert marked.sigma_used[others] == pytest.approx(clean.sigma_used, rel=0.02, nan_ok=True)  # its row still ages the weights
    assert marked.change_bp[300] == pytest.approx(100 * (spiked[300] - spiked[299])) and marked.z[300] > 6


def test_the_window_of_the_series_is_stated():
    days, yields = weekdays(1500), walk()
    reading = m.move_at(m.sigma_moves(days, yields), -1)
    assert reading.n == 1500 - 121 and reading.first_day == days[121] and reading.day == days[-1]
    short = m.move_at(m.sigma_moves(days[:100], yields[:100]), -1)
    assert (short.z, short.word, short.frequency, short.n, short.first_day) == (None, "", None, 0, None)


@settings(max_examples=20, deadline=None)
@given(st.integers(130, 498), st.sampled_from([np.nan, 0.0, 99.0]))
def test_the_future_changes_no_earlier_row(cut, value):
    days, yields = weekdays(500), walk(500)
    whole = m.sigma_moves(days, yields)
    altered = m.sigma_moves(days, np.where(np.arange(500) > cut, value, yields))
    assert np.array_equal(whole.z[: cut + 1], altered.z[: cut + 1], equal_nan=True)


@pytest.fixture(scope="module")
def jgb(recorded):
    """σ-moves of the ministry's constant-maturity yields by tenor."""
    with (recorded / "mof_japan" / "jgbcme_all.csv").open(encoding="ascii") as file:
        next(file)
        rows = list(csv.DictReader(file))
    days = np.array([(date(*map(int, r["Date"].split("/"))) - date(1970, 1, 1)).days for r in rows], dtype=np.int32)
    yields = {k: np.array([float(r[k]) if r[k] != "-" else np.nan for r in rows]) for k in ("10Y", "30Y", "40Y")}
    return {f"jp.{k.lower()}": m.sigma_moves(days, y) for k, y in yields.items()}


@pytest.mark.recorded
def test_reference_moves(jgb, golden_panel):
    for case in golden_panel["sigma_moves"]["cases"]:
        moves = jgb[case["series"]]
        reading = m.move_at(moves, int(np.searchsorted(moves.days, day(case["date"]))))
        assert reading.change_bp == pytest.approx(case["change_bp"], abs=1e-9)
        assert reading.sigma_used == pytest.approx(case["sigma_used"], abs=6e-5)
        assert (reading.z, reading.z_fast, reading.z_slow) == pytest.approx((case["z"], case["z_fast"], case["z_slow"]), abs=6e-4)


@pytest.mark.recorded
def test_reference_frequency(jgb, golden_panel):
    case = golden_panel["sigma_moves"]["frequency"]
    moves = jgb[case["series"]]
    seen = m.frequency(moves.z, int(np.searchsorted(moves.days, day(case["date"]))))
    assert (seen.n, seen.count, seen.one_in) == (case["n"], case["count"], case["one_in"])
