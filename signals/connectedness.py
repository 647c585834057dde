"""How much of each market's moves comes from the others: the Diebold–Yilmaz table, and contagion against interdependence.

Sources: Diebold and Yilmaz 2012; Koop, Pesaran and Potter 1996 and Pesaran and Shin 1998 (generalised decompositions, no ordering);
Forbes and Rigobon 2002.
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

from .stats import Floats

Flags = NDArray[np.bool_]

SQUARINGS = 6  # up to the 64th power
SINGULAR = 1e-10  # smallest eigenvalue of the residual correlation that still counts as positive definite


class ConnectednessParams(msgspec.Struct, frozen=True):
    """Window and model of the table (rows of the aligned panel)."""

    rows: int = 200
    lags: int = 4
    horizon: int = 10
    min_rows: int = 150


class ContagionParams(msgspec.Struct, frozen=True):
    """Turmoil window and the calm window before it, in rows."""

    high_rows: int = 21
    low_rows: int = 250


STANDING: Mapping[str, str] = MappingProxyType(
    {
        "rows": "published",
        "lags": "published",
        "horizon": "published",
        "min_rows": "proposal",
        "high_rows": "published",
        "low_rows": "published",
    }
)


class Connectedness(msgspec.Struct, frozen=True):
    """The spillover table in % of each row market's forecast-error variance.

    `table[i][j]` is what shocks in market j contribute to market i; rows sum to 100. `to` and `from_` leave out the own share,
    `net` = to − from, `tci` is the mean of `from_`. All are None when unknown, and `reason` says why. `stable` is False for an
    explosive VAR, None if there is none. `n` counts the complete rows.
    """

    names: tuple[str, ...]
    table: tuple[tuple[float, ...], ...] | None
    to: tuple[float, ...] | None
    from_: tuple[float, ...] | None
    net: tuple[float, ...] | None
    tci: float | None
    stable: bool | None
    n: int
    reason: str | None = None


class Contagion(msgspec.Struct, frozen=True):
    """Raw and volatility-adjusted correlation of two markets. `delta` is the source's variance rise (0.5 = half as much again)."""

    rho_raw: float | None
    rho_adj: float | None
    delta: float | None


class FittedVar(msgspec.Struct, frozen=True):
    """A vector autoregression: `lag_matrices` (p, n, n), residual covariance `sigma` (n, n)."""

    lag_matrices: Floats
    sigma: Floats


def connectedness(changes_bp: Floats, names: Sequence[str], params: ConnectednessParams = ConnectednessParams()) -> Connectedness:
    """The table over the last `rows` rows of `changes_bp`, (markets, rows): daily changes on the aligned panel up to the day asked for.

    Incomplete rows are left out before the lags are taken.
    """
    window = changes_bp[:, -params.rows :]
    complete = window[:, ~np.isnan(window).any(axis=0)]
    n = complete.shape[1]
    if len(names) < 2:
        return _unknown(names, n, "fewer than two markets")
    if n < params.min_rows:
        return _unknown(names, n, f"{n} complete rows, {params.min_rows} needed")
    return _tables(complete[None], names, params)[0]


def connectedness_rows(
    changes_bp: Floats, start: int, stop: int, names: Sequence[str], params: ConnectednessParams = ConnectednessParams()
) -> list[Connectedness]:
    """The table of each row from `start` to `stop`, its end excluded: all at once where no row is incomplete."""
    first = start + 1 - params.rows
    if len(names) < 2 or first < 0 or params.rows < params.min_rows or np.isnan(changes_bp[:, first:stop]).any():
        return [connectedness(changes_bp[:, : row + 1], names, params) for row in range(start, stop)]
    windows = np.lib.stride_tricks.sliding_window_view(changes_bp[:, first:stop], params.rows, axis=1)
    return _tables(windows.transpose(1, 0, 2), names, params)


