"""`bondtop watch [ID]`: the watch list, or all about one condition, group, level or gate."""

import sys

import msgspec

from ...signals.board import Board
from ..cli import Call, day_option
from ..desk import open_desk


def run(call: Call) -> int:
    """0; an id that the watch list does not have is wrong usage."""
    options = call.options
    with open_desk(call) as desk:
        board = desk.at(day_option(options.at, "--at"))
        if options.id is not None:
            from ...signals.explain import explain

            name = _path(options.id, board)
            found = explain(board, name, desk.settings, desk.catalogue, desk.observer(board.as_of))
    if options.json:
        whole = {"demo": board.demo, "groups": board.groups, "watch": board.watch, "levels": board.levels, "sequence": board.sequence}
        sys.stdout.buffer.write(msgspec.json.encode(whole if options.id is None else found) + b"\n")
        return 0
    from rich.console import Console

    from ..boardtext import board_text
    from .explain import lines

    console = Console(highlight=False, markup=False)
    if options.id is None:
        console.print(board_text(board, ("watch", "sequence")))
        return 0
    if board.demo:
        console.print("DEMO: a simulated market", style="bold reverse")
    for line, style in lines(found):
        console.print(line, style=style)
    return 0


def _path(name: str, board: Board) -> str:
    """Conditions, groups and levels by their ids; other names as `explain` reads them."""
    for part, known in (("watch", board.watch), ("groups", board.groups), ("levels", board.levels)):
        for one in known:
            if one.lower() == name.lower():
                return f"{part}.{one}"
    return f"watch.{name}"
