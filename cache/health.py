"""How a feed is doing, in values the screens and the command line show."""

from enum import StrEnum

import msgspec


class FeedState(StrEnum):
    """The circuit of one feed."""

    NEVER = "never"  # not asked yet
    OK = "ok"
    FAILING = "failing"  # the last round failed, in whole or in part; asked again soon
    OPEN = "open"  # failed so often that it is left alone for a while; the next round is a probe


class Health(msgspec.Struct, frozen=True):
    """One feed. Instants are UTC seconds, `as_of` a day number, `reason` a sentence ("" when all is well)."""

    feed: str
    state: FeedState = FeedState.NEVER
    last_try: int | None = None
    last_success: int | None = None
    last_new: int | None = None  # when an answer last held something new
    next_due: int | None = None
    failures: int = 0  # rounds in a row
    reason: str = ""
    latency_ms: int | None = None
    wire_bytes: int = 0  # of the last round
    rows_new: int = 0  # of the last round
    as_of: int | None = None  # newest observation of the feed


def after_round(before: Health, *, at: int, error: str, partial: bool, rows_new: int, wire_bytes: int, latency_ms: int | None) -> Health:
    """The health after one round of questions; `error` is "" when nothing failed, `partial` when something else succeeded."""
    failures = before.failures + 1 if error else 0
    state = FeedState.OK if not error else FeedState.OPEN if failures >= OPEN_AFTER and not partial else FeedState.FAILING
    succeeded = not error or partial
    return msgspec.structs.replace(
        before,
        state=state,
        last_try=at,
        last_success=at if succeeded else before.last_success,
        last_new=at if rows_new else before.last_new,
        failures=failures,
        reason=error,
        latency_ms=latency_ms,
        wire_bytes=wire_bytes,
        rows_new=rows_new,
    )


OPEN_AFTER = 5


def backoff_s(failures: int, wanted_s: float | None, jitter: float) -> float:
    """How long to leave a feed alone after that many failed rounds: a minute, doubling, at most an hour; never less than the provider asks.

    Args:
        wanted_s: the provider's own wish (Retry-After), if it gave one.
        jitter: uniform in [0, 1), spreads the returns by a quarter.
    """
    own = min(60.0 * 2.0 ** min(failures - 1, 10), 3600.0) * (1 + 0.25 * jitter)
    return max(own, wanted_s or 0.0)
