"""What is said: one alert in words and as plain data, the same for every way it leaves."""


import msgspec

from ...cache.journal import Entry
from ...feeds.check import clean
from ...signals.board import Board
from ...widgets import change_words
from ..alertrules import severity_of
from ..record import change_of


class Message(msgspec.Struct, frozen=True):
    """One alert. `origin` stands before it when it is not of the real, present market: DEMO, REPLAY, TEST.

    `board` knows the names of what the entry is of; without one its id stands there.
    """

    entry: Entry
    origin: str = ""
    board: Board | None = None

    @property
    def severity(self) -> str:
        """careful, warning or critical."""
        return severity_of(self.entry)

    @property
    def title(self) -> str:
        """Who says it and how grave it is."""
        return clean(" ".join(word for word in ("bondtop", self.origin, self.severity) if word), 60)

    @property
    def name(self) -> str:
        """What the change is of, as people say it."""
        if self.board is None:
            return self.entry.subject
        words = change_words.subject_words(self.board, change_of(self.entry))
        return f"Watch list {words}" if self.entry.kind == "condition" else words

    @property
    def text(self) -> str:
        """What changed, in one line that no terminal can be led astray by."""
        e = self.entry
        evidence = f" ({e.evidence})" if e.evidence else ""
        turn = " → ".join(change_words.turn_words(change_of(e)))
        return clean(f"{self.name}: {turn}{evidence}{', provisional' if e.provisional else ''}", 400)

    def plain(self) -> dict[str, str | bool]:
        """The alert as JSON-able data."""
        e = self.entry
        return {
            "app": "bondtop",
            "origin": self.origin,
            "severity": self.severity,
            "kind": e.kind,
            "subject": e.subject,
            "name": clean(self.name, 200),
            "before": e.before,
            "after": e.after,
            "evidence": e.evidence,
            "provisional": e.provisional,
            "session": e.at.isoformat(),
            "seen": f"{e.seen:%Y-%m-%dT%H:%M:%SZ}",
            "text": f"{self.title}: {self.text}",
        }


class Undelivered(Exception):
    """It did not arrive; the message says why, without secrets."""
