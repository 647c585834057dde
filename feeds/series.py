"""The nouns of the data spine: a Series, where it comes from, when it is published, and Observations of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time
from enum import StrEnum

import msgspec

from .errors import FeedError

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def to_day(when: date) -> int:
    """Days since 1970-01-01, the form in which dates are stored and computed."""
    return when.toordinal() - EPOCH_ORDINAL


def from_day(day: int) -> date:
    """The date of a day number."""
    return date.fromordinal(day + EPOCH_ORDINAL)


class Frequency(StrEnum):
    """How often a series has an observation."""

    DAILY = "daily"  # business days of its calendar
    CALENDAR = "calendar"  # every day of the week
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"
    ANNUAL = "annual"
    EVENT = "event"  # auctions, operations, decisions: whenever they happen


class Publication(msgspec.Struct, frozen=True):
    """When an observation normally first appears: `lag` business days of the series' calendar after it (after the end of its
    period), at `at` in `zone`.

    `weekday` (0 = Monday): the first such weekday not before that day, for weekly releases of daily series and for weekly series.
    """

    lag: int
    at: time
    zone: str
    weekday: int | None = None


class Source(msgspec.Struct, frozen=True):
    """One feed that supplies a series: the provider's code there, and the factor from the provider's unit to ours."""

    feed: str
    code: str
    factor: float = 1.0


class Series(msgspec.Struct, frozen=True):
    """One time series. `low` and `high` bound any value it can have; `tolerance` is the age in business days above which it is stale."""

    id: str
    title: str
    unit: str
    frequency: Frequency
    sources: tuple[Source, ...]
    calendar: str
    publication: Publication
    tolerance: int
    low: float
    high: float
    start: date | None = None
    fallback: Publication | None = None  # when the sources behind the first publish, where that is another time
    revised: bool = False  # the provider re-estimates its whole history: a changed old value is no error
    own: bool = False  # added by the user: asked for by itself, so that a mistake in its code costs no other series

    def source(self, feed: str) -> Source | None:
        """How `feed` supplies this series, if it does."""
        return next((s for s in self.sources if s.feed == feed), None)


class Observation(msgspec.Struct, frozen=True):
    """One value with both clocks, as the cache hands it to people."""

    series: str
    date: date
    value: float
    known_at: datetime
    source: str
    fetched_at: datetime


class Column(msgspec.Struct, frozen=True):
    """What one answer says of one series: day numbers, strictly ascending, and values in the series' unit."""

    days: Sequence[int]
    values: Sequence[float]

    def __len__(self) -> int:
        return len(self.days)


class Observations(msgspec.Struct, frozen=True):
    """What one answer says, by series id."""

    columns: Mapping[str, Column]

    def __iter__(self) -> Iterator[tuple[str, Column]]:
        return iter(self.columns.items())

    def __len__(self) -> int:
        return sum(map(len, self.columns.values()))


class Request(msgspec.Struct, frozen=True):
    """One question to a provider. `part` names it within its feed and stays the same from day to day where the question does
    (it keys health, validators and the kept raw answer); `reader` tells `read` which layout to expect."""

    part: str
    url: str
    reader: str = ""
    method: str = "GET"
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    form: Mapping[str, str] | None = None
    max_bytes: int = 8_000_000  # unpacked
    empty_ok: bool = False  # 204, or an empty body, means "nothing in that range"
    undated: bool = False  # the answer says what is, not as of when: only what it said before tells whether that is now
    apart: bool = False  # the answer is read in a process of its own: it takes long, or its library is not to be trusted with ours


class Answer(msgspec.Struct, frozen=True):
    """The bytes that came back, with all that `read` may know: the time is `fetched_at`, never the wall clock."""

    request: Request
    body: bytes
    fetched_at: datetime  # UTC
    wire_bytes: int = 0
    unchanged: bool = False  # 304: the body is empty, what we have still stands
    etag: str = ""  # validators, to be sent back with the next question of the same part
    last_modified: str = ""


class Failed(msgspec.Struct, frozen=True):
    """A question that got no answer, and why."""

    request: Request
    error: FeedError


class Need(msgspec.Struct, frozen=True):
    """What the engine wants of a feed now: for each due series the first date it wants (None: all there is)."""

    since: Mapping[str, date | None]
    today: date

    def earliest(self, ids: Sequence[str] | None = None) -> date | None:
        """The first date wanted by any of these series (default: all); None when one of them wants everything."""
        dates = [self.since[i] for i in (ids if ids is not None else self.since) if i in self.since]
        return None if any(d is None for d in dates) else min((d for d in dates if d is not None), default=self.today)
