"""One user's machine for tests of the real program: a folder for everything, and the mirror that is asked."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass
class User:
    """Nothing comes from the environment of whoever runs the tests."""

    folder: Path
    mirror: str

    def environment(self) -> dict[str, str]:
        own = {f"BONDTOP_{kind}_DIR": str(self.folder / kind.lower()) for kind in ("CACHE", "STATE", "LOG")}
        kept = {k: v for k, v in os.environ.items() if not k.startswith("BONDTOP_")}
        return kept | own | {"BONDTOP_CONFIG": str(self.folder / "config.toml"), "BONDTOP_MIRROR": self.mirror}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "bondtop", *words]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(self.command(*words), env=self.environment(), capture_output=True, text=True, timeout=60, check=False)
