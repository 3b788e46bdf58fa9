"""The curves of a judged loop: its gain at the nominal point and at the corners, impedances."""

from dataclasses import dataclass

import numpy as np

from arcs_engine.analysis.loop_results import LoopCurves, LoopGain
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.performance.loop import Fitting, LoopVerdicts
from arcs_engine.performance.loop.margins import margins_of
from arcs_engine.performance.loop.plants import Plants
from arcs_engine.simulation.small_signal import Compensator, Modulator, loops, responses
from arcs_engine.simulation.steady.algebra import ComplexArray


def loop_curves(found: LoopVerdicts, vin: float) -> LoopCurves:
    """Find the curves of a loop.

    Args:
        found: its verdicts, those of one fitting.
        vin: nominal input, V.
    """
    frequencies = found.plants.frequencies
    nominal = _nominal(found.plants, found.fittings[0], vin)
    return LoopCurves(
        frequencies=frequencies,
        analysed=_gain(frequencies, nominal.gain),
        sampled=_gain(frequencies, nominal.sampled),
        corners=found.gain[0],
        sampled_corners=found.sampled_gain[0],
        open_impedance=nominal.impedance,
        closed_impedance=nominal.impedance / (1 + nominal.gain),
    )


@dataclass(frozen=True, eq=False)
class _Nominal:
    """The loop with nominal parts, input and load; arrays of shape (frequencies,)."""

    gain: ComplexArray
    sampled: ComplexArray
    impedance: ComplexArray


def _nominal(plants: Plants, fitting: Fitting, vin: float) -> _Nominal:
    """Close the loop at the nominal point, which is one of the corners, with nominal parts."""
    corners, frequencies = plants.corners, plants.frequencies
    nominal = (corners.vin == vin) & (corners.load == 1.0) & (corners.capacitance == 1.0)
    row = np.flatnonzero(nominal)[:1]
    system = fitting.compensator.system(fitting.values)
    compensator = Compensator(system.a, system.b, system.c)
    orbits, modulator = corners.orbits.take(row), plants.modulator
    columns = (modulator.ramp, modulator.sensing, modulator.delay, modulator.control_slope)
    alone = Modulator(*(np.broadcast_to(column, len(corners))[row] for column in columns))
    closed = loops(orbits, alone, compensator, frequencies)
    found = responses(orbits, closed.modulator, frequencies)
    return _Nominal(
        gain=-found.control[0] * compensator.transfer(frequencies),
        sampled=closed.gain[0],
        impedance=found.output_impedance[0],
    )


def _gain(frequencies: FloatArray, gain: ComplexArray) -> LoopGain:
    margins = margins_of(frequencies, gain)
    return LoopGain(
        gain=gain,
        crossover=_known(margins.crossover),
        phase_margin=_known(margins.phase_margin),
        gain_margin=_known(margins.gain_margin),
        gain_margin_at=_known(margins.gain_margin_at),
    )


def _known(figure: FloatArray) -> float | None:
    return float(figure) if np.isfinite(figure) else None
