"""From a Panel to Boards: every part computes its history once, then a Board of any day is read off."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial

import numpy as np

from ..cache.panel import Panel
from ..feeds.catalogue import Catalogue
from .board import Board, Carry, Market, Reading, Structure
from .inputs import Inputs, Moment, moment_of
from .markets import MARKETS
from .parts.aligned import AlignedPart
from .parts.allocation import AllocationPart
from .parts.asknown import session
from .parts.auctions import AuctionsPart
from .parts.carry import CarryPart
from .parts.clearing import ClearingPart
from .parts.composite import COLUMNS, CompositePart
from .parts.confirmation import ConfirmationPart
from .parts.curves import CurvesPart
from .parts.evidence import label_evidence
from .parts.inflection import InflectionPart
from .parts.markets import MarketsPart
from .parts.positioning import PositioningPart
from .parts.pressure import PressurePart
from .parts.prints import STRESS, PrintsPart
from .parts.regime import RegimePart
from .parts.scenarios import ScenariosPart
from .parts.sequence import SequencePart
from .parts.signal import signal_of
from .parts.spillover import SpilloverPart
from .parts.standing import StandingPart
from .parts.structure import StructurePart
from .parts.supply import SupplyPart
from .parts.tenors import TenorsPart
from .parts.tips import TipsPart
from .parts.watch import WatchPart
from .rows import weekdays
from .settings import Settings
from .stats import BP_PER_PERCENT, Days, Floats
from .watchview import Mark

INVESTOR = "jpy"  # whose hedging cost is a constraint


class History:
    """All parts over the history of one Panel.

    The last Board of a History on the panel of an instant *is* the Board of that instant. `board` of an earlier one uses only what was
    first known by then. Revisions are the panel's: a value revised since reads as it does today. Not for use by two threads at once.
    """

    def __init__(
        self, panel: Panel, settings: Settings | None = None, marks: Sequence[Mark] = (), catalogue: Catalogue | None = None
    ) -> None:
        self.panel = panel
        self.inputs = inputs = Inputs(panel, settings, catalogue)
        self._prints = PrintsPart(inputs)
        self._clean = partial(_clean, inputs, self._prints)
        self.aligned = self._aligned(inputs.settings.panel)
        self._long_aligned = self._aligned_long()
        self.regime = RegimePart(inputs, self.aligned, "regime", self._prints.ranked_on(self.aligned.whole))
        self._long_regime = RegimePart(inputs, self._long_aligned, "long_regime")
        self.composite = CompositePart(inputs, self.aligned, self.regime)
        self._standing = StandingPart(inputs, self.aligned, self.regime)
        self._tenors = TenorsPart(inputs, self._prints)
        self._markets = MarketsPart(inputs, self._tenors, CurvesPart(inputs, self._prints), self._standing)
        self._confirmation = ConfirmationPart(inputs)
        self._auctions, self._supply, self._tips = AuctionsPart(inputs), SupplyPart(inputs), TipsPart(inputs)
        self._clearing = ClearingPart(inputs, self._supply, self._auctions, self._tips)
        self._allocation = AllocationPart(inputs, self._auctions)
        self._positioning = PositioningPart(inputs, self._supply, self._auctions)
        self._pressure = PressurePart(inputs, self._positioning)
        self._inflection = InflectionPart(inputs, self._supply)
        self._spillover = SpilloverPart(inputs, self.aligned, self._prints)
        self._carry = CarryPart(inputs)
        self._structure = StructurePart(inputs)
        self._scenarios = ScenariosPart(inputs, self._structure)
        self._watch = WatchPart(inputs, self._auctions, self._supply, self._positioning, marks)
        stress = (self.aligned, self.regime, self.composite)
        self._sequence = SequencePart(inputs, self._watch, *stress, self._carry, self._positioning)

    @property
    def days(self) -> Days:
        """Weekdays since 1970 of which a Board can be made: from the first row of the map to the day of the panel."""
        rows = self.aligned.whole.days
        last = session(moment_of(self.panel.as_of))
        return weekdays(int(rows[0]), last) if len(rows) else np.zeros(0, np.int32)

    def board(self, as_of: datetime) -> Board:
        """The Board of an instant not later than the panel's own."""
        moment = moment_of(as_of)
        pressure = self._pressure.at(moment)
        regime, long_regime = self.regime.at(moment, pressure), self._long_regime.at(moment, pressure)
        structure, carry = self._structure.at(moment), self._carry.at(moment)
        markets = self._markets_at(moment, structure)
        confirmation = self._confirmation.at(moment, self.regime.view(moment), self._cost_change(carry, moment))
        sequence = self._sequence.at(moment)
        watch, groups, levels = self._watch.at(moment)
        s = {market: markets[market].s1m.value for market in self.inputs.settings.panel}
        return Board(
            as_of=moment.as_of,
            built=self.panel.as_of,
            demo=self.inputs.settings.demo,
            line=signal_of(self.inputs.settings.panel, regime, markets, confirmation, sequence),
            regime=regime,
            long_regime=long_regime if self._long_regime.enough_markets else None,
            composite=self.composite.at(moment),
            markets=markets,
            confirmation=confirmation,
            clearing=self._clearing.at(moment),
            allocation=self._allocation.at(moment),
            positioning=self._positioning.at(moment, s),
            inflection=self._inflection.at(moment, regime),
            auctions=self._auctions.at(moment),
            spillover=self._spillover.at(moment),
            carry=carry,
            structure=structure,
            scenarios=self._scenarios.at(moment),
            watch=watch,
            groups=groups,
            levels=levels,
            sequence=sequence,
            inputs=self.inputs.looked_at(moment),
        )

    def _aligned(self, panel: Sequence[str]) -> AlignedPart:
        settings = self.inputs.settings
        beside = {market: MARKETS[market].ten_year for market in settings.markets if market not in panel}
        others = {**STRESS, **COLUMNS, **beside}
        return AlignedPart(self.inputs, {market: MARKETS[market].ten_year for market in panel}, others, self._clean)

    def _aligned_long(self) -> AlignedPart:
        markets = {name: name for name in self.inputs.settings.long_panel}
        return AlignedPart(self.inputs, markets, {**STRESS, "spx": COLUMNS["spx"]}, self._clean)

    def _markets_at(self, moment: Moment, structure: Mapping[str, Structure]) -> dict[str, Market]:
        evidence = label_evidence(self._auctions, self._supply, self._positioning, structure, moment)
        demand, supply = {"us": self._auctions.demand_z(moment)}, {"us": self._supply.supply_z(moment)}
        return self._markets.at(moment, evidence, demand, supply)

    def _cost_change(self, carry: Carry, moment: Moment) -> Reading:
        """Month's change of what hedging dollars costs a yen investor, bp."""
        now = carry.hedged[INVESTOR]["cost"]
        horizon = self.inputs.settings.hedging.horizon_rows
        before = int(self._carry.days.searchsorted(np.int32(session(moment)), "right")) - 1 - horizon
        then = float(self._carry.hedged[INVESTOR].cost[before]) if before >= 0 else np.nan
        change = None if now.value is None else BP_PER_PERCENT * (now.value - then)
        return self.inputs.computed(change, "bp", "hedged_cost_change", now.inputs, moment)


def _clean(inputs: Inputs, prints: PrintsPart, series_id: str, n: int) -> Floats:
    """The first n values, without bad prints where the series is a yield of ours."""
    return prints[series_id].clean_upto(n) if series_id in prints else inputs.native(series_id)[1][:n]


def evaluate(panel: Panel, settings: Settings | None = None, marks: Sequence[Mark] = ()) -> Board:
    """The Board of the panel's own instant."""
    return History(panel, settings, marks).board(panel.as_of)
