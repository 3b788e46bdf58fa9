"""Type II and type III compensators round an operational amplifier."""

from dataclasses import dataclass, field
from math import pi
from typing import ClassVar, Final

from arcs_engine.circuits.circuit import GROUND
from arcs_engine.circuits.control.branches import (
    FEEDBACK,
    LEAD_CAPACITOR,
    LEAD_RESISTOR,
    LOWER,
    POLE_CAPACITOR,
    UPPER,
    ZERO_CAPACITOR,
    ZERO_RESISTOR,
    divider,
    fit_divider,
    fit_lead_capacitor,
    fit_pole_and_zero,
    lead_elements,
    pole_and_zero,
    pole_and_zero_elements,
    with_lead,
)
from arcs_engine.circuits.control.compensator import Compensator, Corners, PartValues
from arcs_engine.circuits.control.network import (
    CONTROL,
    REFERENCE,
    Capacitance,
    ControlElement,
    Resistance,
    Transconductance,
    VoltageGain,
)
from arcs_engine.circuits.control.sheet import VENABLE, CompensatorSheet
from arcs_engine.circuits.topologies.base import DesignValue

_AMPLIFIED: Final = "amp"
"""Node inside the amplifier, before its output stage."""


@dataclass(frozen=True)
class OpAmp:
    """An amplifier with one pole; TI LM5022's data sheet (SNVS480G) has these numbers.

    A(s) = 2 pi GBW / (s + 2 pi GBW / gain).

    Attributes:
        bandwidth: gain-bandwidth product GBW, Hz.
        gain: at DC, V/V.
    """

    bandwidth: float = 4e6
    gain: float = 5600.0

    def elements(self, output: str) -> tuple[ControlElement, ...]:
        """Return it from `REFERENCE` (+) and `FEEDBACK` (-) to a node.

        1 S into a capacitor, and an ideal output stage: a network that loads the capacitor itself
        would slow the amplifier down.
        """
        return (
            Transconductance("amp_in", GROUND, _AMPLIFIED, REFERENCE, FEEDBACK, 1.0),
            Resistance("amp_gain", _AMPLIFIED, GROUND, self.gain),
            Capacitance("amp_pole", _AMPLIFIED, GROUND, 1 / (2 * pi * self.bandwidth)),
            VoltageGain("amp_out", output, GROUND, _AMPLIFIED, GROUND, 1.0),
        )


@dataclass(frozen=True)
class OpAmpTypeTwo(Compensator):
    """An integrator with a zero and a pole: R2 with C1 in series, C2 across both.

    G = g A / (1 + g + A + Zf / Rlower), g = Zf / R1 (TI SNVS480G has it without Rlower).
    """

    name: ClassVar[str] = "op_amp_type_two"
    title: ClassVar[str] = "type II compensator with an op amp"
    parts: ClassVar[tuple[DesignValue, ...]] = (
        UPPER,
        LOWER,
        ZERO_RESISTOR,
        ZERO_CAPACITOR,
        POLE_CAPACITOR,
    )
    most_boost: ClassVar[float] = 70.0
    amplifier: OpAmp = field(default_factory=OpAmp)

    def elements(self, values: PartValues) -> tuple[ControlElement, ...]:
        """Return the circuit."""
        return (
            *divider(values),
            *pole_and_zero_elements(values, FEEDBACK, CONTROL),
            *self.amplifier.elements(CONTROL),
        )

    def corners(self, values: PartValues) -> Corners:
        """Return the corners: 1 / (2 pi R2 C1) and 1 / (2 pi R2 C1 C2 / (C1 + C2))."""
        return pole_and_zero(values, 1 / values["R1"])

    def size(self, sheet: CompensatorSheet) -> None:
        """Choose every part on the sheet."""
        fit_divider(sheet)
        fit_pole_and_zero(sheet, 1 / sheet.number("R1"), "R1 · G / (lead · (1 - 1 / k²))")


@dataclass(frozen=True)
class OpAmpTypeThree(OpAmpTypeTwo):
    """A type II with R3 and C3 in series across R1: a second zero and a second pole."""

    name: ClassVar[str] = "op_amp_type_three"
    title: ClassVar[str] = "type III compensator with an op amp"
    parts: ClassVar[tuple[DesignValue, ...]] = (
        *OpAmpTypeTwo.parts,
        LEAD_RESISTOR,
        LEAD_CAPACITOR,
    )
    most_boost: ClassVar[float] = 160.0
    leads: ClassVar[bool] = True

    def elements(self, values: PartValues) -> tuple[ControlElement, ...]:
        """Return the circuit."""
        return (*super().elements(values), *lead_elements(values))

    def corners(self, values: PartValues) -> Corners:
        """Return the corners; those of the lead are 1 / (2 pi (R1 + R3) C3), 1 / (2 pi R3 C3)."""
        return with_lead(super().corners(values), values, 0.0)

    def size(self, sheet: CompensatorSheet) -> None:
        """Choose every part on the sheet."""
        super().size(sheet)
        upper, k = sheet.number("R1"), sheet.number("k")
        sheet.fit(LEAD_RESISTOR, upper / (k**2 - 1), "R1 / (k² - 1)", VENABLE)
        fit_lead_capacitor(sheet)
