"""``arcs evaluate``: what a model is worth beside other methods, under one judge."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from arcs_engine.cli import options
from arcs_engine.cli.groups import grouped
from arcs_engine.cli.output import ProgressLine, control, prepare_solver, warn
from arcs_engine.foundation.errors import InputError

if TYPE_CHECKING:  # torch and the compiled solver take a second to import
    from arcs_engine.learning.model_evaluation.tasks import Task
    from arcs_engine.model.model import Model

_DRAWN = 20
"""Specs for each topology where neither a file nor a count is given."""

_MOST = 1_000_000
"""Specs, evaluations or designs that an option may ask for."""

_MOST_DRAWN = 10_000
"""Designs that a model draws at once for a spec."""

_STRONGEST = 100.0


@dataclass(frozen=True, kw_only=True)
class TaskOptions:
    """The specs that a model is judged on."""

    specs: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path,
            metavar="FILE",
            help="Specs as a JSON list; default: freshly drawn ones of a track.",
        ),
    ] = None
    track: Annotated[
        str,
        typer.Option(
            help="Draw specs of track A, B (nominal), C (wide ranges) or D (the ranges of real "
            "work, with load steps)."
        ),
    ] = "C"
    count: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=_MOST,
            help="Specs for each topology: the first of the file, or drawn; default: the whole "
            f"file, or {_DRAWN}.",
        ),
    ] = None

    def check(self) -> None:
        """Raise `InputError` for a track that is not there."""
        from arcs_engine.learning.model_evaluation.tasks import TRACKS  # noqa: PLC0415

        if self.track not in TRACKS:
            *others, last = TRACKS
            raise InputError(
                f"--track is '{self.track}'; there are {', '.join(others)} and {last}."
            )

    def read(self, seed: int) -> list["Task"]:
        """Return the specs of the file, or freshly drawn ones.

        Raises:
            FileError: the file cannot be read, or an entry is no spec.
        """
        from arcs_engine.learning.model_evaluation import tasks  # noqa: PLC0415

        if self.specs is None:
            return tasks.draw(self.track, self.count or _DRAWN, seed)
        found = tasks.read(self.specs)
        return found if self.count is None else tasks.first_of_each(found, self.count)


@dataclass(frozen=True, kw_only=True)
class ModelOptions:
    """The model that is judged, and how it draws designs."""

    model: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path,
            metavar="FOLDER",
            help="Folder of a model; default: the shipped one.",
        ),
    ] = None
    guidance: Annotated[
        str | None,
        typer.Option(
            help="How strongly the likeliest and the drawn designs are led away from failures, "
            "such as 2,0; default: as in a proposal."
        ),
    ] = None
    best_of: Annotated[
        str, typer.Option("--best-of", help="Designs that the model draws, such as 1,8,32.")
    ] = "3,8,32"

    def counts(self) -> list[int]:
        """Return how many designs the model draws, rising.

        Raises:
            InputError: the text is no list of counts.
        """
        text = self.best_of
        try:
            counts = sorted({int(part) for part in text.split(",")})
        except ValueError as problem:
            raise InputError(f"--best-of is '{text}'; it takes counts such as 1,8,32.") from problem
        if not 1 <= counts[0] <= counts[-1] <= _MOST_DRAWN:
            raise InputError(f"--best-of is '{text}'; each count must be from 1 to {_MOST_DRAWN}.")
        return counts

    def strengths(self) -> tuple[float, float] | None:
        """Return how strongly the likeliest and the drawn designs are guided; None as proposed.

        Raises:
            InputError: the text is no pair of strengths.
        """
        if self.guidance is None:
            return None
        wanted = (
            f"--guidance is '{self.guidance}'; it takes two numbers of at least 0, at most "
            f"{_STRONGEST:g}, such as 2,0."
        )
        try:
            likeliest, drawn = (float(part) for part in self.guidance.split(","))
        except ValueError as problem:
            raise InputError(wanted) from problem
        if not all(0 <= each <= _STRONGEST for each in (likeliest, drawn)):
            raise InputError(wanted)
        return likeliest, drawn

    def load(self) -> "Model":
        """Return the model, guided as it was asked.

        Raises:
            ModelError: it cannot be read.
        """
        from arcs_engine.model.guidance import Guidance  # noqa: PLC0415
        from arcs_engine.model.model import load  # noqa: PLC0415

        loaded, strengths = load(self.model), self.strengths()
        return loaded if strengths is None else replace(loaded, guidance=Guidance(*strengths))


@dataclass(frozen=True, kw_only=True)
class JudgementOptions:
    """What the model is compared with, and what else is looked at."""

    baselines: Annotated[
        bool, typer.Option("--baselines", help="Judge textbook, random and genetic search too.")
    ] = False
    evaluations: Annotated[
        int,
        typer.Option(min=1, max=_MOST, help="Budget of the genetic algorithm among the baselines."),
    ] = 2000
    reference: Annotated[
        Path | None,
        typer.Option(
            parser=options.named_path,
            metavar="FILE",
            help="Reference optima, from python -m arcs_engine.bench.reports.optimum.",
        ),
    ] = None
    confirm: Annotated[
        int, typer.Option(min=0, max=_MOST, help="Designs of the best row that ngspice simulates.")
    ] = 0
    structure: Annotated[
        int, typer.Option(min=0, max=_MOST, help="Samples of each kind whose structure is checked.")
    ] = 0
    auto: Annotated[
        int | None,
        typer.Option(
            min=1, max=_MOST, help="Instead, on so many specs: does auto choose the best topology?"
        ),
    ] = None


@grouped
def evaluate(
    asked: TaskOptions,
    proposer: ModelOptions,
    judgement: JudgementOptions,
    tables: options.TablesOptions,
) -> None:
    """Judge a model on specs it never saw: passes, cost, confirmation, latency, by topology."""
    counts = proposer.counts()
    proposer.strengths()  # refused before the work, as everything that was typed
    asked.check()
    if judgement.auto is not None:
        _judge_auto(judgement.auto, proposer.model, tables)
        return
    # torch and the compiled solver take a second to import; bad input is refused before that.
    from arcs_engine.learning.model_evaluation import report  # noqa: PLC0415
    from arcs_engine.learning.model_evaluation.methods import Methods  # noqa: PLC0415
    from arcs_engine.learning.model_evaluation.references import References  # noqa: PLC0415

    seed = tables.answer.seed
    chosen = asked.read(seed)
    loaded = proposer.load()
    known = _known(chosen, loaded)
    reference = judgement.reference
    optima = {} if reference is None else References(reference).costs(known)
    baselines = judgement.evaluations if judgement.baselines else None
    prepare_solver()
    with ProgressLine() as line:
        found = report.evaluate_model(
            loaded,
            known,
            report.Extent(
                methods=Methods(counts, baselines, seed),
                optima=optima,
                confirmations=judgement.confirm,
                structures=judgement.structure,
            ),
            control(line),
        )
    if not found.model.physics_matches:
        warn(f"the model {loaded.name} was trained for another objective than it is judged by.")
    tables.give(found, report.markdown(found))


def _known(chosen: "list[Task]", model: "Model") -> "list[Task]":
    """Return the specs of topologies that the model was trained on; say which are left out."""
    known = [task for task in chosen if task.spec.topology in model.card.topologies]
    if len(known) < len(chosen):
        left = sorted({t.spec.topology for t in chosen} - set(model.card.topologies))
        warn(f"the model {model.name} was not trained on {', '.join(left)}; these are left out.")
    if not known:
        raise InputError(f"The model {model.name} was trained on none of these topologies.")
    return known


def _judge_auto(count: int, folder: Path | None, tables: options.TablesOptions) -> None:
    from arcs_engine.learning.model_evaluation import auto  # noqa: PLC0415
    from arcs_engine.model.model import load  # noqa: PLC0415
    from arcs_engine.sizing.proposal import Proposer  # noqa: PLC0415

    loaded = load(folder)
    prepare_solver()
    if not Proposer(loaded).matches:
        warn(
            f"the model {loaded.name} was trained for another objective; auto chooses among "
            "designs of a search instead."
        )
    with ProgressLine() as line:
        found = auto.AutoTrial(loaded, count, tables.answer.seed).judge(control(line))
    tables.give(found, auto.markdown(found))
