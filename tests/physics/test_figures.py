"""The figures of a design that is shown: ripples, boundary load, corners, regulation, warnings.

Formulas: Erickson and Maksimovic, Fundamentals of Power Electronics, 2nd ed., sections 2.3 to 2.4
(ripples) and 5.1 to 5.3 (boundary, K = 2 L f / R against K_critical).
"""

import dataclasses

import msgspec
import numpy as np
import pytest
from converters import (
    evaluated,
    figures_of_one,
    lossless,
    ordinary_spec,
    parameters_of,
    spec_of,
    textbook_values,
    verdicts_of,
)

from arcs_engine.analysis.verification import measured, verify
from arcs_engine.circuits.circuit import Diode, Load, Source
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.performance import verdict as judging
from arcs_engine.performance.cautions import SHORTEST_TIME, of_times
from arcs_engine.performance.corners import CORNERS, assess
from arcs_engine.performance.design import Design, Designs
from arcs_engine.performance.metrics import Corner, disagreements
from arcs_engine.performance.operating_point import nominal_parameters
from arcs_engine.performance.regulation import boundary_loads, with_corners
from arcs_engine.performance.verdict import LONGEST_COMMUTATION
from arcs_engine.performance.waveform_figures import magnetic_currents, read
from arcs_engine.simulation.steady import steady_state
from arcs_engine.simulation.waveforms import peak_to_peak

BUCK, CUK, FLYBACK, FORWARD = (REGISTRY[n] for n in ("buck", "cuk", "flyback", "forward"))

NEARLY_COUPLED = 0.999


def shown(topology, spec, values=None, **options):
    values = values or textbook_values(topology, spec)
    (found,) = with_corners(spec, [evaluated(spec, topology, values, **options)])
    return found


def ideal(topology, spec, values):
    """A converter with next to no loss and leakage; its diodes have a slope to turn off by."""
    changes = {k.name: NEARLY_COUPLED for k in topology.circuit.couplings}
    for diode in topology.circuit.of_type(Diode):
        changes |= {diode.emission: 0.01, diode.resistance: 1e-3}
    if topology is FLYBACK:
        changes["Rclamp"] = 1e6  # the clamp would take its share of the reflected output
    return lossless(topology, spec, values, **changes)


# --- ripples


def ripples_of(topology, spec, values):
    figures = figures_of_one(topology, ideal(topology, spec, values), spec, vout=spec.vout)
    return float(figures.duty[0]), {n: float(r[0]) for n, r in figures.ripples.items()}


def flat(topology, spec):
    """Return the textbook design with large capacitors: the formulas take voltages to be flat."""
    values = textbook_values(topology, spec)
    return values | {name: 20 * values[name] for name in ("Cout", "Cc") if name in values}


@pytest.mark.parametrize("name", ["boost", "buck_boost", "cuk", "sepic", "flyback"])
def test_that_each_inductor_ripples_by_vin_d_over_lf(name):
    topology = REGISTRY[name]
    spec = ordinary_spec(topology)
    values = flat(topology, spec)
    duty, ripples = ripples_of(topology, spec, values)
    for inductor in topology.magnetics:
        inductance = values.get(inductor.name) or values["T1_lm"]
        expected = spec.vin * duty / (inductance * spec.fsw)
        assert ripples[inductor.name] == pytest.approx(expected, rel=5e-3)


def test_that_a_forwards_choke_and_core_ripple_by_their_own_volt_seconds():
    spec = ordinary_spec(FORWARD)
    values = flat(FORWARD, spec)
    duty, ripples = ripples_of(FORWARD, spec, values)
    choke = spec.vout * (1 - duty) / (values["L1"] * spec.fsw)
    core = spec.vin * duty / (values["T1_lm"] * spec.fsw)
    assert ripples["L1"] == pytest.approx(choke, rel=0.015)  # the leakage lengthens the on-time
    assert ripples["T1r"] == pytest.approx(core, rel=0.015)


