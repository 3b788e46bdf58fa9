"""``python -m arcs_engine.warm``: compile what the first design would wait for.

The solver's loops are compiled once for each size of circuit; the machine code is stored.
"""

import sys

from arcs_engine.errors import ArcsError
from arcs_engine.evaluate import evaluate, operating_state
from arcs_engine.spec import Spec, SpecBatch
from arcs_engine.topologies import REGISTRY
from arcs_engine.topologies.base import Topology

_SPEC = Spec(vin=12.0, vin_min=10.0, vin_max=14.0, vout=5.0, iout=1.0, fsw=100e3)


def warm(topology: Topology) -> None:
    """Solve a topology's textbook design in every way that the program does.

    Raises:
        ArcsError: the design cannot be solved.
    """
    textbook = topology.textbook(SpecBatch.of([_SPEC])).values
    values = {name: float(value[0]) for name, value in textbook.items()}
    evaluate(_SPEC, topology, values)
    operating_state(_SPEC, topology, values).waveforms()


def main() -> int:
    """Warm every topology; 1 when one of them could not be solved."""
    try:
        for topology in REGISTRY.values():
            warm(topology)
    except ArcsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - a command of its own
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
