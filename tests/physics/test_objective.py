"""The objective: what a design's loss, volume, deviation and temperature are, by hand."""

import msgspec
import numpy as np
import pytest
from converters import design_of, evaluated, ordinary_spec, spec_of, textbook_values

from arcs_engine.analysis.monte_carlo import Draw, monte_carlo
from arcs_engine.analysis.subject import Subject
from arcs_engine.circuits.parts import CURRENT_DERATING, Coil
from arcs_engine.circuits.parts.capacitor_range import PARTS, effective, resistance, sold
from arcs_engine.circuits.parts.volumes import (
    CLAMP_VOLUME,
    controller_volume,
    diode_volume,
    forward_transformer_volume,
    mosfet_volume,
    with_keep_out,
)
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.performance import thermal
from arcs_engine.performance.candidate import Candidate
from arcs_engine.performance.corners import LIGHT, assess
from arcs_engine.performance.cost import Reference
from arcs_engine.performance.design import Designs
from arcs_engine.performance.losses import LossModel
from arcs_engine.performance.metrics import PartFigure
from arcs_engine.performance.operating_point import solve_points

BUCK, FLYBACK, SEPIC = (REGISTRY[name] for name in ("buck", "flyback", "sepic"))
SPEC = spec_of(12.0, 5.0, 2.0, 300e3)
TEXTBOOK = textbook_values(BUCK, SPEC)


def of(value):
    return np.array([value])


def assessed(topology, spec, **changes):
    values = {name: of(v) for name, v in (textbook_values(topology, spec) | changes).items()}
    return assess(Designs.of(topology, values, SpecBatch.of([spec])))


def changed(**changes):
    return msgspec.structs.replace(SPEC, **changes)


# --- loss


def test_that_the_loss_is_the_mean_of_full_load_and_four_times_quarter_load(topology):
    spec = ordinary_spec(topology)
    found = assessed(topology, spec)
    metrics = evaluated(spec, topology, textbook_values(topology, spec)).metrics
    light = solve_points(found.designs, of(spec.vin), of(0.25))
    peaks, currents = found.stresses.peaks, found.stresses.currents
    bought = LossModel(found.designs, light, peaks, currents, packages=found.packages)
    modelled = bought.every()
    lost = sum((*light.losses.values(), *modelled.values()))[0]
    full = sum(metrics.losses.values())
    assert LIGHT == 0.25
    assert metrics.mean_loss == pytest.approx((full + 4 * lost) / 2)
    relative = np.mean([full / spec.pout, lost / (spec.pout / 4)])
    assert metrics.mean_loss / spec.pout == pytest.approx(relative)


def test_that_a_loss_that_a_quarter_of_the_load_does_not_have_is_missing_in_files():
    topology = REGISTRY["buck_boost"]
    spec = Spec(vin=1.0, vin_min=0.8, vin_max=1.2, vout=5.623413251903491, iout=10.0, fsw=10e3)
    values = {"L1": 100.0, "Cout": 0.01, "Cout_esr": 1.0, "Q1_rds_on": 1.0}
    judged = evaluated(spec, topology, values, duty=0.001)
    assert judged.metrics.mean_loss is None
    assert Reference.of(judged) is None
    assert msgspec.json.decode(msgspec.json.encode(judged), type=Candidate) == judged


# --- volume


def test_that_the_volume_is_that_of_all_parts_and_sold_banks():
    found = assessed(BUCK, SPEC)
    stresses, volumes = found.stresses, found.board.volumes
    current = stresses.currents[PartFigure("D1", "rms")]
    by_hand = {
        "L1": with_keep_out(Coil(of(TEXTBOOK["L1"]), stresses.peaks["L1"]).volume(of(SPEC.fsw))),
        "Q1": mosfet_volume(of(TEXTBOOK["Q1_rds_on"]), of(20.0)),  # 13.2 V / 0.8 asks for 20 V
        "D1": diode_volume(current / CURRENT_DERATING),
        "controller": of(controller_volume(isolated=False)),
    }
    for name in ("Cin", "Cout"):
        bank, exists = found.board.banks[name]
        assert exists[0]
        by_hand[name] = PARTS[bank.part[0]].volume * bank.count
    assert volumes.keys() == by_hand.keys()
    for name, volume in by_hand.items():
        assert volumes[name] == pytest.approx(volume), name
    assert found.board.volume == pytest.approx(sum(by_hand.values()))


