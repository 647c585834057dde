"""SCENARIO, never a measurement: what a volatility-targeting fund of bonds and equities would have to sell when volatility rises.

Inverse-volatility weights, leverage = target / portfolio volatility. Every size here is an assumption of ours, and the screen lists them.
"""

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec
import numpy as np

from .stats import Days, Floats, known_or_none, lagged, log_returns
from .volatility import par_modified_durations

DAYS_A_YEAR = 252

# The published scenario of January 2026 (press reports of 20 January): leverage cut by up to a third, at most $130bn of US bonds.
PUBLISHED_CUT = 1 / 3
PUBLISHED_SALE_USD_BN = 130.0
PUBLISHED_BASE_USD_BN = PUBLISHED_SALE_USD_BN / PUBLISHED_CUT

ASSUMPTIONS = (
    "inverse-volatility weights over 60 days",
    "volatility target 10% a year",
    "portfolio volatility: the larger of 20 and 60 days",
    "bonds held at a par bond's duration",
    "assets under management set by the user",
)


class DeleveragingParams(msgspec.Struct, frozen=True):
    """Windows and `horizon` in common days, `target_pct` volatility a year, `bond_years` to maturity."""

    target_pct: float = 10.0
    short_window: int = 20
    long_window: int = 60
    horizon: int = 5
    bond_years: float = 10.0
    max_gap_days: int = 12


STANDING: Mapping[str, str] = MappingProxyType(
    {
        "target_pct": "proposal",
        "short_window": "proposal",
        "long_window": "proposal",
        "horizon": "proposal",
        "bond_years": "proposal",
        "max_gap_days": "validated",
    }
)


class Leverage(msgspec.Struct, frozen=True):
    """One row per common day with a return. `weights` (assets, rows), bonds first, sum to 1; `leverage` in multiples of the capital."""

    days: Days
    names: tuple[str, ...]
    bonds: int
    weights: Floats
    leverage: Floats
    dL_over_L: Floats  # noqa: N815 the name of the method


class Scenario(msgspec.Struct, frozen=True):
    """The scenario of one day; None is unknown. `sale` in the currency of `aum`, `target` in % a year, `left_out` assets did not move."""

    leverage: float | None
    dL_over_L: float | None  # noqa: N815
    weights: Mapping[str, float]
    sale: float | None
    aum: float
    target: float
    left_out: tuple[str, ...]
    day: int


def bond_returns_pct(yields: Floats, years: float) -> Floats:
    """Daily return in % of a par bond: −MD·Δy, MD at the yield it was held at (the row before); `yields` in %."""
    held_at = lagged(yields)
    returns: Floats = -par_modified_durations(held_at, years) * (yields - held_at)
    return returns


def leverage_history(
    days: Days,
    bond_yields: Mapping[str, Floats],
    equity_prices: Mapping[str, Floats],
    params: DeleveragingParams = DeleveragingParams(),
) -> Leverage:
    """Weights and leverage on the common days of all assets. One grid of `days` for all inputs, NaN where an asset has no own print.

    Fewer than 60 common days → unknown. An asset whose volatility is zero gets no weight.
    """
    names, bonds = (*bond_yields, *equity_prices), len(bond_yields)
    levels = np.array([*bond_yields.values(), *equity_prices.values()])
    common = ~np.isnan(levels).any(axis=0)
    days, levels = days[common], levels[:, common]
    returns = np.array([bond_returns_pct(y, params.bond_years) for y in levels[:bonds]] + [log_returns(p) for p in levels[bonds:]])
    held = np.diff(days, prepend=days[:1]) <= params.max_gap_days
    held[:1] = False
    days, returns = days[held], returns[:, held]
    long_moments = _moments(returns, params.long_window)
    weights = _inverse_volatility(long_moments)
    variance = np.maximum(_variance(weights, long_moments), _variance(weights, _moments(returns, params.short_window)))
    sigma_pct = np.sqrt(DAYS_A_YEAR * variance)
    leverage = np.divide(params.target_pct, sigma_pct, out=np.full(len(days), np.nan), where=sigma_pct > 0)
    return Leverage(days, names, bonds, weights, leverage, leverage / lagged(leverage, params.horizon) - 1.0)


def scenario_at(history: Leverage, row: int, aum: float, params: DeleveragingParams = DeleveragingParams()) -> Scenario:
    """The scenario of one row for a fund of `aum`: forced bond sale = AUM · bond weight · max(L_{t−5} − L_t, 0)."""
    row = range(len(history.days))[row]
    now = known_or_none(history.leverage[row])
    before = known_or_none(history.leverage[row - params.horizon]) if row >= params.horizon else None
    weights = history.weights[:, row]
    sale = None
    if now is not None and before is not None:
        sale = aum * float(weights[: history.bonds].sum()) * max(before - now, 0.0)
    known = not math.isnan(weights.sum())
    return Scenario(
        leverage=now,
        dL_over_L=known_or_none(history.dL_over_L[row]),
        weights=MappingProxyType(dict(zip(history.names, weights.tolist(), strict=True)) if known else {}),
        sale=sale,
        aum=aum,
        target=params.target_pct,
        left_out=_unmoved(history.names, weights) if known else (),
        day=int(history.days[row]),
    )


def _moments(returns: Floats, window: int) -> Floats:
    """Zero-mean second moments over the last `window` rows, (rows, assets, assets); unknown until the window is full."""
    products = np.einsum("it,jt->tij", returns, returns)
    total = np.concatenate((np.zeros((1, *products.shape[1:])), np.cumsum(products, axis=0)))
    moments = np.full(products.shape, np.nan)
    moments[window - 1 :] = (total[window:] - total[:-window]) / window
    return moments


def _inverse_volatility(moments: Floats) -> Floats:
    """Weights (assets, rows): 1/σ_i over their sum, none for an asset that did not move; unknown where the moments are."""
    variance = np.einsum("tii->it", moments)
    moving = variance > 1e-12
    inverse = np.divide(1.0, np.sqrt(np.where(moving, variance, 1.0)), out=np.zeros(variance.shape), where=moving)
    total = inverse.sum(axis=0)
    weights: Floats = np.divide(inverse, total, out=np.full(inverse.shape, np.nan), where=total > 0)
    return weights


def _variance(weights: Floats, moments: Floats) -> Floats:
    """Variance of the portfolio per row, had it always held that row's weights."""
    variance: Floats = np.einsum("it,tij,jt->t", weights, moments, weights)
    return variance


def _unmoved(names: Sequence[str], weights: Floats) -> tuple[str, ...]:
    return tuple(name for name, weight in zip(names, weights.tolist(), strict=True) if weight == 0.0)
