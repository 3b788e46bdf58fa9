"""The textbook design, written down step by step while it is calculated."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Self

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.parts.capacitor_bank import Bank
from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.foundation.units import format_quantity

if TYPE_CHECKING:
    from arcs_engine.circuits.topologies.base import DesignValue

_SYMBOL = re.compile(r"[^\W\d][^\W²⁴]*")  # powers count as word characters


@dataclass(frozen=True)
class Choices:
    """What the textbook design chooses and does not calculate.

    Attributes:
        ripple_ratio: ripple of an inductor's current, peak-to-peak where it is largest over the
            largest mean (TI SLVA477B and SLVA372D, section 3: 20 to 40 %); one number, or one for
            each spec, shape (n,).
        widening: what multiplies it where the output capacitors behind a slow loop could not be
            bought, shape (n,); None where all can.
        efficiency: estimate that sizes parts at the lowest input, where the duty is longest (TI
            SLVA372D, section 2, estimates 80 %).
        rectifier_drop: forward drop of the rectifier, V, which adds to the output in a turns ratio
            and in the ripple of a buck's inductor.
        lowest_input_duty: duty at the lowest input that the turns ratio gives; one number, or one
            for each spec, shape (n,).
        magnetizing_ratio: peak of a forward's magnetizing current over the load current at the
            primary.
        coupling_ripple: ripple of the coupling capacitor's voltage, peak-to-peak over mean (Hart,
            Power Electronics, example 6-7).
        ripple_share: share of the output ripple asked for that the output capacitor is sized for;
            the rest is for what the formulas leave out (drops, losses).
        inductance_spread: by which inductances may be off, a fraction (Coilcraft MSS1278, document
            322-1: 20 %): less makes ripple, more slows the loop.
        capacitance_spread: likewise of capacitors (letter M of IEC 60062).
        clock_spread: by which the oscillator may be slow, a fraction (TI TPS5430, SLVS632: 400 to
            600 kHz for 500; LMR33620, SNVSAW1E: 340 to 460 for 400; in the middle of controllers).
        esr_growth: largest ESR over the typical one.
        most_in_parallel: capacitors in an output bank that count as a thing to buy.
        conduction_share: share of the output power that the switch may lose while it conducts.
        conduction_limit: what it may lose so at most, W: a 5 x 6 mm package keeps cool with it.
    """

    ripple_ratio: float | FloatArray = 0.4
    widening: FloatArray | None = None
    efficiency: float = 0.85
    rectifier_drop: float = 0.7
    lowest_input_duty: float | FloatArray = 0.5
    magnetizing_ratio: float = 0.1
    coupling_ripple: float = 0.05
    ripple_share: float = 0.9
    inductance_spread: float = 0.2
    capacitance_spread: float = 0.2
    clock_spread: float = 0.1
    esr_growth: float = 1.5
    most_in_parallel: int = 10
    conduction_share: float = 0.01
    conduction_limit: float = 0.5


@dataclass(frozen=True)
class Term:
    """A symbol of a formula with its value of each spec, shape (n,)."""

    symbol: str
    value: FloatArray
    unit: str

    def text(self, row: int) -> str:
        """Return the value of one spec, for people."""
        return format_quantity(float(self.value[row]), self.unit)


@dataclass(frozen=True)
class BankTerm(Term):
    """A bank of each spec, whose value is its marked capacitance, F."""

    bank: Bank

    @classmethod
    def of(cls, symbol: str, bank: Bank) -> Self:
        """Return a bank as a symbol."""
        return cls(symbol, bank.nominal, "F", bank)

    def text(self, row: int) -> str:
        """Return what to buy for one spec."""
        return self.bank.text(row)


@dataclass(frozen=True)
class TextbookStep:
    """One step of the textbook design.

    Attributes:
        name: what is calculated, in words.
        result: its symbol and value.
        formula: in symbols, or in words where a part is chosen.
        terms: the symbols of the formula and their values.
        source: book and equation or section.
        decides: name of the design value that the step chooses, such as ``L1``; empty for none.
    """

    name: str
    result: Term
    formula: str
    terms: tuple[Term, ...]
    source: str
    decides: str = ""

    def with_numbers(self, row: int) -> str:
        """Return the formula with one spec's numbers in place of the symbols."""
        known = {term.symbol: term.text(row) for term in self.terms}
        return _SYMBOL.sub(lambda m: known.get(m.group(), m.group()), self.formula)

    def text(self, row: int) -> str:
        """Return the step for one spec as a line: what, formula, numbers, value and source."""
        return (
            f"{self.name}: {self.result.symbol} = {self.formula} = {self.with_numbers(row)} = "
            f"{self.result.text(row)} ({self.source})"
        )


@dataclass(frozen=True)
class TextbookDesign:
    """The textbook designs of a batch of specs, and how they came about.

    Attributes:
        values: the design values by name, shape (n,) each: of preferred values, but for
            capacitors, which have what is left of their bank under bias, and its ESR.
        banks: the capacitors to buy, by the name of their design value.
        steps: the calculation; one step, or the last of several, decides each design value.
    """

    values: dict[str, FloatArray]
    banks: dict[str, Bank]
    steps: tuple[TextbookStep, ...]

    def steps_to(self, name: str) -> tuple[TextbookStep, ...]:
        """Return the steps that lead to a design value, in order, the deciding one last.

        Raises:
            KeyError: no design value has that name.
        """
        if name not in self.values:
            raise KeyError(name)
        wanted = {step.result.symbol for step in self.steps if step.decides == name}
        found = []
        for step in reversed(self.steps):
            if step.result.symbol in wanted:
                wanted |= {term.symbol for term in step.terms}
                found.append(step)
        return tuple(reversed(found))

    def explain(self, name: str, row: int = 0) -> tuple[str, ...]:
        """Return why one spec's design value is what it is, one line per step.

        Raises:
            KeyError: no design value has that name.
        """
        return tuple(step.text(row) for step in self.steps_to(name))


