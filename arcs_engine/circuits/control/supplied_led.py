"""A TL431 with an optocoupler whose LED has a supply of its own."""

from dataclasses import dataclass, replace
from math import pi
from typing import ClassVar

from arcs_engine.circuits.circuit import GROUND
from arcs_engine.circuits.control.branches import (
    FEEDBACK,
    UPPER,
    ZERO_CAPACITOR,
    ZERO_RESISTOR,
    fit_divider,
)
from arcs_engine.circuits.control.compensator import Corners, PartValues
from arcs_engine.circuits.control.network import (
    Capacitance,
    ControlElement,
    FixedVoltage,
    Resistance,
)
from arcs_engine.circuits.control.optocoupler import BASSO, LED, Tl431
from arcs_engine.circuits.control.sheet import CompensatorSheet, term
from arcs_engine.circuits.topologies.base import DesignValue

_RLED_SHARE = 0.98
"""Of the largest RLED, so that the nearest E96 value does not lie above it."""


@dataclass(frozen=True)
class SuppliedTl431(Tl431):
    """A TL431 with an optocoupler whose LED is fed from a fixed voltage: no fast lane.

    G = CTR Rpull / RLED R2 / R1 (1 + 1 / (s R2 C1)) / (1 + s Rpull (C2 + Copto)). The output no
    longer reaches the LED past the TL431, so that R2 makes any gain (Basso, Designing Control
    Loops, 2012, chapter 7).
    """

    name: ClassVar[str] = "tl431_supplied"
    title: ClassVar[str] = "TL431 with an optocoupler on a supply of its own"
    parts: ClassVar[tuple[DesignValue, ...]] = (
        UPPER,
        *(part for part in Tl431.parts if part.name == "Rlower"),
        ZERO_RESISTOR,
        ZERO_CAPACITOR,
        *(part for part in Tl431.parts if part.name in {"RLED", "Rbias", "Rpull", "C2"}),
    )
    led_node: ClassVar[str] = "led_supply"
    led_supply: float = 5.0
    """V, of a Zener diode at the output or of a winding."""

    def elements(self, values: PartValues) -> tuple[ControlElement, ...]:
        """Return the circuit."""
        supply = FixedVoltage("led_supply", self.led_node, GROUND, self.led_supply)
        return (*super().elements(values), supply)

    def integrator(self, values: PartValues, cathode: str) -> tuple[ControlElement, ...]:
        """Return R2 and C1 in series from the cathode to the reference."""
        return (
            Resistance("R2", cathode, "zero", values["R2"]),
            Capacitance("C1", "zero", FEEDBACK, values["C1"]),
        )

    def corners(self, values: PartValues) -> Corners:
        """Return the corners: 1 / (2 pi R2 C1) and 1 / (2 pi Rpull (C2 + Copto))."""
        direct = super().corners(values)
        zero = 1 / (2 * pi * values["R2"] * values["C1"])
        return Corners(direct.gain * values["R2"] / values["R1"], (zero,), direct.poles)

    def size(self, sheet: CompensatorSheet) -> None:
        """Choose every part on the sheet.

        Raises:
            DesignError: the loop needs a pole above the optocoupler's, or the LED's supply leaves
                it no headroom.
        """
        opto = self.optocoupler
        fit_divider(sheet)
        self.note(sheet)
        sheet.note("Vled", self.led_supply, "V")
        self.fit_pole(sheet)
        pull_up, divider = sheet.number("Rpull"), replace(sheet.divider, output=self.led_supply)
        led = sheet.fit(
            LED,
            _RLED_SHARE * opto.largest_led_resistor(divider, pull_up),
            "0.98 · (Vled - VF - Vref) · CTRmin · Rpull / (Vdd - Vsat + Ibias · CTRmin · Rpull)",
            "so that the LED still pulls the control voltage down",
        )
        self.fit_bias(sheet)
        coupled = sheet.write(
            "gain from the cathode to the control voltage",
            term("Gopto", opto.transfer_ratio * pull_up / led),
            "CTR · Rpull / RLED",
            BASSO,
        )
        wanted = sheet.number("R1") * sheet.number("G") / coupled
        resistance = sheet.fit(ZERO_RESISTOR, wanted, "R1 · G / Gopto", BASSO)
        first = sheet.number("k") / (2 * pi * sheet.number("fc") * resistance)
        sheet.fit(ZERO_CAPACITOR, first, "k / (2 · π · fc · R2)", BASSO)
