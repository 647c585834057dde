"""What a Board shows of the watch list and the sequence on one day. Values only, without numpy: a stored Board is read before numpy is."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec

from .states import State

Value = Literal["met", "approaching", "not", "withdrawn", "cleared"]


class Mark(msgspec.Struct, frozen=True):
    """A person's judgement of a condition or of gate A2, valid from `at` to `until`, both included; "cleared" takes back all before."""

    condition: str
    value: Value
    author: str
    at: date
    until: date
    note: str = ""
    link: str = ""


class WatchItem(msgspec.Struct, frozen=True):
    """One condition or level on one day. `counts_as` is the state that groups count; days are days since 1970-01-01.

    `since`: the day on which `state` began. `as_of`: date of the newest observation used. `mark`: the mark in force or just
    expired. `numbers`: the test's own results, the known ones.
    """

    id: str
    title: str
    state: State
    counts_as: State
    progress: float
    run: int
    evidence: str
    since: int
    as_of: int | None
    value: float | None
    unit: str
    standing: str
    group: str = ""
    key: bool = False
    proxy: str = ""
    reference: str = ""
    mark: Mark | None = None
    numbers: Mapping[str, float] = msgspec.field(default_factory=dict)


class GroupItem(msgspec.Struct, frozen=True):
    """One group on one day; `met` of `size` members count as met."""

    id: str
    title: str
    state: State
    met: int
    size: int
    since: int


class WatchView(msgspec.Struct, frozen=True):
    """The whole list on one day. `met` counts judgements by their value; `manual` says how many conditions are judged by a mark."""

    items: tuple[WatchItem, ...]
    groups: tuple[GroupItem, ...]
    levels: tuple[WatchItem, ...]
    met: int
    approaching: int
    manual: int


class GateView(msgspec.Struct, frozen=True):
    """One gate on one day; `elapsed` business days since it latched."""

    id: str
    title: str
    state: State
    latched_on: int | None
    elapsed: int | None
    window: int
    skipped: bool


class LoopView(msgspec.Struct, frozen=True):
    """One loop on one day; days are days since 1970-01-01, events newest last."""

    loop: str
    status: str
    note: str
    gates: tuple[GateView, ...]
    next: str | None
    out_of_order: tuple[str, ...]
    late: bool
    late_response: bool
    outside: bool
    held: int | None
    resolved_on: int | None
    events: tuple[tuple[int, str], ...]
