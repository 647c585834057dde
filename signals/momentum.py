"""One-month momentum of prices and indices on their own dates: returns, z, and the distance from recent highs and means."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from .stats import Days, Floats, native_changes, sigma


class MomentumParams(msgspec.Struct, frozen=True):
    """Windows and minimum count, in own observations."""

    horizon: int = 21
    high_window: int = 252
    mean_window: int = 200
    min_obs: int = 260


STANDING: Mapping[str, str] = MappingProxyType(dict.fromkeys(MomentumParams.__struct_fields__, "proposal"))
_DEFAULT = MomentumParams()


class Momentum(msgspec.Struct, frozen=True):
    """One value per row, in % (log returns; plain distances), z in σ. Rows without an own observation are unknown."""

    day_return_pct: Floats
    return_pct: Floats  # over the horizon
    z: Floats
    below_high_pct: Floats
    over_mean_pct: Floats


def momentum(days: Days, values: Floats, params: MomentumParams = _DEFAULT) -> Momentum:
    """Momentum of a positive price or index; all unknown before the 260th own observation.

    z = 21-day log return / (σ_slow·√21) with the slow σ of daily log returns through the observation before, no floor.
    """
    own = np.flatnonzero(values > 0)
    dates, prices = days[own], values[own]
    logs = np.log(prices)
    day_returns = native_changes(dates, logs)  # a hundred times a change: bp of a yield in %, and % of a log price
    returns = native_changes(dates, logs, steps=params.horizon)
    slow = sigma(day_returns, floor=0.0).slow
    z = np.full(len(own), np.nan)
    np.divide(returns, slow * params.horizon**0.5, out=z, where=slow > 0)
    below_high = 100.0 * (1.0 - prices / _trailing_max(prices, params.high_window))
    over_mean = 100.0 * (prices / _trailing_mean(prices, params.mean_window) - 1.0)

    def on_rows(x: Floats) -> Floats:
        out = np.full(len(values), np.nan)
        out[own[params.min_obs - 1 :]] = x[params.min_obs - 1 :]
        return out

    return Momentum(on_rows(day_returns), on_rows(returns), on_rows(z), on_rows(below_high), on_rows(over_mean))


def _trailing_max(x: Floats, window: int) -> Floats:
    """Largest of the last `window` values, its own included."""
    if len(x) == 0:
        return x.copy()
    padded = np.concatenate((np.full(window - 1, -np.inf), x))
    largest: Floats = np.lib.stride_tricks.sliding_window_view(padded, window).max(axis=1)
    return largest


def _trailing_mean(x: Floats, window: int) -> Floats:
    """Mean of the last `window` values; unknown before there are as many."""
    out = np.full(len(x), np.nan)
    if len(x) >= window:
        out[window - 1 :] = np.lib.stride_tricks.sliding_window_view(x, window).mean(axis=1)
    return out
