"""The one judge: (Spec, Design) to verdict.

The window, the command line, proposals, training data and rewards all call this module; there is no
second opinion about what a figure is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.circuit import Capacitor, Inductor, Source
from arcs_engine.circuits.parameters import Overrides, derive
from arcs_engine.circuits.spec import FloatArray, Spec, SpecBatch
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.circuits.topologies.base import Parameters, Topology, Values
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.candidate import Candidate, Origin
from arcs_engine.performance.cautions import of_efficiency
from arcs_engine.performance.cores import NOT_RESET, carried_state
from arcs_engine.performance.corners import CORNERS, NOMINAL, Assessment, assess
from arcs_engine.performance.design import Design
from arcs_engine.performance.metrics import Metrics
from arcs_engine.performance.operating_point import mode_at, point_parameters
from arcs_engine.performance.ratings import Need, needs
from arcs_engine.simulation.steady import SteadyState
from arcs_engine.simulation.steady.newton import ABOVE_MAX_DUTY, BELOW_MIN_DUTY, GAIN_LIMIT

STATUSES: Final = ("good", "unsolved", "infeasible", "vout", "ripple", "stress", "esr")
"""Labels of a verdict: the first thing that fails, or good."""

FAILED_COST: Final = 3.0
"""Cost of a design that fails its spec (requirement J4)."""

VOUT_TOLERANCE: Final = 0.01

LONGEST_COMMUTATION: Final = 0.1
"""Share of the on-time that the leakage may take to commutate: beyond it the fast solver's figures
are not proved (requirement P13)."""

_VOUT_STEPS: Final = (0.05, 0.10, 0.20)
_EFFICIENCY_STEPS: Final = (0.5, 0.7, 0.8, 0.9)
_RIPPLE_STEPS: Final = (0.02, 0.05)
"""Where the reward changes by a step: by 1 for the output, by 1/2 for the others."""

_FALLBACK_LOSS: Final = 0.15
"""Loss over Pout that stands in for a textbook design which cannot be solved."""


Reference = tuple[float, float]
"""Loss (W) and energy (J) that cost 1."""


@dataclass(frozen=True)
class Verdicts:
    """What the judge says of n designs; arrays of shape (n,).

    Attributes:
        status: index into `STATUSES`.
        meets_spec: strict pass at all corners.
        strict_pass: strict pass at the nominal point.
        cost: requirement J4; `FAILED_COST` where the spec is not met.
        least_cost: what those designs cost at least that were cut off at their bound; nan for all
            others.
        cost_if_met: what a design would cost if it met its spec; where its other corners were not
            solved, what it would cost at least. Nan where unsolved.
        reward: the 8-point reward.
        vout_error: fraction, at the nominal point; nan where unsolved, as below.
        ripple: fraction of Vout, at the nominal point.
        efficiency: simulated.
        efficiency_estimated: with the modelled losses.
        duty: solved.
        commutation: time that the leakage takes to commutate, over the on-time.
        failures: for each label which designs fail so; a design may fail in several ways.
        assessment: the figures behind it all.
    """

    status: NDArray[np.int64]
    meets_spec: NDArray[np.bool_]
    strict_pass: NDArray[np.bool_]
    cost: FloatArray
    least_cost: FloatArray
    cost_if_met: FloatArray
    reward: FloatArray
    vout_error: FloatArray
    ripple: FloatArray
    efficiency: FloatArray
    efficiency_estimated: FloatArray
    duty: FloatArray
    commutation: FloatArray
    failures: dict[str, NDArray[np.bool_]]
    assessment: Assessment


def judge(
    topology: Topology,
    values: Values,
    specs: SpecBatch,
    weight: float | FloatArray = 0.5,
    *,
    overrides: Overrides | None = None,
    duty: FloatArray | None = None,
    reference: tuple[FloatArray, FloatArray] | None = None,
    bound: FloatArray | None = None,
) -> Verdicts:
    """Judge designs of one topology.

    Args:
        topology: which circuit.
        values: design values, shape (n,) each.
        specs: the spec of each, length n.
        weight: of the loss against the energy, 0..1.
        overrides: part parameters that replace the derived ones, such as ``L1.dcr``.
        duty: given duty, shape (n,); None to solve it.
        reference: loss (W) and energy (J) that cost 1, shape (n,) each; None for the textbook
            design of each spec.
        bound: costs from which on designs are of no interest, shape (n,). One that is sure to cost
            that much by its nominal point is cut off before its other corners are solved, and does
            not count as meeting the spec. Not with overrides. None to cut off nothing.
    """
    parameters = derive(topology, values, specs, overrides or {})
    loss, energy = reference_of(topology, specs) if reference is None else reference
    least_cost = np.full(len(specs), np.nan)
    most = np.inf if bound is None else bound

    def cost_of(its_loss: FloatArray, its_energy: FloatArray) -> FloatArray:
        return np.asarray(weight * its_loss / loss + (1 - weight) * its_energy / energy)

    def at_bound(its_loss: FloatArray, its_energy: FloatArray) -> NDArray[np.bool_]:
        least_cost[:] = cost_of(its_loss, its_energy)
        return least_cost >= most

    assessment = assess(
        topology, parameters, specs, duty=duty, at_bound=None if bound is None else at_bound
    )
    least_cost[~assessment.cut_off] = np.nan
    nominal = assessment.nominal
    vout_error = np.abs(np.abs(nominal.vout) - specs.vout) / specs.vout
    commutation = (
        topology.commutation_time(parameters, specs.vin, specs.iout) * specs.fsw / nominal.duty
    )
    checks = _checks(topology, values, specs, assessment, vout_error, regulated=duty is None)
    slow = commutation > LONGEST_COMMUTATION
    checks["unsolved"] |= slow
    status = np.zeros(len(specs), dtype=np.int64)
    for label in reversed(STATUSES[1:]):
        status[checks[label]] = STATUSES.index(label)
    meets = (status == 0) & ~assessment.cut_off
    cost = cost_of(assessment.loss, assessment.energy)
    nominal_fails = (
        (nominal.status != 0)
        | (vout_error > VOUT_TOLERANCE)
        | (nominal.ripple > specs.ripple)
        | ~nominal.balanced
        | slow
        | checks["stress"]
    )
    return Verdicts(
        status=status,
        meets_spec=meets,
        strict_pass=~nominal_fails,
        cost=np.where(meets, cost, FAILED_COST),
        least_cost=least_cost,
        cost_if_met=cost,
        reward=_reward(assessment, vout_error),
        vout_error=vout_error,
        ripple=nominal.ripple,
        efficiency=nominal.efficiency,
        efficiency_estimated=assessment.efficiency_estimated,
        duty=nominal.duty,
        commutation=commutation,
        failures=checks,
        assessment=assessment,
    )


def _checks(
    topology: Topology,
    values: Values,
    specs: SpecBatch,
    found: Assessment,
    vout_error: FloatArray,
    *,
    regulated: bool,
) -> dict[str, NDArray[np.bool_]]:
    """Return for each label which designs fail so."""
    limits = (ABOVE_MAX_DUTY, GAIN_LIMIT, BELOW_MIN_DUTY, NOT_RESET)
    tried = found.corner_status >= 0
    infeasible = np.logical_or.reduce([found.corner_status == limit for limit in limits])
    infeasible = infeasible.any(axis=1)
    unsolved = (tried & (found.corner_status > 0)).any(axis=1) & ~infeasible
    unsolved |= ((found.corner_status == 0) & ~found.corner_balanced).any(axis=1)
    stress = np.zeros(len(specs), dtype=bool)
    for need in needs_of(topology, found):
        stress |= need.exceeds
    return {
        "unsolved": unsolved,
        "infeasible": infeasible,
        "vout": ~(vout_error <= VOUT_TOLERANCE) & (found.nominal.status == 0),
        "ripple": (found.corner_ripple > specs.ripple[:, None]).any(axis=1),
        "stress": stress,
        "esr": (values["Cout_esr"] < found.esr_bound * (1 - 1e-9))
        if regulated
        else np.zeros(len(specs), dtype=bool),
    }


def needs_of(topology: Topology, found: Assessment) -> Iterator[Need]:
    """Yield what each part must stand at its worst corner."""
    return needs(topology, found.parameters, found.peaks, found.currents)


def _reward(found: Assessment, vout_error: FloatArray) -> FloatArray:
    """Return the 8-point reward (requirement J6); unbalanced counts as not simulated."""
    nominal = found.nominal
    simulated = (nominal.status == 0) & nominal.balanced
    efficiency = nominal.efficiency
    # Both ends of a step as they are counted: an error of exactly 5 % has missed it.
    points = 4.0 - np.searchsorted(_VOUT_STEPS, vout_error, side="right")
    points += np.searchsorted(_EFFICIENCY_STEPS, efficiency, side="left") / 2
    points += 1.0 - np.searchsorted(_RIPPLE_STEPS, nominal.ripple, side="right") / 2
    return 1.0 + np.where(simulated, points, 0.0)


def reference_of(topology: Topology, specs: SpecBatch) -> tuple[FloatArray, FloatArray]:
    """Return loss (W) and energy (J) of the textbook design of each spec, shape (n,) each."""
    # Batches of designs repeat few specs: solve each once.
    table = np.stack([getattr(specs, f) for f in SpecBatch.__dataclass_fields__], axis=1)
    _, first, inverse = np.unique(table, axis=0, return_index=True, return_inverse=True)
    distinct = specs.take(first)
    # There is no textbook design for what the topology cannot do.
    with np.errstate(invalid="ignore", divide="ignore"):
        parameters = topology.parameters(topology.textbook(distinct).values, distinct)
    found = assess(topology, parameters, distinct)
    loss = np.where(
        np.isfinite(found.loss), found.loss, _FALLBACK_LOSS * distinct.vout * distinct.iout
    )
    energy = np.where(
        np.isfinite(found.energy), found.energy, _textbook_energy(topology, parameters, distinct)
    )
    inverse = inverse.reshape(-1)
    return loss[inverse], energy[inverse]


def _textbook_energy(topology: Topology, parameters: Parameters, specs: SpecBatch) -> FloatArray:
    """Estimate the stored energy of a design that has no operating point, from its full load."""
    inductors = [parameters[e.inductance] for e in topology.circuit.of_type(Inductor)]
    capacitors = [parameters[e.capacitance] for e in topology.circuit.of_type(Capacitor)]
    energy = sum(0.5 * value * (1.15 * specs.iout) ** 2 for value in inductors)
    return np.asarray(energy + sum(0.5 * value * specs.vout**2 for value in capacitors))


@lru_cache(maxsize=256)
def textbook_reference(topology_name: str, spec: Spec) -> Reference:
    """Return loss (W) and energy (J) of a topology's textbook design for one spec."""
    loss, energy = reference_of(find_topology(topology_name), SpecBatch.of([spec]))
    return float(loss[0]), float(energy[0])


