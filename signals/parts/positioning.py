"""Positioning: supply against demand by market, leveraged funds in Treasury futures, and how broad the de-risking is."""

from collections.abc import Mapping
from datetime import date
from functools import partial
from types import MappingProxyType

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
from .kept import Kept
from .supply import SupplyPart

ONE_MARKET = "needs auction demand of three markets; of all debt offices only the US Treasury's results are among the sources"
NO_FRAGMENTATION = board.Reading(unit="z", formula="fragmentation_z", note=ONE_MARKET)
LEVERAGED: Mapping[str, str] = MappingProxyType({"lev_net": "contracts", "lev_pct": "pct", "lev_d4_z": "z"})


class PositioningPart:
    """Weekly reports as rows: `leveraged` is the history of leveraged funds' positions, `known` since when each report was."""

    def __init__(self, inputs: Inputs, supply: SupplyPart, auctions: AuctionsPart) -> None:
        self._inputs, self._supply, self._auctions, self._params = inputs, supply, auctions, inputs.settings.positioning
        self._ids = {contract: f"cftc.lev.net.{contract}" for contract in self._params.contract_weights}
        self._nowhere = {
            market: inputs.unknown(f"{MARKETS[market].no_supply}, nor are its auction results", "z", "positioning_pressure")
            for market in inputs.settings.markets
        }
        self._kept: Kept[tuple[date | None, dict[str, board.Reading]]] = Kept(inputs)
        natives = {contract: inputs.native(name) for contract, name in self._ids.items()}
        days = union_of([own for own, _ in natives.values()])
        nets = {contract: on_dates(days, *native) for contract, native in natives.items()}
        self.leveraged = leveraged_history(days, nets, self._params)
        self.known: Instants = np.maximum.accumulate(np.max([known_through(inputs, name, days) for name in self._ids.values()], axis=0))

    def at(self, moment: Moment, s: Mapping[str, float | None]) -> board.Positioning:
        """What is known at a moment; `s`: each panel market's one-month move in its own σ."""
        row = self.row(moment)
        report, numbers = self._kept("reports", tuple(self._ids.values()), moment, partial(self._reported, row, moment), row)
        by_market = {market: self._pressure(market, moment) for market in self._inputs.settings.markets}
        broad = breadth(list(s.values()), self._params)
        tens = tuple(MARKETS[market].ten_year for market, value in s.items() if value is not None)
        return board.Positioning(
            pressure={market: reading for market, (reading, _) in by_market.items()},
            words={market: word for market, (_, word) in by_market.items()},
            fragmentation_z=NO_FRAGMENTATION,
            lev_net=numbers["lev_net"],
            lev_pct=numbers["lev_pct"],
            lev_d4_z=numbers["lev_d4_z"],
            report=report,
            breadth=self._inputs.computed(broad.share, "share", "breadth", tens, moment, note=f"of {broad.n} markets" if broad.n else ""),
            breadth_word=broad.word or "",
            by_contract={contract: self._inputs.reading(name, moment) for contract, name in self._ids.items()},
        )

    def row(self, moment: Moment) -> int:
        """The last report known at the moment, −1 before the first."""
        return int(self.known.searchsorted(moment.at, "right")) - 1

    def short(self) -> tuple[Native, Instants]:
        """Size of the net short in 10-year equivalents by report, and since when each was known."""
        known = ~np.isnan(self.leveraged.net)
        return (self.leveraged.days[known], -self.leveraged.net[known]), self.known[known]

    def _pressure(self, market: str, moment: Moment) -> tuple[board.Reading, str]:
        if market != "us":
            return self._nowhere[market], ""
        parts = {"markets.us.supply_z": self._supply.supply_z(moment), "markets.us.demand_z": self._auctions.demand_z(moment)}
        supply, demand = (reading.value for reading in parts.values())
        found = pressure(supply, demand, None, self._params)
        note = f"{found.n}/3" if found.n >= 2 else f"{found.n}/3, two are needed"
        return self._inputs.computed(found.p, "z", "positioning_pressure", (), moment, parts=parts, note=note), found.word or ""

    def _reported(self, row: int, moment: Moment) -> tuple[date | None, dict[str, board.Reading]]:
        found = leveraged_at(self.leveraged, row) if row >= 0 else None
        numbers = {field: self._leveraged(found, field, unit, moment) for field, unit in LEVERAGED.items()}
        return from_day(found.report_date) if found else None, numbers

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
