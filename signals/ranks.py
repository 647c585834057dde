"""Order statistics of trailing windows over a whole history at once.

A wavelet matrix sorts the history by one bit of its values' ranks after the other and follows every row's window through all the sorts;
each step is a handful of array operations, so 8,000 windows of ten years take a few milliseconds.
Source: Claude, Navarro and Ordóñez 2015, The wavelet matrix.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.intp]


def windows(known: NDArray[np.bool_], window: int) -> tuple[Ints, Ints]:
    """First and one-past-last place of each row's trailing window, counted among the known rows."""
    past = np.cumsum(known, dtype=np.intp)
    first = np.zeros_like(past)
    first[window:] = past[: max(len(past) - window, 0)]
    return first, past


def count_less_and_equal(codes: Ints, first: Ints, past: Ints, code: Ints) -> tuple[Ints, Ints]:
    """How many of codes[first:past] are less than, and equal to, `code`; one query a row."""
    less = np.zeros_like(code)
    for bit, zeros in _levels(codes):
        is_one = (code >> bit & 1).astype(np.bool_)
        first_zero, past_zero = zeros[first], zeros[past]
        less += np.where(is_one, past_zero - first_zero, 0)
        first = np.where(is_one, zeros[-1] + first - first_zero, first_zero)
        past = np.where(is_one, zeros[-1] + past - past_zero, past_zero)
    return less, past - first


def smallest(codes: Ints, first: Ints, past: Ints, place: Ints) -> Ints:
    """The value of codes[first:past] at `place` when sorted (0 is the smallest; it must exist); one query a row."""
    found = np.zeros_like(place)
    for bit, zeros in _levels(codes):
        first_zero, past_zero = zeros[first], zeros[past]
        is_one = place >= past_zero - first_zero
        found |= is_one.astype(np.intp) << bit
        place = np.where(is_one, place - (past_zero - first_zero), place)
        first = np.where(is_one, zeros[-1] + first - first_zero, first_zero)
        past = np.where(is_one, zeros[-1] + past - past_zero, past_zero)
    return found


def percentiles_between(x: NDArray[np.float64], start: int, stop: int, window: int, min_obs: int) -> NDArray[np.float64]:
    """`stats.percentile` of the rows from `start` to `stop` only, its end excluded, fewer than a window.

    Nearly all values lie in the windows of all these rows: they are sorted once; those at the edges are compared one by one.
    """
    value, rows = x[start:stop], np.arange(start, stop)
    shared = max(stop - window, 0)
    inner = np.sort(x[shared:start])
    inner = inner[inner == inner]  # an unknown value does not equal itself
    leaving = np.arange(max(start - window + 1, 0), min(shared, start))
    edges = x[np.concatenate([leaving, rows])][:, None]
    entering = rows[:, None]  # below, the windows are columns
    inside = np.concatenate([leaving[:, None] > rows - window, (entering <= rows) & (entering > rows - window)])
    less = inner.searchsorted(value, "left") + _true((edges < value) & inside)
    equal = inner.searchsorted(value, "right") + _true((edges <= value) & inside) - less
    count = len(inner) + _true((edges == edges) & inside)
    out = np.full(len(value), np.nan)
    np.divide(less + (equal + 1) / 2, count, out=out, where=(value == value) & (count >= max(min_obs, 1)))
    return out


def _true(table: NDArray[np.bool_]) -> NDArray[np.int32]:
    """How many of each column are; summed by the row, which is quicker."""
    return np.asarray(table.view(np.int8).sum(axis=0, dtype=np.int32))


def _levels(codes: Ints) -> Iterator[tuple[int, Ints]]:
    """For each bit, highest first: how many codes before each place have it clear; codes are then parted by it, order kept."""
    for bit in reversed(range(int(codes.max(initial=0)).bit_length())):
        clear = (codes >> bit & 1) == 0
        yield bit, np.concatenate([[0], np.cumsum(clear)])
        codes = np.concatenate([codes[clear], codes[~clear]])
