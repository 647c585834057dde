"""`bondtop refresh`: fill the cache, once or for ever, and show how it goes."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable, Collection, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from ...cache.engine import Progress
from ...cache.health import Health
from ...cache.lease import Lease
from ...cache.memory import keep_little
from ...feeds.clock import Clock
from ...feeds.errors import BondtopError
from ..boardmaker import make_board
from ..cli import Call, UsageError
from ..config import Config, load_config
from ..headless import Headless
from ..paths import private_directory
from ..refresher import engine
from ..stored import is_behind
from ..wiring import feed_names, log_to

_FOLLOW_POLL_S = 1.0
_GRACE_S = 4.0  # an orderly end takes less
T = TypeVar("T")


def run(call: Call) -> int:
    """0 when every feed asked is well, 1 when one failed."""
    config = load_config(call.paths.config)
    names = _chosen(call.options.feeds, config)
    private_directory(call.paths.cache)
    log_to(call.paths, config, debug=call.options.debug)
    lease = Lease(call.paths.cache)
    if call.options.json:
        return asyncio.run(_refresh(call, config, names, lease, _json_line))
    if not sys.stdout.isatty():
        return asyncio.run(_refresh(call, config, names, lease, lambda _: None))
    from ..progress import ProgressTable

    with ProgressTable(names) as table:
        return asyncio.run(_refresh(call, config, names, lease, table.show))


def _chosen(asked: Collection[str], config: Config) -> list[str]:
    known = feed_names(config)
    for name in asked:
        if name not in known:
            raise UsageError(f"no feed {name!r} in use; there are {', '.join(known)}")
    return [n for n in known if not asked or n in asked]


async def _refresh(call: Call, config: Config, names: list[str], lease: Lease, show: Callable[[Progress], None]) -> int:
    keep_little()
    with _Stop().heeding() as stop:
        return await _with_lease(call, config, names, lease, show, stop)


async def _with_lease(call: Call, config: Config, names: list[str], lease: Lease, show: Callable[[Progress], None], stop: "_Stop") -> int:
    follow = call.options.follow
    if not lease.take():
        if not follow:
            raise BondtopError(f"{lease.holder()} refreshes this cache already; nothing to do")
        _notice(f"{lease.holder()} refreshes this cache; this one takes over when it ends")
        if not await _until_ours(lease, stop):
            return 0
    try:
        if follow:
            await _unless_told(_headless(call, config, names if call.options.feeds else (), lease, show).run(), stop)
            return 0
        healths = await _unless_told(_once(call, config, names, lease, show), stop)
        return stop.code if healths is None else _verdict(healths)
    finally:
        lease.release()


async def _once(call: Call, config: Config, names: list[str], lease: Lease, show: Callable[[Progress], None]) -> Collection[Health]:
    """One round, and the Board of what it brought."""
    async with engine(config, call.paths, names, clock=Clock(), on_progress=show, on_notice=_notice) as running:
        healths = (await running.once(names, full=call.options.full)).values()
    if is_behind(call.paths.cache):
        await make_board(config, call.paths.cache)  # so that the monitor paints at once
        await _headless(call, config, names, lease, show).once()
    return healths


def _headless(call: Call, config: Config, names: Sequence[str], lease: Lease, show: Callable[[Progress], None]) -> Headless:
    return Headless(config, call.paths, names, lease, show=show, say=_notice, tells=call.options.alerts)


async def _unless_told(work: Coroutine[Any, Any, T], stop: asyncio.Event) -> T | None:
    """What the work gives; None when we are told to stop before."""
    working, told = asyncio.create_task(work), asyncio.create_task(stop.wait())
    await asyncio.wait({working, told}, return_when=asyncio.FIRST_COMPLETED)
    told.cancel()
    working.cancel()  # harmless when it is done
    try:
        return await working
    except asyncio.CancelledError:
        return None
    except ExceptionGroup as group:
        raise group.exceptions[0] from None


async def _until_ours(lease: Lease, stop: asyncio.Event) -> bool:
    """Follow until the holder is gone (True), or until we are told to stop."""
    while not lease.take():
        with suppress(TimeoutError):
            async with asyncio.timeout(_FOLLOW_POLL_S):
                await stop.wait()
                return False
    return True


class _Stop(asyncio.Event):
    """Set when a signal tells us to end; `code` is then the exit code that a shell gives for that signal.

    Signals are heard beside the loop: it may hang in a write to a pipe that nobody reads, to a terminal that is stopped or gone. Then an
    alarm ends the process: what dies holds no lease, and the store is written in transactions.
    """

    def __init__(self) -> None:
        super().__init__()
        self.code = 0
        self._loop = asyncio.get_running_loop()

    @contextmanager
    def heeding(self) -> Iterator["_Stop"]:
        """Hear signals for a block, and to the end of the process once there was one."""
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        mine = [number for number, handler in before.items() if handler is not signal.SIG_IGN]  # nohup
        for number in mine:
            signal.signal(number, self._heed)
        try:
            yield self
        finally:
            for number in mine if not self.code else ():
                signal.signal(number, before[number])

    def _heed(self, number: int, _: object) -> None:
        if not self.code:
            self.code = 128 + number
            signal.signal(signal.SIGALRM, lambda *_: os._exit(self.code))
            signal.setitimer(signal.ITIMER_REAL, _GRACE_S)
        with suppress(RuntimeError):  # the loop has ended already
            self._loop.call_soon_threadsafe(self.set)


def _verdict(healths: Collection[Health]) -> int:
    """1 and a line per failing feed on standard error, or 0."""
    failing = [h for h in healths if h.reason]
    for h in failing:
        sys.stderr.write(f"{h.feed}: {h.reason}\n")
    return 1 if failing else 0


def _notice(words: str) -> None:
    sys.stderr.write(f"bondtop: {words}\n")


def _json_line(step: Progress) -> None:
    sys.stdout.write(
        json.dumps(
            {
                "feed": step.feed,
                "stage": str(step.stage),
                "part": step.part,
                "rows_new": step.rows_new,
                "wire_bytes": step.wire_bytes,
                "seconds": round(step.seconds, 3),
                "reason": step.reason,
            }
        )
        + "\n"
    )
    sys.stdout.flush()  # somebody may be following
