"""The textbook design: published examples, steps that can be followed, rules that it keeps."""

import dataclasses
import re

import msgspec
import numpy as np
import pytest
from converters import spec_of, verdicts_of

from arcs_engine.circuits.crossover import within_limits
from arcs_engine.circuits.load_step import deviation
from arcs_engine.circuits.parts.capacitor_bank import UNPOLARIZED
from arcs_engine.circuits.parts.capacitor_range import PARTS
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS, topology
from arcs_engine.circuits.topologies.textbook import BankTerm, Choices, Term, TextbookStep
from arcs_engine.learning.datasets.specs import draw

IDEAL = Choices(
    efficiency=1.0,
    rectifier_drop=0.0,
    ripple_share=1.0,
    inductance_spread=0.0,
    capacitance_spread=0.0,
    clock_spread=0.0,
    esr_growth=1.0,
    most_in_parallel=10**6,
)
"""What textbooks assume: no losses, no tolerances, and all of the ripple for the capacitance."""

EVERY = [*REGISTRY, *VARIANTS]

# --- published examples


def example(name, vin, vout, iout, fsw, ripple=0.01, **chosen):
    """Return the symbols of the textbook design with an example's inputs and choices."""
    spec = Spec(
        vin=vin, vin_min=vin, vin_max=vin, vout=vout, iout=iout, fsw=fsw, ripple=ripple,
        deviation=None,
    )  # fmt: skip
    choices = dataclasses.replace(IDEAL, **chosen)
    design = topology(name).textbook(SpecBatch.of([spec]), choices)
    return {step.result.symbol: float(step.result.value[0]) for step in design.steps}


def test_that_the_buck_follows_harts_example_6_1():
    """50 V to 20 V, 20 ohm, 20 kHz: 400 uH gives 1.5 A, 100 uF gives 0.469 %."""
    found = example("buck", 50.0, 20.0, 1.0, 20e3, 0.00469, ripple_ratio=1.5)
    assert found["D"] == pytest.approx(0.4)
    assert found["L1_need"] == pytest.approx(400e-6)
    assert found["Cripple"] * found["L1"] == pytest.approx(100e-6 * 400e-6, rel=0.002)


def test_that_the_buck_follows_harts_example_6_2():
    """48 V to 18 V, 10 ohm, 40 kHz, 0.5 %: D = 0.375, 97.5 uH gives 2.88 A, 100 uF."""
    found = example("buck", 48.0, 18.0, 1.8, 40e3, 0.005, ripple_ratio=2.88 / 1.8)
    assert found["D"] == pytest.approx(0.375)
    assert found["L1_need"] == pytest.approx(97.5e-6, rel=0.005)
    # The book sizes C for the 97.5 uH; the E12 value above it carries less ripple.
    assert found["Cripple"] * found["L1"] == pytest.approx(100e-6 * 97.5e-6, rel=0.005)


def test_that_the_boost_follows_harts_example_6_4():
    """12 V to 30 V, 50 ohm, 25 kHz, 1 %: D = 0.6, 120 uH gives 2.4 A, 48 uF."""
    found = example("boost", 12.0, 30.0, 0.6, 25e3, ripple_ratio=2.4 / 1.5)
    assert found["D"] == pytest.approx(0.6)
    assert found["Cripple"] == pytest.approx(48e-6)
    assert found["ΔI"] * found["L1"] == pytest.approx(2.4 * 120e-6)
    # The ripple ratio is sized at the input where it is largest, here the only one.
    assert found["L1_need"] == pytest.approx(120e-6)


def test_that_the_boost_follows_rashids_example_5_6():
    """5 V to 15 V, 0.5 A, 25 kHz: 150 uH gives 0.89 A; 220 uF gives 60.61 mV."""
    found = example("boost", 5.0, 15.0, 0.5, 25e3, 60.61e-3 / 15, ripple_ratio=0.89 / 1.5)
    assert found["L1_need"] == pytest.approx(150e-6, rel=0.005)
    assert found["Cripple"] == pytest.approx(220e-6, rel=0.001)


