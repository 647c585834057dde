"""The time, injected. Behind a mirror the mirror's `Date` header is the time: a gateway agrees with us, a replay of last year does not."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

_TOLERATED_S = 3600  # a mirror whose clock stands still within the hour is not worth a jump


class Clock:
    """UTC now: the system's time plus an offset that only a mirror can set."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self.offset_s = 0.0

    def now(self) -> datetime:
        """The current instant, UTC."""
        return datetime.fromtimestamp(self.seconds(), UTC)

    def seconds(self) -> int:
        """The current instant in whole UTC seconds since 1970."""
        return int(self._wall() + self.offset_s)

    def follow(self, date_header: str | None) -> None:
        """Take over a mirror's time when it is more than an hour from ours."""
        if not date_header:
            return
        from email.utils import parsedate_to_datetime  # only behind a mirror; it brings a good deal

        try:
            theirs = parsedate_to_datetime(date_header).timestamp()
        except (ValueError, TypeError, OverflowError):
            return
        if abs(theirs - (self._wall() + self.offset_s)) > _TOLERATED_S:
            self.offset_s = theirs - self._wall()