@pytest.mark.parametrize("name", ["cuk", "sepic"])
def test_that_the_coupling_capacitor_ripples_by_iout_d_over_fc(name):
    topology = REGISTRY[name]
    spec = ordinary_spec(topology)
    values = textbook_values(topology, spec)
    # Inductors without ripple: the capacitor carries the output current all through the on-time.
    values |= {"L1": 20 * values["L1"], "L2": 20 * values["L2"], "Cc": 5 * values["Cc"]}
    duty, ripples = ripples_of(topology, spec, values)
    assert ripples["Cc"] == pytest.approx(spec.iout * duty / (spec.fsw * values["Cc"]), rel=5e-3)


@pytest.mark.parametrize("name", ["boost", "cuk", "sepic"])
def test_that_an_inductor_at_the_input_makes_the_input_ripple(name):
    topology = REGISTRY[name]
    found = shown(topology, ordinary_spec(topology)).metrics
    assert found.input_ripple == pytest.approx(found.inductor_ripples["L1"], rel=1e-9)


def test_that_a_switch_at_the_input_chops_the_input_current():
    spec = ordinary_spec(BUCK)
    found = shown(BUCK, spec).metrics
    assert found.input_ripple == pytest.approx(spec.iout + found.inductor_ripple / 2, rel=1e-3)


def test_that_a_flybacks_inductor_ripple_is_not_its_primarys_swing():
    found = shown(FLYBACK, ordinary_spec(FLYBACK))
    assert found.mode == "CCM"
    assert found.metrics.inductor_ripple < 0.5 * found.metrics.input_ripple


def test_that_waveforms_tell_what_the_integrals_tell(population):
    """Random designs in both modes: figures read off the solved waveforms, and the solver's."""
    topology, figures = population.topology, population.figures
    for index in population.rows[:6]:
        parameters = population.parameters(index)
        found = read(topology, population.state(index).waveforms(1), parameters)
        for name, ripple in (found.inductor_ripples | found.capacitor_ripples).items():
            assert ripple == pytest.approx(figures.ripples[name][index], rel=0.01)
        assert found.efficiency == pytest.approx(figures.efficiency[index], abs=1e-3)
        assert found.residue < 1e-3
        for part, watts in found.losses.items():
            assert watts == pytest.approx(
                figures.losses[part][index], rel=0.01, abs=1e-3 * found.pin
            )


def test_that_the_core_keeps_its_flux_when_the_windings_take_turns():
    spec = ordinary_spec(FLYBACK)
    values = textbook_values(FLYBACK, spec)
    # A small ripple, beside which the windings' currents jump.
    parameters = ideal(FLYBACK, spec, values | {"T1_lm": 4 * values["T1_lm"]})
    wave = steady_state(FLYBACK, parameters, spec.fsw, vout=spec.vout).waveforms(1)
    current = magnetic_currents(FLYBACK, wave, parameters)["T1p"]
    jumps = np.abs(np.diff(wave.signals["i(T1p)"])).max()
    assert jumps > 2 * float(peak_to_peak(current))
    assert np.abs(np.diff(current)).max() < 0.05 * float(peak_to_peak(current))


# --- the load at which continuous conduction ends

CRITICAL = {
    "buck": lambda d: 1 - d,
    "boost": lambda d: d * (1 - d) ** 2,
    "buck_boost": lambda d: (1 - d) ** 2,
    "cuk": lambda d: (1 - d) ** 2,
    "sepic": lambda d: (1 - d) ** 2,
    "flyback": lambda d: (1 - d) ** 2,
    "forward": lambda d: 1 - d,
}


def effective_inductance(topology, values):
    """Return the inductance that the output sees: of two inductors in parallel, or reflected."""
    if "L2" in values:
        return 1 / (1 / values["L1"] + 1 / values["L2"])
    return values["L1"] if "L1" in values else values["T1_lm"] / values["T1_n"] ** 2


