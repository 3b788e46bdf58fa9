"""What no duty can do is said, with the limit that forbids it."""

import numpy as np
import pytest
from converters import evaluated, lossless, parameters_of, solve_one, spec_of, textbook_values

from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.errors import InfeasibleError, SpecError
from arcs_engine.performance.cost import FAILED_COST
from arcs_engine.simulation.steady import STATUS, steady_state
from arcs_engine.simulation.steady.newton import ABOVE_MAX_DUTY, BELOW_MIN_DUTY, GAIN_LIMIT, SOLVED

BUCK, BUCK_BOOST = REGISTRY["buck"], REGISTRY["buck_boost"]


@pytest.mark.parametrize(("ratio", "status"), [(0.975, SOLVED), (0.985, ABOVE_MAX_DUTY)])
def test_that_a_lossless_buck_reaches_its_largest_duty_and_no_further(ratio, status):
    assert BUCK.max_duty == 0.98
    spec = spec_of(20.0, 20.0 * ratio, 1.0, 200e3)
    parameters = lossless(BUCK, spec, textbook_values(BUCK, spec))
    assert solve_one(BUCK, parameters, spec.fsw, vout=spec.vout).status[0] == status


def test_that_a_buck_above_its_largest_duty_names_that_limit():
    spec = spec_of(20.0, 19.9, 1.0, 200e3)
    parameters = lossless(BUCK, spec, textbook_values(BUCK, spec))
    with pytest.raises(InfeasibleError, match="largest allowed"):
        steady_state(BUCK, parameters, spec.fsw, vout=spec.vout)


@pytest.fixture
def lossy():
    """A buck-boost with 1 ohm in the switch: its output peaks well below its largest duty."""
    spec = spec_of(5.0, 10.0, 1.0, 200e3)
    values = textbook_values(BUCK_BOOST, spec) | {"Q1_rds_on": 1.0}
    return spec, values, parameters_of(BUCK_BOOST, spec, values)


def test_that_the_gain_of_a_lossy_buck_boost_has_a_peak_which_the_solver_respects(lossy):
    spec, _, parameters = lossy
    duties = np.linspace(0.02, 0.89, 120)
    outputs = [
        abs(solve_one(BUCK_BOOST, parameters, spec.fsw, duty=float(d)).vout[0]) for d in duties
    ]
    peak = int(np.argmax(outputs))
    assert 0 < peak < len(duties) - 1
    within = solve_one(BUCK_BOOST, parameters, spec.fsw, vout=0.97 * outputs[peak])
    assert within.status[0] == SOLVED
    assert within.duty[0] < duties[peak]  # the branch on which more duty gives more output
    beyond = solve_one(BUCK_BOOST, parameters, spec.fsw, vout=1.02 * outputs[peak])
    assert beyond.status[0] == GAIN_LIMIT


def test_that_the_gain_limit_is_named(lossy):
    spec, values, parameters = lossy
    with pytest.raises(InfeasibleError, match="losses limit the gain"):
        steady_state(BUCK_BOOST, parameters, spec.fsw, vout=spec.vout)
    judged = evaluated(spec, BUCK_BOOST, values)
    assert not judged.meets_spec
    assert judged.cost == FAILED_COST
    assert judged.metrics is None
    assert "5 V and full load" in judged.reasons[0]
    assert STATUS[GAIN_LIMIT] in judged.reasons[0]


def test_that_a_limit_at_a_corner_is_named_with_the_corner():
    spec = spec_of(20.0, 17.5, 2.0, 200e3, vin_min=17.9)
    values = textbook_values(BUCK, spec)
    judged = evaluated(spec, BUCK, values)
    assert judged.metrics is not None  # the nominal point works
    assert not judged.meets_spec
    assert any("17.9 V" in r and STATUS[ABOVE_MAX_DUTY] in r for r in judged.reasons)


def test_that_too_short_an_on_time_is_named():
    spec = spec_of(60.0, 0.5, 2e-3, 50e3)
    values = textbook_values(BUCK, spec) | {"L1": 0.47e-6}
    found = solve_one(BUCK, parameters_of(BUCK, spec, values), spec.fsw, vout=spec.vout)
    assert found.status[0] == BELOW_MIN_DUTY
    assert "shortest on-time" in STATUS[BELOW_MIN_DUTY]


def test_that_a_buck_is_not_even_tried_above_its_input():
    with pytest.raises(SpecError) as caught:
        BUCK.check(spec_of(12.0, 13.0, 1.0, 200e3))
    assert caught.value.field == "vout"
