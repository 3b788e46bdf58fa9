"""``arcs bench``: measured figures."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

import typer
from msgspec import Struct
from msgspec.structs import asdict

from arcs_engine.cli import options
from arcs_engine.cli.groups import grouped
from arcs_engine.cli.output import ProgressLine, control, prepare_solver
from arcs_engine.cli.window import window
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import InputError


class Subject(StrEnum):
    """What is measured."""

    PHYSICS = "physics"
    PROPOSE = "propose"
    TRAIN = "train"
    GUI = "gui"
    ALL = "all"


@dataclass(frozen=True, kw_only=True)
class BenchOptions:
    """How many designs are measured; a count of the last three takes the place of all else."""

    designs: Annotated[
        int,
        typer.Option(
            min=1, max=10_000, help="Random designs per topology to compare with ngspice."
        ),
    ] = 100
    track: Annotated[
        str,
        typer.Option(
            help="Specs that these designs are for: C, any; D, of real work, to 2.2 MHz and 400 V."
        ),
    ] = "C"
    bulk: Annotated[
        int | None,
        typer.Option(min=1, help="Instead, check balance and convergence of this many designs."),
    ] = None
    infeasible: Annotated[
        int | None,
        typer.Option(min=1, help="Instead, sweep the duty of this many infeasible designs."),
    ] = None
    cold: Annotated[
        int | None,
        typer.Option(
            min=1, help="Instead, start this many designs per topology from rest in ngspice."
        ),
    ] = None

    def instead(self) -> list[tuple[str, int]]:
        """Return what takes the place of everything else: names and counts that were given."""
        counts = {"bulk": self.bulk, "infeasible": self.infeasible, "cold": self.cold}
        return [(name, count) for name, count in counts.items() if count is not None]


@grouped
def bench(
    designs: BenchOptions,
    tables: options.TablesOptions,
    subject: Annotated[Subject, typer.Argument(help="What to measure.")] = Subject.PHYSICS,
) -> None:
    """Measure the solver's speed and its agreement with ngspice, proposals, training, the window.

    ``all`` is each of them, one after the other.
    """
    instead = designs.instead()
    if instead and (subject is not Subject.PHYSICS or len(instead) > 1):
        raise InputError(
            f"--{instead[-1][0]} takes the place of everything else that is measured; give it "
            "alone, to arcs bench physics."
        )
    prepare_solver()
    with ProgressLine() as line:
        measures = Measures(designs, tables.answer.seed, control(line))
        if instead:
            tables.give(*measures.counted(*instead[0]))
            return
        named = measures.named()
        chosen = named if subject is Subject.ALL else {subject: named[subject]}
        found = {name.value: measure() for name, measure in chosen.items()}
    figures = {name: struct for name, (struct, _) in found.items()}
    tables.give(figures, "\n".join(table for _, table in found.values()))


@dataclass(frozen=True)
class Measures:
    """What measures, each with its answer: figures and their tables.

    The compiled solver, torch and Qt take a second to import; only what is measured is.

    Attributes:
        options: how many designs, and on which specs.
        seed: of all chance.
        control: told how far each is.
    """

    options: BenchOptions
    seed: int
    control: Control

    def named(self) -> dict[Subject, Callable[[], tuple[Struct, str]]]:
        """Return each measure by what it measures."""
        return {
            Subject.PHYSICS: self.physics,
            Subject.PROPOSE: self.propose,
            Subject.TRAIN: self.train,
            Subject.GUI: self.gui,
        }

    def physics(self) -> tuple[Struct, str]:
        """Measure the solver: its speed, and its agreement with ngspice."""
        from arcs_engine.bench import physics  # noqa: PLC0415
        from arcs_engine.learning.datasets.specs import track_named  # noqa: PLC0415

        figures = physics.bench_physics(
            designs=self.options.designs,
            seed=self.seed,
            control=self.control,
            track=track_named(self.options.track),
        )
        return figures, physics.markdown(figures)

    def counted(self, name: str, count: int) -> tuple[Struct, str]:
        """Measure what takes the place of speed and agreement: bulk, infeasible or cold."""
        from arcs_engine.bench import bulk, cold, infeasible  # noqa: PLC0415

        if name == "cold":
            starts = cold.cold_starts(count, self.seed, self.control)
            return starts, cold.markdown(starts)
        measure: Callable[[int, int, Control], Struct] = (
            bulk.bulk if name == "bulk" else infeasible.infeasible
        )
        counts = measure(count, self.seed, self.control)
        return counts, "\n".join(f"{title}: {value}" for title, value in asdict(counts).items())

    def propose(self) -> tuple[Struct, str]:
        """Measure how long a proposal takes."""
        from arcs_engine.bench import propose  # noqa: PLC0415

        figures = propose.bench_propose(seed=self.seed, control=self.control)
        return figures, propose.markdown(figures)

    def train(self) -> tuple[Struct, str]:
        """Measure how fast a model is trained."""
        from arcs_engine.bench import train  # noqa: PLC0415

        figures = train.bench_train(seed=self.seed, control=self.control)
        return figures, train.markdown(figures)

    def gui(self) -> tuple[Struct, str]:
        """Measure how fluent the window is."""
        gui = window("bench")
        self.control.progress(0.0, "Measuring the window")
        figures = gui.bench()
        return figures, gui.markdown(figures)
