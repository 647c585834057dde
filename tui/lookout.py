"""Looks every second for what others do: settings changed on disk, anything written to the cache, a clock that jumped.

It waits in a thread and comes back only with something new, so that a session at rest does not wake its event loop.
"""

from collections.abc import Callable
from contextlib import suppress
from threading import Event

import msgspec

from ..feeds.errors import BondtopError
from .config import Config
from .reload import SettingsWatch

POLL_S = 1.0
JUMP_S = 30  # between two looks at the clock: it has slept, or was set


class Sight(msgspec.Struct, frozen=True):
    """What one look found.

    Attributes:
        settings: as `SettingsWatch.look` says.
        is_written: somebody has written to the cache.
        has_jumped: the clock; all ages are wrong.
    """

    settings: Config | str | None
    is_written: bool
    has_jumped: bool


class Lookout:
    """One session's.

    Args:
        written: a number that differs once somebody has written to the cache.
        seconds: the session's clock.
    """

    def __init__(self, settings: SettingsWatch, written: Callable[[], int], seconds: Callable[[], float]) -> None:
        self._settings, self._written, self._seconds = settings, written, seconds
        self._seen, self._then = written(), seconds()
        self._ended = Event()

    def wait(self) -> Sight | None:
        """The next thing seen; None once `end` was called. Blocks: to be called in a thread."""
        while not self._ended.wait(POLL_S):
            now = self._seconds()
            has_jumped, self._then = not -JUMP_S < now - self._then < JUMP_S, now
            settings, written = None, self._seen
            with suppress(BondtopError):  # the next look may fare better
                settings, written = self._settings.look(), self._written()
            is_written, self._seen = written != self._seen, written
            if is_written or has_jumped or settings is not None:
                return Sight(settings, is_written, has_jumped)
        return None

    def end(self) -> None:
        """Let whoever waits go."""
        self._ended.set()
