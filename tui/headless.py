"""`bondtop refresh --follow`: no screen. Keeps the cache fresh, has Boards made, writes the journal and, when asked, tells alerts.

Boards are made in a process of their own: thirty years take a hundred megabytes, which this process, up for months, then never holds.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

import msgspec

from ..cache.engine import Progress, Stage
from ..cache.lease import Lease
from ..cache.marks import Marks
from ..cache.store import Store
from ..feeds.clock import Clock
from ..feeds.errors import BondtopError
from ..signals.board import Board, decode
from .alertrules import AlertSettings
from .alerts import Alerts
from .config import Config
from .paths import Paths
from .refresher import engine
from .reload import POLL_S, SettingsWatch, asks_otherwise
from .source import Coalesced
from .wiring import cache_clock, feed_names

log = logging.getLogger(__name__)
AGE_S = 600.0  # values grow stale without anything arriving
BREATH_S = 5.0  # between two Boards
_ENDED = (Stage.DONE, Stage.FAILED)
Say = Callable[[str], None]


class Headless:
    """One process without a screen, which holds the lease.

    Args:
        names: the feeds asked for on the command line; empty: those the settings mean, also after they change.
        show: told of every step of every feed.
        say: told what a person should read.
        tells: whether alerts are delivered.
    """

    def __init__(
        self, config: Config, paths: Paths, names: Sequence[str], lease: Lease, *, show: Callable[[Progress], None], say: Say, tells: bool
    ) -> None:
        self._config, self._paths, self._names = config, paths, tuple(names)
        self._show, self._say, self._tells = show, say, tells
        self._store = Store.open(paths.cache, catalogue=config.catalogue)
        self._clock = cache_clock(self._store, config, Clock())
        self._alerts = Alerts(self._store, self._rules(), self._clock, environment=os.environ, holds=lambda: lease.held)
        self._evaluating = Coalesced(self._evaluate)
        self._settings_changed = asyncio.Event()

    async def run(self) -> None:
        """Work until cancelled."""
        for notice in self._store.notices:
            self._say(notice)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._evaluating.run(), name="evaluate")
                group.create_task(self._grow_old(), name="grow old")
                group.create_task(self._heed(), name="heed marks and settings")
                group.create_task(self._alerts.run(), name="alerts")
                group.create_task(self._refresh(), name="refresh")
                self._evaluating.ask()
        finally:
            self._store.close()

    async def once(self) -> None:
        """Take the stored Board into the journal, and tell what it brings; waits until all is delivered."""
        try:
            if (board := self._stored()) is not None:
                await asyncio.to_thread(self._alerts.take, board)
            await self._alerts.look()
            await self._alerts.finish()
        finally:
            self._store.close()

    # ------------------------------------------------------------------------------------------------------------ work
    async def _refresh(self) -> None:
        while True:
            self._settings_changed.clear()
            names = self._names or feed_names(self._config)
            async with engine(self._config, self._paths, names, clock=self._clock, on_progress=self._heard) as running:
                work = asyncio.create_task(running.follow())
                changed = asyncio.create_task(self._settings_changed.wait())
                try:
                    await asyncio.wait({work, changed}, return_when=asyncio.FIRST_COMPLETED)
                    if work.done():
                        work.result()
                finally:
                    for task in (work, changed):
                        task.cancel()
                    await asyncio.wait({work, changed})

    def _heard(self, progress: Progress) -> None:
        self._show(progress)
        if progress.stage in _ENDED and progress.rows_new:
            self._evaluating.ask()

    async def _evaluate(self) -> None:
        code = await make_board(self._paths)
        if code:
            log.warning("no Board could be made: code %d", code)
        elif (board := await asyncio.to_thread(self._stored)) is not None:
            await asyncio.to_thread(self._alerts.take, board)
        await asyncio.sleep(BREATH_S)

    async def _grow_old(self) -> None:
        while True:
            await asyncio.sleep(AGE_S)
            self._evaluating.ask()

    async def _heed(self) -> None:
        """Notice new marks, and settings that were changed."""
        marks, watch = Marks(self._store.database), SettingsWatch(self._paths.config, self._config)
        seen = await asyncio.to_thread(marks.count)
        while True:
            await asyncio.sleep(POLL_S)
            with suppress(BondtopError):
                if (now := await asyncio.to_thread(marks.count)) != seen:
                    seen = now
                    self._evaluating.ask()
            match await asyncio.to_thread(watch.look):
                case Config() as config:
                    self._adopt(config)
                case str(words) if words:
                    self._say(words)

    def _adopt(self, config: Config) -> None:
        anew = asks_otherwise(self._config, config)
        self._config = config
        self._store.use(config.catalogue)
        self._alerts.adopt(self._rules())
        self._say("the settings were read anew")
        if anew:
            self._settings_changed.set()
        self._evaluating.ask()

    def _rules(self) -> AlertSettings:
        """The user's; without --alerts nothing is told."""
        return self._config.alerts if self._tells else msgspec.structs.replace(self._config.alerts, deliver=())

    def _stored(self) -> Board | None:
        kept = self._store.board()
        with suppress(BondtopError):
            return decode(kept[0]) if kept else None
        return None


async def make_board(paths: Paths) -> int:
    """Have the Board of now made and stored by another process; its exit code. It ends with us."""
    p = paths
    places = ("--config", str(p.config), "--cache-dir", str(p.cache), "--state-dir", str(p.state), "--log-dir", str(p.log))
    command = (sys.executable, "-m", "bondtop", "board", "--json", "--fresh", *places)
    nowhere = asyncio.subprocess.DEVNULL
    child = await asyncio.create_subprocess_exec(*command, stdin=nowhere, stdout=nowhere, stderr=nowhere)
    try:
        return await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
