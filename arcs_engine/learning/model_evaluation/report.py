"""The table of methods, from specs to text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec

from arcs_engine.foundation.control import Control
from arcs_engine.learning.model_evaluation.confirm import Confirmed, confirm
from arcs_engine.learning.model_evaluation.methods import STEPS, Attempt, Methods, Plan
from arcs_engine.learning.model_evaluation.rows import Figures, Grading, Row, curve
from arcs_engine.learning.model_evaluation.structure import Structure, StructureSamples
from arcs_engine.learning.model_evaluation.tasks import Task
from arcs_engine.model.guidance import Guidance
from arcs_engine.model.model import Model
from arcs_engine.performance.metrics import NOTHING
from arcs_engine.performance.physics_hash import physics_hash

SNAPSHOTS: Final = {
    "genetic algorithm": (320, 2000, 10_000),
    "textbook-centred random polished": (),
}
"""Methods whose cost is also reported after fewer evaluations, in rows of their own."""

PUBLISHED: Final = (
    ("conditioned structural validity", "100 %"),
    ("unconditional structural validity", "77.1 %"),
    ("simulation-valid (legacy judge), pretrained / best / final", "28 % / 54 % / 22 %"),
    ("mean Vout error, pretrained / best / final", "53.3 % / 3.1 % / 8.9 %"),
    ("8-point reward, pretrained / best (12 % valid) / final", "4.10 / 7.02 / 5.64"),
    ("best trustworthy legacy validity on power converters, later", "71 %"),
    ("8-point reward, random best of 8, later", "5.83"),
)
"""What the predecessor published (requirement K5): open-loop duty, its own judge."""


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """Mean cost of a method after so many evaluations of each spec."""

    method: str
    cost: dict[int, float]


class ModelUnderTest(msgspec.Struct, frozen=True, kw_only=True):
    """Which model was judged, how it was guided, and whether its physics is this engine's."""

    name: str
    parameters: int
    physics_hash: str
    physics_matches: bool
    guidance: Guidance


class Evaluation(msgspec.Struct, frozen=True, kw_only=True):
    """What ``arcs evaluate`` answers.

    Attributes:
        rows: a method each.
        curves: cost against evaluations, a method each.
        specs: how many.
        references: how many of them have a known reference optimum.
        model: the model that was judged.
        physics_hash: of the judge.
        seed: of all chance.
        structure: structural validity of the model's samples; None where it was not asked for.
        unconfirmed: what ngspice had against designs of the confirmed row, by spec.
    """

    rows: tuple[Row, ...]
    curves: tuple[Curve, ...]
    specs: int
    references: int
    model: ModelUnderTest
    physics_hash: str
    seed: int
    structure: Structure | None
    unconfirmed: dict[str, str]


@dataclass(frozen=True)
class Extent:
    """What an evaluation covers.

    Attributes:
        methods: that are compared.
        optima: cost of the reference optimum by task.
        confirmations: designs of the model's best row that ngspice simulates.
        structures: samples of each kind whose structural validity is measured.
    """

    methods: Methods = field(default_factory=Methods)
    optima: Mapping[str, float] = field(default_factory=dict)
    confirmations: int = 0
    structures: int = 0

    @property
    def seed(self) -> int:
        """Seed of all chance."""
        return self.methods.seed

    @property
    def grading(self) -> Grading:
        """What attempts are graded by."""
        return Grading(self.optima, self.seed)


def evaluate_model(
    model: Model, tasks: Sequence[Task], extent: Extent, control: Control | None = None
) -> Evaluation:
    """Judge a model, and the methods it is compared with, on the same tasks.

    Args:
        model: trained on the tasks' topologies.
        tasks: specs.
        extent: what is compared and measured.
        control: for progress and cancel.
    """
    control = control or Control.silent()
    plans = extent.methods.plans(model)
    rows: list[Row] = []
    curves: list[Curve] = []
    said: Confirmed | None = None
    for number, plan in enumerate(plans):
        control.progress(number / len(plans), plan.name)
        part = control.part(number / len(plans), 1 / len(plans))
        attempts = plan.attempt(tasks, part)
        rows += _rows(plan, attempts, extent.grading)
        curves.append(Curve(method=plan.name, cost=curve(attempts)))
        if plan.name == extent.methods.best and extent.confirmations:
            said = confirm(attempts, extent.confirmations, part)
            rows[-1] = msgspec.structs.replace(
                rows[-1], confirmed=said.share, ngspice_vout_error=said.vout_error
            )
    hash_now = physics_hash(model.card.topologies)
    samples = StructureSamples(model, tasks, extent.structures, extent.seed)
    return Evaluation(
        rows=tuple(rows),
        curves=tuple(curves),
        specs=len(tasks),
        references=sum(task.name in extent.optima for task in tasks),
        model=ModelUnderTest(
            name=model.name,
            parameters=model.parameter_count,
            physics_hash=model.card.physics_hash,
            physics_matches=model.card.physics_hash == hash_now,
            guidance=model.guidance,
        ),
        physics_hash=hash_now,
        seed=extent.seed,
        structure=samples.structure(control) if extent.structures else None,
        unconfirmed={} if said is None else dict(said.reasons),
    )


