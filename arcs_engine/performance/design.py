"""Designs as they are judged: what they must do, what they are made of, how they are operated."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import msgspec
import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import INPUT_CAPACITOR
from arcs_engine.circuits.parameters import Overrides, derive
from arcs_engine.circuits.parts.capacitor_bank import BankNeed, smallest_bank
from arcs_engine.circuits.spec import FloatArray, Spec, SpecBatch
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.circuits.topologies.base import Parameters, Topology, Values
from arcs_engine.performance.candidate import Candidate


@dataclass(frozen=True)
class Design:
    """One design: what it must do, and what it is made of.

    Attributes:
        spec: the requirements, with the design's own topology.
        values: design values by name, SI.
        duty: as given; None to have it solved.
        overrides: part parameters by name, SI.
        candidate: the whole candidate, if the design comes from a shortlist.
    """

    spec: Spec
    values: dict[str, float]
    duty: float | None = None
    overrides: dict[str, float] = field(default_factory=dict)
    candidate: Candidate | None = None

    @classmethod
    def of(cls, spec: Spec, candidate: Candidate) -> "Design":
        """Return a candidate of a spec as it was judged: the same parts at the same duty."""
        return cls(
            msgspec.structs.replace(spec, topology=candidate.topology),
            candidate.values,
            candidate.given_duty,
            candidate.overrides,
            candidate,
        )

    @property
    def topology(self) -> Topology:
        """The design's circuit."""
        return find_topology(self.spec.topology)


@dataclass(frozen=True)
class Designs:
    """n designs of one topology whose parts are bought.

    Attributes:
        topology: which circuit.
        parameters: of its elements, shape (n,) each.
        specs: what each must do, length n.
        duty: given duty, shape (n,); None where the output is regulated.
    """

    topology: Topology
    parameters: Parameters
    specs: SpecBatch
    duty: FloatArray | None = None

    @classmethod
    def of(
        cls,
        topology: Topology,
        values: Values,
        specs: SpecBatch,
        overrides: Overrides | None = None,
    ) -> "Designs":
        """Buy the parts of designs, which are regulated.

        Args:
            topology: which circuit.
            values: design values, shape (n,) each.
            specs: the spec of each, length n.
            overrides: part parameters that replace the derived ones, such as ``L1.dcr``.

        Raises:
            DesignError: a design value is missing or not positive, or an override names no
                parameter.
        """
        return cls(topology, derive(topology, values, specs, overrides or {}), specs)

    @classmethod
    def stacked(cls, designs: Sequence[Design]) -> "Designs":
        """Stack designs of one topology, one row each.

        All have the same values and overrides in kind, and either all a given duty or none.

        Raises:
            DesignError: a design value is missing or not positive, or an override names no
                parameter.
        """
        first = designs[0]
        values, overrides = (
            {name: np.array([getattr(each, of)[name] for each in designs]) for name in names}
            for of, names in (("values", first.values), ("overrides", first.overrides))
        )
        stacked = cls.of(
            first.topology, values, SpecBatch.of([each.spec for each in designs]), overrides
        )
        if first.duty is None:
            return stacked
        return replace(stacked, duty=np.array([each.duty for each in designs], dtype=np.float64))

    def __len__(self) -> int:
        return len(self.specs)

    @property
    def regulated(self) -> bool:
        """Whether the duty is solved for the output."""
        return self.duty is None

    def take(self, rows: NDArray[np.intp]) -> "Designs":
        """Return the designs at `rows`, in that order; rows may repeat."""
        return replace(
            self,
            parameters={name: parameter[rows] for name, parameter in self.parameters.items()},
            specs=self.specs.take(rows),
            duty=None if self.duty is None else self.duty[rows],
        )

    def at(self, vin: FloatArray, load: FloatArray) -> "Designs":
        """Return the designs with an operating point among their parameters.

        Args:
            vin: input voltage, V, shape (n,).
            load: share of the full-load current, shape (n,).
        """
        point = {"vin": vin, "rload": self.specs.vout / (self.specs.iout * load)}
        return replace(self, parameters=self.parameters | point)

    def with_input_capacitor(self, source_rms: FloatArray) -> "Designs":
        """Return the designs with their input capacitor bought; a given one stays.

        Args:
            source_rms: alternating part of the source's current at the worst corner, A, shape (n,).
        """
        name, esr = INPUT_CAPACITOR.capacitance, INPUT_CAPACITOR.resistance
        voltage, frequency = self.specs.vin_max, self.specs.fsw
        needed = parts.input_capacitance(source_rms, self.specs.vin_min, frequency)
        given = self.parameters.get(name)
        bank, _ = smallest_bank(
            BankNeed(voltage, needed if given is None else given, source_rms, frequency)
        )
        bought = {
            name: bank.effective(voltage) if given is None else given,
            esr: self.parameters.get(esr, bank.resistance(frequency)),
        }
        return replace(self, parameters=self.parameters | bought)
