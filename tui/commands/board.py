"""`bondtop board`: the Board in tables or as JSON, of now or of any past day."""

import sys

from ..cli import Call, UsageError, day_option
from ..stored import current_board


def run(call: Call) -> int:
    """0; the Board is on standard output."""
    options = call.options
    day = day_option(options.at, "--at")
    if options.pane is not None:
        _check_pane(options.pane)
    if options.json and day is None and not options.fresh and (ready := current_board(call)):
        sys.stdout.buffer.write(ready + b"\n")
        return 0
    from ...signals.board import encode
    from ..desk import open_desk

    with open_desk(call) as desk:
        board = desk.evaluate() if options.fresh else desk.at(day)
    if options.json:
        sys.stdout.buffer.write(encode(board) + b"\n")
        return 0
    from rich.console import Console

    from ..boardtext import SHOWN, board_text

    Console(highlight=False).print(board_text(board, (options.pane,) if options.pane else SHOWN))
    return 0


def _check_pane(name: str) -> None:
    from ..boardtext import PANES

    if name not in PANES:
        raise UsageError(f"no pane {name!r}; there are {', '.join(PANES)}")
