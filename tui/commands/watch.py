"""`bondtop watch [ID]`: the watch list, or all about one condition, group, level or gate."""

import sys

import msgspec

from ..cli import Call
from ..desk import open_desk
from .series import day_option


def run(call: Call) -> int:
    """0; 1 for an id that the watch list does not have."""
    options = call.options
    with open_desk(call) as desk:
        board = desk.at(day_option(options.at, "--at"))
        if options.id is not None:
            from ...signals.explain import explain

            found = explain(board, _path(options.id, {*board.watch}, {*board.groups}, {*board.levels}), desk.settings)
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


def _path(name: str, conditions: set[str], groups: set[str], levels: set[str]) -> str:
    for part, known in (("watch", conditions), ("groups", groups), ("levels", levels)):
        for one in known:
            if one.lower() == name.lower():
                return f"{part}.{one}"
    return f"watch.{name}"
