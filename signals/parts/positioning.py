"""Positioning: supply against demand by market, leveraged funds in Treasury futures, and how broad the de-risking is."""

from collections.abc import Mapping

import numpy as np

from ...feeds.series import from_day
from .. import board
from ..inputs import Inputs, Moment
from ..markets import MARKETS
from ..passthrough import on_dates
from ..positioning import LeveragedReading, breadth, leveraged_at, leveraged_history, pressure
from ..rows import Native, union_of
from .asknown import Instants, known_through
from .auctions import AuctionsPart
from .supply import SupplyPart

ONE_MARKET = "needs auction demand of three markets; of all debt offices only the US Treasury's results are among the sources"


class PositioningPart:
    """Weekly reports as rows: `leveraged` is the history of leveraged funds' positions, `known` since when each report was."""

    def __init__(self, inputs: Inputs, supply: SupplyPart, auctions: AuctionsPart) -> None:
        self._inputs, self._supply, self._auctions, self._params = inputs, supply, auctions, inputs.settings.positioning
        self._ids = {contract: f"cftc.lev.net.{contract}" for contract in self._params.contract_weights}
        natives = {contract: inputs.native(name) for contract, name in self._ids.items()}
        days = union_of([own for own, _ in natives.values()])
        nets = {contract: on_dates(days, *native) for contract, native in natives.items()}
        self.leveraged = leveraged_history(days, nets, self._params)
        self.known: Instants = np.maximum.accumulate(np.max([known_through(inputs, name, days) for name in self._ids.values()], axis=0))

    def at(self, moment: Moment, s: Mapping[str, float | None]) -> board.Positioning:
        """What is known at a moment; `s`: each panel market's one-month move in its own σ."""
        row = int(np.searchsorted(self.known, moment.at, side="right")) - 1
        found = leveraged_at(self.leveraged, row) if row >= 0 else None
        by_market = {market: self._pressure(market, moment) for market in self._inputs.settings.markets}
        broad = breadth(list(s.values()), self._params)
        tens = tuple(MARKETS[market].ten_year for market, value in s.items() if value is not None)
        return board.Positioning(
            pressure={market: reading for market, (reading, _) in by_market.items()},
            words={market: word for market, (_, word) in by_market.items()},
            fragmentation_z=self._inputs.unknown(ONE_MARKET, "z", "fragmentation_z"),
            lev_net=self._leveraged(found, "lev_net", "contracts", moment),
            lev_pct=self._leveraged(found, "lev_pct", "pct", moment),
            lev_d4_z=self._leveraged(found, "lev_d4_z", "z", moment),
            report=from_day(found.report_date) if found else None,
            breadth=self._inputs.computed(broad.share, "share", "breadth", tens, moment, note=f"of {broad.n} markets" if broad.n else ""),
            breadth_word=broad.word or "",
            by_contract={contract: self._inputs.reading(name, moment) for contract, name in self._ids.items()},
        )

    def short(self) -> tuple[Native, Instants]:
        """Size of the net short in 10-year equivalents by report, and since when each was known."""
        known = ~np.isnan(self.leveraged.net)
        return (self.leveraged.days[known], -self.leveraged.net[known]), self.known[known]

    def _pressure(self, market: str, moment: Moment) -> tuple[board.Reading, str]:
        if market != "us":
            spec = MARKETS[market]
            return self._inputs.unknown(f"{spec.no_supply}, nor are its auction results", "z", "positioning_pressure"), ""
        parts = {"markets.us.supply_z": self._supply.supply_z(moment), "markets.us.demand_z": self._auctions.demand_z(moment)}
        supply, demand = (reading.value for reading in parts.values())
        found = pressure(supply, demand, None, self._params)
        note = f"{found.n}/3" if found.n >= 2 else f"{found.n}/3, two are needed"
        return self._inputs.computed(found.p, "z", "positioning_pressure", (), moment, parts=parts, note=note), found.word or ""

    def _leveraged(self, found: LeveragedReading | None, field: str, unit: str, moment: Moment) -> board.Reading:
        formula = field.replace("lev_", "leveraged_")
        if found is None:
            return self._inputs.unknown("no report of positions in futures", unit, formula, tuple(self._ids.values()))
        value: float | None = getattr(found, field)
        used = tuple(name for contract, name in self._ids.items() if contract not in found.missing)
        note = f"without {', '.join(found.missing)}" if found.missing else ""
        if value is None:
            note = "too few reports" + (f"; {note}" if note else "")
        scaled = 100 * value if unit == "pct" and value is not None else value
        return self._inputs.computed(scaled, unit, formula, used, moment, day=found.report_date, note=note)
