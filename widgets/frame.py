"""The frame around a pane: title and words in its edges, a thumb where there is more than can be seen."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from .glyphs import Glyphs, clip
from .sheet import Cell, Row
from .tones import Tone

Pieces = Sequence[tuple[str, Tone]]


def framed(
    rows: Sequence[Row],
    width: int,
    g: Glyphs,
    tone: Tone,
    *,
    head: Pieces = (),
    aside: Pieces = (),
    foot: Pieces = (),
    thumb: range = range(0),
) -> Iterator[Row]:
    """The rows between two edges.

    Args:
        rows: cells that stand inside already, from column 2 to `width` − 3.
        head: at the left of the upper edge, `aside` at its right, `foot` at the right of the lower one.
        thumb: the rows beside which the thumb stands.
    """
    yield _edge(g.corners[0], g.corners[1], width, g, tone, head, aside)
    for i, row in enumerate(rows):
        yield (Cell(0, 1, g.vertical, tone), *row, Cell(width - 1, 1, g.thumb if i in thumb else g.vertical, tone))
    yield _edge(g.corners[2], g.corners[3], width, g, tone, (), foot)


def thumb(total: int, visible: int, top: int) -> range:
    """Beside which of the visible rows the thumb stands, when `top` is the first of `total` rows that is seen."""
    if total <= visible or visible == 0:
        return range(0)
    size = max(1, visible * visible // total)
    start = round(top / (total - visible) * (visible - size))
    return range(start, start + size)


def _edge(left: str, right: str, width: int, g: Glyphs, tone: Tone, start: Pieces, end: Pieces) -> Row:
    """A horizontal edge with words at its start and at its end; the end gives way when both do not fit."""
    if width < 4:
        return (Cell(0, width, g.horizontal * width, tone),) if width else ()
    cells, x = [Cell(0, 2, left + g.horizontal, tone)], 2
    for text, each in start:
        text = clip(g.shown(text), width - 3 - x, g)
        if size := cell_len(text):
            cells.append(Cell(x, size, text, each))
            x += size
    shown = [(g.shown(t), each) for t, each in end if t]
    while shown and sum(cell_len(t) for t, _ in shown) + 2 > width - 3 - x:
        shown.pop()
    words = [(" ", tone), *shown, (" ", tone)] if shown else []
    stop = width - 2 - sum(cell_len(t) for t, _ in words)
    cells.append(Cell(x, stop - x, g.horizontal * (stop - x), tone))
    x = stop
    for text, each in words:
        cells.append(Cell(x, cell_len(text), text, each))
        x += cell_len(text)
    cells.append(Cell(x, 2, g.horizontal + right, tone))
    return tuple(cells)
