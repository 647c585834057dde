"""Splits of a yield's change in parts that add up, worked out for neighbouring dates at once."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..clearing import ClearingParams, Identity, SharedLegs, printed_residual_bp
from ..stats import BP_PER_PERCENT
from ..wording import worded

RUN = 8  # dates: each is split alone, and only little is gained by many at once

Split = Callable[..., Identity | None]


class Parted(NamedTuple):
    """The split of one change: the rows of the legs where the change begins, the parts in bp, and a note."""

    since: tuple[int, ...]
    parts: tuple[float, ...]
    note: str


class _Run(NamedTuple):
    """Neighbouring shared dates: their days, the rows of each leg, and the splits of each date by window (None before there is any)."""

    start: int
    days: list[int]
    rows: list[list[int]]
    parted: list[tuple[Parted | None, ...]]


class Identities:
    """One way to split the change of a yield, over several windows (in shared dates). One run of dates is held."""

    def __init__(self, legs: SharedLegs, split: Split, names: Sequence[str], windows: Sequence[int], params: ClearingParams) -> None:
        self._legs, self._split, self._names, self._windows, self._params = legs, split, tuple(names), tuple(windows), params
        self._run = _Run(0, [], [[] for _ in legs.rows], [])

    def at(self, known: Sequence[int], as_of: int) -> tuple[int, tuple[Parted | None, ...]] | None:
        """The last shared date up to `as_of` (days since 1970) of which every leg is known, and its splits; None before the first.

        Args:
            known: how many rows of each leg are known.
        """
        run = self._run
        place = self._place(run, known, as_of)
        is_outside = (place == 0 and run.start > 0) or (place == len(run.days) and run.start + place < len(self._legs.days))
        if is_outside:
            last = self._legs.last(known, as_of)
            start = max(last, 0) // RUN * RUN
            run = self._run = self._made(start, min(start + RUN, len(self._legs.days)))
            place = last + 1 - start
        return (run.days[place - 1], run.parted[place - 1]) if place else None

    @staticmethod
    def _place(run: _Run, known: Sequence[int], as_of: int) -> int:
        """How many dates of a run were known."""
        place = bisect_right(run.days, as_of)
        for rows, n in zip(run.rows, known, strict=True):
            if place and rows[place - 1] >= n:
                place = bisect_left(rows, n)
        return place

    def _made(self, start: int, stop: int) -> _Run:
        legs, cut = self._legs, slice(start, stop)
        over = [self._over(steps, start, stop) for steps in self._windows]
        return _Run(start, legs.days[cut].tolist(), [rows[cut].tolist() for rows in legs.rows], list(zip(*over, strict=True)))

    def _over(self, steps: int, start: int, stop: int) -> list[Parted | None]:
        legs, first = self._legs, max(start, steps)
        before, now = slice(first - steps, max(stop - steps, 0)), slice(first, stop)
        moved = zip(*((BP_PER_PERCENT * (values[now] - values[before])).tolist() for values in legs.values), strict=True)
        since = zip(*(rows[before].tolist() for rows in legs.rows), strict=True)
        return [*[None] * (min(first, stop) - start), *(self._parted(*each) for each in zip(since, moved, strict=True))]

    def _parted(self, since: tuple[int, ...], moved: tuple[float, ...]) -> Parted | None:
        identity = self._split(*moved)
        if identity is None:
            return None
        residual = printed_residual_bp(identity, self._params)
        note = f"of {worded(identity.total_bp, '+.1f', 'bp')}"
        if residual is not None:
            note += f", rounding {worded(residual, '+.1f', 'bp')}"
        return Parted(since, tuple([identity.parts[name] for name in self._names]), note)
