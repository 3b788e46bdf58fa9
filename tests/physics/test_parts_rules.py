"""Every design value has a counterweight (requirement P8)."""

from types import SimpleNamespace

import numpy as np
import pytest
from converters import ordinary_spec, textbook_values
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import Diode, Inductor, Switch
from arcs_engine.circuits.parts import inductors
from arcs_engine.circuits.spec import SpecBatch
from arcs_engine.performance import losses
from arcs_engine.performance.metrics import PartFigure

RISING = np.array([1.0, 1.5, 2.2, 4.7, 10.0])


FAST = np.full(5, 1e6)


def test_that_a_larger_inductance_costs_winding_resistance():
    resistance = parts.Coil(RISING * 1e-6, np.full(5, 5.0)).winding_resistance(FAST)
    assert np.all(np.diff(resistance) > 0)


def test_that_an_inductor_for_more_current_has_less_resistance_a_henry():
    resistance = parts.Coil(np.full(5, 10e-6), RISING).winding_resistance(FAST)
    assert np.all(np.diff(resistance) < 0)


# Coilcraft, documents 806-1 and 804-1 and XAL50xx: inductance, volume in mm3, typical resistance.
MOULDED = [
    ("XAL4020-222", 2.2e-6, 34, 35.2e-3),
    ("XAL4030-332", 3.3e-6, 50, 26.0e-3),
    ("XAL4030-472", 4.7e-6, 50, 40.1e-3),
    ("XAL4040-822", 8.2e-6, 66, 60.8e-3),
    ("XAL4040-103", 10e-6, 66, 84.0e-3),
    ("XAL4040-153", 15e-6, 66, 109e-3),
    ("XAL5050-103", 10e-6, 148, 40.9e-3),
    ("XAL1010-103", 10e-6, 1130, 13.4e-3),
]


@pytest.mark.parametrize(("name", "inductance", "volume", "resistance"), MOULDED)
def test_that_a_data_sheet_parts_winding_follows_from_its_size(
    name, inductance, volume, resistance
):
    found = inductance / inductors.winding_time_constant(np.array([volume]))[0]
    assert found == pytest.approx(resistance, rel=0.26), name


@pytest.mark.parametrize(
    ("family", "accuracy"), [("XAL4020", 0.21), ("XAL4030", 0.21), ("XAL4040", 0.1), ("XAL", 0.06)]
)
def test_that_windings_are_neither_too_good_nor_too_bad_on_the_whole(family, accuracy):
    known = [each[1:] for each in MOULDED if each[0].startswith(family)]
    inductance, volume, resistance = np.array(known).T
    ratio = inductance / inductors.winding_time_constant(volume) / resistance
    assert np.exp(np.mean(np.log(ratio))) == pytest.approx(1.0, abs=accuracy)


@pytest.mark.parametrize(
    ("name", "inductance", "saturation", "resistance"),
    [
        ("XAL4030-332", 3.3e-6, 5.5, 26.0e-3),
        ("XAL4030-472", 4.7e-6, 4.5, 40.1e-3),
        ("XAL4040-822", 8.2e-6, 4.0, 60.8e-3),
        ("XAL4040-103", 10e-6, 3.0, 84.0e-3),
        ("XAL4040-153", 15e-6, 2.8, 109e-3),
        ("XAL1010-103", 10e-6, 17.5, 13.4e-3),
    ],
)
def test_that_the_windings_of_data_sheet_parts_are_met(name, inductance, saturation, resistance):
    coil = parts.Coil(np.array([inductance]), np.array([0.8 * saturation]))
    assert coil.winding_resistance(np.array([1e6])) == pytest.approx(resistance, rel=0.1), name


@pytest.mark.parametrize(
    ("name", "inductance", "saturation", "resistance"),
    [("XAL4020-222", 2.2e-6, 5.6, 35.2e-3), ("XAL5050-103", 10e-6, 4.9, 40.9e-3)],
)
def test_that_the_windings_of_the_parts_that_fit_worst_are_met(
    name, inductance, saturation, resistance
):
    """Their size is 46 and 133 mm3 by their energy, and 34 and 148 mm3 in fact."""
    coil = parts.Coil(np.array([inductance]), np.array([0.8 * saturation]))
    assert coil.winding_resistance(np.array([1e6])) == pytest.approx(resistance, rel=0.36), name


