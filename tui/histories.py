"""Histories for charts: what was known of a series at an instant, read off the event loop."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from ..cache.store import Store


class History(msgspec.Struct, frozen=True, eq=False):
    """One series, oldest first: days since 1970-01-01 and as many values, all of them finite, in the series' unit."""

    days: Sequence[int] = ()
    values: Sequence[float] = ()


class Histories(Protocol):
    """Who can be asked for histories. Every Source can."""

    async def histories(self, ids: Sequence[str], until: datetime) -> Mapping[str, History]:
        """Each series as it was known at an instant; empty where nothing was."""
        ...


async def read_histories(store: "Store", ids: Sequence[str], until: datetime) -> Mapping[str, History]:
    """The histories that a store holds."""
    return await asyncio.to_thread(_read, store, tuple(ids), until)


def _read(store: "Store", ids: Sequence[str], until: datetime) -> dict[str, History]:
    panel = store.panel(until, ids)
    return {name: History(panel[name].days.tolist(), panel[name].values.tolist()) for name in ids}


def difference_bp(minuend: History, subtrahend: History) -> History:
    """Yield less yield in bp, on the days on which both have a print of their own."""
    other = dict(zip(subtrahend.days, subtrahend.values, strict=True))
    rows = [(day, 100 * (value - other[day])) for day, value in zip(minuend.days, minuend.values, strict=True) if day in other]
    return History([day for day, _ in rows], [value for _, value in rows])
