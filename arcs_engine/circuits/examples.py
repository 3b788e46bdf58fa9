"""Specs to start from: a few everyday ones, and published ones with their sources."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Example:
    """A spec as an engineer would type it.

    Attributes:
        topology: a registered topology's name.
        vin: input voltage with its range.
        vout: magnitude of the output voltage.
        iout: full-load output current.
        fsw: switching frequency.
        ripple: allowed output ripple.
        source: where it was published; empty for an everyday one.
        inverting: whether the output is negative.
    """

    topology: str
    vin: str
    vout: str
    iout: str
    fsw: str
    ripple: str
    source: str = ""
    inverting: bool = False

    @property
    def title(self) -> str:
        """What it is, in a few words."""
        sign = "−" if self.inverting else ""
        kind = self.topology.replace("_", "-")
        return f"{self.vin} to {sign}{self.vout}, {self.iout} ({kind})"


EXAMPLES: Final = (
    Example("buck", "12 ± 10%", "5 V", "2 A", "300 kHz", "1 %"),
    Example("buck", "18..24..32", "3.3 V", "3 A", "250 kHz", "1 %"),
    Example("buck_boost", "12 ± 10%", "9 V", "0.5 A", "100 kHz", "1 %", inverting=True),
    Example("sepic", "9..12..16", "12 V", "1 A", "200 kHz", "1 %"),
    Example(
        "buck", "12 V", "5 V", "3 A", "150 kHz", "1 %",
        "Texas Instruments LM2596 data sheet (SNVS124), typical application",
    ),
    Example(
        "buck", "28 V", "15 V", "5 A", "100 kHz", "1 %",
        "Erickson and Maksimovic, Fundamentals of Power Electronics, section 9.5.4",
    ),
    Example(
        "buck", "48 V", "18 V", "1.8 A", "40 kHz", "0.5 %",
        "Hart, Power Electronics (2011), ex. 6-2"
    ),
    Example(
        "buck", "50 V", "20 V", "1 A", "20 kHz", "0.5 %", "Hart, Power Electronics (2011), ex. 6-1"
    ),
    Example(
        "boost", "8..12..16", "24 V", "2 A", "300 kHz", "1 %",
        "Analog Devices LT3757 data sheet, typical application",
    ),
    Example(
        "boost", "12 V", "30 V", "0.6 A", "25 kHz", "1 %", "Hart, Power Electronics (2011), ex. 6-4"
    ),
    Example(
        "boost", "5 V", "15 V", "0.5 A", "25 kHz", "1 %",
        "Rashid, Power Electronics, 4th ed., ex. 5.6"
    ),
    Example(
        "buck_boost", "24 V", "16 V", "3.2 A", "100 kHz", "1 %",
        "Hart, Power Electronics (2011), ex. 6-6", inverting=True,
    ),
    Example(
        "buck_boost", "12 V", "4 V", "1.25 A", "25 kHz", "2 %",
        "Rashid, Power Electronics, 4th ed., ex. 5.7", inverting=True,
    ),
    Example(
        "cuk", "12 V", "18 V", "2.2 A", "50 kHz", "1 %",
        "Hart, Power Electronics (2011), ex. 6-7", inverting=True,
    ),
    Example(
        "cuk", "12 V", "4 V", "1.25 A", "25 kHz", "1 %",
        "Rashid, Power Electronics, 4th ed., ex. 5.8", inverting=True,
    ),
    Example(
        "cuk", "5 V", "5 V", "0.2 A", "600 kHz", "1 %",
        "Analog Devices LT1614 data sheet, 5 V to −5 V converter", inverting=True,
    ),
    Example(
        "sepic", "9 V", "6 V", "2 A", "100 kHz", "2 %", "Hart, Power Electronics (2011), ex. 6-8"
    ),
    Example(
        "sepic", "4.5 V", "3.3 V", "1 A", "250 kHz", "1 %",
        "Eaton, Inductor selection for SEPIC designs",
    ),
    Example(
        "flyback", "24 V", "5 V", "1 A", "40 kHz", "1 %", "Hart, Power Electronics (2011), ex. 7-1"
    ),
    Example(
        "forward", "48 V", "12.8 V", "1.28 A", "35 kHz", "1 %",
        "Hart, Power Electronics (2011), ex. 7-4",
    ),
)  # fmt: skip