def evaluate_many(
    spec: Spec,
    topology: Topology,
    values: Values,
    *,
    origin: Origin = "user",
    overrides: Overrides | None = None,
    duty: float | None = None,
    reference: Reference | None = None,
) -> list[Candidate]:
    """Judge several designs for one spec, in one batch; ranks count from 1 in the given order.

    Args:
        spec: what they must do.
        topology: which circuit.
        values: design values, shape (n,) each.
        origin: who proposed them.
        overrides: part parameters that replace the derived ones.
        duty: given duty; None to solve it.
        reference: what costs 1; None for the topology's own textbook design.
    """
    arrays = {name: np.atleast_1d(np.asarray(v, dtype=np.float64)) for name, v in values.items()}
    count = len(next(iter(arrays.values())))
    specs = SpecBatch.of([spec] * count)
    loss, energy = reference or textbook_reference(topology.name, spec)
    verdicts = judge(
        topology,
        arrays,
        specs,
        spec.weight,
        overrides=overrides,
        duty=None if duty is None else np.full(count, duty),
        reference=(np.full(count, loss), np.full(count, energy)),
    )
    given = {name: np.broadcast_to(value, (count,)) for name, value in (overrides or {}).items()}
    return [
        msgspec.structs.replace(
            _candidate(spec, topology, arrays, verdicts, row, origin),
            overrides={name: float(value[row]) for name, value in given.items()},
            given_duty=duty,
        )
        for row in range(count)
    ]


