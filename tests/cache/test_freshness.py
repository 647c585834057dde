"""How fresh a value is, and when to ask for the next one."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from bondtop.cache.freshness import DAY, HOUR, MINUTE, Status, ask_at, next_due, status_of, young_until
from bondtop.feeds.calendars import due_at
from bondtop.feeds.catalogue import default_catalogue
from bondtop.feeds.series import Series, to_day
from hypothesis import given, settings
from hypothesis import strategies as st

CATALOGUE = default_catalogue()
US, JGB, CPI, AUCTION = (
    CATALOGUE["us.10y"],
    CATALOGUE["jp.10y"],
    CATALOGUE["us.cpi.yoy"],
    next(s for s in CATALOGUE if s.frequency == "event"),
)
RULES = list({(s.frequency, s.calendar, s.publication, s.tolerance): s for s in CATALOGUE}.values())


def day(text: str) -> int:
    return to_day(date.fromisoformat(text))


def at(text: str, zone: str = "America/New_York") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


# ---------------------------------------------------------------------------------------------------------------- status
@pytest.mark.parametrize(
    ("now", "status"),
    [
        ("2026-06-24T19:00", Status.FRESH),  # the day's own evening
        ("2026-06-25T17:59", Status.FRESH),  # a minute before the next is due
        ("2026-06-25T18:01", Status.AGEING),
        ("2026-06-26T18:01", Status.AGEING),
        ("2026-06-28T12:00", Status.AGEING),  # a weekend adds nothing
        ("2026-06-29T09:00", Status.STALE),
        ("2026-07-15T09:00", Status.STALE),
        ("2026-07-20T09:00", Status.DEAD),
        ("2030-01-01T09:00", Status.DEAD),
    ],
)
def test_a_value_climbs_the_ladder_in_business_days(now: str, status: Status) -> None:
    assert status_of(US, day("2026-06-24"), at(now)) is status


def test_golden_week_makes_nothing_stale() -> None:
    newest = day("2026-05-01")
    for now in ("2026-05-03T12:00", "2026-05-06T23:00", "2026-05-07T08:00"):
        assert status_of(JGB, newest, at(now, "Asia/Tokyo")) is Status.FRESH
    assert status_of(JGB, newest, at("2026-05-12T23:00", "Asia/Tokyo")) is Status.STALE


def test_a_month_is_not_stale_before_the_next_is_out() -> None:
    may = day("2026-05-31")
    due = due_at(CPI, may)
    assert due is not None
    assert status_of(CPI, may, due - 60) is Status.FRESH
    assert status_of(CPI, may, due + 60) in (Status.AGEING, Status.STALE)


def test_nothing_is_unknown_not_old() -> None:
    assert status_of(US, None, at("2026-06-30T12:00")) is Status.UNKNOWN


@given(st.sampled_from(RULES), st.integers(day("2020-01-01"), day("2027-01-01")), st.integers(0, 60), st.integers(0, 60))
@settings(max_examples=120)
def test_nothing_grows_fresher_with_time(series: Series, newest: int, days: int, more: int) -> None:
    ladder = [Status.FRESH, Status.AGEING, Status.STALE, Status.DEAD]
    now = newest * DAY + days * DAY
    assert ladder.index(status_of(series, newest, now)) <= ladder.index(status_of(series, newest, now + more * DAY))


@given(st.sampled_from(RULES), st.integers(day("2020-01-01"), day("2027-01-01")), st.integers(-DAY, 40 * DAY))
@settings(max_examples=1000)
def test_a_young_value_is_fresh_until_it_is_due(series: Series, newest: int, later: int) -> None:
    due, young = young_until(series, newest)
    for now in (newest * DAY + later, due - 1, due, young - 1):
        if now < max(due, young):
            assert status_of(series, newest, now) is (Status.FRESH if now < due else Status.AGEING)


@given(st.sampled_from(RULES), st.integers(day("2020-01-01"), day("2027-01-01")))
@settings(max_examples=80)
def test_what_is_not_due_is_fresh(series: Series, newest: int) -> None:
    due = due_at(series, newest)
    if due is not None:
        assert status_of(series, newest, due - 1) is Status.FRESH


# ------------------------------------------------------------------------------------------------------------ when to ask
def test_a_new_series_is_asked_for_at_once() -> None:
    now = at("2026-06-30T12:00")
    assert ask_at(US, None, None, now) == now
    assert ask_at(US, day("2026-06-29"), None, now) == now


def test_the_next_value_is_asked_for_when_it_is_due_not_before() -> None:
    asked = at("2026-06-29T18:05")
    assert ask_at(US, day("2026-06-29"), asked, asked) == at("2026-06-30T18:00")


def test_waits_as_long_again_for_what_is_late() -> None:
    newest, due = day("2026-06-29"), at("2026-06-30T18:00")
    for waited, again in ((0, 10 * MINUTE), (5 * MINUTE, 10 * MINUTE), (HOUR, HOUR), (5 * HOUR, 5 * HOUR), (40 * HOUR, 6 * HOUR)):
        assert ask_at(US, newest, due + waited, due + waited) == due + waited + again


def test_after_a_week_s_absence_asks_at_once() -> None:
    now = at("2026-06-30T12:00")
    assert ask_at(US, day("2026-06-22"), at("2026-06-22T19:00"), now) <= now


@pytest.mark.parametrize("newest", [None, "2026-06-26"])
def test_events_are_asked_for_once_a_business_day(newest: str | None) -> None:
    asked = at("2026-06-26T23:30")  # a Friday night
    again = ask_at(AUCTION, day(newest) if newest else None, asked, asked)
    assert at("2026-06-29T00:00") < again < at("2026-06-30T00:00")


def test_a_clock_that_was_wrong_stops_nobody_for_years() -> None:
    now = at("2026-06-30T12:00")
    assert ask_at(US, day("2026-06-29"), at("2031-01-01T00:00"), now) <= now
    assert ask_at(AUCTION, None, at("2031-01-01T00:00"), now) <= now


@given(st.sampled_from(RULES), st.integers(day("2020-01-01"), day("2027-01-01")), st.integers(0, 40 * DAY), st.booleans())
@settings(max_examples=150)
def test_whoever_has_just_asked_waits(series: Series, newest: int, later: int, has: bool) -> None:
    asked = newest * DAY + later
    again = ask_at(series, newest if has else None, asked, asked)
    assert again > asked
    due = due_at(series, newest) if has else None
    if due is not None and due > asked:
        assert again == due
    elif due is not None:
        assert 10 * MINUTE <= again - asked <= 6 * HOUR


@given(st.sampled_from(RULES), st.integers(day("2020-01-01"), day("2027-01-01")))
@settings(max_examples=60)
def test_the_next_value_is_due_after_this_one(series: Series, newest: int) -> None:
    assert next_due(series, newest, newest * DAY) > newest * DAY - DAY
