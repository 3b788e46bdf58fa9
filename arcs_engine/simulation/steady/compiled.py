"""How a kernel is compiled.

The kernels are plain Python over arrays. numba compiles them, releases the interpreter lock in
them (threads then share the cores) and caches the machine code, so that the wait of a minute is
paid once, at set-up. With NUMBA_DISABLE_JIT=1 the same code runs interpreted: slow, but with the
same answers.

numba looks only at a function's own file to tell whether its cache is stale, not at the files of
the functions that it calls. So each version of the kernels caches in a folder named after all of
their sources, and after everything else that decides whether numba finds its machine code there.
"""

import hashlib
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, Final, TypeVar, cast

import llvmlite.binding
import numba
from numba.core.codegen import get_host_cpu_features

from arcs_engine.foundation import machine_code

FunctionT = TypeVar("FunctionT", bound=Callable[..., Any])

_HERE: Final = Path(__file__).absolute().parent

_FOLDERS: Final = (_HERE, _HERE.parent / "small_signal", _HERE.parent / "closed_loop")
"""The packages that have kernels; those of the one call those of the other."""


def _version() -> str:
    digest = hashlib.sha256()
    for what in (
        sys.version,
        numba.__version__,
        llvmlite.binding.get_host_cpu_name(),
        get_host_cpu_features(),  # type: ignore[no-untyped-call]
        str(_HERE),
    ):
        digest.update(f"{what}\n".encode())
    for folder in _FOLDERS:
        for source in sorted(folder.glob("*.py")):
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


@cache
def cache_folder() -> Path:
    """Return where this version's machine code is kept; made if it is not there.

    Raises:
        FileError: there is no folder that can be written.
    """
    return machine_code.place(_version())


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
