"""How much of each market's moves comes from the others: the Diebold–Yilmaz table, and contagion against interdependence.

Sources: Diebold and Yilmaz 2012; Koop, Pesaran and Potter 1996 and Pesaran and Shin 1998 (generalised decompositions, no ordering);
Forbes and Rigobon 2002.
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec
import numpy as np

from .stats import Floats

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
    fitted = fit_var(complete, params.lags)
    if not is_positive_definite(fitted.sigma):
        return _unknown(names, n, "residual covariance not positive definite")
    if not is_stable(fitted.lag_matrices):
        return _unknown(names, n, "unstable VAR", stable=False)
    return _summary(names, n, generalised_decomposition(fitted.lag_matrices, fitted.sigma, params.horizon))


def fit_var(changes_bp: Floats, lags: int) -> FittedVar:
    """VAR with intercept by least squares on (markets, rows) without gaps.

    The residual covariance is U′U/T, T the number of residual rows, without a degrees-of-freedom correction.
    """
    n, rows = changes_bp.shape
    y, x = changes_bp[:, lags:], np.ones((1 + lags * n, rows - lags))
    for lag in range(1, lags + 1):
        x[1 + (lag - 1) * n : 1 + lag * n] = changes_bp[:, lags - lag : rows - lag]
    try:
        coefficients = np.linalg.solve(x @ x.T, x @ y.T)  # a fifth of the time of lstsq, and changes are far from collinear
    except np.linalg.LinAlgError:  # a market never moved
        coefficients = np.linalg.lstsq(x.T, y.T, rcond=None)[0]
    residuals = y - coefficients.T @ x
    lag_matrices = coefficients[1:].reshape(lags, n, n).transpose(0, 2, 1)
    return FittedVar(lag_matrices, residuals @ residuals.T / (rows - lags))


def moving_average(lag_matrices: Floats, horizon: int) -> Floats:
    """Ψ_0 … Ψ_{horizon−1}, shape (horizon, n, n): Ψ_0 = I, Ψ_h = Σ Ψ_{h−i} A_i, the first block of the companion matrix to the power h."""
    step = companion(lag_matrices)
    n = lag_matrices.shape[1]
    rows = np.eye(n, len(step))
    psi = np.empty((horizon, n, n))
    for h in range(horizon):
        psi[h] = rows[:, :n]
        rows = rows @ step
    return psi


def generalised_decomposition(lag_matrices: Floats, sigma: Floats, horizon: int = 10) -> Floats:
    """Generalised forecast-error variance decomposition in %, rows normalised to 100.

    θ_ij = σ_jj⁻¹ Σ_h (e_i′Ψ_hΣe_j)² / Σ_h e_i′Ψ_hΣΨ_h′e_i. Source: Pesaran and Shin 1998, normalised as in Diebold and Yilmaz 2012.
    """
    psi = moving_average(lag_matrices, horizon)
    responses = psi @ sigma
    shares = (responses**2).sum(axis=0) / np.diag(sigma)
    variances = np.einsum("hij,hij->i", responses, psi)
    theta: Floats = shares / variances[:, None]
    table: Floats = 100.0 * theta / theta.sum(axis=1, keepdims=True)
    return table


def spectral_radius(lag_matrices: Floats) -> float:
    """Largest modulus among the eigenvalues of the companion matrix; below 1 the VAR is stable."""
    return float(np.abs(np.linalg.eigvals(companion(lag_matrices))).max())


def is_stable(lag_matrices: Floats) -> bool:
    """Whether the spectral radius is below 1. It is if any power of the companion matrix has a norm below 1: most have, of a low one."""
    power = companion(lag_matrices)
    for _ in range(SQUARINGS):
        power = power @ power
        if np.vdot(power, power) < 1.0:
            return True
    return spectral_radius(lag_matrices) < 1.0


def companion(lag_matrices: Floats) -> Floats:
    """The VAR as one of a single lag: the lag matrices side by side, and below them what moves every lag on."""
    lags, n, _ = lag_matrices.shape
    out = np.eye(lags * n, k=-n)
    out[:n] = lag_matrices.transpose(1, 0, 2).reshape(n, lags * n)
    return out


def is_positive_definite(sigma: Floats) -> bool:
    """Judged on the correlation matrix, so that the scale of the markets does not matter."""
    variances = np.diag(sigma)
    if not (np.isfinite(sigma).all() and (variances > SINGULAR).all()):
        return False
    scale = np.sqrt(variances)
    return bool(np.linalg.eigvalsh(sigma / np.outer(scale, scale))[0] > SINGULAR)


def adjusted_correlation(rho: float, delta: float) -> float:
    """ρ* = ρ/√(1 + δ(1 − ρ²)), the correlation had the source's variance not risen; δ < 0 adjusts nothing.

    Source: Forbes and Rigobon 2002.
    """
    return rho if delta < 0 else rho / math.sqrt(1.0 + delta * (1.0 - rho * rho))


def contagion(source: Floats, target: Floats, params: ContagionParams = ContagionParams()) -> Contagion:
    """Correlation of two change series (bp, aligned rows) over the last 21 rows, raw and adjusted for the rise of the source's variance
    against the 250 rows before. Both moments about zero, as every σ here. Unknown with fewer complete rows, or when a series did not move.
    """
    complete = ~(np.isnan(source) | np.isnan(target))
    source, target = source[complete], target[complete]
    if len(source) < params.high_rows + params.low_rows:
        return Contagion(None, None, None)
    x, y = source[-params.high_rows :], target[-params.high_rows :]
    calm = source[-params.high_rows - params.low_rows : -params.high_rows]
    high, low, scale = float(np.mean(x * x)), float(np.mean(calm * calm)), math.sqrt(float((x @ x) * (y @ y)))
    if scale == 0.0 or low == 0.0:
        return Contagion(None, None, None)
    rho, delta = max(-1.0, min(1.0, float(x @ y) / scale)), high / low - 1.0
    return Contagion(rho, adjusted_correlation(rho, delta), delta)


def _unknown(names: Sequence[str], n: int, reason: str, stable: bool | None = None) -> Connectedness:
    return Connectedness(tuple(names), None, None, None, None, None, stable, n, reason)


def _summary(names: Sequence[str], n: int, table: Floats) -> Connectedness:
    own = np.diag(table)
    from_, to = table.sum(axis=1) - own, table.sum(axis=0) - own
    rows = tuple(tuple(float(share) for share in row) for row in table)
    return Connectedness(tuple(names), rows, _floats(to), _floats(from_), _floats(to - from_), float(from_.mean()), True, n)


def _floats(x: Floats) -> tuple[float, ...]:
    return tuple(float(value) for value in x)
