"""The Board that stands ready: given as it is while it is that of now."""

import argparse
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from bondtop.cache.demo import open_demo
from bondtop.cache.store import Store
from bondtop.feeds.clock import Clock
from bondtop.feeds.scenario import NOW
from bondtop.signals.board import Board, encode
from bondtop.tui.cli import Call, main
from bondtop.tui.config import Config, ConfigError, Network
from bondtop.tui.paths import Paths
from bondtop.tui.stored import current_board, demo_folder, first_board
from bondtop.tui.wiring import MIRROR_OFFSET
from signal_boards import board as blank_board

PANEL = ("us", "uk", "fr", "jp")


def made_at(at: datetime, **changes: object) -> Board:
    return msgspec.structs.replace(blank_board(at, regime__markets=PANEL), line="made before", **changes)


def call_for(folder: Path, *, demo: bool = False) -> Call:
    return Call(argparse.Namespace(demo=demo), Paths(folder / "config.toml", folder / "cache", folder / "state", folder / "log"))


def keep(folder: Path, at: datetime) -> bytes:
    body = encode(made_at(at))
    with Store.open(folder / "cache") as store:
        store.put_board(body, at)
    return body


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@pytest.fixture(autouse=True)
def no_mirror(monkeypatch):
    monkeypatch.delenv("BONDTOP_MIRROR", raising=False)


def test_a_board_made_just_now_is_given_to_the_byte(tmp_path):
    body = keep(tmp_path, now())
    assert current_board(call_for(tmp_path)) == body


def test_the_command_prints_it(tmp_path, capsysbinary):
    body = encode(made_at(NOW, demo=True))
    with open_demo(tmp_path / "demo") as store:
        store.put_board(body, NOW)
    assert main(["board", "--json", "--demo", "--cache-dir", str(tmp_path)]) == 0
    assert capsysbinary.readouterr().out == body + b"\n"


def test_an_old_one_a_broken_one_and_none_are_not(tmp_path):
    assert current_board(call_for(tmp_path)) is None
    keep(tmp_path, now() - timedelta(hours=1))
    assert current_board(call_for(tmp_path)) is None
    (tmp_path / "cache" / "bondtop.db").write_bytes(b"no database" * 999)
    assert current_board(call_for(tmp_path)) is None


def test_settings_changed_since_make_it_old(tmp_path):
    body = keep(tmp_path, now())
    settings = tmp_path / "config.toml"
    settings.touch()
    settings.write_text("[monitor]\nascii = true\n", encoding="utf-8")
    settings.chmod(0o600)
    later = now().timestamp() + 5
    os.utime(settings, (later, later))
    assert current_board(call_for(tmp_path)) is None
    os.utime(settings, (later - 3600, later - 3600))
    assert current_board(call_for(tmp_path)) == body


def test_mistakes_in_the_settings_are_said_whatever_is_stored(tmp_path):
    keep(tmp_path, now())
    (tmp_path / "config.toml").write_text("[monitor]\nasci = true\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="did you mean 'ascii'"):
        current_board(call_for(tmp_path))


def test_behind_a_mirror_its_time_counts(tmp_path, monkeypatch):
    then = now() - timedelta(days=90)
    body = keep(tmp_path, then)
    with Store.open(tmp_path / "cache") as store:
        store.put_meta(MIRROR_OFFSET, str((then - now()).total_seconds()))
    assert current_board(call_for(tmp_path)) is None
    monkeypatch.setenv("BONDTOP_MIRROR", "http://127.0.0.1:9")
    assert current_board(call_for(tmp_path)) == body


def test_the_first_paint_takes_any_board_and_the_mirrors_time(tmp_path):
    clock, behind = Clock(lambda: NOW.timestamp()), Config(network=Network(mirror="http://127.0.0.1:9"))
    assert first_board(tmp_path / "cache", behind, clock) is None
    keep(tmp_path, NOW - timedelta(days=400))
    with Store.open(tmp_path / "cache") as store:
        store.put_meta(MIRROR_OFFSET, "-86400")
    found = first_board(tmp_path / "cache", behind, clock)
    assert found is not None
    assert found.line == "made before"
    assert clock.now() == NOW - timedelta(days=1)
    with Store.open(tmp_path / "cache") as store:
        store.put_board(b"{}", NOW)
    assert first_board(tmp_path / "cache", behind, clock) is None


def test_the_simulated_market_is_where_its_store_is(tmp_path):
    with open_demo(tmp_path / "demo") as store:
        assert store.path.parent == demo_folder(tmp_path)


# ---------------------------------------------------------------------------------------------------------- what it takes
def loaded(code: str) -> set[str]:
    """Every module there is after some code in a fresh interpreter."""
    done = subprocess.run([sys.executable, "-c", f"import sys\n{code}\nprint('\\nMODULES', *sys.modules)"], capture_output=True, check=True)
    return set(done.stdout.decode().split("MODULES ")[-1].split())


def test_giving_it_needs_no_catalogue_no_calendar_and_no_loop(tmp_path):
    keep(tmp_path, now())
    options = ["--cache-dir", str(tmp_path / "cache"), "--config", str(tmp_path / "none.toml")]
    code = f"from bondtop.tui.cli import main\nassert main({['board', '--json', *options]!r}) == 0"
    modules = loaded(code)
    assert "bondtop.tui.stored" in modules
    ours = {f"bondtop.{each}" for each in ("feeds.catalogue", "feeds.calendars", "cache.store", "signals.history", "tui.desk")}
    assert not modules & {"asyncio", "tomllib", "zoneinfo", "logging", "rich", "numpy", "pandas", "textual", "holidays", "httpx", *ours}


def test_the_first_paint_needs_no_store_no_catalogue_and_no_feed(tmp_path):
    with open_demo(tmp_path / "demo") as store:
        store.put_board(encode(made_at(NOW, demo=True)), NOW)
    code = f"""
from bondtop.tui import app, cli
sys.stdin.isatty = sys.stdout.isatty = lambda: True
app.Monitor.run = lambda self, **_: 0
assert cli.main(["--demo", "--cache-dir", {str(tmp_path)!r}, "--state-dir", {str(tmp_path)!r}, "--config", {str(tmp_path / "none")!r}]) == 0
"""
    modules = loaded(code)
    assert "bondtop.tui.driver" in modules, "it came as far as running the app"
    rooms = ("cache.store", "cache.engine", "cache.marks", "cache.journal", "feeds.catalogue", "feeds.calendars", "feeds.demo")
    ours = {f"bondtop.{each}" for each in (*rooms, "tui.live", "tui.demo_source", "tui.desk", "tui.alerts", "signals.history")}
    assert not modules & {"numpy", "pandas", "yfinance", "httpx", "holidays", "tomllib", "zoneinfo", "filelock", *ours}
