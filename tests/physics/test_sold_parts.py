"""Volumes, the range of capacitors and banks of them, against parts that are sold."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.circuits import parts
from arcs_engine.circuits.parts import capacitor_range, transformers, volumes
from arcs_engine.circuits.parts.capacitor_bank import (
    UNPOLARIZED,
    Bank,
    BankNeed,
    least_count,
    smallest_bank,
)
from arcs_engine.circuits.parts.capacitor_range import CAPACITANCE, NAMES, PARTS, sold


def of(value):
    return np.array([float(value)])


MOULDED = [
    ("XAL4020-222", 2.2e-6, 5.6, 34),
    ("XAL4030-472", 4.7e-6, 4.5, 50),
    ("XAL4040-103", 10e-6, 3.0, 66),
    ("XAL5030-472", 4.7e-6, 6.7, 90),
    ("XAL5050-103", 10e-6, 4.9, 148),
    ("XAL5050-223", 22e-6, 3.6, 148),
    ("XAL1010-103", 10e-6, 17.5, 1130),
    ("WE-LHMI 1365", 100e-6, 6.8, 1046),
]
FERRITE = [
    ("MSS4020-103", 10e-6, 0.6, 32),
    ("MSS7331-103", 10e-6, 1.7, 152),
    ("MSS1038T-103", 10e-6, 3.9, 388),
    ("MSS1038T-223", 22e-6, 2.94, 388),
    ("MSS1278-103", 10e-6, 11.2, 1210),
]


@pytest.mark.parametrize(
    ("name", "inductance", "saturation", "volume", "fit", "factor"),
    [(*part, volumes.MOULDED, 1.6) for part in MOULDED]
    + [(*part, volumes.FERRITE, 1.25) for part in FERRITE],
)
def test_that_inductors_are_as_large_as_their_data_sheets(
    name, inductance, saturation, volume, fit, factor
):
    found = volumes.bare_inductor(of(inductance), of(saturation), 1.0, fit)[0]
    assert volume / factor < found < volume * factor, name


@pytest.mark.parametrize(
    ("inductance", "saturation", "sides"),
    [(40e-6, 3.2, (17.75, 13.46, 12.7)), (42e-6, 8.0, (29.1, 23.1, 11.4))],
)
def test_that_isolated_transformers_are_as_large_as_the_two_that_are_named(
    inductance, saturation, sides
):
    energy = 0.5 * inductance * saturation**2
    found = volumes.flyback_transformer_volume(of(energy))[0]
    assert found == pytest.approx(volumes.outline(*sides), rel=0.15)


def test_that_an_isolated_transformer_is_many_times_an_inductor_of_its_energy():
    energy = 0.5 * 40e-6 * 3.2**2
    inductor = volumes.with_keep_out(parts.Coil(of(40e-6), of(0.8 * 3.2)).volume(of(200e3)))
    assert volumes.flyback_transformer_volume(of(energy)) > 8 * inductor


def test_that_a_controller_takes_room_and_more_behind_isolation():
    """VQFN of 3.5 x 5.5 mm and ten 0402; SO-4 with leads and SOT-23, each with its keep-out."""
    alone = 4.5 * 6.5 * 0.9 + 10 * 2.0 * 1.5 * 0.5
    assert volumes.controller_volume(isolated=False) == pytest.approx(alone)
    assert alone == pytest.approx(41, abs=0.5)
    beside = 5.4 * 8.0 * 2.1 + 3.9 * 3.4 * 1.1
    assert volumes.controller_volume(isolated=True) == pytest.approx(alone + beside)


def test_that_a_forward_transformer_follows_its_core():
    # EP13 470 mm3, EFD 25/13/9 3,300 mm3; parts of 17.8 x 13.5 x 12.7 and some 32 x 27 x 13 mm.
    small, large = volumes.forward_transformer_volume(np.array([470e-9, 3300e-9]))
    assert small == pytest.approx(volumes.outline(17.75, 13.46, 12.7), rel=0.2)
    assert large == pytest.approx(volumes.outline(32, 27, 13), rel=0.25)


def test_that_the_leakage_is_that_of_a_real_transformer():
    # Coilcraft POE13P-12L: 127 uH, 1 A, 0.5 to 1.3 uH.
    windings = parts.Winding("T1p", 0.5), parts.Winding("T1s", 0.5)
    made = parts.flyback_transformer(windings, parts.Coil(of(127e-6), of(1.0)), of(2.0))
    found = transformers.leakage_inductance(made["T1p.turns_area"], made["T1p.core_volume"])[0]
    assert 0.5e-6 < found < 1.3e-6


def test_that_packages_follow_the_die():
    classes = np.array([30, 30, 100, 100, 600, 600.0])
    found = volumes.bare_mosfet(np.array([1e-3, 20e-3, 7e-3, 1e-3, 2.0, 0.1]), classes)
    assert found == pytest.approx([30, 8, 29.5, 180, 150, 900], rel=0.02)
    assert volumes.bare_diode(np.array([0.5, 2, 3, 8, 15.0])) == pytest.approx(
        [10, 24, 36, 96, 180]
    )


@given(st.floats(0.1, 10e3))
def test_that_a_keep_out_costs_small_parts_the_most(volume):
    one, twice = volumes.with_keep_out(np.array([volume, 2 * volume]))
    assert one > volume
    assert one < twice < 2 * one
    assert volumes.without_keep_out(one) == pytest.approx(volume)


# Part numbers of public bills of materials: capacitance, rated voltage, case.
IN_PUBLIC = [
    ("GRM21BR60J476", 47e-6, 6.3, "0805"),
    ("C0805C106K8PAC", 10e-6, 10, "0805"),
    ("GRM21BR61E475", 4.7e-6, 25, "0805"),
    ("CL21A475KL", 4.7e-6, 35, "0805"),
    ("LMK316BJ476", 47e-6, 10, "1206"),
    ("GCJ32ER70J476", 47e-6, 6.3, "1210"),
    ("EMK325ABJ107", 100e-6, 16, "1210"),
    ("UMK325BJ106", 10e-6, 50, "1210"),
    ("GRM32ER72A225", 2.2e-6, 100, "1210"),
    ("CL31A106KBHNNNE", 10e-6, 50, "1206"),
]


def place(technology, capacitance, rated, case=None):
    return next(
        k
        for k, part in enumerate(PARTS)
        if part.technology == technology
        and part.rated == rated
        and part.capacitance == pytest.approx(capacitance)
        and case in (None, part.case)
    )


@pytest.mark.parametrize(("name", "capacitance", "rated", "case"), IN_PUBLIC)
def test_that_parts_of_public_bills_are_in_the_range(name, capacitance, rated, case):
    assert place("ceramic", capacitance, rated, case) >= 0, name


@pytest.mark.parametrize(
    ("voltage", "rated"), [(3.3, 6.3), (5, 10), (12, 25), (24, 50), (48, 80), (300, 450)]
)
def test_that_a_ceramic_is_rated_as_vendors_do(voltage, rated):
    assert {PARTS[k].rated for k in sold(voltage, ("ceramic",))} == {rated}


@pytest.mark.parametrize(("voltage", "rated"), [(360, 400), (375, 420), (400, 450), (440, 500)])
def test_that_wet_electrolytics_stand_the_buses_that_they_are_used_on(voltage, rated):
    assert {PARTS[k].rated for k in sold(voltage, ("electrolytic",))} == {rated}


def test_that_something_is_sold_up_to_800_volts_and_nothing_beyond():
    assert {PARTS[k].technology for k in sold(670.0)} == {"ceramic", "film"}
    assert {PARTS[k].technology for k in sold(800.0)} == {"film"}
    assert len(sold(801.0)) == 0


@pytest.mark.parametrize(
    ("capacitance", "rated", "case", "voltage", "left"),
    [
        (10e-6, 25, "0805", 12.0, 2e-6),  # Samsung CL21A106KAYNNNE, by its characteristics sheet
        (10e-6, 25, "0805", 20.0, 1e-6),
        (10e-6, 16, "0805", 3.3, 7.5e-6),  # Samsung CL21B106KOQNNN
        (10e-6, 16, "0805", 6.0, 5.5e-6),
        (10e-6, 16, "0805", 12.0, 2.7e-6),
        (10e-6, 50, "1206", 13.0, 7.5e-6),  # Samsung CL31A106KBHNNNE
        (22e-6, 35, "1210", 25.0, 4.4e-6),
        (22e-6, 10, "0805", 5.0, 9e-6),
    ],
)
def test_that_bias_leaves_what_was_read_of_ceramics(capacitance, rated, case, voltage, left):
    length, width, height = capacitor_range.CERAMIC_CASES[case]
    found = capacitor_range.ceramic_under_bias(
        of(capacitance), of(rated), of(length * width * height), of(voltage)
    )[0]
    assert left / 1.6 < found < left * 1.6


@given(st.floats(0.0, 60.0), st.floats(0.1, 60.0))
def test_that_more_bias_never_leaves_more(voltage, more):
    every = np.arange(len(PARTS))
    less = capacitor_range.effective(every, np.array(voltage + more))
    assert np.all(less <= capacitor_range.effective(every, np.array(voltage)) * (1 + 1e-12))
    assert np.all(less > 0)


def test_that_the_range_carries_the_currents_of_data_sheets():
    # Panasonic FR 1 mF 25 V 10 x 20 mm some 2 A; 22 uF 1210 5.6 A near 300 kHz.
    wet, ceramic = place("electrolytic", 1e-3, 25), place("ceramic", 22e-6, 25, "1210")
    assert capacitor_range.ripple_current(np.array([wet]), of(100e3))[0] == pytest.approx(
        2, rel=0.2
    )
    assert capacitor_range.ripple_current(np.array([ceramic]), of(300e3))[0] == pytest.approx(
        5.6, rel=0.05
    )


def test_that_four_ceramics_of_an_evaluation_board_are_what_they_are():
    # 4 x 22 uF 10 V at 5 V: some 60 uF, and a quarter of one part's ESR.
    bank = Bank(np.array([place("ceramic", 22e-6, 10, "1206")]), of(4))
    assert bank.nominal[0] == pytest.approx(88e-6)
    assert bank.effective(of(5))[0] == pytest.approx(60e-6, rel=0.15)
    assert bank.resistance(of(400e3))[0] == pytest.approx(2.2e-3 / 4)
    assert bank.text(0) == "4 x 22 µF 10 V 1206 ceramic"


NEEDS = (
    st.floats(0.5, 700),
    st.floats(1e-8, 1e-3),
    st.floats(0.0, 20.0),
    st.floats(5e4, 2e6),
    st.floats(1e-3, 1.0),
)


@settings(max_examples=200)
@given(*NEEDS, st.sampled_from([NAMES, UNPOLARIZED]))
def test_that_a_bank_reaches_what_is_needed_with_the_least_volume(
    voltage, capacitance, current, frequency, esr, technologies
):
    needs = tuple(map(of, (voltage, capacitance, current, frequency, esr)))
    need = BankNeed(*needs)
    bank, exists = smallest_bank(need, technologies)
    assert bank.usable[0] >= voltage * (1 - 1e-9)
    assert PARTS[bank.part[0]].technology in technologies
    if not exists[0]:
        assert bank.count[0] == 30
        return
    assert bank.effective(needs[0])[0] >= capacitance * (1 - 1e-8)
    assert bank.ripple_current(needs[3])[0] >= current * (1 - 1e-8)
    assert bank.resistance(needs[3])[0] <= esr * (1 + 1e-8)
    places = sold(voltage, technologies)
    assert np.all(np.diff(capacitor_range.VOLUME[places]) >= 0)
    counts = least_count(places[None], need)[0]
    others = counts * capacitor_range.VOLUME[places]
    few = counts <= 10
    assert bank.volume[0] == pytest.approx(others[few if few.any() else counts <= 30].min())


SPANS = ((1, 400), (1e-7, 1e-4), (0, 5), (1e5, 1e6), (1e-3, 0.1))


def test_that_banks_of_many_designs_are_those_of_each():
    rng = np.random.default_rng(1)
    needs = [rng.uniform(*span, 40) for span in SPANS]
    together, exists = smallest_bank(BankNeed(*needs))
    for row in range(40):
        alone, found = smallest_bank(BankNeed(*(column[row : row + 1] for column in needs)))
        assert (alone.part[0], alone.count[0], found[0]) == (
            together.part[row],
            together.count[row],
            exists[row],
        )
    rows = np.array([3, 1])
    assert np.array_equal(together.take(rows).nominal, together.nominal[rows])


def test_that_no_bank_stands_where_nothing_is_sold():
    assert not smallest_bank(BankNeed(of(2000), of(1e-6), of(1), of(1e5)))[1][0]


def test_that_a_value_lies_in_the_smallest_cases_that_hold_it():
    cases = [part.case for part in PARTS if part.rated == 25 and part.capacitance == 22e-6]
    assert cases[:3] == ["1206", "1210", "2220"]
    assert CAPACITANCE.min() > 0
