"""What a search is asked: specs of one topology, and what costs 1 for each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.design_space import Lattice, Places
from arcs_engine.circuits.parts.capacitor_bank import Bank, BankNeed, smallest_bank
from arcs_engine.circuits.spec import FloatArray, Spec, SpecBatch
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.performance.cost import Reference
from arcs_engine.performance.design import Designs
from arcs_engine.performance.references import textbook_reference
from arcs_engine.performance.verdict import GRADUAL, judge
from arcs_engine.sizing.search.trials import IntArray, Rows, Trials

NEARLY = 1.05
"""Figures over their limits up to which a design nearly meets its spec."""

FAILED = 1e6
"""Score from which on a design fails. It lies behind every cost: the largest capacitor of a range
stores some ten thousand times the energy of a textbook design's, and may meet the spec."""

_WORST_EXCESS = 1e3
"""Figure over its limit that counts at most, and where it is not known."""

_BEST_REWARD = 8.0

_ONWARD = np.array([1, 2, 3, 4, 6, 8, 12])
"""Steps that are taken from a bank, one after the other, until another one is bought."""


@dataclass(frozen=True)
class Judged:
    """What became of m designs; arrays of shape (m,).

    Attributes:
        score: less is better, see `Problems.judge`.
        cost: requirement J4; 3 where the design fails.
        meets_spec: whether every check passed, the wished efficiency among them.
        if_met: what those designs would cost, at least, that fail by nothing but limits exceeded by
            a little; inf for all others.
        status: index into `verdict.STATUSES`.
        ripple: achieved at the nominal point, a fraction of Vout; nan where unsolved, as the next.
        efficiency: estimated at the nominal point, a fraction.
    """

    score: FloatArray
    cost: FloatArray
    meets_spec: NDArray[np.bool_]
    if_met: FloatArray
    status: IntArray
    ripple: FloatArray
    efficiency: FloatArray

    @classmethod
    def joined(cls, parts: "Sequence[Judged]") -> "Judged":
        """Return what became of the designs of several batches, one after the other."""
        names = [each.name for each in fields(cls)]
        return cls(**{n: np.concatenate([getattr(part, n) for part in parts]) for n in names})

    def __getitem__(self, rows: Rows) -> "Judged":
        return Judged(**{each.name: getattr(self, each.name)[rows] for each in fields(self)})


