"""Everything that was ever announced, newest first. Only what can be seen is drawn, however long it is."""

from bisect import bisect_left
from collections.abc import Sequence

from textual.message import Message

from ..signals.board import Board, Change
from .change_list import SEVERITIES, TONES, ChangeList
from .change_words import searched, subject_words, turn_words
from .look import Look
from .pane import Pieces
from .sheet import Sheet
from .tones import Tone

_SOME = 50  # rows, where nobody says how many can be seen


class Announced(ChangeList):
    """A window on a long list: `first` is the change on its first row, `at` the one under the cursor, both among those that pass."""

    class Older(Message):
        """The end of what is known here is near; whoever holds the journal may have more."""

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.first = self.at = 0
        self._passing: list[tuple[int, Change]] | None = None

    # ------------------------------------------------------------------------------------------------------ what it shows
    def hold(self, changes: Sequence[Change]) -> None:
        """Show these, the newest first; the cursor stays on the change it is on when those before had the same end."""
        grown = len(changes) - len(self.changes) if self.changes and changes and changes[-1] == self.changes[-1] else 0
        self.changes, self._passing = changes, None
        if self.at and not self.filter:
            self.at, self.first = self.at + grown, self.first + grown
        self.redraw()

    def keep(self, words: str) -> None:
        """Another filter begins at the top."""
        self._passing, self.first, self.at = None, 0, 0
        super().keep(words)

    def action_gravest(self) -> None:
        """Fewer severities, then all again."""
        self._passing, self.first, self.at = None, 0, 0
        super().action_gravest()

    def shown(self, board: Board) -> list[tuple[int, Change]]:
        """The changes that pass severity and filter, with their places."""
        if self._passing is None:
            graver = [(i, c) for i, c in enumerate(self.changes) if not self.least or SEVERITIES.index(c.severity) >= self.least]
            passing = (each for each in graver if self.passes_filter(searched(each[1], subject_words(board, each[1]))))
            self._passing = list(passing) if self.filter else graver
        return self._passing

    # ----------------------------------------------------------------------------------------------------------- drawing
    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """A head, then a row a change."""
        y = sheet.row()
        x = sheet.put(y, 0, "Everything announced, the newest first", Tone.TITLE) + 2
        sheet.put(y, x, f"{SEVERITIES[self.least]} and graver" if self.least else "", Tone.KEY)
        shown, room = self.shown(board), max((rows or _SOME) - 1, 1)
        self.at = max(min(self.at, len(shown) - 1), 0)
        self.first = max(min(self.first, self.at, len(shown) - room), self.at - room + 1, 0)
        for i, change in shown[self.first : self.first + room]:
            self._line(sheet, board, f"change {i}", change)
        if not shown:
            sheet.words("no change passes the filter" if self.changes else "nothing was announced yet", Tone.DIM)
        self.cursor = f"change {shown[self.at][0]}" if shown else ""

    def _line(self, sheet: Sheet, board: Board, path: str, change: Change) -> None:
        g, y = self.look.glyphs, sheet.row()
        sign = {"alarm": g.met, "watch": g.approaching}.get(change.severity, g.not_met)
        tone = TONES.get(change.severity, Tone.DIM)
        x = sheet.put(y, 0, f"{sign} {change.severity}", tone, width=8, path=path)
        x = sheet.put(y, x, f"{change.seen:%d %b %y %H:%M}Z" if change.seen else "", Tone.DIM, width=17, path=path)
        x = sheet.put(y, x, subject_words(board, change), Tone.STRONG, path=path) + 1
        before, after = turn_words(change)
        x = sheet.put(y, x, f"{before} → ", Tone.DIM)
        x = sheet.put(y, x, after, tone if change.severity != "info" else Tone.TEXT) + 1
        sheet.put(y, x, f"{'(provisional) ' if change.provisional else ''}{change.evidence}", Tone.DIM)

    def aside(self, board: Board) -> Pieces:
        """Which of how many."""
        count = len(self.shown(board))
        return ((f"{self.at + 1:,} of {count:,}" if count else "none", Tone.DIM),)

    # ----------------------------------------------------------------------------------------------------------- actions
    def action_ask(self) -> None:
        """Go to the instant at which it was announced."""
        change = self._under_cursor()
        if change is not None:
            self.post_message(self.Jump(change.seen.date() if change.seen else change.at))

    def action_move(self, dx: int, dy: int) -> None:
        """The next change; to the sides there is nothing."""
        self._go(self._here() + dy)

    def action_edge(self, way: int) -> None:
        """The newest or the oldest known here."""
        self._go(0 if way < 0 else len(self.changes))

    def action_page(self, way: int) -> None:
        """As many as can be seen."""
        visible = self._visible()
        self.first += way * visible
        self._go(self._here() + way * visible)

    def _here(self) -> int:
        """The row of the cursor, which a click may have moved."""
        kind, _, place = self.cursor.partition(" ")
        return bisect_left(self._passing or (), int(place), key=lambda each: each[0]) if kind == "change" else self.at

    def _visible(self) -> int:
        return max(self._body_size(self.size)[1] - 1, 1)

    def _go(self, at: int) -> None:
        if self.board is None:
            return
        count = len(self.shown(self.board))
        self.at = max(min(at, count - 1), 0)
        self.redraw()
        if self.at + 2 * self._visible() >= count:
            self.post_message(self.Older())

    def _scroll(self, by: int) -> None:
        self.first += by
        self._go(self._here() + by)
