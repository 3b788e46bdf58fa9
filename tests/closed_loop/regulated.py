"""Regulated converters whose exact answer is known otherwise, and textbook ones."""

import numpy as np

from arcs_engine.analysis.regulation import textbook_regulation
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import topology
from arcs_engine.performance.design import Design
from arcs_engine.simulation.closed_loop import OperatingPoint, Regulator
from arcs_engine.simulation.small_signal.compensator import Compensator
from arcs_engine.simulation.small_signal.modulator import Modulator

FSW = 300e3
BLOCKED = {
    f"{diode}.{what}": value
    for diode in ("D1", "Q1_body")
    for what, value in (("vf", 50.0), ("is", 1e-9), ("n", 1.0), ("rs", 1e-3))
}
"""Body diodes that never conduct."""
IDEAL = BLOCKED | {"Q2.dead_time": 0.0} | {f"Q{k}.vdrop": 0.0 for k in (1, 2)}


def switches(resistance):
    """Return the parameters of two switches."""
    on = {f"Q{k}_rds_on": resistance for k in (1, 2)}
    return IDEAL | on | {f"Q{k}.roff": 1e9 for k in (1, 2)}


BUCK = switches(20e-3) | {
    "vin": 12.0,
    "L1": 22e-6,
    "L1.dcr": 35e-3,
    "Cout": 100e-6,
    "Cout_esr": 10e-3,
}
BOOST = switches(20e-3) | {
    "vin": 5.0,
    "L1": 10e-6,
    "L1.dcr": 20e-3,
    "Cout": 47e-6,
    "Cout_esr": 5e-3,
}


def buck_point(rload=5.0):
    """Return the buck of 12 V to 5 V in voltage mode that `buck_regulator` regulates."""
    return OperatingPoint(topology("buck_synchronous"), BUCK | {"rload": rload}, FSW, 5.0)


def type_three(R1=10e3, R2=2.5e3, R3=330.0, C3=1.5e-9, R4=9.1e3, C4=5.6e-9, C5=56e-12):
    """Return an ideal type III: voltage of C3, and the reference less the far ends of C4 and C5."""
    lead, zero = 1 / (R3 * C3), 1 / (R4 * C4)
    dynamics = np.array(
        [
            [-lead, 0.0, 0.0],
            [0.0, -zero, zero],
            [1 / (R3 * C5), 1 / (R4 * C5), -1 / (R4 * C5)],
        ]
    )
    through = (1 / R1 + 1 / R3) / C5
    inputs = np.array([[lead, -lead], [0.0, 0.0], [-through, through + 1 / (R2 * C5)]])
    return Compensator(dynamics, inputs, np.array([0.0, 0.0, 1.0]))


def buck_regulator(**limits):
    """Return the voltage mode of the buck, with a ramp of 1.5 V."""
    return Regulator(
        Modulator.voltage_mode(1.5, FSW), type_three(), **{"shortest_duty": 0.0} | limits
    )


def integrator(gain, zero, pole):
    """Return an ideal type II: an integrator of the error with a zero and a pole, rad/s."""
    dynamics = np.array([[0.0, 0.0], [pole, -pole]])
    inputs = np.array([[-gain, gain], [-gain * pole / zero, gain * pole / zero]])
    return Compensator(dynamics, inputs, np.array([0.0, 1.0]))


def textbook_design(name, vin, vout, **others):
    """Return the textbook design of a spec."""
    asked = {"iout": 2.0, "fsw": FSW, "ripple": 0.01} | others
    spec = Spec(topology=name, vin=vin, vin_min=0.9 * vin, vin_max=1.1 * vin, vout=vout, **asked)
    values = topology(name).textbook(SpecBatch.of([spec])).values
    return Design(spec, {each: float(value[0]) for each, value in values.items()})


STAGES = {
    "buck": (12.0, 5.0),
    "boost": (12.0, 24.0),
    "buck_boost": (12.0, 9.0),
    "sepic": (12.0, 9.0),
    "cuk": (12.0, 9.0),
    "flyback": (48.0, 12.0),
    "forward": (48.0, 12.0),
}


def textbook_loop(name, **others):
    """Return a textbook design with its textbook regulation."""
    design = textbook_design(name, *STAGES[name], **others)
    return design, textbook_regulation(design)
