"""The refresh engine: one worker per feed, awake only when something of that feed is due. Plain asyncio; it knows nothing of screens.

A round of a feed asks for what is due, reads each answer and stores what is new, in one thread beside the loop. A failure is kept as
health, never as a value: whatever was good before stays.
"""

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, asynccontextmanager
from datetime import date
from enum import StrEnum
from typing import TypeVar

import msgspec

from ..feeds.catalogue import Catalogue
from ..feeds.clock import Clock
from ..feeds.errors import BondtopError, FeedError
from ..feeds.feed import Feed, Fetcher
from ..feeds.series import Answer, Failed, Frequency, Need, Series, from_day, to_day
from .filling import Filling, Resuming
from .freshness import ask_at, is_running
from .health import FeedState, Health, after_round, backoff_s
from .intake import Intake
from .round import Round
from .store import Store

T = TypeVar("T")
log = logging.getLogger(__name__)

# How far back an incremental question reaches behind the newest value, in calendar days: late corrections live there.
_OVERLAP_DAYS: Mapping[Frequency, int] = {
    Frequency.DAILY: 10,
    Frequency.CALENDAR: 10,
    Frequency.WEEKLY: 35,
    Frequency.MONTHLY: 130,
    Frequency.QUARTERLY: 400,
    Frequency.ANNUAL: 800,
    Frequency.EVENT: 45,
}
_PAUSE_S = 3600  # between two batches of a long history
_LONGEST_SLEEP_S = 30.0  # clocks jump, machines sleep: look at the time again at least that often


class Stage(StrEnum):
    """Where a feed's round is."""

    ASKING = "asking"
    ANSWER = "answer"
    DONE = "done"
    FAILED = "failed"
    RESTING = "resting"  # nothing due


class Progress(msgspec.Struct, frozen=True):
    """One step of one feed's round, for whoever watches."""

    feed: str
    stage: Stage
    part: str = ""
    rows_new: int = 0
    wire_bytes: int = 0
    seconds: float = 0.0
    reason: str = ""


