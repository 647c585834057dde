"""Lists that say only what is, not as of when (`Request.undated`): how a living one is told from an old copy.

Nothing in such an answer gives it a date, so it is dated by what it said before. A figure counts as of now when it differs from all
that were seen before and lies near one that was seen in the last few days. The same figure again says nothing new; the figure of an
earlier look is an old copy. What is far from the last looks, or has none to lie near, waits: the next look will lie near it if it lives.
"""

import json
from datetime import datetime

import msgspec

from ..feeds.errors import BadDates
from ..feeds.series import Observations, from_day
from .answers import second
from .store import Store

_DAY_S = 86400
_NEAR = 0.02  # of the figure: what is tokenised grows a few percent in a month
_RECENT_S = 3 * _DAY_S + _DAY_S // 4  # a long weekend
_KEPT = 400  # looks: more than a year of days


class Look(msgspec.Struct, frozen=True):
    """A figure and when it was first and last seen (UTC seconds)."""

    value: float
    first: int
    last: int


class Looks:
    """What a feed's undated lists have said, kept in the store."""

    def __init__(self, store: Store, feed: str) -> None:
        self._store, self._key = store, f"looks {feed}"

    def proven(self, observations: Observations, at: datetime) -> Observations:
        """Those series of an answer that are proven to be of now.

        Raises:
            BadDates: a figure that was another day's.
        """
        looks, now = self._read(), second(at)
        return Observations({i: c for i, c in observations if _is_of_now(i, c.values[-1], looks.get(i, []), now)})

    def note(self, observations: Observations, at: datetime) -> None:
        """This was seen."""
        looks, now = self._read(), second(at)
        for series_id, column in observations:
            looks[series_id] = _with(looks.get(series_id, []), column.values[-1], now)[-_KEPT:]
        self._store.put_meta(self._key, json.dumps({i: [(k.value, k.first, k.last) for k in seen] for i, seen in looks.items()}))

    def _read(self) -> dict[str, list[Look]]:
        text = self._store.meta(self._key)
        return {i: [Look(*look) for look in seen] for i, seen in json.loads(text).items()} if text else {}


def _is_of_now(series_id: str, value: float, seen: list[Look], now: int) -> bool:
    if seen and seen[-1].value == value:
        return False
    if old := next((k for k in seen if k.value == value), None):
        raise BadDates(f"{series_id}: an old copy, with the figure of {from_day(old.first // _DAY_S)}")
    return any(now - k.last <= _RECENT_S and abs(value - k.value) <= _NEAR * abs(k.value) for k in seen)


def _with(seen: list[Look], value: float, now: int) -> list[Look]:
    if seen and seen[-1].value == value:
        return [*seen[:-1], Look(value, seen[-1].first, now)]
    return [*seen, Look(value, now, now)]
