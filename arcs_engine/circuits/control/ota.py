"""Type II and type III compensators behind an operational transconductance amplifier (OTA)."""

from dataclasses import dataclass, field
from typing import ClassVar

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
    divider_share,
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
    ControlElement,
    Resistance,
    Transconductance,
)
from arcs_engine.circuits.control.sheet import CompensatorSheet, term
from arcs_engine.circuits.topologies.base import DesignValue
from arcs_engine.foundation.errors import DesignError


@dataclass(frozen=True)
class Ota:
    """A transconductance amplifier; TI TPS54040A's data sheet (SLVSB58A) has this gm.

    Attributes:
        transconductance: gm, S.
        resistance: of its output, ohm; the default makes a gain of 9200 at DC, which is typical.
    """

    transconductance: float = 92e-6
    resistance: float = 100e6

    @property
    def elements(self) -> tuple[ControlElement, ...]:
        """Return it from `REFERENCE` (+) and `FEEDBACK` (-) to `CONTROL`."""
        gm = self.transconductance
        return (
            Transconductance("ota", GROUND, CONTROL, REFERENCE, FEEDBACK, gm),
            Resistance("ota_out", CONTROL, GROUND, self.resistance),
        )


@dataclass(frozen=True)
class OtaTypeTwo(Compensator):
    """An integrator with a zero and a pole: R2 with C1 in series, C2 across both, to ground."""

    name: ClassVar[str] = "ota_type_two"
    title: ClassVar[str] = "type II compensator with an OTA"
    parts: ClassVar[tuple[DesignValue, ...]] = (
        UPPER,
        LOWER,
        ZERO_RESISTOR,
        ZERO_CAPACITOR,
        POLE_CAPACITOR,
    )
    most_boost: ClassVar[float] = 70.0
    amplifier: Ota = field(default_factory=Ota)

    def elements(self, values: PartValues) -> tuple[ControlElement, ...]:
        """Return the circuit."""
        return (
            *divider(values),
            *self.amplifier.elements,
            *pole_and_zero_elements(values, CONTROL, GROUND),
        )

    def corners(self, values: PartValues) -> Corners:
        """Return the corners; the gain between them is gm R2 times the divider's share."""
        return pole_and_zero(values, self.amplifier.transconductance * divider_share(values))

    def size(self, sheet: CompensatorSheet) -> None:
        """Choose every part on the sheet."""
        fit_divider(sheet)
        sheet.note("gm", self.amplifier.transconductance, "S")
        driven = self.amplifier.transconductance * sheet.divider.share
        fit_pole_and_zero(sheet, driven, "G · Vout / (gm · Vref · lead · (1 - 1 / k²))")


@dataclass(frozen=True)
class OtaTypeThree(OtaTypeTwo):
    """A type II with R3 and C3 in series across R1.

    The input of an OTA moves, so that the lead's pole lies above its zero by Vout / Vref at most.
    """

    name: ClassVar[str] = "ota_type_three"
    title: ClassVar[str] = "type III compensator with an OTA"
    parts: ClassVar[tuple[DesignValue, ...]] = (
        *OtaTypeTwo.parts,
        LEAD_RESISTOR,
        LEAD_CAPACITOR,
    )
    most_boost: ClassVar[float] = 160.0
    leads: ClassVar[bool] = True

    def elements(self, values: PartValues) -> tuple[ControlElement, ...]:
        """Return the circuit."""
        return (*super().elements(values), *lead_elements(values))

    def corners(self, values: PartValues) -> Corners:
        """Return the corners; the lead's pole meets the divider: R3 + R1 || Rlower."""
        return with_lead(super().corners(values), values, divider_share(values) * values["R1"])

    def size(self, sheet: CompensatorSheet) -> None:
        """Choose every part on the sheet.

        Raises:
            DesignError: the divider does not leave the lead enough room.
        """
        super().size(sheet)
        upper, k = sheet.number("R1"), sheet.number("k")
        parallel = sheet.write(
            "resistance of the divider",
            term("Rp", upper * sheet.divider.share, "Ω"),
            "R1 · Vref / Vout",
            "R1 parallel to Rlower",
        )
        wanted = (upper - k**2 * parallel) / (k**2 - 1)
        if wanted < LEAD_RESISTOR.low:
            raise DesignError(
                f"The lead of an OTA at {sheet.divider.output:g} V with a reference of "
                f"{sheet.divider.reference:g} V spreads its corners by "
                f"{1 / sheet.divider.share:.3g} at most, not by {k**2:.3g}; choose an op amp or "
                "a lower crossover."
            )
        sheet.fit(
            LEAD_RESISTOR,
            wanted,
            "(R1 - k² · Rp) / (k² - 1)",
            "corners (R1 + R3) C3 and (R3 + Rp) C3, k² apart",
        )
        fit_lead_capacitor(sheet)
