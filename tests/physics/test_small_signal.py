"""The responses of the power stage: against brute force, the solver itself, and closed forms."""

import numpy as np
import pytest
from converters import ordinary_spec, parameters_of, solve_one, textbook_values
from ideal_stages import decibels, degrees, ideal_diode_buck, on, orbit_of, rows, synchronous
from perturbed import CONTROL, INPUT_CURRENT, LINE, LOAD, OUTPUT, Sines, Stage

from arcs_engine.circuits.circuit import Diode
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS
from arcs_engine.simulation.small_signal import Modulator, periodic_orbits, responses
from arcs_engine.simulation.small_signal.orbits import DIODE
from arcs_engine.simulation.steady import steady_state
from arcs_engine.simulation.steady.meter import MEAN_I

every_topology = pytest.mark.parametrize(
    "declared", (REGISTRY | VARIANTS).values(), ids=REGISTRY | VARIANTS
)
FULL, LIGHT = 1.0, 20.0

WITHOUT_CLAMP = [t for t in (REGISTRY | VARIANTS).values() if not t.isolated]
"""Where no diode moves with the switch: the solver's Jacobian takes such a one to stand still."""


def stage(declared, load, **changes):
    """Return the textbook design's spec and parameters, its load resistance so many times as high.

    At light load a diode conducts discontinuously.
    """
    spec = ordinary_spec(REGISTRY[declared.base or declared.name])
    parameters = parameters_of(declared, spec, textbook_values(declared, spec), **changes)
    return spec, parameters | {"rload": parameters["rload"] * load}


def modulator_of(declared, spec, parameters, load):
    """Return current mode with a delay at full load, the duty at light load."""
    if load == LIGHT:
        return Modulator.duty(spec.fsw)
    rise = spec.vin / parameters["T1p" if "T1p" in parameters else "L1"]
    return Modulator.peak_current(0.1, 0.06 * rise, 0.03 / spec.fsw)


@every_topology
@pytest.mark.parametrize("load", [FULL, LIGHT])
def test_that_the_responses_are_those_of_a_shaken_converter(declared, load):
    spec, parameters = stage(declared, load)
    orbits = orbit_of(declared, parameters, spec.fsw, vout=spec.vout)
    modulator = modulator_of(declared, spec, parameters, load)
    shaken = Stage(orbits, 0, modulator)
    frequencies = np.abs(Sines(CONTROL, 1.0).rates) / (2 * np.pi) * spec.fsw
    assert frequencies[-1] > 0.45 * spec.fsw
    found = responses(orbits, modulator, frequencies)
    by_control = shaken.responses(CONTROL, 1e-6 * shaken.control)
    by_line = shaken.responses(LINE, 1e-6 * spec.vin)
    by_load = shaken.responses(LOAD, 1e-6 * spec.vout / parameters["rload"])
    pairs = (
        (by_control[OUTPUT], found.control[0]),
        (by_line[OUTPUT], found.line[0]),
        (1 / by_line[INPUT_CURRENT], found.input_impedance[0]),
        (declared.sign * by_load[OUTPUT], found.output_impedance[0]),
    )
    # In current mode a forward's line response is a hundredth of each of the two that make it up.
    limit = 2e-5 if declared.name == "forward" else 1e-5
    for brute, exact in pairs:
        assert np.max(np.abs(brute / exact - 1)) < limit


