"""`bondtop explain PATH`: one number of the Board, in words, down to the observations."""

import sys
from collections.abc import Iterator

import msgspec

from ...signals.explain import Explanation, explain, in_unit
from ..cli import Call, day_option
from ..desk import open_desk


def run(call: Call) -> int:
    """0; a name that the Board does not have is wrong usage and offers the nearest ones."""
    options = call.options
    with open_desk(call) as desk:
        board = desk.at(day_option(options.at, "--at"))
        found = explain(board, options.path, desk.settings, desk.catalogue, desk.observer(board.as_of))
    if options.json:
        sys.stdout.buffer.write(msgspec.json.encode(found) + b"\n")
        return 0
    from rich.console import Console

    console = Console(highlight=False, markup=False)
    if board.demo:
        console.print("DEMO: a simulated market", style="bold reverse")
    for line, style in lines(found):
        console.print(line, style=style)
    return 0


def lines(found: Explanation, depth: int = 0) -> Iterator[tuple[str, str]]:
    """(text, style) of each line; inputs are indented."""
    pad = "  " * depth
    yield f"{pad}{found.path}  {found.text}".rstrip(), "bold"
    yield f"{pad}  {found.title}", ""
    clocks = [f"as of {found.as_of}" if found.as_of else "", f"updated {found.updated:%Y-%m-%d %H:%M}Z" if found.updated else ""]
    facts = [*clocks, found.source, found.status, f"since {found.since}" if found.since else ""]
    yield pad + "  " + " · ".join(fact for fact in facts if fact), "dim"
    for text in (found.words, *found.evidence, found.note, found.publication):
        if text:
            yield f"{pad}  {text}", ""
    for limit in found.thresholds:
        away = "" if limit.distance is None else f", {in_unit(limit.distance, limit.distance_unit or found.unit)} away"
        yield f"{pad}  {limit.name}: {in_unit(limit.level, found.unit)}{away}", ""
    for parameter in found.parameters:
        yield f"{pad}  {parameter.name} = {parameter.value}  ({parameter.standing})", "dim"
    if found.reference:
        founded = f"{found.standing} · " if found.standing else ""
        yield f"{pad}  {founded}{found.reference}", "dim"
    for change in found.changes:
        yield f"{pad}  changed {change.at}: {change.before} → {change.after}", ""
    if found.parts:
        yield f"{pad}  ask for: {', '.join(found.parts)}", "dim"
    for one in found.inputs:
        yield from lines(one, depth + 1)
