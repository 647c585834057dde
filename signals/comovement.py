"""How much of one series' moves goes with another's: the inputs of the anchoring labels."""

import numpy as np

from .stats import Floats, ewma_correlation

_STILL = 1e-18  # a sum of squared deviations below this is rounding, not movement


def rolling_r2(x: Floats, y: Floats, window: int = 60, min_obs: int = 40) -> Floats:
    """Squared correlation (means removed) over the last `window` rows where both x and y exist, per row; 0…1.

    A row without both keeps the last value. Unknown before `min_obs` common observations and while one side has not moved.
    """
    out = np.full(len(x), np.nan)
    rows = np.flatnonzero(~(np.isnan(x) | np.isnan(y)))
    if len(rows) < min_obs:
        return out
    pad = np.full(window - 1, np.nan)
    a, b = (np.lib.stride_tricks.sliding_window_view(np.concatenate((pad, side[rows])), window) for side in (x, y))
    n = np.minimum(np.arange(1, len(rows) + 1), window)[:, np.newaxis]
    a_off, b_off = (np.nan_to_num(side - np.nansum(side, axis=1, keepdims=True) / n) for side in (a, b))
    a_squares, b_squares = (a_off**2).sum(axis=1), (b_off**2).sum(axis=1)
    moved = (a_squares > _STILL) & (b_squares > _STILL) & (n[:, 0] >= min_obs)
    r2 = np.full(len(rows), np.nan)
    np.divide((a_off * b_off).sum(axis=1) ** 2, a_squares * b_squares, out=r2, where=moved)
    last = np.searchsorted(rows, np.arange(len(x)), side="right") - 1
    return np.where(last >= 0, r2[last], np.nan)


def correlation_with_others(two_row_changes_bp: Floats, lam: float = 0.97, min_obs: int = 60) -> Floats:
    """EWMA correlation of each market's 2-row changes with the mean of the others' (markets × rows, both sides of the answer)."""
    others = (two_row_changes_bp.sum(axis=0) - two_row_changes_bp) / (len(two_row_changes_bp) - 1)
    return np.array([ewma_correlation(own, rest, lam, min_obs) for own, rest in zip(two_row_changes_bp, others, strict=True)])
