"""What the parts of demand, supply, positions and holders tell the labels, as known at a moment."""

from collections.abc import Mapping
from typing import NamedTuple

import msgspec
import numpy as np

from .. import board
from ..board import Reading
from ..inputs import Moment
from ..stats import Days, Floats
from .auctions import AuctionsPart
from .positioning import PositioningPart
from .supply import SupplyPart

US = "us"
LONG_END_YEARS = 10.0


class Told(NamedTuple):
    """A series by days, of which the first n were known at the moment."""

    days: Days
    values: Floats
    n: int

    def upto(self, moment: Moment | None) -> int:
        """How many were known at the moment; all of them by the whole history."""
        return len(self.days) if moment is None else self.n


class Evidence(msgspec.Struct, frozen=True):
    """All of it is of the US: nobody publishes the same of another market in our feeds. Central-bank shares are of every market."""

    demand_z: Told  # by auction date
    supply_z: Told  # by month-end
    long_tails: Told  # z of the tail of auctions of ten years and longer
    short_pct: Told
    short_d4_z: Told
    cb_share: Mapping[str, Reading]

    @property
    def told(self) -> tuple[Told, ...]:
        """Everything told by days."""
        return self.demand_z, self.supply_z, self.long_tails, self.short_pct, self.short_d4_z


def label_evidence(
    auctions: AuctionsPart, supply: SupplyPart, positioning: PositioningPart, structure: Mapping[str, board.Structure], moment: Moment
) -> Evidence:
    """What was known at a moment."""
    auctioned = auctions.upto(moment)
    reports = positioning.row(moment) + 1
    last = np.int32(auctions.days[auctioned - 1] if auctioned else -1)
    demand, lev = auctions.demand, positioning.leveraged
    days, tails = auctions.tails(LONG_END_YEARS)
    return Evidence(
        demand_z=Told(demand.days, demand.demand_z, int(demand.days.searchsorted(last, "right"))),
        supply_z=Told(supply.flows.month_ends, supply.z, supply.row(moment) + 1),
        long_tails=Told(days, tails, int(days.searchsorted(last, "right"))),
        short_pct=Told(lev.days, lev.short_pct, reports),
        short_d4_z=Told(lev.days, lev.d4_z, reports),
        cb_share={market: each.cb_share for market, each in structure.items()},
    )
