"""Explain: one value, what it was made of, and its history. Enter goes down, Escape comes back."""

from collections.abc import Iterator

from textual import work
from textual.containers import Vertical
from textual.widget import Widget

from ...feeds.catalogue import default_catalogue
from ...signals.explain import Explanation, explain
from ...signals.paths import NoSuchPath
from ...signals.settings import Settings
from ...widgets.chart import Chart, Subject
from ...widgets.explain_pane import ExplainPane
from ...widgets.look import Look
from ...widgets.trace import Level, Trace
from ..histories import Histories
from ..view import View
from .base import BoardScreen


class ExplainScreen(BoardScreen):
    """The words above, as high as they are; the chart of the series below."""

    DEFAULT_CSS = """
    ExplainScreen ExplainPane { height: auto; max-height: 60%; }
    ExplainScreen Chart { height: 1fr; min-height: 8; }
    ExplainScreen.-short ExplainPane { height: 1fr; max-height: 100%; }
    ExplainScreen.-short Chart { display: none; }
    """
    AUTO_FOCUS = "ExplainPane"
    title_text = "Explain"

    def __init__(self, look: Look, view: View, path: str, settings: Settings | None = None, source: Histories | None = None) -> None:
        super().__init__(look, view)
        self.path = path
        self._settings, self._source = settings, source
        self._charted = ""

    def contents(self) -> Widget:
        """Words and chart."""
        return Vertical(ExplainPane(self.look), Chart(self.look), id="body")

    def take(self, view: View) -> None:
        """Explain again on the new Board."""
        super().take(view)
        if not self._ready or view.board is None:
            return
        pane = self.query_one(ExplainPane)
        try:
            found = explain(view.board, self.path, self._settings)
        except NoSuchPath as e:
            pane.explain(None, str(e))
            return
        if pane.explain(found):
            pane.refresh(layout=True)
        series = next(_series_of(found), "")
        self.set_class(not series or self.app.size.height < 24, "-short")
        key = f"{series} {view.board.as_of}"
        if series and key != self._charted:
            self._charted = key
            self._plot(series, found)

    @work(group="explain-chart", exclusive=True, exit_on_error=False)
    async def _plot(self, series: str, found: Explanation) -> None:
        board = self.view.board
        if self._source is None or board is None:
            return
        history = (await self._source.histories([series], board.as_of))[series]
        known = default_catalogue().series.get(series)
        own = found.path == f"inputs.{series}" or found.formula == "observation"
        levels = [Level(t.level, t.name) for t in found.thresholds] if own or found.source == "watch list" else []
        subject = Subject(f"History of {known.title if known else series}", known.unit if known else "")
        self.query_one(Chart).plot(subject, [Trace(series, history.days, history.values)], levels)


def _series_of(found: Explanation) -> Iterator[str]:
    """The series a value rests on, itself first."""
    if found.series:
        yield found.series
    for each in found.inputs:
        yield from _series_of(each)