def test_that_the_buck_boost_follows_harts_example_6_6():
    """24 V to -16 V, 5 ohm, 100 kHz: 20 uH gives 4.8 A, 80 uF gives 1 %."""
    found = example("buck_boost", 24.0, 16.0, 3.2, 100e3, ripple_ratio=4.8 / (3.2 / 0.6))
    assert found["D"] == pytest.approx(0.4)
    assert found["L1_need"] == pytest.approx(20e-6)
    assert found["Cripple"] == pytest.approx(80e-6)


def test_that_the_buck_boost_follows_rashids_example_5_7():
    """12 V to -4 V, 1.25 A, 25 kHz: 150 uH gives 0.8 A; 220 uF gives 56.8 mV."""
    mean = 1.25 / 0.75
    found = example("buck_boost", 12.0, 4.0, 1.25, 25e3, 56.8e-3 / 4, ripple_ratio=0.8 / mean)
    assert found["L1_need"] == pytest.approx(150e-6)
    assert found["Cripple"] == pytest.approx(220e-6, rel=0.001)


def test_that_the_cuk_follows_harts_example_6_7():
    """12 V to -18 V, 40 W, 50 kHz, 10 %, 5 % and 1 %: 432 uH, 649 uH, 17.8 uF, 3.08 uF."""
    found = example("cuk", 12.0, 18.0, 40 / 18, 50e3, ripple_ratio=0.1)
    assert found["L1_need"] == pytest.approx(432e-6, rel=0.002)
    assert found["L2_need"] == pytest.approx(649e-6, rel=0.002)
    assert found["Cc_need"] == pytest.approx(17.8e-6, rel=0.003)
    assert found["Cripple"] * found["L2"] == pytest.approx(3.08e-6 * 649e-6, rel=0.003)


def test_that_the_sepic_follows_harts_example_6_8():
    """9 V to 6 V, 2 A, 100 kHz: 90 uH gives 0.4 A; 80 uF gives 0.1 V on either capacitor."""
    found = example(
        "sepic", 9.0, 6.0, 2.0, 100e3, 0.1 / 6, ripple_ratio=0.2, coupling_ripple=0.1 / 9
    )
    assert found["L2_need"] == pytest.approx(90e-6)
    assert found["L1_need"] == pytest.approx(90e-6 * 2 / (4 / 3))  # 20 % of 4/3 A is 0.267 A
    assert found["Cc_need"] == pytest.approx(80e-6)
    assert found["Cripple"] == pytest.approx(80e-6)


def test_that_the_sepic_follows_eatons_inductor_selection():
    """Eaton, Inductor selection for SEPIC designs: 4.5 V to 3.3 V, 1 A, 250 kHz, 40 %: 22 uH."""
    found = example("sepic", 4.5, 3.3, 1.0, 250e3, ripple_ratio=0.4)
    assert found["Dhigh"] == pytest.approx(0.423, abs=1e-3)
    assert found["L2"] == 22e-6


def test_that_the_flyback_follows_harts_example_7_1():
    """24 V to 5 V, 5 ohm, 40 kHz, 3:1, 500 uH, 200 uF: D = 0.385, 0.46 A on 0.54 A, 0.96 %."""
    found = example(
        "flyback", 24.0, 5.0, 1.0, 40e3, 0.0096, lowest_input_duty=0.385, ripple_ratio=0.46 / 0.54
    )
    assert found["n"] == 3.0
    assert found["D"] == pytest.approx(0.385, abs=5e-4)
    assert found["Lm_need"] == pytest.approx(500e-6, rel=0.01)
    assert found["Cripple"] == pytest.approx(200e-6, rel=0.005)


