import sys
from functools import cache
from pathlib import Path

import pytest
from converters import solved_designs

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.errors import SpiceNotFoundError
from arcs_engine.simulation.ngspice import find_ngspice

sys.path.append(str(Path(__file__).parents[1] / "learning"))  # for the untrained model


@pytest.fixture(params=list(REGISTRY.values()), ids=list(REGISTRY))
def topology(request):
    return request.param


@pytest.fixture(scope="session")
def ngspice():
    try:
        return find_ngspice()
    except SpiceNotFoundError as error:
        pytest.skip(str(error))


_population = cache(solved_designs)


@pytest.fixture
def population(topology):
    """A few hundred random designs of a topology, continuous and discontinuous, solved."""
    return _population(topology, 300, 20240)
