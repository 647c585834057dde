"""Small things every command needs: which feeds are in use, what time it is, where the log goes. Quick to import."""

import os
from typing import TYPE_CHECKING, Protocol

from ..feeds.registry import CLASSES, OPT_IN
from .paths import Paths, private_directory

if TYPE_CHECKING:
    from ..feeds.clock import Clock
    from .config import Config

MIRROR_OFFSET = "mirror_offset_s"


class Memory(Protocol):
    """What remembers small things: a Store, or the Boards in a cache."""

    def meta(self, key: str) -> str | None:
        """One of them."""
        ...


def feed_names(config: "Config") -> list[str]:
    """The feeds in use, in the catalogue's order: all official ones not switched off, and the unofficial ones asked for."""
    return [n for n in CLASSES if n not in config.feeds.off and (n not in OPT_IN or n in config.feeds.opt_in)]


def mirrored(config: "Config") -> bool:
    """Whether a mirror answers for the providers."""
    return bool(os.environ.get("BONDTOP_MIRROR") or config.network.mirror)


def cache_clock(memory: Memory, config: "Config", clock: "Clock") -> "Clock":
    """The time for commands that only read: behind a mirror, the mirror's, as the last refresh learnt it."""
    if mirrored(config) and (offset := memory.meta(MIRROR_OFFSET)):
        clock.offset_s = float(offset)
    return clock


def log_to(paths: Paths, config: "Config", *, debug: bool = False) -> None:
    """Send the log to a bounded private file, without secrets; nothing of it reaches the terminal, not even that it cannot be written."""
    import logging
    from logging.handlers import RotatingFileHandler

    from .hiding import Hiding, all_secrets

    logging.raiseExceptions = False  # a full disk would print a traceback for every line, in the midst of the screen
    path = private_directory(paths.log) / "bondtop.log"
    handler = RotatingFileHandler(path, maxBytes=1_000_000, backupCount=2, delay=True, encoding="utf-8")
    handler.setFormatter(Hiding("%(asctime)s %(levelname)s %(name)s: %(message)s", all_secrets(config, os.environ)))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    quiet_libraries()


def quiet_libraries() -> None:
    """Libraries log addresses, and addresses hold keys."""
    import logging

    for chatty in ("httpx", "httpcore", "yfinance", "peewee", "asyncio"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
