"""DCI, the Duration Conditions Index: five pillars of percentiles, 0–100, higher is healthier (§5)."""

from collections.abc import Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from .columns import Column
from .regime import RegimeHistory
from .rule import UNKNOWN, Codes
from .stats import Floats, changes, decayed_sum, percentile

Ranked = TypeVar("Ranked", Floats, Column[np.float64])
PILLARS = ("rates", "funding", "credit_risk", "dislocation", "clearing")

Indicators = Mapping[str, Mapping[str, Floats]]
"""Percentiles 0…1 per row (1 is stressed), by pillar and indicator."""
KnownIndicators = Mapping[str, Mapping[str, Column[np.float64]]]


class Band(IntEnum):
    """Bands of the index, best first."""

    SUPPORTIVE = 0
    NEUTRAL = 1
    DEFENSIVE = 2
    STRESSED = 3
    SYSTEMIC = 4

    @property
    def word(self) -> str:
        return self.name.capitalize()


class CompositeParams(msgspec.Struct, frozen=True):
    """Lower edges of all bands but the last, what it takes to leave one, and the parts of the index."""

    edges: tuple[float, float, float, float] = (75.0, 50.0, 25.0, 10.0)
    edge_margin: float = 1.5
    min_pillars: int = 3
    cmax_window: int = 504
    cmax_min: int = 250
    pct_window: int = 2520
    pct_min: int = 500
    lam_systemic: float = 0.985
    systemic_start: int = 250
    bias_share: float = 0.25
    always_extended: bool = False


STANDING: Mapping[str, str] = MappingProxyType(
    {
        "edges": "proposal",
        "edge_margin": "proposal",
        "min_pillars": "validated",
        "cmax_window": "validated",
        "cmax_min": "validated",
        "pct_window": "validated",
        "pct_min": "validated",
        "lam_systemic": "proposal",
        "systemic_start": "proposal",
        "bias_share": "proposal",
        "always_extended": "proposal",
    }
)


class KnownComposite(msgspec.Struct, frozen=True):
    """Every row of the index.

    `pillars` (0…1, 1 is stressed) and `contributions` (points; they sum to dci − 50) have shape (rows, 5), columns as PILLARS; `n` counts
    the pillars a row has. `band` holds codes of `Band`, -1 where the index is unknown. `d5` and `d21` are changes in points. `systemic`
    and `amplification` (0…1) are known on rows with all five pillars.
    """

    core: KnownIndicators
    extended: KnownIndicators
    pillars: Column[np.float64]
    contributions: Column[np.float64]
    n: Column[np.int32]
    dci: Column[np.float64]
    band: Column[np.int8]
    d5: Column[np.float64]
    d21: Column[np.float64]
    systemic: Column[np.float64]
    amplification: Column[np.float64]


class CompositeHistory(KnownComposite, frozen=True):
    """The same of a whole history."""

    core: Indicators
    extended: Indicators
    pillars: Floats
    contributions: Floats
    n: NDArray[np.int32]
    dci: Floats
    band: Codes
    d5: Floats
    d21: Floats
    systemic: Floats
    amplification: Floats


def core_indicators(
    regime: RegimeHistory,
    stocks: Floats,
    funding: Floats,
    credit: Floats,
    params: CompositeParams = CompositeParams(),
) -> Indicators:
    """The validated indicators on panel rows, from a stock price index, two contributions to the OFR index, and what the map holds."""

    raw = raw_indicators(regime.headline.at.D, cmax(stocks, params), funding, credit)
    return arranged(regime.stress.level, {name: percentile(x, params.pct_window, params.pct_min) for name, x in raw.items()})


def raw_indicators(D: Floats, fall: Floats, funding: Floats, credit: Floats) -> Mapping[str, Floats]:
    """What the index ranks itself, before ranking; the rest is ranked by the map already. `fall` is the `cmax` of stocks."""
    return {"fsi_funding": funding, "cmax": fall, "fsi_credit": credit, "D": D}


def arranged(level: Mapping[str, Ranked], own: Mapping[str, Ranked]) -> Mapping[str, Mapping[str, Ranked]]:
    """The core indicators by pillar, from the percentiles of the gate's components and of `raw_indicators`."""
    return {
        "rates": {"move": level["move"], "rv": level["rv"]},
        "funding": {"fsi_funding": own["fsi_funding"]},
        "credit_risk": {"vix": level["vix"], "cmax": own["cmax"], "fsi_credit": own["fsi_credit"]},
        "dislocation": {"turb": level["turb"]},
        "clearing": {"D": own["D"]},
    }


def cmax(price: Floats, params: CompositeParams = CompositeParams()) -> Floats:
    """Fall from the highest of the last two years, 0…1 per row (Holló, Kremer and Lo Duca 2012)."""
    if len(price) == 0:
        return price
    window, known = params.cmax_window, ~np.isnan(price)
    padded = np.concatenate([np.full(window - 1, -np.inf), np.where(known, price, -np.inf)])
    highest = np.lib.stride_tricks.sliding_window_view(padded, window).max(axis=1)
    count = np.concatenate([np.zeros(window, np.int64), np.cumsum(known)])
    out = np.full(len(price), np.nan)
    np.divide(price, highest, out=out, where=count[window:] - count[:-window] >= params.cmax_min)
    return 1.0 - out


