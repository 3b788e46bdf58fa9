"""The built-in example: the main job from beginning to end, its results as files."""

from pathlib import Path

import msgspec

from arcs_engine.analysis import design_file, exports
from arcs_engine.analysis.verification import verify
from arcs_engine.bench.reports import plot
from arcs_engine.circuits.captions import caption, value_texts
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import FileError, SpiceError
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.candidate import Candidate, Shortlist
from arcs_engine.performance.design import Design
from arcs_engine.performance.metrics import figure
from arcs_engine.performance.operating_point import operating_state
from arcs_engine.simulation.waveforms import Waveforms
from arcs_engine.sizing.shortlist import shortlist

EXAMPLE = Spec(
    topology="buck",
    vin=12.0,
    vin_min=12.0,
    vin_max=12.0,
    vout=5.0,
    iout=2.0,
    fsw=300e3,
    ripple=0.01,
)


class ExampleReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the example left behind.

    Attributes:
        folder: where the files lie.
        files: what each file is, by name.
        summary: one sentence on the best candidate.
    """

    folder: str
    files: dict[str, str]
    summary: str


def design_example(folder: Path, *, seed: int, control: Control) -> ExampleReport:
    """Design the example and write shortlist, schematic, waveforms and netlist.

    Raises:
        FileError: the folder cannot be written.
        ModelError: there is no usable model.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{folder} cannot be made: {(error.strerror or '').lower()}.") from error
    found = shortlist(EXAMPLE, count=8, seed=seed, locks={}, verified=False, control=control)
    best = found.candidates[0] if found.candidates else found.textbook
    best, waveforms = _simulated(best, control)
    found = msgspec.structs.replace(
        found,
        candidates=tuple(best if c.rank == best.rank else c for c in found.candidates),
    )
    contents = _contents(found, best, waveforms)
    for name, (_, content) in contents.items():
        design_file.write(folder / name, content)
    return ExampleReport(
        folder=str(folder.resolve()),
        files={name: what for name, (what, _) in contents.items()},
        summary=_summary(best),
    )


def _contents(
    found: Shortlist, best: Candidate, waveforms: Waveforms
) -> dict[str, tuple[str, bytes]]:
    """Return by file name what the file is, for the user, and what it holds."""
    design = Design.of(EXAMPLE, best)
    declared = topology(best.topology)
    panes = ("v(out)", f"i({declared.main_inductor})", f"v({declared.switch_node})")
    picture = plot.svg(waveforms, panes, caption(EXAMPLE))
    return {
        "shortlist.json": ("the ranked designs", design_file.encode(design_file.stored(found))),
        "schematic.svg": ("the best design", exports.drawing(design).encode()),
        "waveforms.csv": (
            f"its last periods, {waveforms.source}",
            exports.table(waveforms).encode(),
        ),
        "waveforms.svg": ("the same as a picture", picture.encode()),
        "netlist.cir": ("its SPICE deck, for ngspice -b", exports.deck(design).encode()),
    }


def _simulated(best: Candidate, control: Control) -> tuple[Candidate, Waveforms]:
    """Return the candidate with ngspice's word and waveforms, the solver's where there is none."""
    try:
        control.progress(0.9, "Simulating the best design with ngspice")
        confirmation, waveforms = verify(EXAMPLE, best, control)
    except SpiceError as error:
        control.progress(0.9, f"No confirmation by ngspice: {error}")
        return best, operating_state(Design.of(EXAMPLE, best)).waveforms(4)
    shown = min(4, confirmation.periods)
    return msgspec.structs.replace(best, ngspice=confirmation), waveforms.last(shown)


def _summary(best: Candidate) -> str:
    parts = ", ".join(value_texts(topology(best.topology), best.values))
    what = f"{caption(EXAMPLE)} with {parts}"
    metrics = best.metrics
    if metrics is None:
        return f"{what}: {' '.join(best.reasons)}"
    banks = ", ".join(f"{bank} for {name}" for name, bank in metrics.banks.items())
    confirmed = best.ngspice is not None and best.ngspice.confirmed
    return (
        f"{what}: {format_quantity(metrics.vout, 'V')}, ripple {metrics.ripple * 100:.3g} %, "
        f"estimated efficiency {metrics.efficiency_estimated * 100:.3g} %, "
        f"{figure('volume').text(metrics.volume)}, "
        f"{'confirmed' if confirmed else 'not confirmed'} by ngspice. To buy: {banks}."
    )