@pytest.mark.parametrize("duty", [None, 0.42])
@pytest.mark.parametrize("iout", [0.02, 1.0])
def test_that_the_boundary_load_is_that_of_the_critical_k(topology, duty, iout):
    spec = ordinary_spec(topology)
    values = flat(topology, spec)
    parameters = {n: np.array([p]) for n, p in ideal(topology, spec, values).items()}
    started = SpecBatch.of([msgspec.structs.replace(spec, iout=iout)])
    ratio = values.get("T1_n", 1.0)
    vin = np.array([spec.vin])
    given = None if duty is None else np.array([duty])
    found = boundary_loads(Designs(topology, parameters, started, given), vin)
    own = topology.ideal_duty(vin, np.array([spec.vout * ratio]))[0] if duty is None else duty
    vout = topology.ideal_output(vin, np.array([own]))[0] / ratio
    critical = CRITICAL[topology.name](own)
    inductance = effective_inductance(topology, values)
    assert found[0] == pytest.approx(vout * critical / (2 * inductance * spec.fsw), rel=0.02)


def test_that_conduction_is_continuous_above_the_boundary_load_and_not_below(topology):
    spec = ordinary_spec(topology)
    found = shown(topology, spec)
    boundary = found.metrics.boundary_loads["vin"]
    modes = [
        evaluated(msgspec.structs.replace(spec, iout=share * boundary), topology, found.values).mode
        for share in (1.3, 0.7)
    ]
    # Winding resistances follow the spec's load, so the boundary of each of these is a little off.
    assert modes == ["CCM", "DCM"]


# --- corners and regulation


def test_that_a_solved_duty_regulates_over_line_and_load(topology):
    found = shown(topology, ordinary_spec(topology)).metrics
    assert len(found.corners) == len(CORNERS)
    assert found.line_regulation < 1e-6
    assert found.load_regulation < 1e-6


def test_that_an_open_loop_buck_follows_its_input():
    spec = spec_of(12.0, 5.0, 1.0, 200e3)
    values = textbook_values(BUCK, spec) | {"L1": 1e-3}  # continuous at a tenth of the load
    no_resistance = {"L1.dcr": 0.0}
    duty = evaluated(spec, BUCK, values, overrides=no_resistance).duty
    found = shown(BUCK, spec, values, overrides=no_resistance, duty=duty).metrics
    assert {corner.duty for corner in found.corners} == {duty}
    drop = 0.5  # of the diode, about
    expected = duty * (spec.vin_max - spec.vin_min) / spec.vout
    assert found.line_regulation == pytest.approx(expected, rel=0.04)
    assert 0 < found.load_regulation < drop / spec.vout


def test_that_on_and_off_times_are_the_duty_times_the_period(topology):
    spec = ordinary_spec(topology)
    found = shown(topology, spec)
    assert found.metrics.on_time == pytest.approx(found.duty / spec.fsw)
    for corner in found.metrics.corners:
        assert corner.on_time == pytest.approx(corner.duty / spec.fsw)
        assert corner.on_time + corner.off_time == pytest.approx(1 / spec.fsw)


def corner(**changes):
    made = Corner(
        vin=36.0, load=0.1, duty=0.1, mode="DCM", on_time=1e-6, off_time=1e-6, vout=5.0,
        ripple=0.01, efficiency=0.9,
    )  # fmt: skip
    return msgspec.structs.replace(made, **changes)


def test_that_the_shortest_on_time_and_off_time_are_warned_of():
    corners = [corner(on_time=90e-9), corner(vin=40.0, on_time=62e-9), corner(load=1.0)]
    assert of_times(corners) == (
        "On-time at 40 V and 10 % load is 62 ns; controllers need 100 ns.",
    )
    (warning,) = of_times([corner(load=1.0, off_time=SHORTEST_TIME * 0.99)])
    assert warning == "Off-time at 36 V and 100 % load is 99 ns; controllers need 100 ns."
    assert of_times([corner(on_time=SHORTEST_TIME)]) == ()
    assert of_times([]) == ()


