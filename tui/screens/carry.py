"""Carry and spillover: the yen carry and hedging, who moves whom, JGB against Treasury, scenarios."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from ...widgets.carry_table import CarryTable
from ...widgets.pane import Pane
from ...widgets.pass_through import PassThrough
from ...widgets.scenarios import ScenariosPane
from ...widgets.spillover_table import SpilloverTable
from .paned import PanedScreen


class CarryScreen(PanedScreen):
    """Four panes, two by two where there is room."""

    COLUMNS: ClassVar[Sequence[Sequence[int]]] = ((0, 2), (1, 3))
    title_text = "Carry and spillover"

    def make_panes(self) -> Iterable[Pane]:
        """Carry first."""
        yield CarryTable(self.look, id="carry")
        yield SpilloverTable(self.look, id="spillover")
        yield PassThrough(self.look, id="pass-through")
        yield ScenariosPane(self.look, id="scenarios")