def test_that_a_transformer_takes_its_room_once_and_a_clamp_as_a_whole():
    volumes = assessed(FLYBACK, ordinary_spec(FLYBACK)).board.volumes
    assert volumes["controller"][0] == controller_volume(isolated=True)
    assert {"T1s", "Cclamp", "Rclamp", "Dclamp"}.isdisjoint(volumes)
    assert volumes["clamp"][0] == CLAMP_VOLUME
    forward = REGISTRY["forward"]
    found = assessed(forward, ordinary_spec(forward))
    core = found.designs.parameters["T1r.core_volume"]
    assert found.board.volumes["T1r"] == pytest.approx(forward_transformer_volume(core))
    assert {"T1p", "T1s"}.isdisjoint(found.board.volumes)


# --- capacitors


@pytest.mark.parametrize(("capacitance", "esr"), [(100e-6, 1e-3), (470e-6, 30e-3), (47e-6, 0.5)])
def test_that_given_values_are_kept_and_the_smallest_bank_that_reaches_them_is_bought(
    capacitance, esr
):
    found = assessed(BUCK, SPEC, Cout=capacitance, Cout_esr=esr)
    assert found.designs.parameters["Cout"] == capacitance
    assert found.designs.parameters["Cout_esr"] == esr
    bank, exists = found.board.banks["Cout"]
    places = sold(SPEC.vout)
    rms = found.stresses.currents[PartFigure("Cout", "rms")]
    heat = bank.ripple_current(of(SPEC.fsw))
    counts = np.ceil(
        np.maximum(
            0.98 * capacitance / effective(places, SPEC.vout),
            0.98 * resistance(places, SPEC.fsw) / esr,
        )
    )
    volumes = np.array([PARTS[place].volume for place in places]) * np.maximum(counts, 1)
    assert exists[0]
    assert rms <= heat  # the ripple current is small beside what any of these carries
    assert bank.volume[0] == pytest.approx(volumes[counts <= 30].min())


def test_that_a_bank_that_is_not_sold_is_named_with_what_it_would_have_to_be():
    judged = evaluated(changed(deviation=0.1), BUCK, TEXTBOOK | {"Cout": 24e-6, "Cout_esr": 2e-6})
    (reason,) = judged.reasons
    assert reason.startswith(
        "No 30 capacitors or fewer that are sold make Cout: 24 µF of at most 2 µΩ for 5.0"
    )


def test_that_an_output_whose_ripple_reaches_beyond_a_class_gets_the_next_one():
    """53.3 V fit the 80 V class, their peak does not."""
    topology = REGISTRY["boost"]
    spec = spec_of(24.0, 53.55, 0.3, 200e3, ripple=0.02)
    found = assessed(topology, spec)
    bank, exists = found.board.banks["Cout"]
    assert found.stresses.peaks["Cout"][0] > 0.67 * 80 > spec.vout
    assert exists[0]
    assert bank.usable[0] >= found.stresses.peaks["Cout"][0]


# --- worst parts


def test_that_the_ripple_current_is_that_of_nominal_parts_at_the_highest_input():
    metrics = evaluated(SPEC, BUCK, TEXTBOOK).metrics
    drop = 0.4  # of the diode, about
    off = 1 - (SPEC.vout + drop) / (SPEC.vin_max + drop)
    ripple = (SPEC.vout + drop) * off / (TEXTBOOK["L1"] * SPEC.fsw)
    assert metrics.ripple_current == pytest.approx(ripple / SPEC.iout, rel=0.02)


def test_that_ripple_is_judged_with_worst_parts_and_the_slowest_clock():
    """Less inductance and capacitance, more ESR, a longer period: as a design of such parts."""
    found = assessed(BUCK, SPEC)
    worst = {
        "L1": 0.8 * TEXTBOOK["L1"],
        "L1.dcr": 1.3 * found.designs.parameters["L1.dcr"][0],
        "Cout": 0.8 * TEXTBOOK["Cout"],
        "Cout_esr": 1.5 * TEXTBOOK["Cout_esr"],
        "Q1_rds_on": 1.4 * TEXTBOOK["Q1_rds_on"],
    }
    parameters = found.designs.parameters | {name: of(value) for name, value in worst.items()}
    slow = changed(fsw=0.9 * SPEC.fsw)
    point = solve_points(Designs(BUCK, parameters, SpecBatch.of([slow])), of(SPEC.vin_max), of(1.0))
    assert found.corners.ripple[0, 4] == pytest.approx(point.ripple[0], rel=1e-3)
    assert found.corners.ripple[0, 4] > 1.4 * found.nominal.ripple[0]


