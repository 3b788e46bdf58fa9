"""How a kernel is compiled.

The kernels are plain Python over arrays. numba compiles them, releases the interpreter lock in
them (threads then share the cores) and caches the machine code, so that the wait of some tens of
seconds is paid once, at set-up. With NUMBA_DISABLE_JIT=1 the same code runs interpreted: slow, but
with the same answers.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])


def kernel(function: FunctionT) -> FunctionT:
    """Compile a function for speed; division by zero gives inf or nan, as NumPy does."""
    return cast(FunctionT, njit(cache=True, nogil=True, error_model="numpy")(function))
