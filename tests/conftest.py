"""Shared fixtures: reference values, and the folder of recorded market data where one is at hand."""

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

# A deadline in milliseconds measures the machine, not the code.
settings.register_profile("bondtop", deadline=None)
settings.load_profile("bondtop")

HERE = Path(__file__).parent


def pytest_configure(config: pytest.Config) -> None:
    """Where Python is told to write no bytecode, keep it in pytest's cache: else every program that a test starts compiles all it loads."""
    if sys.dont_write_bytecode:
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # it may have been told by -B
        sys.dont_write_bytecode = False
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(config.cache.mkdir("bytecode"))
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as in a shell's background job: what tests start would not hear it either
        signal.signal(signal.SIGINT, signal.default_int_handler)


def recorded_folder() -> Path | None:
    """The folder of recorded market data (never shipped), named by BONDTOP_CHECK_DATA."""
    named = os.environ.get("BONDTOP_CHECK_DATA")
    return Path(named) if named and (Path(named) / "panel.csv").is_file() else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `recorded` need that folder."""
    if recorded_folder() is None:
        skip = pytest.mark.skip(reason="BONDTOP_CHECK_DATA names no folder of recorded data")
        for item in items:
            if "recorded" in item.keywords:
                item.add_marker(skip)


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Short names for long samples: an archive's bytes differ between workers, and nobody reads a file in the name of a test."""
    return argname if isinstance(val, bytes) or (isinstance(val, str) and len(val) > 60) else None


@pytest.fixture(scope="session")
def golden() -> dict[str, Any]:
    """Reference values that need no market data: closed forms and published tables."""
    return json.loads((HERE / "signals" / "golden.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of recorded data; use only in tests marked `recorded`."""
    folder = recorded_folder()
    assert folder is not None
    return folder


@pytest.fixture(scope="session")
def golden_panel(recorded: Path) -> dict[str, Any]:
    """All reference values, those computed on recorded data included."""
    return json.loads((recorded.parent / "golden.json").read_text(encoding="utf-8"))
