"""What can go wrong between a provider and the cache: one small tree, each error a sentence for people."""


class BondtopError(Exception):
    """Anything bondtop says in one line instead of a traceback."""


class CatalogueError(BondtopError):
    """The catalogue of series is wrong; the message names file, place and nearest valid name."""


class FeedError(BondtopError):
    """A feed gave nothing usable. `str()` is the reason in words, without the feed's name."""


class Unreachable(FeedError):
    """No answer: name not found, refused, reset, timed out, TLS not trusted, or slower than the time allowed."""


class Refused(FeedError):
    """An HTTP status that is no answer. `retry_after_s` is the provider's own wish, where it gave one."""

    def __init__(self, reason: str, status: int, retry_after_s: float | None = None) -> None:
        super().__init__(reason)
        self.status = status
        self.retry_after_s = retry_after_s


class RateLimited(Refused):
    """The provider asks us to come back later (429, or its library's word for it)."""


class BadAnswer(FeedError):
    """Bytes arrived, and they are not what this feed publishes. Nothing of such an answer is stored."""


class WrongFormat(BadAnswer):
    """An HTML page, an error body, an archive, another layout, other columns than asked."""


class CutShort(BadAnswer):
    """Empty, or it ends before its end."""


class TooLarge(BadAnswer):
    """More bytes, on the wire or unpacked, than this answer can have."""


class OutOfRange(BadAnswer):
    """A value that its series cannot have: another unit, swapped columns, another series' file."""


class BadDates(BadAnswer):
    """Dates out of order, repeated with other values, in the future, or older than what the same source gave before."""
