"""Giving memory back to the system after something large."""

import ctypes
from functools import cache


@cache
def _trimmer() -> object:
    try:
        return ctypes.CDLL(None).malloc_trim
    except (OSError, AttributeError):  # another C library
        return None


def give_back() -> None:
    """Return what the C library keeps of freed memory, where it can be told to: after thirty years of history that is a third of it."""
    trim = _trimmer()
    if callable(trim):
        trim(0)
