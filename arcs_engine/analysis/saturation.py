"""How near the inductors of a simulated design come to saturation."""

import numpy as np

from arcs_engine.analysis.transient_figures import InductorPeak
from arcs_engine.performance.candidates import evaluate
from arcs_engine.performance.design import Design
from arcs_engine.performance.waveform_figures import magnetic_currents
from arcs_engine.simulation.steady import SteadyState
from arcs_engine.simulation.waveforms import Waveforms


def inductor_peaks(
    design: Design, state: SteadyState, waveforms: Waveforms
) -> dict[str, InductorPeak]:
    """Return the peak of every inductor's current, or core's magnetizing current, by name.

    Args:
        design: whose worst steady corner says what saturation current was bought.
        state: of its circuit, for the turns.
        waveforms: in which the peaks are looked for.
    """
    ratings = _saturation_currents(design)
    currents = magnetic_currents(state.topology, waveforms, state.parameters)
    return {
        name: _inductor_peak(float(np.max(np.abs(current))), ratings.get(name))
        for name, current in currents.items()
    }


def _inductor_peak(peak: float, saturation: float | None) -> InductorPeak:
    saturates = None if saturation is None else peak > saturation
    return InductorPeak(peak=peak, saturation=saturation, saturates=saturates)


def _saturation_currents(design: Design) -> dict[str, float | None]:
    candidate = evaluate(design)
    if candidate.metrics is None:
        return {}
    return {name: stress.rating for name, stress in candidate.metrics.stress.items()}
