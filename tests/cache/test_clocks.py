"""Clocks as they are: put forward and back, stopped while the machine sleeps, changed in spring and autumn; ends of days and years."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from bondtop.cache import engine as engine_module
from bondtop.cache.freshness import Status, ask_at, status_of
from bondtop.feeds.calendars import age, due_at
from bondtop.feeds.catalogue import default_catalogue, parse_catalogue
from bondtop.feeds.series import to_day
from bondtop.tui.sessions import month_away, session_after, session_before
from engines import ENTRY, World, catalogue

US = default_catalogue()["us.10y"]  # the evening of its own day, New York time
NEW_YORK = ZoneInfo("America/New_York")


def instant(text: str, zone: str = "America/New_York") -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


def day(text: str) -> int:
    return to_day(date.fromisoformat(text))


@pytest.fixture
def make(tmp_path: Path) -> Callable[[str], World]:
    def world(start: str) -> World:
        made = World(tmp_path, catalogue(a="one"))
        made.now = made.began = float(instant(start, "UTC"))
        return made

    return world


class Jump:
    """Sleeps as the World does; once, the clock then stands elsewhere."""

    def __init__(self, world: World, at: str, seconds: float) -> None:
        self._world, self._at, self._seconds = world, instant(at, "UTC"), seconds

    async def __call__(self, seconds: float) -> None:
        await World.sleep(self._world, seconds)
        if self._world.now >= self._at and self._seconds:
            self._world.now += self._seconds
            self._world.ends += self._seconds
            self._seconds = 0.0


def asked_at(world: World) -> list[datetime]:
    return [datetime.fromtimestamp(world.began + 3600 * hours, UTC) for hours, _, _ in world.asked]


# -------------------------------------------------------------------------------------------------------- the engine's day
async def test_a_machine_that_slept_over_a_release_asks_for_it_when_it_wakes(
    make: Callable[[str], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = make("2026-06-29T20:00")
    await world.once()
    world.asked.clear()
    monkeypatch.setattr(world, "sleep", Jump(world, "2026-06-30T17:00", 9 * 3600))  # closed an hour before the release
    await world.follow(0.95)
    (at,) = asked_at(world)
    assert datetime(2026, 7, 1, 2, tzinfo=UTC) <= at <= datetime(2026, 7, 1, 2, 1, 30, tzinfo=UTC)
    assert world.whole("a")


@pytest.mark.parametrize(
    ("hours", "most"),
    [(-30, 40), (-2, 9), (-0.5, 9)],  # a day back, the provider knows less than we do: that is a failure, asked about ever more rarely
)
async def test_a_clock_that_is_put_back_starts_no_storm_and_ends_nothing(
    make: Callable[[str], World], monkeypatch: pytest.MonkeyPatch, hours: float, most: int
) -> None:
    world = make("2026-06-29T20:00")
    await world.once()
    world.asked.clear()
    monkeypatch.setattr(engine_module, "_LONGEST_SLEEP_S", 600.0)
    monkeypatch.setattr(world, "sleep", Jump(world, "2026-06-30T19:00", hours * 3600))
    await world.follow(3)
    assert len(world.asked) <= most
    assert world.whole("a")


@pytest.mark.parametrize(
    ("start", "days"),
    [("2026-10-28T22:00", 8), ("2027-03-10T22:00", 8), ("2026-12-29T22:00", 7), ("2027-12-29T22:00", 7), ("2028-02-25T22:00", 6)],
    ids=["autumn", "spring", "year's end", "year's end on a Friday", "29 February"],
)
async def test_each_release_is_asked_for_once_at_its_local_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: str, days: int
) -> None:
    entry = ENTRY.format(id="a", feed="one", frequency="daily").replace("18:00 UTC", "14:00 America/New_York")
    world = World(tmp_path, parse_catalogue(entry, "test"))
    world.now = world.began = float(instant(start, "UTC"))
    await world.once()
    world.asked.clear()
    monkeypatch.setattr(engine_module, "_LONGEST_SLEEP_S", 600.0)
    await world.follow(days)
    local = [at.astimezone(NEW_YORK) for at in asked_at(world)]
    first = datetime.fromisoformat(start).date() + timedelta(1)
    assert [at.date() for at in local] == [d for n in range(days) if (d := first + timedelta(n)).weekday() < 5]
    assert {at.hour for at in local} == {14} and all(at.minute <= 10 for at in local)
    assert world.whole("a")


# ------------------------------------------------------------------------------------------------------ due times and ages
@pytest.mark.parametrize(
    ("newest", "due"),
    [
        ("2026-03-05", "2026-03-06T18:00"),
        ("2026-03-06", "2026-03-09T18:00"),  # over the night in which clocks go forward
        ("2026-10-30", "2026-11-02T18:00"),  # and back
        ("2026-12-31", "2027-01-04T18:00"),  # New Year's Day and a weekend
        ("2028-02-28", "2028-02-29T18:00"),
        ("2028-02-29", "2028-03-01T18:00"),
        ("2027-02-26", "2027-03-01T18:00"),
    ],
)
def test_the_next_value_is_due_in_the_evening_of_the_next_session(newest: str, due: str) -> None:
    assert due_at(US, day(newest)) == instant(due)
    assert ask_at(US, day(newest), instant(f"{newest}T18:30"), instant(f"{newest}T18:30")) == instant(due)
    assert status_of(US, day(newest), instant(due) - 1) is Status.FRESH
    assert status_of(US, day(newest), instant(due)) is Status.AGEING


@pytest.mark.parametrize(
    ("newest", "now", "sessions"),
    [
        ("2026-06-29", "2026-06-30T23:59:59", 1),
        ("2026-06-29", "2026-07-01T00:00:00", 2),  # midnight of the market, not of Greenwich
        ("2026-12-31", "2027-01-03T12:00", 0),
        ("2026-12-31", "2027-01-04T12:00", 1),
        ("2028-02-28", "2028-03-01T12:00", 2),
        ("2027-02-26", "2027-03-01T12:00", 1),
        ("2026-10-30", "2026-11-02T00:30", 1),
        ("2026-06-30", "2026-06-29T12:00", 0),  # a clock that was put back makes nothing younger than now
    ],
)
def test_age_is_counted_in_sessions_of_the_market(newest: str, now: str, sessions: int) -> None:
    assert age(US, day(newest), instant(now)) == sessions


def test_the_time_machine_knows_short_months_and_weekends() -> None:
    assert month_away(date(2028, 3, 31), -1) == date(2028, 2, 29)
    assert month_away(date(2028, 2, 29), 12) == date(2029, 2, 28)
    assert month_away(date(2027, 3, 31), -1) == date(2027, 2, 26)  # the 28th is a Sunday
    assert month_away(date(2026, 12, 31), 2) == date(2027, 2, 26)
    assert session_after(date(2027, 12, 31)) == date(2028, 1, 3)
    assert session_before(date(2028, 3, 1)) == date(2028, 2, 29)