def test_that_the_deviation_is_the_closed_form_with_a_fifth_more_inductance_and_a_slow_clock():
    """A buck under peak current control of 12 V to 5 V crosses at a tenth of its frequency."""
    found = evaluated(SPEC, BUCK, TEXTBOOK).metrics.deviation
    step, crossover = 0.5 * SPEC.iout, 0.9 * SPEC.fsw / 10
    capacitance, esr = 0.8 * TEXTBOOK["Cout"], 1.5 * TEXTBOOK["Cout_esr"]
    small = step * np.hypot(0.9 / (2 * np.pi * crossover * capacitance), esr)
    slope = min(0.98 * SPEC.vin_min - SPEC.vout, SPEC.vout) / (1.2 * TEXTBOOK["L1"])
    large = step**2 / (2 * slope * capacitance)
    assert found == pytest.approx((small**4 + large**4) ** 0.25 / SPEC.vout)


def test_that_a_wider_step_deviates_by_more_and_no_limit_lets_it_pass():
    wide = changed(load_step=(0.0, 1.0))
    refused = evaluated(wide, BUCK, TEXTBOOK)
    assert not refused.meets_spec
    assert refused.metrics.deviation > evaluated(SPEC, BUCK, TEXTBOOK).metrics.deviation
    assert refused.reasons == (
        f"The output deviates by {refused.metrics.deviation:.1%} when the load steps, more than "
        "the allowed 5.0%.",
    )
    allowed = msgspec.structs.replace(wide, deviation=None)
    assert evaluated(allowed, BUCK, TEXTBOOK).meets_spec


# --- temperature


def test_that_a_junction_is_as_hot_as_its_loss_at_25_degrees_and_its_package_make_it():
    found = assessed(BUCK, SPEC)
    rms = found.stresses.currents[PartFigure("Q1", "rms")]
    resistance_25 = of(TEXTBOOK["Q1_rds_on"])
    # At the lowest input the switch conducts the longest.
    worst = found.corners.heat["Q1"][0, 0]
    package = thermal.mosfet_thermal_resistance(found.packages["Q1"])
    cold = thermal.junction_temperature(40.0, package, of(0.0), resistance_25 * rms**2, 6e-3)[0]
    edges = 0.5 * 7e-9 * 2 * SPEC.vin_min * SPEC.iout * SPEC.fsw
    warm = cold + 1.3 * package[0] * edges
    assert cold < worst
    assert worst == pytest.approx(warm, abs=1.0)


def test_that_hot_silicon_counts_once():
    """Of a switch that only conducts: the junction's balance begins with its loss at 25 degrees."""
    free = {"Q1.qg": of(0.0), "Q1.qoss": of(0.0)}
    spec = changed(fsw=50e3)
    values = {name: of(v) for name, v in textbook_values(BUCK, spec).items()} | {
        "Q1_rds_on": of(0.2)
    }
    designs = Designs.of(BUCK, values, SpecBatch.of([spec]), free)
    found = assess(designs)
    package = thermal.mosfet_thermal_resistance(found.packages["Q1"])[0]
    conducted = 0.2 * found.stresses.currents[PartFigure("Q1", "rms")][0] ** 2
    edges = 7e-9 * spec.vin_min * spec.iout * spec.fsw
    by_hand = thermal.junction_temperature(40.0, of(package), of(edges), of(conducted), 6e-3)[0]
    assert found.corners.heat["Q1"][0, 0] - 40 == pytest.approx(by_hand - 40, rel=0.02)


def test_that_a_part_that_runs_away_even_in_the_largest_package_is_named_with_its_corner():
    hot = changed(iout=8.0)
    found = assessed(BUCK, hot, Q1_rds_on=0.2)
    assert found.packages["Q1"] == max(thermal.PACKAGES)
    assert np.isinf(found.corners.heat["Q1"][0, 0])
    judged = evaluated(hot, BUCK, TEXTBOOK | {"Q1_rds_on": 0.2})
    assert any(
        reason.startswith("Q1 runs away at 10.8 V, 100% load and with the worst parts: ")
        for reason in judged.reasons
    )
    assert judged.metrics.temperatures.keys() == {"D1"}  # no number says where Q1 ends
    assert msgspec.json.decode(msgspec.json.encode(judged), type=Candidate) == judged


