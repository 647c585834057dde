"""Trailing windows over a series of observations, oldest first: all at once, never looking ahead."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .stats import Floats

Flags = NDArray[np.bool_]


def windows(x: Floats, k: int) -> NDArray[np.float64]:
    """All trailing windows of k, one a row; none when x is shorter."""
    return sliding_window_view(x, k) if len(x) >= k else np.empty((0, k))


def ahead(values: NDArray[np.float64], n: int) -> Floats:
    """Window results put on n rows: the rows before the first whole window are unknown."""
    return np.concatenate((np.full(n - len(values), np.nan), values))


def run_lengths(flags: Flags) -> NDArray[np.int64]:
    """Consecutive true rows up to each row."""
    rows = np.arange(len(flags))
    if len(rows) == 0:
        return rows
    return np.asarray(rows - np.maximum.accumulate(np.where(flags, -1, rows)), dtype=np.int64)


def last_unlike(codes: NDArray[np.int8], row: int) -> int:
    """The last row before `row` that holds another code; −1 for none. Looks back in ever longer blocks, as it is mostly near."""
    code, stop, size = codes[row : row + 1].tobytes(), row, 64
    while stop > 0:
        start = max(stop - size, 0)
        if others := len(codes[start:stop].tobytes().rstrip(code)):  # a byte a code
            return start + others - 1
        stop, size = start, 8 * size
    return -1


def spells(codes: NDArray[np.int8]) -> tuple[int, ...]:
    """The rows on which another code begins, the first row among them."""
    return 0, *(np.flatnonzero(codes[1:] != codes[:-1]) + 1).tolist()


def spell_at(began: Sequence[int], row: int) -> int:
    """The row on which the spell of a row began."""
    return began[bisect_right(began, row) - 1]


def trailing_minimum(x: Floats, n: int) -> Floats:
    """Minimum of the last n; unknown before there are n."""
    return ahead(windows(x, n).min(axis=1), len(x))


def rolling_quantiles(x: Floats, starts: NDArray[np.int64], quantiles: tuple[float, ...]) -> list[Floats]:
    """Quantiles (linear interpolation) of x[starts[t] … t] for each row t; `starts` never goes back."""
    values = x.tolist()
    ordered: list[float] = []
    out = np.empty((len(quantiles), len(values)))
    oldest = 0
    for row, (value, start) in enumerate(zip(values, starts.tolist(), strict=True)):
        insort(ordered, value)
        while oldest < start:
            del ordered[bisect_left(ordered, values[oldest])]
            oldest += 1
        for place, q in enumerate(quantiles):
            position = q * (len(ordered) - 1)
            below = int(position)
            above = min(below + 1, len(ordered) - 1)
            out[place, row] = ordered[below] + (position - below) * (ordered[above] - ordered[below])
    return list(out)


def last_n(count: int, n: int) -> NDArray[np.int64]:
    """Window starts for the last n of `count` observations, or as many as there are."""
    return np.maximum(np.arange(count) - n + 1, 0)
