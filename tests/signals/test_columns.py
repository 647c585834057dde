"""Columns as known at a moment are read as the arrays they stand for."""

import numpy as np
from bondtop.signals.columns import Continued, between, joined, since
from bondtop.signals.parts.labelfacts import OLDEST_DAYS, _places
from hypothesis import given
from hypothesis import strategies as st

NUMBERS = st.lists(st.floats(-9, 9), max_size=12)


@given(NUMBERS, NUMBERS, st.data())
def test_neighbouring_rows_are_those_of_the_whole_column(before, newest, data):
    first = data.draw(st.integers(0, len(before)))
    column, whole = Continued(np.array(before), first, newest), joined(np.array(before), first, newest)
    start = data.draw(st.integers(0, len(whole)))
    stop = data.draw(st.integers(start, len(whole) + 2))
    assert between(column, start, stop) == between(whole, start, stop) == whole[start:stop].tolist()
    assert since(column, start) == since(whole, start) == whole[start:].tolist()


@given(st.sets(st.integers(0, 90), max_size=40), st.sets(st.integers(0, 99), max_size=6), st.integers(0, 45))
def test_a_row_has_the_newest_value_that_is_not_too_old(days, rows, known):
    days, rows = np.array(sorted(days), np.int32), sorted(rows)
    upto = days[:known]
    newest = [int(np.count_nonzero(upto <= row)) - 1 for row in rows]
    expected = [place if place >= 0 and row - upto[place] <= OLDEST_DAYS else -1 for row, place in zip(rows, newest, strict=True)]
    assert _places(days, known, rows) == expected
