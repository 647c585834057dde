"""Net coupon supply and non-dealer demand of the US by month; no other issuer's calendar is among the series."""

import numpy as np

from ..board import Reading
from ..inputs import Inputs, Moment
from ..markets import MARKETS
from ..passthrough import on_dates
from ..positioning import supply_z
from ..rows import Native
from ..stats import known_or_none, percentile
from ..supply import COUPON_YEARS, LEFT_OUT, Awards, TreasuryFlows, net_coupons, treasury_flows
from .asknown import Instants, known_through

OUTSTANDING = ("us.mspd.notes", "us.mspd.bonds")
FED = "us.soma.notesbonds"
BUYBACKS = "us.buyback.accepted"
TEN_YEARS, MIN_MONTHS = 120, 24


class SupplyPart:
    """Months as rows: a month exists once its statement of the debt is known. `z` and `pct` (0…1) of the three-month net supply."""

    def __init__(self, inputs: Inputs) -> None:
        self._inputs = inputs
        self.awards = tuple(_awards(inputs, term) for term in COUPON_YEARS)
        outstanding = {name.rpartition(".")[2]: inputs.native(name) for name in OUTSTANDING}
        self.flows: TreasuryFlows = treasury_flows(
            self.awards, outstanding, inputs.native(FED), inputs.native("us.10y"), inputs.settings.supply
        )
        self.z = supply_z(self.flows.supply, inputs.settings.positioning)
        self.pct = percentile(self.flows.supply, TEN_YEARS, MIN_MONTHS)
        self._used = (*OUTSTANDING, FED, *(_id(one.term, "accepted") for one in self.awards))
        self._nowhere = {market: inputs.unknown(MARKETS[market].no_supply, "z", "supply_z") for market in inputs.settings.markets}
        self._seen: tuple[int, Reading] | None = None
        self._used_at: tuple[int, tuple[str, ...]] | None = None
        months = [known_through(inputs, name, self.flows.month_ends) for name in (*self._used, "us.10y")]
        self.known: Instants = np.maximum.accumulate(np.max(months, axis=0)) if len(self.flows.month_ends) else np.zeros(0, np.int64)

    def row(self, moment: Moment) -> int:
        """The last month known at the moment, −1 before the first."""
        return int(self.known.searchsorted(moment.at, "right")) - 1

    def month_end(self, moment: Moment) -> int | None:
        """The end of that month, days since 1970."""
        row = self.row(moment)
        return int(self.flows.month_ends[row]) if row >= 0 else None

    def supply_z(self, moment: Moment, market: str = "us") -> Reading:
        """z of the three-month net coupon supply against its last 36 month-ends."""
        if market != "us":
            return self._nowhere[market]
        if self._seen is None or self._seen[0] != moment.at:  # several parts ask
            self._seen = moment.at, self._supply_z(moment)
        return self._seen[1]

    def _supply_z(self, moment: Moment) -> Reading:
        row = self.row(moment)
        if row < 0:
            return self._inputs.unknown("no statement of the debt", "z", "supply_z", OUTSTANDING)
        z = known_or_none(self.z[row])
        used, day = self.used(moment), int(self.flows.month_ends[row])
        note = f"without {LEFT_OUT}" if z is not None else "too few months" if self._inputs.upto(FED, moment) else ""
        return self._inputs.computed(z, "z", "supply_z", used, moment, day=day, note=note)

    def used(self, moment: Moment) -> tuple[str, ...]:
        """The series that supply and demand are made of, auctions as far as there were any at the moment."""
        if self._used_at is None or self._used_at[0] != moment.at:  # asked for each of a dozen Readings
            found = tuple(name for name in self._used if not name.startswith("us.auction") or self._inputs.upto(name, moment))
            self._used_at = moment.at, found
        return self._used_at[1]

    def net_coupons(self) -> tuple[Native, Instants]:
        """Net coupon issuance over four weeks on every auction date, USD bn, and since when each value was known."""
        series = net_coupons(self.awards, self._inputs.native(BUYBACKS), self._inputs.settings.supply)
        ids = [BUYBACKS, *(_id(one.term, "accepted") for one in self.awards)]
        if not len(series[0]):
            return series, np.zeros(0, np.int64)
        return series, np.maximum.accumulate(np.max([known_through(self._inputs, name, series[0]) for name in ids], axis=0))


def _awards(inputs: Inputs, term: str) -> Awards:
    days, accepted = inputs.native(_id(term, "accepted"))
    dealer_share, stop = (on_dates(days, *inputs.native(_id(term, field))) for field in ("dealer_share", "high_yield"))
    return Awards(term, days, accepted, dealer_share, stop)


def _id(term: str, field: str) -> str:
    return f"us.auction.{term}.{field}"
