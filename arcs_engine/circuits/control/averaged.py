"""Averaged plants of textbooks, from the control voltage to the output, in continuous conduction.

They explain a loop and check the exact responses; they judge nothing. All are seen from the output
and hold at the lowest input and full load of a `Stage`: a flyback is an inverting converter with
the inductance of its secondary, a forward a buck. Arrays have shape (n,) or () throughout.
"""

from dataclasses import dataclass

import numpy as np

from arcs_engine.circuits.control.linear_system import ComplexArray
from arcs_engine.circuits.control.modulators import PeakCurrentMode, VoltageMode
from arcs_engine.circuits.crossover import WITHOUT_ZERO, Stage, right_half_plane_zero
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.errors import DesignError

_AVERAGED = ("boost", "buck_boost", "flyback", *WITHOUT_ZERO)


@dataclass(frozen=True)
class Plant:
    """A plant by its gain and its corners.

    gain (1 + jf/esr_zero) (1 - jf/right_zero) / ((1 + jf/pole) (1 + jf/(Q f0) - (f/f0)^2)).

    Attributes:
        gain: at DC, V/V.
        esr_zero: of the output capacitor, Hz.
        right_zero: in the right half plane, Hz.
        pole: Hz.
        resonance: f0 of a pair of poles, Hz.
        quality: Q of that pair.
    """

    gain: FloatArray
    esr_zero: FloatArray | float = np.inf
    right_zero: FloatArray | float = np.inf
    pole: FloatArray | float = np.inf
    resonance: FloatArray | float = np.inf
    quality: FloatArray | float = 1.0

    def response(self, frequency: FloatArray | float) -> ComplexArray:
        """Return the gain at a frequency in Hz, V/V."""
        f = 1j * np.asarray(frequency)
        above = (1 + f / self.esr_zero) * (1 - f / self.right_zero)
        pair = 1 + f / (self.quality * self.resonance) + (f / self.resonance) ** 2
        return np.asarray(self.gain * above / ((1 + f / self.pole) * pair))


@dataclass(frozen=True)
class OutputFilter:
    """What smooths the output beside the inductor.

    Attributes:
        capacitance: effective, F.
        esr: ohm.
        winding: resistance of the inductor and the switch, ohm; only a buck's plant counts it.
    """

    capacitance: FloatArray
    esr: FloatArray | float = 0.0
    winding: FloatArray | float = 0.0

    @property
    def esr_zero(self) -> FloatArray:
        """Zero of the ESR, Hz; inf without ESR."""
        with np.errstate(divide="ignore"):
            return np.asarray(1 / (2 * np.pi * np.multiply(self.esr, self.capacitance)))


def duty(family: str, stage: Stage) -> FloatArray:
    """Return the lossless duty at the lowest input, with the rectifier's drop."""
    inner = stage.vout + stage.drop
    if family in WITHOUT_ZERO:
        return np.asarray(inner / (stage.low + stage.drop))
    return np.asarray(1 - stage.low / inner) if family == "boost" else stage.step_up_down_duty


def voltage_plant(family: str, stage: Stage, output: OutputFilter, modulator: VoltageMode) -> Plant:
    """Return the plant in voltage mode.

    Buck: exact filter with its losses. Others: gain V/D' (boost) or V/(D D'), f0 = D' / (2 pi
    sqrt(L C)), Q = D' R sqrt(C/L) and the right-half-plane zero (Erickson and Maksimovic, 2nd ed.,
    table 8.2), over the height of the ramp.

    Args:
        family: buck, forward, boost, buck_boost or flyback.
        stage: seen from the output.
        output: its capacitor.
        modulator: with the ramp.

    Raises:
        DesignError: the family has no such plant.
    """
    _check(family)
    resistance = stage.vout / stage.load
    ramp = modulator.height(stage.low)
    if family in WITHOUT_ZERO:
        return _buck_filter((stage.low + stage.drop) / ramp, resistance, stage.inductance, output)
    on = duty(family, stage)
    off = 1 - on
    inner = stage.vout + stage.drop
    gain = inner / off if family == "boost" else inner / (on * off)
    return Plant(
        gain=np.asarray(gain / ramp),
        esr_zero=output.esr_zero,
        right_zero=right_half_plane_zero(family, stage),
        resonance=off / (2 * np.pi * np.sqrt(stage.inductance * output.capacitance)),
        quality=off * resistance * np.sqrt(output.capacitance / stage.inductance),
    )


def current_plant(
    family: str, stage: Stage, output: OutputFilter, modulator: PeakCurrentMode
) -> Plant:
    """Return the plant in peak current mode.

    One pole, from Erickson's more accurate model (2nd ed., section 12.3), the ESR's zero, the
    right-half-plane zero, and a pair of poles at half the switching frequency with Q =
    1 / (pi (mc D' - 1/2)), mc = 1 + Se/S1 (Ridley, IEEE Transactions on Power Electronics 6(2),
    1991). Q is negative where the current loop alternates.

    Args:
        family: as for `voltage_plant`.
        stage: seen from the output.
        output: its capacitor.
        modulator: with the sense gain and the slope.

    Raises:
        DesignError: the family has no such plant.
    """
    _check(family)
    resistance = np.asarray(stage.vout / stage.load)
    on = duty(family, stage)
    off = 1 - on
    ratio = modulator.compensation / modulator.slopes(family, stage).rise
    sharpness = (1 + ratio) * off - 0.5
    droop = resistance / (stage.inductance * stage.fsw)
    if family in WITHOUT_ZERO:
        share, order = np.ones_like(on), 1 + droop * sharpness
    else:
        own = 2.0 if family == "boost" else 1 + on
        share, order = off, own + droop * off**3 * (0.5 + ratio)
    return Plant(
        gain=np.asarray(resistance * share / (modulator.sense * order)),
        esr_zero=output.esr_zero,
        right_zero=right_half_plane_zero(family, stage),
        pole=order / (2 * np.pi * resistance * output.capacitance),
        resonance=stage.fsw / 2,
        quality=1 / (np.pi * sharpness),
    )


def _buck_filter(
    gain: FloatArray, resistance: FloatArray, inductance: FloatArray, output: OutputFilter
) -> Plant:
    """Return an inductor with losses into a capacitor with ESR and a load."""
    capacitance, esr, winding = output.capacitance, output.esr, output.winding
    square = inductance * capacitance * (resistance + esr) / (resistance + winding)
    products = winding * resistance + esr * resistance + winding * esr
    linear = (inductance + capacitance * products) / (resistance + winding)
    return Plant(
        gain=np.asarray(gain * resistance / (resistance + winding)),
        esr_zero=output.esr_zero,
        resonance=1 / (2 * np.pi * np.sqrt(square)),
        quality=np.sqrt(square) / linear,
    )


def _check(family: str) -> None:
    if family not in _AVERAGED:
        raise DesignError(
            f"There is no averaged plant of a {family}; there is one of {', '.join(_AVERAGED)}."
        )
