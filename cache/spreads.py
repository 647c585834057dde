"""Series that are the difference of two others: computed from what is stored and stored like any provider's answer, with both clocks."""

import logging
from hashlib import sha256

import numpy as np

from ..feeds.clock import Clock
from ..feeds.errors import FeedError
from ..feeds.series import Answer, Column, Observations, Request
from .errors import CacheError
from .store import Store

log = logging.getLogger(__name__)
FEED = "spread"
BETWEEN = " - "  # in the code of a spread's source


def store_spreads(store: Store, clock: Clock) -> int:
    """Bring every spread up to date with its two legs: values on the days on which both have one. How many observations were new.

    A store that cannot be written keeps the spreads it has.
    """
    spreads = [(series.id, source) for series in store.catalogue if (source := series.source(FEED))]
    if store.read_only:
        return 0
    try:
        return sum(_store(store, name, source.code, source.factor, clock) for name, source in spreads)
    except CacheError as e:
        log.warning("spreads: %s", e)
        return 0


def _store(store: Store, name: str, code: str, factor: float, clock: Clock) -> int:
    first, _, second = code.partition(BETWEEN)
    panel = store.panel(clock.now(), (first, second))
    days, mine, theirs = np.intersect1d(panel[first].days, panel[second].days, assume_unique=True, return_indices=True)
    values = factor * (panel[first].values[mine] - panel[second].values[theirs])
    body = sha256(days.tobytes() + values.tobytes()).digest()  # names the state of both legs
    if not len(days) or store.same_as_last(FEED, name, body):
        return 0
    answer = Answer(Request(name, f"{FEED}:{code}"), body, clock.now())
    column = Column(days.tolist(), np.round(values, 9).tolist())
    try:
        ingested = store.ingest(FEED, name, Observations({name: column}), answer)
    except FeedError as e:  # a leg has gone back to an older source; the spread stays as it was
        log.info("%s: %s", name, e)
        return 0
    return ingested.new + ingested.revised
