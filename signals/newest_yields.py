"""What the newest rows of the panel's yields say to the map, one by one, from what the settled rows before them tell."""

import math
from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

import numpy as np

from .gate import TURBULENT_STEPS, mahalanobis_at, opening_covariance
from .regime import RegimeHistory
from .running import Sums
from .stats import BP_PER_PERCENT, Floats

Row = list[float]  # by market


class Spot(NamedTuple):
    """Coordinates of one row over one horizon."""

    s: Row
    m: float
    D: float
    kappa: float


class Moved(NamedTuple):
    """What the yields of one row say."""

    sigma_bp: Row
    spots: list[Spot]  # by horizon of the strip
    rho: float
    rv: float
    turb: float


class NewestYields:
    """Yields in %, (rows, markets), none missing, with the map made of them."""

    def __init__(self, history: RegimeHistory, yields: Floats) -> None:
        self._params = params = history.params
        n, markets = yields.shape
        self._pairs = [(i, j) for i in range(markets) for j in range(i, markets)]
        columns = [[*each] for each in zip(*self._pairs, strict=True)]
        squares, two_rows = partial(_squares, yields), partial(_products, yields, columns, TURBULENT_STEPS)
        self._slow, self._fast = Sums(squares, n, params.sigma.lam_slow), Sums(squares, n, params.gate.lam_rv)
        self._together = Sums(partial(_products, yields, columns, params.correlation.steps), n, params.correlation.lam)
        self._wild = Sums(two_rows, n, params.gate.lam_turb)
        self._begin = TURBULENT_STEPS + params.gate.turb_start  # of turbulence
        self._opening = self._opening_of(yields)
        self._turb = history.stress.values["turb"]
        known = self._turb == self._turb  # an unknown value does not equal itself; once known it stays so
        self._turb_from = int(known.argmax()) if known.any() else n

    def from_row(self, first: int, yields: Floats) -> list[Moved]:
        """The rows from `first` on of `yields` that were the map's own before."""
        if first >= len(yields):
            return []
        params, gate, out = self._params, self._params.gate, []
        sigma, correlation, horizons = params.sigma, params.correlation, [*params.strip.values()]
        slow, fast, together, wild = (each.before(first) for each in (self._slow, self._fast, self._together, self._wild))
        start = max(first - max(*horizons, TURBULENT_STEPS, correlation.steps), 0)
        recent: list[Row] = yields[start:].tolist()
        decay = 1.0 - 2.0 / (gate.turb_span + 1.0)
        seen = (1.0 - decay ** max(first - self._turb_from, 0)) / (1.0 - decay)  # weights behind the smoothed turbulence
        turb = float(self._turb[first - 1]) if seen else math.nan
        opening = self._opening if first >= self._begin else self._opening_of(yields)
        for row in range(first, len(yields)):
            day, some, two = (_change(recent, row - start, steps) for steps in (1, correlation.steps, TURBULENT_STEPS))
            sigma_bp = _roots(slow, row - 1, sigma.lam_slow, sigma.min_slow, sigma.floor)
            distance = self._distance(two, wild, opening, row) if row >= self._begin else math.nan
            if distance == distance:
                turb = (distance + decay * seen * turb) / (1.0 + decay * seen) if seen else distance
                seen = 1.0 + decay * seen
            else:
                seen *= decay
            slow, fast = (_aged(sums, lam, [x * x for x in day]) for sums, lam in ((slow, sigma.lam_slow), (fast, gate.lam_rv)))
            together = _aged(together, correlation.lam, [some[i] * some[j] for i, j in self._pairs] if some else [])
            wild = _aged(wild, gate.lam_turb, [two[i] * two[j] for i, j in self._pairs] if two else [])
            enough = row + 1 - correlation.steps >= max(correlation.min_obs, 1)
            out.append(
                Moved(
                    sigma_bp,
                    [_spot(_change(recent, row - start, steps), sigma_bp, steps) for steps in horizons],
                    self._mean_correlation(together) if enough else math.nan,
                    sum(_roots(fast, row, gate.lam_rv, gate.min_rv)) / len(fast),
                    turb,
                )
            )
        return out

    def _opening_of(self, yields: Floats) -> list[Row]:
        """`opening_covariance`; none while there is no turbulence yet."""
        if len(yields) < self._begin:
            return []
        opening: list[Row] = opening_covariance(moved_bp(yields, TURBULENT_STEPS, TURBULENT_STEPS, self._begin)).tolist()
        return opening

    def _distance(self, change: Row, wild: Row, opening: list[Row], row: int) -> float:
        """Of a row's change from the covariance of those before it, a market."""
        kept = self._params.gate.lam_turb
        age = kept ** (row - TURBULENT_STEPS)
        covariance = [[0.0] * len(change) for _ in change]
        for (i, j), grown in zip(self._pairs, wild, strict=True):
            covariance[i][j] = covariance[j][i] = age * opening[i][j] + (1.0 - kept) * grown
        return mahalanobis_at(change, covariance) / len(change)

    def _mean_correlation(self, products: Row) -> float:
        """From sums whose weights cancel."""
        found = dict(zip(self._pairs, products, strict=True))
        total, count = 0.0, 0
        for (i, j), product in found.items():
            if i < j:
                scale = math.sqrt(found[i, i] * found[j, j])
                total, count = total + (product / scale if scale > 0 else math.nan), count + 1
        return total / count


