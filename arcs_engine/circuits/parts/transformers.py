"""Ferrite transformers of flyback and forward converters: windings and core.

One core is the anchor of both kinds, by its data sheet: TDK EFD 25/13/9 of N87, 58 mm2 and 57 mm of
core, 3.3 cm3, 40 mm2 of window of which 30 % is copper, 50 mm per turn, 160 nH with one turn and a
gap and 1.9 uH without a gap.
"""

from dataclasses import dataclass

import numpy as np

from arcs_engine.circuits.circuit import Inductor
from arcs_engine.circuits.parts.inductors import SATURATION_DENSITY, Coil
from arcs_engine.circuits.parts.standards import SATURATION_DERATING
from arcs_engine.circuits.spec import FloatArray

_GAPPED_ENERGY = 0.93e-3
"""Energy that the gapped anchor stores at saturation, J."""

_GAPPED_TIME = 2.2e-3
"""L/R of a winding that fills its window, with the gap, s."""

_AREA_ENERGY = 0.75e-3
"""Energy that stands for the anchor's area product in `forward_transformer`, J: 46 W at 100 kHz."""

_UNGAPPED_TIME = 26e-3
"""L/R of a winding that fills its window, without a gap, s."""

_SIZE_EXPONENT = 0.6
"""How L/R grows with the energy a core stands for: 2/3 for cores of one shape (McLyman, Transformer
and Inductor Design Handbook, chapter 8: area product), less what insulation takes of small ones."""

_SWING = 0.2
"""Flux density that a forward's core swings over in a period, T: core loss limits it above 50 kHz,
not saturation (Erickson and Maksimovic, 2nd ed., section 15.2)."""

_VOLUME = 3.3e-6
"""Of the anchor's core, m3; the volume goes with the energy it stands for."""

_AREA = 58e-6
"""Cross-section of the anchor's core, m2; that of another goes with its volume to the 2/3."""

_LEAKAGE = 7e-8
"""Leakage inductance over turns squared and the cube root of the core's volume, H/m: one with a
bobbin has 0.5 to 1.3 uH at 127 uH (Coilcraft POE13P, document 460-1), 0.8 uH in the middle."""

_PERMEABILITY = 1.9e-6 * 57e-3 / _AREA
"""Permeability of the anchor without a gap, H/m: AL le / Ae."""


@dataclass(frozen=True)
class Winding:
    """A winding of a transformer.

    Attributes:
        name: element name.
        share: of the copper that it has. Equal shares for windings that carry equal ampere-turns
            make the least loss (Erickson and Maksimovic, 2nd ed., section 14.3.1).
    """

    name: str
    share: float

    def parameters(self, inductance: FloatArray, resistance: FloatArray) -> dict[str, FloatArray]:
        """Return its parameters.

        Args:
            inductance: of this winding, H.
            resistance: of this winding if it had the copper alone, ohm.
        """
        part = Inductor(self.name, "", "")
        return {part.inductance: inductance, part.resistance: resistance / self.share}


def flyback_transformer(
    windings: tuple[Winding, Winding], coil: Coil, ratio: FloatArray
) -> dict[str, FloatArray]:
    """Return the parameters of the windings on a gapped core.

    Args:
        windings: the primary, which stands for the core, and the secondary.
        coil: inductance of the primary and its current at turn-off.
        ratio: Np/Ns.
    """
    primary, secondary = windings
    inductance, energy = coil.inductance, coil.core_energy
    time_constant = _GAPPED_TIME * (energy / _GAPPED_ENERGY) ** _SIZE_EXPONENT
    core = Inductor(primary.name, "", "")
    return (
        primary.parameters(inductance, inductance / time_constant)
        | secondary.parameters(inductance / ratio**2, inductance / ratio**2 / time_constant)
        | {core.turns_area: coil.turns_area, core.core_volume: _VOLUME * energy / _GAPPED_ENERGY}
    )


def forward_transformer(
    windings: tuple[Winding, Winding, Winding],
    inductance: FloatArray,
    ratio: FloatArray,
    volt_seconds: FloatArray,
    current: FloatArray,
) -> dict[str, FloatArray]:
    """Return the parameters of the windings on a core that carries the power straight through.

    The core follows from the area product that voltage and current ask for, as an inductor's does
    from its energy: V t I / (swing share) against L Ipk Irms / B (McLyman, Transformer and Inductor
    Design Handbook, chapters 7 and 8). Without a gap, turns and core give the magnetizing
    inductance, and the turns the swing, V t / (N Ae): more inductance, less swing. Less inductance
    than the turns of the largest swing give takes a gap, and the turns stay.

    Args:
        windings: the primary, the secondary and the reset winding, which stands for the core: it
            has the primary's turns, and the magnetizing current alone.
        inductance: magnetizing, of the primary, H.
        ratio: Np/Ns.
        volt_seconds: of the primary in the on-time, V s.
        current: rms current of the primary, A.
    """
    primary, secondary, reset = windings
    stored = volt_seconds * current * (SATURATION_DENSITY / _SWING) / primary.share
    energy = 0.5 * stored / SATURATION_DERATING
    volume = _VOLUME * energy / _AREA_ENERGY
    turns_area = np.maximum(volt_seconds / _SWING, np.sqrt(inductance * volume / _PERMEABILITY))
    ungapped = turns_area**2 * _PERMEABILITY / volume
    resistance = ungapped / (_UNGAPPED_TIME * (energy / _AREA_ENERGY) ** _SIZE_EXPONENT)
    core = Inductor(reset.name, "", "")
    return (
        primary.parameters(inductance, resistance)
        | secondary.parameters(inductance / ratio**2, resistance / ratio**2)
        | reset.parameters(inductance, resistance)
        | {core.turns_area: turns_area, core.core_volume: volume}
    )


def leakage_inductance(turns_area: FloatArray, core_volume: FloatArray) -> FloatArray:
    """Return the leakage inductance of a transformer as wound, seen from the primary, H.

    It goes with the primary's turns squared and with the size of the window; the gap, and so the
    magnetizing inductance, has no part in it (Erickson and Maksimovic, 2nd ed., section 13.2.3).

    Args:
        turns_area: turns of the primary times core area, m2.
        core_volume: m3.
    """
    turns = turns_area / (_AREA * (core_volume / _VOLUME) ** (2 / 3))
    return _LEAKAGE * turns**2 * np.cbrt(core_volume)
