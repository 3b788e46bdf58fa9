"""What every solved design has in common: it is steady, it balances, and its order does not matter.

"Accepted" designs are those that the judge lets pass as solved: it refuses figures that do not
balance, such as a buck whose inductor current has reversed when the switch opens.
"""

import itertools

import numpy as np
import pytest
from converters import evaluated, solve_one, solved_designs, spec_of
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.circuits.circuit import Capacitor, Diode, Inductor, Switch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.errors import InfeasibleError, SolverError
from arcs_engine.performance.operating_point import RESIDUE_TOLERANCE
from arcs_engine.simulation.steady import STATUS, newton, regulation, room, solve, steady_state
from arcs_engine.simulation.steady.network import network_of
from arcs_engine.simulation.steady.newton import NOT_CONVERGED
from arcs_engine.simulation.steady.period import Manner
from arcs_engine.simulation.waveforms import mean, mean_product

seeds = st.integers(0, 2**32 - 1)
every_topology = pytest.mark.parametrize("declared", list(REGISTRY.values()), ids=list(REGISTRY))


def accepted(found):
    return found.batch.solved & (np.nan_to_num(found.figures.residue, nan=1) <= RESIDUE_TOLERANCE)


@pytest.mark.parametrize(
    ("name", "seed", "index"), [("buck_boost", 1, 687), ("buck_boost", 3, 1381), ("buck", 2, 221)]
)
def test_that_a_slow_output_balances_beside_a_fast_idle_mode(name, seed, index):
    """Large RC, light load and an inductor that rests: milliseconds beside femtoseconds."""
    found = solved_designs(REGISTRY[name], 2000, seed)
    assert found.figures.charge_balance[index] <= 0.002
    assert found.figures.residue[index] <= 0.005


def test_that_a_buck_whose_current_reverses_before_turn_off_is_refused():
    """No diode of the circuit can take that current; the switched-off inductor loses its flux."""
    spec = spec_of(6.3, 4.8, 0.6, 105e3)
    values = {"L1": 0.56e-6, "Cout": 1.2e-6, "Cout_esr": 2.2e-3, "Q1_rds_on": 2e-3}
    judged = evaluated(spec, REGISTRY["buck"], values)
    assert not judged.meets_spec
    assert judged.reasons


@every_topology
@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=seeds)
def test_that_charge_and_flux_balance(declared, seed):
    found = solved_designs(declared, 100, seed)
    rows = accepted(found)
    assert np.all(found.figures.charge_balance[rows] <= 0.002)
    assert np.all(found.figures.flux_balance[rows] <= 0.002)


@every_topology
@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=seeds)
def test_that_all_but_a_few_solved_designs_close_their_energy_balance(declared, seed):
    found = solved_designs(declared, 200, seed)
    rows = found.batch.solved
    # Those that do not are circuits in which no diode can take the inductor's reversed current.
    assert np.mean(accepted(found)[rows]) >= 0.98
    efficiency = found.figures.efficiency[accepted(found)]
    assert np.all((efficiency > 0) & (efficiency < 1))


@every_topology
@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=seeds)
def test_that_the_output_is_what_was_asked_for(declared, seed):
    found = solved_designs(declared, 100, seed)
    rows = found.batch.solved
    wanted = declared.sign * found.drawn.batch.vout
    assert found.batch.vout[rows] == pytest.approx(wanted[rows], rel=1e-5)  # newton.FINE a step
    duty = found.batch.duty[rows]
    assert np.all((duty > 0) & (duty <= declared.max_duty))


@every_topology
@settings(max_examples=15, deadline=None, derandomize=True)
@given(seed=seeds)
def test_that_each_unsolved_design_has_a_stated_physical_limit(declared, seed):
    found = solved_designs(declared, 100, seed)
    assert NOT_CONVERGED not in found.batch.status
    assert all(int(code) in STATUS for code in found.batch.status)
    unsolved = ~found.batch.solved
    assert np.isnan(found.batch.vout[unsolved]).all()
    assert np.isnan(found.batch.duty[unsolved]).all()


def test_that_the_population_has_both_conduction_modes(population):
    idle = population.batch.idle[population.batch.solved] > 0
    assert 0.1 < idle.mean() < 0.9


def test_that_each_loss_is_its_own_parts_voltage_times_current(population):
    for index in population.rows[:20]:
        state = population.state(index)
        wave = state.waveforms(periods=1)
        # Segments between edges: across one, voltage and current jump together.
        for name, loss in population.figures.losses.items():
            element = population.topology.circuit.element(name)
            current = wave.signals[f"i({name})"]
            if isinstance(element, Inductor | Capacitor):
                dissipating = state.parameters[element.resistance] * current
            else:
                a, b = (wave.signals.get(f"v({n})", 0 * current) for n in (element.a, element.b))
                dissipating = a - b
            power = float(mean_product(wave.time, dissipating, current))
            # The waveforms are straight between samples, the figures are not.
            floor = 2e-3 * population.figures.pin[index]
            assert loss[index] == pytest.approx(power, rel=0.02, abs=floor)


