"""The parameters of a design's parts, with what the user overrides."""

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import INPUT_CAPACITOR, Diode, Switch
from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.circuits.topologies.base import Parameters, Topology, Values
from arcs_engine.foundation.errors import DesignError, printable

Overrides = Mapping[str, float | FloatArray]
"""Part parameters that replace the derived ones: one for all designs, or shape (n,)."""

CONSTANT_DROP: Final = {"is": 1e-4, "n": 0.1, "rs": 5e-3}
"""Junction and resistance of a diode whose forward drop is given. A steeper junction would be
nearer to a constant drop, but ngspice then makes energy out of nothing at the switching edges (3 %
of the input power at n = 0.02 in a buck-boost of 50 W)."""

JUNCTION_DROP: Final = 0.1 * parts.THERMAL_VOLTAGE * float(np.log1p(1 / 1e-4))
"""What that junction drops at 1 A, V (24 mV); a given forward drop includes it."""


def derive(
    topology: Topology, values: Values, specs: SpecBatch, overrides: Overrides
) -> Parameters:
    """Return the parts' parameters, with overrides in place.

    ``diode.vf`` means every diode. A given forward drop makes the diode a constant drop with its
    series resistance, as vendors' demo circuits model it.

    Raises:
        DesignError: a design value is missing or not positive, or an override names no parameter.
    """
    for declared in topology.design_values:
        if declared.name not in values:
            raise DesignError(
                f"The {topology.title} design has no value for {declared.name} ({declared.title})."
            )
        chosen = values[declared.name]
        if not ((chosen > 0) & (chosen < np.inf)).all():  # refuses nan too
            raise DesignError(f"{declared.name} must be positive, for example {declared.low:g}.")
    parameters = topology.parameters(values, specs)
    known = {*parameters, *_filled_in_later(topology)}
    for name, value in _expand(topology, overrides).items():
        if name not in known:
            raise DesignError(
                f"'{printable(name)}' is no parameter of the {topology.title}; there are: "
                f"{', '.join(sorted(known))}."
            )
        given = np.full(len(specs), value)
        wrong = given[~(np.isfinite(given) & (given >= 0))]
        if wrong.size:
            raise DesignError(f"{name} must be zero or more, not {wrong[0]:g}.")
        parameters[name] = given
    return parameters


def _filled_in_later(topology: Topology) -> Iterable[str]:
    """Yield the parameters whose rules need to know the stress, and which are not simulated."""
    yield from (INPUT_CAPACITOR.capacitance, INPUT_CAPACITOR.resistance)
    for switch in topology.circuit.of_type(Switch):
        yield from (switch.gate_charge, switch.output_charge)
        if switch.gate == "complement":
            yield switch.recovered_charge


def _expand(topology: Topology, overrides: Overrides) -> dict[str, float | FloatArray]:
    """Spell out ``diode.`` for each diode, and what a constant forward drop implies."""
    expanded: dict[str, float | FloatArray] = {}
    for name, value in overrides.items():
        part, _, quantity = name.partition(".")
        diodes = topology.circuit.of_type(Diode)
        matching = [d for d in diodes if part in ("diode", d.name)]
        if not matching:
            expanded[name] = value
        for diode in matching:
            expanded[f"{diode.name}.{quantity}"] = value
            if quantity == "vf":
                expanded[diode.drop] = np.maximum(value - JUNCTION_DROP, np.minimum(value, 0.0))
                expanded |= {
                    f"{diode.name}.{name}": given
                    for name, given in CONSTANT_DROP.items()
                    if f"{part}.{name}" not in overrides
                }
    return expanded
