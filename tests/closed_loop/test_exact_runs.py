"""Exact closed-loop runs against brute force, linear prediction and what must hold."""

from dataclasses import replace

import numpy as np
import pytest
from regulated import (
    BOOST,
    FSW,
    STAGES,
    buck_point,
    buck_regulator,
    integrator,
    textbook_loop,
)

from arcs_engine.analysis.regulation import operating_point, orbits_at
from arcs_engine.circuits.topologies import topology
from arcs_engine.foundation.errors import SolverError
from arcs_engine.simulation.closed_loop import (
    ClosedLoop,
    Condition,
    OperatingPoint,
    Regulator,
    Stretch,
)
from arcs_engine.simulation.small_signal.loops import analysed_gain, loops
from arcs_engine.simulation.small_signal.modulator import Modulator
from arcs_engine.simulation.small_signal.responses import responses

LEAD = 20


def step_of(loop, before, after, periods):
    return loop.run(loop.orbit(before), [Stretch(before, LEAD), Stretch(after, periods)])


def test_that_a_buck_sags_as_an_independent_event_driven_solution_does():
    """12 V to 5 V, 5 to 2.5 ohm: a program of its own gives the mean 4.9139043 V in period 25."""
    loop = ClosedLoop(buck_point(), buck_regulator())
    found = step_of(loop, Condition(12.0, 5.0), Condition(12.0, 2.5), 180)
    cycles = found.cycles()
    assert loop.reference == pytest.approx(1.0, abs=1e-6)
    assert cycles[:LEAD, 0] == pytest.approx(5.0, abs=1e-6)
    assert np.argmin(cycles[:, 0]) == 25
    assert cycles[25, 0] == pytest.approx(4.9139043, abs=2e-6)
    assert found.output.min() == pytest.approx(4.9111964, abs=2e-5)
    assert found.duties[:LEAD] == pytest.approx(0.42125, abs=1e-5)
    assert found.duties[LEAD : LEAD + 6] == pytest.approx(
        [0.5217175, 0.5187638, 0.5187652, 0.5150580, 0.5082795, 0.4991228], abs=1e-6
    )
    figures = found.step_figures(LEAD / FSW, 200 / FSW, 5.0)
    assert figures.deviation >= 5.0 - cycles[25, 0]
    assert figures.deviation == figures.undershoot > figures.overshoot > 0
    assert figures.saturated == 0
    assert 0 < figures.settling < 30 / FSW


def boost_matrices(parameters, vin, resistance, regulator):
    """Return x' = A x + b of an ideal synchronous boost with its compensator, on and off."""
    p, c = parameters, regulator.compensator
    joint = resistance / (resistance + p["Cout_esr"])
    loss = p["L1.dcr"] + p["Q1_rds_on"]
    made = []
    for off in (0.0, 1.0):
        output = joint * np.array([off * p["Cout_esr"], 1.0])
        a, b = np.zeros((4, 4)), np.zeros(4)
        a[0, :2] = -off * output / p["L1"]
        a[0, 0] -= loss / p["L1"]
        b[0] = vin / p["L1"]
        a[1, :2] = np.array([off * joint, -joint / resistance]) / p["Cout"]
        a[2:, :2] = np.outer(c.inputs[:, 0], output)
        a[2:, 2:] = c.dynamics
        reference = np.concatenate((np.zeros(2), c.inputs[:, 1]))
        made.append((a, b, reference, output))
    return made


def flow(a, b, length):
    """Return the exponential of [[a, b], [0, 0]] over a length, by scaling and squaring."""
    whole = np.zeros((len(b) + 1, len(b) + 1))
    whole[:-1, :-1], whole[:-1, -1] = a * length, b * length
    term = total = np.eye(len(whole))
    for k in range(1, 12):
        term = term @ (whole / 2**10) / k
        total = total + term
    return np.linalg.matrix_power(total, 2**10)


