"""The newest rows of what one market did, where they were known differently from what they became; see `newest`."""

import math

import msgspec
import numpy as np
from numpy.typing import NDArray

from .columns import joined
from .residual import ResidualParams, forecast_error, forecast_error_at, scaled
from .running import decays, memory
from .stats import BP_PER_PERCENT, Floats, changes, lagged, sigma


def sigma_from(x: Floats, first: int, lam: float, min_obs: int) -> Floats:
    """Zero-mean EWMA σ of the rows from `first` on, one series or one a column, each *through the row before*; unknown below `min_obs`."""
    start = max(first - 1, 0)
    past = x[max(start - memory(lam), 0) : start]
    weights, squares, known = decays(len(past), lam), past * past, past == past  # an unknown value does not equal itself
    if not known.all():
        squares[~known] = 0.0
    total, weight = weights @ squares, weights @ known.astype(np.float64)
    count = np.count_nonzero(known if len(past) == start else x[:start] == x[:start], axis=0)
    out = [np.full(x.shape[1:], math.nan)] if first == 0 else []
    for value in x[start:-1]:
        here = value == value
        total, weight, count = lam * total + np.where(here, value * value, 0.0), lam * weight + here, count + here
        enough = count >= max(min_obs, 1)
        out.append(np.sqrt(np.divide(total, weight, out=np.full(x.shape[1:], math.nan), where=enough)))
    return np.array(out).reshape(len(out), *x.shape[1:])


def sigma_continued(before: Floats, x: Floats, first: int, lam: float, min_obs: int) -> Floats:
    """σ of all rows, of which those before `first` agree with `before`: so does the σ of row `first`, which goes through the row before."""
    if len(before) <= first:
        return joined(before, first, sigma_from(x, first, lam, min_obs))
    kept = joined(before, first + 1, x[:0])
    return kept if len(x) == first + 1 else joined(kept, first + 1, sigma_from(x, first + 1, lam, min_obs))


def _moments(x: Floats, lam: float) -> tuple[Floats, NDArray[np.int64]]:
    """Zero-mean EWMA covariances of the last row, each over the rows where both columns are known, and how many those were."""
    here = x == x
    known = here.astype(np.float64)
    weighted = decays(len(x), lam)[:, None]
    filled = np.where(here, x, 0.0)
    both = known.T @ (weighted * known)
    covariance = np.divide(filled.T @ (weighted * filled), both, out=np.full(both.shape, np.nan), where=both > 0)
    return covariance, (known.T @ known).astype(np.int64)


def correlation_from(x: Floats, y: Floats, first: int, lam: float, min_obs: int) -> Floats:
    """`stats.ewma_correlation` of the rows from `first` on."""
    pair = np.column_stack([x, y])
    pair[(pair != pair).any(axis=1)] = np.nan
    known = np.cumsum(pair[:, 0] == pair[:, 0])
    out = np.full(len(x) - first, np.nan)
    for row in range(first, len(x)):
        (xx, xy), (_, yy) = _moments(pair[max(row + 1 - memory(lam), 0) : row + 1], lam)[0].tolist()
        if known[row] >= max(min_obs, 1) and xx * yy > 0:
            out[row - first] = xy / math.sqrt(xx * yy)
    return out


class Residuals(msgspec.Struct, frozen=True):
    """What one market did alone, on every row: `e` in bp, its fast and slow σ through the row before, `z` and `idio` in σ."""

    e: Floats
    fast: Floats
    slow: Floats
    z: Floats
    idio: Floats


def residual_from(before: Residuals | None, first: int, own_yield: Floats, others_bp: Floats, params: ResidualParams) -> Residuals:
    """The residuals of one market on all rows; those before agree before `first`, which leaves out the very beginning.

    `own_yield` in %; `others_bp` is the mean daily change of the other markets, on all rows or on the newest ones from `window` + 2 rows
    before `first` on.
    """
    start = max(first - params.window - 2, 0)
    moved_bp = BP_PER_PERCENT * changes(own_yield[start:])
    others = others_bp[len(others_bp) - len(moved_bp) :]
    table = np.column_stack([others, lagged(others)])
    if before is None or first == 0:
        e = forecast_error(moved_bp, table, params.window)
        scale = sigma(e, params=params.sigma)
        return Residuals(e, scale.fast, scale.slow, *scaled(e, scale.fast, scale.slow, params))
    newest = [forecast_error_at(moved_bp, table, row - start, params.window) for row in range(first, len(own_yield))]
    e, p = joined(before.e, first, np.array(newest)), params.sigma
    fast = sigma_continued(before.fast, e, first, p.lam_fast, p.min_fast)
    slow = sigma_continued(before.slow, e, first, p.lam_slow, p.min_slow)
    month = slice(max(first - params.horizon + 1, 0), None)
    z, idio = (x[-len(newest) :] for x in scaled(e[month], fast[month], slow[month], params))
    return Residuals(e, fast, slow, joined(before.z, first, z), joined(before.idio, first, idio))
