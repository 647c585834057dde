"""Marks between people, the cache and the signals: what may be marked, by whom, until when."""

import getpass
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from difflib import get_close_matches
from types import MappingProxyType
from typing import cast, get_args

from ..cache.marks import CLEARED, Marks, StoredMark
from ..cache.store import Store
from ..feeds.errors import BondtopError
from ..signals.board import Board
from ..signals.watchview import Mark, Value
from .sessions import on_session

DEFAULT_DAYS = 30  # a judgement nobody renews grows old
GATES: Mapping[str, str] = MappingProxyType({"A2": "Fed signals or acts"})  # gates that a mark decides
VALUES = ("met", "approaching", "not")
GATE_VALUES = (*VALUES, "withdrawn")


class MarkError(BondtopError):
    """A mark that makes no sense; nothing was stored."""


def marks_of(store: Store) -> tuple[Mark, ...]:
    """All marks in a store, as the signals take them. The watch list steps on weekdays: what a weekend says belongs to its Friday."""
    return tuple(
        Mark(each.condition, cast(Value, each.value), each.author, on_session(each.at.date()), each.until, each.note, each.link)
        for each in Marks(store.database).all()
        if each.value in get_args(Value)
    )


def find_condition(name: str, board: Board) -> str:
    """The id of the condition or gate that was meant, whatever its case.

    Raises:
        MarkError: there is none; the nearest is offered.
    """
    known = (*board.watch, *GATES)
    for each in known:
        if each.lower() == name.lower():
            return each
    near = get_close_matches(name.upper(), known, 1)
    raise MarkError(f"no condition {name!r}; " + (f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}"))


def make_mark(condition: str, value: str, at: datetime, *, until: str = "", note: str = "", link: str = "") -> StoredMark:
    """A mark of now, by whoever is logged in.

    Args:
        until: a date, or "" for DEFAULT_DAYS from now.

    Raises:
        MarkError: no such value, no date, or one that is over.
    """
    allowed = GATE_VALUES if condition in GATES else VALUES
    if value not in allowed:
        near = get_close_matches(value, allowed, 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise MarkError(f"a mark of {condition} says {', '.join(allowed)}, not {value!r}{hint}")
    if link and not link.startswith(("https://", "http://")):
        raise MarkError(f"link {link!r} does not begin with https://")
    return StoredMark(condition, value, author(), at, _day(until, at), note, link)


def clearing(condition: str, at: datetime) -> StoredMark:
    """The entry that takes a condition's mark back."""
    return StoredMark(condition, CLEARED, author(), at, at.date())


def author() -> str:
    """Who sits here."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a user id without a name
        return "somebody"


def _day(until: str, at: datetime) -> date:
    if not until:
        return at.date() + timedelta(days=DEFAULT_DAYS)
    try:
        day = date.fromisoformat(until)
    except ValueError:
        raise MarkError(f"until {until!r} is not a date like 2026-01-20") from None
    if day < at.date():
        raise MarkError(f"until {until} is over already")
    return day
