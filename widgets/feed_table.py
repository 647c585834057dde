"""The feeds: how each is doing, in words, and what it is doing now."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec
from textual.binding import Binding
from textual.message import Message

from ..signals.board import Board
from .columns import Column, fitting
from .filling import WORDS, Step
from .filtered import NO_ROW, Filtered
from .glyphs import ago
from .look import Figure, Look
from .pane import Pieces
from .sheet import Sheet
from .table import put_tail
from .tones import Tone

COLUMNS = (
    Column("feed", "feed", 16, 0, right=False),
    Column("state", "state", 12, 0, right=False),
    Column("as_of", "as of", 10, 3, right=False),
    Column("success", "success", 8, 1),
    Column("due", "next due", 13, 2),
    Column("rows", "new", 7, 5),
    Column("kb", "KB", 6, 6),
    Column("ms", "s", 5, 7),
    Column("failures", "fails", 5, 4),
)
STATES = {
    "ok": (Tone.MET, "ok"),
    "failing": (Tone.ALARM, "failing"),
    "open": (Tone.ALARM, "left alone"),
    "never": (Tone.DIM, "not asked"),
}
LEAST_REASON = 16


class FeedRow(msgspec.Struct, frozen=True):
    """One feed. `state` is a key of STATES; instants are UTC; `reason` "" when all is well."""

    name: str
    state: str
    as_of: date | None = None
    success: datetime | None = None
    due: datetime | None = None
    rows_new: int = 0
    wire_bytes: int = 0
    latency_ms: int | None = None
    failures: int = 0
    reason: str = ""
    step: Step = msgspec.field(default_factory=Step)


class FeedTable(Filtered):
    """One row a feed. Enter or `r` asks the one under the cursor, `R` all of them."""

    BINDINGS = [
        Binding("r", "refresh(False)", "ask this feed now", show=False),
        Binding("R", "refresh(True)", "ask every feed now", show=False),
    ]
    title = "Feeds"

    class Refresh(Message):
        """The user wants a feed asked, or all (None)."""

        def __init__(self, feed: str | None) -> None:
            super().__init__()
            self.feed = feed

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self._feeds: tuple[FeedRow, ...] = ()
        self._word = ""

    def feeds(self, rows: Sequence[FeedRow], word: str = "") -> None:
        """Show these; `word` says what was just done."""
        if (tuple(rows), word) != (self._feeds, self._word):
            self._feeds, self._word = tuple(rows), word
            self.redraw()

    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """The table does not need the Board."""
        self.draw_nothing(sheet, rows)

    def draw_nothing(self, sheet: Sheet, rows: int | None) -> None:
        """One row a feed, its reason beside it or beneath."""
        columns = fitting(COLUMNS, sheet.width)
        y, x = sheet.row(), 0
        for column in columns:
            x = sheet.put(y, x, column.head, Tone.DIM, width=column.width, right=column.right) + 1
        beside = sheet.width - x >= LEAST_REASON
        if beside:
            sheet.put(y, x, "reason", Tone.DIM)
        shown = [feed for feed in self._feeds if self.passes_filter(f"{feed.name} {self._cell('state', feed).text} {feed.reason}")]
        if self._feeds and not shown:
            sheet.words(NO_ROW, Tone.DIM)
        for feed in shown:
            y, x = sheet.row(), 0
            for column in columns:
                cell = self._cell(column.key, feed)
                x = sheet.put(y, x, cell.text, cell.tone, width=column.width, right=column.right, path=f"feed.{feed.name}") + 1
            reason, tone = (feed.reason, Tone.ALARM) if feed.reason else (self._doing(feed), Tone.DIM)
            if reason:
                put_tail(sheet, y, x if beside else sheet.width, reason, tone)
        if self._word:
            sheet.row()
            sheet.words(self._word, Tone.KEY)

    def aside(self, board: Board) -> Pieces:
        """How many are well."""
        well = sum(f.state == "ok" for f in self._feeds)
        return ((f"{well} of {len(self._feeds)} well", Tone.DIM if well == len(self._feeds) else Tone.WATCH),)

    def foot(self) -> Pieces:
        """What can be done."""
        words = (("r", " asks this feed  "), ("R", " asks all  "), ("Esc", " back"))
        return [piece for key, what in words for piece in ((key, Tone.KEY), (what, Tone.DIM))]

    def action_ask(self) -> None:
        """Ask the feed under the cursor."""
        self.action_refresh(False)

    def action_refresh(self, everyone: bool) -> None:
        """Ask one or all."""
        name = self.cursor.removeprefix("feed.")
        if everyone or name:
            self.post_message(self.Refresh(None if everyone else name))

    def _doing(self, feed: FeedRow) -> str:
        step = feed.step
        if step.stage in ("asking", "answer"):
            part = f"{WORDS[step.stage][0]} {step.part}" if step.part else ""
            return ", ".join(words for words in (part, f"{step.rows_new:,} new" if step.rows_new else "") if words)
        return ""

    def _cell(self, column: str, feed: FeedRow) -> Figure:
        g = self.look.glyphs
        match column:
            case "feed":
                return Figure(feed.name, Tone.STRONG)
            case "state":
                if feed.step.stage in ("asking", "answer"):
                    return Figure(f"{g.approaching} asking", Tone.WATCH)
                tone, word = STATES.get(feed.state, (Tone.DIM, feed.state))
                sign = {"ok": g.met, "failing": g.failed, "open": g.failed}.get(feed.state, g.unknown)
                return Figure(f"{sign} {word}", tone)
            case "as_of":
                return Figure(feed.as_of.isoformat() if feed.as_of else "")
            case "success":
                if feed.success is None:
                    return Figure("never", Tone.DIM)
                return Figure(ago((self.now - feed.success).total_seconds()))
            case "due":
                return Figure(self._clock(feed.due))
            case "rows":
                return Figure(f"{feed.rows_new:,}" if feed.rows_new else "")
            case "kb":
                return Figure(f"{feed.wire_bytes / 1000:,.0f}" if feed.wire_bytes else "")
            case "ms":
                return Figure(f"{feed.latency_ms / 1000:.1f}" if feed.latency_ms is not None else "")
        return Figure(str(feed.failures) if feed.failures else "", Tone.ALARM)

    def _clock(self, at: datetime | None) -> str:
        """A coming instant: the time today, the day too later on."""
        if at is None:
            return ""
        if at <= self.now:
            return "now"
        return f"{at:%H:%M}Z" if at.date() == self.now.date() else f"{at.day} {at:%b %H:%M}Z"
