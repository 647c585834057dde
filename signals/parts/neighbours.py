"""What is said of a row of a history, worked out for neighbouring ones at once: a replay reads them one after the other."""

from typing import Any

from numpy.typing import NDArray

from ..ranks import percentiles_between
from ..stats import Floats, listed

RUN = 32  # rows


class Ranked:
    """Percentile 0…1 of each value of a series among the `window` up to it, as `stats.percentile` gives it; one run of them is held."""

    def __init__(self, x: Floats, window: int = 2520, min_obs: int = 500) -> None:
        self._x, self._window, self._min_obs = x, window, min_obs
        self._start, self._run = 0, list[float | None]()

    def __getitem__(self, n: int) -> float | None:
        """That of the last of the first n; None where it is not known."""
        if n == 0:
            return None
        place = n - 1 - self._start
        if not 0 <= place < len(self._run):
            self._start, place = (n - 1) // RUN * RUN, (n - 1) % RUN
            stop = min(self._start + RUN, len(self._x))
            self._run = listed(percentiles_between(self._x, self._start, stop, self._window, self._min_obs))
        return self._run[place]


class Columns:
    """Several columns of a history row by row, as Python numbers, None for unknown; one run of rows is held."""

    def __init__(self, *columns: NDArray[Any]) -> None:
        self._columns = columns
        self._start, self._run = 0, list[tuple[Any, ...]]()

    def __getitem__(self, row: int) -> tuple[Any, ...]:
        """What the columns say on a row."""
        place = row - self._start
        if not 0 <= place < len(self._run):
            self._start, place = row // RUN * RUN, row % RUN
            cut = slice(self._start, self._start + RUN)
            self._run = list(zip(*(listed(column[cut]) for column in self._columns), strict=True))
        return self._run[place]