def brute_force(loop, stretches, steps=3000):
    """Return the mean output of every period by fixed steps, the comparator asked at each."""
    start, regulator = loop.orbit(stretches[0].condition), loop.regulator
    state = np.concatenate((start.power, start.compensator, [1.0]))
    ramp, sensing = float(regulator.modulator.ramp), float(regulator.modulator.sensing)
    means = []
    for stretch in stretches:
        matrices = boost_matrices(
            loop.point.parameters, stretch.condition.vin, stretch.condition.rload, regulator
        )
        on, off = (flow(a, b + r * loop.reference, 1 / FSW / steps) for a, b, r, _ in matrices)
        for _ in range(int(stretch.periods)):
            conducting, total = True, 0.0
            for k in range(steps):
                inner = matrices[0 if conducting else 1][3]
                before = inner @ state[:2]
                distance = sensing * state[0] + ramp * k / FSW / steps - state[3]
                moved = (on if conducting else off) @ state
                after = inner @ moved[:2]
                if conducting:
                    ahead = sensing * moved[0] + ramp * (k + 1) / FSW / steps - moved[3]
                    if ahead > 0:
                        share = min(max(distance / (distance - ahead), 0.0), 1.0)
                        middle = state + share * (moved - state)
                        moved = middle + (1 - share) * (off @ middle - middle)
                        conducting = False
                total += (before + after) / 2
                state = moved
            means.append(total / steps)
    return np.array(means)


def boost_loop():
    parameters = BOOST | {"rload": 12.0}
    point = OperatingPoint(topology("boost_synchronous"), parameters, FSW, 12.0)
    compensator = integrator(gain=6e3, zero=12e3, pole=4e5)
    return ClosedLoop(
        point, Regulator(Modulator.peak_current(0.1, 45e3), compensator, shortest_duty=0.0)
    )


def test_that_a_boost_in_peak_current_mode_does_what_small_fixed_steps_do():
    loop = boost_loop()
    stretches = [Stretch(Condition(5.0, 24.0), 3), Stretch(Condition(5.0, 12.0), 40)]
    found = loop.run(loop.orbit(stretches[0].condition), stretches).cycles()[:, 0]
    expected = brute_force(loop, stretches)
    deviation = 12.0 - expected.min()
    assert deviation > 0.1
    assert np.max(np.abs(found - expected)) < 5e-3 * deviation


@pytest.mark.parametrize("name", STAGES)
def test_that_a_step_of_zero_stays_on_the_orbit(name):
    design, regulation = textbook_loop(name)
    point = operating_point(design)
    loop = ClosedLoop(point, regulation.regulator(point))
    start = loop.orbit()
    found = loop.run(start, [Stretch(point.condition, 7.3), Stretch(point.condition, 32.7)])
    means = found.cycles()[:, 0]
    # A multiplier of 0.996 makes much of what events are found to.
    assert means == pytest.approx(means[0], rel=1e-7 if name == "cuk" else 1e-9)
    # The reference is set with commutations put where they are, the output solved to some 1e-6.
    assert means[0] == pytest.approx(point.vout, rel=1e-5)


def test_that_the_orbit_of_the_loop_is_that_of_the_power_stage():
    """Found by another way: from two thirds of the load, the loop comes to the same duty."""
    loop = ClosedLoop(buck_point(), buck_regulator())
    lighter = loop.run(loop.orbit(Condition(12.0, 5.0)), [Stretch(Condition(12.0, 7.5), 600)])
    duty = orbits_at(buck_point(7.5)).duty[0]
    assert lighter.duties[-1] == pytest.approx(duty, rel=1e-6)


def test_that_a_small_step_of_the_current_answers_as_the_output_impedance_predicts():
    """The area under the answer is the closed loop's impedance over jw at low frequencies.

    The sampled loop acts, and the output hears the base band of it: Zo (1 - Lb / (1 + Ls)).
    """
    point, regulator = buck_point(), buck_regulator()
    loop = ClosedLoop(point, regulator)
    orbits, current, frequency = orbits_at(point), 1e-3, np.array([30.0])
    closed = loops(orbits, regulator.modulator, regulator.compensator, frequency)
    open_loop = responses(orbits, closed.modulator, frequency).output_impedance[0, 0]
    heard = analysed_gain(orbits, closed, regulator.compensator)[0, 0]
    impedance = open_loop * (1 - heard / (1 + closed.gain[0, 0]))
    expected = current * (impedance / (2j * np.pi * frequency[0])).real
    found = step_of(loop, Condition(12.0, 5.0), Condition(12.0, 5.0, drawn=current), 600)
    area = np.sum(5.0 - found.cycles()[LEAD:, 0]) / FSW
    assert area == pytest.approx(expected, rel=5e-3)