def moved_bp(yields: Floats, steps: int, start: int, stop: int) -> Floats:
    """`changes_bp` of the rows `start` to `stop`, its end excluded; 0 where there is none yet."""
    out = np.zeros((stop - start, yields.shape[1]))
    begin = max(start, steps)
    if begin < stop:
        out[begin - start :] = BP_PER_PERCENT * (yields[begin:stop] - yields[begin - steps : stop - steps])
    return out


def _squares(yields: Floats, start: int, stop: int) -> Floats:
    moved = moved_bp(yields, 1, start, stop)
    return moved * moved


def _products(yields: Floats, columns: Sequence[Sequence[int]], steps: int, start: int, stop: int) -> Floats:
    """Of the changes of each pair of markets."""
    moved = moved_bp(yields, steps, start, stop)
    return np.asarray(moved[:, columns[0]] * moved[:, columns[1]])


def _change(recent: list[Row], place: int, steps: int) -> Row:
    """Changes in bp; none on the first rows of all."""
    if place < steps:
        return []
    return [BP_PER_PERCENT * (now - before) for now, before in zip(recent[place], recent[place - steps], strict=True)]


def _aged(sums: Row, lam: float, terms: Row) -> Row:
    """The sums one row later."""
    return [lam * total + term for total, term in zip(sums, terms, strict=True)] if terms else sums


def _roots(squares: Row, count: int, lam: float, min_obs: int, floor: float = 0.0) -> Row:
    """σ from decayed sums of so many squares, unknown below `min_obs`."""
    if count < max(min_obs, 1):
        return [math.nan] * len(squares)
    weight = (1.0 - lam**count) / (1.0 - lam)
    return [max(math.sqrt(total / weight), floor) for total in squares]


def _spot(moved: Row, sigma_bp: Row, steps: int) -> Spot:
    """`coordinates` of one row."""
    if not moved or sigma_bp[0] != sigma_bp[0]:  # all are known or none is
        return Spot([math.nan] * len(sigma_bp), math.nan, math.nan, math.nan)
    root = math.sqrt(steps)
    s = [change / (scale * root) for change, scale in zip(moved, sigma_bp, strict=True)]
    m = sum(s) / len(s)
    D = math.sqrt(sum((each - m) ** 2 for each in s) / len(s))
    size = math.hypot(m, D)
    return Spot(s, m, D, m / size if size > 0 else 0.0)