def test_that_a_design_with_a_short_on_time_is_shown_with_the_warning():
    spec = spec_of(48.0, 3.3, 1.0, 800e3)
    found = shown(BUCK, spec)
    shortest = min(found.metrics.corners, key=lambda c: c.on_time)
    assert shortest.on_time < SHORTEST_TIME
    assert found.warnings[0].startswith(f"On-time at {shortest.vin:g} V and 10 % load is ")
    assert found.meets_spec == (not found.reasons)  # a warning is no reason


def test_that_a_shortlist_of_several_topologies_keeps_its_order():
    spec = ordinary_spec(BUCK)
    names = ("buck", "sepic", "buck")
    judged = [
        evaluated(spec, REGISTRY[n], textbook_values(REGISTRY[n], spec), origin="user")
        for n in names
    ]
    unsolved = msgspec.structs.replace(judged[0], metrics=None, duty=None, mode=None)
    found = with_corners(spec, [*judged, unsolved])
    assert [c.topology for c in found] == [*names, "buck"]
    assert found[-1] == unsolved
    alone = [with_corners(spec, [c])[0] for c in judged]
    for together, single in zip(found, alone, strict=False):
        assert together.metrics.boundary_loads == pytest.approx(single.metrics.boundary_loads)


def test_that_the_corners_of_each_candidate_are_those_of_its_own_parts_and_duty():
    spec = ordinary_spec(BUCK)
    values = textbook_values(BUCK, spec)
    changes = ({}, {"duty": 0.3}, {"overrides": {"L1.dcr": 0.5}}, {"duty": 0.4})
    judged = [evaluated(spec, BUCK, values, **each) for each in changes]
    for found, alone in zip(with_corners(spec, judged), judged, strict=True):
        (nominal,) = (c for c in found.metrics.corners if (c.vin, c.load) == (spec.vin, 1.0))
        assert nominal.duty == pytest.approx(alone.duty)
        assert nominal.efficiency == pytest.approx(alone.metrics.efficiency)


def test_that_a_corner_loses_what_the_headline_loses(topology):
    """The judge's own estimate at the nominal point, and less of it where the load is small."""
    spec = ordinary_spec(topology)
    found = shown(topology, spec).metrics
    at = {(corner.vin, corner.load): corner for corner in found.corners}
    nominal = at[spec.vin, 1.0]
    assert nominal.efficiency_estimated == pytest.approx(found.efficiency_estimated, rel=1e-9)
    assert all(c.efficiency_estimated < c.efficiency for c in found.corners)


# --- the energy of all parts


def test_that_the_residue_needs_every_part(topology):
    spec = ordinary_spec(topology)
    parameters = parameters_of(topology, spec, textbook_values(topology, spec))
    figures = figures_of_one(topology, parameters, spec, vout=spec.vout)
    lossy = [e for e in topology.circuit.elements if not isinstance(e, Source | Load)]
    assert figures.losses.keys() == {e.name for e in lossy}
    assert figures.residue[0] < 1e-4
    for part, watts in figures.losses.items():
        others = {n: w for n, w in figures.losses.items() if n != part}
        without = dataclasses.replace(figures, losses=others)
        assert without.residue[0] == pytest.approx(watts[0] / figures.pin[0], abs=1e-4)


def test_that_an_efficiency_above_one_is_shown_as_it_is_and_refused(monkeypatch):
    spec = ordinary_spec(BUCK)
    values = textbook_values(BUCK, spec)

    def too_good(*arguments, **options):
        found = assess(*arguments, **options)
        nominal = dataclasses.replace(found.nominal, pout=1.2 * found.nominal.pin)
        return dataclasses.replace(found, nominal=nominal)

    monkeypatch.setattr(judging, "assess", too_good)
    found = evaluated(spec, BUCK, values)
    assert found.metrics.efficiency == pytest.approx(1.2)
    assert not found.meets_spec
    assert any("leave a converter that" in reason for reason in found.reasons)
    assert any("cannot be trusted" in reason for reason in found.reasons)


