"""What a foreign government bond yields after its currency has been hedged by rolling three-month forwards. Ignores roll risk.

Source: covered interest parity (market convention); the cross-currency basis is a rule of thumb.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

import msgspec
import numpy as np
from numpy.typing import NDArray

from .stats import Floats, changes, known_or_none

BP_PER_PERCENT = 100.0
CAVEAT = "ignores roll risk"
Rate = TypeVar("Rate", float, Floats)


class HedgingParams(msgspec.Struct, frozen=True):
    """`basis_pct`: cross-currency basis in % a year where there is no forward. `horizon_rows` of the change beside the pickup."""

    basis_pct: float = -0.15
    horizon_rows: int = 21


STANDING: Mapping[str, str] = MappingProxyType({"basis_pct": "proposal", "horizon_rows": "proposal"})


class Hedged(msgspec.Struct, frozen=True):
    """One row per row of the inputs: `hedged` and `cost` in % a year, `pickup` (hedged − home yield) and its 21-row change `d21` in **bp**.

    `approx` tells, per row, that the cost came from interest rates and the default basis because no forward was known.
    """

    hedged: Floats
    cost: Floats
    pickup: Floats
    d21: Floats
    approx: NDArray[np.bool_]


class HedgedReading(msgspec.Struct, frozen=True):
    """One row of `Hedged`; None is unknown."""

    hedged: float | None
    cost: float | None
    pickup: float | None
    d21: float | None
    approx: bool


def forward_cost_pct(spot: Floats, forward: Floats, days: float) -> Floats:
    """(1 − F/S)·360/days, in % a year. Spot and forward in home currency per unit of foreign currency; `days` of the forward."""
    return 100.0 * (1.0 - forward / spot) * 360.0 / days


def rate_cost_pct(foreign_3m: Rate, home_3m: Rate, params: HedgingParams = HedgingParams()) -> Rate:
    """(r_foreign − r_home) − basis, in % a year: what the forward should cost by covered parity. Approximate."""
    return foreign_3m - home_3m - params.basis_pct


def hedged_with(foreign_yield: Rate, home_yield: Rate, cost: Rate) -> tuple[Rate, Rate]:
    """Yield after hedging in %, and what it picks up over the yield at home in bp."""
    hedged = foreign_yield - cost
    return hedged, BP_PER_PERCENT * (hedged - home_yield)


def hedged_pickup(
    foreign_yield: Floats,
    home_yield: Floats,
    foreign_3m: Floats,
    home_3m: Floats,
    forward_cost: Floats | None = None,
    params: HedgingParams = HedgingParams(),
) -> Hedged:
    """The history of one investor and one foreign bond; all inputs in % on the same rows (carried forward), NaN where unknown.

    Rows with a known `forward_cost` use it; the others fall back on the rates and say so.
    """
    by_rates = rate_cost_pct(foreign_3m, home_3m, params)
    approx = np.ones(len(by_rates), dtype=np.bool_) if forward_cost is None else np.isnan(forward_cost)
    cost = by_rates if forward_cost is None else np.where(approx, by_rates, forward_cost)
    hedged, pickup = hedged_with(foreign_yield, home_yield, cost)
    # A pickup on another basis than three weeks ago would show the basis, not the market.
    same_basis = np.concatenate((approx[: params.horizon_rows], approx))[: len(approx)] == approx
    d21 = np.where(same_basis, changes(pickup, params.horizon_rows), np.nan)
    return Hedged(hedged, cost, pickup, d21, approx)


def hedged_at(history: Hedged, row: int) -> HedgedReading:
    """The reading of one row (negative rows count from the end)."""
    return HedgedReading(
        hedged=known_or_none(history.hedged[row]),
        cost=known_or_none(history.cost[row]),
        pickup=known_or_none(history.pickup[row]),
        d21=known_or_none(history.d21[row]),
        approx=bool(history.approx[row]),
    )
