"""What attacks every reader of files and texts from outside.

Each fuzzer asks the same of its reader: a result that makes sense or an error of ARCS, no hang (the
suite's timeout) and no memory that a small input has no right to (`little_memory`).
"""

import sys
from pathlib import Path

import pytest

ALLOWANCE = 1_000_000_000
"""Bytes that a test may take beyond what the process has."""


@pytest.fixture(scope="module", autouse=True)
def little_memory():
    """Let an allocation fail that is far beyond what the inputs of these tests need."""
    if not sys.platform.startswith("linux"):
        yield
        return
    import resource  # noqa: PLC0415 - not everywhere

    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (used + ALLOWANCE, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)
