"""The simulated market's History, Board and filled store, made once a process."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from bondtop.cache.demo import demo_store
from bondtop.feeds import demo
from bondtop.signals.board import Board, encode
from bondtop.signals.changes import board_with_changes
from bondtop.signals.history import History
from bondtop.signals.settings import Settings


@cache
def demo_history() -> History:
    with tempfile.TemporaryDirectory() as folder, demo_store(Path(folder)) as store:
        return History(store.panel(demo.NOW), Settings(demo=True))


@cache
def demo_board() -> Board:
    return board_with_changes(demo_history(), demo.NOW)


def demo_cache(folder: Path) -> Path:
    """The simulated market in that folder as its first start leaves it: filled, its Board stored."""
    return Path(shutil.copytree(_original(), folder, dirs_exist_ok=True))


@cache
def _original() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="bondtop-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with demo_store(folder) as store:
        store.put_board(encode(demo_board()), demo.NOW)
    return folder