def test_that_hotter_air_makes_hotter_junctions():
    cool, warm = (evaluated(changed(ambient=t), BUCK, TEXTBOOK).metrics for t in (40.0, 85.0))
    risen = {part: hot - cool.temperatures[part] for part, hot in warm.temperatures.items()}
    assert 30 < risen["D1"] < 45 < risen["Q1"] < 70  # a hot diode loses less, a hot switch more


def test_that_hotter_air_asks_for_a_larger_package_until_there_is_none():
    cool, warm = (assessed(BUCK, changed(ambient=t), Q1_rds_on=0.12) for t in (40.0, 105.0))
    assert warm.packages["Q1"] > cool.packages["Q1"]
    assert warm.board.volume > cool.board.volume
    assert warm.corners.heat["Q1"].max() <= thermal.JUNCTION_LIMIT
    smaller = thermal.mosfet_thermal_resistance(cool.packages["Q1"])
    conducted = 0.12 * warm.stresses.currents[PartFigure("Q1", "rms")] ** 2
    alone = thermal.junction_temperature(105.0, smaller, of(0.0), conducted, 6e-3)
    assert alone > thermal.JUNCTION_LIMIT
    refused = evaluated(changed(ambient=105.0), BUCK, TEXTBOOK | {"Q1_rds_on": 0.3})
    assert any("above the limit of 125 °C" in reason for reason in refused.reasons)


# --- customs


def test_that_the_custom_of_the_ripple_current_can_be_moved_and_lifted():
    values = TEXTBOOK | {"L1": 0.6 * TEXTBOOK["L1"]}
    swing = evaluated(SPEC, BUCK, values).metrics.ripple_current
    assert swing > 0.5
    (reason,) = evaluated(SPEC, BUCK, values).reasons
    assert reason == (
        f"The ripple of the inductor's current is {swing:.0%} of its largest mean, more than the "
        "50% that is customary."
    )
    assert evaluated(changed(ripple_current=swing + 0.01), BUCK, values).meets_spec
    assert evaluated(changed(ripple_current="none"), BUCK, values).meets_spec
    assert not evaluated(changed(ripple_current=swing - 0.01), BUCK, values).meets_spec


def test_that_the_custom_of_a_flybacks_duty_can_be_moved_and_lifted():
    spec = ordinary_spec(FLYBACK)
    values = textbook_values(FLYBACK, spec)
    ratio = spec.vin_min / spec.vout
    values |= {"T1_n": 1.3 * ratio, "T1_lm": 2 * values["T1_lm"]}
    duty = 1.3 / 2.3

    def said(**changes):
        asked = msgspec.structs.replace(spec, **{"deviation": None} | changes)
        return [
            reason
            for reason in evaluated(asked, FLYBACK, values).reasons
            if reason.startswith("The duty at the lowest input")
        ]

    assert said() == [
        f"The duty at the lowest input is {duty:.0%}, longer than the 50% that is customary."
    ]
    assert said(longest_duty=0.6) == []
    assert said(longest_duty="none") == []


def test_that_a_coupling_capacitor_ripples_by_a_tenth_at_most():
    spec = ordinary_spec(SEPIC)
    values = textbook_values(SEPIC, spec)
    assert evaluated(spec, SEPIC, values).meets_spec
    small = evaluated(spec, SEPIC, values | {"Cc": values["Cc"] / 5})
    (reason,) = (r for r in small.reasons if r.startswith("The ripple of the coupling capacitor"))
    assert reason.endswith("more than 10%.")


# --- what is counted in production


def test_that_a_lot_counts_supplies_that_deviate_too_much():
    """At its nominal frequency no supply deviates by more than one of worst parts."""
    worst = evaluated(SPEC, BUCK, TEXTBOOK).metrics.deviation

    def lot(allowed):
        design = design_of(changed(deviation=allowed), BUCK, TEXTBOOK)
        return monte_carlo(Subject(design), Draw(200, {"fsw": 0.0}))

    assert "deviation" not in lot(worst * 1.001).fails
    assert lot(worst * 0.8).fails["deviation"] > 20
    assert "deviation" not in lot(None).fails