def test_that_a_part_is_larger_where_its_winding_would_lose_too_much():
    """L/R is 20 periods at least, in the size that has it; where saturation asks for more, more."""
    fsw = np.array([20e3, 100e3, 1e6])
    small, large = (parts.Coil(np.full(3, 100e-6), np.full(3, peak)) for peak in (0.1, 10.0))
    periods = 100e-6 / small.winding_resistance(fsw) * fsw
    assert periods[:2] == pytest.approx([20.0, 20.0])
    assert periods[2] > 40  # the smallest part that is sold
    assert inductors.winding_time_constant(small.volume(fsw))[:2] * fsw[:2] == pytest.approx(20.0)
    assert np.ptp(large.volume(fsw)) == 0
    assert np.all(100e-6 / large.winding_resistance(fsw) * fsw > 20)


def test_that_no_inductor_is_smaller_than_those_that_are_sold():
    small = parts.inductor(
        "L1", parts.Coil(np.full(2, 10e-6), np.array([0.01, 0.1])), np.full(2, 1e6)
    )
    assert small["L1.dcr"][0] == small["L1.dcr"][1]
    assert small["L1.core_volume"][0] == small["L1.core_volume"][1]


def test_that_an_inductor_is_at_its_saturation_density_at_its_saturation_current():
    inductance, peak = np.full(3, 47e-6), np.array([1.0, 2.0, 5.0])
    made = parts.inductor("L1", parts.Coil(inductance, peak), np.full(3, 1e5))
    density = inductance * peak / parts.SATURATION_DERATING / made["L1.turns_area"]
    assert density == pytest.approx(np.full(3, 0.3))


def test_that_a_lower_on_resistance_costs_gate_and_output_charge():
    on_resistance, rated = 10e-3 / RISING, np.full(5, 60.0)
    assert np.all(np.diff(parts.Die(on_resistance, rated).gate_charge) > 0)
    assert np.all(np.diff(parts.Die(on_resistance, rated).output_charge) > 0)


def test_that_the_gate_charge_is_that_of_a_data_sheet_part():
    # BSC028N06NS: 2.8 mOhm, 60 V, 37 nC
    assert parts.Die(np.array([2.8e-3]), np.array([60.0])).gate_charge[0] == pytest.approx(
        37e-9, rel=0.1
    )


def test_that_a_higher_voltage_class_costs_charge():
    classes = np.array([40.0, 60, 100, 200, 600])
    assert np.all(np.diff(parts.Die(np.full(5, 10e-3), classes).gate_charge) > 0)


def test_that_more_capacitance_allows_less_esr_in_each_technology():
    bound = parts.esr_bound(RISING * 10e-6, np.full(5, 10.0))
    assert np.all(np.diff(bound) <= 0)
    assert np.all(bound > 0)


@given(st.floats(0.1, 900))
def test_that_a_rating_is_the_first_that_covers_the_need(need):
    rating = parts.rating_above(np.array([need]), parts.VOLTAGE_CLASSES)[0]
    assert rating >= need
    assert not np.any((need <= parts.VOLTAGE_CLASSES) & (rating > parts.VOLTAGE_CLASSES))


def test_that_there_is_no_rating_above_the_largest():
    assert np.isnan(parts.rating_above(np.array([1201.0]), parts.VOLTAGE_CLASSES)[0])


MAIN = Switch("Q1", "a", "b")
SECOND = Switch("Q2", "a", "b", "complement")
RECTIFIER = Diode("D1", "a", "b")


VIN, VOUT = 24.0, 3.3  # so that the input feeds the driver
RMS = 2.0


def losses_at(parameters, fsw, worst=None, **point):
    """Model the losses of parts at an operating point of which only these figures are asked."""
    specs = SimpleNamespace(fsw=fsw, vout=np.array([VOUT]), vin_max=np.array([1.1 * VIN]))
    topology = SimpleNamespace(isolated=False, core_winding="T1")
    designs = SimpleNamespace(parameters=parameters, specs=specs, topology=topology)
    figures = SimpleNamespace(vin=np.array([VIN]), **point)
    return losses.LossModel(designs, figures, worst)


def switching(on_resistance=5e-3, current=3.0, voltage=24.0, fsw=200e3, **given):
    edges = np.array([[current, current, voltage, voltage]])
    parameters = {MAIN.on_resistance: np.array([on_resistance])} | given
    currents = {
        PartFigure("Q1", "rms"): np.array([RMS]),
        PartFigure("Q1", "peak"): np.array([current]),
    }
    worst = {"Q1": np.array([voltage])}
    model = losses_at(parameters, np.array([fsw]), worst, edges=edges, currents=currents)
    return model.main_switch(MAIN)


