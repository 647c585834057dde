"""Which columns of a table fit into a width, and where they stand."""

from collections.abc import Sequence

import msgspec


class Column(msgspec.Struct, frozen=True):
    """One column: `rank` says how soon it gives way (0 never), `right` how it is aligned."""

    key: str
    head: str
    width: int
    rank: int = 1
    right: bool = True


def fitting(columns: Sequence[Column], width: int, *, gap: int = 1) -> list[Column]:
    """The columns, in their order, that fit; those of the highest rank give way first, the later of equals before the earlier."""
    kept = list(columns)
    while kept and sum(c.width for c in kept) + gap * (len(kept) - 1) > width:
        last = max(range(len(kept)), key=lambda i: (kept[i].rank, i))
        if kept[last].rank == 0:
            break
        del kept[last]
    return kept
