"""Yen carry: what the position earns for its risk, and the flag of an unwind.

Sources: Brunnermeier, Nagel and Pedersen 2009 (carry-to-risk, crash risk); BIS Bulletin 90 (2024).
"""

import math
from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from .stats import Days, Floats, SigmaParams, ewma_mean_square, known_or_none, lagged, log_returns

DAYS_A_YEAR = 252


class CarryParams(msgspec.Struct, frozen=True):
    """The unwind flag: USD/JPY falls by `fall_sigmas`·σ·√`horizon` while the VIX rises by `vix_rise` points over as many rows."""

    horizon: int = 5
    fall_sigmas: float = 2.5
    vix_rise: float = 5.0
    carry_rows: int = 5
    crowded_percentile: float = 0.80
    max_gap_days: int = 12
    sigma: SigmaParams = msgspec.field(default_factory=SigmaParams)


STANDING: Mapping[str, str] = MappingProxyType(
    {
        "horizon": "validated",
        "fall_sigmas": "validated",
        "vix_rise": "validated",
        "carry_rows": "validated",
        "crowded_percentile": "proposal",
        "max_gap_days": "validated",
    }
)


class Carry(msgspec.Struct, frozen=True):
    """One row per USD/JPY print. `carry` and `sigma_fx` in % a year, `r5` and `threshold` in % of log return, `d5_vix` in points.

    `flag` is 1, 0 or NaN when it cannot be told.
    """

    days: Days
    carry: Floats
    sigma_fx: Floats
    carry_to_vol: Floats
    r5: Floats
    threshold: Floats
    d5_vix: Floats
    flag: Floats


class CarryReading(msgspec.Struct, frozen=True):
    """One row of `Carry`; None is unknown. `sigma_kind` says which volatility it is. `amplifier`: yen shorts were crowded (text only)."""

    carry: float | None
    sigma_fx: float | None
    sigma_kind: str
    carry_to_vol: float | None
    flag: bool | None
    r5: float | None
    threshold: float | None
    d5_vix: float | None
    amplifier: bool | None
    day: int


def yen_carry(
    fx_days: Days, usdjpy: Floats, vix_days: Days, vix: Floats, differential: Floats | None = None, params: CarryParams = CarryParams()
) -> Carry:
    """The history on USD/JPY dates. `usdjpy` in yen per dollar and `vix` in points on native dates.

    `differential`: dollar minus yen three-month rate in %, one value per row of `fx_days`, NaN where unknown.
    Flag: r5 ≤ −2.5·σ_slow·√5 (slow σ of daily log returns through the row before, no floor) and VIX up 5 points over the same rows.
    """
    own = ~np.isnan(usdjpy)
    days, spot = fx_days[own], usdjpy[own]
    carry = np.full(len(days), np.nan) if differential is None else differential[own]
    daily = _whole_returns(days, spot, 1, params)
    slow = np.sqrt(ewma_mean_square(daily, params.sigma.lam_slow, params.sigma.min_slow))
    fast = np.sqrt(ewma_mean_square(daily, params.sigma.lam_fast, params.sigma.min_slow))
    r5 = _whole_returns(days, spot, params.horizon, params)
    threshold = -params.fall_sigmas * math.sqrt(params.horizon) * lagged(slow)
    vix_rows = onto_rows(days, vix_days, vix, params.carry_rows)
    d5_vix = vix_rows - lagged(vix_rows, params.horizon)
    sigma_fx = math.sqrt(DAYS_A_YEAR) * fast
    to_vol = np.divide(carry, sigma_fx, out=np.full(len(days), np.nan), where=sigma_fx > 0)
    return Carry(days, carry, sigma_fx, to_vol, r5, threshold, d5_vix, unwind_flag(r5, threshold, d5_vix, params))


def unwind_flag(r5: Floats, threshold: Floats, d5_vix: Floats, params: CarryParams = CarryParams()) -> Floats:
    """1 where both clauses hold, 0 where one surely does not, NaN otherwise."""
    fell, rose = r5 <= threshold, d5_vix >= params.vix_rise
    surely_not = (r5 > threshold) | (d5_vix < params.vix_rise)
    flag: Floats = np.where(fell & rose, 1.0, np.where(surely_not, 0.0, np.nan))
    return flag


def onto_rows(row_days: Days, days: Days, values: Floats, limit: int = 5) -> Floats:
    """A native series on other dates: its last own print on or before each, unknown once that is more than `limit` rows old."""
    out = np.full(len(row_days), np.nan)
    own = ~np.isnan(values)
    days, values = days[own], values[own]
    last = np.searchsorted(days, row_days, side="right") - 1
    seen = np.flatnonzero(last >= 0)
    first_row = np.searchsorted(row_days, days[last[seen]], side="left")
    fresh = seen[seen - first_row <= limit]
    out[fresh] = values[last[fresh]]
    return out


def amplified(short_percentile: float | None, params: CarryParams = CarryParams()) -> bool | None:
    """Whether the net short in yen futures stood at or above its 80th percentile (0…1, ten years) in the report before."""
    return None if short_percentile is None else short_percentile >= params.crowded_percentile


def carry_at(
    history: Carry,
    row: int,
    implied_vol_pct: float | None = None,
    short_percentile: float | None = None,
    params: CarryParams = CarryParams(),
) -> CarryReading:
    """The reading of one row (negative rows count from the end). A three-month implied volatility in %, where there is one, goes first."""
    carry, flag = known_or_none(history.carry[row]), known_or_none(history.flag[row])
    to_vol, sigma_fx, kind = known_or_none(history.carry_to_vol[row]), known_or_none(history.sigma_fx[row]), "realised, fast"
    if implied_vol_pct:
        to_vol, sigma_fx, kind = (None if carry is None else carry / implied_vol_pct), implied_vol_pct, "implied, 3 months"
    return CarryReading(
        carry=carry,
        sigma_fx=sigma_fx,
        sigma_kind=kind,
        carry_to_vol=to_vol,
        flag=None if flag is None else bool(flag),
        r5=known_or_none(history.r5[row]),
        threshold=known_or_none(history.threshold[row]),
        d5_vix=known_or_none(history.d5_vix[row]),
        amplifier=amplified(short_percentile, params),
        day=int(history.days[row]),
    )


def _whole_returns(days: Days, spot: Floats, steps: int, params: CarryParams) -> Floats:
    """Log returns in % over `steps` prints, unknown across a silence."""
    broken = np.concatenate(([0.0], np.cumsum(np.diff(days) > params.max_gap_days))) if len(days) else np.zeros(0)
    whole: Floats = np.where(broken == lagged(broken, steps), log_returns(spot, steps), np.nan)
    return whole
