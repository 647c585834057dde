"""The words of freshness, apart from the rules that say which one holds: who only reads a Board needs no calendars."""

from enum import StrEnum


class Status(StrEnum):
    """What a value on screen is worth."""

    FRESH = "fresh"  # nothing newer should exist
    AGEING = "ageing"  # something newer is due
    STALE = "stale"  # older than its series tolerates
    DEAD = "dead"  # so old that the source has probably ended
    MANUAL = "manual"  # entered by a person
    PROXY = "proxy"  # stands in for what cannot be had
    SUSPECT = "suspect"  # probably a bad print
    UNKNOWN = "unknown"  # no value
