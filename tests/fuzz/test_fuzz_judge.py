"""Whatever may be typed is judged in numbers, or refused in words."""

import math

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.circuits.settings import Assignments, assign, parameters
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS
from arcs_engine.foundation.errors import ArcsError
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.candidates import evaluate
from arcs_engine.performance.design import Design
from arcs_engine.performance.regulation import with_corners

EVERY = list((REGISTRY | VARIANTS).values())


def decades(low, high):
    return st.floats(math.log10(low), math.log10(high)).map(
        lambda place: min(max(10**place, low), high)
    )


odd = st.integers(-18, 12).map(lambda place: 10.0**place)
duties = st.sampled_from([None, None, None, 1e-9, 1e-3, 0.3, 0.5, 0.9, 0.999999])


@st.composite
def cases(draw):
    """A design of ordinary values but for a few, for a spec that need not suit the topology."""
    topology, vin = draw(st.sampled_from(EVERY)), draw(decades(0.7, 800))
    spec = Spec(
        topology=topology.name,
        vin=vin,
        vin_min=0.8 * vin,
        vin_max=1.2 * vin,
        vout=draw(decades(0.1, 1000)),
        iout=draw(decades(1e-3, 200)),
        fsw=draw(decades(1e4, 2e6)),
    )
    found = Assignments()
    for value in topology.design_values:
        ordinary = decades(value.low, value.high)
        assign(found, value.name, draw(st.one_of(ordinary, ordinary, odd)), topology, "x")
    for name in draw(st.lists(st.sampled_from(list(parameters(topology))), max_size=2)):
        assign(found, name, draw(odd), topology, "x")
    return spec, topology, found, draw(duties)


# Each is solved at seven points and more, so that the profile's number would take minutes.
@settings(max_examples=settings.default.max_examples // 10)
@given(cases())
def test_that_any_design_is_judged_in_numbers_that_can_be_stored(case):
    spec, topology, given_values, duty = case
    named = msgspec.structs.replace(spec, topology=topology.name)
    design = Design(named, given_values.values, duty, given_values.overrides)
    try:
        judged = evaluate(design)
        (shown,) = with_corners(spec, [judged])
    except ArcsError as error:
        assert str(error).isprintable()
        return
    assert shown.meets_spec == (not shown.reasons)
    assert (shown.metrics is None) <= (not shown.meets_spec)
    assert all(text.isprintable() for text in (*shown.reasons, *shown.warnings))
    # What is not finite would be null, and then refused when it is read.
    assert msgspec.json.decode(msgspec.json.encode(shown), type=Candidate) == shown
