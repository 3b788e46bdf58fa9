"""How far real parts lie from their values."""

from collections.abc import Iterator, Mapping
from typing import Final, Literal

import numpy as np

from arcs_engine.analysis.results import Tolerance
from arcs_engine.circuits.circuit import Capacitor, Diode, Inductor, Resistor, Switch
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.errors import DesignError, printable
from arcs_engine.performance.corners import Assessment

Distribution = Literal["uniform", "normal"]

FREQUENCY: Final = "fsw"
"""Name of the oscillator's tolerance."""

DEFAULTS: Final[Mapping[str, float]] = {
    "inductance": 0.20,
    "winding": 0.10,
    "ceramic": 0.20,
    "film": 0.10,
    "polymer": 0.20,
    "electrolytic": 0.20,
    "esr": 0.30,
    "on-resistance": 0.25,
    "diode": 0.50,
    "resistor": 0.01,
    FREQUENCY: 0.10,
}
"""Half-widths, as fractions, by kind. Inductance +-20 %: Coilcraft MSS1278 (document 322-1), 10 uH;
its winding resistance is at most 12 % over the typical one. Electrolytic capacitance +-20 %: Lelon
RGA; ceramic and polymer by the letter M of IEC 60062, film by the letter K. Rds(on) typical to
largest: 2.8 against 2.5 mOhm in BSC028N06NS, and its rise with temperature. A diode's saturation
current by half shifts its forward voltage by some 15 mV. E96 resistors 1 %. Oscillators of
controllers keep +-10 %."""


def tolerances(bought: Assessment, given: Mapping[str, float]) -> tuple[Tolerance, ...]:
    """Return what spreads in a design.

    Args:
        bought: its parts; the worst voltage of a capacitor with capacitance and ESR tells the
            technology.
        given: half-widths that replace the defaults, by name or by kind; 0 keeps a part exact.

    Raises:
        DesignError: a given name is neither, or a half-width is not in 0..0.9.
    """
    found = tuple(_declared(bought))
    known = {each.name for each in found} | set(DEFAULTS)
    for name, width in given.items():
        if name not in known:
            raise DesignError(
                f"There is no tolerance '{printable(name)}'; there are {', '.join(sorted(known))}."
            )
        if not 0 <= width <= 0.9:
            raise DesignError(f"The tolerance of {name} is {width:g}; it must lie in 0 to 0.9.")
    widths = {**DEFAULTS, **given}
    return tuple(
        Tolerance(
            name=each.name,
            kind=each.kind,
            half_width=given.get(each.name, widths[each.kind]),
            scaled=each.scaled,
        )
        for each in found
    )


def _declared(bought: Assessment) -> Iterator[Tolerance]:
    """Yield every cause of spread, widths still to be chosen."""
    topology = bought.designs.topology

    def cause(name: str, kind: str, *scaled: str) -> Tolerance:
        return Tolerance(name=name, kind=kind, half_width=0.0, scaled=scaled)

    if topology.core_winding:  # the turns are exact: all windings follow the core
        yield cause("T1_lm", "inductance", *(w.inductance for w in topology.windings))
    for inductor in topology.circuit.of_type(Inductor):
        if not (topology.core_winding and inductor in topology.windings):
            yield cause(inductor.name, "inductance", inductor.inductance)
        yield cause(inductor.resistance, "winding", inductor.resistance)
    for capacitor in topology.circuit.of_type(Capacitor):
        yield cause(capacitor.name, bought.board.technology(capacitor), capacitor.capacitance)
        yield cause(capacitor.resistance, "esr", capacitor.resistance)
    for switch in topology.circuit.of_type(Switch):
        yield cause(switch.on_resistance, "on-resistance", switch.on_resistance)
    for diode in topology.circuit.of_type(Diode):
        yield cause(diode.name, "diode", diode.saturation_current)
    for resistor in topology.circuit.of_type(Resistor):
        yield cause(resistor.name, "resistor", resistor.name)
    yield cause(FREQUENCY, FREQUENCY)


def factors(
    tolerance: Tolerance, count: int, distribution: Distribution, rng: np.random.Generator
) -> FloatArray:
    """Draw factors around 1, shape (count,).

    Args:
        tolerance: whose half-width bounds them.
        count: how many.
        distribution: uniform over the width, or normal with a third of it as standard deviation,
            drawn again beyond it.
        rng: source of chance.
    """
    if distribution == "uniform":
        return 1 + tolerance.half_width * rng.uniform(-1, 1, count)
    deviates = rng.normal(size=count) / 3
    while (beyond := np.abs(deviates) > 1).any():
        deviates[beyond] = rng.normal(size=int(beyond.sum())) / 3
    return 1 + tolerance.half_width * deviates
