"""The lines of a compensator in a deck: ngspice does what the state space says."""

import numpy as np
import pytest

from arcs_engine.circuits.control import COMPENSATORS
from arcs_engine.foundation.errors import DesignError
from arcs_engine.simulation.netlist.compensator import ControlCircuit, control_node
from arcs_engine.simulation.ngspice import run

REFERENCE, OUTPUT, STEP = 2.5, 12.0, 0.05
VALUES = {
    "R1": 38e3,
    "Rlower": 10e3,
    "R2": 22e3,
    "C1": 3.3e-9,
    "C2": 220e-12,
    "R3": 2.2e3,
    "C3": 470e-12,
    "RLED": 1.5e3,
    "Rbias": 1e3,
    "Rpull": 4.7e3,
}
END, STEPS = 40e-6, 4000


def values_of(kind):
    return {part.name: VALUES[part.name] for part in kind.parts}


def resting_state(system):
    """Return the states at which nothing moves with the output where the divider holds it."""
    return -np.linalg.solve(system.a, system.b @ np.array([OUTPUT, REFERENCE]))


def after_a_step(system, times):
    """Return the control voltage after the output jumps, by the exponential of the matrix."""
    start = resting_state(system)
    final = -np.linalg.solve(system.a, system.b @ np.array([OUTPUT + STEP, REFERENCE]))
    rates, modes = np.linalg.eig(system.a)
    weights = np.linalg.solve(modes, start - final)
    states = final[:, None] + modes @ (weights[:, None] * np.exp(np.outer(rates, times)))
    return system.c @ states.real + system.c @ system.rest


def deck(kind, system, inverting):
    rest = dict(zip(system.states, resting_state(system) + system.rest, strict=True))
    circuit = ControlCircuit(kind.elements(values_of(kind)), rest, REFERENCE, inverting)
    sign = -1 if inverting else 1
    return "\n".join(
        [
            "* compensator",
            f"Vout out 0 PWL(0 {sign * OUTPUT} 1e-9 {sign * (OUTPUT + STEP)})",
            *circuit.lines(),
            ".options method=gear reltol=1e-6 abstol=1e-12 vntol=1e-9",
            f".save v({control_node('vc')})",
            f".tran {END / STEPS} {END} 0 {END / STEPS} UIC",
            ".end",
            "",
        ]
    )


@pytest.mark.parametrize("inverting", [False, True])
@pytest.mark.parametrize("kind", COMPENSATORS.values(), ids=COMPENSATORS)
def test_that_ngspice_steps_as_the_state_space_does(kind, inverting, ngspice):
    system = kind.system(values_of(kind))
    raw = run(deck(kind, system, inverting), ngspice=ngspice)
    found, expected = raw.signals["v(vc_ctl)"], after_a_step(system, raw.time)
    moved = np.ptp(expected)
    assert moved > 1e-3
    assert np.max(np.abs(found - expected)) < 2e-3 * moved


def test_that_both_dialects_can_read_the_lines():
    """Devices are R, C, G, E and V with numbers alone, and no name of the power stage."""
    kind = COMPENSATORS["tl431"]
    system = kind.system(values_of(kind))
    state = dict.fromkeys(system.states, 0.0)
    lines = list(ControlCircuit(kind.elements(values_of(kind)), state, REFERENCE).lines())
    assert lines[:3] == [
        "Vref_ctl ref_ctl 0 DC 2.5e+00",
        "R1_ctl out fb_ctl 3.8e+04",
        "Rlower_ctl fb_ctl 0 1e+04",
    ]
    assert "Copto" not in "".join(lines)
    assert len({line.split()[0].lower() for line in lines}) == len(lines)
    for line in lines:
        assert line[0] in "RCGEV"
        assert line.split()[0].endswith("_ctl")
        assert "IC=0e+00" in line or not line.startswith("C")


def test_that_a_capacitor_without_a_voltage_is_refused():
    kind = COMPENSATORS["ota_type_two"]
    circuit = ControlCircuit(kind.elements(values_of(kind)), {"C1": 0.0}, REFERENCE)
    with pytest.raises(DesignError, match="initial state of C2 is missing"):
        list(circuit.lines())
