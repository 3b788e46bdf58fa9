"""The curves of a loop belong to its verdict, and its impedance to what a load step does."""

import msgspec
import numpy as np
import pytest

from arcs_engine.analysis.loop_curves import loop_curves
from arcs_engine.analysis.regulated_step import LEAST_LOAD, load_steps
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import topology
from arcs_engine.performance.design import Design, Designs
from arcs_engine.sizing.compensation import find_loop, propose_loop

SPECS = {
    "boost": Spec(topology="boost", vin=5, vin_min=4.5, vin_max=5.5, vout=12, iout=1, fsw=300e3),
    "flyback": Spec(topology="flyback", vin=48, vin_min=36, vin_max=60, vout=12, iout=2, fsw=200e3),
}


def design_of(spec):
    values = topology(spec.topology).textbook(SpecBatch.of([spec])).values
    return Design(spec, {name: float(value[0]) for name, value in values.items()})


@pytest.fixture(scope="module", params=SPECS)
def found(request):
    design = design_of(SPECS[request.param])
    found = find_loop(Designs.stacked([design]))
    return design, found.judged, loop_curves(found.verdicts, design.spec.vin)


def crossover_of(frequencies, gain):
    """Return the highest frequency at which a gain passes one, by interpolation."""
    decibels = np.log(np.abs(gain))
    last = np.flatnonzero((decibels[:-1] > 0) & (decibels[1:] <= 0))[-1]
    share = decibels[last] / (decibels[last] - decibels[last + 1])
    return frequencies[last] * (frequencies[last + 1] / frequencies[last]) ** share


def test_that_each_corner_has_the_curve_whose_margins_the_judge_names(found):
    _, judged, curves = found
    assert curves.corners.shape == (len(judged.corners), len(curves.frequencies))
    for corner, gain, sampled in zip(
        judged.corners, curves.corners, curves.sampled_corners, strict=True
    ):
        crossover = crossover_of(curves.frequencies, gain)
        assert crossover == pytest.approx(corner.crossover, rel=1e-6)
        assert np.abs(1 + sampled).min() == pytest.approx(corner.modulus)
        assert sampled[-1].real == pytest.approx(corner.half, abs=1e-6)


def test_that_the_nominal_curve_is_that_of_nominal_parts_input_and_load(found):
    design, judged, curves = found
    nominal = [
        corner.crossover
        for corner in judged.corners
        if (corner.vin, corner.load, corner.capacitance) == (design.spec.vin, 1.0, 1.0)
    ]
    if design.topology.isolated:  # the corners have the ends of the optocoupler's spread
        least, largest = nominal
        assert least < curves.analysed.crossover < largest
    else:
        assert nominal == [pytest.approx(curves.analysed.crossover)]


def test_that_the_gain_margin_is_drawn_where_the_gain_would_reach_minus_one(found):
    _, _, curves = found
    for line in (curves.analysed, curves.sampled):
        place, known = np.log(line.gain_margin_at), np.log(curves.frequencies)
        gain = np.interp(place, known, line.gain.real) + 1j * np.interp(
            place, known, line.gain.imag
        )
        assert line.gain_margin * gain == pytest.approx(-1, abs=0.02)


def test_that_a_loop_that_is_given_is_judged_as_it_was_when_proposed(found):
    design, judged, _ = found
    again = propose_loop(Designs.stacked([design]), judged.as_given)
    assert again.corners == judged.corners
    assert (again.modulator, again.parts, again.reference) == (
        judged.modulator,
        judged.parts,
        judged.reference,
    )


def test_that_a_small_load_step_leaves_the_area_that_the_closed_impedance_says(found):
    """The voltage over a step's current is Z(s) / s; its area is Z(s) / s at s = 0.

    The exact run knows nothing of small signals.
    """
    design, judged, curves = found
    small = Design(msgspec.structs.replace(design.spec, load_step=(0.98, 1.0)), design.values)
    lowest = 2 * np.pi * curves.frequencies[0]
    expected = 0.02 * design.spec.iout * np.abs(curves.closed_impedance[0]) / lowest
    rises, falls = load_steps(small, judged)
    for step, sign in ((rises, -1), (falls, 1)):
        after = step.ends > 0
        area = np.trapezoid(step.means[after] - step.regulated, step.ends[after])
        assert sign * area == pytest.approx(expected, rel=0.05)


def test_that_a_step_shows_what_is_said_of_it(found):
    design, judged, _ = found
    rises, falls = load_steps(design, judged)
    assert (rises.loads, falls.loads) == ((0.5, 1.0), (1.0, 0.5))
    assert rises.regulated - rises.means.min() == pytest.approx(rises.undershoot, rel=0.01)
    assert falls.means.max() - falls.regulated == pytest.approx(falls.overshoot, rel=0.01)
    late = rises.ends > rises.settling + 1 / design.spec.fsw
    assert np.abs(rises.means[late] - rises.regulated).max() < 0.0101 * rises.regulated
    before = rises.ends < 0
    assert rises.means[before] == pytest.approx(rises.regulated, rel=1e-4)


def test_that_a_step_from_no_load_begins_at_a_hundredth(found):
    design, judged, _ = found
    spec = msgspec.structs.replace(design.spec, load_step=(0.0, 0.5))
    rises, _ = load_steps(Design(spec, design.values), judged)
    assert rises.loads == (LEAST_LOAD, 0.5)