@dataclass(frozen=True)
class Problems:
    """Design problems of one topology, to be searched at once.

    Attributes:
        topology: what to design.
        specs: n specs.
        reference: what costs 1 for each.
        locks: design values that are given, SI, by name; they need not be of a series.
        lattice: where the designs lie.
    """

    topology: Topology
    specs: SpecBatch
    reference: Reference
    locks: Mapping[str, float] = field(default_factory=dict)
    lattice: Lattice = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "lattice", Lattice(self.topology))

    @classmethod
    def of(
        cls,
        topology: Topology,
        specs: Sequence[Spec],
        *,
        reference: Reference | None = None,
        locks: Mapping[str, float] | None = None,
    ) -> "Problems":
        """Pose one problem per spec.

        Args:
            topology: what to design.
            specs: what the designs must do.
            reference: what costs 1 for all of them, shape (1,); None for each one's own textbook
                design.
            locks: design values that are given.

        Raises:
            DesignError: a lock names no design value, or lies outside its range.
        """
        for name, number in (locks or {}).items():
            topology.check_lock(name, number)
        batch = SpecBatch.of(specs)
        if reference is None:
            each = textbook_reference(topology, batch)
        else:
            each = reference.take(np.zeros(len(batch), dtype=np.intp))
        return cls(topology, batch, each, locks or {})

    def __len__(self) -> int:
        return len(self.specs)

    def values(self, trials: Trials) -> dict[str, FloatArray]:
        """Return the design values of m designs: what is bought, and what is locked as given.

        The places of an output capacitor say what is needed; its values are those of the smallest
        bank that does it.
        """
        values = self.lattice.values(trials.places)
        specs = self.specs.take(trials.owner)
        if self._buys_banks:
            bank, exists = self.bank(trials)
            capacitance, esr = bank.effective(specs.vout), bank.resistance(specs.fsw)
            values["Cout"] = np.where(exists, capacitance, values["Cout"])
            values["Cout_esr"] = np.where(exists, esr, values["Cout_esr"])
        if self.topology.equal_inductances:
            values["L2"] = values["L1"]
        return {
            n: np.full_like(v, self.locks.get(n, 0.0)) if n in self.locks else v
            for n, v in values.items()
        }

    def bank(self, trials: Trials) -> tuple[Bank, NDArray[np.bool_]]:
        """Return the output capacitors of m designs, and for which such are sold."""
        values, specs = self.lattice.values(trials.places), self.specs.take(trials.owner)
        nothing = np.zeros(len(specs))
        need = BankNeed(specs.vout, values["Cout"], nothing, specs.fsw, values["Cout_esr"])
        return smallest_bank(need)

    def textbook(self) -> Places:
        """Return each problem's textbook design, shape (n, slots)."""
        return self.lattice.nearest(self.topology.textbook(self.specs).values)

    def settled(self, trials: Trials) -> Trials:
        """Return designs with the locks kept, each distinct one in a place of its own.

        Many needs of an output capacitor are met by the same bank; the place is the tightest.
        """
        kept = trials.flat()
        places = kept.places.copy()
        names = self.lattice.names
        if self._buys_banks:
            tightest = self.lattice.nearest(self.values(kept))
            slots = [names.index("Cout"), names.index("Cout_esr")]
            places[:, slots] = tightest[:, slots]
        if self.topology.equal_inductances:
            places[:, names.index("L2")] = places[:, names.index("L1")]
        if self.locks:
            locked = {n: np.array([self.locks.get(n, 1.0)]) for n in names}
            slots = [i for i, n in enumerate(names) if n in self.locks]
            # One place stands for the locked number, so that no design has two.
            places[:, slots] = self.lattice.nearest(locked)[0, slots]
        return Trials(trials.owner, places.reshape(trials.places.shape))

    def neighbours(self, trials: Trials) -> Trials:
        """Return every design a step away in one value, settled: first up in each, then down.

        A step that asks less of an output capacitor goes on to where another bank is bought. Less
        capacitance of any technology has more resistance, so that less of it allows for that too.

        Args:
            trials: m designs, settled.

        Returns:
            Designs, owners of shape (m, 2 slots).
        """
        around = self.settled(trials.around(self.lattice.neighbours(trials.places)))
        if self._buys_banks:
            names = self.lattice.names
            capacitance, resistance = names.index("Cout"), names.index("Cout_esr")
            rougher, less = np.zeros((2, len(names)), dtype=np.int64)
            rougher[resistance], less[resistance], less[capacitance] = 2, 2, -1
            for column, step in ((resistance, rougher), (len(names) + capacitance, less)):
                reached = Trials(around.owner[:, column], around.places[:, column])
                self._go_on(trials, reached, step)
        return around

    def _go_on(self, trials: Trials, reached: Trials, step: Places) -> None:
        """Move on what a step has led back to where it began, as far as it takes.

        Args:
            trials: m designs, settled.
            reached: what a step from them led to; changed.
            step: in each slot, shape (slots,).
        """
        back = np.arange(len(trials))
        for times in _ONWARD:
            back = back[(reached.places[back] == trials.places[back]).all(axis=1)]
            moved = np.clip(trials.places[back] + times * step, 0, self.lattice.sizes - 1)
            reached.places[back] = self.settled(Trials(trials.owner[back], moved)).places

    @property
    def _buys_banks(self) -> bool:
        """Whether the output capacitor is free, so that banks are bought for what is needed."""
        return not self.locks.keys() & {"Cout", "Cout_esr"}

    def judge(self, trials: Trials) -> Judged:
        """Judge designs.

        Less score is better. What meets its spec scores what it costs. Failures lie behind all of
        these, the nearest ones first: by the points that their reward lacks (requirement J6),
        plus what they exceed limits by (`Verdicts.excess`), which tells designs of the same reward
        apart.

        Args:
            trials: m designs.
        """
        owner = trials.owner
        specs = self.specs.take(owner)
        verdicts = judge(
            Designs.of(self.topology, self.values(trials), specs),
            self.reference.take(owner),
        )
        found = verdicts.assessment
        lacking = _BEST_REWARD - verdicts.reward
        failed = FAILED + lacking + np.clip(verdicts.excess, 1.0, _WORST_EXCESS)
        fails = verdicts.failures
        gradual = np.logical_or.reduce([fails[label] for label in GRADUAL])
        others = np.logical_or.reduce([fails[label] for label in fails.keys() - set(GRADUAL)])
        misses = gradual & ~others & (verdicts.excess <= NEARLY)
        return Judged(
            score=np.where(verdicts.meets_spec, verdicts.cost, failed),
            cost=verdicts.cost,
            meets_spec=verdicts.meets_spec,
            if_met=np.where(misses, verdicts.cost_if_met, np.inf),
            status=verdicts.status,
            ripple=found.nominal.ripple,
            efficiency=found.efficiency_estimated,
        )
