"""Ngspice's word on a design: is the solved steady state one, and does it meet the spec?

The run starts from the solver's steady state, so that some tens of periods are enough. That it
*is* the steady state is then proved twice: by the balance of charge and flux over the window, and
by the fixed point that the run itself points to, x0 + (I - J^N)^-1 (xN - x0) with the solver's
Jacobian J (requirement N3).
"""

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from arcs_engine.circuits.circuit import Inductor
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology as find_topology
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.candidate import Candidate, Confirmation
from arcs_engine.performance.design import Design
from arcs_engine.performance.verdict import nominal_parameters, operating_state
from arcs_engine.performance.waveform_figures import read
from arcs_engine.simulation import netlist, ngspice
from arcs_engine.simulation.steady import SteadyState
from arcs_engine.simulation.waveforms import Waveforms

PERIODS: Final = 30
WINDOW: Final = 10
"""Periods at the end of the run that are judged."""

ATTEMPTS: Final = 3
"""Runs until a window must be steady, each from the fixed point that the one before points to."""

FIXED_POINT_TOLERANCE: Final = 0.002
VOUT_TOLERANCE: Final = 0.01
RIPPLE_ALLOWANCE: Final = 1.05
EFFICIENCY_TOLERANCE: Final = 0.01
TIMEOUT: Final = 60.0


@dataclass(frozen=True)
class SpiceRun:
    """A simulation of a steady state.

    Attributes:
        waveforms: all saved signals.
        measurement: over the last `WINDOW` periods.
        distance: of the start from the run's own fixed point, relative, the worst state.
        seconds: wall-clock time, restarts included.
    """

    waveforms: Waveforms
    measurement: ngspice.Measurement
    distance: float
    seconds: float


def simulate(state: SteadyState, *, title: str, control: Control | None = None) -> SpiceRun:
    """Simulate a converter from its solved steady state; restart from the fixed point if need be.

    Raises:
        SpiceError: ngspice is missing, failed or timed out.
        Cancelled: the control asked for a stop.
    """
    control = control or Control.silent()
    began = time.perf_counter()
    start = state.state_at(netlist.start_phase(state.fsw, state.duty))
    for attempt in range(ATTEMPTS):
        waveforms = _run(state, start, title, control)
        step = _step_to_fixed_point(state, start, waveforms)
        distance = _relative_size(state, step)
        measurement = ngspice.measure(
            waveforms, state.topology.circuit, state.parameters, periods=WINDOW
        )
        # A large capacitor may be out of balance at a distance that means nothing in volts.
        settled = distance < FIXED_POINT_TOLERANCE and measurement.balance.steady
        if settled or attempt == ATTEMPTS - 1:
            break
        start = {name: start[name] + step[name] for name in start}
    return SpiceRun(waveforms, measurement, distance, time.perf_counter() - began)


def _run(state: SteadyState, start: Mapping[str, float], title: str, control: Control) -> Waveforms:
    circuit = state.topology.circuit
    text = netlist.deck(
        circuit,
        state.parameters,
        title=title,
        fsw=state.fsw,
        duty=state.duty,
        state=start,
        periods=PERIODS,
        measures=False,
    )
    raw = ngspice.run(text, timeout=TIMEOUT, control=control, stop_time=PERIODS * state.period)
    return ngspice.to_waveforms(raw, circuit, state.period)


def _step_to_fixed_point(
    state: SteadyState, start: Mapping[str, float], waveforms: Waveforms
) -> dict[str, float]:
    """Return (I - J^N)^-1 (xN - x0) by element name."""
    end = ngspice.final_state(waveforms, state.topology.circuit)
    names = state.state_names
    change = np.array([end[n] - start[n] for n in names])
    over_run = np.linalg.matrix_power(state.jacobian, PERIODS)
    step = np.linalg.solve(np.eye(len(names)) - over_run, change)
    return dict(zip(names, step.tolist(), strict=True))


def _relative_size(state: SteadyState, step: Mapping[str, float]) -> float:
    """Return the largest step against the largest current (inductors) or its own voltage."""
    wave = state.waveforms(periods=1)
    sizes = []
    for name, change in step.items():
        is_current = isinstance(state.topology.circuit.element(name), Inductor)
        scale = (
            float(np.max(np.abs(wave.signals[f"i({name})"])))
            if is_current
            else abs(state.state[name])
        )
        sizes.append(abs(change) / max(scale, 1e-12))
    return max(sizes)


def deck_of(state: SteadyState, *, title: str, dialect: netlist.Dialect = "ngspice") -> str:
    """Return the deck to export: it starts in the steady state and measures itself."""
    return netlist.deck(
        state.topology.circuit,
        state.parameters,
        title=title,
        fsw=state.fsw,
        duty=state.duty,
        state=state.state_at(netlist.start_phase(state.fsw, state.duty)),
        periods=PERIODS,
        dialect=dialect,
    )