def test_that_the_forward_follows_harts_example_7_4():
    """48 V to 12.8 V, 10 ohm, 35 kHz, 1.5:1: 5 mH, 0.4 mH gives 0.55 A, 100 uF gives 0.153 %."""
    found = example(
        "forward",
        48.0,
        12.8,
        1.28,
        35e3,
        0.00153,
        lowest_input_duty=0.4,
        ripple_ratio=0.55 / 1.28,
        magnetizing_ratio=0.11 / (1.28 / 1.5),
    )
    assert found["n"] == 1.5
    assert found["D"] == pytest.approx(0.4)
    assert found["L1_need"] == pytest.approx(0.4e-3, rel=0.01)
    assert found["Lm_need"] == pytest.approx(5e-3, rel=0.01)
    assert found["Cripple"] * found["L1"] == pytest.approx(100e-6 * 0.4e-3, rel=0.01)


# --- steps that can be followed


def drawn(name, count, seed):
    family = REGISTRY[topology(name).family]
    return SpecBatch.of(draw(family, count, np.random.default_rng(seed)))


IN_PYTHON = (
    ("·", "*"), ("²", "**2"), ("⁴", "**4"), ("√", "np.sqrt"), ("π", "np.pi"), ("Δ", "delta_"),
    ("η", "eta"),
)  # fmt: skip


def calculated(step):
    """Return what a step's formula gives with its terms, by Python's own arithmetic."""

    def plain(text):
        for sign, word in IN_PYTHON:
            text = text.replace(sign, word)
        return text

    names = {plain(term.symbol): term.value for term in step.terms}
    names |= {"np": np, "min": np.minimum, "max": np.maximum}
    return eval(plain(step.formula), {}, names)


@pytest.mark.parametrize("name", EVERY)
def test_that_each_formula_that_is_shown_gives_the_value_that_is_shown(name):
    design = topology(name).textbook(drawn(name, 30, 1))
    for step in design.steps:
        if not step.decides and not isinstance(step.result, BankTerm):
            assert step.result.value == pytest.approx(calculated(step), rel=1e-9), step.formula


@pytest.mark.parametrize("name", EVERY)
def test_that_every_design_value_is_decided_by_the_last_of_the_steps_to_it(name):
    design = topology(name).textbook(drawn(name, 3, 2))
    assert list(design.values) == [v.name for v in topology(name).design_values]
    for value, numbers in design.values.items():
        steps = design.steps_to(value)
        assert steps[-1].decides == value
        assert steps[-1].result.value is numbers
        assert len(steps) > 1
        for index, step in enumerate(steps[:-1]):
            later = {t.symbol for s in steps[index + 1 :] for t in s.terms}
            assert step.result.symbol in later
    with pytest.raises(KeyError):
        design.steps_to("C9")


def test_that_the_explanation_of_an_inductance_shows_formula_and_numbers():
    spec = Spec(vin=12.0, vin_min=10.8, vin_max=13.2, vout=5.0, iout=2.0, fsw=300e3)
    lines = REGISTRY["buck"].explain(spec, "L1")
    assert lines[0].startswith("duty at the highest input: Dhigh = Vout / Vin_max = 5 V / 13.2 V =")
    assert "r · Iout = 0.4 · 2 A = 800 mA" in lines[1]
    assert re.search(r"5 V · \(1 - 0\.3788\) / \(800 mA · 300 kHz\) = 12\.94 µH", lines[2])
    assert lines[3].endswith("15 µH (E12 series)")
    assert len(lines) == 4


def test_that_the_explanation_of_an_output_capacitance_says_what_to_buy():
    spec = Spec(vin=12.0, vin_min=10.8, vin_max=13.2, vout=5.0, iout=2.0, fsw=300e3)
    lines = REGISTRY["buck"].explain(spec, "Cout")
    crossover, step, bank = (
        next(line for line in lines if line.startswith(begins))
        for begins in ("crossover", "capacitance for the load step", "bank for")
    )
    slow = "(1 - tf) · f"
    assert f"fc = min({slow} / 10, {slow} / 6 · (1 - ring) / (1 + ring)) = min(" in crossover
    assert "min((1 - 0.1) · 300 kHz / 10" in crossover
    assert crossover.endswith("= 27 kHz (ARCS, load step (docs/parts.md))")
    assert "√(√(Qs⁴ + Ql⁴)) / ((1 - tC) · ΔVstep)" in step
    assert "3 x 15 µF 10 V 0805 ceramic" in bank
    assert "effective capacitance of 3 x 15 µF 10 V 0805 ceramic at 5 V" in lines[-1]


