"""What changed and what did not, in words: one row a change, its evidence behind or under it."""

from collections.abc import Sequence
from datetime import date

from textual.binding import Binding
from textual.message import Message

from ..signals.board import Board, Change
from .change_words import searched, subject_words, turn_words
from .filtered import Filtered
from .look import Look
from .pane import Ask, Pieces
from .sheet import Sheet
from .table import put_tail
from .tones import Tone

SEVERITIES = ("info", "watch", "alarm")
TONES = {"alarm": Tone.ALARM, "watch": Tone.WATCH, "info": Tone.DIM}


class ChangeList(Filtered):
    """Changes against an earlier Board. Enter goes to the session of a change, `e` explains what changed."""

    BINDINGS = [
        Binding("enter", "ask", "the Board of that session", show=False),
        Binding("e", "explain", "explain what changed", show=False),
        Binding("a", "gravest", "all, watch and alarm, alarm alone", show=False),
    ]
    title = "Journal"

    class Jump(Message):
        """The user wants to see the Board of a session."""

        def __init__(self, day: date) -> None:
            super().__init__()
            self.day = day

    def __init__(self, look: Look, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(look, id=id)
        self.changes: Sequence[Change] = ()
        self.unchanged: Sequence[str] = ()
        self.against = ""
        self.choices: Pieces = ()
        self.least = 0  # place in SEVERITIES
        self._word = ""

    # ------------------------------------------------------------------------------------------------------ what it shows
    def give(self, against: str, choices: Pieces, changes: Sequence[Change], unchanged: Sequence[str], word: str = "") -> None:
        """Show these; `against` says what the Board is compared with, `word` stands in their place while they are not known."""
        self.against, self.choices, self.changes, self.unchanged, self._word = against, choices, changes, unchanged, word
        self.redraw()

    def shown(self, board: Board) -> list[tuple[int, Change]]:
        """The changes that pass severity and filter, with their places."""
        found = [(i, c) for i, c in enumerate(self.changes) if c.severity not in SEVERITIES or SEVERITIES.index(c.severity) >= self.least]
        return [(i, c) for i, c in found if self.passes_filter(searched(c, subject_words(board, c)))]

    def aside(self, board: Board) -> Pieces:
        """How many."""
        count = len(self.shown(board))
        return ((f"{count} of {len(self.changes)} changes" if count < len(self.changes) else f"{count} changes", Tone.DIM),)

    def foot(self) -> Pieces:
        """What one can compare with."""
        return self.choices

    # ----------------------------------------------------------------------------------------------------------- drawing
    def draw(self, sheet: Sheet, board: Board, rows: int | None) -> None:
        """Changes, then what did not change."""
        y = sheet.row()
        x = sheet.put(y, 0, f"What changed {self.against}", Tone.TITLE) + 2
        sheet.put(y, x, f"{SEVERITIES[self.least]} and graver" if self.least else "", Tone.KEY)
        if self._word:
            sheet.words(self._word, Tone.DIM)
            return
        shown = self.shown(board)
        for i, change in shown:
            self._change(sheet, board, i, change)
        if not shown:
            sheet.words("no change passes the filter" if self.changes else "nothing that matters changed", Tone.DIM)
        if self.unchanged:
            sheet.row()
            sheet.put(sheet.row(), 0, "What did not", Tone.TITLE)
            for words in self.unchanged:
                sheet.words(f"{self.look.glyphs.separator} {words}", Tone.DIM)

    def _change(self, sheet: Sheet, board: Board, place: int, change: Change) -> None:
        g, y, path = self.look.glyphs, sheet.row(), f"change {place}"
        sign = {"alarm": g.met, "watch": g.approaching}.get(change.severity, g.not_met)
        tone = TONES.get(change.severity, Tone.DIM)
        x = sheet.put(y, 0, f"{sign} {change.severity}", tone, width=8, path=path)
        x = sheet.put(y, x, f"{change.at.day} {change.at:%b %y}", Tone.DIM, width=10, path=path)
        x = sheet.put(y, x, subject_words(board, change), Tone.STRONG, path=path) + 1
        before, after = turn_words(change)
        x = sheet.put(y, x, f"{before} → ", Tone.DIM)
        x = sheet.put(y, x, after, tone if change.severity != "info" else Tone.TEXT) + 1
        x = sheet.put(y, x, "(provisional) " if change.provisional else "", Tone.WATCH)
        if change.evidence:
            put_tail(sheet, y, x + 1, change.evidence, indent=8)

    # ----------------------------------------------------------------------------------------------------------- actions
    def _under_cursor(self) -> Change | None:
        kind, _, place = self.cursor.partition(" ")
        return self.changes[int(place)] if kind == "change" and int(place) < len(self.changes) else None

    def action_ask(self) -> None:
        """Go to the session of the change."""
        change = self._under_cursor()
        if change is None:
            self.action_move(0, 1)
        else:
            self.post_message(self.Jump(change.at))

    def action_explain(self) -> None:
        """Explain what changed."""
        if (change := self._under_cursor()) is not None:
            self.post_message(Ask(change.subject))

    def action_gravest(self) -> None:
        """Fewer severities, then all again."""
        self.least = (self.least + 1) % len(SEVERITIES)
        self.redraw()
