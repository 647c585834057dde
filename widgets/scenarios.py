"""Scenarios with their assumptions; never measurements."""

from ..signals.board import Board
from ..signals.wording import with_unit
from .filtered import RowFiltered
from .look import figure
from .sheet import Sheet
from .tones import Tone

LABELS = {
    "leverage": "leverage", "dL_over_L": "leverage, change in a week", "sale": "bonds it would sell", "level": "term premium",
    "since": "moved since", "share_of_low": "of the smaller shift claimed", "share_of_high": "of the larger shift claimed",
}  # fmt: skip
DECIMALS = {"%": 1, "bp": 0, "USD bn": 0}


class ScenariosPane(RowFiltered):
    """Values, then what they assume."""

    title = "Scenarios"

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """One after the other."""
        if not board.scenarios:
            sheet.words(f"{self.look.glyphs.unknown} no scenario on this Board", Tone.DIM)
        for key, scenario in board.scenarios.items():
            y = sheet.head()
            x = sheet.put(y, 0, "SCENARIO", Tone.MANUAL) + 1
            sheet.put(y, x, scenario.name, Tone.TITLE)
            for name, reading in scenario.values.items():
                y = sheet.row()
                label = LABELS.get(name, name.replace("_", " "))
                x = sheet.put(y, 2, label, Tone.DIM, width=28) + 1
                shown = figure(reading, self.look, DECIMALS.get(reading.unit, 2))
                x = sheet.put_figure(y, x, shown, 8, f"scenarios.{key}.values.{name}")
                sheet.put(y, x, f" {reading.note}" if reading.value is None else with_unit("", reading.unit), Tone.DIM)
            for words in scenario.assumptions:
                sheet.words(f"· {words}", Tone.DIM, indent=2)
