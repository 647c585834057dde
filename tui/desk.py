"""Boards for the commands: the stored one while it is current, else a new one; earlier ones from a History."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from ..cache.boards import Boards
from ..cache.errors import CacheError
from ..cache.store import Store
from ..feeds.catalogue import Catalogue
from ..feeds.clock import Clock
from ..feeds.demo import demo_catalogue
from ..feeds.errors import BondtopError
from ..signals.board import Board, decode, encode
from .cli import Call
from .config import Config, load_config
from .reload import changed_at
from .sessions import end_of
from .stored import is_current
from .wiring import cache_clock

if TYPE_CHECKING:
    from ..signals.history import History
    from ..signals.settings import Settings

_LOOK_BACK_DAYS = 500  # the slowest series are annual


class Desk:
    """A store, the settings and a clock. `settled_at`: when the settings were last changed, seconds since 1970."""

    def __init__(self, store: Store, config: Config, clock: Clock, *, demo: bool = False, settled_at: float = 0.0) -> None:
        self.store, self.config, self.clock, self.demo, self._settled_at = store, config, clock, demo, settled_at

    def latest(self) -> Board:
        """The Board of now."""
        return self._stored() or self.evaluate()

    def evaluate(self) -> Board:
        """A new Board of now, stored for the next time."""
        from ..cache.spreads import store_spreads
        from ..signals.changes import board_with_changes

        store_spreads(self.store, self.clock)
        now = self.clock.now()
        board = board_with_changes(self.history, now)
        if not self.store.read_only:
            with suppress(CacheError):  # it can be made again, and what was asked for is there
                self.store.put_board(encode(board), now)
        return board

    def at(self, day: date | None) -> Board:
        """The Board as known at the end of a day (UTC); of now without a day, or when that day has not ended."""
        if day is None or end_of(day) >= self.clock.now():
            return self.latest()
        from ..signals.changes import board_with_changes

        return board_with_changes(self.history_until(end_of(day)), end_of(day))

    @cached_property
    def history(self) -> "History":
        """The History as known now."""
        return self.history_until(self.clock.now())

    def history_until(self, as_of: datetime) -> "History":
        """The History as known at an instant."""
        from ..signals.history import History
        from .marking import marks_of

        return History(self.store.panel_on_demand(as_of), self.settings, marks_of(self.store), self.catalogue)

    @property
    def catalogue(self) -> Catalogue:
        """The series of this store."""
        return demo_catalogue() if self.demo else self.config.catalogue

    def observer(self, as_of: datetime) -> Callable[[str], float | None]:
        """The newest value of a series as known at an instant."""

        def newest(series_id: str) -> float | None:
            values = [one.value for one in self.store.observations(series_id, as_of, since=as_of.date() - timedelta(_LOOK_BACK_DAYS))]
            return values[-1] if values else None

        return newest

    @cached_property
    def settings(self) -> "Settings":
        """Markets and parameters in force."""
        return settings_of(self.config, demo=self.demo)

    def _stored(self) -> Board | None:
        """The stored Board, if it is that of now."""
        kept, boards = self.store.board(), Boards(self.store.database)
        if kept is None or not is_current(boards, kept[0], self.config, self.clock, demo=self.demo, settled_at=self._settled_at):
            return None
        try:
            return decode(kept[0])
        except BondtopError:
            return None


def settings_of(config: Config, *, demo: bool = False) -> "Settings":
    """The signals' settings that the user's settings mean."""
    from ..signals.settings import Settings

    return Settings(panel=config.markets.panel, demo=demo, watchlists=config.watchlists)


def keep_board(store: Store, config: Config, clock: Clock) -> Board:
    """Make and store the Board of now: to be called after new observations were stored."""
    return Desk(store, config, clock).evaluate()


@contextmanager
def open_desk(call: Call) -> Iterator[Desk]:
    """The desk that the options of a command ask for: of the cache, or of the simulated market.

    Raises:
        CacheError: there is no cache to read; the message says what to do.
    """
    if getattr(call.options, "demo", False):
        from ..cache.demo import demo_store
        from ..feeds import demo

        with demo_store(call.paths.cache / "demo") as store:
            yield Desk(store, Config(), Clock(demo.NOW.timestamp), demo=True)
        return
    config = load_config(call.paths.config)
    with _readable(call, config) as store:
        yield Desk(store, config, cache_clock(store, config, Clock()), settled_at=changed_at(call.paths.config, config))


def _readable(call: Call, config: Config) -> Store:
    if not (call.paths.cache / "bondtop.db").exists():
        raise CacheError(f"{call.paths.cache}: nothing is known yet; `bondtop refresh` fills the cache, --demo needs none")
    return Store.open(call.paths.cache, catalogue=config.catalogue)