def test_that_numbers_take_the_place_of_whole_symbols_only():
    terms = tuple(Term(s, np.array([v]), "V") for s, v in (("V", 1.0), ("Vin", 2.0)))
    step = TextbookStep("sum", Term("x", np.array([5.0]), "V"), "V + Vin + Vinx", terms, "")
    assert step.with_numbers(0) == "1 V + 2 V + Vinx"


# --- rules that every design keeps


def textbook(name, batch):
    """Return a design, and its steps' values by symbol."""
    design = topology(name).textbook(batch)
    return design, {step.result.symbol: step.result.value for step in design.steps}


def changed(batch, **columns):
    """Return a batch with other columns, one number for all."""
    return dataclasses.replace(
        batch, **{name: np.full(len(batch), value) for name, value in columns.items()}
    )


def solved_parameters(name, design, batch):
    return topology(name).parameters(design.values, batch)


@pytest.mark.parametrize("name", EVERY)
def test_that_textbook_designs_are_solved_at_every_corner(name):
    batch = drawn(name, 60, 77)
    found = verdicts_of(topology(name), topology(name).textbook(batch).values, batch).assessment
    assert np.mean(found.nominal.status == 0) >= 0.96  # the rest lies within a rectifier's drop
    ripple = (
        found.nominal.ripple[found.nominal.status == 0] / batch.ripple[found.nominal.status == 0]
    )
    assert ripple.max() < 0.9  # with worst parts it is sized for this


def worst_ripple(circuit, found, batch):
    """Return the largest ripple of the main inductor over its largest mean, by closed forms."""
    n = found.get("n", np.ones(len(batch)))
    grid = np.linspace(batch.vin_min, batch.vin_max, 41)
    duty = circuit.ideal_duty(grid, n * batch.vout)
    match circuit.family:
        case "buck":
            across, mean = batch.vout * (1 - duty), batch.iout
        case "forward":
            across, mean = batch.vout * (1 - n * batch.vout / grid), batch.iout
        case "boost":
            across, mean = grid * duty, batch.iout * batch.vout / batch.vin_min
        case "cuk" | "sepic":
            across, mean = grid * duty, batch.iout * batch.vout / batch.vin_min
        case _:
            across = grid * duty
            mean = batch.iout * (1 + n * batch.vout / batch.vin_min) / n
    inductance = found["Lm" if circuit.family == "flyback" else "L1"]
    return across.max(axis=0) / (inductance * batch.fsw) / mean


@pytest.mark.parametrize("name", REGISTRY)
def test_that_the_largest_ripple_over_the_largest_mean_is_40_percent_or_60(name):
    batch, circuit = drawn(name, 60, 5), REGISTRY[name]
    _, found = textbook(name, batch)
    goal = circuit.textbook_choices.ripple_ratio
    assert goal == (0.6 if name == "flyback" else 0.4)
    ratio = worst_ripple(circuit, found, batch) / goal
    wider = found.get("r", np.full(60, goal)) / goal  # 1 but where a bank could not be bought
    assert np.mean(wider == 1) > 0.9
    assert np.all(ratio <= wider + 1e-9)
    assert np.median(ratio) > 0.85  # an E12 step is 22 %
    assert np.all(wider <= circuit.ripple_custom / goal + 1e-9)


def test_that_a_guard_of_the_spec_goes_before_the_custom():
    """20 % is allowed, of the least inductance: 16 % of the nominal one."""
    batch = changed(drawn("buck", 30, 5), ripple_current=0.2)
    _, found = textbook("buck", batch)
    assert np.all(worst_ripple(REGISTRY["buck"], found, batch) <= 0.16 + 1e-9)
    batch = changed(drawn("flyback", 30, 5), longest_duty=0.35)
    design, _ = textbook("flyback", batch)
    odds = design.values["T1_n"] * (batch.vout + 0.7) / (0.85 * batch.vin_min)
    inside = design.values["T1_n"] > 0.25
    assert np.all((odds / (1 + odds) <= 0.35 + 1e-9)[inside])


