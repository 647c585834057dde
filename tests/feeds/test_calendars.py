"""When markets are open, when numbers appear, how old they are."""

import runpy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from bondtop.feeds.calendars import age, calendar, due_at, known_at, next_day, period_end
from bondtop.feeds.catalogue import CALENDARS, default_catalogue, parse_catalogue
from bondtop.feeds.closed_days import TABLE
from bondtop.feeds.series import Series, from_day, to_day
from hypothesis import given, settings
from hypothesis import strategies as st

CATALOGUE = default_catalogue()
RULES = list({(s.frequency, s.calendar, s.publication): s for s in CATALOGUE}.values())  # one series of each kind


def series(frequency: str = "daily", market: str = "us", published: str = "+0 18:00 America/New_York") -> Series:
    return parse_catalogue(
        f'[[series]]\nid = "x"\ntitle = "x"\nunit = "%"\nfrequency = "{frequency}"\nsources = ["a:x"]\ncalendar = "{market}"\n'
        f'published = "{published}"\ntolerance = 2\nrange = [0, 1]\n',
        "test",
    )["x"]


def day(text: str) -> int:
    return to_day(date.fromisoformat(text))


def instant(text: str, zone: str = "UTC") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


# -------------------------------------------------------------------------------------------------------------- sessions
def test_the_table_of_holidays_is_the_librarys() -> None:
    script = Path(__file__).parents[2] / ".ci" / "closed_days.py"
    assert runpy.run_path(str(script))["table"]().splitlines() == TABLE.split("\n")[1:-1]


@pytest.mark.parametrize("text", ["1989-12-25", "2051-12-25"])
def test_beyond_the_table_every_weekday_is_open(text: str) -> None:
    assert calendar("us").is_open(day(text))


@pytest.mark.parametrize(
    ("market", "closed"),
    [
        ("us", ["2026-01-01", "2026-01-19", "2026-04-03", "2026-07-03", "2026-11-11", "2026-11-26", "2026-12-25"]),
        ("nyse", ["2026-04-03", "2026-06-19", "2026-11-26"]),
        ("uk", ["2026-04-03", "2026-04-06", "2026-05-04", "2026-05-25", "2026-08-31", "2026-12-28"]),
        ("ea", ["2026-01-01", "2026-04-03", "2026-04-06", "2026-05-01", "2026-12-25"]),
        ("jp", ["2026-01-02", "2026-04-29", "2026-05-04", "2026-05-05", "2026-05-06", "2026-09-22", "2026-12-31"]),
        ("se", ["2026-01-06", "2026-05-14", "2026-06-19", "2026-12-24", "2026-12-31"]),
        ("ca", ["2026-05-18", "2026-07-01", "2026-09-07", "2026-10-12"]),
    ],
)
def test_holidays(market: str, closed: list[str]) -> None:
    for text in closed:
        assert not calendar(market).is_open(day(text)), text


@pytest.mark.parametrize(
    ("market", "text"), [("nyse", "2026-11-11"), ("uk", "2026-05-01"), ("ea", "2026-05-14"), ("jp", "2026-12-25"), ("us", "2026-12-24")]
)
def test_days_that_are_holidays_elsewhere(market: str, text: str) -> None:
    assert calendar(market).is_open(day(text))


@pytest.mark.parametrize("market", CALENDARS)
def test_only_one_calendar_knows_weekends(market: str) -> None:
    assert calendar(market).is_open(day("2026-06-27")) == (market == "always")
    assert calendar(market).is_open(day("2026-06-28")) == (market == "always")
    assert calendar(market).is_open(day("2026-06-29"))


@given(st.sampled_from(CALENDARS), st.integers(day("1985-01-01"), day("2030-01-01")), st.integers(0, 12))
@settings(max_examples=80)
def test_going_there_and_back(market: str, start: int, sessions: int) -> None:
    there = calendar(market).shift(start, sessions)
    assert there >= start
    assert calendar(market).sessions_between(start, there) == sessions
    if sessions:
        assert calendar(market).is_open(there)
    if calendar(market).is_open(start):
        assert calendar(market).shift(there, -sessions) == start


def test_golden_week_is_no_time_at_all() -> None:
    jgb = series(market="jp", published="+1 09:30 Asia/Tokyo")
    newest = day("2026-04-30")
    assert from_day(next_day(jgb, newest) or 0) == date(2026, 5, 1)
    newest = day("2026-05-01")
    assert from_day(next_day(jgb, newest) or 0) == date(2026, 5, 7)
    assert known_at(jgb, newest) == instant("2026-05-07T09:30", "Asia/Tokyo")
    assert due_at(jgb, newest) == instant("2026-05-08T09:30", "Asia/Tokyo")
    assert age(jgb, newest, instant("2026-05-06T23:00", "Asia/Tokyo")) == 0
    assert age(jgb, newest, instant("2026-05-08T23:00", "Asia/Tokyo")) == 2


