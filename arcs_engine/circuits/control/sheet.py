"""The calculation of a compensator, written down as it is made."""

import math

import numpy as np

from arcs_engine.circuits.control.goal import Divider, LoopGoal, k_factor
from arcs_engine.circuits.eseries import snap
from arcs_engine.circuits.topologies.base import DesignValue
from arcs_engine.circuits.topologies.textbook import Calculation, Term
from arcs_engine.foundation.errors import DesignError
from arcs_engine.foundation.units import format_quantity

VENABLE = "Venable, The K Factor, Powercon 10 (1983)"


class CompensatorSheet(Calculation):
    """The calculation of one compensator by the K factor.

    It begins with the goal and the divider as symbols. `shape` adds what every compensator is sized
    for: the gain ``G`` at the crossover ``fc``, ``k``, which the corners lie apart from it, and
    ``lead``, the gain that a second zero adds there.
    """

    def __init__(self, goal: LoopGoal, divider: Divider) -> None:
        """Begin a calculation."""
        self.goal = goal
        self.divider = divider
        given = (
            ("fc", goal.crossover, "Hz"),
            ("PM", goal.phase_margin, "°"),
            ("plant", abs(goal.plant), ""),
            ("phase", goal.plant_phase, "°"),
            ("Vout", divider.output, "V"),
            ("Vref", divider.reference, "V"),
            ("R_divider", divider.upper, "Ω"),
        )
        super().__init__(Term(name, np.array([value]), unit) for name, value, unit in given)

    def number(self, symbol: str) -> float:
        """Return the value of a symbol that is on the sheet."""
        return float(self.value(symbol)[0])

    def note(self, symbol: str, value: float, unit: str = "") -> None:
        """Put a number on the sheet that is known and not calculated."""
        self.give(Term(symbol, np.array([value]), unit))

    def write(self, name: str, result: Term, formula: str, source: str) -> float:
        """Write down one step and return its value; see `step`."""
        return float(self.step(name, result, formula, source)[0])

    def fit(self, part: DesignValue, exact: float, formula: str, source: str) -> float:
        """Choose the value of the part's series that is nearest to a formula's, and return it.

        Args:
            part: to choose.
            exact: value of the formula.
            formula: in symbols.
            source: book and equation or section.

        Raises:
            DesignError: no part of that kind has such a value.
        """
        if not part.low <= exact <= part.high:
            raise DesignError(
                f"{part.name}, the {part.title}, would have to be "
                f"{format_quantity(exact, part.unit)}; it must lie between "
                f"{format_quantity(part.low, part.unit)} and "
                f"{format_quantity(part.high, part.unit)}."
            )
        need = f"{part.symbol}_need"
        self.step(f"{part.title}, exact", term(need, exact, part.unit), formula, source)
        snapped = snap(np.array([exact]), part.series, part.low, part.high)
        rule = f"{part.series} value nearest to {need}"
        return float(self.choose(part, rule, snapped, f"{part.series} series")[0])

    def shape(self, leads: bool) -> None:
        """Write down how far the corners lie apart and which gain the loop needs."""
        boost = self.goal.boost
        self.write(
            "phase that the compensator adds to its integrator",
            term("boost", boost, "°"),
            "PM - phase - 90°, at least 10°",
            VENABLE,
        )
        factor = k_factor(boost, leads)
        formula = "tan(boost / 4 + 45°)²" if leads else "tan(boost / 2 + 45°)"
        self.write("K factor", term("K", factor), formula, VENABLE)
        root = math.sqrt(factor) if leads else factor
        self.write(
            "crossover over the zeros, and poles over the crossover",
            term("k", root),
            "√(K)" if leads else "K",
            VENABLE,
        )
        self.write(
            "gain that the compensator needs at the crossover",
            term("G", 1 / abs(self.goal.plant)),
            "1 / plant",
            "unity loop gain",
        )
        self.note("lead", root if leads else 1.0)


def term(symbol: str, value: float, unit: str = "") -> Term:
    """Return a symbol of one design."""
    return Term(symbol, np.array([value]), unit)
