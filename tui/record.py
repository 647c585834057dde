"""From Boards to the journal and back. Called by whoever holds the lease, after each new Board."""

from collections.abc import Callable, Sequence
from sqlite3 import Connection

from ..cache.journal import Entry, Journal
from ..cache.store import Store
from ..signals.board import Board, Change
from ..signals.changes import Announcer

Beside = Callable[[Connection, Sequence[Entry]], None]


def record(store: Store, board: Board, beside: Beside | None = None) -> tuple[Entry, ...]:
    """Write what this Board brings that was not announced before; the first Board ever is taken in silence.

    Raises:
        CacheError: the store cannot be written now; the next Board brings it.
    """

    def step(memory: bytes) -> tuple[bytes, Sequence[Entry]]:
        announcer = Announcer.load(memory)
        found = [entry_from(change, board) for change in announcer.feed(board)]
        return announcer.dump(), found

    return Journal(store.database).fold(board.as_of, step, beside)


def entry_from(change: Change, board: Board) -> Entry:
    """A Change as the journal keeps it."""
    words = (change.kind, change.subject, change.before, change.after, change.severity, change.evidence)
    return Entry(change.seen or board.as_of, change.at, *words, change.provisional)


def change_of(entry: Entry) -> Change:
    """An entry as the Change it was."""
    words = (entry.kind, entry.subject, entry.before, entry.after, entry.severity, entry.evidence)
    return Change(entry.at, *words, entry.provisional, entry.seen)
