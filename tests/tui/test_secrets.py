"""Secrets stay where they were put: in no log, export, picture, crash report, and in nothing that is printed."""

import asyncio
import logging
import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from bondtop.tui.app import Monitor
from bondtop.tui.cli import main
from bondtop.tui.config import load_config
from bondtop.tui.crash import reporter
from bondtop.tui.hiding import all_secrets
from bondtop.tui.preferences import Preferences
from bondtop.tui.wiring import log_to
from delivered import Receiver, receiving
from handboards import full
from sources import HandSource
from upstream.server import upstream

KEY, OTHER = "hush-key-of-fred-0123456789", "hush-key-of-riksbank-01234567"
WORDS = (
    *(["refresh", "boc", "mof", "--debug"], ["config", "show"], ["config", "path"], ["config", "check"], ["alerts", "test"], ["doctor"]),
    *(["feeds", "--json"], ["board", "--json"], ["journal", "--json"], ["alerts", "--json"], ["series", "--json"], ["export", "OUT"]),
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A machine with a key in the environment, one in the settings, and a webhook there that refuses."""
    for name in [n for n in os.environ if n.startswith("BONDTOP_")]:
        monkeypatch.delenv(name)
    for kind in ("CACHE", "STATE", "LOG"):
        monkeypatch.setenv(f"BONDTOP_{kind}_DIR", str(tmp_path / kind.lower()))
    monkeypatch.setenv("BONDTOP_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("BONDTOP_KEY_FRED", KEY)
    handlers, level = logging.getLogger().handlers[:], logging.getLogger().level
    with upstream(date(2026, 6, 30)) as world, receiving(Receiver(404)) as address:
        monkeypatch.setenv("BONDTOP_MIRROR", world.url)
        path = tmp_path / "config.toml"
        path.write_text(f'[keys]\nriksbank = "{OTHER}"\n[alerts]\ndeliver = ["webhook"]\nwebhook = "{address}"\n', encoding="utf-8")
        path.chmod(0o600)
        yield tmp_path
    for handler in [h for h in logging.getLogger().handlers if h not in handlers]:
        logging.getLogger().removeHandler(handler)
        handler.close()
    logging.getLogger().setLevel(level)


def has_secret(text: bytes) -> bool:
    return any(secret in text for secret in (b"hush-key", b"secret-token"))


def written(home: Path) -> list[str]:
    """Files that hold a secret, but for the settings."""
    return [str(p) for p in home.rglob("*") if p.is_file() and p.name != "config.toml" and has_secret(p.read_bytes())]


def test_no_command_prints_or_writes_them(home: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    for words in WORDS:
        main([str(home / "out") if word == "OUT" else word for word in words])
        out = capfdbinary.readouterr()
        assert not has_secret(out.out) and not has_secret(out.err), words
    assert any((home / "out").iterdir()) and (home / "cache" / "bondtop.db").exists()
    assert written(home) == []


def test_neither_log_nor_crash_report_repeats_them(home: Path) -> None:
    """Whatever an error of ours or of a library says."""
    from bondtop.tui.paths import find_paths

    config = load_config(home / "config.toml")
    secrets = all_secrets(config, os.environ)
    assert len(secrets) == 3 and config.alerts.webhook in secrets
    error = RuntimeError(f"GET https://x/?api_key={KEY} {OTHER} {config.alerts.webhook} failed")
    log_to(find_paths(os.environ, config=None, cache=None, state=None, log=None), config)
    try:
        raise error
    except RuntimeError:
        logging.getLogger("bondtop.test").exception("failed with %s", KEY)
    said = reporter(home / "state", secrets=lambda: secrets)(error)
    assert "without your settings" in said and "api_key=… … … failed" in next((home / "state").glob("crash-*")).read_text(encoding="utf-8")
    assert "failed with …" in (home / "log" / "bondtop.log").read_text(encoding="utf-8")
    assert written(home) == []


async def test_no_screen_shows_them_and_no_picture_keeps_them(home: Path) -> None:
    source = HandSource(full())
    app = Monitor(source, preferences=Preferences(load_config(home / "config.toml"), home / "config.toml"))
    app.folders = (home / "pictures", home / "state")
    (home / "pictures").mkdir()
    async with app.run_test(size=(160, 48)) as pilot:
        await asyncio.wait_for(source.started.wait(), 10)
        for key in ("S", "P", "escape", "d", "P", "escape", "P", "B"):
            await pilot.press(key)
            await pilot.pause()
    assert list((home / "pictures").iterdir())
    assert written(home) == []