class Calculation:
    """A calculation of n designs, written down as it is made: each step adds a symbol."""

    def __init__(self, given: Iterable[Term]) -> None:
        """Begin with what is known."""
        self._known = {term.symbol: term for term in given}
        self._steps: list[TextbookStep] = []
        self._values: dict[str, FloatArray] = {}

    def give(self, term: Term) -> None:
        """Put a symbol on the sheet that is known and not calculated."""
        self._known[term.symbol] = term

    def step(self, name: str, result: Term, formula: str, source: str) -> FloatArray:
        """Write down one step and return its value, shape (n,).

        Args:
            name: what is calculated, in words.
            result: its symbol, which is known from here on, and its value.
            formula: in symbols, or in words where a part is chosen.
            source: book and equation or section.
        """
        found = dict.fromkeys(_SYMBOL.findall(formula))
        terms = tuple(self._known[s] for s in found if s in self._known)
        self._known[result.symbol] = result
        self._steps.append(TextbookStep(name, result, formula, terms, source))
        return result.value

    def choose(
        self, value: "DesignValue", rule: str, number: FloatArray, source: str
    ) -> FloatArray:
        """Write down the choice of a design value, and return it, shape (n,); see `step`."""
        self.step(value.title, Term(value.symbol, number, value.unit), rule, source)
        self._steps[-1] = replace(self._steps[-1], decides=value.name)
        self._values[value.name] = number
        return number

    @property
    def chosen(self) -> dict[str, FloatArray]:
        """Design values that were chosen so far, by name."""
        return dict(self._values)

    @property
    def steps(self) -> tuple[TextbookStep, ...]:
        """What was written down so far."""
        return tuple(self._steps)

    def value(self, symbol: str) -> FloatArray:
        """Return the value of a symbol that is on the sheet, shape (n,)."""
        return self._known[symbol].value


class Worksheet(Calculation):
    """The calculation of a batch of specs, written down as it is made.

    It begins with the specs' quantities and the choices as symbols; each step adds one.

    Attributes:
        bought: which specs' capacitors can all be bought, shape (n,).
    """

    def __init__(self, specs: SpecBatch, choices: Choices) -> None:
        """Begin a calculation.

        Args:
            specs: length n.
            choices: the same for every spec, but for what is given for each.
        """
        self.specs = specs
        self.choices = choices
        self._banks: dict[str, Bank] = {}
        self.bought = np.ones(len(specs), dtype=np.bool_)
        given = (
            Term("Vin", specs.vin, "V"),
            Term("Vin_min", specs.vin_min, "V"),
            Term("Vin_max", specs.vin_max, "V"),
            Term("Vout", specs.vout, "V"),
            Term("Iout", specs.iout, "A"),
            Term("f", specs.fsw, "Hz"),
            Term("ripple", specs.ripple, ""),
            Term("deviation", np.where(np.isnan(specs.deviation), np.inf, specs.deviation), ""),
            Term("ΔIo", specs.step, "A"),
            self._choice("r" if choices.widening is None else "r0", choices.ripple_ratio),
            self._choice("η", choices.efficiency),
            self._choice("VF", choices.rectifier_drop, "V"),
            self._choice("Dmax", choices.lowest_input_duty),
            self._choice("m", choices.magnetizing_ratio),
            self._choice("rc", choices.coupling_ripple),
            self._choice("rs", choices.ripple_share),
            self._choice("tL", choices.inductance_spread),
            self._choice("tC", choices.capacitance_spread),
            self._choice("tf", choices.clock_spread),
            self._choice("g", choices.esr_growth),
            self._choice("share", choices.conduction_share),
            self._choice("Pmax", choices.conduction_limit, "W"),
        )
        super().__init__(given)
        if choices.widening is not None:
            self.give(Term("w", choices.widening, ""))
            self.step(
                "ripple ratio, wider where the output bank of a slow loop could not be bought",
                Term("r", choices.ripple_ratio * choices.widening, ""),
                "r0 · w",
                "right-half-plane zero, which goes with 1 / L: Erickson 2e, sec. 8.2",
            )

    def _choice(self, symbol: str, number: float | FloatArray, unit: str = "") -> Term:
        return Term(symbol, np.full_like(self.specs.vin, number), unit)

    def choose_bank(
        self, value: "DesignValue", term: BankTerm, exists: NDArray[np.bool_], rule: str
    ) -> None:
        """Write down the choice of the capacitors of a design value.

        Args:
            value: the capacitance.
            term: the banks, and what they are called from here on.
            exists: which specs' needs a bank meets, shape (n,); `bought` keeps count.
            rule: in words.
        """
        self.step(f"bank for the {value.title}", term, rule, "ARCS, capacitors as they are sold")
        self._banks[value.name] = term.bank
        self.bought &= exists

    @property
    def slowest_clock(self) -> FloatArray:
        """The frequency of an oscillator at its lower tolerance, Hz, shape (n,)."""
        return (1 - self.choices.clock_spread) * self.specs.fsw

    def design(self, names: Iterable[str]) -> TextbookDesign:
        """Return what was written, with the design values in the order of their names.

        Raises:
            KeyError: a design value of that name was not chosen.
        """
        values = {name: self._values[name] for name in names}
        return TextbookDesign(values, dict(self._banks), self.steps)
