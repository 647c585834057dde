"""`refresh --follow --alerts` as a service runs it: Boards are made, the journal is kept, alerts are told, settings are picked up."""

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from bondtop.cache.errors import CacheError
from bondtop.cache.journal import Journal
from bondtop.cache.store import Store
from bondtop.feeds.registry import CLASSES
from delivered import Receiver, receiving
from ptys import PtyProgram
from upstream.server import Upstream, upstream
from users import User

FEEDS = ("boc",)
PATIENCE_S = 60.0
ONLY = f"[feeds]\noff = {sorted(set(CLASSES) - {*FEEDS})}\n"
RULES = '[alerts]\ndeliver = ["webhook"]\nseverity = "careful"\nkinds = ["condition"]\n'


@pytest.fixture
def world() -> Iterator[Upstream]:
    with upstream(date(2026, 6, 29)) as running:
        yield running


def session(user: User, address: str) -> PtyProgram:
    """The monitor on a terminal."""
    here = {"BONDTOP_ALERT_WEBHOOK": address, "TMUX": ""}
    return PtyProgram(user.command(), size=(160, 48), environment=user.environment() | here)


@contextmanager
def service(user: User, *words: str, address: str) -> Iterator[subprocess.Popen[str]]:
    command = user.command("refresh", *FEEDS, "--follow", *words)
    environment = user.environment() | {"BONDTOP_ALERT_WEBHOOK": address}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def until(found: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Look again and again: this process does the work."""
    deadline = time.monotonic() + PATIENCE_S
    while not found():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise AssertionError(f"waited in vain; it said {process.communicate()[1]!r}")
        time.sleep(0.05)


def journal(user: User) -> list[str]:
    with Store.open(user.folder / "cache", read_only=True) as store:
        return [f"{e.subject} {e.after}" for e in Journal(store.database).read(kinds=("condition",))]


def has_baseline(user: User) -> bool:
    try:
        with Store.open(user.folder / "cache", read_only=True) as store:
            return store.meta("journal_memory") is not None
    except CacheError:  # not made yet, or this moment
        return False


def stop(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert process.stderr is not None
    return process.stderr.read()


def test_a_service_journals_tells_once_and_reads_settings_anew(world: Upstream, tmp_path: Path) -> None:
    user, receiver = User(tmp_path, world.url), Receiver()
    config = tmp_path / "config.toml"
    config.write_text(RULES, encoding="utf-8")
    with receiving(receiver) as address:
        with service(user, "--alerts", address=address) as process:
            until(lambda: has_baseline(user), process)
            assert user.run("mark", "S1", "met").returncode == 0
            until(lambda: len(receiver.got) > 0, process)
            told = json.loads(receiver.got[0][1])
            assert (told["subject"], told["before"], told["after"]) == ("watch.S1", "UNKNOWN", "MANUAL met")
            assert process.stderr is not None
            config.write_text('[alerts]\ndeliver = ["webhok"]\n', encoding="utf-8")
            assert "config.toml line 2: " in (said := process.stderr.readline()) and "stay in force" in said
            config.write_text(RULES.replace('"condition"', '"band"'), encoding="utf-8")
            assert process.stderr.readline() == "bondtop: the settings were read anew\n"
            assert stop(process) == ""
        world.today = date(2026, 6, 30)  # the mirror's clock is the clock, and a journal does not go back
        with service(user, "--alerts", address=address) as process:  # nothing is told again
            assert user.run("mark", "B3", "not").returncode == 0
            until(lambda: len(journal(user)) == 2, process)
            assert stop(process) == ""
    assert journal(user) == ["watch.S1 MANUAL met", "watch.B3 MANUAL not"]
    assert len(receiver.got) == 1
    line = json.loads(user.run("alerts", "--json").stdout.splitlines()[0])
    assert (line["state"], line["deliveries"]) == ("told", {"webhook": "delivered"})
    kept = "".join(f.read_text(encoding="utf-8") for f in (tmp_path / "log").glob("*"))
    assert "secret-token" not in kept


def test_without_alerts_the_journal_is_kept_and_nobody_is_told(world: Upstream, tmp_path: Path) -> None:
    user, receiver = User(tmp_path, world.url), Receiver()
    (tmp_path / "config.toml").write_text(RULES, encoding="utf-8")
    with receiving(receiver) as address, service(user, address=address) as process:
        until(lambda: has_baseline(user), process)
        user.run("mark", "S1", "met")
        until(lambda: journal(user) == ["watch.S1 MANUAL met"], process)
        assert stop(process) == ""
    assert receiver.got == []
    assert json.loads(user.run("alerts", "--json").stdout)["state"] == "waiting"  # for a session with a screen


def test_a_service_and_a_session_share_a_cache_and_tell_once_between_them(world: Upstream, tmp_path: Path) -> None:
    """The service refreshes, the session rings; then the service dies, and the session does its work."""
    user, receiver = User(tmp_path, world.url), Receiver()
    rules = RULES.replace('["webhook"]', '["webhook", "bell", "desktop"]')
    (tmp_path / "config.toml").write_text(rules + ONLY, encoding="utf-8")
    with receiving(receiver) as address, service(user, "--alerts", address=address) as process:
        until(lambda: has_baseline(user), process)
        with session(user, address) as screen:
            assert screen.read_until(lambda: screen.shows(f"process {process.pid} on "), PATIENCE_S)
            assert user.run("mark", "S1", "met").returncode == 0
            assert screen.read_until(lambda: screen.received.count(b"\x1b]9;bondtop careful: Watch list S1 ") == 1, PATIENCE_S)
            assert screen.read_until(lambda: len(receiver.got) == 1, PATIENCE_S)
            world.today = date(2026, 6, 30)  # the mirror's clock is the clock, and a journal does not go back
            process.kill()
            assert screen.read_until(lambda: screen.shows("1/1 feeds") and not screen.shows(f"process {process.pid} on "), PATIENCE_S)
            assert user.run("mark", "B3", "not").returncode == 0
            assert screen.read_until(lambda: screen.received.count(b"\x1b]9;bondtop careful: Watch list B3 ") == 1, PATIENCE_S)
            assert screen.read_until(lambda: len(receiver.got) == 2, PATIENCE_S)
            screen.press("q")
            assert screen.ended(30) and screen.status == 0
    assert [json.loads(body)["subject"] for _, body in receiver.got] == ["watch.S1", "watch.B3"]
    ours = re.sub(rb"\x1b\][^\x07\x1b]*\x07", b"", screen.received)  # titles and the like end with that sign too
    assert ours.count(b"\a") == ours.count(b"\x1b]9;") == 2


OWN = """
[series.my.curve]
spread = ["ca.10y", "ca.2y"]
[[watch.level]]
id = "curve"
title = "Canada steep"
series = "my.curve"
level = -500
"""


def test_settings_are_taken_over_on_screen_and_mistakes_are_said_there(world: Upstream, tmp_path: Path) -> None:
    user, config = User(tmp_path, world.url), tmp_path / "config.toml"
    config.write_text(ONLY, encoding="utf-8")
    with session(user, "") as screen:
        assert screen.read_until(lambda: screen.shows("1/1 feeds") and screen.shows("FED CONSTRAINT LIFTING"), PATIENCE_S)
        config.write_text(ONLY + OWN.replace("ca.2y", "ca.2yr"), encoding="utf-8")
        assert screen.read_until(lambda: screen.shows("did you mean") and screen.shows("ca.2yr"), PATIENCE_S)
        new = config.with_suffix(".new")  # as editors do
        new.write_text(ONLY + OWN, encoding="utf-8")
        new.rename(config)
        assert screen.read_until(lambda: screen.shows("● Canada steep") and not screen.shows("ca.2yr"), PATIENCE_S)
        screen.press("q")
        assert screen.ended(30) and screen.status == 0
    out = user.run("series", "my.curve", "--csv").stdout.splitlines()
    assert out[0].startswith("date,value") and out[-1].startswith("2026-06-2") and ",spread," in out[-1]
