"""Core loss of inductors of the material that is sold: moulded metal powder.

A ferrite's law at the swing of a small moulded part is some 20 times too low, and without a price
of ripple the best inductor is the smallest one. Transformers are of ferrite (`losses.core_loss`).
"""

from typing import Final

import numpy as np

from arcs_engine.circuits.circuit import Inductor
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.base import Parameters

_COEFFICIENT: Final = 1.0553675
_FREQUENCY_EXPONENT: Final = 1.541
_FLUX_EXPONENT: Final = 1.988
"""Magnetics' fit to its Kool Mu cores of permeability 60 to 125, W/m3 with Hz and T, as the
OpenMagnetics database has it (PyOpenMagnetics 1.7.35): 44.3 B^1.988 f^1.541 in mW/cm3 and kHz."""

MOULDED_FACTOR: Final = 2.0
"""Loss of moulded parts over that. They are of iron-silicon powder without annealing: the same
database gives Magnetics' XFlux, which is iron-silicon, 2.4 times as much at 100 kHz and 0.1 T and
1.4 times at 400 kHz and 33 mT. Two makes vendors' own inductors the best ones; no maker's loss of a
single moulded part was to be had."""

_PERMEABILITY: Final = 25.0
"""Relative permeability of moulded powder, 20 to 30."""

_VACUUM_PERMEABILITY: Final = 4e-7 * np.pi


def powder_density(fsw: FloatArray, amplitude: FloatArray) -> FloatArray:
    """Return the loss density of powder cores, W/m3.

    Args:
        fsw: Hz.
        amplitude: half the swing of the flux density, T.
    """
    return _COEFFICIENT * fsw**_FREQUENCY_EXPONENT * amplitude**_FLUX_EXPONENT


def moulded_core_loss(
    winding: Inductor, parameters: Parameters, ripple: FloatArray, fsw: FloatArray
) -> FloatArray:
    """Return the core loss of a moulded inductor, W.

    Its flux density swings by L ΔI / (N Ae). Its volume follows from the permeability, for the core
    stores L I^2 / 2 = B^2 V / (2 mu) at any current, so V = mu (N Ae)^2 / L: of the inductors that
    `parts.inductor` makes 0.73 of the volume that it gives their ferrite core.

    Args:
        winding: the inductor.
        parameters: of the design.
        ripple: peak-to-peak current, A.
        fsw: Hz.
    """
    inductance, turns_area = parameters[winding.inductance], parameters[winding.turns_area]
    amplitude = inductance * np.maximum(ripple, 0.0) / turns_area / 2
    volume = _PERMEABILITY * _VACUUM_PERMEABILITY * turns_area**2 / inductance
    return MOULDED_FACTOR * powder_density(fsw, amplitude) * volume
