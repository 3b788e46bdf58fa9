"""What a topology declares."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar, Final, Literal

import numpy as np

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import GROUND, Capacitor, Circuit, Diode, Inductor, Switch
from arcs_engine.circuits.crossover import WITHOUT_ZERO, Stage
from arcs_engine.circuits.eseries import Series
from arcs_engine.circuits.spec import CUSTOM, FloatArray, Spec, SpecBatch
from arcs_engine.circuits.topologies.output_bank import OutputLoop, choose_output_bank
from arcs_engine.circuits.topologies.textbook import Choices, TextbookDesign, Worksheet
from arcs_engine.foundation.errors import DesignError, SpecError, printable

Values = Mapping[str, FloatArray]
"""Design values by name, each of shape (n,), SI units."""

Parameters = dict[str, FloatArray]
"""Element parameters by name (see `arcs_engine.circuits.circuit`), each of shape (n,), SI units."""

Point = tuple[float, float]


@dataclass(frozen=True)
class DesignValue:
    """A number that the designer chooses.

    Attributes:
        name: public name in JSON, command line and tokens, such as ``Cout_esr``.
        title: what it is, for people.
        unit: SI unit.
        low: lowest value that may be chosen.
        high: highest value that may be chosen.
        series: E-series, or the turns ratios, that it snaps to.
        part: name of the element that it belongs to, for the schematic and the bill of materials.
        label: what engineers call it in tables and messages, such as ``ESR of Cout``.
        symbol: what formulas call it, such as ``ESR``.
    """

    name: str
    title: str
    unit: Literal["H", "F", "Ω", ""]
    low: float
    high: float
    series: Series
    part: str
    label: str
    symbol: str


@dataclass(frozen=True)
class Placement:
    """Where the schematic draws an element: a straight line from its node `a` to its node `b`.

    Coordinates are grid units, x to the right, y up. `label` is the side of the text.
    """

    element: str
    start: Point
    end: Point
    label: Literal["top", "bottom", "left", "right"] = "top"


@dataclass(frozen=True)
class Drawing:
    """The layout of a schematic: placed elements, wires (polylines) and ground symbols.

    A junction dot is drawn wherever three or more ends meet. `node_labels` writes a node's name at
    a point of it.
    """

    placements: tuple[Placement, ...]
    wires: tuple[tuple[Point, ...], ...]
    grounds: tuple[Point, ...]
    node_labels: tuple[tuple[str, Point], ...] = ()


@dataclass(frozen=True)
class LeastStress:
    """What a part must stand at least in every design that does what a spec asks.

    Attributes:
        value: V of a capacitor or semiconductor, A of an inductor.
        field: entry of the spec that asks for it.
    """

    value: float
    field: Literal["vin", "vout", "iout"]


class Topology(ABC):
    """One converter circuit: its elements, design values, rules and drawing.

    Subclasses declare; they compute nothing that the solver, the netlist or the evaluation does.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    inverting: ClassVar[bool]
    isolated: ClassVar[bool]
    base: ClassVar[str] = ""
    """Name of the topology that this one is a variant of; none for a topology of its own."""
    variant: ClassVar[str] = ""
    """What kind of variant it is, such as ``synchronous``."""
    circuit: ClassVar[Circuit]
    design_values: ClassVar[tuple[DesignValue, ...]]
    rectifier: ClassVar[str]
    """The diode whose early turn-off means discontinuous conduction."""
    on_diodes: ClassVar[tuple[str, ...]] = ()
    """Diodes that conduct with the main switch in ideal continuous conduction."""
    off_diodes: ClassVar[tuple[str, ...]]
    """Diodes that conduct while the main switch is off in ideal continuous conduction."""
    main_inductor: ClassVar[str]
    """The inductor whose ripple is reported as the inductor ripple."""
    rectifier_inductors: ClassVar[tuple[str, ...]] = ()
    """Inductors whose currents together flow through the rectifier; none for the main one alone."""
    core_winding: ClassVar[str] = ""
    """The winding that carries the transformer's magnetizing current alone when it peaks."""
    switch_node: ClassVar[str]
    """The node that the window plots as the switch node."""
    max_duty: ClassVar[float] = 0.95
    """Largest duty that the controller and the reset allow."""
    ripple_custom: ClassVar[float] = 0.5
    """Largest ripple of the main inductor's current over its largest mean, by custom: 0.3 to 0.5
    whatever the application (Maniktala), of a flyback half as much again."""
    duty_custom: ClassVar[float | None] = None
    """Largest duty at the lowest input, by custom; None for what `max_duty` allows."""
    coupling_custom: ClassVar[float] = 0.1
    """Largest ripple of a coupling capacitor's voltage over its mean, by custom."""
    edges: ClassVar[tuple[str, ...]] = ("ripple",)
    """Failures that the best designs lie next to, labels of `evaluate.STATUSES`."""
    clamp_parts: ClassVar[frozenset[str]] = frozenset()
    """Resistor, capacitor and diode of a clamp: small parts, sized together."""
    drawing: ClassVar[Drawing]
    textbook_choices: ClassVar[Choices] = Choices()
    """What the textbook design chooses and does not calculate."""

    @cached_property
    def magnetics(self) -> tuple[Inductor, ...]:
        """Inductors that store energy of their own: a transformer counts once, by its core."""
        wound = {name for k in self.circuit.couplings for name in (k.first, k.second)}
        others = wound - {self.core_winding} if self.core_winding else set()
        return tuple(e for e in self.circuit.of_type(Inductor) if e.name not in others)

    @cached_property
    def resets(self) -> bool:
        """Whether a transformer's core must come back to zero flux before every on-time.

        It must where it stores nothing for the output; a flyback's may keep what it stores.
        """
        return bool(self.core_winding) and self.core_winding != self.main_inductor

    def turns(self, parameters: Values) -> dict[str, FloatArray]:
        """Return the turns of each transformer winding over the core winding's, by name.

        The magnetizing current, seen from the core winding, is the sum of the windings' currents
        times these ratios: ampere turns add up (Erickson and Maksimovic, 2nd ed., section 13.2).
        Empty without a transformer.

        Args:
            parameters: element parameters by name, shape (n,) each.
        """
        if not self.core_winding:
            return {}
        core = self.core_winding
        return {w.name: np.sqrt(parameters[w.name] / parameters[core]) for w in self.windings}

    @cached_property
    def windings(self) -> tuple[Inductor, ...]:
        """Inductors that are coupled to another one, in declared order."""
        wound = {name for k in self.circuit.couplings for name in (k.first, k.second)}
        return tuple(e for e in self.circuit.of_type(Inductor) if e.name in wound)

    @cached_property
    def body_diodes(self) -> tuple[str, ...]:
        """Diodes that are part of a MOSFET: antiparallel to a switch."""
        across = {(switch.b, switch.a) for switch in self.circuit.of_type(Switch)}
        return tuple(d.name for d in self.circuit.of_type(Diode) if (d.a, d.b) in across)

    @cached_property
    def coupling_capacitors(self) -> tuple[Capacitor, ...]:
        """Capacitors that the power passes through."""
        inner = self.circuit.inner_capacitors
        return tuple(c for c in inner if c.name not in self.clamp_parts)

    @property
    def equal_inductances(self) -> bool:
        """Whether two inductors share a core: such parts are sold with equal windings."""
        return self.variant == "coupled"

    @cached_property
    def conducting_diodes(self) -> tuple[Diode, ...]:
        """Diodes that are parts of their own and carry the power: not those of a MOSFET."""
        power = {self.rectifier, *self.on_diodes, *self.off_diodes} - set(self.body_diodes)
        return tuple(d for d in self.circuit.of_type(Diode) if d.name in power)

    @cached_property
    def driven_windings(self) -> tuple[str, ...]:
        """Windings that carry current when the main switch turns off, the core at its peak."""
        carriers = [
            e for e in self.circuit.elements if isinstance(e, Switch) or e.name in self.on_diodes
        ]
        nodes = {node for e in carriers for node in (e.a, e.b)} - {GROUND}
        return tuple(w.name for w in self.windings if nodes & {w.a, w.b})

    def commutation_time(self, parameters: Values, vin: FloatArray, iout: FloatArray) -> FloatArray:
        """Return how long after turn-on the rectifier waits for the current, s, shape (n,).

        Zero where no leakage inductance stands between the switch and the rectifier.

        Args:
            parameters: element parameters by name, shape (n,) each.
            vin: input voltage, V, shape (n,).
            iout: output current, A, shape (n,).
        """
        return np.zeros_like(vin)

    def reset_duty(self, parameters: Values) -> FloatArray:
        """Return the duty from which on the off-time is too short to reset the core, shape (n,).

        One, shape (1,), where no core has to be reset.

        Args:
            parameters: element parameters by name, shape (n,) each.
        """
        return np.ones(1)

    def ripple_limits(self, specs: SpecBatch) -> FloatArray:
        """Return the largest ripple over mean that each spec allows, inf for no limit, (n,)."""
        return _guards(specs.ripple_current, self.ripple_custom)

    def duty_limits(self, specs: SpecBatch) -> FloatArray:
        """Return the largest duty at the lowest input that each spec allows, inf for none, (n,)."""
        custom = np.inf if self.duty_custom is None else self.duty_custom
        return _guards(specs.longest_duty, custom)

    def stage(self, parameters: Values, specs: SpecBatch) -> Stage:
        """Return what sets the speed of the voltage loop, seen from the output.

        A transformer divides the input by its turns ratio. The rectifier's drop is that at full
        load and the lowest input; a second switch in its place has none.

        Args:
            parameters: element parameters by name, shape (n,) each.
            specs: length n.
        """
        ratio = self.turns_ratio(parameters)
        low = specs.vin_min / ratio
        inductor = (self.rectifier_inductors or (self.main_inductor,))[-1]
        return Stage(
            low=low,
            high=specs.vin_max / ratio,
            vout=specs.vout,
            load=specs.iout,
            fsw=specs.fsw,
            inductance=parameters[inductor],
            drop=self._rectifier_drop(parameters, low, specs),
            longest_duty=self.max_duty,
            isolated=self.isolated,
        )

    def _rectifier_drop(self, parameters: Values, low: FloatArray, specs: SpecBatch) -> FloatArray:
        """Return the drop of the rectifier while it conducts at the lowest input, V."""
        if self.synchronous:
            return np.zeros(len(specs))
        diode = self.circuit.diode(self.rectifier)
        duty = np.minimum(self.ideal_duty(low, specs.vout), self.max_duty)
        current = specs.iout if self.loop in WITHOUT_ZERO else specs.iout / (1 - duty)
        return parts.forward_voltage(diode, parameters, current)

    @property
    def family(self) -> str:
        """Name under which its design values are known: the base's for a variant."""
        return self.base or self.name

    @property
    def loop(self) -> str:
        """Family of `crossover.RULES` that tells how fast its voltage loop may be."""
        return self.family

    @cached_property
    def synchronous(self) -> bool:
        """Whether a switch conducts in place of the rectifier."""
        return any(switch.gate == "complement" for switch in self.circuit.of_type(Switch))

    @property
    def sign(self) -> int:
        """-1 for an inverted output, else 1."""
        return -1 if self.inverting else 1

    def value(self, name: str) -> DesignValue:
        """Return the design value of that name; KeyError when there is none."""
        for value in self.design_values:
            if value.name == name:
                return value
        raise KeyError(name)

    def check_lock(self, name: str, number: float) -> None:
        """Raise `DesignError` unless a design value of that name may have that number."""
        known = {v.name: v for v in self.design_values}
        if name not in known:
            raise DesignError(
                f"The {self.title} has no value '{printable(name)}' to lock; it has "
                f"{', '.join(known)}."
            )
        value = known[name]
        if not value.low <= number <= value.high:  # also refuses nan
            raise DesignError(
                f"{name} is locked to {number:g} {value.unit}; it must lie between {value.low:g} "
                f"and {value.high:g} {value.unit}."
            )

    @abstractmethod
    def check(self, spec: Spec) -> None:
        """Raise `SpecError` when no duty of the ideal circuit can meet the spec."""

    def least_stress(self, spec: Spec) -> dict[str, LeastStress]:
        """Return what parts must stand at least, whatever the design values are, by part.

        Bounds, not estimates: what they forbid is refused without a search. Each holds in
        continuous and discontinuous conduction. The input capacitor stands the highest input, the
        output capacitor the output.
        """
        return {
            "Cin": LeastStress(spec.vin_max, "vin"),
            "Cout": LeastStress(spec.vout, "vout"),
        }

    @abstractmethod
    def ideal_duty(self, vin: FloatArray, vout: FloatArray) -> FloatArray:
        """Return the duty of the lossless circuit in continuous conduction, shape (n,).

        Args:
            vin: input voltage, V.
            vout: magnitude of the output voltage as the primary sees it: times `turns_ratio`, V.
        """

    @abstractmethod
    def ideal_output(self, vin: FloatArray, duty: FloatArray) -> FloatArray:
        """Return the magnitude of the lossless circuit's output, V; inverse of `ideal_duty`."""

    def turns_ratio(self, parameters: Values) -> FloatArray:
        """Return Np/Ns of the transformer, shape (n,), or 1 where there is none, shape (1,)."""
        return np.ones(1)

    def starting_voltages(
        self, parameters: Values, vin: FloatArray, vout: FloatArray
    ) -> dict[str, FloatArray]:
        """Return a first guess of capacitors that the ideal cycle does not charge, V, by name.

        Args:
            parameters: element parameters by name, shape (n,) each.
            vin: input voltage, V, shape (n,).
            vout: magnitude of the expected output voltage, V, shape (n,).
        """
        return {}

    @abstractmethod
    def parameters(self, values: Values, specs: SpecBatch) -> Parameters:
        """Derive every element parameter but ``vin`` and ``rload`` (the operating point's).

        Args:
            values: the design values, shape (n,) each.
            specs: the spec of each design, length n.
        """

    def textbook(self, specs: SpecBatch, choices: Choices | None = None) -> TextbookDesign:
        """Return the textbook design for each spec, and its steps.

        Args:
            specs: length n.
            choices: what is chosen, not calculated; None for the topology's own.
        """
        chosen = choices or self._choices(specs)
        narrow = np.full(len(specs), chosen.ripple_ratio)
        wide = np.minimum(self.ripple_custom, self.ripple_limits(specs))
        widest = np.maximum(wide / narrow, 1.0)
        sheet, widening = self._sized(specs, chosen), np.ones(len(specs))
        for power in _WIDENINGS:
            if sheet.bought.all():
                break
            widening = np.where(sheet.bought, widening, widest**power)
            sheet = self._sized(specs, replace(chosen, widening=widening))
        return sheet.design(value.name for value in self.design_values)

    def _choices(self, specs: SpecBatch) -> Choices:
        """Return the topology's own choices, within the guards of each spec.

        An inductance at its lower tolerance must keep within them too.
        """
        own = self.textbook_choices
        ripple = (1 - own.inductance_spread) * self.ripple_limits(specs)
        return replace(
            own,
            ripple_ratio=np.minimum(own.ripple_ratio, ripple),
            lowest_input_duty=np.minimum(own.lowest_input_duty, self.duty_limits(specs)),
        )

    def _sized(self, specs: SpecBatch, choices: Choices) -> Worksheet:
        """Return the calculation with some choices; the output capacitors come last."""
        sheet = Worksheet(specs, choices)
        self.size(sheet)
        output = self.value("Cout"), self.value("Cout_esr")
        still_open = {value.name: np.ones(len(specs)) for value in output}
        stage = self.stage(self.parameters(sheet.chosen | still_open, specs), specs)
        choose_output_bank(sheet, OutputLoop(self.loop, stage, self.synchronous), output)
        return sheet

    def explain(self, spec: Spec, name: str) -> tuple[str, ...]:
        """Return why the textbook design of a spec has a value, one line per step.

        Raises:
            KeyError: no design value has that name.
        """
        return self.textbook(SpecBatch.of([spec])).explain(name)

    @abstractmethod
    def size(self, sheet: Worksheet) -> None:
        """Calculate the textbook design but for its output capacitors.

        Every other design value is chosen on the sheet, and what the output capacitors must take is
        on it: a charge ``ΔQ``, a step of their current ``ΔIC``, and its rms value ``IC``.
        """


_WIDENINGS: Final = (0.5, 1.0)
"""Powers of the widest ripple ratio over the usual one, tried in turn."""


def _guards(asked: FloatArray, custom: float) -> FloatArray:
    """Return a guard's limits as numbers, inf for none, from a column of `SpecBatch`."""
    limits = np.where(asked == CUSTOM, custom, asked)
    return np.where(np.isnan(limits), np.inf, limits)


def require_step_down(title: str, spec: Spec) -> None:
    """Raise `SpecError` unless the output lies below the lowest input."""
    if spec.vout >= spec.vin_min:
        raise SpecError(
            f"A {title} needs Vout below Vin min: {spec.vout:g} V is not below {spec.vin_min:g} V.",
            "vout",
        )
