"""The textbook compensator: parts by the K factor, with every step written down."""

from collections.abc import Sequence
from dataclasses import dataclass

from arcs_engine.circuits.control.compensator import Compensator
from arcs_engine.circuits.control.goal import Divider, LoopGoal
from arcs_engine.circuits.control.sheet import CompensatorSheet
from arcs_engine.circuits.topologies.textbook import TextbookStep
from arcs_engine.foundation.errors import DesignError
from arcs_engine.foundation.units import format_quantity


@dataclass(frozen=True)
class TextbookCompensator:
    """A compensator that formulas gave, and how it came about.

    Attributes:
        compensator: which circuit.
        values: of its parts by name, E-series, SI units; a part that is not fitted is absent.
        steps: the calculation, of one design each.
    """

    compensator: Compensator
    values: dict[str, float]
    steps: tuple[TextbookStep, ...]

    def explain(self) -> tuple[str, ...]:
        """Return the calculation, one line per step."""
        return tuple(step.text(0) for step in self.steps)


def textbook_compensator(
    kinds: Sequence[Compensator], goal: LoopGoal, divider: Divider
) -> TextbookCompensator:
    """Return the first compensator that gives the phase boost, with its parts.

    The amplifier counts as ideal, the parts as exact until they are chosen: the crossover and the
    phase margin of the result differ from those asked for by what rounding and the amplifier do.

    Args:
        kinds: compensators to choose from, the simplest first.
        goal: what the loop shall do, with the plant's gain at the crossover.
        divider: from the output to the reference.

    Raises:
        DesignError: none gives the boost, or a part would have to be what no one builds.
    """
    for kind in kinds:
        if goal.boost <= kind.most_boost:
            sheet = CompensatorSheet(goal, divider)
            sheet.shape(kind.leads)
            kind.size(sheet)
            values = {name: float(value[0]) for name, value in sheet.chosen.items()}
            return TextbookCompensator(kind, values, sheet.steps)
    strongest = max(kinds, key=lambda kind: kind.most_boost)
    raise DesignError(
        f"The loop needs {goal.boost:.0f}° of phase boost at "
        f"{format_quantity(goal.crossover, 'Hz')}, and a {strongest.title} gives "
        f"{strongest.most_boost:.0f}° at most; choose a lower crossover or less phase margin."
    )
