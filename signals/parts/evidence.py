"""What the parts of demand, supply, positions and holders tell the labels, as known at a moment."""

from collections.abc import Mapping

import numpy as np

from .. import board
from ..inputs import Moment
from .auctions import AuctionsPart
from .labels import Evidence
from .positioning import PositioningPart
from .supply import SupplyPart

US = "us"
LONG_END_YEARS = 10.0


def label_evidence(
    auctions: AuctionsPart, supply: SupplyPart, positioning: PositioningPart, structure: Mapping[str, board.Structure], moment: Moment
) -> Evidence:
    """All of it is of the US: nobody publishes the same of another market in our feeds. Central-bank shares are of every market."""
    months, auctioned = supply.row(moment) + 1, auctions.upto(moment)
    reports = int(np.searchsorted(positioning.known, moment.at, side="right"))
    last = int(auctions.days[auctioned - 1]) if auctioned else -1
    demand = int(auctions.demand.days.searchsorted(np.int32(last), "right"))
    days, tails = auctions.tails(LONG_END_YEARS)
    long = int(days.searchsorted(np.int32(last), "right"))
    lev = positioning.leveraged
    return Evidence(
        demand_z={US: (auctions.demand.days[:demand], auctions.demand.demand_z[:demand])},
        supply_z={US: (supply.flows.month_ends[:months], supply.z[:months])},
        long_tails={US: (days[:long], tails[:long])},
        short_pct=(lev.days[:reports], lev.short_pct[:reports]),
        short_d4_z=(lev.days[:reports], lev.d4_z[:reports]),
        cb_share={market: each.cb_share for market, each in structure.items()},
    )
