"""Where the market stands: each market's move in its own σ, their common move m, dispersion D, coherence κ and correlation ρ̄ (§4.2)."""

from collections.abc import Mapping
from itertools import combinations
from types import MappingProxyType

import msgspec
import numpy as np

from .columns import Column
from .stats import BP_PER_PERCENT, Floats, SigmaParams, correlation, ewm, ewma_mean_square


class KnownCoordinates(msgspec.Struct, frozen=True):
    """Per row: `s` of shape (rows, markets) in σ; m, D in σ; kappa in −1…1. A row is unknown where any market's s is."""

    horizon: int
    s: Column[np.float64]
    m: Column[np.float64]
    D: Column[np.float64]
    kappa: Column[np.float64]


class Coordinates(KnownCoordinates, frozen=True):
    """The same of a whole history."""

    s: Floats
    m: Floats
    D: Floats
    kappa: Floats


class CorrelationParams(msgspec.Struct, frozen=True):
    """Mean pairwise correlation of 2-row changes: closing times differ by up to 15 hours."""

    lam: float = 0.97
    min_obs: int = 60
    steps: int = 2


STANDING: Mapping[str, str] = MappingProxyType({"lam": "proposal", "min_obs": "published", "steps": "published"})


def changes_bp(yields: Floats, steps: int = 1) -> Floats:
    """Changes of each market over `steps` rows in bp, shape (rows, markets)."""
    moved = np.full(yields.shape, np.nan, order="F")  # markets are added up faster column by column
    if steps < len(yields):
        moved[steps:] = BP_PER_PERCENT * (yields[steps:] - yields[:-steps])
    return moved


def slow_sigma(yields: Floats, params: SigmaParams) -> Floats:
    """σ_slow of each market through the row before, floored, bp/day, shape (rows, markets).

    The slow σ alone: a month's horizon must not shrink in σ because last week was wild.
    """
    through: Floats = np.sqrt(ewma_mean_square(changes_bp(yields), params.lam_slow, params.min_slow))
    before = np.concatenate([np.full((min(1, len(yields)), yields.shape[1]), np.nan), through[:-1]])
    floored: Floats = np.maximum(before, params.floor)
    return floored


def coordinates(yields: Floats, sigma_bp: Floats, horizon: int) -> Coordinates:
    """Coordinates over `horizon` rows; `yields` in % and `sigma_bp` in bp/day, both of shape (rows, markets)."""
    s = changes_bp(yields, horizon) / (sigma_bp * np.sqrt(horizon))
    m, D = s.mean(axis=1), s.std(axis=1)
    size = np.hypot(m, D)
    kappa = np.where(np.isnan(size), np.nan, 0.0)
    np.divide(m, size, out=kappa, where=size > 0)
    return Coordinates(horizon, s, m, D, kappa)


def mean_correlation(yields: Floats, params: CorrelationParams = CorrelationParams()) -> Floats:
    """ρ̄: mean over pairs of markets of the zero-mean EWMA correlation of their overlapping changes, −1…1 per row.

    Unknown while a market has not moved at all. Two-day changes: Forbes and Rigobon 2002.
    """
    moved = changes_bp(yields, params.steps)
    pairs = [*combinations(range(yields.shape[1]), 2)]
    products = [moved[:, i] * moved[:, j] for i, j in pairs]
    averaged = ewm(np.column_stack([moved * moved, *products]), params.lam, params.min_obs)
    squares, crossed = averaged[:, : yields.shape[1]], averaged[:, yields.shape[1] :]
    each = [correlation(crossed[:, k], squares[:, i], squares[:, j]) for k, (i, j) in enumerate(pairs)]
    mean: Floats = np.mean(each, axis=0)
    return mean
