"""Proposed designs, as every surface of ARCS shows them and as JSON carries them."""

from typing import Literal

import msgspec

from arcs_engine.circuits.spec import Spec
from arcs_engine.performance.conduction import Mode
from arcs_engine.performance.metrics import FIGURES, NOTHING, Entry, Metrics, figure

Origin = Literal["textbook", "model", "search", "user"]


class Confirmation(msgspec.Struct, frozen=True, kw_only=True):
    """What ngspice said of a design (requirement N4).

    Attributes:
        confirmed: Vout within 1 % of the target and the solver's, ripple <= 1.05 x asked and as
            the solver's, efficiency within 1 point of the solver's; the source holds its voltage,
            and energy, charge and flux balance.
        reasons: what failed, a sentence each; empty when confirmed.
        vout: mean output, V, with its sign.
        ripple: fraction of the target.
        efficiency: fraction.
        charge_balance: largest mean capacitor current / Iout.
        flux_balance: largest mean inductor voltage / Vin.
        periods: length of the judged window.
        seconds: wall-clock time of the simulation.
        steady: whether the window is a steady state; if not, its figures mean nothing.
    """

    confirmed: bool
    reasons: tuple[str, ...]
    vout: float
    ripple: float
    efficiency: float
    charge_balance: float
    flux_balance: float
    periods: int
    seconds: float
    steady: bool = True


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A checked design for a spec.

    Attributes:
        rank: 0 for the textbook design, then from 1.
        topology: registered name.
        values: design values by name, SI.
        duty: solved, 0..1; None where no duty gives the output.
        mode: conduction mode at nominal input and full load; None where unsolved.
        metrics: at nominal input and full load; None where unsolved.
        cost: requirement J4; 3 when the spec is not met.
        reward: the 8-point reward.
        meets_spec: whether every check passed.
        reasons: what failed, one sentence each.
        warnings: what passes but needs care, one sentence each.
        ngspice: filled in once verified.
        origin: who proposed the values.
        note: one sentence on how it differs from the textbook design.
        overrides: part parameters that replaced the derived ones when it was judged, SI, by name.
        given_duty: duty that was given, so that nothing was regulated; None where it was solved.
        names: what it excels in among a shortlist, such as ``smallest``.
        equals: how many designs were found that are nearly equal to it.
    """

    rank: int
    topology: str
    values: dict[str, float]
    duty: float | None
    mode: Mode | None
    metrics: Metrics | None
    cost: float
    reward: float
    meets_spec: bool
    reasons: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    ngspice: Confirmation | None = None
    origin: Origin = "model"
    note: str = ""
    overrides: dict[str, float] = {}
    given_duty: float | None = None
    names: tuple[str, ...] = ()
    equals: int = 0


def answered(candidate: Candidate, said: Confirmation | Exception) -> Candidate:
    """Return a candidate with ngspice's word on it, or a warning that there is none, and why."""
    if isinstance(said, Confirmation):
        return msgspec.structs.replace(candidate, ngspice=said)
    warnings = dict.fromkeys((*candidate.warnings, f"ngspice does not confirm it: {said}"))
    return msgspec.structs.replace(candidate, warnings=tuple(warnings))


def entries(candidate: Candidate) -> tuple[Entry, ...]:
    """Return every figure that is known of a candidate, in the order of `metrics.FIGURES`."""
    holders = {"candidate": candidate, "metrics": candidate.metrics}
    return tuple(
        entry
        for each in FIGURES
        if holders[each.owner] is not None
        for entry in each.entries(holders[each.owner])
    )


def figures_confirmed(candidate: Candidate) -> bool:
    """Say whether ngspice found the solver's figures, whatever the spec asks of them.

    A design that fails by its ripple fails in ngspice too, which is no disagreement.
    """
    said, metrics = candidate.ngspice, candidate.metrics
    if said is None or metrics is None or not said.steady:
        return False
    tolerances = {name: figure(name).tolerance for name in ("vout", "ripple", "efficiency")}
    return said.confirmed or all(
        tolerance is not None and tolerance.accepts(getattr(said, name), getattr(metrics, name))
        for name, tolerance in tolerances.items()
    )


def cost_text(candidate: Candidate) -> str:
    """Write a cost for people; that of a design that fails is a penalty and no cost."""
    return f"{candidate.cost:.3f}" if candidate.meets_spec else NOTHING


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Wall-clock seconds of a proposal's stages."""

    sample: float
    solve: float
    verify: float
    total: float


class ModelSummary(msgspec.Struct, frozen=True, kw_only=True):
    """Which model proposed."""

    name: str
    parameters: int
    physics_hash: str
    physics_matches: bool


class Shortlist(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to a spec: the textbook design and ranked candidates."""

    spec: Spec
    textbook: Candidate
    candidates: tuple[Candidate, ...]
    timing: Timing
    model: ModelSummary | None
    seed: int


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a topology could do.

    Attributes:
        topology: its name.
        candidate: the best that a search finds, at a cost that can be compared with the others';
            None when the topology cannot meet the spec.
        refusal: why it cannot, one sentence; empty when it can.
    """

    topology: str
    candidate: Candidate | None
    refusal: str
