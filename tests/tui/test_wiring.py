"""What every command needs."""

import subprocess
import sys
from pathlib import Path

LOG = """
import logging, sys
from pathlib import Path
from bondtop.tui.config import Config
from bondtop.tui.paths import Paths
from bondtop.tui.wiring import log_to
place = Path(sys.argv[1])
log_to(Paths(place / "config.toml", place, place, place), Config())
logging.getLogger("bondtop").error("a thing happened")
"""


def logged(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", LOG, str(folder)], capture_output=True, text=True, check=True, timeout=60)


def test_the_log_is_a_file_and_says_nothing_on_the_terminal(tmp_path: Path) -> None:
    done = logged(tmp_path)
    assert (done.stdout, done.stderr) == ("", "")
    assert "ERROR bondtop: a thing happened" in (tmp_path / "bondtop.log").read_text(encoding="utf-8")


def test_a_log_that_cannot_be_written_says_nothing_on_the_terminal_either(tmp_path: Path) -> None:
    (tmp_path / "bondtop.log").mkdir()  # in the way, even for root
    done = logged(tmp_path)
    assert (done.stdout, done.stderr) == ("", "")
