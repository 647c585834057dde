"""The newest rows of the composite, where they were known differently from what they became; see `newest`."""

import math
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import combinations

import numpy as np

from .columns import Column, Continued, since
from .composite import PILLARS, CompositeHistory, CompositeParams, KnownComposite, KnownIndicators, band_history
from .rule import UNKNOWN
from .running import Sums
from .stats import Floats

Row = list[float]  # by pillar


class NewestComposite:
    """The index over a whole history, to be continued from any row on other indicators."""

    def __init__(self, history: CompositeHistory, params: CompositeParams) -> None:
        self._history, self._params = history, params
        pillars = history.pillars
        self._complete = np.flatnonzero(~np.isnan(pillars).any(axis=1))
        centred = pillars[self._complete] - 0.5
        pairs = [*combinations(range(len(PILLARS)), 2)]
        self._pairs = [*((i, i) for i in range(len(PILLARS))), *pairs]
        products = partial(_products, centred, [[*each] for each in zip(*self._pairs, strict=True)], params.systemic_start)
        self._grown = Sums(products, len(centred), params.lam_systemic)
        self._opening = _opening(centred[: params.systemic_start])

    def known(self, first: int, core: KnownIndicators, extended: KnownIndicators) -> KnownComposite:
        """The index from indicators that agree with the history's on all rows before `first`."""
        history, params = self._history, self._params
        pillars = _pillars(first, core, extended, params)
        n = [sum(each == each for each in row) for row in pillars]  # an unknown value does not equal itself
        dci, contributions = [], []
        for row, count in zip(pillars, n, strict=True):
            enough = count >= params.min_pillars
            dci.append(100.0 * (1.0 - sum(each for each in row if each == each) / count) if enough else math.nan)
            contributions.append([100.0 * (0.5 - each) / count if enough else math.nan for each in row])
        every_dci: Column[np.float64] = Continued(history.dci, first, dci)
        systemic = self._systemic(first, pillars)
        return KnownComposite(
            core=core,
            extended=extended,
            pillars=Continued(history.pillars, first, pillars),
            contributions=Continued(history.contributions, first, contributions),
            n=Continued(history.n, first, n),
            dci=every_dci,
            band=Continued(history.band, first, band_history(dci, params, _band_before(history, first)).tolist()),
            d5=Continued(history.d5, first, _changes(every_dci, first, 5)),
            d21=Continued(history.d21, first, _changes(every_dci, first, 21)),
            systemic=Continued(history.systemic, first, [total for total, _ in systemic]),
            amplification=Continued(history.amplification, first, [share for _, share in systemic]),
        )

    def _systemic(self, first: int, pillars: Sequence[Row]) -> list[tuple[float, float]]:
        """`composite.systemic_history` of the rows from `first` on."""
        start, kept = self._params.systemic_start, self._params.lam_systemic
        place = int(self._complete.searchsorted(first))
        opening, grown = self._opening, self._grown.before(place)
        if place < start:
            complete = [row for row in pillars if not math.isnan(sum(row))]
            settled = self._history.pillars[self._complete[:place]]
            opening = _opening(np.concatenate([settled, np.reshape(complete, (-1, len(PILLARS)))])[:start] - 0.5)
        out = []
        for row in pillars:
            if math.isnan(sum(row)):
                out.append((math.nan, math.nan))
                continue
            if place >= start:
                centred = [each - 0.5 for each in row]
                grown = [kept * total + centred[i] * centred[j] for total, (i, j) in zip(grown, self._pairs, strict=True)]
            place += 1
            if place < start:
                out.append((math.nan, math.nan))
                continue
            age = kept ** (place - start)
            now = {pair: age * opening[pair] + (1.0 - kept) * new for pair, new in zip(self._pairs, grown, strict=True)}
            out.append(_aggregate(row, now))
        return out


def cmax_from(price: Column[np.float64], first: int, params: CompositeParams) -> Floats:
    """`composite.cmax` of the rows from `first` on."""
    out = np.full(len(price) - first, np.nan)
    for row in range(first, len(price)):
        window = price[max(row - params.cmax_window + 1, 0) : row + 1]
        known = window[window == window]  # an unknown value does not equal itself
        if len(known) >= params.cmax_min:
            out[row - first] = 1.0 - price[row] / known.max()
    return out


def _products(centred: Floats, columns: Sequence[Sequence[int]], begin: int, start: int, stop: int) -> Floats:
    """Of each pair of pillars on complete rows; nothing of those that make the opening covariance."""
    rows = centred[start:stop]
    products = rows[:, columns[0]] * rows[:, columns[1]]
    products[: max(begin - start, 0)] = 0.0
    return np.asarray(products)


def _opening(centred: Floats) -> Mapping[tuple[int, int], float]:
    """The covariance from which the recursion starts."""
    table = (centred.T @ centred / max(len(centred), 1)).tolist()
    return {(i, j): each for i, row in enumerate(table) for j, each in enumerate(row)}


def _pillars(first: int, core: KnownIndicators, extended: KnownIndicators, params: CompositeParams) -> list[Row]:
    """`pillar_history` of the rows from `first` on."""
    n = max((len(x) for pillar in core.values() for x in pillar.values()), default=first) - first
    columns = []
    for name in PILLARS:
        own, spare = (_rows([since(x, first) for x in source.get(name, {}).values()], n) for source in (core, extended))
        if params.always_extended:
            columns.append([_mean((*row, *more)) for row, more in zip(own, spare, strict=True)])
        else:
            columns.append([mean if (mean := _mean(row)) == mean else _mean(instead) for row, instead in zip(own, spare, strict=True)])
    return [[*row] for row in zip(*columns, strict=True)]


def _rows(columns: Sequence[Row], n: int) -> Sequence[Sequence[float]]:
    return [*zip(*columns, strict=True)] if columns else [()] * n


def _mean(row: Sequence[float]) -> float:
    """Of the known ones."""
    known = [value for value in row if value == value]
    return sum(known) / len(known) if known else math.nan


def _band_before(history: CompositeHistory, first: int) -> int:
    """The band of the last row before `first` that has one."""
    row = first - 1
    while row >= 0 and history.band[row] == UNKNOWN:
        row -= 1
    return int(history.band[row]) if row >= 0 else UNKNOWN


def _changes(x: Column[np.float64], first: int, steps: int) -> Row:
    """`stats.changes` of the rows from `first` on."""
    start = max(first - steps, 0)
    recent: Row = since(x, start)
    return [recent[row - start] - recent[row - steps - start] if row >= steps else math.nan for row in range(first, len(x))]


def _aggregate(s: Row, covariance: Mapping[tuple[int, int], float]) -> tuple[float, float]:
    """`composite.aggregate` of one row with equal weights."""
    weighted = [each / len(s) for each in s]
    total = 0.0
    for (i, j), both in covariance.items():
        scale = math.sqrt(covariance[i, i] * covariance[j, j])
        rho = both / scale if scale > 0 else math.nan
        total += weighted[i] * rho * weighted[j] * (1.0 if i == j else 2.0)
    ceiling = sum(weighted) ** 2
    return total, total / ceiling if ceiling > 0 else math.nan
