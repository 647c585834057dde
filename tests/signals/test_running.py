"""Running sums and moving windows equal those of the whole history, in whatever order their rows are asked for."""

import numpy as np
from bondtop.signals.columns import Continued, joined
from bondtop.signals.running import Deviation, Ranks, Sums, Window
from bondtop.signals.stats import decayed_sum, ewma_mean_square, lagged, percentile
from hypothesis import given
from hypothesis import strategies as st

known_or_not = st.one_of(st.just(np.nan), st.integers(0, 9).map(float))
ROWS = st.lists(st.integers(0, 300), min_size=1, max_size=12)


@given(ROWS, st.sampled_from([0.5, 0.94, 0.9973]))
def test_sums_before_a_row_are_those_through_the_row_before(rows, lam):
    x = np.random.default_rng(3).normal(0, 2, (300, 3))
    sums = Sums(lambda start, stop: x[start:stop], len(x), lam)
    through = decayed_sum(x, lam)
    for row in rows:
        np.testing.assert_allclose(sums.before(row), through[row - 1] if row else np.zeros(3), rtol=1e-12, atol=1e-12)


@given(st.lists(known_or_not, min_size=2, max_size=90), ROWS, st.integers(1, 9), st.lists(known_or_not, min_size=1, max_size=5))
def test_deviations_of_other_newest_rows_are_those_of_the_whole(x, rows, min_obs, newest):
    x = np.array(x)
    deviation = Deviation(x, 0.9, min_obs)
    for row in rows:
        first = row % (len(x) + 1)
        expected = lagged(np.sqrt(ewma_mean_square(joined(x, first, newest), 0.9, min_obs)))[first:]
        np.testing.assert_allclose(deviation.before(first, newest), expected, rtol=1e-9, atol=1e-9)


@given(st.lists(known_or_not, min_size=1, max_size=200), ROWS, st.integers(1, 90))
def test_a_window_moves_to_its_neighbours(x, rows, size):
    x = np.array(x)
    window = Window(x, size)
    for row in rows:
        row %= len(x) + 1
        there = x[max(row - size + 1, 0) : row]
        assert window.before(row) == sorted(there[~np.isnan(there)].tolist())


@given(
    st.lists(known_or_not, min_size=2, max_size=120),
    ROWS,
    st.integers(1, 90),
    st.integers(1, 9),
    st.lists(known_or_not, min_size=1, max_size=6),
)
def test_ranks_of_other_newest_rows_are_those_of_the_whole(x, rows, size, min_obs, newest):
    x = np.array(x)
    ranks = Ranks(x, size, min_obs)
    for row in rows:
        first = row % (len(x) + 1)
        then = joined(x, first, newest)
        np.testing.assert_array_equal(ranks.of(first, newest), percentile(then, size, min_obs)[first:])


def test_a_joined_history_shares_nothing_with_the_first():
    x = np.arange(5, dtype=np.int8)
    found = joined(x, 3, [7, 8, 9])
    assert found.tolist() == [0, 1, 2, 7, 8, 9] and found.dtype == np.int8
    found[0] = 5
    assert x[0] == 0


@given(st.integers(0, 6), st.integers(0, 4), st.slices(12))
def test_a_continued_column_reads_as_the_joined_one(first, n, cut):
    x, newest = np.arange(14.0).reshape(7, 2), [[-1.0 - each, each] for each in range(n)]
    column, whole = Continued(x, first, newest), joined(x, first, newest)
    cut = slice(cut.start, cut.stop)
    np.testing.assert_array_equal(column[cut], whole[cut])
    assert len(column) == len(whole)
    for row in range(-len(whole), len(whole)):
        assert [*column[row]] == whole[row].tolist()
