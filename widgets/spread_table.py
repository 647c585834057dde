"""Spreads of one base's 10-year yield: the Board's value, and how the chart's line came to it."""

from collections.abc import Sequence

from ..signals.board import Board, Reading
from .columns import Column
from .glyphs import number
from .look import Figure, Look, figure
from .table import NOTHING, Shown, Table, dated
from .tones import Tone
from .trace import Trace

YEAR = 252  # observations
RANGE = 12  # cells of the bar between low and high
BASES = {"us": ("vs_us", "UST"), "de": ("vs_de", "Bund")}


class SpreadTable(Table):
    """One row a market; changes and range are of the line drawn above, over its last 5, 21 and 252 observations."""

    title = "10Y spreads"
    COLUMNS = (
        Column("name", "", 9, 0, right=False),
        Column("now", "now bp", 6, 0),
        Column("w1", "1W", 5, 1),
        Column("m1", "1M", 5, 1),
        Column("m3", "3M", 5, 3),
        Column("low", "1Y low", 6, 2),
        Column("range", "in its range", RANGE, 2, right=False),
        Column("high", "high", 6, 2),
        Column("label", "state", 26, 4, right=False),
        Column("as_of", "as of", 24, 3, right=False),
    )

    def __init__(self, look: Look, *, base: str = "us", id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.base = base
        self._lines: dict[str, Trace] = {}

    def give(self, base: str, lines: dict[str, Trace]) -> None:
        """The lines of the chart, by market."""
        self.base, self._lines = base, lines
        self.title = f"10Y against {BASES[base][1]}"
        self.redraw()

    def keys(self, board: Board) -> Sequence[str]:
        """Every market but the base."""
        return [k for k in board.markets if k != self.base]

    def cell(self, board: Board, key: str, column: str) -> Shown:
        """A number of the spread."""
        market, look, g = board.markets[key], self.look, self.look.glyphs
        field = BASES[self.base][0]
        reading: Reading = getattr(market, field)
        line = self._lines.get(key)
        match column:
            case "name":
                return Figure(market.name, Tone.STRONG), ""
            case "now":
                return figure(reading, look, 0, signed=True, tone=Tone.STRONG), f"markets.{key}.{field}"
            case "label":
                word = market.label.word
                return Figure(word or f"{g.unknown} unknown", Tone.TEXT if word else Tone.DIM), f"markets.{key}.label"
            case "as_of":
                return Figure(dated(reading, board, look), Tone.DIM), ""
        return (self._of_line(line, column), "") if line is not None and len(line.values) > 1 else NOTHING

    def _of_line(self, line: Trace, column: str) -> Figure:
        g, year = self.look.glyphs, line.values[-YEAR:]
        if steps := {"w1": 5, "m1": 21, "m3": 63}.get(column):
            if len(line.values) <= steps:
                return Figure(g.unknown, Tone.DIM)
            change = line.values[-1] - line.values[-1 - steps]
            return Figure(number(change, 0, g, signed=True), Tone.TEXT)
        low, high = min(year), max(year)
        if column == "range":
            place = round((year[-1] - low) / (high - low) * (RANGE - 1)) if high > low else 0
            return Figure(g.horizontal * place + g.now + g.horizontal * (RANGE - 1 - place), Tone.LINE)
        return Figure(number(low if column == "low" else high, 0, g, signed=True), Tone.DIM)
