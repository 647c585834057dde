"""What settled rows tell of the next: running sums and trailing windows in order, kept for one row and carried on to its neighbours.

A replay reads neighbours one after the other, and a few Python numbers are quicker than many small arrays.
"""

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from .stats import Floats, decayed_sum

FORGOTTEN = 1e-18  # a weight below the last bit of a double
RUN = 32  # neighbouring rows whose sums are worked out at once
NEAR = 32  # rows over which a window is moved value by value rather than put in order anew

Terms = Callable[[int, int], Floats]
"""Rows `start` to `stop`, its end excluded, of what is to be summed; shape (rows, columns), nothing missing."""


def memory(lam: float) -> int:
    """Rows after which an exponential weight no longer shows in a double."""
    return math.ceil(math.log(FORGOTTEN) / math.log(lam))


def decays(n: int, lam: float) -> Floats:
    """λ^k for the newest n rows (at most `memory`), oldest first."""
    every = _every_weight(lam)
    return every[len(every) - n :]


@cache
def _every_weight(lam: float) -> Floats:
    """Powers cost more than the sums they weigh, and each step of a replay needs the same ones."""
    weights: Floats = np.asarray(lam ** np.arange(memory(lam) - 1, -1, -1), np.float64)
    weights.setflags(write=False)
    return weights


class Sums:
    """Σ λ^k x_{t−k} through each of `n` rows, for each column."""

    def __init__(self, terms: Terms, n: int, lam: float) -> None:
        self._terms, self._n, self._lam = terms, n, lam
        self._run: tuple[int, list[list[float]]] = (0, [])

    def before(self, row: int) -> list[float]:
        """The sums of all rows before one, a list of one's own; `row` may be one past the last."""
        start, run = self._run
        if not start <= row < start + len(run):
            start = row // RUN * RUN
            run = self._sums(start, min(start + RUN, self._n + 1))
            self._run = start, run
        return [*run[row - start]]

    def _sums(self, start: int, stop: int) -> list[list[float]]:
        """Before the rows `start` to `stop`, its end excluded."""
        past = self._terms(max(start - memory(self._lam), 0), start)
        first = decays(len(past), self._lam) @ past
        if stop == start + 1:
            return [first.tolist()]
        later = decayed_sum(self._terms(start, stop - 1), self._lam)
        aged = np.multiply.outer(self._lam ** np.arange(1, stop - start), first)
        return [first.tolist(), *(aged + later).tolist()]


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
        if all(value != value for value in newest):  # an unknown value does not equal itself
            return [math.nan] * len(newest)
        x, window = self._window.x, self._window.window
        ordered = self._window.before(first)
        left = max(first - window + 1, 0)
        out = []
        for place, value in enumerate(newest):
            gone = x[left : min(max(first + place - window + 1, 0), first)].tolist() if place else []
            come = newest[max(place + 1 - window, 0) : place + 1]
            less = bisect_left(ordered, value) + sum(each < value for each in come) - sum(each < value for each in gone)
            upto = bisect_right(ordered, value) + sum(each <= value for each in come) - sum(each <= value for each in gone)
            n = len(ordered) + sum(each == each for each in come) - sum(each == each for each in gone)
            known = value == value and n >= self._min_obs
            out.append((less + (upto - less + 1) / 2) / n if known else math.nan)
        return out
