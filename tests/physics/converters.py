"""Converters to test with: ideal ones, whose closed forms are known, and random ones."""

import dataclasses

import msgspec
import numpy as np

from arcs_engine.bench.designs import random_designs, row
from arcs_engine.circuits.circuit import Capacitor, Diode, Inductor, Switch
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.performance.candidates import evaluate
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.operating_point import figures_of
from arcs_engine.performance.verdict import judge
from arcs_engine.simulation.steady import solve, steady_state

NEARLY_ZERO = 1e-6


def spec_of(vin, vout, iout, fsw, **more):
    limits = {"vin_min": vin * 0.9, "vin_max": vin * 1.1} | more
    return Spec(vin=vin, vout=vout, iout=iout, fsw=fsw, **limits)


def ordinary_spec(topology, vin=24.0, iout=1.0, fsw=150e3):
    """Return a spec that the topology can meet with ease: half the input, or twice for a boost."""
    return spec_of(vin, vin * (2.0 if topology.name == "boost" else 0.5), iout, fsw)


def textbook_values(topology, spec):
    values = topology.textbook(SpecBatch.of([spec])).values
    return {name: float(v[0]) for name, v in values.items()}


def design_of(spec, topology, values, *, duty=None, overrides=None):
    """Return a design of a topology, whatever topology the spec names."""
    named = msgspec.structs.replace(spec, topology=topology.name)
    return Design(named, dict(values), duty, dict(overrides or {}))


def evaluated(spec, topology, values, *, origin="user", **made):
    """Return the judge's candidate; `made` as `design_of` takes it."""
    return evaluate(design_of(spec, topology, values, **made), origin)


def verdicts_of(topology, values, specs, *, overrides=None, duty=None, **against):
    """Return the judge's verdicts on designs given by their values."""
    designs = Designs.of(topology, values, specs, overrides)
    return judge(dataclasses.replace(designs, duty=duty), **against)


def parameters_of(topology, spec, values, **changes):
    """Return a design's parameters at nominal input and full load, some of them changed."""
    arrays = {name: np.array([value]) for name, value in values.items()}
    derived = topology.parameters(arrays, SpecBatch.of([spec]))
    point = {"vin": spec.vin, "rload": spec.vout / spec.iout}
    return row(derived, 0) | point | changes


def lossless(topology, spec, values, **changes):
    """Return the same without loss: no resistance, no drop, no leakage to speak of."""
    none = {}
    for element in topology.circuit.elements:
        match element:
            case Inductor():
                none[element.resistance] = 0.0
            case Capacitor():
                none[element.resistance] = NEARLY_ZERO
            case Switch():
                none |= {element.on_resistance: NEARLY_ZERO, element.drop: 0.0}
            case Diode():
                none |= {
                    element.drop: 0.0,
                    element.emission: NEARLY_ZERO,
                    element.resistance: NEARLY_ZERO,
                }
    return parameters_of(topology, spec, values) | none | changes


def solve_one(topology, parameters, fsw, **wanted):
    """Solve one design as a batch of one; ``duty`` or ``vout`` say for what."""
    arrays = {name: np.array([value]) for name, value in parameters.items()}
    return solve(topology, arrays, np.array([fsw]), **{k: np.array([v]) for k, v in wanted.items()})


def figures_of_one(topology, parameters, spec, **wanted):
    arrays = {name: np.array([value]) for name, value in parameters.items()}
    batch = solve_one(topology, parameters, spec.fsw, **wanted)
    return figures_of(Designs(topology, arrays, SpecBatch.of([spec])), batch)


@dataclasses.dataclass(frozen=True)
class Solved:
    """Random designs, solved for their output."""

    drawn: object
    batch: object
    figures: object

    @property
    def topology(self):
        return self.drawn.topology

    @property
    def rows(self):
        return np.flatnonzero(self.batch.solved).tolist()

    def parameters(self, index):
        return row(self.drawn.parameters, index)

    def state(self, index):
        spec = self.drawn.specs[index]
        return steady_state(self.topology, self.parameters(index), spec.fsw, vout=spec.vout)


def solved_designs(topology, count, seed):
    drawn = random_designs(topology, count, np.random.default_rng(seed))
    batch = solve(topology, drawn.parameters, drawn.batch.fsw, vout=drawn.batch.vout)
    figures = figures_of(Designs(topology, drawn.parameters, drawn.batch), batch)
    return Solved(drawn, batch, figures)
