"""The store: observations with both clocks, raw answers, feed health and the last Board, in one SQLite file that processes share.

Nothing here imports numpy until a panel is asked for: `bondtop feeds` and the first paint stand on this module.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from sqlite3 import Connection
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self

import msgspec

from ..feeds import calendars
from ..feeds.catalogue import Catalogue, default_catalogue
from ..feeds.series import Answer, Observation, Observations, Series, from_day, to_day
from .answers import Kept, digest, find_question, keep, kept, note_success, pack, second
from .boards import LATEST, Boards
from .database import Database, open_database
from .health import FeedState, Health
from .lookup import Newest, asked_at, choose_newest, known_rows, newest_by_source, newest_days
from .preference import chosen_source
from .schema import identify

if TYPE_CHECKING:
    from .ingest import Ingested
    from .panel import Histories, Panel

_RAW_ANSWERS_BYTES = 64_000_000
_HEALTH = ", ".join(Health.__struct_fields__)
_LONG_AGO = -1_000_000  # a day before any


class Rules(Protocol):
    """What the store must know of calendars; the module `feeds.calendars` is one."""

    def known_at(self, series: Series, day: int) -> int:
        """When the world could normally know the observation of that day (UTC seconds)."""
        ...

    def age(self, series: Series, day: int, now: int) -> int:
        """Business days of the series' market between the observation and an instant (UTC seconds)."""
        ...


