"""What every provider module is: a way to ask and a way to read, kept apart.

`requests` and `read` are pure, so every layout is tested on literal bytes and a recorded answer can be read again years later.
`ask` is the only part that waits; a provider whose questions depend on its answers (tokens, paging, a library) overrides it.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from typing import ClassVar, Protocol
from urllib.parse import urlsplit

from .errors import FeedError, RateLimited, Unreachable
from .series import Answer, Failed, Need, Observations, Request, Series


class Fetcher(Protocol):
    """The part of the HTTP client that feeds use."""

    async def fetch(self, request: Request, *, feed: str) -> Answer:
        """The answer to one request.

        Raises:
            FeedError: unreachable, refused, too large.
        """
        ...


class Feed(ABC):
    """One provider. Built with the series the catalogue wants from it."""

    name: ClassVar[str]
    title: ClassVar[str]  # as people know it: "US Treasury", "Ministry of Finance Japan"
    hosts: ClassVar[tuple[str, ...]]  # every host it may ask or be redirected to
    licence: ClassVar[str]  # one line for the about screen
    interval_s: ClassVar[float] = 1.0  # least time between two requests to one of its hosts
    per_minute: ClassVar[int | None] = None  # the provider's own limit, where it counts by the minute
    batch: ClassVar[int | None] = None  # at most so many questions of a history in one round: the older part comes an hour later
    history: ClassVar[int] = 1  # one more each time its questions reach further back: caches filled before then ask for the rest
    live: ClassVar[bool] = False  # quotes of a day still running: asked on an interval of their own while somebody watches

    def __init__(self, series: Sequence[Series], keys: Mapping[str, str] | None = None) -> None:
        self.series: dict[str, Series] = {s.id: s for s in series}
        self.codes: dict[str, Series] = {}  # provider's code → series
        self.factors: dict[str, float] = {}  # series id → factor to our unit
        for s in series:
            source = s.source(self.name)
            if source is None:
                raise ValueError(f"{s.id} does not come from {self.name}")
            self.codes[source.code] = s
            self.factors[s.id] = source.factor
        self.keys = dict(keys or {})  # optional credentials by name; never logged

    @abstractmethod
    def requests(self, need: Need) -> Iterable[Request]:
        """The questions that bring what is needed, the most wanted first."""

    @abstractmethod
    def read(self, answer: Answer) -> Observations:
        """What the answer says.

        Raises:
            BadAnswer: it is not what this feed publishes; nothing of it can be trusted.
        """

    async def ask(self, client: Fetcher, need: Need) -> AsyncGenerator[Answer | Failed, None]:
        """The answers, each as soon as it is there, and what became of the questions that got none.

        One failed question does not cost the others, except at a host that is silent or has had enough of us.
        """
        gone: dict[str, FeedError] = {}
        for request in self.requests(need):
            host = urlsplit(request.url).hostname or ""
            if host in gone:
                yield Failed(request, gone[host])
                continue
            try:
                yield await client.fetch(request, feed=self.name)
            except FeedError as error:
                if isinstance(error, Unreachable | RateLimited):
                    gone[host] = error
                yield Failed(request, error)