class Engine:
    """Keeps one cache fresh.

    Args:
        feeds: by name; all of them get a worker in `follow`.
        store: opened for writing; used only on the engine's own thread.
        quote_interval_s: how often live feeds are asked while somebody watches, at least 15.
        on_progress: called on the loop for every step of every round.
        beside: held by whoever has a process beside ours: together they would need too much memory.
    """

    def __init__(
        self,
        feeds: Mapping[str, Feed],
        store: Store,
        client: Fetcher,
        catalogue: Catalogue,
        clock: Clock,
        *,
        quote_interval_s: float = 60.0,
        on_progress: Callable[[Progress], None] = lambda _: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        beside: asyncio.Lock | None = None,
    ) -> None:
        self._feeds, self._store, self._client, self._catalogue, self._clock = feeds, store, client, catalogue, clock
        self._quote_interval_s = max(15.0, quote_interval_s)
        self._on_progress, self._sleep, self._jitter = on_progress, sleep, jitter
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bondtop-store")
        self._intake = Intake(store, self._in_thread, beside)
        self._health: dict[str, Health] = {}
        self._wake: dict[str, asyncio.Event] = {}

    async def once(self, names: Collection[str] | None = None, *, full: bool = False) -> dict[str, Health]:
        """One round of every named feed (default: all) for what is due now; with `full` for everything there is.

        Feeds run side by side. Returns each feed's health afterwards.
        """
        await self._load_health()
        chosen = [f for n, f in self._feeds.items() if names is None or n in names]
        async with asyncio.TaskGroup() as group:
            for feed in chosen:
                group.create_task(self._guarded(feed, full=full), name=f"refresh {feed.name}")
        return {f.name: self._health[f.name] for f in chosen}

    async def follow(self) -> None:
        """Refresh for ever; ends only by cancellation."""
        await self._load_health()
        async with asyncio.TaskGroup() as group:
            group.create_task(asyncio.Event().wait(), name="for ever, without feeds too")
            for feed in self._feeds.values():
                group.create_task(self._work(feed), name=f"refresh {feed.name}")

    def ask_now(self, name: str) -> None:
        """Wake a feed's worker at once, whatever its back-off; harmless when nothing is due."""
        if event := self._wake.get(name):
            event.set()

    async def close(self) -> None:
        """Let the thread finish the answer in hand; takes well under a second."""
        await asyncio.to_thread(self._thread.shutdown, wait=True, cancel_futures=True)

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Engine"]:
        """The engine for a block, closed at its end."""
        try:
            yield self
        finally:
            await self.close()

    # ------------------------------------------------------------------------------------------------------- workers
    async def _work(self, feed: Feed) -> None:
        wake = self._wake.setdefault(feed.name, asyncio.Event())
        while True:
            try:
                await self._turn(feed, wake)
            except Exception as e:  # noqa: BLE001 (whatever it is, it goes to health and log, and the worker lives)
                self._give_up(feed, e)
                await self._sleep(_LONGEST_SLEEP_S)

    async def _turn(self, feed: Feed, wake: asyncio.Event) -> None:
        """A round if it is time for one, else a rest."""
        called = wake.is_set()
        wake.clear()
        due = await self._next_round(feed)
        if called or due <= self._clock.seconds():
            await self._round(feed, full=False, live=True)
        else:
            await self._rest(feed, due, wake)

    async def _guarded(self, feed: Feed, *, full: bool) -> None:
        try:
            await self._round(feed, full=full, live=False)
        except Exception as e:  # noqa: BLE001 (it goes to health and log; the other feeds go on)
            self._give_up(feed, e)

    def _give_up(self, feed: Feed, error: Exception) -> None:
        """The store failed under a round, or we did: said in memory, where alone it can be said. The other feeds go on."""
        now, reason = self._clock.seconds(), _in_words(feed, error)
        before = self._health[feed.name]
        health = after_round(before, at=now, error=reason, partial=False, rows_new=0, wire_bytes=0, latency_ms=None)
        self._health[feed.name] = msgspec.structs.replace(health, next_due=now + int(backoff_s(health.failures, None, self._jitter())))
        self._on_progress(Progress(feed.name, Stage.FAILED, reason=reason))

    async def _rest(self, feed: Feed, due: int, wake: asyncio.Event) -> None:
        health = self._health[feed.name]
        if health.next_due != due:
            self._health[feed.name] = msgspec.structs.replace(health, next_due=due)
            await self._in_thread(self._store.put_health, self._health[feed.name])
            self._on_progress(Progress(feed.name, Stage.RESTING))
        pause = min(max(due - self._clock.seconds(), 0.5), _LONGEST_SLEEP_S)
        waiting = asyncio.ensure_future(wake.wait())
        resting = asyncio.ensure_future(self._sleep(pause))
        try:
            await asyncio.wait({waiting, resting}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            waiting.cancel()
            resting.cancel()
            await asyncio.wait({waiting, resting})  # awaited one by one, their cancellation could swallow our own

    async def _next_round(self, feed: Feed) -> int:
        """When this feed wants its next round (UTC seconds): what is due first, but not before its back-off is over."""
        health = self._health[feed.name]
        now = self._clock.seconds()
        times = await self._in_thread(self._ask_times, feed, now)
        due = min(times.values(), default=now + 86400)
        if feed.live and health.last_try is not None and any(is_running(series, now) for series in feed.series.values()):
            due = min(due, health.last_try + int(self._quote_interval_s))
        if health.state in (FeedState.FAILING, FeedState.OPEN) and health.next_due is not None:
            due = max(due, min(health.next_due, now + 86400))
        return due

    def _ask_times(self, feed: Feed, now: int) -> dict[str, int]:
        """When to ask for each series: at once while its history is not whole, else when its next value is due."""
        missing = Filling(self._store, feed.name, feed.history).incomplete(feed.series)
        asked = self._store.asked(feed.name) if feed.batch else {}
        again = {i: min(asked[i], now) + _PAUSE_S if i in asked else now for i in missing}
        return {i: min(again.get(i, at), at) for i, at in self._release_times(feed, now).items()}

    def _release_times(self, feed: Feed, now: int) -> dict[str, int]:
        newest, asked = self._store.newest_days(feed.name), self._store.asked(feed.name)
        return {i: ask_at(s, newest.get(i), asked.get(i), now) for i, s in feed.series.items()}

    # --------------------------------------------------------------------------------------------------------- round
    async def _round(self, feed: Feed, *, full: bool, live: bool) -> None:
        now = self._clock.seconds()
        times = await self._in_thread(self._ask_times, feed, now)
        due = [i for i, at in times.items() if full or at <= now or (live and feed.live and is_running(feed.series[i], now))]
        if not due:
            self._on_progress(Progress(feed.name, Stage.RESTING))
            return
        before = self._health[feed.name]
        self._on_progress(Progress(feed.name, Stage.ASKING))
        started = asyncio.get_running_loop().time()
        done = Round()
        try:
            await self._ask(feed, due, done, full=full, probe=live and before.state is FeedState.OPEN)
        except Exception as e:  # noqa: BLE001  a bug of ours must not cost the other feeds, nor this one's next round
            done.fail("", e if isinstance(e, BondtopError) else RuntimeError(_in_words(feed, e)))
        await self._finish(feed, before, due, done, asyncio.get_running_loop().time() - started)

    async def _ask(self, feed: Feed, due: Collection[str], done: Round, *, full: bool, probe: bool) -> None:
        """First what is new of the series we know, then the history of those we do not have whole.

        A history that some question keeps from being whole does not keep away what is new.
        """
        filling = Filling(self._store, feed.name, feed.history)
        missing = set(due) if full else await self._in_thread(filling.incomplete, due)
        if full:
            await self._in_thread(filling.restart)
        recent = Need({}, self._clock.now().date()) if full else await self._in_thread(self._need, feed, due, missing)
        if recent.since:
            await self._questions(feed, self._client, recent, done, probe=probe)
        if not missing or (probe and done.errors):
            return
        need = Need(dict.fromkeys(missing), self._clock.now().date())
        resuming = Resuming(self._client, await self._in_thread(filling.answered), self._clock)
        errors = len(done.errors)
        through = await self._questions(feed, resuming, need, done, probe=probe, filling=filling)
        if through and len(done.errors) == errors:
            await self._in_thread(filling.finish, missing)

    async def _questions(
        self, feed: Feed, fetcher: Fetcher | Resuming, need: Need, done: Round, *, probe: bool, filling: Filling | None = None
    ) -> bool:
        """Question by question, and whether that were all: a probing round ends with its first failure, a filling with its batch."""
        resuming = fetcher if isinstance(fetcher, Resuming) else None
        async with aclosing(feed.ask(fetcher, need)) as outcomes:
            async for outcome in outcomes:
                match outcome:
                    case Answer(request) if resuming and resuming.had(request):
                        done.good += 1
                    case Failed(request, error):
                        done.fail(request.part, error)
                        if not done.good and len(done.errors) == 1:  # said at once: a whole round may take minutes to fail
                            self._on_progress(Progress(feed.name, Stage.ASKING, request.part, reason=str(error)))
                    case Answer() as answer:
                        await self._take(feed, answer, done, filling)
                if (probe and done.errors) or (resuming and feed.batch and resuming.asked >= feed.batch):
                    return False
        return True

    async def _take(self, feed: Feed, answer: Answer, done: Round, filling: Filling | None) -> None:
        done.wire_bytes += answer.wire_bytes
        try:
            new, series = await self._intake.take(feed, answer)
        except FeedError as e:
            done.fail(answer.request.part, e)
            return
        if filling:
            await self._in_thread(filling.note, answer.request)
        done.good += 1
        done.rows_new += new
        done.answered |= series
        self._on_progress(Progress(feed.name, Stage.ANSWER, answer.request.part, done.rows_new, done.wire_bytes))

    async def _finish(self, feed: Feed, before: Health, due: Collection[str], done: Round, seconds: float) -> None:
        now = self._clock.seconds()
        reason = done.reason()
        health = after_round(
            before,
            at=now,
            error=reason,
            partial=done.good > 0,
            rows_new=done.rows_new,
            wire_bytes=done.wire_bytes,
            latency_ms=round(seconds * 1000),
        )
        if health.failures:
            again = now + int(backoff_s(health.failures, done.wanted_s, self._jitter()))
            health = msgspec.structs.replace(health, next_due=again)
        asked = set(due) if not reason else done.answered & set(due)
        self._health[feed.name] = await self._in_thread(self._close_round, feed, health, asked, now)
        stage = Stage.FAILED if reason else Stage.DONE
        self._on_progress(Progress(feed.name, stage, "", done.rows_new, done.wire_bytes, seconds, reason))

    def _close_round(self, feed: Feed, health: Health, asked: Collection[str], now: int) -> Health:
        self._store.note_asked(feed.name, asked, now)
        newest = self._store.newest_days(feed.name)
        if not health.failures:
            due = min((at for at in self._ask_times(feed, now).values()), default=None)
            health = msgspec.structs.replace(health, next_due=due)
        health = msgspec.structs.replace(health, as_of=max(newest.values(), default=None))
        self._store.put_health(health)
        return health

    def _need(self, feed: Feed, due: Collection[str], missing: Collection[str]) -> Need:
        """What is new: of the series that we have whole, and of those that wait for the rest of their history but are due again."""
        newest, asked = self._store.newest_days(feed.name), self._store.asked(feed.name)
        now, today = self._clock.seconds(), self._clock.now().date()
        times = self._release_times(feed, now)
        known = [i for i in due if i not in missing or (i in asked and i in newest and times[i] <= now)]
        return Need({i: _first_wanted(feed.series[i], newest.get(i, to_day(today))) for i in known}, today)

    # --------------------------------------------------------------------------------------------------------- thread
    async def _load_health(self) -> None:
        known = {h.feed: h for h in await self._in_thread(self._store.health)}
        self._health = {name: known.get(name, Health(name)) for name in self._feeds}

    async def _in_thread(self, call: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *args)


def _in_words(feed: Feed, error: Exception) -> str:
    """An error as people are to read it; a bug goes to the log with all that is known of it."""
    if isinstance(error, BondtopError):
        return str(error)
    log.error("feed %s", feed.name, exc_info=error)
    return f"internal error, please report: {type(error).__name__}: {error}"


def _first_wanted(series: Series, newest: int) -> date:
    """The first date to ask for: some days before the newest we have."""
    return from_day(newest - _OVERLAP_DAYS[series.frequency])