def _tables(windows: Floats, names: Sequence[str], params: ConnectednessParams) -> list[Connectedness]:
    """The tables of many windows, (windows, markets, rows) without gaps."""
    fitted, n = fit_var(windows, params.lags), windows.shape[2]
    definite = is_positive_definite(fitted.sigma)
    lag_matrices, sigma = fitted.lag_matrices[definite], fitted.sigma[definite]
    stable = is_stable(lag_matrices)
    found = iter(_summaries(names, n, generalised_decomposition(lag_matrices[stable], sigma[stable], params.horizon)))
    singular = _unknown(names, n, "residual covariance not positive definite")
    unstable = _unknown(names, n, "unstable VAR", stable=False)
    judged = iter(stable.tolist())
    return [singular if not each else next(found) if next(judged) else unstable for each in definite.tolist()]


def fit_var(changes_bp: Floats, lags: int) -> FittedVar:
    """VAR with intercept by least squares on (…, markets, rows) without gaps.

    The residual covariance is U′U/T, T the number of residual rows, without a degrees-of-freedom correction.
    """
    *many, n, rows = changes_bp.shape
    y, x = changes_bp[..., lags:], np.ones((*many, 1 + lags * n, rows - lags))
    for lag in range(1, lags + 1):
        x[..., 1 + (lag - 1) * n : 1 + lag * n, :] = changes_bp[..., lags - lag : rows - lag]
    gram, cross = x @ x.mT, x @ y.mT
    try:
        coefficients = np.linalg.solve(gram, cross)  # changes are far from collinear
    except np.linalg.LinAlgError:  # a market never moved
        coefficients = np.linalg.pinv(gram, hermitian=True) @ cross
    residuals = y - coefficients.mT @ x
    lag_matrices = np.swapaxes(coefficients[..., 1:, :].reshape(*many, lags, n, n), -1, -2)
    return FittedVar(lag_matrices, residuals @ residuals.mT / (rows - lags))


def moving_average(lag_matrices: Floats, horizon: int) -> Floats:
    """Ψ_0 … Ψ_{horizon−1}, shape (horizon, …, n, n): Ψ_0 = I, Ψ_h = Σ Ψ_{h−i} A_i, the first block of the companion matrix's power h."""
    step, n = companion(lag_matrices), lag_matrices.shape[-1]
    rows = np.broadcast_to(np.eye(n, step.shape[-1]), (*step.shape[:-2], n, step.shape[-1]))
    psi = np.empty((horizon, *step.shape[:-2], n, n))
    for h in range(horizon):
        psi[h] = rows[..., :n]
        rows = rows @ step
    return psi


def generalised_decomposition(lag_matrices: Floats, sigma: Floats, horizon: int = 10) -> Floats:
    """Generalised forecast-error variance decomposition in %, rows normalised to 100; of one VAR or many.

    θ_ij = σ_jj⁻¹ Σ_h (e_i′Ψ_hΣe_j)² / Σ_h e_i′Ψ_hΣΨ_h′e_i. Source: Pesaran and Shin 1998, normalised as in Diebold and Yilmaz 2012.
    """
    psi = moving_average(lag_matrices, horizon)
    responses = psi @ sigma
    shares = (responses**2).sum(axis=0) / _diagonal(sigma)[..., None, :]
    variances = (responses * psi).sum(axis=(0, -1))
    theta: Floats = shares / variances[..., None]
    table: Floats = 100.0 * theta / theta.sum(axis=-1, keepdims=True)
    return table


def spectral_radius(lag_matrices: Floats) -> Floats:
    """Largest modulus among the eigenvalues of the companion matrix; below 1 the VAR is stable."""
    radius: Floats = np.abs(np.linalg.eigvals(companion(lag_matrices))).max(axis=-1)
    return radius


def is_stable(lag_matrices: Floats) -> Flags:
    """Whether the spectral radius is below 1. It is if any power of the companion matrix has a norm below 1: most have, of a low one."""
    power = companion(lag_matrices)
    for _ in range(SQUARINGS):
        power = power @ power
        stable: Flags = np.asarray((power * power).sum(axis=(-2, -1)) < 1.0)
        if stable.all():
            return stable
    return np.asarray(spectral_radius(lag_matrices) < 1.0)


def companion(lag_matrices: Floats) -> Floats:
    """The VAR as one of a single lag: the lag matrices side by side, and below them what moves every lag on."""
    *many, lags, n, _ = lag_matrices.shape
    out = np.empty((*many, lags * n, lags * n))
    out[..., n:, :] = np.eye((lags - 1) * n, lags * n)
    out[..., :n, :] = np.swapaxes(lag_matrices, -3, -2).reshape(*many, n, lags * n)
    return out


