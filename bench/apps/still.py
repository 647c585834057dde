"""The monitor on a Board that changes on demand: `one` changes a quote, `all` every number. Read from the named pipe of the first argument.

Further arguments: `full` or `slim`, the name of a theme, and seconds for which changes are marked.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from bondtop.signals.board import Board, decode, encode
from bondtop.tui.app import Monitor
from bondtop.tui.config import MonitorSettings
from bondtop.tui.slim import driver, lean
from bondtop.tui.source import Connection, Fresh
from bondtop.widgets.look import Look

sys.path.append(str(Path(__file__).parents[2] / "tests"))
from handboards import full
from sources import HandSource


class PipeSource(HandSource):
    """Boards as the pipe asks for them."""

    def __init__(self, pipe: str) -> None:
        super().__init__(full())
        self._pipe = pipe

    async def run(self, tell: Any) -> None:
        tell(Connection("● 17/18 feeds"))
        board, loop, lines = full(), asyncio.get_running_loop(), asyncio.Queue[str]()
        fd = os.open(self._pipe, os.O_RDWR | os.O_NONBLOCK)
        loop.add_reader(fd, lambda: [lines.put_nowait(word) for word in os.read(fd, 4096).decode().split()])
        while True:
            board = changed(board, everything=await lines.get() == "all")
            tell(Fresh(board))


def changed(board: Board, *, everything: bool) -> Board:
    """The Board with one quote or every reading moved by enough to be seen."""
    plain = json.loads(encode(board))
    if everything:
        _move(plain)
    else:
        plain["confirmation"]["quotes"]["vix"]["level"]["value"] += 0.4
    return decode(json.dumps(plain).encode())


def _move(node: Any) -> None:
    if isinstance(node, dict):
        if isinstance(node.get("value"), float):
            node["value"] = node["value"] * 1.031 + 0.11
        for each in node.values():
            _move(each)
    elif isinstance(node, list):
        for each in node:
            _move(each)


if __name__ == "__main__":
    source = PipeSource(sys.argv[1])
    app = Monitor(source, look=Look(marks_s=float(sys.argv[4])), theme=sys.argv[3])
    app.look = lean(app.look) if sys.argv[2] == "slim" else app.look
    app.driver_class = driver(os.environ, slim=sys.argv[2] == "slim", plain=False, silence_s=MonitorSettings().silence_seconds)
    app.run()
