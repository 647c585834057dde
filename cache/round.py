"""What one round of questions to one feed has brought so far."""


import msgspec

from ..feeds.errors import Refused


class Round(msgspec.Struct):
    """Counts and failures, as they come."""

    rows_new: int = 0
    wire_bytes: int = 0
    answered: set[str] = msgspec.field(default_factory=set)
    good: int = 0
    errors: list[tuple[str, str]] = msgspec.field(default_factory=list)  # (question, what became of it)
    wanted_s: float | None = None  # the longest Retry-After

    def fail(self, part: str, error: Exception) -> None:
        """A question, or with "" the whole round, failed."""
        self.errors.append((part, str(error)))
        if isinstance(error, Refused) and error.retry_after_s is not None:
            self.wanted_s = max(self.wanted_s or 0.0, error.retry_after_s)

    def reason(self) -> str:
        """All failures in one line; the same words for many questions are said once."""
        parts: dict[str, list[str]] = {}
        for question, error in self.errors:
            parts.setdefault(error, []).append(question)
        words = [f"{_of(questions)}{error}" for error, questions in parts.items()]
        return "; ".join(words[:3]) + (f"; and {len(words) - 3} more" if len(words) > 3 else "")


def _of(questions: list[str]) -> str:
    """Which questions an error speaks of: "par 2026: ", "par 2026 and 36 more: "."""
    named = [q for q in questions if q]
    if not named:
        return ""
    return f"{named[0]}: " if len(named) == 1 else f"{named[0]} and {len(named) - 1} more: "