def composite_history(
    core: Indicators,
    extended: Indicators | None = None,
    params: CompositeParams = CompositeParams(),
) -> CompositeHistory:
    """The index for every row from its indicators' percentiles.

    Extended indicators enter a pillar on rows where all its core ones are missing, or everywhere if `always_extended`.
    """
    pillars = pillar_history(core, extended or {}, params)
    dci, n, contributions = index_of(pillars, params)
    systemic, amplification = systemic_history(pillars, params)
    return CompositeHistory(
        core=core,
        extended=extended or {},
        pillars=pillars,
        contributions=contributions,
        n=n,
        dci=dci,
        band=band_history(dci.tolist(), params),
        d5=changes(dci, 5),
        d21=changes(dci, 21),
        systemic=systemic,
        amplification=amplification,
    )


def index_of(pillars: Floats, params: CompositeParams = CompositeParams()) -> tuple[Floats, NDArray[np.int32], Floats]:
    """The index, its number of pillars and their contributions per row."""
    n = (~np.isnan(pillars)).sum(axis=1)
    enough = n >= params.min_pillars
    mean = np.full(len(pillars), np.nan)
    np.divide(np.nansum(pillars, axis=1), n, out=mean, where=enough)
    contributions = np.where(enough[:, None], 100.0 * (0.5 - pillars) / np.maximum(n, 1)[:, None], np.nan)
    return 100.0 * (1.0 - mean), n.astype(np.int32), contributions


def pillar_history(core: Indicators, extended: Indicators, params: CompositeParams = CompositeParams()) -> Floats:
    """Mean of the available indicator percentiles, shape (rows, 5); unknown where a pillar has none."""
    rows = max((len(x) for pillar in core.values() for x in pillar.values()), default=0)
    columns = []
    for name in PILLARS:
        own, spare = ([*source.get(name, {}).values()] for source in (core, extended))
        if params.always_extended:
            columns.append(_mean_of_known([*own, *spare], rows))
        else:
            from_core = _mean_of_known(own, rows)
            columns.append(np.where(np.isnan(from_core), _mean_of_known(spare, rows), from_core))
    return np.column_stack(columns)


def band_history(dci: Sequence[float], params: CompositeParams = CompositeParams(), held: int = UNKNOWN) -> Codes:
    """Bands with hysteresis: one is left only when the index passes its edge by the margin, and then for the plain band of the value.

    `held` is the band before the first row.
    """
    bounds = (np.inf, *params.edges, -np.inf)
    codes = []
    for value in dci:
        if value != value:
            codes.append(UNKNOWN)
            continue
        if held == UNKNOWN or not bounds[held + 1] - params.edge_margin < value < bounds[held] + params.edge_margin:
            held = sum(value < edge for edge in params.edges)
        codes.append(held)
    return np.array(codes, dtype=np.int8)


def systemic_history(pillars: Floats, params: CompositeParams = CompositeParams()) -> tuple[Floats, Floats]:
    """Portfolio-style aggregate S and its amplification per row; rows with a pillar missing neither count nor have one.

    Source: Holló, Kremer and Lo Duca 2012; Chavleishvili and Kremer 2023.
    """
    complete = np.flatnonzero(~np.isnan(pillars).any(axis=1))
    systemic, amplification = (np.full(len(pillars), np.nan) for _ in range(2))
    start, count = params.systemic_start, pillars.shape[1]
    if len(complete) >= start:
        s = pillars[complete]
        centred = s - 0.5
        products = centred[:, :, None] * centred[:, None, :]
        opening = products[:start].mean(axis=0)
        grown = decayed_sum(products[start:].reshape(-1, count * count), params.lam_systemic).reshape(-1, count, count)
        age = params.lam_systemic ** np.arange(1, len(grown) + 1)
        covariance = np.concatenate([opening[None], age[:, None, None] * opening + (1 - params.lam_systemic) * grown])
        known = complete[start - 1 :]
        systemic[known], amplification[known] = aggregate(s[start - 1 :], np.full(count, 1.0 / count), correlations(covariance))
    return systemic, amplification


def aggregate(s: Floats, weights: Floats, rho: Floats) -> tuple[Floats, Floats]:
    """S = Σ w_i s_i ρ_ij w_j s_j, and S over its value at ρ = 1; `s` (rows, pillars), `rho` (rows, pillars, pillars)."""
    weighted = s * weights
    total = np.einsum("ti,tij,tj->t", weighted, rho, weighted)
    ceiling = weighted.sum(axis=1) ** 2
    share = np.full(len(s), np.nan)
    np.divide(total, ceiling, out=share, where=ceiling > 0)
    return total, share


def correlations(covariance: Floats) -> Floats:
    """Correlations of a stack of covariance matrices; unknown where a variance is zero."""
    deviation = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    scale = deviation[:, :, None] * deviation[:, None, :]
    out = np.full(covariance.shape, np.nan)
    np.divide(covariance, scale, out=out, where=scale > 0)
    return out


def _mean_of_known(columns: list[Floats], rows: int) -> Floats:
    mean = np.full(rows, np.nan)
    if columns:
        table = np.column_stack(columns)
        count = (~np.isnan(table)).sum(axis=1)
        np.divide(np.nansum(table, axis=1), count, out=mean, where=count > 0)
    return mean
