"""The replica of the providers that may stand beside the recorded data, and the program run against it."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest


@contextmanager
def replica(recorded: Path, today: date) -> Iterator[str]:
    """Its address; skips the test where there is none."""
    program = recorded.parent / "replica" / "serve.py"
    if not program.is_file():
        pytest.skip("no replica beside the recorded data")
    command = [sys.executable, str(program), "--port", "0", "--data", str(recorded), "--today", today.isoformat()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.kill()


def environment(folder: Path, mirror: str) -> Mapping[str, str]:
    """Of a program with all its files in a folder, that asks the replica only, and waits for it: one that has just begun, on a busy
    machine, takes a minute over a long file."""
    settings = folder / "config.toml"
    if not settings.exists():
        settings.write_text("[network]\nread_s = 240\nanswer_s = 270\n", encoding="utf-8")
    own = {f"BONDTOP_{kind}_DIR": str(folder / kind.lower()) for kind in ("CACHE", "STATE", "LOG")}
    return os.environ | own | {"BONDTOP_CONFIG": str(settings), "BONDTOP_MIRROR": mirror}