@every_topology
@pytest.mark.parametrize("load", [FULL, LIGHT])
def test_that_slow_changes_are_the_differences_of_steady_states(declared, load):
    straight = {d.emission: 1e-3 for d in declared.circuit.of_type(Diode)}
    spec, parameters = stage(declared, load, **straight)
    duty = solve_one(declared, parameters, spec.fsw, vout=spec.vout).duty[0]
    orbits = orbit_of(declared, parameters, spec.fsw, duty=duty)
    slow = responses(orbits, Modulator.duty(spec.fsw), np.array([1e-3]))

    def difference(name, share=2e-3):
        """Return what duty, input voltage or load resistance change: output and input current."""
        ends = []
        for factor in (1 + share, 1 - share):
            there = parameters | {"duty": duty}
            there[name] *= factor
            batch = solve_one(declared, there, spec.fsw, duty=there["duty"])
            ends.append((batch.vout[0], -batch.sum("Vin", MEAN_I)[0], there[name]))
        return np.array(ends[0]), np.array(ends[1])

    more, less = difference("duty")
    by_duty = declared.sign * (more[0] - less[0]) / (more[2] - less[2])
    assert slow.control[0, 0].real == pytest.approx(by_duty, rel=2e-3)
    more, less = difference("vin")
    by_line = declared.sign * (more[0] - less[0]) / (more[2] - less[2])
    resistance = (more[2] - less[2]) / (more[1] - less[1])
    assert slow.line[0, 0].real == pytest.approx(by_line, rel=2e-3)
    assert slow.input_impedance[0, 0].real == pytest.approx(resistance, rel=2e-3)
    more, less = difference("rload")
    # A current into the output is what the load of before takes more than the one that is there.
    change = more[0] - less[0]
    current = change / parameters["rload"] - (more[0] / more[2] - less[0] / less[2])
    impedance = change / current
    assert slow.output_impedance[0, 0].real == pytest.approx(impedance, rel=2e-3)


@pytest.mark.parametrize("declared", WITHOUT_CLAMP, ids=lambda declared: declared.name)
@pytest.mark.parametrize("load", [FULL, LIGHT])
def test_that_the_open_multipliers_are_those_of_the_solvers_jacobian(declared, load):
    spec, parameters = stage(declared, load)
    orbits = orbit_of(declared, parameters, spec.fsw, vout=spec.vout)
    found = responses(orbits, Modulator.duty(spec.fsw), np.array([1e3])).multipliers[0]
    jacobian = steady_state(declared, parameters, spec.fsw, vout=spec.vout).jacobian
    wanted = np.linalg.eigvals(jacobian)
    assert np.sort(found.real) == pytest.approx(np.sort(wanted.real), abs=1e-4)
    assert np.abs(np.prod(found)) == pytest.approx(np.abs(np.prod(wanted)), abs=1e-4)


def test_that_a_diode_that_the_switch_turns_on_moves_with_it():
    """A flyback's rectifier takes over as the switch opens; the interval between is no time."""
    spec, parameters = stage(REGISTRY["flyback"], FULL)
    orbits = orbit_of(REGISTRY["flyback"], parameters, spec.fsw, vout=spec.vout)
    events = orbits.lengths[0][orbits.begins[0] == DIODE]
    assert np.min(orbits.lengths[0][: orbits.used[0]]) > 1e-4
    assert len(events) == 2


def test_that_ridleys_buck_in_current_mode_is_what_was_computed():
    """The example of R. B. Ridley, IEEE Transactions on Power Electronics 6(2), 1991."""
    declared, parameters = synchronous(
        "buck", vin=11.0, rload=1.0, L1=37.5e-6, Cout=400e-6, Cout_esr=14e-3
    )
    orbits = orbit_of(declared, parameters, 50e3, vout=5.0)
    rise = 0.33 * (11 - 5) / 37.5e-6
    wanted = {1.0: (0.95087, -0.83101), 1.5: (0.94406, -0.22372), 2.0: (0.93705, 0.0833)}
    for compensation, multipliers in wanted.items():
        modulator = Modulator.peak_current(0.33, (compensation - 1) * rise)
        found = responses(orbits, modulator, np.array([1e3, 10e3, 20e3]))
        assert found.multipliers[0].real == pytest.approx(multipliers, abs=2e-5)
        if compensation == 1.5:
            assert decibels(found.control[0]) == pytest.approx([0.670, -17.591, -21.839], abs=6e-4)
            assert degrees(found.control[0]) == pytest.approx([-65.66, -92.74, -116.44], abs=6e-3)