def evaluate(
    spec: Spec,
    topology: Topology,
    values: Mapping[str, float],
    *,
    origin: Origin = "user",
    overrides: Mapping[str, float] | None = None,
    duty: float | None = None,
) -> Candidate:
    """Judge one design for a spec; see `evaluate_many`."""
    arrays = {name: np.array([value]) for name, value in values.items()}
    return evaluate_many(spec, topology, arrays, origin=origin, overrides=overrides, duty=duty)[0]


def _candidate(
    spec: Spec,
    topology: Topology,
    values: Values,
    verdicts: Verdicts,
    row: int,
    origin: Origin,
) -> Candidate:
    solved = verdicts.assessment.nominal.status[row] == 0
    reasons = _reasons(spec, topology, values, verdicts, row)
    metrics = _metrics(spec, topology, verdicts, row) if solved else None
    return Candidate(
        rank=row + 1,
        topology=topology.name,
        values={name: float(v[row]) for name, v in values.items()},
        duty=float(verdicts.duty[row]) if solved else None,
        mode=mode_at(verdicts.assessment.nominal, row) if solved else None,
        metrics=metrics,
        cost=FAILED_COST if reasons else float(verdicts.cost[row]),
        reward=float(verdicts.reward[row]),
        meets_spec=not reasons,
        reasons=reasons,
        warnings=() if metrics is None else of_efficiency(metrics),
        origin=origin,
    )