def test_that_input_and_output_power_are_those_of_the_waveforms(population):
    for index in population.rows[:20]:
        state = population.state(index)
        wave = state.waveforms(periods=1)
        out = wave.signals["v(out)"]
        pout = float(mean_product(wave.time, out, out)) / state.parameters["rload"]
        (source,) = (e for e in population.topology.circuit.elements if e.name == "Vin")
        pin = -state.parameters["vin"] * float(mean(wave.time, wave.signals[f"i({source.name})"]))
        assert population.figures.pout[index] == pytest.approx(pout, rel=1e-3)
        assert population.figures.pin[index] == pytest.approx(pin, rel=5e-3)


def test_that_peaks_are_those_of_the_waveforms(population):
    for index in population.rows[:30]:
        wave = population.state(index).waveforms(periods=1)
        for name, peak in population.figures.peaks.items():
            element = population.topology.circuit.element(name)
            if isinstance(element, Inductor):
                signal = wave.signals[f"i({name})"]
            else:
                zero = np.zeros_like(wave.time)
                a, b = (wave.signals.get(f"v({n})", zero) for n in (element.a, element.b))
                signal = a - b
            assert peak[index] == pytest.approx(np.max(np.abs(signal)), rel=5e-3)


def test_that_the_edges_of_the_switch_are_those_of_the_waveforms(population):
    (switch,) = population.topology.circuit.of_type(Switch)
    for index in population.rows[:30]:
        wave = population.state(index).waveforms(periods=1)
        zero = np.zeros_like(wave.time)
        a, b = (wave.signals.get(f"v({n})", zero) for n in (switch.a, switch.b))
        current, voltage = wave.signals[f"i({switch.name})"], a - b
        off_time = population.batch.duty[index] * wave.period
        nearest = wave.time[np.argmin(np.abs(wave.time - off_time))]
        at_edge = np.flatnonzero(np.abs(wave.time - nearest) < 1e-9 * wave.period)
        before, after = at_edge[0], at_edge[-1]  # an edge is two samples at one instant
        found = population.batch.edges[index]
        expected = [current[0], current[before], voltage[-1], voltage[after]]
        scales = [np.max(np.abs(current))] * 2 + [np.max(np.abs(voltage))] * 2
        for value, reference, scale in zip(found, expected, scales, strict=True):
            assert value == pytest.approx(reference, abs=0.01 * scale)


def test_that_the_intervals_of_a_period_say_which_parts_conduct(population):
    for index in population.rows[:20]:
        state = population.state(index)
        wave = state.waveforms(periods=1)
        ends = [interval.end for interval in state.intervals]
        assert [interval.begin for interval in state.intervals] == [0.0, *ends[:-1]]
        assert ends[-1] == pytest.approx(1.0)
        scale = max(np.max(np.abs(s)) for n, s in wave.signals.items() if n.startswith("i("))
        gaps = [
            set(a.conducting) ^ set(b.conducting) for a, b in itertools.pairwise(state.intervals)
        ]
        assert all(gaps)
        for interval in state.intervals:
            within = (wave.time > interval.begin * wave.period) & (
                wave.time < interval.end * wave.period
            )
            for element in population.topology.circuit.of_type(Diode):
                current = wave.signals[f"i({element.name})"][within]
                if element.name in interval.conducting:
                    assert np.all(current >= -1e-3 * scale)
                else:
                    assert np.all(np.abs(current) <= 1e-3 * scale)


def test_that_waveforms_end_where_they_start(population):
    for index in population.rows[:40]:
        state = population.state(index)
        wave = state.waveforms(periods=3)
        for name, start in state.state.items():
            if isinstance(state.topology.circuit.element(name), Inductor):
                signal = wave.signals[f"i({name})"]
                largest = np.max(np.abs(signal))
                assert signal[0] == pytest.approx(signal[-1], abs=1e-6 * largest)
                assert signal[0] == pytest.approx(start, abs=1e-6 * largest)
        assert wave.time[-1] == pytest.approx(3 * state.period)


def test_that_the_state_at_the_end_of_the_period_is_that_at_its_start(population):
    for index in population.rows[:40]:
        state = population.state(index)
        first, final = state.state_at(0.0), state.state_at(1.0)
        peak = max(np.max(np.abs(s)) for s in state.waveforms(1).signals.values())
        for name, value in state.state.items():
            assert first[name] == pytest.approx(value, rel=1e-9, abs=1e-9 * peak)
            assert final[name] == pytest.approx(value, rel=1e-6, abs=1e-6 * peak)


def test_that_a_batch_answers_like_single_designs(population):
    names = ("duty", "vout", "output_ripple", "idle")
    for index in population.rows[:25]:
        spec = population.drawn.specs[index]
        alone = solve_one(
            population.topology, population.parameters(index), spec.fsw, vout=spec.vout
        )
        for name in names:
            assert getattr(alone, name)[0] == getattr(population.batch, name)[index]
        assert np.array_equal(alone.sums[0], population.batch.sums[index])
        assert population.state(index).duty == population.batch.duty[index]


