"""What a market did that the others did not: the idiosyncratic residual of §2.2."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from .rows import Flags
from .stats import BP_PER_PERCENT, Floats, SigmaParams, changes, lagged, sigma


class ResidualParams(msgspec.Struct, frozen=True):
    """Rows of the regression, rows of the sum, and the σ of the residual."""

    window: int = 250
    horizon: int = 21
    sigma: SigmaParams = msgspec.field(default_factory=SigmaParams)


STANDING: Mapping[str, str] = MappingProxyType({"window": "validated", "horizon": "validated"})


class Residual(msgspec.Struct, frozen=True):
    """Each of shape (rows, markets). `e` in bp; `z` and `idio` in σ. `z` is known only where the market printed itself."""

    e: Floats
    z: Floats
    idio: Floats


def residual_history(yields: Floats, own: Flags, params: ResidualParams = ResidualParams()) -> Residual:
    """Residual of each market's daily change on the mean change of the others, today's and yesterday's (closing times differ).

    `yields` in %, shape (rows, markets), none missing. Unknown below `window` + 2 rows and with fewer than two other markets.
    """
    rows, markets = yields.shape
    e, z, idio = (np.full((rows, markets), np.nan) for _ in range(3))
    if markets >= 3:
        moved_bp = np.column_stack([BP_PER_PERCENT * changes(yields[:, i]) for i in range(markets)])
        for i in range(markets):
            others = np.delete(moved_bp, i, axis=1).mean(axis=1)
            e[:, i] = forecast_error(moved_bp[:, i], np.column_stack([others, lagged(others)]), params.window)
            z[:, i], idio[:, i] = in_sigma(e[:, i], params)
    return Residual(e, np.where(own, z, np.nan), idio)


def forecast_error(y: Floats, x: Floats, window: int) -> Floats:
    """y_t less what OLS with intercept over the `window` rows *before* t says for x_t; unknown where x did not vary.

    `x` has shape (rows, 2). Moments come from running sums, so the whole history costs a handful of array operations.
    """
    table = np.column_stack([x, y])
    known = np.asarray(~np.isnan(table).any(axis=1))
    filled = np.where(known[:, None], table, 0.0)
    count = _sum_before(known.astype(np.float64), window)
    means = _sum_before(filled, window) / window
    products = filled[:, :, None] * filled[:, None, :]
    moments = _sum_before(products.reshape(len(y), 9), window).reshape(-1, 3, 3) / window - means[:, :, None] * means[:, None, :]
    (aa, ab, ay), (_, bb, by) = ((moments[:, i, 0], moments[:, i, 1], moments[:, i, 2]) for i in (0, 1))
    determinant = aa * bb - ab * ab
    solvable = (count == window) & (determinant > 1e-10 * aa * bb)
    error = np.full(len(y), np.nan)
    with np.errstate(invalid="ignore", divide="ignore"):
        beta_a = (bb * ay - ab * by) / determinant
        beta_b = (aa * by - ab * ay) / determinant
        fitted = means[:, 2] + beta_a * (x[:, 0] - means[:, 0]) + beta_b * (x[:, 1] - means[:, 1])
    error[solvable] = (y - fitted)[solvable]
    return error


def in_sigma(e: Floats, params: ResidualParams = ResidualParams()) -> tuple[Floats, Floats]:
    """z and idio of one market's residuals (bp), own prints or not."""
    scale = sigma(e, params=params.sigma)
    return scaled(e, scale.fast, scale.slow, params)


def scaled(e: Floats, fast: Floats, slow: Floats, params: ResidualParams = ResidualParams()) -> tuple[Floats, Floats]:
    """z and idio of residuals (bp) whose fast and slow σ are known."""
    floor = params.sigma.floor
    over_a_month = np.maximum(slow, floor) * np.sqrt(params.horizon)
    return e / np.maximum(np.maximum(fast, slow), floor), _trailing_sum(e, params.horizon) / over_a_month


def _trailing_sum(x: Floats, window: int) -> Floats:
    """Sum of the last `window` rows, this one included; unknown when one of them is."""
    out = np.full(len(x), np.nan)
    if len(x) >= window:
        out[window - 1 :] = np.lib.stride_tricks.sliding_window_view(x, window).sum(axis=1)
    return out


def _sum_before(x: Floats, window: int) -> Floats:
    """Sum of the `window` rows before each row; 0 where there are fewer."""
    total = np.concatenate([np.zeros((1, *x.shape[1:])), np.cumsum(x, axis=0)])
    out = np.zeros_like(x)
    out[window:] = total[window : len(x)] - total[: max(len(x) - window, 0)]
    return out