# --- the forward's leakage


def test_that_the_commutation_time_is_that_of_the_waveform():
    spec = ordinary_spec(FORWARD)
    values = textbook_values(FORWARD, spec) | {"L1": 5e-3}  # the choke's current is flat
    parameters = ideal(FORWARD, spec, values) | {"Kps": 0.995, "Krs": 0.995}
    state = steady_state(FORWARD, parameters, spec.fsw, vout=spec.vout)
    wave = state.waveforms(1)
    current = wave.signals["i(D1)"]
    done = wave.time[np.argmax(current > 0.98 * spec.iout)]
    arrays = {name: np.array([p]) for name, p in parameters.items()}
    stated = FORWARD.commutation_time(arrays, np.array([spec.vin]), np.array([spec.iout]))
    assert stated[0] == pytest.approx(done, rel=0.03)


@pytest.mark.parametrize(("coupling", "refused"), [(0.998, False), (0.99, True)])
def test_that_a_forward_that_commutates_long_is_refused_with_the_reason(coupling, refused):
    spec = ordinary_spec(FORWARD)
    values = textbook_values(FORWARD, spec)
    overrides = {"Kps": coupling, "Krs": coupling}
    found = evaluated(spec, FORWARD, values, overrides=overrides)
    reasons = [r for r in found.reasons if "of the on-time to commutate" in r]
    assert bool(reasons) == refused
    arrays = {name: np.array([v]) for name, v in values.items()}
    verdict = verdicts_of(FORWARD, arrays, SpecBatch.of([spec]), overrides=overrides)
    assert (verdict.assessment.commutation[0] > LONGEST_COMMUTATION) == refused
    assert verdict.failures["unsolved"][0] == refused
    assert not (refused and (verdict.meets_spec[0] or verdict.strict_pass[0]))


def test_that_only_a_forward_waits_for_its_leakage(topology):
    spec = ordinary_spec(topology)
    arrays = {n: np.array([v]) for n, v in textbook_values(topology, spec).items()}
    verdict = verdicts_of(topology, arrays, SpecBatch.of([spec]))
    assert (verdict.assessment.commutation[0] > 0) == (topology.name == "forward")


# --- ngspice tells the same figures


@pytest.mark.parametrize("iout", [1.0, 0.08])
def test_that_ngspice_agrees_on_every_figure_that_its_waveforms_tell(ngspice, topology, iout):
    values = textbook_values(topology, ordinary_spec(topology))
    spec = ordinary_spec(topology, iout=iout)
    solved = evaluated(spec, topology, values)
    confirmation, waveforms = verify(spec, solved)
    simulated = measured(spec, solved, confirmation, waveforms)
    assert simulated.mode == solved.mode == ("CCM" if iout == 1.0 else "DCM")
    assert disagreements(solved.metrics, simulated.metrics) == ()
    assert simulated.metrics.losses.keys() == solved.metrics.losses.keys()
    assert simulated.metrics.residue < 0.005
    assert simulated.metrics.losses["L1" if "L1" in values else "T1p"] != pytest.approx(
        solved.metrics.losses["L1" if "L1" in values else "T1p"], rel=1e-9
    )


def test_that_the_parameters_of_a_point_carry_the_overrides():
    spec = ordinary_spec(CUK)
    named = msgspec.structs.replace(spec, topology=CUK.name)
    design = Design(named, textbook_values(CUK, spec), overrides={"L2.dcr": 0.5})
    found = nominal_parameters(design)
    assert found["L2.dcr"] == 0.5
    assert (found["vin"], found["rload"]) == (spec.vin, spec.vout / spec.iout)
