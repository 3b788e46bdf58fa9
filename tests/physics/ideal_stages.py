"""Power stages of ideal parts, as publications and closed forms have them."""

import numpy as np
from converters import NEARLY_ZERO, lossless, ordinary_spec, textbook_values

from arcs_engine.circuits.topologies import REGISTRY, topology
from arcs_engine.simulation.small_signal import periodic_orbits

OPEN = 1e9
BACK = 10e-3


def rows(parameters):
    return {name: np.array([float(value)]) for name, value in parameters.items()}


def orbit_of(declared, parameters, fsw, **wanted):
    wanted = {name: np.array([value]) for name, value in wanted.items()}
    return periodic_orbits(declared, rows(parameters), np.array([fsw]), **wanted)


def synchronous(base, **values):
    """Return a synchronous stage with ideal edges, and its parameters."""
    declared = topology(f"{base}_synchronous")
    spec = ordinary_spec(REGISTRY[base])
    ideal = {"Q2.dead_time": 0.0, "Q1.roff": OPEN, "Q2.roff": OPEN, "D1.vf": 0.7, "Q1_body.vf": 0.7}
    return declared, lossless(declared, spec, textbook_values(declared, spec), **ideal) | values


def on(resistance):
    return {"Q1_rds_on": resistance, "Q2_rds_on": resistance}


def ideal_diode_buck(**values):
    """Return a buck whose diode blocks exactly as its current is zero.

    A diode is noticed by its voltage, so it has some resistance, as the switch; the inductor's is
    as negative, and what its current flows through has none.
    """
    declared = REGISTRY["buck"]
    spec = ordinary_spec(declared)
    ideal = {"Q1_rds_on": BACK, "D1.rs": BACK, "D1.n": NEARLY_ZERO, "L1.dcr": -BACK}
    ideal["Q1.roff"] = OPEN
    return declared, lossless(declared, spec, textbook_values(declared, spec)) | ideal | values


def decibels(response):
    return 20 * np.log10(np.abs(response))


def degrees(response):
    return np.degrees(np.angle(response))
