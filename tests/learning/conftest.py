import pytest
import torch
from stand_in import untrained

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.model.config import CONFIGS

torch.set_num_threads(1)  # as in the program; more are slower for models of this size


@pytest.fixture
def spec():
    return Spec(vin=12, vin_min=10.8, vin_max=13.2, vout=5, iout=2, fsw=300e3, ripple=0.01)


@pytest.fixture
def model():
    return untrained()


@pytest.fixture
def tiny():
    return untrained(CONFIGS["tiny"])


@pytest.fixture(params=list(REGISTRY.values()), ids=list(REGISTRY))
def topology(request):
    return request.param
