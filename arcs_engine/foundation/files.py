"""Writing files so that a crash leaves the old content or the new, never a mixture."""

import os
from pathlib import Path


def replace_whole(path: Path, content: bytes) -> None:
    """Write a file through a draft beside it; OSError when that is not possible."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
