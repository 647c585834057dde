"""Noise: how far single coupon bonds lie from a smooth curve through all of them, a measure of missing arbitrage capital.

Source: Hu, Pan and Wang 2013, Noise as Information for Illiquidity. Our prices differ from theirs, so only its own percentile is read.
Never feed it constant-maturity par points: they come off the issuer's own spline.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int32]
Floats = NDArray[np.float64]

DAYS_A_YEAR = 365.25
BP = 1e4
NEWTON_STEPS = 12


class NoiseParams(msgspec.Struct, frozen=True):
    """Maturities in years, the least number of securities, the outlier bound in σ, and the decays of the curve (years) that are tried."""

    min_years: float = 1.0
    max_years: float = 10.0
    min_securities: int = 60
    outlier_sigmas: float = 4.0
    shortest_decay: float = 0.3
    longest_decay: float = 15.0
    decays: int = 14


STANDING: Mapping[str, str] = MappingProxyType(
    {
        "min_years": "published",
        "max_years": "published",
        "min_securities": "proposal",
        "outlier_sigmas": "published",
        "shortest_decay": "proposal",
        "longest_decay": "proposal",
        "decays": "proposal",
    }
)


class Noise(msgspec.Struct, frozen=True):
    """Root mean squared deviation in bp of `n` securities, after `dropped` outliers; None with too few."""

    noise_bp: float | None
    n: int
    dropped: int


class CashFlows(msgspec.Struct, frozen=True):
    """(securities, flows): `years` to each remaining flow and its `amount` per 100, zero where there is none; `accrued` per security."""

    years: Floats
    amount: Floats
    accrued: Floats


def noise(price_day: int, maturity_days: Days, coupon_pct: Floats, clean_price: Floats, params: NoiseParams = NoiseParams()) -> Noise:
    """Noise of one afternoon. Fixed-coupon semi-annual bonds only, one entry each; prices per 100, missing ones 0 or NaN.

    Bonds outside 1 to 10 years and without a price are left out; residuals beyond 4σ are dropped once and the curve is refitted.
    """
    years = (maturity_days - price_day) / DAYS_A_YEAR
    use = (years >= params.min_years) & (years <= params.max_years) & (clean_price > 0) & (coupon_pct > 0)
    if np.count_nonzero(use) < params.min_securities:
        return Noise(None, int(np.count_nonzero(use)), 0)
    flows = cash_flows(price_day, maturity_days[use], coupon_pct[use])
    yields = continuous_yield(flows, clean_price[use])
    spaces = svensson_loadings(flows, yields, params)
    residuals = best_residuals(spaces, yields)
    kept = np.abs(residuals) <= params.outlier_sigmas * np.sqrt(np.mean(residuals**2))
    if not kept.all():
        residuals = best_residuals(spaces[:, kept], yields[kept])
    n, dropped = len(residuals), int(np.count_nonzero(~kept))
    return Noise(None if n < params.min_securities else float(BP * np.sqrt(np.mean(residuals**2))), n, dropped)


def cash_flows(price_day: int, maturity_days: Days, coupon_pct: Floats) -> CashFlows:
    """Semi-annual coupons counted back from maturity, month ends kept; years in half-year periods with an actual/actual first fraction."""
    count_back = int(np.ceil((maturity_days.max() - price_day) / (DAYS_A_YEAR / 2))) + 2
    dates = _coupon_dates(maturity_days, count_back)
    remaining = (dates > price_day).sum(axis=1)
    each = np.arange(len(dates))
    following, previous = dates[each, remaining - 1], dates[each, remaining]
    fraction = (following - price_day) / (following - previous)
    periods = remaining[:, None] - 1 - np.arange(count_back)
    exists = periods >= 0
    years = np.where(exists, (fraction[:, None] + periods) / 2.0, 0.0)
    amount = np.where(exists, coupon_pct[:, None] / 2.0, 0.0)
    amount[:, 0] += 100.0
    return CashFlows(years, amount, coupon_pct / 2.0 * (1.0 - fraction))


def continuous_yield(flows: CashFlows, clean_price: Floats) -> Floats:
    """Continuously compounded yield to maturity as a fraction, by Newton's method on the price with accrued interest."""
    dirty = clean_price + flows.accrued
    y = np.zeros(len(dirty))
    for _ in range(NEWTON_STEPS):
        values = flows.amount * np.exp(-y[:, None] * flows.years)
        # The logarithm of the price is almost straight in y: steps on it converge from any start.
        duration = (values * flows.years).sum(axis=1) / values.sum(axis=1)
        y = y + np.log(values.sum(axis=1) / dirty) / duration
    return y


def svensson_loadings(flows: CashFlows, yields: Floats, params: NoiseParams = NoiseParams()) -> Floats:
    """What each bond's yield takes from the four betas of a Svensson zero curve, (decay pairs, securities, 4).

    A bond's yield is, to first order, the mean of the zero yields at its cash flows, weighted by present value times years.
    So the curve is linear in its betas once both decays are given, and low and high coupons stand on the same curve.
    """
    weights = flows.amount * np.exp(-yields[:, None] * flows.years) * flows.years
    weights /= weights.sum(axis=1, keepdims=True)
    decays = np.geomspace(params.shortest_decay, params.longest_decay, params.decays)
    x = np.maximum(flows.years[None], 1e-9) / decays[:, None, None]
    slope = -np.expm1(-x) / x
    mean_slope, mean_hump = (slope * weights).sum(axis=2), ((slope - np.exp(-x)) * weights).sum(axis=2)
    first, second = np.triu_indices(params.decays, 1)
    level = np.ones((len(first), len(yields)))
    return np.stack((level, mean_slope[first], mean_hump[first], mean_hump[second]), axis=2)


def best_residuals(loadings: Floats, yields: Floats) -> Floats:
    """Least-squares residuals under the pair of decays that fits best, in the unit of the yields."""
    basis = np.linalg.qr(loadings)[0]
    fitted = (basis @ (basis.transpose(0, 2, 1) @ yields)[:, :, None])[:, :, 0]
    residuals = yields - fitted
    best: Floats = residuals[np.argmin((residuals**2).sum(axis=1))]
    return best


def _coupon_dates(maturity_days: Days, count: int) -> NDArray[np.int64]:
    """Maturity and the `count` − 1 half-yearly dates before it, (securities, count), newest first."""
    maturity = maturity_days.astype("datetime64[D]")
    month = maturity.astype("datetime64[M]")
    day_of_month = (maturity - month.astype("datetime64[D]")).astype(np.int64)
    months = month[:, None] - (6 * np.arange(count)).astype("timedelta64[M]")
    last_day = _month_length(months) - 1
    at_month_end = day_of_month == last_day[:, 0]
    day = np.where(at_month_end[:, None], last_day, np.minimum(day_of_month[:, None], last_day))
    dates: NDArray[np.int64] = months.astype("datetime64[D]").astype(np.int64) + day
    return dates


def _month_length(months: NDArray[np.datetime64]) -> NDArray[np.int64]:
    following = months + np.timedelta64(1, "M")
    length: NDArray[np.int64] = (following.astype("datetime64[D]") - months.astype("datetime64[D]")).astype(np.int64)
    return length
