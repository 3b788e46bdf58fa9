"""A TL431 with an optocoupler, which carries the error across the isolation."""

from dataclasses import dataclass, field, replace
from math import pi
from typing import ClassVar, Final, Self

from arcs_engine.circuits.circuit import GROUND, OUTPUT
from arcs_engine.circuits.control.branches import (
    FEEDBACK,
    LOWER,
    POLE_CAPACITOR,
    UPPER,
    capacitor,
    divider,
    fit_divider,
    resistor,
)
from arcs_engine.circuits.control.compensator import Compensator, Corners, PartValues
from arcs_engine.circuits.control.goal import Divider
from arcs_engine.circuits.control.network import (
    CONTROL,
    Capacitance,
    ControlElement,
    FixedVoltage,
    Resistance,
    Transconductance,
)
from arcs_engine.circuits.control.op_amp import OpAmp
from arcs_engine.circuits.control.sheet import CompensatorSheet, term
from arcs_engine.circuits.topologies.base import DesignValue
from arcs_engine.foundation.errors import DesignError
from arcs_engine.foundation.units import format_quantity

BASSO: Final = "Basso and Kadanka, The TL431 in switch-mode power supplies loops (ON Semiconductor)"

PULL_UP: Final = resistor("Rpull", "pull-up resistor of the optocoupler's transistor")
LED: Final = resistor("RLED", "resistor of the optocoupler's LED")
BIAS: Final = resistor("Rbias", "bias resistor across the optocoupler's LED")
INTEGRATOR: Final = capacitor("C1", "capacitor of the integrator")

_LEAST_PULL_UP: Final = 1e3
"""Ohm; below, the transistor and the LED take more than a few milliamperes."""


@dataclass(frozen=True)
class Optocoupler:
    """An optocoupler and what feeds its transistor.

    Attributes:
        transfer_ratio: CTR, collector over LED current.
        spread: of the CTR, a fraction: tolerance, bias, temperature and ageing.
        pole: Hz, with a pull-up resistor of `pole_load`.
        pole_load: ohm.
        led_drop: forward voltage of the LED, V.
        supply: of the pull-up resistor, V.
        saturation: lowest voltage of the transistor, V.
        bias: current that the TL431 takes beside the LED's, A.
    """

    transfer_ratio: float = 1.0
    spread: float = 0.5
    pole: float = 20e3
    pole_load: float = 4.7e3
    led_drop: float = 1.0
    supply: float = 5.0
    saturation: float = 0.3
    bias: float = 1e-3

    @property
    def capacitance(self) -> float:
        """Capacitance of the transistor, F: what makes the pole with its resistor."""
        return 1 / (2 * pi * self.pole * self.pole_load)

    @property
    def least_ratio(self) -> float:
        """CTR at the lower end of its spread."""
        return self.transfer_ratio * (1 - self.spread)

    def largest_led_resistor(self, divider: Divider, pull_up: float) -> float:
        """Return the largest RLED with which the LED still saturates the transistor, ohm.

        (Vout - VF - Vref) CTRmin Rpull / (supply - Vsat + Ibias CTRmin Rpull), with the TL431 at
        its least voltage, that of its reference (Basso, Designing Control Loops, 2012, chapter 7);
        zero or less where the output leaves the LED nothing.
        """
        driven = self.least_ratio * pull_up
        headroom = divider.output - self.led_drop - divider.reference
        return headroom * driven / (self.supply - self.saturation + self.bias * driven)


