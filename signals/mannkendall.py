"""Mann–Kendall trend test and Sen's slope over trailing windows.

Sources: Mann 1945; Kendall 1975 (variance with ties); Sen 1968 (slope); Gilbert 1987 (worked examples).
"""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from .stats import Floats, row_medians

EXACT_UP_TO = 12
_BLOCK = 256


class Trend(msgspec.Struct, frozen=True):
    """One row per window, oldest first. `s` is Kendall's S; p is one-sided; `sen` is in units of x a step."""

    s: Floats
    var: Floats
    z: Floats
    p_up: Floats
    p_down: Floats
    sen: Floats


def trend_of_rows(rows: NDArray[np.float64]) -> Trend:
    """Test each row of a (windows × k) array, k ≥ 2, no NaN: is it rising (p_up), is it falling (p_down)?

    No ties and k ≤ 12: the exact null distribution of S. Otherwise the normal approximation with the tie-corrected variance and a
    continuity correction of one.
    """
    k = rows.shape[1]
    earlier, later = np.triu_indices(k, 1)
    differences = rows[:, later] - rows[:, earlier]
    s = np.sign(differences).sum(axis=1)
    sen = row_medians(differences / (later - earlier))
    # Σ over groups of c(c−1)(2c+5) equals Σ over elements of (c−1)(2c+5), c being the size of the element's own group.
    group_sizes = (rows[:, :, None] == rows[:, None, :]).sum(axis=2) if (differences == 0).any() else np.ones(rows.shape)
    ties = ((group_sizes - 1) * (2 * group_sizes + 5)).sum(axis=1)
    var = (k * (k - 1) * (2 * k + 5) - ties) / 18.0
    z = np.where(var > 0, (s - np.sign(s)) / np.sqrt(np.where(var > 0, var, 1.0)), 0.0)
    by_count = (ties == 0) & (k <= EXACT_UP_TO)
    p_up, p_down = np.empty(len(rows)), np.empty(len(rows))
    p_up[~by_count], p_down[~by_count] = _normal_upper(z[~by_count]), _normal_upper(-z[~by_count])
    if by_count.any():
        exact, centre = exact_upper_p(k), k * (k - 1) // 2
        index = s[by_count].astype(np.int64) + centre
        p_up[by_count], p_down[by_count] = exact[index], exact[2 * centre - index]
    return Trend(s, var, z, p_up, p_down, sen)


def trend(x: Floats) -> Trend:
    """The same for one whole series; every field has length 1."""
    return trend_of_rows(np.asarray(x, dtype=np.float64)[None, :])


def sen_slopes(rows: NDArray[np.float64]) -> Floats:
    """Median of (x_j − x_i)/(j − i) over all pairs of each row, in units of x a step."""
    earlier, later = np.triu_indices(rows.shape[1], 1)
    spans = later - earlier
    medians = [np.empty(0)]
    for start in range(0, len(rows), _BLOCK):  # all pairs of all rows at once leave the cache
        columns = np.ascontiguousarray(rows[start : start + _BLOCK].T)  # whole columns are gathered faster than single values
        medians.append(row_medians(np.ascontiguousarray(((columns[later] - columns[earlier]) / spans[:, None]).T)))
    return np.concatenate(medians)


def exact_upper_p(k: int) -> Floats:
    """P(S ≥ s) without ties for s = −k(k−1)/2 … k(k−1)/2, index s + k(k−1)/2.

    The number of discordant pairs is a sum of independent uniforms on {0, …, j−1}, j = 2 … k.
    """
    mass = np.ones(1)
    for j in range(2, k + 1):
        mass = np.convolve(mass, np.full(j, 1.0 / j))
    pairs = k * (k - 1) // 2
    discordant = (2 * pairs - np.arange(2 * pairs + 1)) // 2  # S = pairs − 2·discordant; S only takes every second value
    return np.asarray(np.minimum(np.cumsum(mass)[discordant], 1.0), dtype=np.float64)


def _normal_upper(z: Floats) -> Floats:
    return np.array([0.5 * math.erfc(value / math.sqrt(2.0)) for value in z.tolist()], dtype=np.float64)
