"""Whether ``auto`` chooses the topology for which a long search finds the best design."""

from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from arcs_engine.circuits.spec import AUTO, Spec
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError
from arcs_engine.learning.model_evaluation.tasks import draw
from arcs_engine.model.model import Model
from arcs_engine.sizing.proposal import Proposer, common_textbook
from arcs_engine.sizing.refusals import fitting
from arcs_engine.sizing.search.optimum import Patience, reference_optimum
from arcs_engine.sizing.search.problems import Problems

EVALUATIONS: Final = 1000
STARTS: Final = 16
"""Of the reference optimum of each topology, of which a hundred specs have hundreds."""


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """One spec.

    Attributes:
        spec: with ``auto``.
        chosen: topology of the first candidate.
        best: topology with the lowest reference optimum.
        regret: cost of the chosen topology's optimum over that of the best one, minus 1.
        optima: cost of each fitting topology's optimum, one textbook design costing 1 for all.
    """

    spec: Spec
    chosen: str
    best: str
    regret: float
    optima: dict[str, float]


class AutoReport(msgspec.Struct, frozen=True, kw_only=True):
    """What ``arcs evaluate --auto`` answers.

    Attributes:
        specs: how many, each with at least two topologies that fit.
        right: share on which ``auto`` chose the topology with the lowest reference optimum.
        mean_regret: how much more the chosen topology's optimum costs, on average.
        choices: one per spec.
        seed: of specs and searches.
    """

    specs: int
    right: float
    mean_regret: float
    choices: tuple[Choice, ...]
    seed: int


@dataclass(frozen=True)
class AutoTrial:
    """Fresh specs for ``auto`` to choose for.

    They are those of track C without their topology, either sign of output and no isolation asked
    for, so that up to seven topologies fit.

    Attributes:
        model: that proposes.
        count: how many specs.
        seed: of specs and searches.
    """

    model: Model
    count: int
    seed: int

    def judge(self, control: Control) -> AutoReport:
        """Let ``auto`` choose, and search the optimum of every topology that fits.

        Args:
            control: for progress and cancel.
        """
        choices: list[Choice] = []
        drawn = [task.spec for task in draw("C", self.count, self.seed)]
        order = np.random.default_rng(self.seed).permutation(len(drawn))
        for place in order.tolist():
            if len(choices) == self.count:
                break
            done = len(choices)
            control.progress(done / self.count, f"{done} of {self.count} specs")
            spec = msgspec.structs.replace(drawn[place], topology=AUTO, polarity="any")
            choice = self._choice(spec, control)
            if choice is not None:
                choices.append(choice)
        right = [choice.chosen == choice.best for choice in choices]
        return AutoReport(
            specs=len(choices),
            right=float(np.mean(right)),
            mean_regret=float(np.mean([choice.regret for choice in choices])),
            choices=tuple(choices),
            seed=self.seed,
        )

    def _choice(self, spec: Spec, control: Control) -> Choice | None:
        """Return what ``auto`` chose and what was best; None where there is no choice."""
        try:
            topologies = fitting(spec)
        except ArcsError:
            return None
        proposed = Proposer(self.model).propose(spec, count=1, seed=self.seed).candidates
        if len(topologies) < 2 or not proposed or not proposed[0].meets_spec:
            return None
        reference, _ = common_textbook(spec, topologies)
        quiet = Control(lambda _fraction, _text: None, control.stop)
        patience = Patience(EVALUATIONS, STARTS, self.seed)
        optima = {
            each.name: reference_optimum(
                Problems.of(each, [spec], reference=reference), patience, quiet
            ).cost
            for each in topologies
        }
        best, chosen = min(optima, key=lambda name: optima[name]), proposed[0].topology
        return Choice(
            spec=spec,
            chosen=chosen,
            best=best,
            regret=optima[chosen] / optima[best] - 1,
            optima=optima,
        )


def markdown(found: AutoReport) -> str:
    """Return the share, and every spec on which ``auto`` chose another topology."""
    lines = [
        f"`auto` chose the topology with the lowest reference optimum on {found.right:.0%} of "
        f"{found.specs} specs; its choices cost {found.mean_regret:.2%} more on average.",
        "",
        "| Vin | Vout | Iout | fsw | chosen | best | costs more |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in found.choices:
        if each.chosen != each.best:
            spec = each.spec
            lines.append(
                f"| {spec.vin_min:.3g} to {spec.vin_max:.3g} V | {spec.vout:.3g} V | "
                f"{spec.iout:.3g} A | {spec.fsw / 1e3:.0f} kHz | {each.chosen} | {each.best} | "
                f"{each.regret:.1%} |"
            )
    return "\n".join([*lines, ""])
