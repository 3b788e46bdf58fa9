"""The modes of a converter together with its compensator.

The states x of the power stage are followed by those of the compensator, the time since the clock
(in periods) and the reference. In a mode all of them are linear in one another, so that the
solver's own steps carry them: a `Converter` whose modes are filled here runs through
`steady.period.run_phase` like any other. Its comparator is one more condition behind those of the
diodes: sensing · i_switch + ramp · t - v_c, which is positive once it has tripped.

The power stage is taken from the solver with the rows over (x, 1, v, i) of `small_signal.probe`: a
change v of the input voltage and a current i into the output. A load of another conductance is a
current too, i = -g vout.
"""

from dataclasses import replace
from typing import Final, NamedTuple

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.closed_loop.regulator import Control
from arcs_engine.simulation.small_signal.probe import Load, Pair, Probe, extend, load_in, pair_of
from arcs_engine.simulation.steady.compiled import inner_kernel, kernel
from arcs_engine.simulation.steady.exponential import build_mode, build_steps
from arcs_engine.simulation.steady.lanes import wide
from arcs_engine.simulation.steady.modes import BUILT, Converter, Work, work_of
from arcs_engine.simulation.steady.network import Network
from arcs_engine.simulation.steady.period import COMPLEMENT_ON, MAIN_ON, switches_in

BEYOND: Final = 2
"""States behind those of the compensator: the time since the clock and the reference."""


class Change(NamedTuple):
    """What is other than where the power stage was solved.

    Attributes:
        vin: input voltage, V more.
        conductance: of the load, S more.
        current: into the output node, A.
        rising: of the reference, V per period.
    """

    vin: float
    conductance: float
    current: float
    rising: float


class Blueprint(NamedTuple):
    """What the modes are made of.

    Attributes:
        probe: for the rows over v and i.
        control: the regulator.
        change: of what the converter is exposed to.
        sign: of the output.
        rows: scratch, shape (4, n + 3): the output, another quantity, and two rows of the solver.
    """

    probe: Probe
    control: Control
    change: Change
    sign: float
    rows: FloatArray


def network_with(network: Network, states: int) -> Network:
    """Return a network with so many states behind its own, which no element stands for."""
    plan = network.plan
    return replace(network, plan=plan._replace(states=plan.states + states))


def work_with_comparator(network: Network) -> Work:
    """Allocate the memory of a network's modes, with room for one more condition."""
    work, plan = work_of(network), network.plan
    watched = wide(plan.diodes + 1)
    return work._replace(
        slack=np.zeros((len(work.ready), plan.states + 1, watched)),
        excess=np.zeros(watched),
        lines=np.zeros((plan.diodes + 1, 2)),
    )


@inner_kernel
def _fold(blueprint: Blueprint, row: FloatArray, out: FloatArray) -> None:
    """Add a quantity's row over (x, 1, v, i) to one over (x, ..., 1), under the change."""
    output, change = blueprint.rows[0], blueprint.change
    n, one = len(output) - 3, len(out) - 1
    share = row[n + 2] / (1.0 + change.conductance * output[n + 2])
    for k in range(n):
        out[k] += row[k] - share * change.conductance * output[k]
    there = output[n] + change.vin * output[n + 1]
    out[one] += row[n] + change.vin * row[n + 1]
    out[one] += share * (change.current - change.conductance * there)


@inner_kernel
def _fill_generator(pair: Pair, load: Load, blueprint: Blueprint, closed: Work, mode: int) -> None:
    """Fill the rates of all states, and of the integral of the output."""
    generator, rows, control = closed.generator[mode], blueprint.rows, blueprint.control
    plain, loaded, n = pair.plain.work, pair.loaded.work, pair.plain.plan.states
    m, one = len(control.output), len(generator) - 1
    generator[:, :] = 0.0
    for i in range(n):
        extend(load, plain.generator[mode, i], loaded.generator[mode, i], rows[1])
        _fold(blueprint, rows[1], generator[i])
    _fold(blueprint, rows[0], generator[one])
    for i in range(m):
        for k in range(one + 1):
            generator[n + i, k] = blueprint.sign * control.inputs[i, 0] * generator[one, k]
        for j in range(m):
            generator[n + i, n + j] += control.dynamics[i, j]
        generator[n + i, n + m + 1] += control.inputs[i, 1]
    generator[n + m, one] = 1.0
    generator[n + m + 1, one] = blueprint.change.rising


@inner_kernel
def _fill_conditions(pair: Pair, load: Load, blueprint: Blueprint, closed: Work, mode: int) -> None:
    """Fill the conditions of the diodes and of the comparator."""
    slack, rows, control = closed.slack[mode], blueprint.rows, blueprint.control
    plain, loaded, plan = pair.plain.work, pair.loaded.work, pair.plain.plan
    n, m = plan.states, len(control.output)
    slack[:, :] = 0.0
    for d in range(plan.diodes):
        for k in range(n + 1):
            rows[2, k] = plain.slack[mode, k, d]
            rows[3, k] = loaded.slack[mode, k, d]
        extend(load, rows[2, : n + 1], rows[3, : n + 1], rows[1])
        _fold(blueprint, rows[1], slack[:, d])
    switch, comparator = blueprint.probe.switch, slack[:, plan.diodes]
    extend(load, plain.currents[mode, switch], loaded.currents[mode, switch], rows[1])
    for k in range(n + 3):
        rows[1, k] *= control.sensing
    _fold(blueprint, rows[1], comparator)
    for j in range(m):
        comparator[n + j] = -control.output[j]
    comparator[n + m] = control.ramp


@kernel
def fill_modes(plain: Converter, blueprint: Blueprint, closed: Work) -> None:
    """Build every mode that the solver's converter can be in, with the compensator.

    A mode without a solution stays unbuilt.

    Args:
        plain: the power stage as it was solved, with its diodes' lines set.
        blueprint: what else the modes are made of.
        closed: filled.
    """
    pair, plan = pair_of(plain, blueprint.probe), plain.plan
    n, rows = plan.states, blueprint.rows
    closed.ready[:] = 0
    for phase in (MAIN_ON, COMPLEMENT_ON, MAIN_ON + 1):
        for diodes in range(1 << plan.diodes):
            mode = diodes << plan.switches | switches_in(plan, phase)
            if closed.ready[mode] == BUILT or not build_mode(plain, mode):
                continue
            load = load_in(pair, mode)
            extend(
                load, plain.work.generator[mode, n], pair.loaded.work.generator[mode, n], rows[0]
            )
            _fill_generator(pair, load, blueprint, closed, mode)
            _fill_conditions(pair, load, blueprint, closed, mode)
            build_steps(closed, mode)
