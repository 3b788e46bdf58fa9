"""The branches that compensators are made of: divider, pole and zero, lead.

Each is declared with its parts, its elements, its corners and the step that chooses it.
"""

from math import pi
from typing import Final

from arcs_engine.circuits.circuit import GROUND, OUTPUT
from arcs_engine.circuits.control.compensator import Corners, PartValues
from arcs_engine.circuits.control.network import (
    Capacitance,
    ControlElement,
    Resistance,
)
from arcs_engine.circuits.control.sheet import VENABLE, CompensatorSheet
from arcs_engine.circuits.topologies.base import DesignValue
from arcs_engine.foundation.errors import DesignError

FEEDBACK: Final = "fb"
"""Node between the resistors of the divider, which the amplifier holds at the reference."""


def resistor(name: str, title: str) -> DesignValue:
    """Return the declaration of a resistor: E96, 1 ohm to 10 Mohm."""
    return DesignValue(name, title, "Ω", 1.0, 10e6, "E96", name, name, name)


def capacitor(name: str, title: str) -> DesignValue:
    """Return the declaration of a capacitor: E24, 1 pF to 10 µF."""
    return DesignValue(name, title, "F", 1e-12, 10e-6, "E24", name, name, name)


UPPER: Final = resistor("R1", "upper resistor of the divider")
LOWER: Final = resistor("Rlower", "lower resistor of the divider")
ZERO_RESISTOR: Final = resistor("R2", "resistor of the zero")
ZERO_CAPACITOR: Final = capacitor("C1", "capacitor of the zero")
POLE_CAPACITOR: Final = capacitor("C2", "capacitor of the pole")
LEAD_RESISTOR: Final = resistor("R3", "resistor of the second pole")
LEAD_CAPACITOR: Final = capacitor("C3", "capacitor of the second zero")


def divider(values: PartValues) -> tuple[ControlElement, ...]:
    """Return the resistors from the output to the amplifier's input."""
    upper = Resistance("R1", OUTPUT, FEEDBACK, values["R1"])
    if "Rlower" not in values:
        return (upper,)
    return (upper, Resistance("Rlower", FEEDBACK, GROUND, values["Rlower"]))


def divider_share(values: PartValues) -> float:
    """Return the share of the output that the divider passes, 0..1."""
    if "Rlower" not in values:
        return 1.0
    return values["Rlower"] / (values["R1"] + values["Rlower"])


def fit_divider(sheet: CompensatorSheet) -> None:
    """Choose R1, and Rlower where the reference is below the output.

    Raises:
        DesignError: it is above.
    """
    output, reference = sheet.divider.output, sheet.divider.reference
    if reference > output:
        raise DesignError(
            f"A reference of {reference:g} V cannot regulate an output of {output:g} V; "
            "it must not be above the output."
        )
    upper = sheet.fit(UPPER, sheet.divider.upper, "R_divider", "chosen: current of the divider")
    if reference < output:
        lower = upper * reference / (output - reference)
        sheet.fit(LOWER, lower, "R1 · Vref / (Vout - Vref)", "voltage divider")


def pole_and_zero_elements(values: PartValues, a: str, b: str) -> tuple[ControlElement, ...]:
    """Return R2 and C1 in series, and C2 across both, from node `a` to node `b`."""
    return (
        Resistance("R2", a, "zero", values["R2"]),
        Capacitance("C1", "zero", b, values["C1"]),
        Capacitance("C2", a, b, values["C2"]),
    )


def lead_elements(values: PartValues) -> tuple[ControlElement, ...]:
    """Return R3 and C3 across the upper resistor of the divider."""
    return (
        Resistance("R3", OUTPUT, "lead", values["R3"]),
        Capacitance("C3", "lead", FEEDBACK, values["C3"]),
    )


def pole_and_zero(values: PartValues, gain: float) -> Corners:
    """Return the corners of R2, C1 and C2 behind an amplifier.

    Args:
        values: of the parts.
        gain: of what drives them, S.
    """
    resistance, first, second = values["R2"], values["C1"], values["C2"]
    together = first * second / (first + second)
    zero, pole = (1 / (2 * pi * resistance * each) for each in (first, together))
    return Corners(gain * resistance * first / (first + second), (zero,), (pole,))


def with_lead(corners: Corners, values: PartValues, source: float) -> Corners:
    """Return the corners with those of R3 and C3.

    Args:
        corners: of the rest.
        values: of the parts.
        source: resistance that the pole meets beside R3, ohm.
    """
    zero = 1 / (2 * pi * (values["R1"] + values["R3"]) * values["C3"])
    pole = 1 / (2 * pi * (values["R3"] + source) * values["C3"])
    return Corners(corners.gain, (*corners.zeros, zero), (*corners.poles, pole))


def fit_pole_and_zero(sheet: CompensatorSheet, gain: float, formula: str) -> None:
    """Choose R2 for the gain at the crossover, C1 for the zero and C2 for the pole.

    Venable's formulas, solved for R2 first: resistors are sold in finer steps than capacitors, and
    the crossover goes with the gain.

    Args:
        sheet: with ``G``, ``k`` and ``lead``.
        gain: of what drives them, S.
        formula: of R2.
    """
    fc, k = sheet.number("fc"), sheet.number("k")
    wanted = sheet.number("G") / (gain * sheet.number("lead") * (1 - 1 / k**2))
    resistance = sheet.fit(ZERO_RESISTOR, wanted, formula, VENABLE)
    first = k / (2 * pi * fc * resistance)
    sheet.fit(ZERO_CAPACITOR, first, "k / (2 · π · fc · R2)", VENABLE)
    second = 1 / (2 * pi * fc * k * resistance - 1 / sheet.number("C1"))
    sheet.fit(POLE_CAPACITOR, second, "1 / (2 · π · fc · k · R2 - 1 / C1)", VENABLE)


def fit_lead_capacitor(sheet: CompensatorSheet) -> None:
    """Choose C3 for the second zero."""
    across = sheet.number("R1") + sheet.number("R3")
    wanted = sheet.number("k") / (2 * pi * sheet.number("fc") * across)
    sheet.fit(LEAD_CAPACITOR, wanted, "k / (2 · π · fc · (R1 + R3))", VENABLE)
