"""Percentiles of the newest value, worked out for neighbouring ones at once: a replay reads them one after the other."""

from ..ranks import percentiles_between
from ..stats import Floats, listed

RUN = 32  # values


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
