"""How much of one series' moves goes with another's: the inputs of the anchoring labels."""

import numpy as np

from .stats import Floats, ewma_correlation

_STILL = 1e-12  # a sum of squared deviations below this share of the squares is rounding, not movement


def rolling_r2(x: Floats, y: Floats, window: int = 60, min_obs: int = 40) -> Floats:
    """Squared correlation (means removed) over the last `window` rows where both x and y exist, per row; 0…1.

    A row without both keeps the last value. Unknown before `min_obs` common observations and while one side has not moved.
    """
    out = np.full(len(x), np.nan)
    rows = np.flatnonzero(~(np.isnan(x) | np.isnan(y)))
    if len(rows) < min_obs:
        return out
    a, b = x[rows], y[rows]
    ones = np.ones(window)
    sum_a, sum_b, sum_aa, sum_bb, sum_ab = (np.convolve(term, ones)[: len(rows)] for term in (a, b, a * a, b * b, a * b))
    n = np.minimum(np.arange(1, len(rows) + 1), window)
    spread_a, spread_b = sum_aa - sum_a**2 / n, sum_bb - sum_b**2 / n
    moved = (spread_a > _STILL * sum_aa) & (spread_b > _STILL * sum_bb) & (n >= min_obs)
    r2 = np.full(len(rows), np.nan)
    np.divide((sum_ab - sum_a * sum_b / n) ** 2, spread_a * spread_b, out=r2, where=moved)
    last = np.searchsorted(rows, np.arange(len(x)), side="right") - 1
    return np.where(last >= 0, r2[last], np.nan)


def correlation_with_others(two_row_changes_bp: Floats, lam: float = 0.97, min_obs: int = 60) -> Floats:
    """EWMA correlation of each market's 2-row changes with the mean of the others' (markets × rows, both sides of the answer)."""
    others = (two_row_changes_bp.sum(axis=0) - two_row_changes_bp) / (len(two_row_changes_bp) - 1)
    return np.array([ewma_correlation(own, rest, lam, min_obs) for own, rest in zip(two_row_changes_bp, others, strict=True)])
