"""How a kernel is compiled.

The kernels are plain Python over arrays. numba compiles them, releases the interpreter lock in
them (threads then share the cores) and caches the machine code, so that the wait of a minute is
paid once, at set-up. With NUMBA_DISABLE_JIT=1 the same code runs interpreted: slow, but with the
same answers.

numba looks only at a function's own file to tell whether its cache is stale, not at the files of
the functions that it calls. So each version of the kernels caches in a folder named after all of
their sources.
"""

import hashlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import numba

from arcs_engine import paths

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

_SOURCES: Final = sorted(Path(__file__).parent.glob("*.py"))


def cache_folder() -> Path:
    """Return where this version's machine code is cached; made if it is not there."""
    digest = hashlib.sha256()
    for source in _SOURCES:
        digest.update(source.read_bytes())
    folder = paths.cache() / "kernels" / digest.hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:  # a read-only home: compile anew in each process rather than not at all
        return Path(tempfile.mkdtemp(prefix="arcs-kernels-"))
    return folder


numba.config.CACHE_DIR = str(cache_folder())  # type: ignore[attr-defined]


def kernel(function: FunctionT) -> FunctionT:
    """Compile a function for speed; division by zero gives inf or nan, as NumPy does."""
    return cast(FunctionT, numba.njit(cache=True, nogil=True, error_model="numpy")(function))


def inner_kernel(function: FunctionT) -> FunctionT:
    """Compile a function into its callers: to pass the arrays would cost more than its work."""
    inlined = numba.njit(nogil=True, error_model="numpy", inline="always")(function)
    return cast(FunctionT, inlined)
