"""The real program against the replica of the providers, where one stands beside the recorded data: spot values are those of the files."""

import csv
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import pytest
from bondtop.cache.store import Store
from replicas import environment, replica

FEEDS = ("mof", "ofr", "cftc", "boc")
DAY = date(2026, 6, 30)
LATER = datetime(2026, 7, 1, tzinfo=UTC)
pytestmark = pytest.mark.xdist_group("refresh_recorded")  # one worker: one cache is filled


@pytest.fixture(scope="module")
def address(recorded: Path) -> Iterator[str]:
    with replica(recorded, DAY) as found:
        yield found


@pytest.fixture(scope="module")
def cache(address: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Filled by one refresh; a second one at once asks nobody anything."""
    folder = tmp_path_factory.mktemp("recorded")
    command = [sys.executable, "-m", "bondtop", "refresh", *FEEDS, "--json"]
    for first in (True, False):
        httpx.get(f"{address}/__log", params={"clear": "1"})
        done = subprocess.run(command, env=environment(folder, address), capture_output=True, text=True, timeout=300, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        ends = {json.loads(line)["feed"]: json.loads(line)["stage"] for line in done.stdout.splitlines()}
        assert ends == dict.fromkeys(FEEDS, "done" if first else "resting")
        asked = [entry for entry in httpx.get(f"{address}/__log").json() if entry["method"] == "GET"]
        assert bool(asked) == first
    return folder / "cache"


def stored(cache: Path, series: str) -> dict[date, float]:
    with Store.open(cache, read_only=True) as store:
        return {o.date: o.value for o in store.observations(series, LATER)}


@pytest.mark.recorded
@pytest.mark.parametrize("tenor", ["2Y", "10Y", "40Y"])
def test_every_yield_of_the_ministry_s_file(cache: Path, recorded: Path, tenor: str) -> None:
    lines = (recorded / "mof_japan" / "jgbcme_all.csv").read_text(encoding="latin-1").splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("Date,"))
    wanted = {
        date(*map(int, row["Date"].split("/"))): float(row[tenor])
        for row in csv.DictReader(lines[at:])
        if row["Date"][:4].isdecimal() and row[tenor] not in ("-", "")
    }
    found = stored(cache, f"jp.{tenor.lower()}")
    expected = {d: v for d, v in wanted.items() if d < DAY}
    assert len(expected) > 4000
    assert {d: found.get(d) for d in expected} == expected


@pytest.mark.recorded
def test_every_day_of_the_stress_index(cache: Path, recorded: Path) -> None:
    rows = csv.DictReader((recorded / "ofr_fsi" / "fsi.csv").read_text(encoding="utf-8").splitlines())
    wanted = {date.fromisoformat(row["Date"]): float(row["OFR FSI"]) for row in rows}
    found = stored(cache, "ofr.fsi")
    assert len(wanted) > 5000
    assert {d: found.get(d) for d in wanted} == wanted
