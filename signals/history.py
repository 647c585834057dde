"""From a Panel to Boards: every part computes its history once, then a Board of any day is read off."""

from collections.abc import Sequence
from datetime import datetime

from ..cache.panel import Panel
from .board import Board
from .inputs import Inputs, moment_of
from .settings import Settings
from .watchview import Mark


class History:
    """All parts over the history of one Panel.

    The last Board of a History on the panel of an instant *is* the Board of that instant. `board` of an earlier one uses only what was
    first known by then. Revisions are the panel's: a value revised since reads as it does today.
    """

    def __init__(self, panel: Panel, settings: Settings | None = None, marks: Sequence[Mark] = ()) -> None:
        self.panel = panel
        self.inputs = Inputs(panel, settings)
        # Order of building: what a part needs is built before it.
        #   prints, aligned, regime, composite, markets, confirmation (F1); clearing, allocation, positioning, inflection, auctions,
        #   spillover, carry, structure, scenarios, watch, sequence (F2).

    def board(self, as_of: datetime) -> Board:
        """The Board of an instant not later than the panel's own."""
        moment = moment_of(as_of)
        raise NotImplementedError(moment)


def evaluate(panel: Panel, settings: Settings | None = None, marks: Sequence[Mark] = ()) -> Board:
    """The Board of the panel's own instant."""
    return History(panel, settings, marks).board(panel.as_of)
