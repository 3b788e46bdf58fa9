"""The textbook design, written down step by step while it is calculated."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.foundation.units import format_quantity

if TYPE_CHECKING:
    from arcs_engine.circuits.topologies.base import DesignValue

_SYMBOL = re.compile(r"[^\W\d][^\W²]*")  # a square counts as a word character


@dataclass(frozen=True)
class Choices:
    """What the textbook design chooses and does not calculate.

    Attributes:
        ripple_ratio: ripple of an inductor, peak-to-peak over mean, where that ratio is largest
            (TI SLVA477B and SLVA372D, section 3: 20 to 40 %).
        efficiency: estimate that sizes the output capacitor at the lowest input, where the duty is
            longest (TI SLVA372D, section 2, estimates 80 %).
        rectifier_drop: forward drop of the rectifier, V, which adds to the output in a turns ratio
            and in the ripple of a buck's inductor.
        lowest_input_duty: duty at the lowest input that the turns ratio gives; one number, or one
            for each spec, shape (n,).
        magnetizing_ratio: peak of a forward's magnetizing current over the load current at the
            primary.
        coupling_ripple: ripple of the coupling capacitor's voltage, peak-to-peak over mean (Hart,
            Power Electronics, example 6-7).
        ripple_share: share of the output ripple asked for that the output capacitor is sized for;
            the rest is for what the formulas leave out (drops, losses, the inductor's tolerance).
        conduction_share: share of the output power that the switch may lose while it conducts.
    """

    ripple_ratio: float = 0.3
    efficiency: float = 0.85
    rectifier_drop: float = 0.7
    lowest_input_duty: float | FloatArray = 0.45
    magnetizing_ratio: float = 0.1
    coupling_ripple: float = 0.05
    ripple_share: float = 0.75
    conduction_share: float = 0.01


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
    """The textbook designs of a batch of specs, E-series snapped, and how they came about.

    Attributes:
        values: the design values by name, shape (n,) each.
        steps: the calculation; one step, or the last of several, decides each design value.
    """

    values: dict[str, FloatArray]
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


class Worksheet:
    """The calculation of a batch of specs, written down as it is made.

    It begins with the specs' quantities and the choices as symbols; each step adds one.
    """

    def __init__(self, specs: SpecBatch, choices: Choices) -> None:
        """Begin a calculation.

        Args:
            specs: length n.
            choices: the same for every spec, but for what is given for each.
        """
        self.specs = specs
        self.choices = choices
        self._steps: list[TextbookStep] = []
        self._values: dict[str, FloatArray] = {}
        given = (
            Term("Vin", specs.vin, "V"),
            Term("Vin_min", specs.vin_min, "V"),
            Term("Vin_max", specs.vin_max, "V"),
            Term("Vout", specs.vout, "V"),
            Term("Iout", specs.iout, "A"),
            Term("f", specs.fsw, "Hz"),
            Term("ripple", specs.ripple, ""),
            self._choice("r", choices.ripple_ratio),
            self._choice("η", choices.efficiency),
            self._choice("VF", choices.rectifier_drop, "V"),
            self._choice("Dmax", choices.lowest_input_duty),
            self._choice("m", choices.magnetizing_ratio),
            self._choice("rc", choices.coupling_ripple),
            self._choice("rs", choices.ripple_share),
            self._choice("share", choices.conduction_share),
        )
        self._known = {term.symbol: term for term in given}

    def _choice(self, symbol: str, number: float | FloatArray, unit: str = "") -> Term:
        return Term(symbol, np.full_like(self.specs.vin, number), unit)

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

    def value(self, symbol: str) -> FloatArray:
        """Return the value of a symbol that is on the sheet, shape (n,)."""
        return self._known[symbol].value

    def design(self, names: Iterable[str]) -> TextbookDesign:
        """Return what was written, with the design values in the order of their names.

        Raises:
            KeyError: a design value of that name was not chosen.
        """
        return TextbookDesign({name: self._values[name] for name in names}, tuple(self._steps))
