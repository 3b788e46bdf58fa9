"""ngspice agrees with the solver, and would be seen not to (requirement S4)."""

import dataclasses

import numpy as np
import pytest
from converters import ordinary_spec, parameters_of, solve_one, spec_of, textbook_values

from arcs_engine.analysis import verification
from arcs_engine.analysis.verification import FIXED_POINT_TOLERANCE, PERIODS, WINDOW, simulate
from arcs_engine.bench.agreement import agreement
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.simulation import netlist
from arcs_engine.simulation import ngspice as spice
from arcs_engine.simulation.steady import steady_state
from arcs_engine.simulation.steady.meter import MAX_I, MIN_I
from arcs_engine.simulation.waveforms import peak_to_peak

BUCK = REGISTRY["buck"]


@pytest.fixture
def converter(topology):
    """A textbook design of the topology, solved: (state, ripple of the output)."""
    spec = ordinary_spec(topology)
    parameters = parameters_of(topology, spec, textbook_values(topology, spec))
    state = steady_state(topology, parameters, spec.fsw, vout=spec.vout)
    return state, float(solve_one(topology, parameters, spec.fsw, vout=spec.vout).output_ripple[0])


def test_that_ngspice_agrees_on_random_designs(ngspice, topology):
    found = agreement(topology, 10, 7, Control.silent())
    assert found.designs == 10
    assert found.unjudged == 0, found.problems
    assert (found.vout, found.efficiency, found.ripple) == (1.0, 1.0, 1.0), found.worst
    assert 0 < found.dcm < 1


def measured_from(state, start):
    """Run a converter from a start of one's own choice; return its measurement."""
    circuit = state.topology.circuit
    converter = dataclasses.replace(netlist.Converter.settled(state), state=start)
    text = netlist.Deck(converter, "start", PERIODS, measures=False).text()
    raw = spice.run(text, timeout=60)
    waveforms = spice.to_waveforms(raw, circuit, state.period)
    return spice.Window(waveforms, circuit, state.parameters, WINDOW).measured()


def right_start(state):
    return state.state_at(netlist.GateDrive(state.fsw, state.duty).start_phase)


def test_that_the_solved_start_is_steady_in_ngspice(ngspice, converter):
    state, _ = converter
    assert measured_from(state, right_start(state)).balance.steady


@pytest.mark.parametrize("sign", [-1, 1])
def test_that_a_start_a_twentieth_off_is_seen_as_unbalanced(ngspice, converter, sign):
    state, _ = converter
    # This forward is damped so well that before the judged window a twentieth has just settled.
    error = 0.2 if state.topology.name == "forward" else 0.05
    wrong = right_start(state)
    start = wrong | {"Cout": wrong["Cout"] * (1 + sign * error)}
    assert not measured_from(state, start).balance.steady


@dataclasses.dataclass(frozen=True)
class Starts:
    """Counts the runs of a verification."""

    texts: list


@pytest.fixture
def runs(monkeypatch):
    starts = Starts([])
    run = spice.run

    def counted(text, **options):
        starts.texts.append(text)
        return run(text, **options)

    monkeypatch.setattr(verification.ngspice, "run", counted)
    return starts


def displaced(state, factor):
    """Return a state that hands out wrong capacitor voltages."""

    class Displaced(type(state)):
        def state_at(self, phase):
            right = super().state_at(phase)
            return right | {"Cout": right["Cout"] * factor}

    fields = {f.name: getattr(state, f.name) for f in dataclasses.fields(state)}
    return Displaced(**fields)


def test_that_a_right_start_needs_one_run(ngspice, converter, runs):
    state, _ = converter
    assert simulate(state, title="right").distance < FIXED_POINT_TOLERANCE
    assert len(runs.texts) == 1


def test_that_a_wrong_start_is_far_from_its_fixed_point_and_run_again_from_there(
    ngspice, converter, runs
):
    state, ripple = converter
    run = simulate(displaced(state, 1.05), title="displaced")
    assert len(runs.texts) == 2
    assert run.distance < FIXED_POINT_TOLERANCE
    assert run.measurement.balance.steady
    assert run.measurement.ripple == pytest.approx(ripple, rel=0.05)
    start = right_start(state)
    vout = run.measurement.vout
    assert abs(vout) == pytest.approx(abs(start["Cout"]), rel=0.02)


def test_that_an_inductance_a_tenth_off_is_seen(ngspice, converter):
    state, _ = converter
    main = state.topology.main_inductor
    swing = float(peak_to_peak(state.waveforms(1).signals[f"i({main})"]))
    right = simulate(state, title="right").waveforms.last(1).signals[f"i({main})"]
    assert peak_to_peak(right) == pytest.approx(swing, rel=0.01)
    parameters = state.parameters | {main: 1.1 * state.parameters[main]}
    wrong = simulate(dataclasses.replace(state, parameters=parameters), title="wrong")
    its = float(peak_to_peak(wrong.waveforms.last(1).signals[f"i({main})"]))
    assert its < 0.93 * swing


