"""The Board that stands ready: whoever evaluates stores it, the monitor paints it first, and commands give it while it is that of now.

Here every start begins: settings, and one look into the cache. Catalogue, calendars, feeds and numpy come later, or not at all.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import msgspec

from ..cache.boards import Boards
from ..cache.database import open_database
from ..cache.errors import CacheError
from ..feeds import scenario
from ..feeds.clock import Clock
from ..feeds.errors import BondtopError
from ..signals.board import VERSION, Board, decode
from .cli import Call
from .config import Config, load_config
from .reload import changed_at
from .wiring import cache_clock

CURRENT_S = 600  # how long a stored Board is shown as that of now, when nothing has come since: ages count in business days
_BUSY_MS = 5000


class _Regime(msgspec.Struct):
    markets: tuple[str, ...]


class _Head(msgspec.Struct):
    """What is read of a Board to know whether it is current; the rest stays as it is."""

    as_of: datetime
    demo: bool
    regime: _Regime
    version: int


def current_board(call: Call) -> bytes | None:
    """The stored Board as JSON, if it is that of now; None when one must be made.

    Raises:
        ConfigError: the settings have mistakes.
    """
    demo: bool = call.options.demo
    config = Config() if demo else load_config(call.paths.config)
    settled_at = 0.0 if demo else changed_at(call.paths.config, config)
    try:
        with looking_into(demo_folder(call.paths.cache) if demo else call.paths.cache) as boards:
            clock = Clock(scenario.NOW.timestamp) if demo else cache_clock(boards, config, Clock())
            kept = boards.get()
            return kept[0] if kept and is_current(boards, kept[0], config, clock, demo=demo, settled_at=settled_at) else None
    except CacheError:  # whoever makes one says it
        return None


def is_current(boards: Boards, body: bytes, config: Config, clock: Clock, *, demo: bool, settled_at: float) -> bool:
    """Whether a stored Board was made a moment ago, of the markets wanted, and nothing has been fetched, judged or set otherwise since.

    Args:
        settled_at: when the settings were last changed, seconds since 1970 by the machine's clock.
    """
    try:
        head = msgspec.json.decode(body, type=_Head)
    except msgspec.DecodeError:
        return False
    made = int(head.as_of.timestamp())
    same = (head.version, head.demo, head.regime.markets) == (VERSION, demo, config.markets.panel)
    touched = max(boards.newest_mark(), settled_at + clock.offset_s)
    return same and boards.newest_fetch() <= made and touched < made and 0 <= clock.seconds() - made <= CURRENT_S


def first_board(directory: Path, config: Config, clock: Clock) -> Board | None:
    """The stored Board, current or not, to be painted with its age; None when none can be read. Behind a mirror the clock is set by it."""
    try:
        with looking_into(directory) as boards:
            cache_clock(boards, config, clock)
            kept = boards.get()
            return decode(kept[0]) if kept else None
    except BondtopError:  # whoever opens the store says it
        return None


def is_behind(directory: Path) -> bool:
    """Whether something has been fetched since the stored Board was made, or none is stored.

    Raises:
        CacheError: the cache cannot be read.
    """
    with looking_into(directory) as boards:
        kept = boards.get()
        try:
            return kept is None or msgspec.json.decode(kept[0], type=_Head).as_of.timestamp() < boards.newest_fetch()
        except msgspec.DecodeError:
            return True


def demo_folder(cache: Path) -> Path:
    """Where the simulated market's own cache is."""
    return cache / "demo" / scenario.FOLDER


@contextmanager
def looking_into(directory: Path) -> Iterator[Boards]:
    """What is kept in a cache, for a moment and only to read.

    Raises:
        CacheError: it cannot be read.
    """
    database, _ = open_database(directory, read_only=True, busy_ms=_BUSY_MS)
    with closing(database):
        yield Boards(database)