def test_that_switching_losses_follow_their_formulas():
    found = switching(on_resistance=2e-3)
    rated = 30.0  # the first class above 24 V / 0.8
    gate = float(parts.Die(np.array([2e-3]), np.array([rated])).gate_charge[0])
    # Driven to 10 V by a linear regulator from the input.
    assert found["gate"][0] == pytest.approx(gate * VIN * 200e3)
    overlap_time = 0.3 * gate / 1.0
    assert overlap_time > 7e-9
    assert found["switching"][0] == pytest.approx(0.5 * overlap_time * 2 * 24.0 * 3.0 * 200e3)
    charge = 1.16 * gate * np.sqrt(24.0 / (rated / 2))
    assert found["output charge"][0] == pytest.approx(charge * 24.0 / 3 * 200e3)
    # 0.1 V at 1.3 times the peak of 3 A.
    assert found["sense"][0] == pytest.approx(0.1 / (1.3 * 3.0) * RMS**2)


def test_that_a_small_die_switches_no_faster_than_seven_nanoseconds():
    found = switching(on_resistance=50e-3)["switching"][0]
    assert found == pytest.approx(0.5 * 7e-9 * 2 * 24.0 * 3.0 * 200e3)
    assert switching(on_resistance=100e-3)["switching"][0] == found


def test_that_one_chip_with_its_switches_has_no_sense_resistor():
    assert switching(fsw=2e6)["sense"][0] == 0


@pytest.mark.parametrize("kind", ["switching", "output charge", "gate"])
def test_that_each_switching_loss_is_proportional_to_the_frequency(kind):
    assert switching(fsw=400e3)[kind][0] == pytest.approx(2 * switching()[kind][0])


@pytest.mark.parametrize("kind", ["switching", "output charge", "gate"])
def test_that_each_switching_loss_falls_with_the_on_resistance(kind):
    assert switching(2e-3)[kind][0] == pytest.approx(0.5 * switching(1e-3)[kind][0])


def test_that_a_given_gate_charge_replaces_the_rule():
    found = switching(**{MAIN.gate_charge: np.array([10e-9])})
    assert found["gate"][0] == pytest.approx(10e-9 * VIN * 200e3)
    assert found["output charge"][0] == switching()["output charge"][0]


def test_that_a_second_switch_loses_the_charge_of_its_body_diode_only_while_it_conducts():
    parameters = {SECOND.on_resistance: np.full(2, 5e-3)}
    valley = np.array([1.0, -0.1])
    flowing = {"rectifier_valley": valley, "rectifier_mean": np.full(2, 0.7)}
    model = losses_at(parameters, np.full(2, 200e3), {"Q2": np.full(2, 24.0)}, **flowing)
    found = model.second_switch(SECOND)
    charge = parts.Die(np.array([5e-3]), np.array([30.0])).recovered_charge[0]
    assert found["recovery"] == pytest.approx([charge * 24.0 * 200e3, 0.0])
    stored = parts.Die(np.array([5e-3]), np.array([30.0])).output_charge[0] * np.sqrt(24 / 15)
    assert found["output charge"][0] == pytest.approx(2 / 3 * stored * 24.0 * 200e3)


def rectified(parameters, valley, voltage=150.0, fsw=100e3):
    point = {"rectifier_valley": np.array([valley]), "rectifier_mean": np.array([0.7])}
    model = losses_at(parameters, np.array([fsw]), peaks={"D1": np.array([voltage])}, **point)
    return model.rectifier(RECTIFIER)


def test_that_an_ultrafast_diode_costs_the_switch_its_recovery_and_a_schottky_diode_does_not():
    slow = parts.rectifier("D1", np.array([150.0]), np.array([2.0]))  # class 200 V: ES3D, 20 ns
    fast = parts.rectifier("D1", np.array([30.0]), np.array([2.0]))
    assert rectified(slow, 1.5)["recovery"][0] == pytest.approx(150.0 * 1.5 * 20e-9 * 100e3)
    assert rectified(fast, 1.5)["recovery"][0] == 0
    assert rectified(slow, 0.0)["recovery"][0] == 0


