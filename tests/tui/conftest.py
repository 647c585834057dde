import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from bondtop.tui.cli import main


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine of its own: nothing comes from the environment of whoever runs the tests."""
    for name in [n for n in os.environ if n.startswith("BONDTOP_")]:
        monkeypatch.delenv(name)
    for kind in ("CACHE", "STATE", "LOG"):
        monkeypatch.setenv(f"BONDTOP_{kind}_DIR", str(tmp_path / kind.lower()))
    monkeypatch.setenv("BONDTOP_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def run(home: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command; gives exit code, standard output and standard error."""

    def call(*words: str) -> tuple[int, str, str]:
        try:
            code = main(words)
        except SystemExit as e:
            code = int(e.code or 0)
        sys.stdout.flush()
        out = capfd.readouterr()
        return code, out.out, out.err

    return call