def test_that_a_flyback_conducts_at_most_half_the_period_at_the_lowest_input():
    """As solved, with its losses: no more than the custom, and not much less."""
    batch = drawn("flyback", 60, 8)
    low = dataclasses.replace(batch, vin=batch.vin_min, vin_max=batch.vin_min)
    design = REGISTRY["flyback"].textbook(batch)
    found = verdicts_of(REGISTRY["flyback"], design.values, low).assessment.nominal
    assert found.status.max() == 0
    assert found.duty.max() <= 0.5
    assert np.median(found.duty) > 0.42


@pytest.mark.parametrize("name", EVERY)
def test_that_the_output_keeps_within_its_deviation_with_the_worst_parts(name):
    """By the closed form itself: L +20 %, C -20 %, ESR 1.5 times, the clock 10 % slow."""
    circuit = topology(name)
    batch = drawn(name, 40, 3)
    for allowed in (0.1, 0.05, 0.03):
        asked = changed(batch, deviation=allowed)
        design = circuit.textbook(asked)
        stage = circuit.stage(solved_parameters(name, design, asked), asked)
        stage = stage.with_inductance(1.2).with_clock(0.9)
        parts = 0.8 * design.values["Cout"], 1.5 * design.values["Cout_esr"]
        peak = deviation(circuit.loop, "current", stage, asked.step, *parts) / asked.vout
        within = design.banks["Cout"].count <= 10
        assert within.mean() > 0.85
        assert np.all(peak[within] <= allowed * (1 + 1e-9))
        assert within_limits(circuit.loop, "current", stage, *parts)[within].all()


def test_that_a_wider_load_step_or_a_smaller_deviation_asks_for_more_capacitance():
    usual = spec_of(12.0, 5.0, 2.0, 300e3)
    asked = [{}, {"load_step": (0.1, 1.0)}, {"deviation": 0.03}, {"deviation": None}]
    batch = SpecBatch.of([msgspec.structs.replace(usual, **each) for each in asked])
    found = REGISTRY["buck"].textbook(batch).values["Cout"]
    assert found[1] > found[0] and found[2] > found[0] > found[3]


@pytest.mark.parametrize("name", EVERY)
def test_that_a_slow_clock_asks_for_more_capacitance_as_each_current_does(name):
    """A filter's charge goes with the square of the period, a reservoir's with the period."""
    batch, circuit = changed(drawn(name, 20, 6), deviation=0.1), topology(name)
    own = circuit.textbook_choices
    exact, slow = (
        circuit.textbook(batch, dataclasses.replace(own, clock_spread=each)) for each in (0.0, 0.1)
    )
    before, after = (
        {step.result.symbol: step.result.value for step in each.steps} for each in (exact, slow)
    )
    inductance = {"flyback": "T1_lm", "cuk": "L2"}.get(circuit.family, "L1")
    alike = slow.values[inductance] == exact.values[inductance]
    power = 2 if circuit.family in ("buck", "forward", "cuk") else 1
    assert alike.mean() > 0.8
    assert after["Cripple"][alike] == pytest.approx(before["Cripple"][alike] / 0.9**power)
    assert np.all(after["Cstep"][alike] >= before["Cstep"][alike])
    if circuit.family == "buck":  # the others' loops wait for a zero or an optocoupler
        assert np.all(after["Cstep"] > before["Cstep"])


def test_that_a_diode_boost_that_starts_from_gaps_is_allowed_less():
    """From 5 % of the load its current has gaps, which a second switch closes."""
    far = SpecBatch.of([spec_of(12.0, 24.0, 1.0, 200e3, load_step=(0.05, 1.0))])
    assert textbook("boost", far)[1]["ΔVstep"][0] == pytest.approx(0.05 * 24 / 1.15)
    assert textbook("boost_synchronous", far)[1]["ΔVstep"][0] == pytest.approx(0.05 * 24)


