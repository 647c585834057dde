"""Where the values stand on a sheet that can be asked, how one goes from one to the next, and what is copied of them."""

from collections.abc import Sequence

import msgspec

from .sheet import Row

MINUS = str.maketrans({"−": "-"})  # a spreadsheet reads no other


class Spot(msgspec.Struct, frozen=True):
    """A value that can be asked, and where it stands on the sheet."""

    y: int
    x: int
    path: str


def spots_of(rows: Sequence[Row]) -> list[Spot]:
    """Every value, in reading order; neighbouring cells of one value are one."""
    found: list[Spot] = []
    for y, row in enumerate(rows):
        last = ""
        for cell in row:
            if cell.path and cell.path != last:
                found.append(Spot(y, cell.x, cell.path))
            last = cell.path
    return found


def beside(spots: Sequence[Spot], here: Spot, dx: int) -> Spot | None:
    """The value so many places further in the same row."""
    row = [s for s in spots if s.y == here.y]
    there = row.index(here) + dx
    return row[there] if 0 <= there < len(row) else None


def beyond(spots: Sequence[Spot], here: Spot, dy: int) -> Spot | None:
    """The value of the next row above or below that is nearest in column."""
    further = [s for s in spots if (s.y - here.y) * dy > 0]
    if not further:
        return None
    y = min((s.y for s in further), key=lambda y: abs(y - here.y))
    return min((s for s in further if s.y == y), key=lambda s: abs(s.x - here.x))


def texts(rows: Sequence[Row]) -> dict[str, str]:
    """What stands for each value, by its path."""
    found: dict[str, str] = {}
    for row in rows:
        for cell in row:
            if cell.path:
                found[cell.path] = found.get(cell.path, "") + cell.text
    return found


def copied(rows: Sequence[Row]) -> str:
    """The rows as text with tabs between columns: cells that touch are one piece of text."""
    return "\n".join(_tabbed(row) for row in rows).translate(MINUS)


def _tabbed(row: Row) -> str:
    pieces: list[str] = []
    end = 0
    for cell in row:
        if pieces and cell.x == end:
            pieces[-1] += cell.text
        else:
            pieces.append(cell.text)
        end = cell.end
    return "\t".join(piece.strip() for piece in pieces)
