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

from arcs_engine.foundation import paths

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


_OPTIONS: Final[dict[str, Any]] = {"nogil": True, "error_model": "numpy", "_nrt": False}
"""Division by zero gives inf or nan, as NumPy does.

The kernels make no arrays, so nothing has to count who holds one (`_nrt`): to count each of the two
dozen arrays of a circuit, atomically, in every function that they are passed to, took more than
half of the time. What would make an array, such as a copy of a slice, does not compile."""


def kernel(function: FunctionT) -> FunctionT:
    """Compile a function for speed."""
    return cast(FunctionT, numba.njit(cache=True, **_OPTIONS)(function))


def inner_kernel(function: FunctionT) -> FunctionT:
    """Compile a function into its callers: to pass the arrays would cost more than its work."""
    return cast(FunctionT, numba.njit(inline="always", **_OPTIONS)(function))
