"""What can go wrong with the store, each a sentence for people."""

from ..feeds.errors import BondtopError


class CacheError(BondtopError):
    """The store cannot do that now: disk full, read-only, locked for too long, or made by a newer bondtop. What is stored stays."""


class Damaged(CacheError):
    """The database file is damaged, or is not ours. Opening the store anew sets it aside."""
