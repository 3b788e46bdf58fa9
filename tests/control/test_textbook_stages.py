"""The textbook compensator round textbook power stages, with every default."""

import numpy as np
import pytest

from arcs_engine.circuits.control import (
    METHODS,
    Divider,
    LoopGoal,
    OutputFilter,
    compensators,
    current_plant,
    inductor_slopes,
    peak_current_mode,
    textbook_compensator,
    voltage_mode,
    voltage_plant,
)
from arcs_engine.circuits.crossover import WITHOUT_ZERO, highest_crossover
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY

MARGIN = 60.0
STAGES = {
    "buck": (12.0, 5.0),
    "boost": (12.0, 24.0),
    "buck_boost": (12.0, 9.0),
    "flyback": (48.0, 12.0),
    "forward": (48.0, 12.0),
}


def spec_of(name):
    vin, vout = STAGES[name]
    return Spec(
        topology=name,
        vin=vin,
        vin_min=0.9 * vin,
        vin_max=1.1 * vin,
        vout=vout,
        iout=2.0,
        fsw=300e3,
        ripple=0.01,
    )


def plant_of(topology, control, spec):
    """Return the averaged plant of the textbook design, and where its loop may cross over."""
    specs = SpecBatch.of([spec])
    parameters = topology.parameters(topology.textbook(specs).values, specs)
    stage, family = topology.stage(parameters, specs), topology.loop
    output = OutputFilter(parameters["Cout"], parameters["Cout_esr"])
    crossover = highest_crossover(family, stage).item()
    if control == "voltage":
        return voltage_plant(family, stage, output, voltage_mode(spec.vin)), crossover
    slopes = inductor_slopes(family, stage)
    mean = spec.iout if family in WITHOUT_ZERO else spec.iout * (1 + spec.vout / stage.low.item())
    modulator = peak_current_mode(slopes, 1.3 * mean)
    return current_plant(family, stage, output, modulator), crossover


@pytest.mark.parametrize("name", STAGES)
def test_that_the_default_loop_of_a_textbook_stage_crosses_where_it_shall(name):
    topology, spec = REGISTRY[name], spec_of(name)
    plant, crossover = plant_of(topology, METHODS[topology.family].default, spec)
    goal = LoopGoal(crossover, MARGIN, plant.response(crossover).item())
    divider = Divider(spec.vout, 2.5 if topology.isolated else 0.8)
    made = textbook_compensator(compensators(topology), goal, divider)
    loop = -made.compensator.system(made.values).gain(np.array([crossover])).item() * goal.plant
    assert abs(loop) == pytest.approx(1, rel=0.1)
    assert np.degrees(np.angle(-loop)) == pytest.approx(MARGIN, abs=6), "with a real amplifier"
    assert (made.compensator.name == "tl431") is topology.isolated
    assert made.compensator.leads is (name == "buck"), "voltage mode needs a type III"
