"""`bondtop refresh --follow`: no screen. Keeps the cache fresh, has Boards made, writes the journal and, when asked, tells alerts."""

import asyncio
import os
from collections.abc import Callable, Sequence
from contextlib import suppress

from ..cache.engine import Progress, Stage
from ..cache.lease import Lease
from ..cache.marks import Marks
from ..cache.store import Store
from ..feeds.clock import Clock
from ..feeds.errors import BondtopError
from ..signals.board import Board, decode
from .alerts import Alerts
from .boardmaker import make_board
from .config import Config
from .lookout import Lookout
from .paths import Paths
from .refresher import engine
from .reload import SettingsWatch, asks_otherwise
from .source import Coalesced
from .wiring import cache_clock, feed_names

AGE_S = 600.0  # values grow stale without anything arriving
BREATH_S = 2.0  # between two Boards
_ENDED = (Stage.DONE, Stage.FAILED)
Say = Callable[[str], None]


class Headless:
    """One process without a screen, which holds the lease.

    Args:
        names: the feeds asked for on the command line; empty: those the settings mean, also after they change.
        show: told of every step of every feed.
        say: told what a person should read.
        tells: whether alerts are delivered from here; if not, they wait for a session that does.
    """

    def __init__(
        self, config: Config, paths: Paths, names: Sequence[str], lease: Lease, *, show: Callable[[Progress], None], say: Say, tells: bool
    ) -> None:
        self._config, self._paths, self._names = config, paths, tuple(names)
        self._show, self._say, self._tells = show, say, tells
        self._store = Store.open(paths.cache, catalogue=config.catalogue)
        self._clock = cache_clock(self._store, config, Clock())
        self._alerts = Alerts(self._store, config.alerts, self._clock, environment=os.environ, holds=lambda: lease.held)
        self._evaluating = Coalesced(self._evaluate)
        self._asks_otherwise = asyncio.Event()
        self._said = ""  # why no Board could be made

    async def run(self) -> None:
        """Work until cancelled."""
        for notice in self._store.notices:
            self._say(notice)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._evaluating.run(), name="evaluate")
                group.create_task(self._grow_old(), name="grow old")
                group.create_task(self._heed(), name="heed marks and settings")
                group.create_task(self._refresh(), name="refresh")
                if self._tells:
                    group.create_task(self._alerts.run(), name="alerts")
                self._evaluating.ask()
        finally:
            self._store.close()

    async def once(self) -> None:
        """Take the stored Board into the journal and, if asked to, tell what it brings; waits until all is delivered."""
        try:
            if (board := self._stored()) is not None:
                await asyncio.to_thread(self._alerts.take, board)
            if self._tells:
                await self._alerts.look()
                await self._alerts.finish()
        finally:
            self._store.close()

    # ------------------------------------------------------------------------------------------------------------ work
    async def _refresh(self) -> None:
        """Refresh for ever; with a new engine whenever the settings want other questions."""
        while True:
            self._asks_otherwise.clear()
            async with engine(self._config, self._paths, self._feeds(), clock=self._clock, on_progress=self._heard) as running:
                work, changed = asyncio.create_task(running.follow()), asyncio.create_task(self._asks_otherwise.wait())
                try:
                    await asyncio.wait({work, changed}, return_when=asyncio.FIRST_COMPLETED)
                    if work.done():
                        work.result()
                finally:
                    work.cancel()
                    changed.cancel()
                    await asyncio.wait({work, changed})

    def _feeds(self) -> list[str]:
        return [name for name in feed_names(self._config) if not self._names or name in self._names]

    def _heard(self, progress: Progress) -> None:
        self._show(progress)
        if progress.stage in _ENDED and progress.rows_new:
            self._evaluating.ask()

    async def _evaluate(self) -> None:
        if not await asyncio.to_thread(self._store.newest):
            return
        why = await make_board(self._config, self._paths.cache)
        if why and why != self._said:
            self._say(f"no Board could be made: {why}")
        self._said = why
        if not why and (board := await asyncio.to_thread(self._stored)) is not None:
            await asyncio.to_thread(self._alerts.take, board)
        await asyncio.sleep(BREATH_S)

    async def _grow_old(self) -> None:
        while True:
            await asyncio.sleep(AGE_S)
            self._evaluating.ask()

    async def _heed(self) -> None:
        """Notice new marks and alerts, and settings that were changed."""
        lookout = Lookout(SettingsWatch(self._paths.config, self._config), self._store.changes, self._clock.seconds)
        marks = Marks(self._store.database)
        try:
            judged = await asyncio.to_thread(marks.count)
            while (seen := await asyncio.to_thread(lookout.wait)) is not None:
                match seen.settings:
                    case Config() as config:
                        self._adopt(config)
                    case str(words):
                        self._say(words or "the settings are in order again")
                if seen.has_jumped:
                    self._evaluating.ask()
                if seen.is_written:
                    self._alerts.stir()
                    with suppress(BondtopError):
                        if (count := await asyncio.to_thread(marks.count)) != judged:
                            judged = count
                            self._evaluating.ask()
        finally:
            lookout.end()

    def _adopt(self, config: Config) -> None:
        anew = asks_otherwise(self._config, config)
        self._config = config
        self._store.use(config.catalogue)
        self._alerts.adopt(config.alerts)
        self._say("the settings were read anew")
        if anew:
            self._asks_otherwise.set()
        self._evaluating.ask()

    def _stored(self) -> Board | None:
        kept = self._store.board()
        with suppress(BondtopError):
            return decode(kept[0]) if kept else None
        return None