def test_that_a_boost_in_current_mode_is_what_was_computed():
    declared, parameters = synchronous(
        "boost", vin=12.0, rload=12.0, L1=10e-6, Cout=47e-6, Cout_esr=5e-3, **on(20e-3)
    )
    orbits = orbit_of(declared, parameters | {"L1.dcr": 20e-3}, 300e3, duty=0.5)
    found = responses(
        orbits, Modulator.peak_current(50e-3, 29605.3), np.array([0.1, 1, 10, 30, 100]) * 1e3
    )
    assert found.multipliers[0].real == pytest.approx([0.98535, -0.33251], abs=2e-5)
    control, line = found.control[0], found.line[0]
    assert decibels(control) == pytest.approx([33.417, 28.715, 10.654, 2.581, -0.281], abs=6e-4)
    assert degrees(control) == pytest.approx([-8.22, -56.26, -100.12, -127.80, 173.73], abs=6e-3)
    impedance = [4.768, 2.774, 0.3385, 0.1132, 0.03435]
    assert np.abs(found.output_impedance[0]) == pytest.approx(impedance, rel=2e-4)
    assert decibels(line) == pytest.approx([-0.09, -4.79, -23.04, -32.41, -41.09], abs=6e-3)


def test_that_a_discontinuous_buck_is_what_was_computed():
    declared, parameters = ideal_diode_buck(
        vin=12.0, rload=20.0, L1=2e-6, Cout=100e-6, Cout_esr=5e-3
    )
    orbits = orbit_of(declared, parameters, 200e3, duty=0.3)
    assert orbits.states[0, 0, 1] == pytest.approx(8.9953, abs=1e-4)
    assert orbits.lengths[0, 1] == pytest.approx(0.09984, abs=1e-5)
    found = responses(orbits, Modulator.duty(200e3), np.array([100.0, 10e3, 90e3]))
    assert found.multipliers[0, 0].real == pytest.approx(0.98757, abs=2e-5)
    assert decibels(found.control[0]) == pytest.approx([21.326, -6.411, -25.185], abs=2e-3)
    assert degrees(found.control[0]) == pytest.approx([-14.09, -86.83, -82.14], abs=1e-2)


def test_that_a_buck_of_equal_resistances_is_its_averaged_model():
    """Gvd of Erickson and Maksimovic, 2nd ed., section 8.1, with the resistances."""
    inductance, capacitance, esr, winding, switch, load = 22e-6, 47e-6, 10e-3, 30e-3, 20e-3, 2.5
    declared, parameters = synchronous(
        "buck", vin=12.0, rload=load, L1=inductance, Cout=capacitance, Cout_esr=esr, **on(switch)
    )
    orbits = orbit_of(declared, parameters | {"L1.dcr": winding}, 300e3, vout=5.0)
    frequencies = np.geomspace(100.0, 147e3, 30)
    s = 2j * np.pi * frequencies
    output = 1 / (1 / load + 1 / (esr + 1 / (s * capacitance)))
    averaged = 12.0 * output / (output + s * inductance + winding + switch)
    found = responses(orbits, Modulator.duty(300e3), frequencies)
    assert found.control[0] == pytest.approx(averaged, rel=1e-5)


def test_that_a_boosts_averaged_model_holds_up_to_a_fiftieth_of_the_frequency():
    """RHP zero and resonance of Erickson and Maksimovic, 2nd ed., table 8.2."""
    declared, parameters = synchronous(
        "boost", vin=12.0, rload=24.0, L1=47e-6, Cout=100e-6, Cout_esr=1e-6
    )
    fsw, off = 500e3, 0.5
    orbits = orbit_of(declared, parameters, fsw, duty=1 - off)
    frequencies = np.array([100.0, 500.0, 2e3, 5e3, 10e3])
    s = 2j * np.pi * frequencies
    zero = 1 - s * 47e-6 / (off**2 * 24.0)
    poles = 1 + s * 47e-6 / (off**2 * 24.0) + s**2 * 47e-6 * 100e-6 / off**2
    averaged = 24.0 / off * zero / poles
    found = responses(orbits, Modulator.duty(fsw), frequencies).control[0]
    assert np.max(np.abs(found / averaged - 1)) < 0.03


