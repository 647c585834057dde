"""How a refresh engine is put together from settings and paths."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager

from ..cache.engine import Engine, Progress
from ..cache.errors import CacheError
from ..cache.store import Store
from ..feeds.aside import Daemons
from ..feeds.client import Client, Patience, mirror_of
from ..feeds.clock import Clock
from ..feeds.feed import Feed
from ..feeds.registry import make_feed
from .config import Config, keys_of
from .paths import Paths
from .wiring import MIRROR_OFFSET


def make_feeds(
    config: Config, paths: Paths, names: Collection[str], mirror: str | None, clock: Clock, beside: asyncio.Lock | None = None
) -> dict[str, Feed]:
    """The feeds themselves, by name; `beside` as the engine's."""
    catalogue, keys = config.catalogue, keys_of(config, os.environ)
    feeds: dict[str, Feed] = {}
    for name in names:
        settings: dict[str, object] = {"keys": {name: keys[name]}} if name in keys else {}
        if name == "yahoo":
            settings |= {"cache_dir": paths.cache / "yfinance", "mirror": mirror, "clock": clock, "beside": beside}
            settings |= {"read_s": config.network.read_s, "answer_s": config.network.answer_s}
        feeds[name] = make_feed(name, catalogue, **settings)
    return feeds


@asynccontextmanager
async def engine(
    config: Config,
    paths: Paths,
    names: Collection[str],
    *,
    clock: Clock,
    on_progress: Callable[[Progress], None],
    on_notice: Callable[[str], None] = lambda _: None,
) -> AsyncIterator[Engine]:
    """A refresh engine on the cache of these paths, closed at the end of the block. The caller holds the lease.

    Args:
        on_notice: told what opening the store had to do, in words for people.

    Raises:
        CacheError: the cache cannot be opened or written.
    """
    aside = asyncio.to_thread  # loading modules, certificates and files, and waiting while another process writes
    asyncio.get_running_loop().set_default_executor(Daemons())  # whoever leaves waits for no name that is still being looked up
    mirror = mirror_of(os.environ, config.network.mirror)
    beside = asyncio.Lock()
    feeds = await aside(make_feeds, config, paths, names, mirror, clock, beside)
    network = config.network
    patience = Patience(connect_s=network.connect_s, read_s=network.read_s, whole_s=network.answer_s)
    bytes_kept = int(config.cache.raw_answers_mb * 1_000_000)
    with await aside(Store.open, paths.cache, raw_answers_bytes=bytes_kept, catalogue=config.catalogue) as store:
        for notice in store.notices:
            on_notice(notice)
        if store.read_only:
            raise CacheError(f"{paths.cache} is read-only: nothing can be refreshed")
        client = await aside(Client, feeds.values(), clock=clock, mirror=mirror, patience=patience, validators=store.validators)
        async with client:
            await client.learn_time()
            if mirror:
                await aside(store.put_meta, MIRROR_OFFSET, str(clock.offset_s))
            async with Engine(
                feeds,
                store,
                client,
                config.catalogue,
                clock,
                quote_interval_s=config.feeds.quote_interval_s,
                on_progress=on_progress,
                beside=beside,
            ).running() as running:
                yield running
