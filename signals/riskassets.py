"""Risk assets under a discount-rate shock: their returns, their correlation with bonds and equities, and the sign of the shock."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import numpy as np

from .clauses import is_known
from .momentum import Momentum, momentum
from .stats import Days, Floats, common, ewma_correlation, native_changes

GROWTH_SHOCK, RATE_SHOCK, MIXED = "growth or risk-off shock", "rate shock", "mixed"
RISK_OFF_SIGNS: Mapping[str, int] = MappingProxyType({"btc": -1, "nky": -1, "gold": 1})


class RiskAssetParams(msgspec.Struct, frozen=True):
    """Decay and minimum count of the correlations, and the band inside which the sign of the shock is mixed."""

    lam: float = 0.97
    min_obs: int = 60
    mixed_band: float = 0.2


STANDING: Mapping[str, str] = MappingProxyType(
    {name: "published" if name == "lam" else "proposal" for name in RiskAssetParams.__struct_fields__}
)
_DEFAULT = RiskAssetParams()


class CommonCorrelation(msgspec.Struct, frozen=True):
    """A correlation −1…1 per date that both series share."""

    days: Days
    values: Floats


class RiskAsset(msgspec.Struct, frozen=True):
    """An asset on its own dates, with its correlation to changes of the 10-year yield and to equity returns on shared dates."""

    momentum: Momentum
    with_yield: CommonCorrelation
    with_equities: CommonCorrelation


class RiskOff(msgspec.Struct, frozen=True):
    """Signs of a flight from risk over 21 days: `k` of the `n` known among bitcoin down, Nikkei down, gold up."""

    k: int
    n: int

    @property
    def text(self) -> str:
        return f"{self.k} of {self.n}"


def correlation_with_yield(
    days: Days, prices: Floats, yield_days: Days, yields: Floats, params: RiskAssetParams = _DEFAULT
) -> CommonCorrelation:
    """EWMA correlation of log returns with yield changes (bp) between consecutive shared dates, zero mean.

    Of equities it is the stock–bond sign. Positive: yields fall when prices fall, so bonds cushion.
    """
    dates, p, y = common(days, prices, yield_days, yields)
    return CommonCorrelation(dates, ewma_correlation(_returns(dates, p), native_changes(dates, y), params.lam, params.min_obs))


def correlation_with_prices(
    days: Days, prices: Floats, other_days: Days, other: Floats, params: RiskAssetParams = _DEFAULT
) -> CommonCorrelation:
    """EWMA correlation of two assets' log returns between consecutive shared dates, zero mean."""
    dates, a, b = common(days, prices, other_days, other)
    return CommonCorrelation(dates, ewma_correlation(_returns(dates, a), _returns(dates, b), params.lam, params.min_obs))


def _returns(days: Days, prices: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.where(prices > 0, np.log(prices), np.nan)
    return native_changes(days, logs)


def shock_word(correlation: float | None, params: RiskAssetParams = _DEFAULT) -> str | None:
    """The shock that the stock–bond correlation (equities with yield changes) points to."""
    if not is_known(correlation):
        return None
    if abs(correlation) <= params.mixed_band:
        return MIXED
    return GROWTH_SHOCK if correlation > 0 else RATE_SHOCK


def risk_asset(
    asset: tuple[Days, Floats], ten_year: tuple[Days, Floats], equities: tuple[Days, Floats], params: RiskAssetParams = _DEFAULT
) -> RiskAsset:
    """One asset's history; each argument is (days, values). Crypto belongs on business days first, see `weekdays_only`."""
    with_yield = correlation_with_yield(*asset, *ten_year, params)
    return RiskAsset(momentum(*asset), with_yield, correlation_with_prices(*asset, *equities, params))


def weekdays_only(days: Days, values: Floats) -> tuple[Days, Floats]:
    """A seven-day series on Monday to Friday, so that a day of it means what it means elsewhere."""
    weekday = (days + 3) % 7 < 5  # 1970-01-01 was a Thursday
    return days[weekday], values[weekday]


def risk_off_count(returns_21d_pct: Mapping[str, float | None]) -> RiskOff:
    """How many of bitcoin, Nikkei and gold moved over 21 days as they do in a flight from risk."""
    signs = [value * RISK_OFF_SIGNS[name] > 0 for name, value in returns_21d_pct.items() if name in RISK_OFF_SIGNS and is_known(value)]
    return RiskOff(sum(signs), len(signs))