def is_positive_definite(sigma: Floats) -> Flags:
    """Judged on the correlation matrix, so that the scale of the markets does not matter."""
    variances = _diagonal(sigma)
    usable = np.asarray(np.isfinite(sigma).all(axis=(-2, -1)) & (variances > SINGULAR).all(axis=-1))
    scale = np.sqrt(variances, where=usable[..., None], out=np.ones(variances.shape))
    judged = np.where(usable[..., None, None], sigma, 0.0) / (scale[..., :, None] * scale[..., None, :])
    definite: Flags = usable & (np.linalg.eigvalsh(judged)[..., 0] > SINGULAR)
    return definite


def _diagonal(matrices: Floats) -> Floats:
    return np.diagonal(matrices, axis1=-2, axis2=-1)


def adjusted_correlation(rho: float, delta: float) -> float:
    """ρ* = ρ/√(1 + δ(1 − ρ²)), the correlation had the source's variance not risen; δ < 0 adjusts nothing.

    Source: Forbes and Rigobon 2002.
    """
    return rho if delta < 0 else rho / math.sqrt(1.0 + delta * (1.0 - rho * rho))


def contagion(source: Floats, target: Floats, params: ContagionParams = ContagionParams()) -> Contagion:
    """Correlation of two change series (bp, aligned rows) over the last 21 rows, raw and adjusted for the rise of the source's variance
    against the 250 rows before. Both moments about zero, as every σ here. Unknown with fewer complete rows, or when a series did not move.
    """
    complete, needed = ~(np.isnan(source) | np.isnan(target)), params.high_rows + params.low_rows
    source, target = source[complete][-needed:], target[complete][-needed:]
    return Contagion(None, None, None) if len(source) < needed else _contagions(source[None], target[None], params)[0]


def contagion_rows(source: Floats, target: Floats, start: int, stop: int, params: ContagionParams = ContagionParams()) -> list[Contagion]:
    """`contagion` of each row from `start` to `stop`, its end excluded: all at once where none is incomplete."""
    needed = params.high_rows + params.low_rows
    cut = slice(start + 1 - needed, stop)
    if cut.start < 0 or np.isnan(source[cut]).any() or np.isnan(target[cut]).any():
        return [contagion(source[: row + 1], target[: row + 1], params) for row in range(start, stop)]
    windows = np.lib.stride_tricks.sliding_window_view(np.array([source[cut], target[cut]]), needed, axis=1)
    return _contagions(windows[0], windows[1], params)


def _contagions(source: Floats, target: Floats, params: ContagionParams) -> list[Contagion]:
    """Of many windows, (windows, rows) without gaps."""
    x, y, calm = source[:, -params.high_rows :], target[:, -params.high_rows :], source[:, : -params.high_rows]
    xx, yy, xy, low = (x * x).sum(axis=1), (y * y).sum(axis=1), (x * y).sum(axis=1), (calm * calm).mean(axis=1)
    columns = (xy, np.sqrt(xx * yy), xx / params.high_rows, low)
    return [_contagion(*each) for each in zip(*(column.tolist() for column in columns), strict=True)]


def _contagion(xy: float, scale: float, high: float, low: float) -> Contagion:
    if scale == 0.0 or low == 0.0:
        return Contagion(None, None, None)
    rho, delta = max(-1.0, min(1.0, xy / scale)), high / low - 1.0
    return Contagion(rho, adjusted_correlation(rho, delta), delta)


def _unknown(names: Sequence[str], n: int, reason: str, stable: bool | None = None) -> Connectedness:
    return Connectedness(tuple(names), None, None, None, None, None, stable, n, reason)


def _summaries(names: Sequence[str], n: int, tables: Floats) -> list[Connectedness]:
    own = _diagonal(tables)
    from_, to = tables.sum(axis=2) - own, tables.sum(axis=1) - own
    columns = (tables, to, from_, to - from_, from_.mean(axis=1))
    return [
        Connectedness(tuple(names), tuple(map(tuple, table)), tuple(given), tuple(taken), tuple(net), tci, True, n)
        for table, given, taken, net, tci in zip(*(column.tolist() for column in columns), strict=True)
    ]
