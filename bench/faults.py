"""The providers misbehave, every host in every way in turn: is a wrong value stored, does anything crash, is it said, does it heal?

    BONDTOP_CHECK_DATA=… uv run python bench/faults.py                       a day's refresh of a filled cache under each fault of each host
    BONDTOP_CHECK_DATA=… uv run python bench/faults.py --empty               the first filling of an empty cache under each
    BONDTOP_CHECK_DATA=… uv run python bench/faults.py --host '*.gov' --fault html --jobs 2
    BONDTOP_CHECK_DATA=… uv run python bench/faults.py --host '*cftc.gov' --day 2026-06-26           a day on which a weekly source is due
    BONDTOP_KEY_FRED=any BONDTOP_CHECK_DATA=… uv run python bench/faults.py --host api.stlouisfed.org  a host that only a key opens

One line a case: seconds of the faulty round, then what was found wrong, if anything, and the reason the feeds gave. Exit code 1 when a
value that the healthy replica never gave was stored, when a round broke or took too long, or when a feed did not recover.
"""

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import date, timedelta
from fnmatch import fnmatch
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

from bondtop.cache.health import Health
from bondtop.feeds.registry import CLASSES, OPT_IN, feed_class
from bondtop.feeds.series import to_day
from replica import HASTY, PATIENT, Replica, all_values, latest_values, refresh, running_replica

FAULTS = (
    "timeout",
    "reset",
    "slow:200",
    "status:403",
    "status:404",
    "status:429:3600",
    "status:500",
    "status:503:99999999999999999999",
    "html",
    "redirect",
    "empty",
    "truncate",
    "truncate:hard",
    "garbage",
    "huge:100",
    "gzipbomb",
    "stale",
    "regress",
    "future",
    "badunit",
    "reorder",
    "escape",
)
CONTENT = frozenset({"stale", "regress", "future", "badunit", "reorder", "escape"})  # whole answers, which are to be waited for
FROZEN = timedelta(days=30)  # how far back the replica's "stale" is
LIMIT_S = 40.0  # more than the same round takes without a fault
BEHIND: Mapping[str, str] = {  # places that are asked only when something else has failed, and what that is
    "www.cftc.gov": "publicreporting.cftc.gov=status:503",
    "treasurydirect.gov/*/selectSecurityPriceDate": "treasurydirect.gov/*/securityPriceDetail=status:404",
}
UNDATED = frozenset({"rwa.treasuries"})  # what a list without dates says is of the moment: not to be had a day later


class Course(NamedTuple):
    """Three business days: the cache is filled on the first, the fault is on the second, the third heals."""

    before: date
    during: date
    after: date


@dataclass(slots=True)
class Case:
    """One fault at one place: a host, or some paths of it."""

    place: str
    fault: str
    asked: int = 0
    seconds: float = 0.0
    wrong: list[str] = field(default_factory=list)
    reasons: dict[str, str] = field(default_factory=dict)


class Campaign:
    """The healthy runs of one set of feeds, and the cases against them."""

    def __init__(self, replica: Replica, names: Collection[str], folder: Path, days: Course) -> None:
        self.replica, self.names, self.folder, self.days = replica, names, folder, days

    def prepare(self) -> None:
        """The healthy course: filled on one day, refreshed on the next two; every value met on the way is a right one."""
        course, days = self.folder / "course", self.days
        self.right: set[tuple[str, str, int, float]] = set()
        self.healthy_s: dict[date, float] = {}
        for day in days:
            started = time.monotonic()
            healths = self._round(course, day, "")
            self.healthy_s[day] = time.monotonic() - started
            if failing := {h.feed: h.reason for h in healths.values() if h.reason}:
                print(f"   without any fault: {failing}")
            self.right |= all_values(course)
            if day == days.before:
                shutil.copytree(course, self.folder / "before")
        # a long history that comes in batches is a batch behind after a round that failed, and goes on from there
        before = latest_values(self.folder / "before")
        self.after = {k for k in latest_values(course) if k in before or k[2] > to_day(days.before) - 5}
        # windows of years differ by day; a later filling may see what is not due yet
        for day in (days.during - FROZEN, days.during, days.after):
            self._round(self.folder / f"fresh {day}", day, "")
            self.right |= all_values(self.folder / f"fresh {day}")
        absent = self.folder / "absent"  # nobody looked on the day of the fault
        shutil.copytree(self.folder / "before", absent)
        self._round(absent, days.after, "")
        self.right |= all_values(absent)
        # what any filling of these days must hold: windows of years move on, and the last days' values are due at different hours
        self.settled = {k for k in latest_values(self.folder / f"fresh {days.after}") if k[2] <= to_day(days.before) - 5}

    def run(self, place: str, fault: str, *, empty: bool) -> Case:
        """One fault at one place, then a day without."""
        case, work = Case(place, fault), self.folder / "work"
        shutil.rmtree(work, ignore_errors=True)
        if not empty:
            shutil.copytree(self.folder / "before", work)
        self.replica.asked(place)
        started = time.monotonic()
        try:
            healths = self._round(work, self.days.during, ",".join([f"{place}={fault}", *([BEHIND[place]] if place in BEHIND else [])]))
        except Exception as e:
            case.wrong.append(f"BROKE: {e!r}")
            return case
        finally:
            case.seconds = time.monotonic() - started
        case.asked = self.replica.asked(place)
        case.reasons = {h.feed: h.reason for h in healths.values() if h.reason}
        if case.seconds > LIMIT_S + self.healthy_s[self.days.before if empty else self.days.during]:
            case.wrong.append(f"took {case.seconds:.0f} s")
        self._look(case, work, "stored under the fault")
        if any("internal error" in r for r in case.reasons.values()):
            case.wrong.append("internal error")
        self._heal(case, work, self.settled if empty else self.after)
        return case

    def _heal(self, case: Case, work: Path, expected: Collection[tuple[str, str, int]]) -> None:
        try:
            healths = self._round(work, self.days.after, "")
        except Exception as e:
            case.wrong.append(f"BROKE healing: {e!r}")
            return
        if ill := [h.feed + ": " + h.reason for h in healths.values() if h.reason]:
            case.wrong.append(f"still ill a day later: {ill}")
        self._look(case, work, "stored after it")
        have = latest_values(work)
        if missing := [k for k in expected if k not in have and k[0] not in UNDATED]:
            per_series = Counter(k[0] for k in missing)
            case.wrong.append(f"{len(missing)} values missing a day later: {dict(per_series.most_common(4))}")

    def _look(self, case: Case, work: Path, when: str) -> None:
        if wrong := list(all_values(work) - self.right):
            case.wrong.append(f"{len(wrong)} WRONG VALUES {when}: {sorted(wrong)[:3]}")

    def _round(self, folder: Path, day: date, fault: str) -> dict[str, Health]:
        self.replica.today(day)
        self.replica.fault(fault)
        waits = not fault or fault.partition(",")[0].rpartition("=")[2] in CONTENT
        try:
            return asyncio.run(refresh(folder, self.replica, self.names, PATIENT if waits else HASTY))
        finally:
            self.replica.fault("")


