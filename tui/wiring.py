"""How the parts are put together: settings in, a running engine or an open store out."""

import logging
import os
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from logging.handlers import RotatingFileHandler

from ..cache.engine import Engine, Progress
from ..cache.store import Store
from ..feeds.catalogue import default_catalogue
from ..feeds.client import Client, Patience, mirror_of
from ..feeds.clock import Clock
from ..feeds.feed import Feed
from ..feeds.registry import CLASSES, OPT_IN, make_feed
from .config import Config, keys_of
from .paths import Paths, private_directory

_MIRROR_OFFSET = "mirror_offset_s"


def feed_names(config: Config) -> list[str]:
    """The feeds in use, in the catalogue's order: all official ones not switched off, and the unofficial ones asked for."""
    return [n for n in CLASSES if n not in config.feeds.off and (n not in OPT_IN or n in config.feeds.opt_in)]


def make_feeds(config: Config, paths: Paths, names: Collection[str], mirror: str | None) -> dict[str, Feed]:
    """The feeds themselves, by name."""
    catalogue, keys = default_catalogue(), keys_of(config, os.environ)
    feeds: dict[str, Feed] = {}
    for name in names:
        settings: dict[str, object] = {"keys": {name: keys[name]}} if name in keys else {}
        if name == "yahoo":
            settings |= {"cache_dir": paths.cache / "yfinance", "mirror": mirror}
        feeds[name] = make_feed(name, catalogue, **settings)
    return feeds


@asynccontextmanager
async def engine(
    config: Config, paths: Paths, names: Collection[str], *, clock: Clock, on_progress: Callable[[Progress], None]
) -> AsyncIterator[Engine]:
    """A refresh engine on the cache of these paths, closed at the end of the block. The caller holds the lease."""
    mirror = mirror_of(os.environ, config.network.mirror)
    feeds = make_feeds(config, paths, names, mirror)
    network = config.network
    patience = Patience(connect_s=network.connect_s, read_s=network.read_s, whole_s=network.answer_s)
    with Store.open(paths.cache, raw_answers_bytes=int(config.cache.raw_answers_mb * 1_000_000)) as store:
        client = Client(feeds.values(), clock=clock, mirror=mirror, patience=patience, validators=store.validators)
        async with client:
            await client.learn_time()
            if mirror:
                store.put_meta(_MIRROR_OFFSET, str(clock.offset_s))
            async with Engine(
                feeds,
                store,
                client,
                default_catalogue(),
                clock,
                quote_interval_s=config.feeds.quote_interval_s,
                on_progress=on_progress,
            ).running() as running:
                yield running


def cache_clock(store: Store, config: Config, clock: Clock) -> Clock:
    """The time for commands that only read: behind a mirror, the mirror's, as the last refresh learnt it."""
    if mirror_of(os.environ, config.network.mirror) and (offset := store.meta(_MIRROR_OFFSET)):
        clock.offset_s = float(offset)
    return clock


def log_to(paths: Paths, *, debug: bool = False) -> None:
    """Send the log to a bounded private file; nothing of it reaches the terminal."""
    path = private_directory(paths.log) / "bondtop.log"
    handler = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=2, delay=True, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    for chatty in ("httpx", "httpcore", "yfinance", "peewee", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
