"""The line under the state vector: what stands out among the moves of the day."""

from collections.abc import Sequence

from rich.cells import cell_len

from ..signals.board import Board
from .look import Look, figure
from .sheet import Sheet
from .tones import Tone

SPARE = 3  # rows left over that allow another one of moves
Move = tuple[str, Tone, str]  # words, tone, path


def moves_of(board: Board, look: Look, last: tuple[str, Tone] | None) -> list[Move]:
    """The largest σ-move of the day, the bleed-over flag, what changed last if it is given, the pass-through."""
    found = [*_largest(board, look), *_bleeding(board)]
    if not found:
        known = any(t.z1.value is not None for m in board.markets.values() for t in m.tenors.values())
        found.append(("no move beyond 2σ" if known else "moves of the day unknown", Tone.DIM, ""))
    if last is not None:
        found.append((*last, ""))
    through = [(n, beta) for n, beta in board.spillover.beta.items() if beta.text and beta.beta.value is not None]
    return found + [(beta.text, Tone.DIM, f"spillover.beta.{name}.beta") for name, beta in through[:1]]


def put_moves(sheet: Sheet, moves: Sequence[Move], rows: int | None) -> None:
    """On one row, those that fit; on more where rows are to spare."""
    y = sheet.row()
    x = sheet.put(y, 0, sheet.glyphs.pointer + " ", Tone.KEY)
    for i, (text, tone, path) in enumerate(moves):
        fits = not i or x + cell_len(text) + 3 <= sheet.width
        if not fits and (rows is None or sheet.height + SPARE > rows):
            continue
        if not fits:
            y, x = sheet.row(), 2
        x = sheet.put(y, x, " · " if i and fits else "", Tone.DIM)
        x = sheet.put(y, x, text, tone, path=path)


def _largest(board: Board, look: Look) -> list[Move]:
    moves = [
        (abs(t.z1.value), f"markets.{k}.tenors.{name}", m, name, t)
        for k, m in board.markets.items()
        for name, t in m.tenors.items()
        if t.z1.value is not None and t.z_word
    ]
    if not moves:
        return []
    _, path, market, name, tenor = max(moves, key=lambda move: move[0])
    day = f" {tenor.z1.as_of.day} {tenor.z1.as_of:%b}" if tenor.z1.as_of else ""
    change = figure(tenor.d1, look, 1, signed=True, unit="bp").text
    size = figure(tenor.z1, look, 1, unit="σ").text
    rare = f" (1 in {tenor.one_in:,} sessions)" if tenor.one_in else ""
    tone = Tone.ALARM if tenor.z_word in ("extreme", "six-sigma") else Tone.WATCH
    return [(f"{market.name} {name.upper()} {change}{day} = {size}{rare}", tone, f"{path}.z1")]


def _bleeding(board: Board) -> list[Move]:
    betas = board.spillover.beta.items()
    return [
        (f"bleed-over {name.upper()}", Tone.WATCH, f"spillover.beta.{name}.flag")
        for name, beta in betas
        if beta.flag.word not in ("", "no", "off", "none")
    ]
