"""The simulated market's History, made once a process."""

import tempfile
from functools import cache
from pathlib import Path

from bondtop.cache.demo import demo_store
from bondtop.feeds import demo
from bondtop.signals.board import Board
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