def test_that_a_junction_that_goes_with_the_root_of_the_voltage_loses_two_thirds_of_its_charge():
    parameters = {RECTIFIER.junction_capacitance: np.array([100e-12]), RECTIFIER.recovery_time: 0}
    found = rectified(parameters, 1.0, voltage=36.0, fsw=1.0)
    volts = np.linspace(0, 36.0, 200_001)[1:] - 36.0 / 400_000
    capacitance = 100e-12 * np.sqrt(4.0 / volts)
    charge, stored = (float(np.mean(y)) * 36.0 for y in (capacitance, capacitance * volts))
    assert found["junction"][0] == pytest.approx(charge * 36.0 - stored, rel=2e-3)


def core(name, ripple=1.5, fsw=200e3, inductance=10e-6, peak=5.0):
    winding = Inductor(name, "a", "b")
    one = np.ones(1)
    made = parts.inductor(name, parts.Coil(inductance * one, peak * one), fsw * one)
    return losses_at(made, fsw * one, ripples={name: ripple * one}).core(winding)[0], made


AMPLITUDE = 0.3 * 0.75 / (5 / 0.7)
"""Half the swing of the flux density, T: of that at saturation, as of the saturation current."""


def test_that_the_core_loss_of_a_transformer_follows_steinmetz():
    base, made = core("T1")
    assert core("T1", ripple=3.0)[0] / base == pytest.approx(2**2.58)
    assert core("T1", fsw=400e3)[0] / base == pytest.approx(2**1.35)
    density = 375e3 * 2**1.35 * (AMPLITUDE / 0.2) ** 2.58
    assert base == pytest.approx(density * made["T1.core_volume"][0])


def test_that_the_core_loss_of_an_inductor_is_that_of_moulded_powder():
    base, made = core("L1")
    assert core("L1", ripple=3.0)[0] / base == pytest.approx(2**1.988)
    assert core("L1", fsw=400e3)[0] / base == pytest.approx(2**1.541)
    density = 2 * 44.3e3 * AMPLITUDE**1.988 * 200**1.541
    volume = 25 * 4e-7 * np.pi * made["L1.turns_area"][0] ** 2 / 10e-6
    assert base == pytest.approx(density * volume, rel=2e-3)


def test_that_a_moulded_inductor_loses_some_twenty_times_what_ferrite_would():
    moulded, ferrite = (core(name, ripple=0.73, fsw=400e3, peak=2.4)[0] for name in ("L1", "T1"))
    assert 15e-3 < moulded < 60e-3
    assert 15 < moulded / ferrite < 40


def resistance_ratio(frequency, volume=1210.0, resistance=21.8e-3):
    one = np.ones_like(frequency)
    return inductors.alternating_resistance(resistance * one, volume * one, frequency) / resistance


def test_that_a_winding_has_its_direct_resistance_at_low_frequency():
    ratio = resistance_ratio(np.array([1.0, 10.0, 500.0, 1000.0]))
    assert ratio[:2] == pytest.approx([1.0, 1.0], abs=1e-6)
    # Dowell's formula begins as 1 + (5 m^2 - 1) / 45 times the fourth power of the foil's
    # thickness over the skin depth, so with the square of the frequency.
    assert (ratio[3] - 1) / (ratio[2] - 1) == pytest.approx(4.0, rel=1e-3)


def test_that_the_skin_and_proximity_effect_are_dowells():
    # The anchor at 100 kHz: 20 turns of 0.69 mm in 2.75 layers, 0.209 mm deep.
    turns = np.sqrt(21.8e-3 * 7.5e-6 / (1.72e-8 * 24e-3))
    diameter = np.sqrt(4 / np.pi * 7.5e-6 / turns)
    layers = turns * 1.1 * diameter / 5.5e-3
    assert (turns, diameter, layers) == pytest.approx((19.9, 0.69e-3, 2.75), rel=0.01)
    foil = (np.pi / 4) ** 0.75 * diameter / 0.2087e-3 / np.sqrt(1.1)
    # A stack of p layers by Dowell's complex form, Re[z coth z + 2 (p^2 - 1) / 3 z tanh(z / 2)].
    z = (1 + 1j) * foil
    wanted = (z / np.tanh(z) + 2 * (layers**2 - 1) / 3 * z * np.tanh(z / 2)).real
    assert resistance_ratio(np.array([1e5]))[0] == pytest.approx(wanted, rel=0.01)


@given(st.floats(1e3, 1e7), st.floats(1.0, 1e5), st.floats(1e-3, 10.0))
def test_that_the_ripple_never_meets_less_than_the_direct_resistance(frequency, volume, resistance):
    ratio = resistance_ratio(np.array([frequency]), volume, resistance)[0]
    assert np.isfinite(ratio)
    assert ratio >= 1


