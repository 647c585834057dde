"""The feeds: health, next due, failures in words; refresh one or all."""

from datetime import UTC, datetime

from textual import work
from textual.widget import Widget

from ...cache.health import Health
from ...feeds.series import from_day
from ...widgets.feed_table import FeedRow, FeedTable
from ...widgets.filling import Step
from ...widgets.look import Look
from ..view import View
from .base import BoardScreen


class FeedsScreen(BoardScreen):
    """One table, read anew whenever a feed has moved on."""

    AUTO_FOCUS = "FeedTable"
    title_text = "Feeds"

    def __init__(self, look: Look, view: View) -> None:
        super().__init__(look, view)
        self._said, self._said_at = "", view.now  # in answer to a key; stands for the rest of the minute

    def contents(self) -> Widget:
        """The table."""
        return FeedTable(self.look, id="body")

    def take(self, view: View) -> None:
        """Read the health again."""
        super().take(view)
        if view.now != self._said_at:
            self._said = ""
        if self._ready:
            self._read()

    def on_feed_table_refresh(self, message: FeedTable.Refresh) -> None:
        """Ask one feed or all."""
        self._said, self._said_at = self.app.source.refresh(message.feed), self.view.now
        self._read()

    @work(group="health", exclusive=True, exit_on_error=False)
    async def _read(self) -> None:
        healths = await self.app.source.health()
        table = self.query_one(FeedTable)
        table.feeds([_row(h, self.view.steps.get(h.feed, Step())) for h in healths], self._said)


def _row(health: Health, step: Step) -> FeedRow:
    return FeedRow(
        name=health.feed,
        state=str(health.state),
        as_of=None if health.as_of is None else from_day(health.as_of),
        success=_instant(health.last_success),
        due=_instant(health.next_due),
        rows_new=health.rows_new,
        wire_bytes=health.wire_bytes,
        latency_ms=health.latency_ms,
        failures=health.failures,
        reason=health.reason,
        step=step,
    )


def _instant(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