def _metrics(spec: Spec, topology: Topology, verdicts: Verdicts, row: int) -> Metrics:
    found = verdicts.assessment
    nominal = found.nominal
    every = nominal.losses | found.modelled
    period, duty = 1 / spec.fsw, float(nominal.duty[row])
    circuit = topology.circuit
    return Metrics(
        vout=float(nominal.vout[row]),
        vout_error=float(verdicts.vout_error[row]),
        ripple=float(nominal.ripple[row]),
        inductor_ripple=float(nominal.inductor_ripple[row]),
        efficiency=float(nominal.efficiency[row]),
        efficiency_estimated=float(verdicts.efficiency_estimated[row]),
        pin=float(nominal.pin[row]),
        pout=float(nominal.pout[row]),
        losses={name: float(loss[row]) for name, loss in every.items()},
        stress={need.name: need.stress(row) for need in needs_of(topology, found)},
        energy=float(found.energy[row]),
        residue=float(nominal.residue[row]),
        charge_balance=float(nominal.charge_balance[row]),
        flux_balance=float(nominal.flux_balance[row]),
        inductor_ripples={e.name: float(nominal.ripples[e.name][row]) for e in topology.magnetics},
        input_ripple=float(nominal.ripples[circuit.of_type(Source)[0].name][row]),
        capacitor_ripples={
            e.name: float(nominal.ripples[e.name][row]) for e in circuit.inner_capacitors
        },
        on_time=duty * period,
        off_time=(1 - duty) * period,
    )


