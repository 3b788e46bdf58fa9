"""Judged designs as candidates: the figures, reasons and warnings that people and files get."""

from collections.abc import Sequence

import numpy as np

from arcs_engine.circuits.circuit import Source
from arcs_engine.performance.candidate import Candidate, Origin
from arcs_engine.performance.cautions import of_efficiency
from arcs_engine.performance.cost import Reference
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.metrics import Metrics, PartFigure
from arcs_engine.performance.operating_point import mode_at
from arcs_engine.performance.references import textbook_reference
from arcs_engine.performance.verdict import Verdicts, judge


def evaluate(design: Design, origin: Origin = "user") -> Candidate:
    """Judge one design; its topology's textbook design costs 1."""
    return evaluate_many([design], origin)[0]


def evaluate_many(
    designs: Sequence[Design], origin: Origin = "user", reference: Reference | None = None
) -> list[Candidate]:
    """Judge several designs of one spec in one batch; ranks count from 1 in the given order.

    Args:
        designs: of one topology, alike in the names of what they override.
        origin: who proposed them.
        reference: what costs 1, shape (1,); None for the topology's own textbook design.
    """
    stacked = Designs.stacked(designs)
    first = np.zeros(1, dtype=np.intp)
    against = reference or textbook_reference(stacked.topology, stacked.specs.take(first))
    verdicts = judge(stacked, against.take(np.zeros(len(designs), dtype=np.intp)))
    return [_candidate(design, verdicts, row, origin) for row, design in enumerate(designs)]


def _candidate(design: Design, verdicts: Verdicts, row: int, origin: Origin) -> Candidate:
    nominal = verdicts.assessment.nominal
    solved = nominal.status[row] == 0
    metrics = _metrics(verdicts, row) if solved else None
    return Candidate(
        rank=row + 1,
        topology=verdicts.assessment.designs.topology.name,
        values={name: float(value) for name, value in design.values.items()},
        duty=float(nominal.duty[row]) if solved else None,
        mode=mode_at(nominal, row) if solved else None,
        metrics=metrics,
        cost=float(verdicts.cost[row]),
        reward=float(verdicts.reward[row]),
        meets_spec=bool(verdicts.meets_spec[row]),
        reasons=verdicts.reasons(row),
        warnings=() if metrics is None else of_efficiency(metrics),
        origin=origin,
        overrides={name: float(value) for name, value in design.overrides.items()},
        given_duty=design.duty,
    )


def _metrics(verdicts: Verdicts, row: int) -> Metrics:
    found = verdicts.assessment
    nominal, topology = found.nominal, found.designs.topology
    simulated = {PartFigure(part): loss for part, loss in nominal.losses.items()}
    circuit = topology.circuit
    period, duty = 1 / float(found.designs.specs.fsw[row]), float(nominal.duty[row])
    return Metrics(
        vout=float(nominal.vout[row]),
        vout_error=float(found.vout_error[row]),
        ripple=float(nominal.ripple[row]),
        inductor_ripple=float(nominal.inductor_ripple[row]),
        efficiency=float(nominal.efficiency[row]),
        efficiency_estimated=float(found.efficiency_estimated[row]),
        pin=float(nominal.pin[row]),
        pout=float(nominal.pout[row]),
        losses={str(name): float(loss[row]) for name, loss in (simulated | found.modelled).items()},
        stress={str(need.figure): need.stress(row) for need in found.needs()},
        energy=float(found.energy[row]),
        mean_loss=_known(found.loss[row]),
        volume=_known(found.board.volume[row]),
        volumes={part: float(volume[row]) for part, volume in found.board.volumes.items()},
        deviation=_known(found.deviation[row]),
        ripple_current=_known(found.corners.swing[row]),
        temperatures={
            part: float(highest)
            for part, hot in found.corners.heat.items()
            if np.isfinite(highest := np.fmax.reduce(hot[row]))
        },
        banks={name: bank.text(row) for name, (bank, _) in found.board.banks.items()},
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


def _known(figure: float) -> float | None:
    """Return a figure for files, which have no nan."""
    return None if np.isnan(figure) else float(figure)