def forward_core(inductance):
    one = np.ones_like(inductance)
    windings = parts.Winding("p", 0.45), parts.Winding("s", 0.45), parts.Winding("r", 0.1)
    made = parts.forward_transformer(windings, inductance, 2 * one, 1e-4 * one, 2 * one)
    swing = 1e-4 / made["r.turns_area"]
    return made, swing


def test_that_a_forward_transformer_trades_flux_against_turns():
    made, swing = forward_core(np.array([1e-5, 1e-4, 2e-3, 8e-3]))
    assert swing[0] == swing[1] == pytest.approx(0.2)  # gapped: the turns of the largest swing
    assert made["p.dcr"][0] == made["p.dcr"][1]
    assert swing[2] / swing[3] == pytest.approx(2.0)  # without a gap: turns with the root of L
    assert made["p.dcr"][3] / made["p.dcr"][2] == pytest.approx(4.0)


def test_that_a_forward_transformer_without_a_gap_has_its_inductance_from_turns_and_core():
    made, _ = forward_core(np.array([4e-3]))
    permeability = 1.9e-6 * 57e-3 / 58e-6
    length_over_area = made["r.core_volume"] / made["r.turns_area"] ** 2
    assert permeability / length_over_area == pytest.approx([4e-3])


def test_that_the_technology_is_the_one_whose_best_part_comes_nearest_from_below():
    capacitance, voltage = np.full(4, 100e-6), np.full(4, 5.0)
    esr = np.array([1e-4, 2e-3, 50e-3, 0.3])
    chosen = parts.Capacitors(capacitance, esr, voltage).technology
    assert [parts.TECHNOLOGIES[k].name for k in chosen] == [
        "ceramic",
        "ceramic",
        "polymer",
        "electrolytic",
    ]


def test_that_the_ripple_rating_heats_the_best_part_as_much_as_it_may_be():
    one = np.ones(1)
    rated = parts.Capacitors(1e-3 * one, 25e-3 * one, 20 * one).ripple_rating
    assert rated[0] == pytest.approx(np.sqrt(0.1 / 25e-3))  # 2 A through 1 mF
    more = parts.Capacitors(4e-3 * one, 9e-3 * one, 20 * one).ripple_rating
    assert more[0] > 2 * rated[0]


def test_that_a_ceramic_keeps_what_makers_say_under_direct_voltage():
    kept = parts.bias_share(np.array([0.0, 1 / 3, 0.5, 1.0]), np.ones(4))
    assert kept[0] == 1
    assert 0.8 <= kept[1] <= 0.9
    assert 0.6 <= kept[2] <= 0.8
    assert 0.3 <= kept[3] <= 0.5


@given(st.floats(0.05, 0.95), st.floats(0.1, 20))
def test_that_the_input_capacitor_keeps_the_ripple_that_it_is_sized_for(duty, current):
    rms = current * np.sqrt(duty * (1 - duty))
    fsw, vin = 100e3, 12.0
    capacitance = parts.input_capacitance(np.array([rms]), np.array([vin]), np.array([fsw]))[0]
    ripple = current * duty * (1 - duty) / (fsw * capacitance)
    assert ripple <= 0.02 * vin * (1 + 1e-9) or capacitance >= 10e-3 * (1 - 1e-9)


def test_that_a_larger_inductance_makes_the_whole_inductor_more_resistive(topology):
    """Through the topology's own rule for the peak current."""
    spec = ordinary_spec(topology)
    values = textbook_values(topology, spec)
    name = next((v.name for v in topology.design_values if v.part == topology.main_inductor), None)
    factors = np.array([1.0, 2.0, 4.0])
    arrays = {n: np.full(3, v) * (factors if n == name else 1) for n, v in values.items()}
    specs = SpecBatch.of([spec] * 3)
    key = f"{topology.main_inductor}.dcr"
    assert np.all(np.diff(topology.parameters(arrays, specs)[key]) > 0)


def test_that_the_peak_current_is_continuous_at_the_boundary():
    mean, ripple = np.array([1.0, 1.0, 1.0]), np.array([1.999999, 2.0, 2.000001])
    assert parts.peak_current(mean, ripple) == pytest.approx(2.0, rel=1e-5)
    assert parts.peak_current(np.array([1.0]), np.array([8.0]))[0] == pytest.approx(4.0)
