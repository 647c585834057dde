"""Capital allocation: markets ranked by liquidity, policy constraint and relative value.

A cross-section ranking with bars from 0 to 1; no significance is claimed for a handful of markets. All of it is a rule of thumb.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import msgspec

from .clauses import is_known

DRIVERS = ("liquidity", "policy", "value")


class AllocationParams(msgspec.Struct, frozen=True):
    """Neutral real policy rate (%), fewest markets a rank needs, fewest bars the score needs."""

    neutral_real_rate: float = 0.5
    min_ranked: int = 3
    min_bars: int = 2


STANDING: Mapping[str, str] = MappingProxyType(dict.fromkeys(AllocationParams.__struct_fields__, "proposal"))
_DEFAULT = AllocationParams()


class AllocationInputs(msgspec.Struct, frozen=True):
    """One market. Rates in %, shares in %; `sigma_fast_pct` 0…1 against its own 10 years; None is unknown."""

    sigma_fast_pct: float | None = None
    mean_tail_z: float | None = None  # mean robust tail z of the last four auctions
    noise_pct: float | None = None
    policy_rate: float | None = None
    core_cpi_yoy: float | None = None
    cb_share_4q_change_pp: float | None = None
    cb_net_sales_12m_share: float | None = None  # net sales over 12 months / debt
    hedged_yield: float | None = None  # 10-year, for the chosen investor
    carry_roll_per_sigma: float | None = None


class Allocation(msgspec.Struct, frozen=True):
    """Bars and score 0…1 (higher attracts capital), rank 1 = highest, `n` bars known, driver = the bar farthest from one half."""

    liquidity: float | None
    policy: float | None
    value: float | None
    score: float | None
    rank: int | None
    driver: str | None
    n: int


def rank01(values: Sequence[float | None], min_ranked: int = 3) -> tuple[float | None, ...]:
    """(average rank ascending − 0.5)/n over the known values, in 0…1; all unknown with fewer than `min_ranked`."""
    known = sorted([value for value in values if value is not None and value == value])  # as `is_known` says: it is asked very often
    if len(known) < min_ranked:
        return (None,) * len(values)
    return tuple([_rank(value, known) if value is not None and value == value else None for value in values])


def _rank(value: float, ordered: Sequence[float]) -> float:
    below = bisect_left(ordered, value)
    equal = bisect_right(ordered, value) - below
    return (below + (equal + 1) / 2 - 0.5) / len(ordered)


def nine_year_yield(y10: float | None, y7: float | None, y5: float | None, y9: float | None = None) -> float | None:
    """The 9-year yield (%), else on the line from the 7-year, else from the 5-year point to the 10-year."""
    if is_known(y9):
        return y9
    if not is_known(y10):
        return None
    if is_known(y7):
        return y10 - (y10 - y7) / 3
    return y10 - (y10 - y5) / 5 if is_known(y5) else None


def carry_roll_per_sigma(
    y10: float | None, r3m: float | None, y9: float | None, md9: float | None, md10: float | None, vol_bp_yr: float | None
) -> float | None:
    """[(y10 − r3m) + (y10 − y9)·MD9] / (vol·MD10/100): a year's carry and roll-down in units of a year's price volatility.

    Yields in %, MD = modified durations of par bonds in years, volatility in bp a year.
    """
    if not (is_known(y10) and is_known(r3m) and is_known(y9) and is_known(md9) and is_known(md10) and is_known(vol_bp_yr)):
        return None
    price_vol = vol_bp_yr * md10 / 100
    return ((y10 - r3m) + (y10 - y9) * md9) / price_vol if price_vol > 0 else None


def allocate(markets: Mapping[str, AllocationInputs], params: AllocationParams = _DEFAULT) -> dict[str, Allocation]:
    """Every market's bars, score and rank against the others."""
    rows = tuple(markets.values())

    def ranks(values: Sequence[float | None]) -> tuple[float | None, ...]:
        return rank01(values, params.min_ranked)

    tails = ranks([_negative(row.mean_tail_z) for row in rows])
    noises = ranks([_negative(row.noise_pct) for row in rows])
    gaps = ranks([_policy_gap(row, params) for row in rows])
    steps = ranks([None if (step := row.cb_share_4q_change_pp) is None else abs(step) for row in rows])
    sales = ranks([row.cb_net_sales_12m_share for row in rows])
    hedged = ranks([row.hedged_yield for row in rows])
    rolls = ranks([row.carry_roll_per_sigma for row in rows])

    bars = []
    for i, row in enumerate(rows):
        calm = 1 - row.sigma_fast_pct if is_known(row.sigma_fast_pct) else None
        constraint = _mean((gaps[i], steps[i], sales[i]))
        bars.append((_mean((calm, tails[i], noises[i])), None if constraint is None else 1 - constraint, _mean((hedged[i], rolls[i]), 2)))
    scores = [_mean(bar, params.min_bars) for bar in bars]
    ordered = sorted(score for score in scores if score is not None)
    return {
        market: Allocation(*bar, score, _place(score, ordered), _driver(bar), sum(part is not None for part in bar))
        for market, bar, score in zip(markets, bars, scores, strict=True)
    }


def _policy_gap(row: AllocationInputs, params: AllocationParams) -> float | None:
    """Distance of the real policy rate from neutral, in percentage points: how far policy is from free to move."""
    if row.policy_rate is None or row.core_cpi_yoy is None:  # NaN stays NaN, which is not ranked
        return None
    return abs(row.policy_rate - row.core_cpi_yoy - params.neutral_real_rate)


def _negative(value: float | None) -> float | None:
    return None if value is None else -value


def _mean(parts: Sequence[float | None], needed: int = 1) -> float | None:
    known = [part for part in parts if part is not None]
    if len(known) < needed:
        return None
    return math.fsum(known) / len(known) if len(known) > 1 else known[0]


def _place(score: float | None, ordered: Sequence[float]) -> int | None:
    return None if score is None else 1 + len(ordered) - bisect_right(ordered, score)


def _driver(bar: Sequence[float | None]) -> str | None:
    known = [(abs(part - 0.5), name) for part, name in zip(bar, DRIVERS, strict=True) if part is not None]
    return max(known, key=lambda pair: pair[0])[1] if known else None
