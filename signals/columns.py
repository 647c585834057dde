"""Columns of a history as known at a moment: read by the row, or by a few neighbouring rows, without a copy of the whole."""

from collections.abc import Sequence
from typing import Any, Generic, Protocol, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

Number = TypeVar("Number", bound=np.generic)
Read = TypeVar("Read", bound=np.generic, covariant=True)


class Column(Protocol[Read]):
    """What an array and a continued one have in common."""

    @overload
    def __getitem__(self, at: int, /) -> Any: ...
    @overload
    def __getitem__(self, at: slice, /) -> NDArray[Read]: ...
    def __len__(self) -> int: ...


class Continued(Generic[Number]):
    """A column whose rows from `first` on are others than those of a whole history; a row of a table is a list there."""

    __slots__ = ("before", "first", "newest")

    def __init__(self, before: NDArray[Number], first: int, newest: Sequence[Any]) -> None:
        self.before, self.first, self.newest = before, first, newest

    @overload
    def __getitem__(self, at: int) -> Any: ...
    @overload
    def __getitem__(self, at: slice) -> NDArray[Number]: ...
    def __getitem__(self, at: int | slice) -> Any:
        if isinstance(at, slice):
            start, stop, _ = at.indices(len(self))
            if stop <= self.first:
                return self.before[start:stop]
            settled = max(self.first - start, 0)
            return joined(self.before[start : start + settled], settled, self.newest[max(start - self.first, 0) : stop - self.first])
        row = at if at >= 0 else at + len(self)
        return self.newest[row - self.first] if row >= self.first else self.before[row]

    def __len__(self) -> int:
        return self.first + len(self.newest)


def joined(before: NDArray[Number], first: int, after: Sequence[object] | NDArray[Number]) -> NDArray[Number]:
    """A history with its rows from `first` on replaced."""
    out = np.empty((first + len(after), *before.shape[1:]), before.dtype)
    out[:first] = before[:first]
    if len(after):
        out[first:] = after
    return out


def since(column: Column[np.float64] | Column[np.bool_] | Column[np.int8], row: int) -> list[Any]:
    """The rows from one on; a few, in Python numbers."""
    return between(column, row, len(column))


def between(column: Column[np.float64] | Column[np.bool_] | Column[np.int8], start: int, stop: int) -> list[Any]:
    """The rows from `start` to `stop`, its end excluded; a few, in Python numbers."""
    if isinstance(column, Continued):
        settled = column.first - start
        if settled <= 0:
            return [*column.newest[-settled : stop - column.first]]
        return [*column.before[start : min(column.first, stop)].tolist(), *column.newest[: max(stop - column.first, 0)]]
    rows: list[Any] = column[start:stop].tolist()
    return rows
