"""Compares Boards: equal but for the last bits of numbers, and when they were built."""

import math
from collections.abc import Collection, Iterator
from typing import Any

import msgspec
from bondtop.signals.board import Board

TOLERANCE = 1e-9


def differences(one: Board, other: Board, ignore: Collection[str] = ("built",)) -> list[str]:
    """The paths at which two Boards differ, with both values."""
    return list(_compare(msgspec.to_builtins(one), msgspec.to_builtins(other), "", ignore))


def _compare(a: Any, b: Any, path: str, ignore: Collection[str]) -> Iterator[str]:
    if path in ignore:
        return
    if isinstance(a, dict) and isinstance(b, dict):
        for key in sorted({*a, *b}):
            yield from _compare(a.get(key), b.get(key), f"{path}.{key}".lstrip("."), ignore)
    elif isinstance(a, list | tuple) and isinstance(b, list | tuple) and len(a) == len(b):
        for i, (x, y) in enumerate(zip(a, b, strict=True)):
            yield from _compare(x, y, f"{path}.{i}", ignore)
    elif isinstance(a, float) and isinstance(b, float):
        if not math.isclose(a, b, rel_tol=TOLERANCE, abs_tol=TOLERANCE):
            yield f"{path}: {a} is not {b}"
    elif a != b:
        yield f"{path}: {a!r} is not {b!r}"
