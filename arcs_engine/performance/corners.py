"""The figures of a batch of designs at every point that their score needs.

`evaluate` turns them into verdicts. A design's points are its operating corners: Vin min, nominal
and max, each at 10 % and 100 % load; the nominal point decides first, so that what fails there
costs no more.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import INPUT_CAPACITOR, Capacitor, Inductor, Switch
from arcs_engine.circuits.spec import FloatArray, SpecBatch
from arcs_engine.circuits.topologies.base import Parameters, Topology
from arcs_engine.performance import losses
from arcs_engine.performance.operating_point import SOURCE, PointFigures, solve_point
from arcs_engine.simulation.steady.network import IntArray

CORNERS: Final = tuple((vin, load) for vin in ("vin_min", "vin", "vin_max") for load in (1.0, 0.1))
NOMINAL: Final = CORNERS.index(("vin", 1.0))
_OTHERS: Final = np.array([k for k in range(len(CORNERS)) if k != NOMINAL])


@dataclass(frozen=True)
class Assessment:
    """Everything known of n designs; arrays of shape (n,).

    Attributes:
        parameters: of the parts, the input capacitor that was sized for them among these.
        nominal: figures at nominal input and full load.
        cut_off: which designs were cut off at their bound although the nominal point holds.
        corner_status: the solver's status at each of `CORNERS`, shape (n, corners); -1 where the
            nominal point already failed or the design was cut off, and the corner was not solved.
        corner_ripple: shape (n, corners).
        corner_balanced: `PointFigures.balanced` at each corner, shape (n, corners).
        peaks: worst |V| (switches, diodes, capacitors) or |I| (inductors) by part over the corners.
        currents: worst of `PointFigures.currents` over the corners.
        modelled: losses beyond the simulated ones, W, at the nominal point.
        energy: stored energy of inductors and capacitors at their worst corner, J.
        esr_bound: lowest ESR that can be bought for ``Cout``, ohm.
    """

    parameters: Parameters
    nominal: PointFigures
    cut_off: NDArray[np.bool_]
    corner_status: IntArray
    corner_ripple: FloatArray
    corner_balanced: NDArray[np.bool_]
    peaks: dict[str, FloatArray]
    currents: dict[str, FloatArray]
    modelled: dict[str, FloatArray]
    energy: FloatArray
    esr_bound: FloatArray

    @property
    def loss(self) -> FloatArray:
        """Simulated and modelled losses at the nominal point, W."""
        simulated = sum(self.nominal.losses.values(), np.zeros_like(self.energy))
        return sum(self.modelled.values(), simulated)

    @property
    def efficiency_estimated(self) -> FloatArray:
        """Of the nominal point, with all losses."""
        return efficiency_estimated(self.nominal, self.modelled)


def efficiency_estimated(point: PointFigures, modelled: Mapping[str, FloatArray]) -> FloatArray:
    """Return Pout / (Pin + modelled losses), shape (n,): the efficiency that people are shown.

    Args:
        point: any operating point of n designs.
        modelled: losses beyond the simulated ones there, W, shape (n,) each.
    """
    return np.asarray(point.pout / (point.pin + sum(modelled.values(), np.zeros_like(point.pin))))


AtBound = Callable[[FloatArray, FloatArray], NDArray[np.bool_]]
"""Says which designs are not worth more corners, from the least loss, W, and the least stored
energy, J, that they can have by their nominal point, shape (n,) each."""


def assess(
    topology: Topology,
    parameters: Parameters,
    specs: SpecBatch,
    *,
    duty: FloatArray | None = None,
    at_bound: AtBound | None = None,
) -> Assessment:
    """Solve every design at its nominal point and, where that holds, at all corners.

    With a given duty only the nominal point is solved: an open-loop converter does not regulate at
    the corners.

    Args:
        topology: which circuit.
        parameters: from `Topology.parameters`, shape (n,) each.
        specs: length n.
        duty: given duty; None to regulate.
        at_bound: which of those that hold at their nominal point to cut off; None for none.
    """
    count = len(specs)
    nominal = solve_point(
        topology, parameters, specs, vin=specs.vin, load=np.ones(count), duty=duty
    )
    status = np.full((count, len(CORNERS)), -1, dtype=np.int64)
    ripple = np.full((count, len(CORNERS)), np.nan)
    balanced = np.zeros((count, len(CORNERS)), dtype=bool)
    status[:, NOMINAL] = nominal.status
    ripple[:, NOMINAL] = nominal.ripple
    balanced[:, NOMINAL] = nominal.balanced
    names, worst = _stresses(nominal)
    holds = (nominal.status == 0) & (nominal.ripple <= specs.ripple)
    cut_off = np.zeros(count, dtype=bool)
    certain = _certain_losses(topology, parameters, specs, nominal)
    if at_bound is not None:
        cut_off = holds & at_bound(*_least(topology, parameters, specs, nominal, certain))
    rows = np.flatnonzero(holds & ~cut_off)
    if duty is None and rows.size:
        figures = solve_corners(topology, parameters, specs, rows, _OTHERS)
        at, shape = (rows[:, None], _OTHERS), (len(rows), len(_OTHERS))
        status[at] = figures.status.reshape(shape)
        ripple[at] = figures.ripple.reshape(shape)
        balanced[at] = figures.balanced.reshape(shape)
        corners = _stresses(figures)[1].reshape(-1, *shape)
        # Where a corner has no operating point its stress is not known.
        worst[:, rows] = np.fmax(worst[:, rows], np.fmax.reduce(corners, axis=-1))
    stresses = dict(zip(names, worst, strict=True))
    source_rms = stresses[SOURCE]
    peaks = {name: stresses[name] for name in nominal.peaks}
    peaks[INPUT_CAPACITOR.name] = specs.vin_max
    currents = {name: stresses[name] for name in nominal.currents}
    currents[f"{INPUT_CAPACITOR.name} rms"] = source_rms
    parameters = with_input_capacitor(parameters, specs, source_rms)
    return Assessment(
        parameters=parameters,
        nominal=nominal,
        cut_off=cut_off,
        corner_status=status,
        corner_ripple=ripple,
        corner_balanced=balanced,
        peaks=peaks,
        currents=currents,
        modelled=_with_certain(topology, parameters, specs, nominal, peaks, certain),
        energy=_stored_energy(topology, parameters, peaks),
        esr_bound=parts.esr_bound(parameters["Cout"], specs.vout),
    )


def _least(
    topology: Topology,
    parameters: Parameters,
    specs: SpecBatch,
    nominal: PointFigures,
    certain: Mapping[str, FloatArray],
) -> tuple[FloatArray, FloatArray]:
    """Return the least loss (W) and energy (J) that designs with derived parts can have.

    Their stresses can only grow at other corners. That of a main switch then buys a class that
    loses no less than the cheapest one. Left out is what a part may lose less of when it has to
    stand more: the input capacitor, and the output charge of a synchronous rectifier.
    """
    peaks = dict(nominal.peaks)
    uncertain = set()
    for switch in topology.circuit.of_type(Switch):
        if switch.gate == "complement":
            uncertain.add(f"{switch.name} output charge")
        else:
            peaks[switch.name] = np.maximum(peaks[switch.name], losses.CHEAPEST_PEAK)
    switching = _switch_losses(topology, parameters, specs, nominal, peaks)
    least = [loss for name, loss in switching.items() if name not in uncertain]
    loss = sum((*nominal.losses.values(), *least, *certain.values()), np.zeros(len(specs)))
    return loss, _stored_energy(topology, parameters, nominal.peaks)


def solve_corners(
    topology: Topology,
    parameters: Parameters,
    specs: SpecBatch,
    rows: NDArray[np.intp],
    corners: NDArray[np.intp],
    *,
    duty: FloatArray | None = None,
) -> PointFigures:
    """Solve some designs at some corners, in one batch; rows are designs, then corners.

    Args:
        topology: which circuit.
        parameters: from `Topology.parameters`, shape (n,) each.
        specs: length n.
        rows: which designs.
        corners: which of `CORNERS`.
        duty: given duty, shape (n,); None to regulate.
    """
    index = np.repeat(rows, len(corners))
    chosen = np.tile(corners, len(rows))
    inputs = np.array([getattr(specs, vin) for vin, _ in CORNERS])
    loads = np.array([load for _, load in CORNERS])
    return solve_point(
        topology,
        {name: parameter[index] for name, parameter in parameters.items()},
        specs.take(index),
        vin=inputs[chosen, index],
        load=loads[chosen],
        duty=None if duty is None else duty[index],
    )


def _stresses(point: PointFigures) -> tuple[list[str], FloatArray]:
    """Return everything whose worst corner counts: names, and an array of shape (names, n)."""
    every = point.peaks | point.currents | {SOURCE: point.alternating[SOURCE]}
    return list(every), np.array(list(every.values()))


def with_input_capacitor(
    parameters: Parameters, specs: SpecBatch, source_rms: FloatArray
) -> Parameters:
    """Return parameters with those of the input capacitor; given ones stay.

    Args:
        parameters: of the parts.
        specs: length n.
        source_rms: alternating part of the source's current at the worst corner, A, shape (n,).
    """
    name, esr = INPUT_CAPACITOR.capacitance, INPUT_CAPACITOR.resistance
    derived = parts.input_capacitance(source_rms, specs.vin_min, specs.fsw)
    capacitance = parameters.get(name, derived)
    return parameters | {
        name: capacitance,
        esr: parameters.get(esr, parts.esr_bound(capacitance, specs.vin_max)),
    }


def modelled_losses(
    topology: Topology,
    parameters: Parameters,
    specs: SpecBatch,
    point: PointFigures,
    peaks: Mapping[str, FloatArray],
) -> dict[str, FloatArray]:
    """Return the losses that the simulated circuit does not have, by part and kind, W.

    Args:
        topology: which circuit.
        parameters: with the input capacitor's, as `Assessment.parameters`.
        specs: length n.
        point: any operating point of the designs.
        peaks: voltages at the worst corner, `Assessment.peaks`, which say what parts are bought.
    """
    certain = _certain_losses(topology, parameters, specs, point)
    return _with_certain(topology, parameters, specs, point, peaks, certain)


def _with_certain(
    topology: Topology,
    parameters: Parameters,
    specs: SpecBatch,
    point: PointFigures,
    peaks: Mapping[str, FloatArray],
    certain: Mapping[str, FloatArray],
) -> dict[str, FloatArray]:
    """Return all modelled losses, of which the `certain` ones are known; see `modelled_losses`."""
    rippling = parameters[INPUT_CAPACITOR.resistance] * point.alternating[SOURCE] ** 2
    switching = _switch_losses(topology, parameters, specs, point, peaks)
    return {**switching, **certain, f"{INPUT_CAPACITOR.name} ripple": rippling}


def _switch_losses(
    topology: Topology,
    parameters: Parameters,
    specs: SpecBatch,
    point: PointFigures,
    peaks: Mapping[str, FloatArray],
) -> dict[str, FloatArray]:
    """Return those of the MOSFETs, whose class their stress decides; see `modelled_losses`."""
    result: dict[str, FloatArray] = {}
    for switch in topology.circuit.of_type(Switch):
        name, peak = switch.name, peaks[switch.name]
        if switch.gate == "complement":
            valley, mean = point.rectifier_valley, point.rectifier_mean
            kinds = losses.second_switch_losses(switch, parameters, peak, valley, mean, specs.fsw)
        else:
            kinds = losses.main_switch_losses(switch, parameters, peak, point.edges, specs.fsw)
        result |= {f"{name} {kind}": loss for kind, loss in kinds.items()}
    return result


def _certain_losses(
    topology: Topology, parameters: Parameters, specs: SpecBatch, point: PointFigures
) -> dict[str, FloatArray]:
    """Return those that the point alone decides; see `modelled_losses`."""
    result: dict[str, FloatArray] = {}
    if not topology.synchronous:
        diode = topology.circuit.diode(topology.rectifier)
        valley, mean = point.rectifier_valley, point.rectifier_mean
        kinds = losses.rectifier_losses(
            diode, parameters, point.peaks[diode.name], valley, mean, specs.fsw
        )
        result |= {f"{diode.name} {kind}": loss for kind, loss in kinds.items()}
    for inductor in topology.magnetics:
        ripple = point.ripples[inductor.name]
        lost = losses.core_loss(inductor, parameters, ripple, specs.fsw)
        result[f"{inductor.name} core"] = lost
    for inductor in topology.circuit.of_type(Inductor):
        if inductor.alternating_resistance in parameters:  # transformers are wound with litz wire
            current = point.alternating[inductor.name]
            lost = losses.winding_loss(inductor, parameters, current)
            result[f"{inductor.name} winding"] = lost
    return result


def _stored_energy(
    topology: Topology, parameters: Parameters, peaks: Mapping[str, FloatArray]
) -> FloatArray:
    """Return the sum of L I^2 / 2 and C V^2 / 2 at each part's own worst corner, J.

    Of the simulated parts: the input capacitor follows from the spec more than from the design, and
    would be most of a buck's or forward's energy without telling two designs apart.
    """
    energies = [0.5 * parameters[e.inductance] * peaks[e.name] ** 2 for e in topology.magnetics]
    energies += [
        0.5 * parameters[e.capacitance] * peaks[e.name] ** 2
        for e in topology.circuit.of_type(Capacitor)
    ]
    return np.asarray(sum(energies))