# ----------------------------------------------------------------------------------------------------------- publication
def test_publication_keeps_local_time_across_the_change_of_clocks() -> None:
    us = series()
    winter, summer = known_at(us, day("2026-03-06")), known_at(us, day("2026-03-09"))
    assert winter == instant("2026-03-06T23:00")
    assert summer == instant("2026-03-09T22:00")


def test_lag_counts_sessions_of_the_series_own_market() -> None:
    uk = series(market="uk", published="+1 12:00 Europe/London")
    assert known_at(uk, day("2026-04-02")) == instant("2026-04-07T12:00", "Europe/London")


@pytest.mark.parametrize(
    ("observed", "published"),
    [
        ("2026-06-22", "2026-06-30"),  # of a Monday: two sessions later is Wednesday, the next Tuesday is the 30th
        ("2026-06-26", "2026-06-30"),
        ("2026-06-29", "2026-07-07"),
    ],
)
def test_a_weekly_release_of_daily_values(observed: str, published: str) -> None:
    weekly = series(published="+2 Tue 15:00 America/New_York")
    assert known_at(weekly, day(observed)) == instant(f"{published}T15:00", "America/New_York")


def test_a_weekly_series_comes_on_its_weekday() -> None:
    positions = series("weekly", published="+3 Fri 15:30 America/New_York")
    assert known_at(positions, day("2026-06-23")) == instant("2026-06-26T15:30", "America/New_York")
    assert due_at(positions, day("2026-06-23")) == instant("2026-07-10T15:30", "America/New_York")  # 3 July is a holiday: a week later


@pytest.mark.parametrize(
    ("frequency", "observed", "end", "following"),
    [
        ("monthly", "2026-01-31", "2026-01-31", "2026-02-28"),
        ("monthly", "2028-02-01", "2028-02-29", "2028-03-31"),
        ("monthly", "2025-12-01", "2025-12-31", "2026-01-31"),
        ("quarterly", "2025-10-01", "2025-12-31", "2026-03-31"),
        ("quarterly", "2026-03-31", "2026-03-31", "2026-06-30"),
        ("annual", "2025-01-01", "2025-12-31", "2026-12-31"),
        ("weekly", "2026-06-24", "2026-06-24", "2026-07-01"),
        ("calendar", "2026-06-27", "2026-06-27", "2026-06-28"),
        ("daily", "2026-07-02", "2026-07-02", "2026-07-06"),
    ],
)
def test_periods_and_what_comes_after(frequency: str, observed: str, end: str, following: str) -> None:
    x = series(frequency)
    assert from_day(period_end(x, day(observed))).isoformat() == end
    assert from_day(next_day(x, day(observed)) or 0).isoformat() == following


def test_nobody_can_say_when_the_next_event_is() -> None:
    assert next_day(series("event"), day("2026-06-30")) is None
    assert due_at(series("event"), day("2026-06-30")) is None


@given(st.sampled_from(RULES), st.integers(day("1988-01-01"), day("2029-01-01")), st.integers(0, 400))
@settings(max_examples=150)
def test_later_days_are_not_known_earlier(x: Series, first: int, later: int) -> None:
    assert known_at(x, first) <= known_at(x, first + later)


@given(st.sampled_from(RULES), st.integers(day("1995-01-01"), day("2029-01-01")))
@settings(max_examples=150)
def test_due_times_are_never_in_the_past_twice(x: Series, start: int) -> None:
    """Whoever waits for each value until it is due meets strictly later days, and due times that never go back."""
    newest, due = start, -(10**12)
    for _ in range(8):
        following, then = next_day(x, newest), due_at(x, newest)
        if following is None:
            return
        assert following > newest
        assert then is not None
        assert then >= due
        assert then == known_at(x, following)
        assert then > (following - 2) * 86400  # no value is due before its day has begun anywhere
        newest, due = following, then


@given(st.sampled_from(RULES), st.integers(day("2015-01-01"), day("2027-01-01")), st.integers(0, 60 * 24 * 40))
@settings(max_examples=80)
def test_age_only_grows(x: Series, newest: int, minutes: int) -> None:
    now = int(datetime.combine(from_day(newest), datetime.min.time(), UTC).timestamp()) + minutes * 60
    assert 0 <= age(x, newest, now) <= age(x, newest, now + 86400)


def test_an_age_of_years_is_counted_at_once() -> None:
    us = series()
    now = instant("2026-06-30T22:00")
    assert age(us, to_day(date(2026, 6, 30) - timedelta(days=7000)), now) == 5000