def title_of(spec: Spec, candidate: Candidate) -> str:
    """Name a design in a deck's first line."""
    values = " ".join(f"{name}={value:.3g}" for name, value in candidate.values.items())
    return (
        f"ARCS {find_topology(candidate.topology).title} {spec.vin:g} V to {spec.vout:g} V "
        f"{spec.iout:g} A {values}"
    )


def verify(
    spec: Spec, candidate: Candidate, control: Control | None = None
) -> tuple[Confirmation, Waveforms]:
    """Let ngspice judge a candidate at nominal input and full load.

    Args:
        spec: what it must do.
        candidate: the design, with the parts and the duty that it was judged with.
        control: for progress and cancel.

    Raises:
        InfeasibleError: the candidate has no operating point.
        SpiceError: ngspice is missing, failed or timed out.
        Cancelled: the control asked for a stop.
    """
    state = operating_state(Design.of(spec, candidate))
    run = simulate(state, title=title_of(spec, candidate), control=control)
    return _confirmation(spec, candidate, run), run.waveforms


def _confirmation(spec: Spec, candidate: Candidate, run: SpiceRun) -> Confirmation:
    measured = run.measurement
    ripple = measured.ripple / spec.vout
    reasons = []
    steady = measured.balance.steady and run.distance < FIXED_POINT_TOLERANCE
    if not steady:
        reasons.append("The simulated window is not in steady state, so it was not judged.")
    error = abs(abs(measured.vout) - spec.vout) / spec.vout
    if error > VOUT_TOLERANCE:
        reasons.append(
            f"ngspice gives {format_quantity(measured.vout, 'V')}, {error:.1%} from the target."
        )
    if ripple > RIPPLE_ALLOWANCE * spec.ripple:
        reasons.append(f"ngspice gives {ripple:.2%} ripple, above the allowed {spec.ripple:.2%}.")
    solved = candidate.metrics.efficiency if candidate.metrics else float("nan")
    if not abs(measured.efficiency - solved) <= EFFICIENCY_TOLERANCE:
        reasons.append(
            f"ngspice gives {measured.efficiency:.1%} efficiency, the solver {solved:.1%}."
        )
    return Confirmation(
        confirmed=not reasons,
        reasons=tuple(reasons),
        vout=measured.vout,
        ripple=ripple,
        efficiency=measured.efficiency,
        charge_balance=measured.balance.worst_charge,
        flux_balance=measured.balance.worst_flux,
        periods=WINDOW,
        seconds=run.seconds,
        steady=steady,
    )


def measured(
    spec: Spec, candidate: Candidate, confirmation: Confirmation, waveforms: Waveforms
) -> Candidate:
    """Return a candidate with ngspice's word on everything that its waveforms tell.

    What they do not tell stays the solver's: modelled losses, stress, energy and the corners.

    Args:
        spec: what it must do.
        candidate: as the solver judged it, with metrics.
        confirmation: from `verify`.
        waveforms: from `verify`.
    """
    topology = find_topology(candidate.topology)
    solved = candidate.metrics
    assert solved is not None
    parameters = nominal_parameters(Design.of(spec, candidate))
    found = read(topology, waveforms.last(confirmation.periods), parameters)
    modelled = {part: w for part, w in solved.losses.items() if part not in found.losses}
    metrics = msgspec.structs.replace(
        solved,
        vout=confirmation.vout,
        vout_error=abs(abs(confirmation.vout) - spec.vout) / spec.vout,
        ripple=confirmation.ripple,
        inductor_ripple=found.inductor_ripples[topology.main_inductor],
        inductor_ripples=found.inductor_ripples,
        input_ripple=found.input_ripple,
        capacitor_ripples=found.capacitor_ripples,
        efficiency=found.efficiency,
        efficiency_estimated=found.pout / (found.pin + sum(modelled.values())),
        pin=found.pin,
        pout=found.pout,
        losses=found.losses | modelled,
        residue=found.residue,
        charge_balance=confirmation.charge_balance,
        flux_balance=confirmation.flux_balance,
    )
    return msgspec.structs.replace(
        candidate, metrics=metrics, mode=found.mode, ngspice=confirmation
    )


def verify_all(
    spec: Spec, candidates: Sequence[Candidate], control: Control | None = None
) -> list[Candidate]:
    """Verify candidates side by side; those without an operating point stay as they are."""
    control = control or Control.silent()

    def verified(candidate: Candidate) -> Candidate:
        if candidate.metrics is None:
            return candidate
        quiet = Control(lambda _fraction, _text: None, control.stop)
        confirmation, _ = verify(spec, candidate, quiet)
        return msgspec.structs.replace(candidate, ngspice=confirmation)

    # Each run is a process of its own: two threads keep two cores busy.
    with ThreadPoolExecutor(max_workers=2) as pool:
        results = []
        for done, candidate in enumerate(pool.map(verified, candidates), start=1):
            results.append(candidate)
            control.progress(done / len(candidates), f"ngspice confirmed {done} designs")
    return results
