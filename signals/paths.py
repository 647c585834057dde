"""Names of everything on a Board: `regime.H`, `markets.jp.tenors.30y.z1`, and the shorter forms people type (`jp.30y.sigma`, `dci`)."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from types import MappingProxyType

import msgspec

from ..feeds.errors import BondtopError
from .board import Board, Reading, Word

# What people call a part of a path.
_ALSO: Mapping[str, str] = MappingProxyType(
    {
        "market": "markets",
        "level_watch": "levels",
        "sigma": "z1",
        "vol": "vol_bp",
        "percentile": "pct10y",
        "loop": "loops",
        "group": "groups",
        "auction": "auctions",
        "input": "inputs",
        "series": "inputs",
        "scenario": "scenarios",
        "from": "frm",
    }
)
# The number or word that stands for a whole part.
HEADLINE: Mapping[str, str] = MappingProxyType(
    {
        "Tenor": "level",
        "Curve": "slope",
        "Market": "label",
        "Regime": "held",
        "Component": "level",
        "Pillar": "p",
        "Composite": "dci",
        "Line": "state",
        "Asset": "level",
        "Confirmation": "stock_bond",
        "Clearing": "pressure",
        "Allocation": "score",
        "Positioning": "lev_net",
        "Inflection": "state",
        "Auction": "score",
        "Beta": "beta",
        "Spillover": "total",
        "Carry": "carry_to_vol",
        "Structure": "cb_share",
    }
)
_NOT_NAMED = ("trail", "table", "changes", "unchanged", "events", "version")


class NoSuchPath(BondtopError):
    """Nothing on the Board has that name."""


def nodes(board: Board) -> dict[str, object]:
    """Everything that has a name, in the order of the Board."""
    return dict(_below(board, ""))


def find(board: Board, query: str) -> tuple[str, object]:
    """What a name means: its full path, and what is there.

    A short form names some steps of a path in order, the last among them; of several paths the shortest is meant. A whole part means its
    headline: `markets.us.tenors.10y` is the level.

    Raises:
        NoSuchPath: nothing is called that; the message offers the nearest names.
    """
    named = nodes(board)
    wanted = query.strip().strip(".")
    if wanted not in named:
        wanted = ".".join(_ALSO.get(step, step) for step in wanted.split("."))
    path = wanted if wanted in named else _shortest(named, wanted.split("."))
    if path is None:
        near = _nearest(named, wanted)
        raise NoSuchPath(f"nothing on the Board is called {query!r}" + (f"; did you mean {', '.join(near)}?" if near else ""))
    headline = HEADLINE.get(type(named[path]).__name__)
    return (f"{path}.{headline}", named[f"{path}.{headline}"]) if headline else (path, named[path])


def parts_of(named: Mapping[str, object], path: str) -> tuple[str, ...]:
    """The names directly below a path that can be asked for."""
    start = f"{path}."
    return tuple(name for name in named if name.startswith(start) and "." not in name[len(start) :])


def _below(part: object, path: str) -> Iterator[tuple[str, object]]:
    if path:
        yield path, part
    if isinstance(part, Reading | Word):
        return
    items: list[tuple[str, object]] = []
    if isinstance(part, msgspec.Struct):
        items = [(name, getattr(part, name)) for name in part.__struct_fields__ if name not in _NOT_NAMED]
    elif isinstance(part, dict):
        items = list(part.items())
    elif isinstance(part, tuple) and part and isinstance(part[0], msgspec.Struct):
        items = [(getattr(one, "id", getattr(one, "regime", str(number))), one) for number, one in enumerate(part)]
    for name, value in items:
        yield from _below(value, f"{path}.{name}" if path else name)


def _shortest(named: Mapping[str, object], steps: list[str]) -> str | None:
    low = [step.lower() for step in steps]
    fits = [path for path in named if _in_order(low, path.lower().split("."))]
    exact = [path for path in fits if path.split(".")[-1] == steps[-1]]  # D is not d
    return min(exact or fits, key=lambda path: path.count("."), default=None)


def _in_order(steps: list[str], path: list[str]) -> bool:
    if path[-1] != steps[-1]:
        return False
    rest = iter(path)
    return all(step in rest for step in steps)


def _nearest(named: Mapping[str, object], wanted: str) -> list[str]:
    """Whole paths like it, else paths whose last step is like its last."""
    low = {path.lower(): path for path in reversed(list(named))}
    if near := get_close_matches(wanted.lower(), low, 3, 0.75):
        return [low[path] for path in near]
    last = get_close_matches(wanted.split(".")[-1], dict.fromkeys(path.split(".")[-1] for path in named), 3)
    return [next(path for path in named if path.split(".")[-1] == name) for name in last]