def test_that_solving_twice_gives_the_same_numbers(population):
    drawn = population.drawn
    again = solve(drawn.topology, drawn.parameters, drawn.batch.fsw, vout=drawn.batch.vout)
    assert np.array_equal(again.duty, population.batch.duty, equal_nan=True)
    assert np.array_equal(again.sums, population.batch.sums, equal_nan=True)


def test_that_permuting_a_batch_permutes_its_answers(population):
    drawn = population.drawn
    order = np.random.default_rng(5).permutation(len(drawn.specs))
    mixed = solve(
        drawn.topology,
        {name: np.asarray(p)[order] for name, p in drawn.parameters.items()},
        drawn.batch.fsw[order],
        vout=drawn.batch.vout[order],
    )
    assert np.array_equal(mixed.status, population.batch.status[order])
    assert np.array_equal(mixed.duty, population.batch.duty[order], equal_nan=True)
    assert np.array_equal(mixed.sums, population.batch.sums[order], equal_nan=True)


class Shooter:
    """A solved design whose period can be run again from other states and at other duties."""

    def __init__(self, found, index):
        topology, spec = found.topology, found.drawn.specs[index]
        own = room.room_of(network_of(topology.circuit))
        questions = room.questions_of(
            topology,
            {name: np.array([p]) for name, p in found.parameters(index).items()},
            np.array([spec.fsw]),
            duty=found.batch.duty[index : index + 1],
            vout=np.array([spec.vout]),
        )
        task = room.task_of(topology, regulate=True)
        self._problem = room.problem_of(own, task, questions, 0)
        assert regulation.solve_design(self._problem, own.meter) == newton.SOLVED
        self.states, self.duty = own.iterate.x.copy(), float(own.iterate.duty[0])

    def end(self, states, duty, track=False):
        """Return states and mean output after a period, and with `track` what they depend on."""
        iterate, shot = self._problem.iterate, self._problem.shot
        iterate.x[:] = states
        iterate.duty[0] = duty
        assert newton.shoot(self._problem, Manner(track=track, finer=0))
        n = len(states)
        phi = shot.phi[: n + 1]
        return shot.z[: n + 1].copy(), phi[:, :n].copy(), phi[:, n].copy()


def test_that_the_sensitivities_are_those_of_the_period(population, request):
    """Against differences: of the end to the start (the Jacobian) and to the duty."""
    discontinuous = population.batch.idle[population.rows] > 0
    if population.topology.name == "forward":
        reason = "diodes that change within a tick of each other: the clamp's entry is 0.01 off"
        request.applymarker(pytest.mark.xfail(strict=True, reason=reason))
    for index in [*np.array(population.rows)[discontinuous][:8], *population.rows[:12]]:
        shooter = Shooter(population, int(index))
        x, duty, n = shooter.states, shooter.duty, len(shooter.states)
        _, phi, by_duty = shooter.end(x, duty, track=True)
        sizes = np.maximum(np.abs(x), 0.01 * np.max(np.abs(x)))
        for k in range(n):
            step = 1e-4 * sizes[k] * (np.arange(n) == k)
            ends = [shooter.end(x + s * step, duty)[0] for s in (1, -1)]
            slope = (ends[0] - ends[1]) / (2e-4 * sizes[k])
            scale = np.append(sizes, sizes.max()) / sizes[k]
            # Events in a mode that settles within a tick are placed to a tick: 3e-3.
            assert phi[: n + 1, k] / scale == pytest.approx(slope / scale, abs=3e-3)
        ends = [shooter.end(x, duty + s * 1e-5 * duty)[0] for s in (1, -1)]
        slope = (ends[0] - ends[1]) / (2e-5 * duty)
        assert by_duty[: n + 1] == pytest.approx(slope, rel=0.01, abs=1e-3 * np.max(np.abs(slope)))


def test_that_every_solved_converter_is_stable_at_its_duty(population):
    for index in population.rows[:25]:
        state = population.state(index)
        eigenvalues = np.abs(np.linalg.eigvals(state.jacobian))
        assert eigenvalues.shape == (len(state.state_names),)
        assert np.all(eigenvalues < 1)


def test_that_the_solved_duty_is_a_steady_state_when_it_is_given(population):
    for index in population.rows[:25]:
        spec = population.drawn.specs[index]
        duty = population.batch.duty[index]
        fixed = solve_one(
            population.topology, population.parameters(index), spec.fsw, duty=float(duty)
        )
        assert fixed.vout[0] == pytest.approx(
            population.batch.vout[index], rel=1e-3
        )  # diodes are refitted once


def test_that_a_single_design_says_why_it_cannot_be_solved(population):
    for index in np.flatnonzero(~population.batch.solved)[:5].tolist():
        spec = population.drawn.specs[index]
        with pytest.raises((InfeasibleError, SolverError)) as caught:
            steady_state(
                population.topology, population.parameters(index), spec.fsw, vout=spec.vout
            )
        assert str(caught.value) == STATUS[int(population.batch.status[index])]
