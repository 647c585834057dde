"""The live market: the stored Board at once, then the refresh engine while this process holds the lease, else whoever does."""

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from importlib import import_module
from typing import TYPE_CHECKING

from ..cache.alerts import AlertBook
from ..cache.health import FeedState, Health
from ..cache.journal import Entry, Journal
from ..cache.lease import Lease
from ..cache.marks import Marks, StoredMark
from ..cache.memory import keep_little
from ..cache.store import Store
from ..feeds.clock import Clock
from ..feeds.errors import BondtopError
from ..signals.board import Board, decode
from ..widgets.filling import ENDED, Step
from .alerts import Alerts
from .boardmaker import BoardMaker, NoBoard
from .histories import History as Line
from .histories import read_histories
from .lookout import Lookout
from .marking import author
from .reload import SettingsWatch, asks_otherwise
from .source import Adopted, Coalesced, Connection, FeedStep, Fresh, Tell, Trouble
from .wiring import cache_clock, feed_names

if TYPE_CHECKING:
    from ..cache.engine import Engine, Progress
    from .config import Config
    from .paths import Paths

log = logging.getLogger(__name__)
LEASE_S = 2.0  # how often a follower tries to take the lease
AGAIN_S = 30.0  # after the engine could not run
AGE_S = 600.0  # values grow stale without anything arriving: look again
LEFT_ALONE_S = 900  # a holder that has made no Board for so long makes none
PATIENCE_S = 5.0  # what a holder that has just started is given to make its first
VISIT = "visit"  # the name of the Board that stood when the monitor was left
BREATH_S = 1.0  # between two evaluations
MOST = 0.75  # of all feeds: when so many first questions have failed and none was answered, waiting for the slow ones tells no more
NOTHING = "Nothing is stored and no provider answers{so_far} ({reason}). Check the network, or press D for a simulated market."


