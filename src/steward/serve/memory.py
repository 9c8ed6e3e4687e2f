"""Memory of a long-lived process with many threads."""

from __future__ import annotations

import ctypes

_M_TRIM_THRESHOLD = -1
_M_ARENA_MAX = -8
"""Parameters of glibc's mallopt (malloc.h)."""
_TRIM_BYTES = 100_000


def thrifty() -> None:
    """Let freed memory go back to the system, where the C library is glibc; else do nothing.

    Each thread otherwise keeps an arena of its own, and models run in many. To be called before the
    first thread starts.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
        mallopt(_M_TRIM_THRESHOLD, _TRIM_BYTES)