@pytest.mark.parametrize(("share", "stable"), [(0.55, True), (0.45, False)])
def test_that_slope_compensation_of_half_the_fall_is_where_subharmonics_begin(share, stable):
    """Without load resistance to speak of, the limit is (S2 - Se) / (S1 + Se) = 1 at D > 0.5.

    At duty D the slope of S1 = S2 (1 - D) / D makes it Se = S2 (1 - (1 - D) / D) / 2.
    """
    duty, inductance = 0.7, 10e-6
    declared, parameters = synchronous(
        "buck", vin=12.0, rload=2.5, L1=inductance, Cout=1e-3, Cout_esr=1e-3, **on(1e-4)
    )
    orbits = orbit_of(declared, parameters, 300e3, duty=duty)
    fall = 0.1 * 12 * duty / inductance
    rise = 0.1 * 12 * (1 - duty) / inductance
    slope = share * (fall - rise)
    multipliers = responses(
        orbits, Modulator.peak_current(0.1, slope), np.array([1e3])
    ).multipliers[0]
    fast = multipliers[np.argmin(multipliers.real)].real
    assert (fast > -1) == stable
    assert fast == pytest.approx(-(fall - slope) / (rise + slope), rel=5e-3)


def test_that_a_delay_turns_the_phase_by_its_share_of_the_period():
    declared, parameters = synchronous(
        "buck", vin=12.0, rload=2.5, L1=22e-6, Cout=47e-6, Cout_esr=10e-3
    )
    orbits = orbit_of(declared, parameters, 300e3, vout=5.0)
    frequencies, delay = np.array([1e3, 30e3, 140e3]), 100e-9
    at_once = responses(orbits, Modulator.voltage_mode(2.0, 300e3), frequencies)
    later = responses(orbits, Modulator.voltage_mode(2.0, 300e3, delay), frequencies)
    turned = at_once.control * np.exp(-2j * np.pi * frequencies * delay)
    assert later.control[0] == pytest.approx(turned[0], rel=1e-9)
    assert later.multipliers[0] == pytest.approx(at_once.multipliers[0], abs=1e-12)


def test_that_a_batch_gives_each_design_its_own_responses_and_nan_where_there_is_no_orbit():
    declared = REGISTRY["boost"]
    spec, parameters = stage(declared, FULL)
    many = {name: np.repeat(value, 9) for name, value in rows(parameters).items()}
    many["rload"] = many["rload"] * np.array([1, 2, 5, 10, 20, 40, 1e-4, 3, 4])
    fsw = np.full(9, spec.fsw)
    orbits = periodic_orbits(declared, many, fsw, vout=np.full(9, spec.vout))
    assert np.flatnonzero(~orbits.solved).tolist() == [6]
    found = responses(orbits, Modulator.duty(fsw), np.array([1e3, 50e3]))
    assert np.isnan(found.control[6]).all()
    assert np.isnan(found.multipliers[6]).all()
    for row in (0, 4, 8):
        own = parameters | {"rload": many["rload"][row]}
        alone = responses(
            orbit_of(declared, own, spec.fsw, vout=spec.vout),
            Modulator.duty(spec.fsw),
            np.array([1e3, 50e3]),
        )
        assert found.control[row] == pytest.approx(alone.control[0], rel=1e-9)
    again = responses(orbits.take(np.array([8, 0])), Modulator.duty(spec.fsw), np.array([50e3]))
    assert again.control[:, 0] == pytest.approx(found.control[[8, 0], 1], rel=1e-12)


def test_that_a_delay_as_long_as_the_on_time_has_no_response():
    declared, parameters = synchronous("buck", vin=12.0, rload=2.5)
    orbits = orbit_of(declared, parameters, 300e3, duty=0.1)
    found = responses(orbits, Modulator.voltage_mode(1.0, 300e3, 0.4e-6), np.array([1e3]))
    assert np.isnan(found.control).all()


def test_that_a_switch_that_never_opens_has_no_response():
    declared, parameters = synchronous("buck", vin=12.0, rload=2.5)
    orbits = orbit_of(declared, parameters, 300e3, duty=1.0)
    found = responses(orbits, Modulator.duty(300e3), np.array([1e3]))
    assert np.isnan(found.control).all()


def test_that_an_orbit_needs_a_duty_or_an_output():
    declared, parameters = synchronous("buck", vin=12.0, rload=2.5)
    with pytest.raises(ValueError, match="duty or an output"):
        orbit_of(declared, parameters, 300e3)
