import numpy as np
import pytest
from bondtop.signals.ranks import percentiles_between
from bondtop.signals.stats import percentile
from hypothesis import given, settings
from hypothesis import strategies as st

VALUES = st.lists(st.sampled_from([np.nan, 1.0, 2.0, 3.0, 4.0]), min_size=1, max_size=60)


@settings(max_examples=60, deadline=None)
@given(VALUES, st.integers(1, 40), st.integers(1, 10), st.data())
def test_some_rows_are_those_of_the_whole_history(values, window, min_obs, data):
    x = np.array(values)
    start = data.draw(st.integers(0, len(x) - 1))
    stop = data.draw(st.integers(start + 1, len(x)))
    expected = percentile(x, window, min_obs)[start:stop]
    assert percentiles_between(x, start, stop, window, min_obs).tolist() == pytest.approx(expected.tolist(), nan_ok=True, abs=0)
