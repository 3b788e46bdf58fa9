"""What the tests of loops are built of."""

import numpy as np

from arcs_engine.circuits.control import OpAmp
from arcs_engine.circuits.crossover import Stage

IDEAL = OpAmp(bandwidth=1e12, gain=1e9)
"""An amplifier so fast that books call it ideal."""


def stage(vin, vout, load, inductance, **rest):
    """A stage of one design at one input, V, A and H."""
    numbers = {"fsw": 250e3, "drop": 0.0} | rest
    arrays = {name: np.array(float(value)) for name, value in numbers.items()}
    given = (np.array(float(each)) for each in (vin, vin, vout, load))
    return Stage(*given, inductance=np.array(float(inductance)), **arrays)


def crossings(loop, low=100.0, high=1e6):
    """Return every crossing of a loop gain through one from above: frequency, phase margin."""
    f = np.geomspace(low, high, 20_001)
    gain = loop(f)
    decibel, phase = 20 * np.log10(abs(gain)), np.degrees(np.unwrap(np.angle(gain)))
    found = []
    for k in np.flatnonzero((decibel[:-1] > 0) & (decibel[1:] <= 0)):
        share = decibel[k] / (decibel[k] - decibel[k + 1])
        margin = 180 + phase[k] + share * (phase[k + 1] - phase[k])
        found.append((f[k] * (f[k + 1] / f[k]) ** share, (margin + 180) % 360 - 180))
    return found


def loop_of(plant, compensator, values):
    """Return the loop gain over frequency of a plant and a compensator."""
    system = compensator.system(values)
    return lambda f: -plant.response(f) * system.gain(f)