def main() -> int:
    """Run the matrix and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--host", nargs="*", default=["*"], help="globs: only these hosts")
    parser.add_argument("--fault", nargs="*", default=["*"], help="globs: only these faults")
    parser.add_argument("--empty", action="store_true", help="under the fault, fill an empty cache instead of refreshing one")
    parser.add_argument("--jobs", type=int, default=1, help="so many groups of feeds side by side, each with a replica of its own")
    parser.add_argument("--day", type=date.fromisoformat, default=date(2026, 6, 30), help="the faulty day, a business day")
    options = parser.parse_args()
    days = Course(weekday_from(options.day, -1), options.day, weekday_from(options.day, 1))
    groups = [(names, chosen) for names in feed_groups() if (chosen := places_of(names, options.host))]
    with ProcessPoolExecutor(options.jobs) as pool:
        bad = sum(pool.map(run_group, *zip(*groups, strict=True), repeat(options.fault), repeat(options.empty), repeat(days)))
    print(f"{bad} cases went wrong")
    return 1 if bad else 0


def run_group(names: list[str], places: list[str], faults: list[str], empty: bool, days: Course) -> int:
    """The cases of one group of feeds, printed as they end; how many went wrong."""
    bad = 0
    with running_replica(days.before) as replica, tempfile.TemporaryDirectory() as top:
        campaign = Campaign(replica, names, Path(top), days)
        started = time.monotonic()
        campaign.prepare()
        print(f"== {', '.join(names)}: prepared in {time.monotonic() - started:.1f} s, {len(campaign.after)} values", flush=True)
        for place in places:
            for fault in (f for f in FAULTS if any(fnmatch(f, glob) for glob in faults)):
                case = campaign.run(place, fault, empty=empty)
                bad += bool(case.wrong)
                print(in_a_line(case), flush=True)
                if not case.asked and not case.wrong:
                    print(f"{place:32} is not asked in such a round", flush=True)
                    break
    return bad


def weekday_from(day: date, step: int) -> date:
    """The next weekday, or the one before."""
    while True:
        day += timedelta(days=step)
        if day.weekday() < 5:
            return day


def in_a_line(case: Case) -> str:
    """What became of a case."""
    reasons = "; ".join(f"{n}: {r}" for n, r in case.reasons.items()) or "-"
    verdict = "WRONG " + " | ".join(case.wrong) if case.wrong else "ok"
    return f"{case.place:32} {case.fault:16.16} {case.asked:3} asked {case.seconds:5.1f} s  {verdict}  [{reasons[:160]}]"


def places_of(names: Collection[str], globs: Collection[str]) -> list[str]:
    """The hosts of these feeds, and what is behind them, as far as they are wanted."""
    hosts = dict.fromkeys(h for n in names for h in feed_class(n).hosts)
    paths = [place for place in BEHIND if "/" in place and place.partition("/")[0] in hosts]
    return [place for place in (*hosts, *paths) if any(fnmatch(place, glob) for glob in globs)]


def feed_groups() -> list[list[str]]:
    """Feeds that share a host are run together."""
    groups: list[tuple[set[str], list[str]]] = []
    for name in CLASSES:
        if name in OPT_IN:
            continue
        hosts = set(feed_class(name).hosts)
        shared = next((g for g in groups if g[0] & hosts), None)
        if shared:
            shared[0].update(hosts)
            shared[1].append(name)
        else:
            groups.append((hosts, [name]))
    return [names for _, names in groups]


if __name__ == "__main__":
    sys.exit(main())
