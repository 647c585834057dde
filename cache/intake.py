"""From an answer to rows: is it news, what does it say, what of that is new."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from ..feeds.apart import read_apart
from ..feeds.feed import Feed
from ..feeds.series import Answer, Observations
from .memory import give_back
from .store import Store
from .undated import Looks

_LARGE_BYTES = 1_000_000  # an answer whose reading leaves much behind
InThread = Callable[..., Awaitable[Any]]


class Intake:
    """Takes answers in, step by step: whoever is told to stop waits for one step only, and nothing is stored before the last.

    Args:
        in_thread: runs a call on the one thread that uses the store.
        beside: held while a process of its own reads an answer.
    """

    def __init__(self, store: Store, in_thread: InThread, beside: asyncio.Lock | None = None) -> None:
        self._store, self._in_thread, self._beside = store, in_thread, beside or asyncio.Lock()

    async def take(self, feed: Feed, answer: Answer) -> tuple[int, set[str]]:
        """Read and store one answer. Returns how many rows were new or revised, and which series it spoke of.

        Raises:
            BadAnswer: it is not what the feed publishes, or contradicts what we have; nothing of it is stored.
            CacheError: the store cannot be written now.
        """
        known: set[str] | None = await self._in_thread(self._if_known, feed, answer)
        if known is not None:
            return 0, known
        observations = await self._read(feed, answer)
        return await self._in_thread(self._put, feed, answer, observations), set(observations.columns)

    async def _read(self, feed: Feed, answer: Answer) -> Observations:
        if answer.request.apart:
            async with self._beside:
                return await read_apart(feed, answer)
        observations: Observations = await self._in_thread(feed.read, answer)
        return observations

    def _if_known(self, feed: Feed, answer: Answer) -> set[str] | None:
        """The series of an answer that says what the last one to the same question said; None when it is news."""
        part = answer.request.part
        if not (answer.unchanged or self._store.same_as_last(feed.name, part, answer.body)):
            return None
        self._store.note_unchanged(feed.name, part, answer.fetched_at)
        return set(self._store.series_of(feed.name, part))

    def _put(self, feed: Feed, answer: Answer, said: Observations) -> int:
        looks = Looks(self._store, feed.name) if answer.request.undated else None
        observations = looks.proven(said, answer.fetched_at) if looks else said
        taken = self._store.ingest(feed.name, answer.request.part, observations, answer, running=feed.live)
        if looks:
            looks.note(said, answer.fetched_at)
        if len(answer.body) > _LARGE_BYTES:
            give_back()
        return taken.new + taken.revised