@pytest.mark.parametrize("name", EVERY)
def test_that_capacitors_are_banks_that_are_sold(name):
    batch = drawn(name, 40, 4)
    design = topology(name).textbook(batch)
    bank = design.banks["Cout"]
    assert np.array_equal(design.values["Cout"], bank.effective(batch.vout))
    assert np.array_equal(design.values["Cout_esr"], bank.resistance(batch.fsw))
    assert np.all(bank.usable >= batch.vout * (1 - 1e-9))
    found = {step.result.symbol: step.result.value for step in design.steps}
    within = bank.count <= 10
    assert within.mean() > 0.9
    assert np.all((bank.ripple_current(batch.fsw) >= found["IC"] * (1 - 1e-9))[within])


@pytest.mark.parametrize("name", ["sepic", "cuk", "sepic_coupled", "cuk_coupled"])
def test_that_a_coupling_bank_is_unpolarized_and_swings_by_5_percent_at_most(name):
    batch = drawn(name, 60, 4)
    design, found = textbook(name, batch)
    bank, both = design.banks["Cc"], batch.vout if "cuk" in name else 0.0
    assert {PARTS[part].technology for part in bank.part} <= set(UNPOLARIZED)
    assert np.all(bank.usable >= (batch.vin_max + both) * (1 - 1e-9))
    swing = batch.iout * found["Dlow"] / (design.values["Cc"] * batch.fsw)
    assert np.all(swing <= 0.05 * (batch.vin_min + both) * (1 + 1e-9))


def test_that_ripple_current_alone_may_size_the_output_bank():
    """20 % of ripple and no load step: what is left is that the bank must not overheat."""
    loose = spec_of(12.0, 24.0, 4.0, 500e3, ripple=0.2, deviation=None)
    design, found = textbook("boost", SpecBatch.of([loose]))
    bank, current = design.banks["Cout"], found["IC"][0]
    assert current > 4
    assert bank.ripple_current(np.array([500e3]))[0] >= current
    assert design.values["Cout"][0] > 1.5 * found["Cripple"][0]


@pytest.mark.parametrize("name", ["sepic", "cuk"])
def test_that_coupled_windings_are_equal_and_ripple_as_two_inductors_do(name):
    batch = drawn(name, 40, 4)
    design, found = textbook(f"{name}_coupled", batch)
    first, second = design.values["L1"], design.values["L2"]
    assert np.array_equal(first, second)
    high = batch.vin_max * batch.vout / (batch.vin_max + batch.vout) / batch.fsw
    mean = batch.iout * (1 + batch.vout / batch.vin_min)
    ratio = 2 * high / (1.94 * first) / mean
    assert np.all(ratio <= found.get("r", 0.4) * (1 + 1e-9))
    assert np.median(ratio) > 0.85 * 0.4


def test_that_inductance_gives_way_where_its_zero_makes_the_bank_too_large():
    """100 V to -100 V, 2 A: within 0.5 % even ten of the largest films do not hold it."""
    usual = spec_of(100.0, 100.0, 2.0, 100e3)
    tight = [msgspec.structs.replace(usual, deviation=d) for d in (0.1, 0.005)]
    design, found = textbook("buck_boost", SpecBatch.of(tight))
    assert design.values["L1"][1] < design.values["L1"][0]
    assert found["r"].tolist() == pytest.approx([0.4, 0.5])
    alone, steps = textbook("buck_boost", SpecBatch.of(tight[:1]))
    assert alone.values["L1"][0] == design.values["L1"][0]
    assert "w" not in steps and "r" not in steps


def test_that_a_design_of_a_batch_is_the_design_alone():
    batch = drawn("sepic", 30, 9)
    together = REGISTRY["sepic"].textbook(batch).values
    for row in range(30):
        alone = REGISTRY["sepic"].textbook(batch.take(np.array([row]))).values
        assert {name: each[0] for name, each in alone.items()} == {
            name: each[row] for name, each in together.items()
        }
