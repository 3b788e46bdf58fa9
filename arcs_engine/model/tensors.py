"""Tensor files from outside: compared with what is expected, then read.

Nothing is allocated for a file whose header does not have exactly the expected tensors, and
safetensors refuses a header that does not fit the length of its file.
"""

import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor

from arcs_engine.foundation.errors import FileError

Shape = tuple[int, ...]

_TYPE = "F32"


def metadata(file: Path) -> dict[str, str]:
    """Return the texts in a file's header.

    Raises:
        FileError: it is missing or damaged; the message is a reason, without the file.
    """
    with _opened(file) as content:
        return dict(content.metadata() or {})


def read(file: Path, shapes: Mapping[str, Shape]) -> dict[str, Tensor]:
    """Read tensors of 32-bit floats.

    Args:
        file: safetensors.
        shapes: of exactly the tensors that it must hold, by name.

    Raises:
        FileError: it is missing, damaged, or holds others; the message is a reason, without the
            file.
    """
    with _opened(file) as content:
        names = set(content.keys())
        for name in sorted(names ^ shapes.keys()):
            raise FileError(f"it {'lacks' if name in shapes else 'has a surplus'} {name[:100]!r}")
        for name, expected in shapes.items():
            header = content.get_slice(name)
            found = tuple(header.get_shape())
            if (found, header.get_dtype()) != (expected, _TYPE):
                raise FileError(
                    f"{name} is {header.get_dtype()} {found} in it, not {_TYPE} {expected}"
                )
        return {name: content.get_tensor(name) for name in shapes}


@contextmanager
def _opened(file: Path) -> Iterator[Any]:
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # opening a pipe would wait for its writer
            raise FileError("it is no regular file")
        with safe_open(file, framework="pt") as content:
            yield content
    except OSError as error:
        raise FileError((error.strerror or str(error)).lower()) from error
    except (SafetensorError, ValueError) as error:
        raise FileError(str(error)) from error