def test_that_an_answer_is_linear_in_small_steps():
    loop = ClosedLoop(buck_point(), buck_regulator())
    condition = Condition(12.0, 5.0)
    one, two = (
        step_of(loop, condition, replace(condition, drawn=current), 60).cycles()[LEAD:, 0] - 5.0
        for current in (1e-3, 2e-3)
    )
    assert np.max(np.abs(one)) > 1e-5
    assert two == pytest.approx(2 * one, abs=0.01 * np.max(np.abs(two)))


def test_that_discontinuous_conduction_is_entered_and_left():
    design, regulation = textbook_loop("buck")
    point = operating_point(design)
    loop = ClosedLoop(point, regulation.regulator(point))
    full, light = point.condition, Condition(12.0, 20 * point.parameters["rload"])
    found = loop.run(
        loop.orbit(full), [Stretch(full, 10), Stretch(light, 3000), Stretch(full, 300)]
    )
    at_clock = np.interp(np.arange(1, 3310) / FSW, found.time, found.current)
    assert np.all(at_clock[:9] > 0.1)
    assert np.all(np.abs(at_clock[2900:3005]) < 1e-4), "the current rests before each clock"
    assert np.all(at_clock[-20:] > 0.1)
    assert found.cycles()[[5, 3000, -1], 0] == pytest.approx(5.0, rel=1e-3)
    assert found.duties[3000] < 0.6 * found.duties[5]


def test_that_the_duty_keeps_its_limits():
    regulator = buck_regulator(longest_duty=0.5, shortest_duty=0.1)
    loop = ClosedLoop(buck_point(), regulator)
    light, full = Condition(12.0, 50.0), Condition(12.0, 1.25)
    found = loop.run(
        loop.orbit(Condition(12.0, 5.0)),
        [Stretch(full, 40), Stretch(light, 40)],
    )
    assert found.duties.max() == pytest.approx(0.5, abs=1e-12)
    assert found.duties.min() == pytest.approx(0.1, abs=1e-12)
    figures = found.step_figures(1 / FSW, 80 / FSW, 5.0)
    assert figures.saturated == np.sum(
        (found.duties[1:] > 0.499999) | (found.duties[1:] < 0.100001)
    )
    assert figures.saturated > 5


def test_that_a_delay_lengthens_the_on_time_until_the_loop_has_settled():
    regulator = buck_regulator()
    late = replace(regulator, modulator=Modulator.voltage_mode(1.5, FSW, 0.02 / FSW))
    duties = []
    for each in (regulator, late):
        loop = ClosedLoop(buck_point(), each)
        duties.append(loop.run(loop.orbit(), [Stretch(Condition(12.0, 5.0), 5)]).duties)
    assert duties[1] == pytest.approx(duties[0], rel=1e-7), "the compensator makes up for it"


def test_that_a_step_inside_a_period_is_at_its_instant():
    loop = ClosedLoop(buck_point(), buck_regulator())
    before, after = Condition(12.0, 5.0), Condition(12.0, 2.5)
    found = loop.run(loop.orbit(before), [Stretch(before, 5.25), Stretch(after, 5)])
    place = np.searchsorted(found.time, 5.25 / FSW)
    change = found.output[place + 1] - found.output[place - 1]
    assert change == pytest.approx(-1.0 * BOOST["Cout_esr"] * 2, rel=0.1), "the ESR drops at once"


def test_that_a_soft_start_ends_in_regulation():
    loop = ClosedLoop(buck_point(2.5), buck_regulator())
    rising = Condition(12.0, 2.5, rising=loop.reference * FSW / 300)
    found = loop.run(loop.at_rest, [Stretch(rising, 300), Stretch(Condition(12.0, 2.5), 300)])
    assert found.output[0] == 0
    assert found.cycles()[-1, 0] == pytest.approx(5.0, rel=1e-5)
    assert found.output.max() < 5.2


def test_that_a_delay_longer_than_the_on_time_is_refused():
    regulator = replace(buck_regulator(), modulator=Modulator.voltage_mode(1.5, FSW, 0.5 / FSW))
    with pytest.raises(SolverError, match="does not hold the duty"):
        ClosedLoop(buck_point(), regulator)


def test_that_an_operating_point_without_a_duty_is_refused():
    point = replace(buck_point(), vout=50.0)
    with pytest.raises(SolverError):
        ClosedLoop(point, buck_regulator())
