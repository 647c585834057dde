"""Days on which markets trade, as the time machine steps through them: weekdays. A holiday is a session on which nothing is new."""

from datetime import UTC, date, datetime, time, timedelta


def end_of(day: date) -> datetime:
    """The last second of a day, UTC."""
    return datetime.combine(day, time(23, 59, 59), UTC)


def session_before(day: date) -> date:
    """The weekday before."""
    return day - timedelta(days={0: 3, 6: 2}.get(day.weekday(), 1))


def session_after(day: date) -> date:
    """The weekday after."""
    return day + timedelta(days={4: 3, 5: 2}.get(day.weekday(), 1))


def on_session(day: date) -> date:
    """The day itself, or the weekday before a weekend."""
    return day if day.weekday() < 5 else session_before(day)


def month_away(day: date, months: int) -> date:
    """The same day of another month, its last one where it has no such day, on a weekday."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    first_of_next = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = (first_of_next - timedelta(days=1)).day
    return on_session(date(year, month + 1, min(day.day, last)))
