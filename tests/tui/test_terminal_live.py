"""The real program on a real terminal against a provider that answers, fails and comes back; two of them on one cache; noise."""

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from bondtop.cache.lease import Lease
from bondtop.cache.store import Store
from bondtop.feeds.registry import CLASSES
from demo_boards import demo_cache
from terminal import Terminal
from upstream.server import Upstream, canadian, upstream
from users import User

FEEDS = ("boc",)
MOMENT_S = 15  # after its start the monitor finds that something is due
ONLY = f"[feeds]\noff = {sorted(set(CLASSES) - {*FEEDS})}\n[markets]\nshown = ['us', 'ca']\n"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Upstream]:
    (tmp_path / "config.toml").write_text(ONLY, encoding="utf-8")
    with upstream(date(2026, 6, 29)) as running:
        yield running


def monitor(folder: Path, world: Upstream, **more) -> Terminal:
    return Terminal(folder, columns=140, rows=40, environment={"BONDTOP_MIRROR": world.url, **more})


def test_a_fault_is_read_on_the_feeds_screen_with_the_time_of_the_next_try_and_goes_by_itself(tmp_path, world):
    world.faults["www.bankofcanada.ca"] = "status:503"
    with monitor(tmp_path, world) as terminal:
        terminal.until(lambda t: "Nothing is stored" in t or "503" in t)
        terminal.type("d")
        text = terminal.until(lambda t: "boc" in t and "failing" in t and "503" in t)
        row = next(line for line in text.split("\n") if "boc" in line)
        assert "Z" in row and "next due" in text  # the time of the next try
        world.faults.clear()
        terminal.type("r")
        terminal.until(lambda t: "1 of 1 well" in t and "503" not in t)
        terminal.type("\x1b")
        terminal.until(lambda t: "State vector" in t and "Canada" in t)
        terminal.type("q")
        assert terminal.end() == 0


def test_what_the_provider_publishes_appears_with_its_day_and_no_key_is_pressed(tmp_path, world):
    assert User(tmp_path, world.url).run("refresh").returncode == 0
    with Store.open(tmp_path / "cache", read_only=True) as store:
        (boc,) = [health for health in store.health() if health.feed == "boc"]
    assert boc.next_due is not None
    world.now = datetime.fromtimestamp(boc.next_due - MOMENT_S, UTC)  # when the monitor starts; its clock goes on from there
    world.today += timedelta(days=1)
    friday, monday = (canadian(date(2026, 6, day), "BD.CDN.10YR.DQ.YLD") for day in (26, 29))
    assert friday != monday
    with monitor(tmp_path, world) as terminal:
        terminal.until(lambda t: f"{friday:.3f}" in t and "as of 26 Jun" in t and "1/1 feeds" in t)
        text = terminal.until(lambda t: f"{monday:.3f}" in t and "as of 29 Jun" in t)
        assert f"{friday:.3f}" not in text
        terminal.type("q")
        assert terminal.end() == 0


def test_a_follower_takes_over_from_a_holder_that_died(tmp_path, world):
    user, nowhere = User(tmp_path, world.url), subprocess.DEVNULL
    with subprocess.Popen(user.command("refresh", "--follow"), env=user.environment(), stdout=nowhere, stderr=nowhere) as holder:
        try:
            until_it_holds(user.folder / "cache", holder)
            with monitor(tmp_path, world) as terminal:
                terminal.until(lambda t: "refreshes" in t and "1/1 feeds" in t and "Canada" in t)
                holder.send_signal(signal.SIGKILL)
                holder.wait()
                text = terminal.until(lambda t: "1/1 feeds" in t and "refreshes" not in t)
                assert "Canada" in text
                terminal.type("dR")
                terminal.until(lambda t: "every feed is asked for what is due" in t)
                terminal.type("q")
                assert terminal.end() == 0
        finally:
            holder.kill()


def until_it_holds(cache, process):
    latest = time.monotonic() + 60
    while Lease(cache).holder() != f"process {process.pid} on {socket.gethostname()}":
        assert process.poll() is None and time.monotonic() < latest
        time.sleep(0.05)


def test_keys_typed_in_one_go_arrive_in_their_order(tmp_path):
    demo_cache(tmp_path / "cache" / "demo")
    with Terminal(tmp_path, "--demo", columns=120, rows=40) as terminal:
        terminal.until(lambda t: "no network" in t and "Japan" in t and "help" in t)
        terminal.type(":us\r")
        terminal.until(lambda t: "US curve" in t)
        terminal.type("\x1b:jp\r")  # Escape and what follows come as one
        terminal.until(lambda t: "Japan curve" in t)
        terminal.type("\x1b\x1b/jap\r")
        terminal.until(lambda t: "1 State vector / jap" in t and "Germany" not in t)
        terminal.type("/\r\x1b\x1b")  # leaves what is closing already
        terminal.until(lambda t: "Germany" in t)
        terminal.type("z")
        terminal.until(lambda t: "Germany" in t and "2 Regime map" not in t)
        terminal.type("q")
        assert terminal.end() == 0


def test_a_terminal_of_unknown_kind_mouse_noise_and_five_rows_do_no_harm(tmp_path):
    environment = {"TERM": "no-such-terminal", "COLORTERM": "", "LANG": "C", "LC_ALL": "C"}
    demo_cache(tmp_path / "cache" / "demo")
    with Terminal(tmp_path, "--demo", columns=100, rows=30, environment=environment) as terminal:
        terminal.until(lambda t: "DEMO" in t and "Japan" in t)
        places = [(x, y) for x in (1, 50, 300) for y in (1, 29, 99)]
        terminal.type("".join(f"\x1b[<{button};{x};{y}{end}" for button in (0, 2, 35, 64, 65) for x, y in places for end in "Mm"))
        terminal.type("s")
        terminal.until(lambda t: "Global Duration Divergence" in t)
        terminal.resize(20, 5)
        terminal.until(lambda t: "needs 40x10" in t and "has 20x5" in t)
        terminal.resize(100, 30)
        terminal.until(lambda t: "Global Duration Divergence" in t)
        terminal.type("\x1b4")
        text = terminal.until(lambda t: "4 Watch list" in t and "Japan" in t)
        assert text.isascii()
        terminal.type("q")
        assert terminal.end() == 0
        assert terminal.modes() == terminal.before
