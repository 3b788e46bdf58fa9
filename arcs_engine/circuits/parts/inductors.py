"""Power inductors of moulded powder: winding resistance, core and saturation from their size.

Size, winding and core are those of one part. A winding as good as a larger part's, in the volume of
a smaller one, is not sold, and hides what a large inductance costs.
"""

from dataclasses import dataclass

import numpy as np

from arcs_engine.circuits.circuit import Inductor
from arcs_engine.circuits.parts.standards import SATURATION_DERATING
from arcs_engine.circuits.parts.volumes import MOULDED, MOULDED_SHARE, bare_inductor
from arcs_engine.circuits.spec import FloatArray

_TIME_PER_AREA = 7.45e-6
"""L/R over the 2/3 power of the volume in mm3, s/mm2. Coilcraft's moulded parts, typical resistance
(documents 806-1 and 804-1, XAL50xx): XAL4020 69 us in 34 mm3, XAL4030 115 us in 50 mm3, XAL4040
130 us in 66 mm3, XAL5030 130 us in 90 mm3, XAL5050 238 us in 148 mm3, XAL1010 746 us in 1,130 mm3;
each within 15 %."""

_LEAST_PERIODS = 20.0
"""L/R over the period of the part that is bought, at least; an estimate. At a ripple ratio of 40 %
the winding then takes (1 - D) / (0.4 x 20) of a buck's power, D / (0.4 x 20) of a boost's: some
7 %. The smallest part that saturates late enough would take more in small supplies at low
frequencies, and nobody buys it. Boards whose winding is stated (bench/published_designs.json) have
81 (TPS55340, SEPIC) to 299 (LM5155-Q1)."""

_SMALLEST_ENERGY = 2.2e-6
"""Energy that the smallest core stores, J (Coilcraft MSS4020-103). Parts worth buying get no
smaller, so that below it the core stays that of this size."""

_ENERGY_DENSITY = 520.0
"""Stored energy over the volume of the part at saturation, J/m3: 0.63 mJ in 1.21 cm3 (MSS1278)."""

_CORE_SHARE = 0.5
"""Share of that volume that is core, the rest is winding."""

_WOUND_VOLUME = 1210.0
# Winding of a part of that volume, mm3, as the outline of Coilcraft's MSS1278 (document 322-1)
# allows: a window of 15 mm2, half of it copper, 5.5 mm high, and 24 mm a turn.
_COPPER_AREA = 7.5e-6
_WINDOW_HEIGHT = 5.5e-3
_TURN_LENGTH = 24e-3

_RESISTIVITY = 1.72e-8
"""Of copper at 25 degrees C, ohm m."""

_INSULATION = 1.1
"""Diameter of enamelled wire over that of its copper."""

_VACUUM_PERMEABILITY = 4e-7 * np.pi

SATURATION_DENSITY = 0.3
"""Flux density of a ferrite core at the saturation current, T."""


def peak_current(average: FloatArray, ripple: FloatArray) -> FloatArray:
    """Return an inductor's peak current, A, from its mean and its CCM peak-to-peak ripple.

    Beyond the boundary (ripple above twice the mean) conduction is discontinuous and the peak is
    sqrt(2 mean ripple), which meets the CCM line at the boundary (Erickson and Maksimovic,
    Fundamentals of Power Electronics, 2nd ed., chapter 5, from the charge of one triangle).
    """
    continuous = ripple <= 2 * average
    triangle = np.sqrt(np.maximum(2 * average * ripple, 0.0))  # negative for impossible specs
    return np.where(continuous, average + ripple / 2, triangle)


def winding_time_constant(volume: FloatArray) -> FloatArray:
    """Return L/R of a winding by the volume of the part, mm3, in s.

    It is set by the size alone and grows with its power 2/3: with the square of the length
    (McLyman, Transformer and Inductor Design Handbook, chapter 8: area product over the volume).
    """
    return np.asarray(_TIME_PER_AREA * volume ** (2 / 3))


