"""What a voltage loop meets, of each topology: the stage seen from the output, and the customs."""

import msgspec
import numpy as np
import pytest
from converters import spec_of

from arcs_engine.circuits import parts
from arcs_engine.circuits.crossover import crossover
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS, topology

SPEC = spec_of(24.0, 12.0, 2.0, 200e3)
VALUES = {
    "L1": 47e-6,
    "L2": 22e-6,
    "Cc": 4.7e-6,
    "Cout": 47e-6,
    "Cout_esr": 2e-3,
    "Q1_rds_on": 20e-3,
    "T1_lm": 100e-6,
    "T1_n": 2.0,
}


def stage_of(name, spec=SPEC):
    circuit, batch = topology(name), SpecBatch.of([spec])
    values = {v.name: np.array([VALUES[v.name]]) for v in circuit.design_values}
    return circuit.stage(circuit.parameters(values, batch), batch)


@pytest.mark.parametrize("name", [*REGISTRY, *VARIANTS])
def test_that_every_topology_has_a_loop_whose_speed_is_known(name):
    stage = stage_of(name)
    assert stage.low.shape == stage.drop.shape == stage.inductance.shape == (1,)
    assert 0 < crossover(topology(name).loop, "current", stage)[0] <= 20e3 * (1 + 1e-9)


@pytest.mark.parametrize("name", ["buck", "boost", "buck_boost"])
def test_that_a_single_inductor_is_what_the_loop_meets(name):
    stage = stage_of(name)
    assert (stage.inductance[0], stage.low[0], stage.isolated) == (47e-6, 24.0 * 0.9, False)
    assert np.isinf(stage.resonance)


def test_that_a_flyback_is_seen_from_its_secondary():
    stage = stage_of("flyback")
    assert stage.inductance[0] == pytest.approx(100e-6 / 4)
    assert (stage.low[0], stage.high[0]) == pytest.approx((24 * 0.9 / 2, 24 * 1.1 / 2))
    assert stage.isolated


def test_that_a_forward_is_a_buck_of_its_choke_behind_the_transformer():
    stage = stage_of("forward")
    assert (stage.inductance[0], stage.longest_duty) == (47e-6, 0.47)
    assert stage.low[0] == pytest.approx(24 * 0.9 / 2)


@pytest.mark.parametrize("name", ["sepic", "cuk"])
def test_that_two_inductors_share_the_zero_and_swing_with_the_coupling_capacitor(name):
    duty = 12 / (12 + 21.6)
    stage, coupled = stage_of(name), stage_of(f"{name}_coupled")
    shared = duty**2 * 47e-6 + (1 - duty) ** 2 * 22e-6
    assert stage.inductance[0] == pytest.approx(shared)
    assert stage.resonance[0] == pytest.approx(1 / (2 * np.pi * np.sqrt(69e-6 * 4.7e-6)))
    assert coupled.inductance[0] == 22e-6
    assert np.isinf(coupled.resonance)


def test_that_more_inductance_slows_the_resonance_too():
    stage = stage_of("sepic").with_inductance(1.2)
    assert stage.inductance == pytest.approx(1.2 * stage_of("sepic").inductance)
    assert stage.resonance == pytest.approx(stage_of("sepic").resonance / np.sqrt(1.2))


def test_that_the_rectifier_drops_what_its_current_asks_for():
    # 2 A / (1 - D) in the off-time; a second switch leaves the diode nothing.
    low, batch = 24 * 0.9, SpecBatch.of([SPEC])
    circuit = topology("buck_boost")
    values = {v.name: np.array([VALUES[v.name]]) for v in circuit.design_values}
    parameters = circuit.parameters(values, batch)
    current = 2.0 / (1 - 12 / (12 + low))
    diode = circuit.circuit.diode("D1")
    expected = parts.forward_voltage(diode, parameters, np.array([current]))
    assert stage_of("buck_boost").drop == pytest.approx(expected)
    assert 0.4 < expected[0] < 1.0
    assert stage_of("buck_boost_synchronous").drop[0] == 0


def test_that_a_given_forward_drop_is_what_the_stage_sees():
    diode = topology("boost").circuit.diode("D1")
    given = {diode.drop: 0.7, diode.saturation_current: 1e3, diode.emission: 0.1}
    parameters = {name: np.array([value]) for name, value in given.items()}
    parameters[diode.resistance] = np.zeros(1)
    assert parts.forward_voltage(diode, parameters, np.ones(1))[0] == pytest.approx(0.7, rel=1e-4)


@pytest.mark.parametrize("name", [*REGISTRY, *VARIANTS])
def test_that_a_guard_is_the_custom_the_given_number_or_none(name):
    circuit = topology(name)
    asked = [{}, {"ripple_current": 0.3, "longest_duty": 0.6}]
    asked.append({"ripple_current": "none", "longest_duty": "none"})
    batch = SpecBatch.of([msgspec.structs.replace(SPEC, **each) for each in asked])
    flyback = name == "flyback"
    assert circuit.ripple_limits(batch).tolist() == [0.75 if flyback else 0.5, 0.3, np.inf]
    assert circuit.duty_limits(batch).tolist() == [0.5 if flyback else np.inf, 0.6, np.inf]
