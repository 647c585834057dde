"""The first filling of a feed's history, which may take many questions and be cut short at any of them.

Until every question of a full history has been answered well, the feed's series count as incomplete: a filling that was interrupted or
failed in part goes on where it stopped, and never asks again what it was told. Histories that take very many questions (`Feed.batch`) are
filled a batch at a time, an hour apart. When a feed learns to ask further back (`Feed.history`), what was complete is so no longer.
"""

import hashlib
import json
from collections.abc import Collection

from ..feeds.clock import Clock
from ..feeds.feed import Fetcher
from ..feeds.series import Answer, Request
from .store import Store


class Filling:
    """What is complete of one feed's history, kept in the store."""

    def __init__(self, store: Store, feed: str, history: int = 1) -> None:
        self._store, self._feed = store, feed if history == 1 else f"{feed} {history}"

    def incomplete(self, ids: Collection[str]) -> set[str]:
        """Those of the series whose history has not been brought in whole."""
        return set(ids) - set(self._read("complete"))

    def answered(self) -> set[str]:
        """Marks of the questions of the filling under way that were answered well."""
        return set(self._read("filling"))

    def note(self, request: Request) -> None:
        """That question of the filling is answered and stored."""
        self._write("filling", {*self._read("filling"), mark(request)})

    def finish(self, ids: Collection[str]) -> None:
        """The history of these series is in."""
        self._write("complete", {*self._read("complete"), *ids})
        self._write("filling", ())

    def restart(self) -> None:
        """Forget what was answered: everything is wanted again."""
        self._write("filling", ())

    def _read(self, what: str) -> list[str]:
        text = self._store.meta(f"{what} {self._feed}")
        return list(json.loads(text)) if text else []

    def _write(self, what: str, words: Collection[str]) -> None:
        self._store.put_meta(f"{what} {self._feed}", json.dumps(sorted(words)))


class Resuming:
    """A fetcher that leaves out the questions already answered: they come back as unchanged, and no provider hears of them."""

    def __init__(self, fetcher: Fetcher, answered: Collection[str], clock: Clock) -> None:
        self._fetcher, self._answered, self._clock = fetcher, frozenset(answered), clock
        self.asked = 0  # questions that a provider did hear

    def had(self, request: Request) -> bool:
        """Whether it had been answered before."""
        return mark(request) in self._answered

    async def fetch(self, request: Request, *, feed: str) -> Answer:
        """As `Fetcher.fetch`."""
        if self.had(request):
            return Answer(request, b"", self._clock.now(), unchanged=True)
        self.asked += 1
        return await self._fetcher.fetch(request, feed=feed)


def mark(request: Request) -> str:
    """A short name for a question, the same whenever it is asked."""
    form = sorted((request.form or {}).items())
    return hashlib.sha256(f"{request.method} {request.url} {form}".encode()).hexdigest()[:16]
