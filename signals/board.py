"""The Board: everything the monitor says at one instant, as one immutable value.

Every number is a Reading, every state a Word; both carry their clocks and what they were made of, so that each can explain itself. A path
such as `markets.jp.tenors.30y.z1` or `regime.H` names any of them. The Board encodes to JSON and back exactly; board.schema.json is its
published schema. Nothing here needs numpy: reading the stored Board is quick. Values hold no circles, so the collector need not look at
thousands of them.
"""

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import msgspec

from ..cache.status import Status
from ..feeds.errors import BondtopError
from .boardflows import (
    Allocation,
    Auction,
    Beta,
    Carry,
    Clearing,
    Condition,
    Gate,
    Group,
    Inflection,
    Loop,
    Positioning,
    Scenario,
    Sequence,
    Spillover,
    Structure,
)
from .boardmarkets import (
    Asset,
    Component,
    Composite,
    Confirmation,
    Curve,
    Distance,
    Horizon,
    Line,
    Market,
    Pillar,
    Regime,
    Tenor,
    Volatility,
)
from .reading import Reading, Word

__all__ = [
    "VERSION",
    "Allocation",
    "Asset",
    "Auction",
    "Beta",
    "Board",
    "Carry",
    "Change",
    "Clearing",
    "Component",
    "Composite",
    "Condition",
    "Confirmation",
    "Curve",
    "Distance",
    "Gate",
    "Group",
    "Horizon",
    "Inflection",
    "Input",
    "Line",
    "Loop",
    "Market",
    "Pillar",
    "Positioning",
    "Reading",
    "Regime",
    "Scenario",
    "Sequence",
    "Spillover",
    "Structure",
    "Tenor",
    "Volatility",
    "Word",
    "decode",
    "encode",
    "readings",
    "schema",
]
VERSION = 1


class Change(msgspec.Struct, frozen=True, gc=False):
    """One difference between two Boards that matters."""

    at: date  # the session it belongs to
    kind: str  # regime, subtype, turning, band, label, condition, group, gate, loop, move, level, flag, inflection, confirmation, health
    subject: str  # path or id
    before: str
    after: str
    severity: str  # info, watch, alarm
    evidence: str
    provisional: bool = False
    seen: datetime | None = None  # the instant of the Board that shows it


class Input(msgspec.Struct, frozen=True, gc=False):
    """The health of one series the Board rests on."""

    status: Status
    as_of: date | None
    updated: datetime | None
    source: str


class Board(msgspec.Struct, frozen=True, gc=False):
    """Everything at one instant."""

    as_of: datetime
    built: datetime
    demo: bool
    line: str  # the one-line signal
    regime: Regime
    long_regime: Regime | None  # the same map on 30-year yields
    composite: Composite
    markets: dict[str, Market]
    confirmation: Confirmation
    clearing: dict[str, Clearing]
    allocation: dict[str, Allocation]
    positioning: Positioning
    inflection: Inflection
    auctions: dict[str, Auction]
    spillover: Spillover
    carry: Carry
    structure: dict[str, Structure]
    scenarios: dict[str, Scenario]
    watch: dict[str, Condition]
    groups: dict[str, Group]
    levels: dict[str, Condition]
    sequence: Sequence
    inputs: dict[str, Input]
    changes: tuple[Change, ...] = ()
    unchanged: tuple[str, ...] = ()  # what did not change, in words
    version: int = VERSION


def encode(board: Board) -> bytes:
    """The Board as JSON."""
    return msgspec.json.encode(board)


def decode(data: bytes) -> Board:
    """A Board from JSON, strictly.

    Raises:
        BondtopError: not a Board of this version.
    """
    try:
        board = msgspec.json.decode(data, type=Board)
    except msgspec.DecodeError as e:
        raise BondtopError(f"the stored Board cannot be read: {e}") from None
    if board.version != VERSION:
        raise BondtopError(f"the stored Board is of version {board.version}, this program reads {VERSION}")
    return board


def schema() -> dict[str, Any]:
    """The JSON Schema of a Board, the same under every Python: those before 3.13 leave docstrings indented."""
    from inspect import cleandoc  # for nobody who only reads Boards

    found = msgspec.json.schema(Board)
    for part in found["$defs"].values():
        if "description" in part:
            part["description"] = cleandoc(part["description"])
    return found


def readings(part: object, path: str = "") -> Iterator[tuple[str, Reading | Word]]:
    """Every Reading and Word below a part of a Board, with its path."""
    if isinstance(part, Reading | Word):
        yield path, part
    elif isinstance(part, msgspec.Struct):
        for name in part.__struct_fields__:
            yield from readings(getattr(part, name), f"{path}.{name}" if path else name)
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from readings(value, f"{path}.{key}")
    elif isinstance(part, tuple):
        for i, value in enumerate(part):
            yield from readings(value, f"{path}.{i}")