class LiveSource:
    """The market as the cache of these paths knows it."""

    is_demo = False

    def __init__(self, config: "Config", paths: "Paths", clock: Clock) -> None:
        self._config, self._paths, self._names = config, paths, tuple(feed_names(config))
        self._store = Store.open(paths.cache, catalogue=config.catalogue)
        self.clock = cache_clock(self._store, config, clock)
        self._lease = Lease(paths.cache)
        self._maker = BoardMaker(config, paths.cache)
        self._alerts = Alerts(
            self._store, config.alerts, self.clock, environment=os.environ, holds=lambda: self._lease.held, tell=lambda n: self._tell(n)
        )
        self._engine: Engine | None = None
        self._steps: dict[str, Step] = {}
        self._tell: Tell = lambda _: None
        self._has_board = self._silent = False
        self._told = 0  # of the holder's Board that was told last, a hash
        self._asks_otherwise = asyncio.Event()
        self._mistake = ""  # in the settings as they stand on disk

    # ------------------------------------------------------------------------------------------------------- questions
    def first(self) -> Board | None:
        """The Board stored last; None when there is none or it cannot be read."""
        board = self._stored()
        self._has_board = board is not None
        return board

    def feeds(self) -> Sequence[str]:
        """The feeds in use."""
        return self._names

    async def board_at(self, day: date) -> Board:
        """The Board as known at the end of a day."""
        return await self._maker.at(day)

    async def last_visit(self) -> Board | None:
        """The Board kept when the last monitor on this cache was left."""
        return await asyncio.to_thread(self._stored, VISIT)

    async def histories(self, ids: Sequence[str], until: datetime) -> Mapping[str, Line]:
        """Series for charts."""
        return await read_histories(self._store, ids, until)

    async def health(self) -> Sequence[Health]:
        """Every feed in use, in order."""
        known = {h.feed: h for h in await asyncio.to_thread(self._store.health)}
        return [known.get(name, Health(name)) for name in self._names]

    async def journal(self, limit: int, before: int | None = None) -> Sequence[Entry]:
        """The newest entries of the journal, the oldest first; with `before` those before that entry."""
        return await asyncio.to_thread(lambda: Journal(self._store.database).read(limit=limit, before=before))

    async def acknowledge(self) -> int:
        """Somebody has seen every alert that was told; how many nobody had seen before."""
        return await asyncio.to_thread(AlertBook(self._store.database).acknowledge, (), author(), self.clock.seconds())

    async def keep_mark(self, mark: StoredMark) -> None:
        """Keep it; whoever evaluates notices."""
        await asyncio.to_thread(Marks(self._store.database).add, mark)

    def refresh(self, feed: str | None) -> str:
        """Wake one worker, or all."""
        if not self._lease.held:
            return f"{self._lease.holder()} refreshes this cache"
        if self._engine is not None:  # one that only begins asks for what is due anyway
            for name in self._names if feed is None else (feed,):
                self._engine.ask_now(name)
        return "every feed is asked for what is due" if feed is None else f"{feed} is asked for what is due"

    # ------------------------------------------------------------------------------------------------------------ work
    async def run(self, tell: Tell) -> None:
        """Refresh or follow, and evaluate when something arrived, until cancelled."""
        self._tell = tell
        keep_little()
        evaluating = Coalesced(self._evaluate)
        for notice in self._store.notices:
            tell(Trouble(notice))
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(evaluating.run(), name="evaluate")
                group.create_task(self._grow_old(evaluating), name="grow old")
                group.create_task(self._alerts.run(), name="alerts")
                group.create_task(self._look_around(evaluating), name="look around")
                group.create_task(self._refresh_or_follow(evaluating), name="refresh or follow")
                await self._say_health()
                evaluating.ask()
        finally:
            self._keep_visit()
            self._lease.release()
            self._store.close()
            await self._maker.close()

    async def _grow_old(self, evaluating: Coalesced) -> None:
        while True:
            await asyncio.sleep(AGE_S)
            evaluating.ask()

    async def _look_around(self, evaluating: Coalesced) -> None:
        """Heed settings changed on disk, what anybody has written to the cache, and a clock that jumped.

        After a sleep, or when the time is learnt from a mirror, all ages on the Board are wrong.
        """
        lookout = Lookout(SettingsWatch(self._paths.config, self._config), self._store.changes, self.clock.seconds)
        marks = Marks(self._store.database)
        try:
            judged = await asyncio.to_thread(marks.count)
            while (seen := await asyncio.to_thread(lookout.wait)) is not None:
                if seen.has_jumped:
                    evaluating.ask()
                self._heed_settings(seen.settings, evaluating)
                if not seen.is_written:
                    continue
                self._alerts.stir()
                with suppress(BondtopError):
                    if not self._lease.held:
                        await self._say_health()
                        await self._tell_holders()
                    if (count := await asyncio.to_thread(marks.count)) != judged:
                        judged = count
                        evaluating.ask()
        finally:
            lookout.end()

    def _heed_settings(self, found: "Config | str | None", evaluating: Coalesced) -> None:
        """Take over settings that were changed on disk; mistakes in them are said, and those before stay."""
        match found:
            case str(words):
                self._mistake = words
                self._tell(Trouble(words))
            case None:
                pass
            case config:
                self._mistake = ""
                self._adopt(config)
                evaluating.ask()

    def _adopt(self, config: "Config") -> None:
        anew = asks_otherwise(self._config, config)
        self._config, self._names = config, tuple(feed_names(config))
        self._store.use(config.catalogue)
        self._maker.use(config)
        self._alerts.adopt(config.alerts)
        self._tell(Adopted(config))
        if anew:
            self._asks_otherwise.set()

    async def _refresh_or_follow(self, evaluating: Coalesced) -> None:
        while True:
            if not self._may_refresh():
                await self._say_health()
                while not self._may_refresh():  # noqa: ASYNC110  (a lock tells nobody that it is free)
                    await asyncio.sleep(LEASE_S)
                await self._say_health()
                evaluating.ask()  # whoever held it may have died before it made a Board of what it stored
            try:
                await self._refresh(evaluating)
            except BondtopError as e:
                log.warning("refresh: %s", e)
                self._tell(Trouble(str(e)))
            except Exception as e:
                log.exception("refresh")
                self._tell(Trouble(f"internal error, please report: {type(e).__name__}: {e}"))
            else:
                continue  # the settings have changed
            await asyncio.sleep(AGAIN_S)

    def _may_refresh(self) -> bool:
        """Whether this process holds the lease now; never where the cache cannot be written."""
        with suppress(BondtopError):
            return not self._store.read_only and self._lease.take()
        return False

    async def _refresh(self, evaluating: Coalesced) -> None:
        await asyncio.to_thread(import_module, f"{__package__}.refresher")  # brings httpx: after the first paint, and beside the loop
        from .refresher import engine

        def heard(progress: "Progress") -> None:
            self._heard(progress, evaluating)

        async with engine(self._config, self._paths, self._names, clock=self.clock, on_progress=heard) as running:
            self._engine = running
            self._asks_otherwise.clear()
            work, changed = asyncio.create_task(running.follow()), asyncio.create_task(self._asks_otherwise.wait())
            try:
                await asyncio.wait({work, changed}, return_when=asyncio.FIRST_COMPLETED)
                if work.done():
                    work.result()
            finally:
                self._engine = None
                work.cancel()
                changed.cancel()
                await asyncio.wait({work, changed})

    def _heard(self, progress: "Progress", evaluating: Coalesced) -> None:
        step = Step(str(progress.stage), progress.part, progress.rows_new, progress.reason)
        self._steps[progress.feed] = step
        self._tell(FeedStep(progress.feed, step))
        if step.stage in ENDED or step.reason or self._silent:
            asyncio.get_running_loop().call_soon(lambda: asyncio.ensure_future(self._say_health()))
            if step.rows_new:
                evaluating.ask()

    async def _evaluate(self) -> None:
        """Tell the Board of now: the holder's while somebody makes them, else one of our own."""
        try:
            if not self._lease.held and (await self._tell_holders() or await self._wait_for_holder()):
                return
            board = await self._made()
            if board is not None and self._lease.held:
                await asyncio.to_thread(self._alerts.take, board)
        except BondtopError as e:
            log.warning("evaluation: %s", e)
            self._tell(Trouble(f"{e}; the values shown stay"))
            return
        except Exception as e:
            log.exception("evaluation")
            self._tell(Trouble(f"internal error, please report: {type(e).__name__}: {e}; the values shown stay"))
            return
        if board is not None:
            self._tell_board(board)
        await asyncio.sleep(BREATH_S)

    async def _made(self) -> Board | None:
        """A new Board of now; None while nothing at all is stored."""
        if not await asyncio.to_thread(self._store.newest):
            return None
        try:
            return await self._maker.now()
        except NoBoard as e:
            raise BondtopError(f"no Board could be made: {e}") from None

    async def _tell_holders(self) -> bool:
        """Tell the stored Board if it is another one than before; False when there is none that somebody has made lately as we want it.

        Fifty sessions on a cache need not make the same Board fifty times.
        """
        cache_clock(self._store, self._config, self.clock)  # the holder may have learnt the time meanwhile
        kept = await asyncio.to_thread(self._store.board)
        if kept is None or (self.clock.now() - kept[1]).total_seconds() > LEFT_ALONE_S:
            return False
        if (told := hash(kept[0])) != self._told:
            board = await asyncio.to_thread(_decoded, kept[0])
            if board is None or board.regime.markets != self._config.markets.panel:
                return False
            self._told = told
            self._maker.rest()
            self._tell_board(board)
        return True

    async def _wait_for_holder(self) -> bool:
        await asyncio.sleep(PATIENCE_S)
        return not self._lease.held and await self._tell_holders()

    def _tell_board(self, board: Board) -> None:
        self._has_board = True
        self._tell(Trouble(self._mistake))
        self._tell(Fresh(board))

    def _keep_visit(self) -> None:
        """Remember what stands now for the next visit."""
        with suppress(BondtopError):
            if not self._store.read_only and (kept := self._store.board()) is not None:
                self._store.put_board(*kept, key=VISIT)

    def _stored(self, key: str = "latest") -> Board | None:
        kept = self._store.board(key)
        return _decoded(kept[0]) if kept else None

    async def _say_health(self) -> None:
        with suppress(BondtopError):
            healths = await self.health()
            well = sum(h.state is FeedState.OK for h in healths)
            other = "" if self._lease.held else f"{'read-only' if self._store.read_only else self._lease.holder() + ' refreshes'} · "
            self._tell(Connection(f"{other}{'●' if well == len(healths) else '◐'} {well}/{len(healths)} feeds", well == len(healths)))
            self._say_when_nothing_answers(healths)

    def _say_when_nothing_answers(self, healths: Sequence[Health]) -> None:
        """While nothing is known and nobody answers; taken back when somebody does."""
        steps = self._steps
        answered = self._has_board or any(h.last_success for h in healths) or any(s.stage in ("answer", "done") for s in steps.values())
        reasons = {h.feed: steps[h.feed].reason or h.reason for h in healths if h.feed in steps}
        failed = [reason for reason in reasons.values() if reason]
        before, self._silent = self._silent, not answered and bool(failed) and len(failed) >= MOST * len(self._names)
        if self._silent:
            so_far = "" if len(failed) == len(self._names) else f" so far: {len(failed)} of {len(self._names)} feeds asked"
            self._tell(Trouble(NOTHING.format(so_far=so_far, reason=failed[0])))
        elif before:
            self._tell(Trouble(""))


def _decoded(body: bytes) -> Board | None:
    try:
        return decode(body)
    except BondtopError as e:  # of another version
        log.info("%s", e)
        return None
