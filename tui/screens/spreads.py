"""Global Duration Divergence: 10-year spreads against one base over time."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.widget import Widget

from ...signals.board import Board
from ...signals.markets import MARKETS
from ...widgets.chart import Chart, Subject
from ...widgets.look import Look
from ...widgets.spread_table import BASES, SpreadTable
from ...widgets.tones import Tone
from ...widgets.trace import Trace, made_trace
from ..histories import History, difference_bp
from ..view import View
from .charted import ChartedScreen

# A market keeps its colour and, without braille, its sign.
LOOKS: Mapping[str, tuple[Tone, str]] = {
    "us": (Tone.STRONG, "*"), "uk": (Tone.LINE, "*"), "fr": (Tone.LINE3, "o"), "jp": (Tone.UP, "+"), "de": (Tone.CALM, "x"),
    "it": (Tone.LINE4, "="), "ca": (Tone.LINE2, "~"),
}  # fmt: skip


class SpreadsScreen(ChartedScreen):
    """The chart over a table of the same spreads; `b` changes the base."""

    DEFAULT_CSS = """
    SpreadsScreen #body { layout: vertical; }
    SpreadsScreen Chart { height: 1fr; }
    SpreadsScreen SpreadTable { height: auto; max-height: 50%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "base", "against Treasury or Bund", show=False),
        Binding("tab", "app.focus_next", "chart or table", show=False),
    ]
    title_text = "Spreads"

    def __init__(self, look: Look, view: View) -> None:
        super().__init__(look, view)
        self.base = "us"
        self._chart, self._table = Chart(look, id="chart"), SpreadTable(look, id="spreads")
        self._chart.subject = Subject("Global Duration Divergence", "bp", 0, signed=True)
        self._chart.title = "Global Duration Divergence"

    def contents(self) -> Widget:
        """Chart over table."""
        return Container(self._chart, self._table, id="body")

    def action_base(self) -> None:
        """The other base."""
        self.base = "de" if self.base == "us" else "us"
        self._table.give(self.base, {})
        self.read_histories()

    def series(self, board: Board) -> Sequence[str]:
        """The 10-year yields of the base and of every market shown."""
        return [MARKETS[m].ten_year for m in (self.base, *self._markets(board))]

    def plot(self, board: Board, found: Mapping[str, History]) -> None:
        """A line a market, of days on which both yields have a print."""
        base = found[MARKETS[self.base].ten_year]
        lines: dict[str, Trace] = {}
        for market in self._markets(board):
            spread, (tone, sign) = difference_bp(found[MARKETS[market].ten_year], base), LOOKS.get(market, (Tone.TEXT, "*"))
            lines[market] = made_trace(board.markets[market].name, spread.days, spread.values, tone, sign)
        subject = Subject(f"Global Duration Divergence: 10Y against {BASES[self.base][1]}", "bp", 0, signed=True)
        self._chart.plot(subject, list(lines.values()), word="no spread was known: no day on which both yields have a print")
        self._table.give(self.base, lines)

    def sorry(self, word: str) -> None:
        """In place of the chart."""
        self._chart.plot(self._chart.subject, (), word=word)

    def _markets(self, board: Board) -> list[str]:
        return [m for m in board.markets if m != self.base and m in MARKETS]
