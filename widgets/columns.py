"""Which columns of a table fit into a width, and where they stand."""

from functools import cache

import msgspec


class Column(msgspec.Struct, frozen=True):
    """One column: `rank` says how soon it gives way (0 never), `right` how it is aligned."""

    key: str
    head: str
    width: int
    rank: int = 1
    right: bool = True


@cache
def fitting(columns: tuple[Column, ...], width: int, gap: int = 1) -> tuple[Column, ...]:
    """The columns, in their order, that fit; those of the highest rank give way first, the later of equals before the earlier."""
    kept = list(columns)
    while kept and sum(c.width for c in kept) + gap * (len(kept) - 1) > width:
        last = max(range(len(kept)), key=lambda i: (kept[i].rank, i))
        if kept[last].rank == 0:
            break
        del kept[last]
    return tuple(kept)


@cache
def paged(columns: tuple[Column, ...], width: int) -> tuple[tuple[Column, ...], ...]:
    """Those that fit, then pages of the others; the first column, a row's name, stands on each."""
    pages = [fitting(columns, width)]
    rest = [c for c in columns if c not in pages[0]]
    while rest:
        page = fitting((columns[0], *(Column(c.key, c.head, c.width, c.rank or 1, c.right) for c in rest)), width)
        if len(page) < 2:
            break
        pages.append(page)
        rest = [c for c in rest if all(c.key != p.key for p in page)]
    return tuple(pages)