def alternating_resistance(
    resistance: FloatArray, volume: FloatArray, frequency: FloatArray
) -> FloatArray:
    """Return the resistance of a solid round wire's winding to a sinusoidal current, ohm.

    Dowell's formula for m layers, R = Rdc F(Δ, m) (Erickson and Maksimovic, 2nd ed., section
    13.4.4), where Δ = (pi / 4)^(3/4) d / δ sqrt(η): a layer of round wires as a foil. Skin and
    proximity effect are why inductors are not made small for a large ripple.

    Args:
        resistance: to direct current, ohm.
        volume: of the part, mm3; it gives the window, and the resistance the turns.
        frequency: Hz.
    """
    size = (volume / _WOUND_VOLUME) ** (1 / 3)
    copper, length = _COPPER_AREA * size**2, _TURN_LENGTH * size
    turns = np.sqrt(resistance * copper / (_RESISTIVITY * length))
    diameter = np.sqrt(4 / np.pi * copper / turns)
    in_layer = np.maximum(_WINDOW_HEIGHT * size / (_INSULATION * diameter), 1.0)
    layers = np.maximum(turns / in_layer, 1.0)
    depth = np.sqrt(_RESISTIVITY / (np.pi * frequency * _VACUUM_PERMEABILITY))
    # Beyond ten skin depths the ratios of the hyperbolic functions are 1, and they overflow.
    foil = np.minimum((np.pi / 4) ** 0.75 * diameter / depth / np.sqrt(_INSULATION), 10.0)
    skin = (np.sinh(2 * foil) + np.sin(2 * foil)) / (np.cosh(2 * foil) - np.cos(2 * foil))
    proximity = (np.sinh(foil) - np.sin(foil)) / (np.cosh(foil) + np.cos(foil))
    factor = foil * (skin + 2 / 3 * (layers**2 - 1) * proximity)
    return np.asarray(resistance * np.maximum(factor, 1.0))


@dataclass(frozen=True)
class Coil:
    """An inductance and the current that it carries, shape (n,) each.

    Attributes:
        inductance: H.
        peak: largest current, A.
    """

    inductance: FloatArray
    peak: FloatArray

    @property
    def saturation_energy(self) -> FloatArray:
        """Energy at its saturation current, J."""
        return 0.5 * self.inductance * (self.peak / SATURATION_DERATING) ** 2

    @property
    def core_energy(self) -> FloatArray:
        """Energy that its core stores, J.

        Where the load asks for less than the smallest core, the core is that one and its flux
        lower.
        """
        return np.maximum(self.saturation_energy, _SMALLEST_ENERGY)

    @property
    def turns_area(self) -> FloatArray:
        """Turns times core area, m2: N Ae = L Isat / Bsat says what flux a current makes."""
        return np.sqrt(2 * self.core_energy * self.inductance) / SATURATION_DENSITY

    def volume(self, fsw: FloatArray) -> FloatArray:
        """Return the bare volume as a moulded inductor, mm3.

        114 mm3 (E / 100 uJ)^0.85 by the energy at saturation, within a factor of 1.6 of the data
        sheets, and no less than what a winding of `_LEAST_PERIODS` takes.

        Args:
            fsw: frequency of the ripple, Hz.
        """
        saturates = bare_inductor(self.inductance, self.peak, MOULDED_SHARE, MOULDED)
        return np.maximum(saturates, (_LEAST_PERIODS / (fsw * _TIME_PER_AREA)) ** 1.5)

    def winding_resistance(self, fsw: FloatArray) -> FloatArray:
        """Return the resistance as a moulded inductor, ohm; see `winding_time_constant`.

        Args:
            fsw: frequency of the ripple, Hz.
        """
        return self.inductance / winding_time_constant(self.volume(fsw))


def inductor(name: str, coil: Coil, fsw: FloatArray) -> dict[str, FloatArray]:
    """Return the parameters of an inductor.

    Args:
        name: element name.
        coil: inductance and current.
        fsw: frequency of the ripple, Hz.
    """
    part, energy = Inductor(name, "", ""), coil.core_energy
    resistance = coil.winding_resistance(fsw)
    return {
        part.inductance: coil.inductance,
        part.resistance: resistance,
        part.alternating_resistance: alternating_resistance(resistance, coil.volume(fsw), fsw),
        part.turns_area: coil.turns_area,
        part.core_volume: _CORE_SHARE * energy / _ENERGY_DENSITY,
    }
