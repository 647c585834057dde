"""How fresh a value is, and when to ask for the next one: business days of its own market, never hours of ours."""

from datetime import datetime

from ..feeds.calendars import age, calendar, due_at, known_at, period_end, zone
from ..feeds.series import Frequency, Series, from_day
from .status import Status

MINUTE, HOUR, DAY = 60, 3600, 86400
FURTHEST_AHEAD = 14 * HOUR  # of UTC, that a market's own date can be


def status_of(series: Series, newest: int | None, now: int) -> Status:
    """The status of a series whose newest observation is dated `newest` (day number), at an instant (UTC seconds)."""
    if newest is None:
        return Status.UNKNOWN
    due = due_at(series, newest)
    if calendar(series.calendar).today(now) - period_end(series, newest) > series.tolerance:  # else it is no older in business days either
        days = age(series, newest, now)
        if days > _dead_after(series):
            return Status.DEAD
        is_expected = due is not None and now < due  # however old: the lag of its publication rule says so
        if days > series.tolerance and not is_expected:
            return Status.STALE
    return Status.AGEING if due is not None and now >= due else Status.FRESH


def _dead_after(series: Series) -> int:
    """Business days."""
    return 3 * series.tolerance + 10


def young_until(series: Series, newest: int) -> tuple[int, int]:
    """Until when (UTC seconds) a newest observation of that day is FRESH, and until when it surely is nothing worse than AGEING.

    However old, what is not due is fresh until it could count as dead.
    """
    end, due = period_end(series, newest), due_at(series, newest)
    young, alive = ((end + days) * DAY - FURTHEST_AHEAD for days in (series.tolerance, _dead_after(series)))
    return young if due is None else min(due, alive), young


def next_due(series: Series, newest: int, now: int) -> int:
    """When the next observation should appear (UTC seconds). Events have no date of their own: never due on a screen."""
    due = due_at(series, newest)
    return due if due is not None else now + DAY


def is_running(series: Series, now: int) -> bool:
    """Whether today's session of the series' market may still move its value: from ten hours before publication until then."""
    market = calendar(series.calendar)
    today = market.today(now)
    return any(market.is_open(d) and known_at(series, d) - 10 * HOUR <= now < known_at(series, d) for d in (today - 1, today))


def ask_at(series: Series, newest: int | None, asked: int | None, now: int) -> int:
    """When to ask for a series (UTC seconds), given its newest observation from this source and when we last asked.

    Due and not yet asked: at once. Asked after it was due and still not there: again after as long as we have been waiting, between ten
    minutes and six hours, so that a release a quarter of an hour late costs two questions and a dead series four a day. Events and
    series without any value: once on every business day, at their publication time. Asked in the future: by a clock that was wrong.
    """
    if asked is None or asked > now + HOUR:
        return now
    due = None if newest is None or series.frequency is Frequency.EVENT else due_at(series, newest)
    if due is None:
        return _next_release(series, asked)
    if asked < due:
        return due
    return asked + min(max(asked - due, 10 * MINUTE), 6 * HOUR)


def _next_release(series: Series, after: int) -> int:
    """The first time of publication later than that instant, on a business day of its market."""
    market = calendar(series.calendar)
    day = market.today(after)
    while not market.is_open(day) or (at := _release_on(series, day)) <= after:
        day += 1
    return at


def _release_on(series: Series, day: int) -> int:
    rule = series.publication
    return int(datetime.combine(from_day(day), rule.at, zone(rule.zone)).timestamp())
