"""Percentiles in runs are those of the whole history, in whatever order they are asked for."""

import numpy as np
import pytest
from bondtop.signals.parts.neighbours import RUN, Ranked
from bondtop.signals.stats import percentile
from hypothesis import given, settings
from hypothesis import strategies as st

VALUES = st.lists(st.sampled_from([1.0, 2.0, 2.5, 7.0, np.nan]), min_size=1, max_size=3 * RUN)


@settings(max_examples=60, deadline=None)
@given(VALUES, st.integers(1, 12), st.integers(3, 2 * RUN), st.data())
def test_the_rank_of_a_value_is_that_of_the_whole_history(values, min_obs, window, data):
    x = np.array(values)
    whole, ranked = percentile(x, window, min_obs), Ranked(x, window, min_obs)
    for n in data.draw(st.lists(st.integers(1, len(x)), max_size=9)):
        assert ranked[n] == (None if np.isnan(whole[n - 1]) else pytest.approx(whole[n - 1]))


def test_nothing_has_no_rank():
    assert Ranked(np.array([]))[0] is None
    assert Ranked(np.ones(3), 3, 1)[0] is None
