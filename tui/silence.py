"""Whether a terminal that used to answer has fallen silent for good: the other end of a connection that is half dead says nothing."""

import time
from collections.abc import Callable


class Silence:
    """Counts from the last sign of life.

    A question is due after half the time, for a terminal at rest has nothing to say of itself; the rest is for the answer.

    Args:
        limit_s: seconds without a sign of life after which the terminal counts as gone; 0: never.
    """

    def __init__(self, limit_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._limit_s, self._clock = limit_s, clock
        self._heard_at = self._looked_at = clock()
        self._asked_at: float | None = None  # the last question since

    def heard(self) -> None:
        """Something came from the terminal."""
        self._heard_at, self._asked_at = self._clock(), None

    def asked(self) -> None:
        """Something that it must answer was sent, or waits before a full line."""
        if self._asked_at is None:
            self._asked_at = self._clock()

    @property
    def wants_question(self) -> bool:
        """Whether it is time to ask."""
        return self._limit_s > 0 and self._asked_at is None and self._clock() - self._heard_at >= self._limit_s / 2

    @property
    def patience_s(self) -> float | None:
        """How long nothing needs to be done about it; None for ever."""
        if not self._limit_s:
            return None
        since = self._heard_at if self._asked_at is None else max(self._asked_at, self._heard_at + self._limit_s / 2)
        return max(since + self._limit_s / 2 - self._clock(), 0.0)

    def is_over(self) -> bool:
        """Whether the terminal has had its time. To be asked at least as often as `patience_s` says."""
        now = self._clock()
        slept = now - self._looked_at > self._limit_s  # we, not the terminal: its answer may lie unread
        self._looked_at = now
        if slept:
            self._heard_at, self._asked_at = now, None
        return self._asked_at is not None and self.patience_s == 0.0
