"""``arcs design``: from a spec to a ranked shortlist."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from arcs_engine.analysis import design_file
from arcs_engine.circuits.captions import value_texts
from arcs_engine.circuits.spec import Spec
from arcs_engine.cli import options, spec_options, tables
from arcs_engine.cli.groups import grouped
from arcs_engine.cli.output import ProgressLine, control, emit, prepare_solver, say, warn
from arcs_engine.performance.candidate import Shortlist


@dataclass(frozen=True, kw_only=True)
class ProposalOptions:
    """Which candidates are proposed."""

    lock: Annotated[
        list[str] | None, typer.Option(help="A value that the proposals must keep, such as L1=22u.")
    ] = None
    count: Annotated[int, typer.Option(min=1, max=100, help="Number of candidates.")] = 8
    verify: Annotated[
        bool, typer.Option("--verify", help="Let ngspice simulate each candidate.")
    ] = False


@dataclass(frozen=True, kw_only=True)
class ShortlistOptions:
    """How the shortlist is given."""

    output: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            parser=options.output_file,
            metavar="FILE",
            help="Write the shortlist to this file.",
        ),
    ] = None
    explain: Annotated[
        bool, typer.Option("--explain", help="Show how the textbook design was calculated.")
    ] = False
    answer: options.AnswerOptions

    def give(self, found: Shortlist) -> None:
        """Write the shortlist to its file, and print it."""
        stored = design_file.stored(found)
        if self.output is not None:
            design_file.write(self.output, design_file.encode(stored))
        if self.answer.as_json:
            emit(stored)
            return
        say(tables.shortlist(found))
        if self.explain:
            say(tables.textbook_design(found.spec, found.textbook.topology))


@grouped
def design(
    asked: spec_options.SpecOptions, proposal: ProposalOptions, answered: ShortlistOptions
) -> None:
    """Propose component values for a spec, check each and rank them."""
    spec = asked.read()
    locks = spec_options.read_locks(proposal.lock or [], spec.topology)
    spec_options.warn_outside_training(spec)
    # torch and the compiled solver take a second to import; bad input is refused before that.
    from arcs_engine.performance.warm import is_warm  # noqa: PLC0415
    from arcs_engine.sizing.shortlist import shortlist  # noqa: PLC0415

    if not is_warm():
        _tell_textbook(spec)
        prepare_solver()
    with ProgressLine() as line:
        found = shortlist(
            spec,
            count=proposal.count,
            seed=answered.answer.seed,
            locks=locks,
            verified=proposal.verify,
            control=control(line),
        )
    if found.model is not None and not found.model.physics_matches:
        warn(
            f"the model {found.model.name} was trained for another objective; the designs "
            "come from a search instead."
        )
    answered.give(found)
    if not any(candidate.meets_spec for candidate in found.candidates or (found.textbook,)):
        _say_why(found, locks)
        raise typer.Exit(1)


def _tell_textbook(spec: Spec) -> None:
    """Say on stderr what the formulas give, which needs no solver."""
    from arcs_engine.sizing.proposal import textbook_design  # noqa: PLC0415 - imports torch

    declared, values = textbook_design(spec)
    shown = ", ".join(value_texts(declared, values))
    warn(f"the textbook {declared.title}, not solved yet: {shown}")


def _say_why(found: Shortlist, locks: dict[str, float]) -> None:
    """Say on stderr what each design of a list fails by, and what would help."""
    from arcs_engine.sizing.advice import advice  # noqa: PLC0415

    warn("No candidate meets the spec.")
    for line in tables.first_reasons(found):
        warn(line)
    with ProgressLine() as line_of_progress:
        sentences = advice(found, locks=locks, control=control(line_of_progress))
    for sentence in sentences:
        warn(sentence)