def _reasons(
    spec: Spec, topology: Topology, values: Values, verdicts: Verdicts, row: int
) -> tuple[str, ...]:
    """Say what fails, worst first, one sentence each; nothing when the spec is met."""
    found = verdicts.assessment
    reasons = []
    for corner in np.flatnonzero(found.corner_status[row] > 0).tolist():
        failure = found.nominal.failure(row, int(found.corner_status[row, corner]))
        reasons.append(f"{_where(spec, corner)}: {failure}")
    if found.nominal.status[row] != 0:
        return tuple(reasons)
    if verdicts.vout_error[row] > VOUT_TOLERANCE:
        reasons.append(
            f"The output is {format_quantity(float(found.nominal.vout[row]), 'V')}, more than 1 % "
            f"from {format_quantity(topology.sign * spec.vout, 'V')}."
        )
    ripple = found.corner_ripple[row]
    if (ripple > spec.ripple).any():
        worst = int(np.nanargmax(ripple))
        reasons.append(
            f"{_where(spec, worst)}: the output ripple is {ripple[worst]:.2%}, above the allowed "
            f"{spec.ripple:.2%}."
        )
    if found.nominal.efficiency[row] > 1:
        pout, pin = float(found.nominal.pout[row]), float(found.nominal.pin[row])
        reasons.append(
            f"{_where(spec, NOMINAL)}: {format_quantity(pout, 'W')} leave a converter that "
            f"{format_quantity(pin, 'W')} enter."
        )
    if verdicts.commutation[row] > LONGEST_COMMUTATION:
        reasons.append(
            f"The leakage takes {verdicts.commutation[row]:.0%} of the on-time to commutate, more "
            f"than {LONGEST_COMMUTATION:.0%}, so the figures cannot be trusted."
        )
    unbalanced = (found.corner_status[row] == 0) & ~found.corner_balanced[row]
    for corner in np.flatnonzero(unbalanced).tolist():
        reasons.append(
            f"{_where(spec, corner)}: energy, charge or flux do not balance, so the figures "
            "cannot be trusted."
        )
    if verdicts.failures["esr"][row]:
        bound = format_quantity(float(found.esr_bound[row]), "Ω")
        reasons.append(
            f"No capacitor of {format_quantity(float(values['Cout'][row]), 'F')} has an ESR below "
            f"{bound}."
        )
    reasons += [
        f"{need.shortfall(row)}."
        for need in needs_of(topology, found)
        if np.isnan(need.rating[row])
    ]
    estimated = float(verdicts.efficiency_estimated[row])
    if spec.efficiency is not None and estimated < spec.efficiency:
        reasons.append(
            f"The estimated efficiency is {estimated:.1%}, below the wished {spec.efficiency:.1%}."
        )
    return tuple(reasons)


def _where(spec: Spec, corner: int) -> str:
    """Name a corner for the user."""
    if corner == NOMINAL:
        return f"At {spec.vin:g} V and full load"
    vin, load = CORNERS[corner]
    return f"At {getattr(spec, vin):g} V and {load:.0%} load"


def nominal_parameters(design: Design) -> dict[str, float]:
    """Return a design's element parameters at nominal input and full load, SI, by name."""
    specs = SpecBatch.of([design.spec])
    arrays = {name: np.array([value]) for name, value in design.values.items()}
    parts = derive(find_topology(design.spec.topology), arrays, specs, design.overrides)
    parameters = point_parameters(parts, specs.vin, specs.vout, specs.iout)
    return {name: float(np.ravel(p)[0]) for name, p in parameters.items()}


def operating_state(design: Design) -> SteadyState:
    """Return the steady state at nominal input and full load, with its waveforms.

    The duty is the design's own, or solved for the output where it has none.

    Raises:
        InfeasibleError: no duty gives the output, or no core carries it.
        SolverError: the solver did not converge.
    """
    spec, duty = design.spec, design.duty
    return carried_state(
        find_topology(spec.topology),
        nominal_parameters(design),
        spec.fsw,
        duty=duty,
        vout=spec.vout if duty is None else None,
    )