def _rows(plan: Plan, attempts: Sequence[Attempt], grading: Grading) -> list[Row]:
    """Return a method's row, and rows after fewer evaluations where the table has them."""
    longest = max(each.evaluations for each in attempts)
    shorter = [k for k in SNAPSHOTS.get(plan.name, ()) if k < longest]
    rows = [grading.row(f"{plan.name} {k}", [each.cut(k) for each in attempts]) for k in shorter]
    name = f"{plan.name} {longest}" if plan.name in SNAPSHOTS else plan.name
    return [*rows, grading.row(name, attempts)]


_HEAD: Final = (
    "method",
    "evaluations",
    "solved",
    "strict",
    "corners",
    "quality 1.02",
    "1.05",
    "1.10",
    "mean cost (95 %)",
    "median",
    "beats the textbook",
    "Vout error",
    "est. efficiency",
    "legacy",
    "reward",
    "ngspice",
    "p50 / p95",
    "spread",
)


def markdown(found: Evaluation) -> str:
    """Return the tables as Markdown: all methods, the best row by topology, the curves."""
    lines = [_line(_HEAD), _line(["---"] * len(_HEAD))]
    lines += [_line(_cells(each)) for each in found.rows]
    for name in ("model pass@1", *_improved(found)[-1:]):
        chosen = [each for each in found.rows if each.method == name]
        lines += _by_topology(chosen[0]) if chosen else []
    steps = [str(step) for step in STEPS]
    lines += ["", "Mean cost after so many evaluations of each spec:", ""]
    lines += [_line(["method", *steps]), _line(["---"] * (len(steps) + 1))]
    lines += [
        _line([each.method, *(f"{cost:.3f}" for cost in each.cost.values())])
        for each in found.curves
    ]
    if found.structure is not None:
        lines += ["", _structure(found.structure)]
    lines += ["", "Published figures of the predecessor, whose physics was another:", ""]
    lines += [_line(["figure", "published"]), _line(["---"] * 2)]
    lines += [_line(pair) for pair in PUBLISHED]
    return "\n".join([*lines, ""])


def _structure(found: Structure) -> str:
    return (
        f"Structurally valid of {found.samples} samples each: {_share(found.masked)} under the "
        f"mask, {_share(found.unmasked)} free after a spec, {_share(found.unconditional)} free "
        "from nothing (published: 100 % and 77.1 %)."
    )


def _improved(found: Evaluation) -> list[str]:
    """Return the names of the model's rows with a local search."""
    return [
        each.method
        for each in found.rows
        if each.method.startswith("model best-of") and each.method.endswith("polished")
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(each: Row) -> list[str]:
    quality = each.quality_pass or {}
    latency = each.latency_ms
    return [
        each.method,
        f"{each.evaluations:.0f}",
        *(_share(s) for s in (each.solved, each.strict_pass, each.strict_pass_corners)),
        *(_share(quality.get(limit)) for limit in ("1.02", "1.05", "1.10")),
        f"{each.cost.mean:.3f} ({each.cost.low:.3f} to {each.cost.high:.3f})",
        f"{each.cost.median:.3f}",
        _share(each.win_rate),
        _share(each.vout_error_mean, 3),
        _share(each.efficiency_estimated_mean),
        _share(each.legacy_valid),
        f"{each.reward8:.2f}",
        _share(each.confirmed),
        NOTHING if latency.p50 is None else f"{latency.p50:.0f} / {latency.p95:.0f} ms",
        NOTHING if each.diversity is None else f"{each.diversity.spread:.2f}",
    ]


def _share(value: float | None, digits: int = 1) -> str:
    return NOTHING if value is None else f"{value * 100:.{digits}f} %"


def _by_topology(each: Row) -> list[str]:
    head = ["topology", "corners", "quality 1.02", "1.10", "mean cost", "est. efficiency"]
    lines = ["", f"{each.method}, by topology:", "", _line(head), _line(["---"] * len(head))]
    return lines + [_line([name, *_short(figures)]) for name, figures in each.per_topology.items()]


def _short(figures: Figures) -> list[str]:
    quality = figures.quality_pass or {}
    return [
        _share(figures.strict_pass_corners),
        _share(quality.get("1.02")),
        _share(quality.get("1.10")),
        f"{figures.cost.mean:.3f}",
        _share(figures.efficiency_estimated_mean),
    ]
