"""``python -m arcs_engine.performance.warm``: compile what the first design would wait for.

The solver's loops serve every topology, so one design is enough; the machine code is stored.
"""

import platform
import sys
from pathlib import Path

import numba

from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import topology
from arcs_engine.foundation.errors import ArcsError
from arcs_engine.performance.design import Design
from arcs_engine.performance.verdict import evaluate, operating_state
from arcs_engine.simulation.steady.compiled import cache_folder

_SPEC = Spec(vin=12.0, vin_min=10.0, vin_max=14.0, vout=5.0, iout=1.0, fsw=100e3)


def warm() -> None:
    """Solve a textbook design in every way that the program does.

    Raises:
        ArcsError: the design cannot be solved.
    """
    buck = topology("buck")
    textbook = buck.textbook(SpecBatch.of([_SPEC])).values
    values = {name: float(value[0]) for name, value in textbook.items()}
    operating_state(Design.of(_SPEC, evaluate(_SPEC, buck, values))).waveforms()
    _mark().touch()


def is_warm() -> bool:
    """Say whether `warm` has once run to its end with these sources, numba and Python."""
    return _mark().exists()


def _mark() -> Path:
    version = f"{numba.__version__}-{platform.python_version()}-{platform.machine()}"
    return cache_folder() / f"warm-{version}"


def main() -> int:
    """Compile and store; 1 when the design could not be solved."""
    try:
        warm()
    except ArcsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command of its own
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
