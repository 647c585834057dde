"""Boards made by hand: everything unknown, except what a test sets."""

from datetime import UTC, datetime
from functools import cache
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
from bondtop.cache.freshness import Status
from bondtop.signals.board import Board, Change, Condition, Gate, Group, Loop, Reading, Word

AT = datetime(2026, 4, 1, 22, tzinfo=UTC)


def blank(kind: type, **given: Any) -> Any:
    """An instance with the given fields; the others empty or unknown."""
    hints = get_type_hints(kind)
    fields = {f.name: f for f in msgspec.structs.fields(kind)}
    return kind(**{name: given.get(name, _empty(hint)) if fields[name].required else given.get(name, fields[name].default)
                   for name, hint in hints.items()})  # fmt: skip


def _empty(hint: Any) -> Any:
    if get_origin(hint) is UnionType and type(None) in get_args(hint):
        return None
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return blank(hint)
    if hint is datetime:
        return AT
    return Status.UNKNOWN if hint is Status else (get_origin(hint) or hint)()


def board(at: datetime = AT, **given: Any) -> Board:
    """A Board on which nothing is known but what is given; "__" leads into parts: `regime__held=Word("Stress")`."""
    made = msgspec.structs.replace(_nothing(), as_of=at, built=at)
    for path, value in given.items():
        made = _put(made, path.split("__"), value)
    return made


@cache
def _nothing() -> Board:
    return blank(Board)


def _put(part: Any, path: list[str], value: Any) -> Any:
    first, *rest = path
    return msgspec.structs.replace(part, **{first: _put(getattr(part, first), rest, value) if rest else value})


def reading(value: float | None, **given: Any) -> Reading:
    """A fresh number of the day."""
    return Reading(value=value, as_of=AT.date(), status=Status.FRESH, **given)


def word(text: str, **given: Any) -> Word:
    """A state of the day."""
    return Word(word=text, status=Status.FRESH, **({"as_of": AT.date()} | given))


def condition(state: str, **given: Any) -> Condition:
    """A condition in a state."""
    return blank(Condition, **({"id": "F1", "title": "MOVE > 130", "group": "F", "state": state, "evidence": "evidence"} | given))


def group(state: str, **given: Any) -> Group:
    """A group in a state."""
    return blank(Group, **({"id": "F", "title": "Fed constraint lifting", "state": state} | given))


def loop(gates: tuple[Gate, ...], **given: Any) -> Loop:
    """A loop with these gates."""
    return blank(Loop, **({"name": "A", "gates": gates, "status": "waiting at A1"} | given))


def kinds(changes: tuple[Change, ...]) -> list[tuple[str, str, str, str]]:
    """(kind, before, after, severity) of each change."""
    return [(c.kind, c.before, c.after, c.severity) for c in changes]