@dataclass(frozen=True)
class Tl431(Compensator):
    """A TL431 with an optocoupler in common emitter, its LED fed from the output (fast lane).

    G = CTR Rpull / RLED (1 + 1 / (s R1 C1)) / (1 + s Rpull (C2 + Copto)). The output reaches the
    LED past the TL431 too; that is the 1 of the zero.
    """

    name: ClassVar[str] = "tl431"
    title: ClassVar[str] = "TL431 with an optocoupler"
    parts: ClassVar[tuple[DesignValue, ...]] = (
        UPPER,
        LOWER,
        INTEGRATOR,
        LED,
        BIAS,
        PULL_UP,
        POLE_CAPACITOR,
    )
    optional: ClassVar[frozenset[str]] = frozenset({"Rlower", "Rbias", "C2"})
    most_boost: ClassVar[float] = 80.0
    led_node: ClassVar[str] = OUTPUT
    optocoupler: Optocoupler = field(default_factory=Optocoupler)
    # A typical TL431: 55 dB and 1 MHz.
    amplifier: OpAmp = field(default_factory=lambda: OpAmp(bandwidth=1e6, gain=560.0))

    def elements(self, values: PartValues) -> tuple[ControlElement, ...]:
        """Return the circuit; the collector current mirrors that through RLED less the bias."""
        ratio = self.optocoupler.transfer_ratio
        led, cathode = "led", "cathode"
        mirror = ratio / values["RLED"]
        bias: tuple[ControlElement, ...] = ()
        if "Rbias" in values:
            bias = (
                Resistance("Rbias", led, cathode, values["Rbias"]),
                Transconductance(
                    "opto_bias", GROUND, CONTROL, led, cathode, ratio / values["Rbias"]
                ),
            )
        return (
            *divider(values),
            *self.integrator(values, cathode),
            *self.amplifier.elements(cathode),
            Resistance("RLED", self.led_node, led, values["RLED"]),
            FixedVoltage("led_drop", led, cathode, self.optocoupler.led_drop),
            *bias,
            Transconductance("opto", CONTROL, GROUND, self.led_node, led, mirror),
            FixedVoltage("supply", "supply", GROUND, self.optocoupler.supply),
            Resistance("Rpull", "supply", CONTROL, values["Rpull"]),
            Capacitance("C2", CONTROL, GROUND, self._pole_capacitance(values)),
        )

    def integrator(self, values: PartValues, cathode: str) -> tuple[ControlElement, ...]:
        """Return what feeds the cathode back to the reference."""
        return (Capacitance("C1", cathode, FEEDBACK, values["C1"]),)

    def _pole_capacitance(self, values: PartValues) -> float:
        """Return C2 with the optocoupler's own capacitance, F."""
        return values.get("C2", 0.0) + self.optocoupler.capacitance

    def corners(self, values: PartValues) -> Corners:
        """Return the corners: 1 / (2 pi R1 C1) and 1 / (2 pi Rpull (C2 + Copto))."""
        return Corners(
            gain=self.optocoupler.transfer_ratio * values["Rpull"] / values["RLED"],
            zeros=(1 / (2 * pi * values["R1"] * values["C1"]),),
            poles=(1 / (2 * pi * values["Rpull"] * self._pole_capacitance(values)),),
        )

    @property
    def fastest_pole(self) -> float:
        """Where the optocoupler's own pole lies with the least pull-up resistor, Hz."""
        # 2 % below the limit, so that the nearest E96 value, at most 1.3 % off, stays under it.
        return 0.98 / (2 * pi * _LEAST_PULL_UP * self.optocoupler.capacitance)

    def extremes(self) -> tuple[Self, ...]:
        """Return it with the least and with the largest CTR: gain goes with it."""
        opto = self.optocoupler
        shares = (1 - opto.spread, 1 + opto.spread)
        ratios = (opto.transfer_ratio * share for share in shares)
        return tuple(
            replace(self, optocoupler=replace(opto, transfer_ratio=ratio, spread=0.0))
            for ratio in ratios
        )

    def size(self, sheet: CompensatorSheet) -> None:
        """Choose every part on the sheet.

        Raises:
            DesignError: the loop needs a pole above the optocoupler's, or less gain than the
                headroom of the LED leaves.
        """
        fit_divider(sheet)
        self.note(sheet)
        fc, k = sheet.number("fc"), sheet.number("k")
        integrator = k / (2 * pi * fc * sheet.number("R1"))
        sheet.fit(INTEGRATOR, integrator, "k / (2 · π · fc · R1)", BASSO)
        self.fit_pole(sheet)
        self._fit_led(sheet)

    def note(self, sheet: CompensatorSheet) -> None:
        """Put the optocoupler's numbers on the sheet."""
        opto = self.optocoupler
        for symbol, value, unit in (
            ("CTR", opto.transfer_ratio, ""),
            ("CTRmin", opto.least_ratio, ""),
            ("VF", opto.led_drop, "V"),
            ("Vdd", opto.supply, "V"),
            ("Vsat", opto.saturation, "V"),
            ("Ibias", opto.bias, "A"),
            ("f_opto", opto.pole, "Hz"),
            ("R_opto", opto.pole_load, "Ω"),
        ):
            sheet.note(symbol, value, unit)

    def fit_pole(self, sheet: CompensatorSheet) -> None:
        """Choose Rpull, as large as the optocoupler's own pole allows, and C2 for the rest."""
        opto = self.optocoupler
        pole = sheet.number("fc") * sheet.number("k")
        own = sheet.write(
            "capacitance of the optocoupler",
            term("Copto", opto.capacitance, "F"),
            "1 / (2 · π · f_opto · R_opto)",
            "pole of its data sheet",
        )
        largest = _LEAST_PULL_UP * self.fastest_pole / pole
        if pole > self.fastest_pole:
            raise DesignError(
                f"The optocoupler's pole of {format_quantity(opto.pole, 'Hz')} is too slow for a "
                f"pole at {format_quantity(pole, 'Hz')}; choose a lower crossover or a faster "
                "optocoupler."
            )
        pull_up = sheet.fit(
            PULL_UP,
            min(opto.pole_load, largest),
            "min(R_opto, 0.98 / (2 · π · fc · k · Copto))",
            "so that the optocoupler's own pole lies above that of the loop",
        )
        rest = 1 / (2 * pi * pole * pull_up) - own
        if rest >= POLE_CAPACITOR.low:
            sheet.fit(POLE_CAPACITOR, rest, "1 / (2 · π · fc · k · Rpull) - Copto", BASSO)

    def _fit_led(self, sheet: CompensatorSheet) -> None:
        """Choose RLED for the gain at the crossover, and Rbias."""
        opto = self.optocoupler
        pull_up, gain = sheet.number("Rpull"), sheet.number("G")
        largest = opto.largest_led_resistor(sheet.divider, pull_up)
        output = format_quantity(sheet.divider.output, "V")
        if largest <= 0:
            raise DesignError(
                f"An output of {output} leaves the optocoupler's LED no headroom above its drop of "
                f"{opto.led_drop:g} V and the {sheet.divider.reference:g} V of the TL431; choose a "
                "shunt regulator with a lower reference."
            )
        sheet.write(
            "largest RLED with which the LED still pulls the control voltage down",
            term("RLED_max", largest, "Ω"),
            "(Vout - VF - Vref) · CTRmin · Rpull / (Vdd - Vsat + Ibias · CTRmin · Rpull)",
            "Basso, Designing Control Loops (2012), ch. 7",
        )
        wanted = opto.transfer_ratio * pull_up / gain
        if wanted > largest:
            least = opto.transfer_ratio * pull_up / largest
            raise DesignError(
                f"The loop needs a gain of {gain:.3g} at the crossover, which takes an RLED of "
                f"{format_quantity(wanted, 'Ω')}, but the headroom of the LED at {output} allows "
                f"{format_quantity(largest, 'Ω')} at most and so no gain below {least:.3g}; choose "
                "a higher crossover or a larger sense resistor."
            )
        sheet.fit(LED, wanted, "CTR · Rpull / G", BASSO)
        self.fit_bias(sheet)

    def fit_bias(self, sheet: CompensatorSheet) -> None:
        """Choose Rbias, where the TL431 needs more current than the LED's."""
        if self.optocoupler.bias:
            bias = self.optocoupler.led_drop / self.optocoupler.bias
            sheet.fit(BIAS, bias, "VF / Ibias", "least current of the TL431")
