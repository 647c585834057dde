"""What settled rows tell of the next: running sums and trailing windows in order, kept for one row and carried on to its neighbours.

A replay reads neighbours one after the other, and a few Python numbers are quicker than many small arrays.
"""

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from .stats import Floats, decayed_sum

RUN = 32  # neighbouring rows whose sums are worked out at once
NEAR = 32  # rows over which a window is moved value by value rather than put in order anew

Terms = Callable[[int, int], Floats]
"""Rows `start` to `stop`, its end excluded, of what is to be summed; shape (rows, columns), nothing missing."""


class Sums:
    """Σ λ^k x_{t−k} through each of `n` rows, for each column; of the whole history every `RUN`th row is kept, once they are needed."""

    def __init__(self, terms: Terms, n: int, lam: float) -> None:
        self._terms, self._n, self._lam = terms, n, lam
        self._marks: Floats | None = None
        self._run: tuple[int, list[list[float]]] = (0, [])

    def before(self, row: int) -> list[float]:
        """The sums of all rows before one; `row` may be one past the last."""
        start, run = self._run
        if not start <= row < start + len(run):
            start = row // RUN * RUN
            run = self._sums(start, min(start + RUN, self._n + 1))
            self._run = start, run
        return run[row - start]

    def _sums(self, start: int, stop: int) -> list[list[float]]:
        """Before the rows `start` to `stop`, its end excluded."""
        if self._marks is None:
            self._marks = self._every_run()
        newest = self._terms(start, stop - 1)
        first = self._marks[start // RUN - 1] if start else np.zeros(newest.shape[1:])
        aged = np.multiply.outer(self._lam ** np.arange(stop - start), first)
        aged[1:] += decayed_sum(newest, self._lam)
        sums: list[list[float]] = aged.tolist()
        return sums

    def _every_run(self) -> Floats:
        """Through the last row of each full run."""
        terms = self._terms(0, self._n // RUN * RUN)
        weights = self._lam ** np.arange(RUN - 1, -1, -1)
        return decayed_sum(np.matmul(weights, terms.reshape(-1, RUN, terms.shape[1])), self._lam**RUN)


class Count:
    """How many values are known before a row, `least` standing for more, too."""

    def __init__(self, known: NDArray[np.bool_], least: int) -> None:
        self._places: list[int] = np.flatnonzero(known)[:least].tolist()

    def before(self, row: int) -> int:
        """Before a row of the history."""
        return bisect_left(self._places, row)


class Deviation:
    """Zero-mean EWMA σ of a series, where its newest rows are others than those of a history; unknown below `min_obs`."""

    def __init__(self, x: Floats, lam: float, min_obs: int) -> None:
        self._lam, self._min_obs = lam, max(min_obs, 1)
        self._sums, self._count = Sums(partial(_squares_and_weights, x), len(x), lam), Count(x == x, self._min_obs)

    def before(self, first: int, newest: Sequence[float]) -> list[float]:
        """σ through the row before each of `newest`, the values of row `first` and of those that follow."""
        (total, weight), count = self._sums.before(first), self._count.before(first)
        out = []
        for value in newest:
            out.append(math.sqrt(total / weight) if count >= self._min_obs and weight else math.nan)
            total, weight = self._lam * total, self._lam * weight
            if value == value:  # an unknown value does not equal itself
                total, weight, count = total + value * value, weight + 1.0, count + 1
        return out


def _squares_and_weights(x: Floats, start: int, stop: int) -> Floats:
    values, out = x[start:stop], np.empty((stop - start, 2))
    out[:, 1] = known = values == values  # an unknown value does not equal itself
    out[:, 0] = np.where(known, values * values, 0.0)
    return out


class Window:
    """The known values of x in the `window` rows that end with the one asked for, without it, in order."""

    def __init__(self, x: Floats, window: int) -> None:
        self.x, self.window = x, window
        self._start, self._stop = 0, 0
        self._values: list[float] = []

    def before(self, row: int) -> list[float]:
        """Rows row − window + 1 to row − 1; good until the next one is asked for."""
        start = max(row - self.window + 1, 0)
        if abs(row - self._stop) > NEAR or abs(start - self._start) > NEAR:
            known = np.sort(self.x[start:row])  # unknown values come last
            self._values = known[: int(np.count_nonzero(known == known))].tolist()
        else:
            self._put(row, self._stop, start, self._start)
        self._start, self._stop = start, row
        return self._values

    def _put(self, stop: int, old_stop: int, start: int, old_start: int) -> None:
        """Moves the window to its neighbour."""
        values = self._values
        for value in (*self.x[old_stop:stop].tolist(), *self.x[start:old_start].tolist()):
            if value == value:
                insort(values, value)
        for value in (*self.x[stop:old_stop].tolist(), *self.x[old_start:start].tolist()):
            if value == value:
                del values[bisect_left(values, value)]


class Ranks:
    """`stats.percentile` of the newest rows of a series, where they are others than those of a history."""

    def __init__(self, x: Floats, window: int, min_obs: int) -> None:
        self._window, self._min_obs = Window(x, window), max(min_obs, 1)

    def of(self, first: int, newest: Sequence[float]) -> list[float]:
        """Ranks 0…1 of `newest`, the values of row `first` and of those that follow; the rows before are the history's."""
        out: list[float] = []
        x, window = self._window.x, self._window.window
        left = max(first - window + 1, 0)
        ordered: list[float] | None = None
        for place, value in enumerate(newest):
            if value != value:  # an unknown value does not equal itself
                out.append(math.nan)
                continue
            if ordered is None:
                ordered = self._window.before(first)
            less, upto, n = bisect_left(ordered, value), bisect_right(ordered, value), len(ordered)
            for come in newest[max(place + 1 - window, 0) : place + 1]:
                less, upto, n = less + (come < value), upto + (come <= value), n + (come == come)
            for gone in x[left : min(max(first + place - window + 1, 0), first)].tolist() if place else ():
                less, upto, n = less - (gone < value), upto - (gone <= value), n - (gone == gone)
            out.append((less + (upto - less + 1) / 2) / n if n >= self._min_obs else math.nan)
        return out
