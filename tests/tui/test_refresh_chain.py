"""The whole chain as a user has it: the real program, a real cache, and an upstream on loopback that answers as the providers do."""

import csv
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from bondtop.cache.health import OPEN_AFTER, FeedState, Health
from bondtop.cache.lease import Lease
from bondtop.cache.store import Store
from upstream.server import BOC, CFTC, MOF, TENORS, Upstream, canadian, japanese, sessions, upstream
from users import User

FEEDS = ("boc", "mof", "cftc")
MONDAY, TUESDAY = date(2026, 6, 29), date(2026, 6, 30)
HASTY = "[network]\nconnect_s = 2\nread_s = 1\nanswer_s = 3\n"
PATIENT = "[network]\nread_s = 100\nanswer_s = 200\n"  # whoever waits for a silent provider waits longer than LATEST_S
LATEST_S = 30


class Refresher(User):
    """Who refreshes, and looks at what came."""

    def refresh(self) -> tuple[int, dict[str, dict[str, Any]], str]:
        """Exit code, the last step of each feed, and what was said on standard error."""
        done = self.run("refresh", *FEEDS, "--json")
        steps = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, {s["feed"]: s for s in steps}, done.stderr

    def health(self) -> dict[str, Health]:
        with Store.open(self.folder / "cache", read_only=True) as store:
            return {h.feed: h for h in store.health()}

    def series(self, series_id: str) -> dict[date, float]:
        with Store.open(self.folder / "cache", read_only=True) as store:
            return {o.date: o.value for o in store.observations(series_id, datetime(2026, 7, 2, tzinfo=UTC))}

    def stored_board(self) -> tuple[bytes, datetime] | None:
        """The Board that the monitor would paint first, and when it was made."""
        with Store.open(self.folder / "cache", read_only=True) as store:
            return store.board()

    def waits_for(self, *processes: subprocess.Popen[str]) -> subprocess.Popen[str]:
        """Wait until one of them holds the lease; that one."""
        for _ in range(600):
            with suppress(OSError, ValueError):
                pid = json.loads((self.folder / "cache" / "refresh.holder").read_text(encoding="utf-8"))["pid"]
                if found := next((p for p in processes if p.pid == pid), None):
                    return found
            time.sleep(0.05)
        raise AssertionError("nobody took the lease")

    @contextmanager
    def following(self) -> Iterator[subprocess.Popen[str]]:
        """A process that follows; it is killed at the end of the block."""
        with subprocess.Popen(
            self.command("refresh", *FEEDS, "--follow", "--json"),
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()


@pytest.fixture(scope="module")
def world() -> Iterator[Upstream]:
    with upstream(MONDAY) as running:
        yield running


@pytest.fixture(scope="module")
def filled(world: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache filled on Monday evening."""
    folder = tmp_path_factory.mktemp("filled")
    (folder / "config.toml").write_text(HASTY, encoding="utf-8")
    code, steps, errors = Refresher(folder, world.url).refresh()
    assert (code, errors) == (0, "")
    assert {s["stage"] for s in steps.values()} == {"done"}
    return folder


@pytest.fixture
def user(world: Upstream, filled: Path, tmp_path: Path) -> Iterator[Refresher]:
    """A machine with that cache on Monday evening, and a healthy world."""
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    world.today = MONDAY
    world.faults.clear()
    world.asked.clear()
    yield Refresher(tmp_path, world.url)
    world.faults.clear()


def last_step(process: subprocess.Popen[str], stage: str) -> None:
    """Read until a feed is at that stage."""
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line)["stage"] == stage:
            return
    raise AssertionError(f"ended without {stage}: {process.stderr.read() if process.stderr else ''}")


# ----------------------------------------------------------------------------------------------------------- the good days
def test_one_refresh_fills_an_empty_cache(user: Refresher) -> None:
    assert user.series("ca.10y") == {d: canadian(d, "BD.CDN.10YR.DQ.YLD") for d in sessions(MONDAY)}
    assert user.series("jp.40y") == {d: japanese(d, 40) for d in sessions(MONDAY)}
    assert set(user.series("cftc.oi.10y")) == {d for d in sessions(MONDAY) if d.weekday() == 1}
    shown = {row["feed"]: row for row in json.loads(user.run("feeds", "--json").stdout)}
    assert {shown[f]["state"] for f in FEEDS} == {"ok"}
    assert all(shown[f]["reason"] == "" for f in FEEDS)
    assert shown["treasury"]["state"] == "never"
    table = csv.DictReader(StringIO(user.run("series", "ca.10y", "--csv").stdout))
    assert {date.fromisoformat(row["date"]): float(row["value"]) for row in table} == user.series("ca.10y")


def test_a_second_refresh_sends_no_request_and_makes_no_board(user: Refresher, world: Upstream) -> None:
    before = user.stored_board()
    code, steps, errors = user.refresh()
    assert (code, errors) == (0, "")
    assert world.asked == []
    assert user.stored_board() == before
    assert {s["stage"] for s in steps.values()} == {"resting"}


def test_a_board_that_was_never_made_is_made_by_the_next_refresh(user: Refresher, world: Upstream) -> None:
    database = sqlite3.connect(user.folder / "cache" / "bondtop.db")
    database.execute("DELETE FROM boards")
    database.commit()
    database.close()
    assert user.refresh()[0] == 0 and world.asked == []
    assert user.stored_board() is not None


def test_a_day_later_only_what_is_due_is_asked_and_only_what_is_new_is_stored(user: Refresher, world: Upstream) -> None:
    world.today = TUESDAY
    code, steps, _ = user.refresh()
    assert code == 0
    assert world.hosts_asked() == {BOC, MOF}
    assert len(world.asked) == 2
    assert "start_date=2026-06-16" in next(a for a in world.asked if a.startswith(BOC))
    assert {f: s["rows_new"] for f, s in steps.items()} == {"boc": 5, "mof": len(TENORS), "cftc": 0}
    assert user.series("ca.2y")[MONDAY] == canadian(MONDAY, "BD.CDN.2YR.DQ.YLD")
    world.asked.clear()
    assert user.refresh()[0] == 0
    assert world.asked == []


def test_full_asks_again_and_an_unchanged_file_is_not_sent_again(user: Refresher, world: Upstream) -> None:
    done = user.run("refresh", "mof", "--full", "--json")
    assert done.returncode == 0
    steps = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(world.asked) == 2
    assert (steps[-1]["stage"], steps[-1]["rows_new"], steps[-1]["wire_bytes"]) == ("done", 0, 0)


# ------------------------------------------------------------------------------------------------------------ the bad days
FAULTS = {
    "status:503": "observations: HTTP 503 Service Unavailable",
    "html": "observations: HTML instead of JSON",
    "truncated": "observations: the JSON ends before its end",
    "silent": "observations: connected, then silence",
    "badunit": "outside -2 to 20",
    "stale": "observations: ",
}


def test_faults_are_said_contained_and_healed(user: Refresher, world: Upstream) -> None:
    """One after the other on the same machine: each is told for what it is, not for the one before."""
    world.today = TUESDAY
    before = user.series("ca.10y")
    for i, (fault, words) in enumerate(FAULTS.items()):
        world.faults[BOC] = fault
        code, steps, errors = user.refresh()
        assert code == 1, fault
        assert errors.startswith("boc: ")
        assert words in errors
        assert errors.count("\n") == 1
        health = user.health()["boc"]
        assert (health.state, health.failures) == (FeedState.OPEN if i + 1 >= OPEN_AFTER else FeedState.FAILING, i + 1)
        assert words in health.reason
        assert (health.next_due or 0) > (health.last_try or 0)
        assert user.series("ca.10y") == before
        assert steps["mof"]["stage"] == ("resting" if i else "done")
    assert set(user.series("jp.40y")) == set(sessions(TUESDAY))
    world.faults.clear()
    assert user.refresh()[0] == 0
    assert user.series("ca.10y") == before | {MONDAY: canadian(MONDAY, "BD.CDN.10YR.DQ.YLD")}
    assert user.health()["boc"].state is FeedState.OK


def test_everything_down_at_once(user: Refresher, world: Upstream) -> None:
    world.today = TUESDAY
    world.faults.update(dict.fromkeys((BOC, MOF, CFTC), "html"))
    code, _, errors = user.refresh()
    shown = user.run("feeds").stdout
    assert shown.count("HTML instead of") == 2
    assert "; again " in shown
    assert code == 1
    assert [line.split(":")[0] for line in errors.splitlines()] == ["mof", "boc"]


def test_a_mirror_that_is_gone(user: Refresher) -> None:
    gone = Refresher(user.folder, "http://127.0.0.1:9")
    done = gone.run("refresh", "boc", "--full")
    assert done.returncode == 1
    assert done.stderr == "boc: observations: connection refused\n"


# --------------------------------------------------------------------------------------------------------- several processes
def test_one_refreshes_and_the_other_takes_over_when_it_dies(user: Refresher, world: Upstream) -> None:
    world.today = TUESDAY
    with user.following() as first:
        last_step(first, "done")
        refused = user.run("refresh", "boc")
        assert refused.returncode == 1
        assert refused.stderr == f"bondtop: {who(first)} refreshes this cache already; nothing to do\n"
        with user.following() as second:
            first.send_signal(signal.SIGKILL)
            died = time.monotonic()
            user.waits_for(second)
            assert time.monotonic() - died < 10
            stop(second)
    assert user.health()["boc"].state is FeedState.OK


def test_who_waits_can_be_stopped_too(user: Refresher) -> None:
    with user.following() as first, user.following() as second:
        holder = user.waits_for(first, second)
        waiting = second if holder is first else first
        assert waiting.stderr is not None
        assert waiting.stderr.readline() == f"bondtop: {who(holder)} refreshes this cache; this one takes over when it ends\n"
        stop(waiting)
        stop(holder)


def who(process: subprocess.Popen[str]) -> str:
    return f"process {process.pid} on {os.uname().nodename}"


def stop(process: subprocess.Popen[str]) -> None:
    """Ask it to end, which it calls success (bench/stop.py measures how soon)."""
    process.send_signal(signal.SIGTERM)
    assert process.wait(LATEST_S) == 0


def test_following_ends_in_good_order_while_a_provider_is_silent(user: Refresher, world: Upstream) -> None:
    (user.folder / "config.toml").write_text(PATIENT, encoding="utf-8")
    world.today = TUESDAY
    world.faults[BOC] = "silent"
    with user.following() as process:
        last_step(process, "asking")
        stop(process)
        assert process.stderr is not None
        assert process.stderr.read() == ""


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_one_round_ends_in_good_order_while_a_provider_is_silent(world: Upstream, user: Refresher, told: signal.Signals) -> None:
    (user.folder / "config.toml").write_text(PATIENT, encoding="utf-8")
    world.today = TUESDAY
    world.faults[BOC] = "silent"
    with subprocess.Popen(
        user.command("refresh", "boc", "--json"), env=user.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["stage"] == "asking"
        process.send_signal(told)
        _, said = process.communicate(timeout=LATEST_S)
    assert (process.returncode, said) == (128 + told, "")
    assert user.health()["boc"].state is FeedState.OK  # a round that was told to end is no failure
    with Lease(user.folder / "cache").try_hold() as free:
        assert free


@pytest.mark.skipif(not Path("/proc/self/wchan").exists(), reason="needs /proc")
@pytest.mark.parametrize("follow", [False, True])
def test_it_ends_though_nobody_reads_what_it_writes(world: Upstream, user: Refresher, follow: bool) -> None:
    """A pager that hangs, a terminal that is stopped: it waits for them, but not when it is told to end."""
    world.today = TUESDAY
    ours, its = os.pipe()
    fill(its)
    command = user.command("refresh", "boc", "--json", *(["--follow"] if follow else []))
    with subprocess.Popen(command, env=user.environment(), stdout=its, stderr=subprocess.PIPE, text=True) as process:
        try:
            until_it_waits_for_a_pipe(process)
            process.send_signal(signal.SIGTERM)
            assert process.wait(LATEST_S) == 128 + signal.SIGTERM
            assert process.stderr is not None
            assert process.stderr.read() == ""
        finally:
            process.kill()
    os.close(ours)
    os.close(its)
    with Lease(user.folder / "cache").try_hold() as free:
        assert free
    assert user.health()["boc"].state is FeedState.OK


def fill(pipe: int) -> None:
    os.set_blocking(pipe, False)
    with suppress(BlockingIOError):
        while True:
            os.write(pipe, bytes(4096))
    os.set_blocking(pipe, True)


def until_it_waits_for_a_pipe(process: subprocess.Popen[str]) -> None:
    latest = time.monotonic() + LATEST_S
    while "pipe" not in Path(f"/proc/{process.pid}/wchan").read_text(encoding="ascii"):
        assert process.poll() is None
        assert time.monotonic() < latest
        time.sleep(0.05)