def test_that_a_duty_a_hundredth_off_is_seen(ngspice, converter):
    state, _ = converter
    wrong = simulate(dataclasses.replace(state, duty=state.duty * 1.01), title="wrong")
    right = simulate(state, title="right")
    assert abs(abs(wrong.measurement.vout) / abs(right.measurement.vout) - 1) > 0.008


def test_that_the_gates_edges_do_not_lengthen_the_on_time(ngspice):
    """1 ns and 60 ns edges give the same output: the pulse is shortened by one edge."""
    spec = spec_of(12.0, 5.0, 1.0, 300e3)
    parameters = parameters_of(BUCK, spec, textbook_values(BUCK, spec))
    state = steady_state(BUCK, parameters, spec.fsw, vout=spec.vout)
    outputs = []
    for edge in (2e-9, 60e-9):
        drive = netlist.GateDrive(spec.fsw, state.duty, edge)
        start = state.state_at(drive.start_phase)
        converter = netlist.Converter(BUCK.circuit, parameters, drive, start)
        text = netlist.Deck(converter, "edge", PERIODS, measures=False).text()
        waveforms = spice.to_waveforms(spice.run(text, timeout=60), BUCK.circuit, state.period)
        measured = spice.Window(waveforms, BUCK.circuit, parameters, WINDOW).measured()
        outputs.append(measured.vout)
    assert outputs[0] == pytest.approx(5.0, rel=2e-3)
    assert outputs[1] == pytest.approx(outputs[0], rel=2e-3)


def test_that_a_deck_begins_half_an_edge_before_the_switch_turns_on(ngspice):
    spec, edge = spec_of(12.0, 5.0, 1.0, 300e3), 60e-9
    parameters = parameters_of(BUCK, spec, textbook_values(BUCK, spec))
    state = steady_state(BUCK, parameters, spec.fsw, vout=spec.vout)
    drive = netlist.GateDrive(spec.fsw, state.duty, edge)
    start = state.state_at(drive.start_phase)
    converter = netlist.Converter(BUCK.circuit, parameters, drive, start)
    text = netlist.Deck(converter, "start", periods=2, measures=False).text()
    wave = spice.to_waveforms(spice.run(text, timeout=60), BUCK.circuit, state.period)
    current = wave.signals["i(L1)"]
    swing = float(peak_to_peak(current))
    at_turn_on = float(np.interp(edge / 2, wave.time, current))
    assert at_turn_on == pytest.approx(state.state["L1"], abs=5e-3 * swing)
    assert start["L1"] > state.state["L1"] + 0.01 * swing  # it still falls until then


def current_errors(state, drive, theirs):
    """Return phases of a period and how far ngspice's main inductor current is off there.

    The error is relative to the largest current.
    """
    main = f"i({state.topology.main_inductor})"
    ours = state.waveforms(1)
    # The deck begins half an edge before turn-on.
    phases = ((theirs.time - theirs.time[0]) / state.period + drive.start_phase) % 1.0
    expected = np.interp(phases * state.period, ours.time, ours.signals[main])
    return phases, np.abs(theirs.signals[main] - expected) / np.max(np.abs(expected))


def test_that_the_inductor_current_is_the_same_at_every_instant(ngspice, converter):
    """With edges of half a nanosecond: the solver's switches take no time.

    In a flyback the leakage lets the current rise by 40 mA a nanosecond while a switch turns on.
    """
    state, _ = converter
    drive = netlist.GateDrive(state.fsw, state.duty, 0.5e-9)
    start = state.state_at(drive.start_phase)
    abrupt = netlist.Converter(state.topology.circuit, state.parameters, drive, start)
    text = netlist.Deck(abrupt, "waveform", PERIODS, measures=False).text()
    waveforms = spice.to_waveforms(
        spice.run(text, timeout=60), state.topology.circuit, state.period
    )
    _, errors = current_errors(state, drive, waveforms.last(1))
    assert np.max(errors) < 0.01


def test_that_a_verified_inductor_current_is_the_same_but_while_a_gate_moves(ngspice, converter):
    state, _ = converter
    drive = netlist.GateDrive(state.fsw, state.duty)
    phases, errors = current_errors(
        state, drive, simulate(state, title="waveform").waveforms.last(1)
    )
    away = np.minimum.reduce([phases, 1 - phases, np.abs(phases - state.duty)])
    still = away > 0.5 * drive.edge * state.fsw
    assert still.mean() > 0.9
    assert np.max(errors[still]) < 0.01


def test_that_the_ripple_of_the_solver_is_of_the_main_inductor(converter):
    state, _ = converter
    main = state.topology.main_inductor
    found = solve_one(state.topology, state.parameters, state.fsw, duty=state.duty)
    swing = found.sum(main, MAX_I) - found.sum(main, MIN_I)
    assert swing[0] == pytest.approx(
        float(peak_to_peak(state.waveforms(1).signals[f"i({main})"])), rel=1e-3
    )
