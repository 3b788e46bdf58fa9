"""The C library's memory allocator, told to give back what is freed."""

import ctypes
import sys

LARGE = 256 * 1024
"""Bytes from which on a block is a mapping of its own, which goes back when it is freed."""

ARENAS = 2
"""Pools of small blocks, which threads share."""

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8


def give_back_what_is_freed() -> bool:
    """Keep a long session from growing; False where the C library is not glibc.

    By itself, glibc gives every thread a pool and takes ever larger arrays from it. What is freed
    there can seldom go back: a window grew by 10 to 20 kB with each action while what it used
    stayed the same.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, LARGE) and mallopt(_M_ARENA_MAX, ARENAS))
