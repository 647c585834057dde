"""A simulated market for `--demo`: ten years that end on 29 May 2026, always the same, without any network.

Every series says so: its one source is "demo" and its title begins with "simulated". demo_script.py tells what happens.
"""

from collections.abc import Sequence
from datetime import time
from functools import cache
from types import MappingProxyType

import msgspec

from . import calendars
from .catalogue import Catalogue, default_catalogue
from .scenario import FEED as FEED
from .scenario import NOW as NOW
from .scenario import PART as PART
from .series import Answer, Column, Observations, Request, Series, Source

_PUBLISHED = time(21)  # one hour of publication for all, each with its own lag: a tenth of the instants to compute


@cache
def demo_catalogue() -> Catalogue:
    """The catalogue with the scenario as the only source. The simulated market keeps no holidays, and publishes at one hour."""
    return Catalogue(
        MappingProxyType(
            {
                s.id: msgspec.structs.replace(
                    s,
                    title=f"simulated: {s.title}",
                    sources=(Source(FEED, s.id),),
                    calendar=s.calendar if s.calendar == "always" else "weekdays",
                    publication=msgspec.structs.replace(s.publication, at=_PUBLISHED, zone="UTC"),
                )
                for s in default_catalogue()
            }
        )
    )


def demo_answer() -> Answer:
    """What the scenario "answers": the observations follow from its name."""
    return Answer(Request(PART, "demo:scenario"), PART.encode(), NOW)


def demo_observations() -> Observations:
    """Ten years of every series that a Board needs, as far as published at NOW; about 120,000 values."""
    from .demo_books import lumpy
    from .demo_market import daily

    catalogue, columns = demo_catalogue(), {}
    for name, days, values in (*daily(), *lumpy()):
        column = Column(days.tolist(), values.tolist())
        out = _published(catalogue[name], column.days)
        columns[name] = Column(column.days[:out], column.values[:out])
    return Observations(columns)


def _published(series: Series, days: Sequence[int]) -> int:
    """How many of the days, oldest first, were out at NOW."""
    count, now = len(days), int(NOW.timestamp())
    while count and calendars.known_at(series, days[count - 1]) > now:
        count -= 1
    return count