class Store:
    """What we know and since when we know it. A context manager; safe to use from threads.

    Made by `Store.open`. `notices` says, in words for people, what opening had to do.
    """

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        rules: Rules,
        notices: tuple[str, ...] = (),
        raw_answers_bytes: int = _RAW_ANSWERS_BYTES,
    ) -> None:
        self.notices = notices
        self.read_only = database.read_only
        self.path = database.path
        self._database = database
        self._boards = Boards(database)
        self._catalogue = catalogue
        self._rules = rules
        self._raw_answers_bytes = raw_answers_bytes

    @classmethod
    def open(
        cls,
        directory: Path,
        *,
        read_only: bool = False,
        raw_answers_bytes: int = _RAW_ANSWERS_BYTES,
        catalogue: Catalogue | None = None,
        rules: Rules = calendars,
        busy_ms: int = 5000,
    ) -> Self:
        """The store in `directory` (made private to the user when there is none).

        A damaged or foreign file is set aside and a new one made; a directory that cannot be written is opened read-only: `notices` says
        so. With `read_only` nothing is made, replaced or written.

        Args:
            raw_answers_bytes: how much of raw answers is kept, packed, the oldest forgotten first.
            busy_ms: how long to wait while another process writes.

        Raises:
            CacheError: made by a newer bondtop; nothing there and nothing can be made.
            Damaged: damaged or foreign, and not to be set aside because it must not be written.
        """
        database, notices = open_database(directory, read_only=read_only, busy_ms=busy_ms)
        return cls(database, catalogue or default_catalogue(), rules, tuple(notices), raw_answers_bytes)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def catalogue(self) -> Catalogue:
        """The series this store speaks of."""
        return self._catalogue

    def use(self, catalogue: Catalogue) -> None:
        """Speak of other series from now on."""
        self._catalogue = catalogue

    @property
    def database(self) -> Database:
        """The file itself, for what else is kept in it: marks, journal, alerts."""
        return self._database

    # ------------------------------------------------------------------------------------------------------- writing
    def ingest(
        self, feed: str, part: str, observations: Observations, answer: Answer, *, running: bool = False, hold: bool = False
    ) -> "Ingested":
        """Store what is new in one answer, and the answer itself: all of it or nothing.

        Args:
            part: names the question within the feed (`Request.part`).
            running: the answer holds quotes of days that still run (`Feed.live`).
            hold: a panel follows at once; what is stored for the first time is kept at hand for it.

        Raises:
            BadAnswer: it contradicts what we have (`cache.ingest` says when); nothing of it was stored.
            CacheError: the store cannot be written now.
        """
        from .ingest import ingest

        packed = pack(answer)
        with self._database.writing() as connection:
            ingested = ingest(connection, feed, part, observations, packed.at, self._catalogue, self._rules.known_at, running=running)
            keep(connection, note_success(connection, feed, part, packed.at), packed, self._wanted(feed), self._raw_answers_bytes)
        for one in ingested.first if hold else ():
            self._histories.hold((one.series, one.source), one.days, one.values, one.known_at, one.fetched_at)
        return ingested

    def note_unchanged(self, feed: str, part: str, at: datetime) -> None:
        """The question was answered well, and the answer was the one we had."""
        with self._database.writing() as connection:
            note_success(connection, feed, part, second(at))

    def note_asked(self, feed: str, ids: Collection[str], at: int) -> None:
        """The feed was asked for these series at that time (UTC seconds), whatever it said of them."""
        with self._database.writing() as connection:
            source = identify(connection, "sources", feed)
            connection.executemany(
                "INSERT OR REPLACE INTO asked (source, series, at) VALUES (?, ?, ?)",
                [(source, identify(connection, "series", i), at) for i in ids],
            )

    def put_health(self, health: Health) -> None:
        """Say how a feed is doing."""
        row = msgspec.structs.astuple(health)
        with self._database.writing() as connection:
            connection.execute(f"INSERT OR REPLACE INTO health ({_HEALTH}) VALUES ({', '.join('?' * len(row))})", row)

    def put_board(self, body: bytes, at: datetime, key: str = LATEST) -> None:
        """Keep an encoded Board under a name."""
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO boards (key, at, body) VALUES (?, ?, ?)", (key, second(at), body))

    def put_meta(self, key: str, value: str) -> None:
        """Remember one small thing."""
        with self._database.writing() as connection:
            connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, value))

    # ------------------------------------------------------------------------------------------------- observations
    def panel(self, as_of: datetime, ids: Iterable[str] | None = None, since: date | None = None) -> "Panel":
        """What was known at `as_of`, as arrays; a later panel of the same store reads only the series that have grown.

        Args:
            ids: the series wanted (default: all of the catalogue).
            since: leave out earlier observations.

        Raises:
            CatalogueError: an id that the catalogue does not have.
        """
        series = list(self._catalogue) if ids is None else [self._catalogue[i] for i in ids]
        with self._database.reading() as connection:
            return self._histories.panel(connection, series, as_of, since, self._choose)

    def panel_on_demand(self, as_of: datetime) -> "Panel":
        """The panel of all series, each read when it is first asked for: whoever looks at half of them reads half of the rows.

        All tracks are of the state the store is in now. Usable until the store is closed; for a process that looks and ends.
        """
        return self._histories.panel_on_demand(self._database.snapshot(), self._catalogue, as_of, self._choose)

    def observations(
        self, series_id: str, as_of: datetime, since: date | None = None, *, every_source: bool = False
    ) -> Iterator[Observation]:
        """The observations of a series as known at `as_of`, oldest first: from the source chosen for it, or from every source in turn.

        Raises:
            CatalogueError: there is no such series.
        """
        series, at, first = self._catalogue[series_id], second(as_of), _LONG_AGO if since is None else to_day(since)
        with self._database.reading() as connection:
            chosen = [s.feed for s in series.sources] if every_source else [self._choose(connection, series, at)]
            rows = {source: known_rows(connection, series_id, source, at, first) for source in chosen if source}
        for source, found in rows.items():
            for day, (known_at, value, fetched_at) in found.items():
                yield Observation(series_id, from_day(day), value, _instant(known_at), source, _instant(fetched_at))

    def newest(self, now: int | None = None) -> Mapping[str, Newest]:
        """The newest observation of every series that has one, from the source chosen for it at `now` (UTC seconds).

        Without `now` nothing is stale: the first source in catalogue order that has data.
        """
        with self._database.reading() as connection:
            found = newest_by_source(connection)
        age = self._rules.age if now else _ageless
        return {s.id: n for s in self._catalogue if (n := choose_newest(s, found.get(s.id, {}), now or 0, age))}

    def newest_days(self, feed: str) -> Mapping[str, int]:
        """The newest day of every series that the feed has given, chosen or not."""
        with self._database.reading() as connection:
            return newest_days(connection, feed)

    # ------------------------------------------------------------------------------------------ questions and health
    def asked(self, feed: str) -> Mapping[str, int]:
        """When the feed was last asked for each series (UTC seconds)."""
        with self._database.reading() as connection:
            return asked_at(connection, feed)

    def validators(self, feed: str, part: str) -> tuple[str, str]:
        """(etag, last modified) of the last good answer to a question; empty where there is none, or where we want more of it now."""
        with self._database.reading() as connection:
            question = find_question(connection, feed, part)
        if question is None or question.wanted != self._wanted(feed):
            return "", ""
        return question.etag, question.last_modified

    def same_as_last(self, feed: str, part: str, body: bytes) -> bool:
        """Whether the last good answer to the question was this one to the byte, and nothing else is wanted of it now."""
        with self._database.reading() as connection:
            question = find_question(connection, feed, part)
        return question is not None and question.sha256 == digest(body) and question.wanted == self._wanted(feed)

    def series_of(self, feed: str, part: str) -> Collection[str]:
        """The series of which answers to that question have spoken."""
        with self._database.reading() as connection:
            question = find_question(connection, feed, part)
            rows = connection.execute(
                "SELECT name FROM reach JOIN series ON series.id = series WHERE part = ?", (question.number if question else None,)
            ).fetchall()
        return [name for (name,) in rows]

    def kept_answers(self, feed: str, part: str) -> list[Kept]:
        """The raw answers to a question that are still there, the newest first."""
        with self._database.reading() as connection:
            return kept(connection, feed, part)

    def health(self) -> list[Health]:
        """How every feed that was ever asked is doing, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(f"SELECT {_HEALTH} FROM health ORDER BY feed").fetchall()
        return [Health(feed, FeedState(state), *rest) for feed, state, *rest in rows]

    def board(self, key: str = LATEST) -> tuple[bytes, datetime] | None:
        """The encoded Board of that name and when it was put there."""
        return self._boards.get(key)

    def meta(self, key: str) -> str | None:
        """What `put_meta` remembered."""
        return self._boards.meta(key)

    def changes(self) -> int:
        """A number that differs from the last one when anybody, we or another process, has written since. Microseconds."""
        return self._database.data_version()

    # --------------------------------------------------------------------------------------------------------------
    @cached_property
    def _histories(self) -> "Histories":
        from .panel import Histories

        return Histories()

    def _choose(self, connection: Connection, series: Series, as_of: int) -> str | None:
        return chosen_source(connection, series, as_of, self._rules.age)

    def _wanted(self, feed: str) -> str:
        """A digest of what we look for in the feed's answers: with other series than last time, an answer we have had is news again."""
        return digest(repr([(s.id, s.source(feed)) for s in self._catalogue.of_feed(feed)]).encode())


def _ageless(_series: Series, _day: int, _now: int) -> int:
    return 0


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
