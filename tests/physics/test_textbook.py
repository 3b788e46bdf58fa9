"""The textbook design: published examples, steps that can be followed, and designs that pass."""

import dataclasses
import re

import numpy as np
import pytest
from converters import verdicts_of

from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS, topology
from arcs_engine.circuits.topologies.textbook import Choices, Term, TextbookDesign, TextbookStep
from arcs_engine.learning.datasets.specs import draw

IDEAL = Choices(efficiency=1.0, rectifier_drop=0.0, ripple_share=1.0)
"""What textbooks assume: no losses, and all of the ripple for the capacitance."""

EVERY = [*REGISTRY, *VARIANTS]

# --- published examples


def example(name, vin, vout, iout, fsw, ripple=0.01, **chosen):
    """Return the symbols of the textbook design with an example's inputs and choices."""
    spec = Spec(vin=vin, vin_min=vin, vin_max=vin, vout=vout, iout=iout, fsw=fsw, ripple=ripple)
    choices = dataclasses.replace(IDEAL, **chosen)
    design = topology(name).textbook(SpecBatch.of([spec]), choices)
    return {step.result.symbol: float(step.result.value[0]) for step in design.steps}


def test_that_the_buck_follows_harts_example_6_1():
    """50 V to 20 V, 20 ohm, 20 kHz: 400 uH gives 1.5 A, 100 uF gives 0.469 %."""
    found = example("buck", 50.0, 20.0, 1.0, 20e3, 0.00469, ripple_ratio=1.5)
    assert found["D"] == pytest.approx(0.4)
    assert found["L1_need"] == pytest.approx(400e-6)
    assert found["Cout_need"] * found["L1"] == pytest.approx(100e-6 * 400e-6, rel=0.002)


def test_that_the_buck_follows_harts_example_6_2():
    """48 V to 18 V, 10 ohm, 40 kHz, 0.5 %: D = 0.375, 97.5 uH gives 2.88 A, 100 uF."""
    found = example("buck", 48.0, 18.0, 1.8, 40e3, 0.005, ripple_ratio=2.88 / 1.8)
    assert found["D"] == pytest.approx(0.375)
    assert found["L1_need"] == pytest.approx(97.5e-6, rel=0.005)
    # The book sizes C for the 97.5 uH; the E12 value above it carries less ripple.
    assert found["Cout_need"] * found["L1"] == pytest.approx(100e-6 * 97.5e-6, rel=0.005)


def test_that_the_boost_follows_harts_example_6_4():
    """12 V to 30 V, 50 ohm, 25 kHz, 1 %: D = 0.6, 120 uH gives 2.4 A, 48 uF."""
    found = example("boost", 12.0, 30.0, 0.6, 25e3, ripple_ratio=2.4 / 1.5)
    assert found["D"] == pytest.approx(0.6)
    assert found["Cout_need"] == pytest.approx(48e-6)
    assert found["ΔI"] * found["L1"] == pytest.approx(2.4 * 120e-6)
    # The ripple ratio is sized at the input where it is largest, here the only one.
    assert found["L1_need"] == pytest.approx(120e-6)


def test_that_the_boost_follows_rashids_example_5_6():
    """5 V to 15 V, 0.5 A, 25 kHz: 150 uH gives 0.89 A; 220 uF gives 60.61 mV."""
    found = example("boost", 5.0, 15.0, 0.5, 25e3, 60.61e-3 / 15, ripple_ratio=0.89 / 1.5)
    assert found["L1_need"] == pytest.approx(150e-6, rel=0.005)
    assert found["Cout_need"] == pytest.approx(220e-6, rel=0.001)


def test_that_the_buck_boost_follows_harts_example_6_6():
    """24 V to -16 V, 5 ohm, 100 kHz: 20 uH gives 4.8 A, 80 uF gives 1 %."""
    found = example("buck_boost", 24.0, 16.0, 3.2, 100e3, ripple_ratio=4.8 / (3.2 / 0.6))
    assert found["D"] == pytest.approx(0.4)
    assert found["L1_need"] == pytest.approx(20e-6)
    assert found["Cout_need"] == pytest.approx(80e-6)


def test_that_the_buck_boost_follows_rashids_example_5_7():
    """12 V to -4 V, 1.25 A, 25 kHz: 150 uH gives 0.8 A; 220 uF gives 56.8 mV."""
    mean = 1.25 / 0.75
    found = example("buck_boost", 12.0, 4.0, 1.25, 25e3, 56.8e-3 / 4, ripple_ratio=0.8 / mean)
    assert found["L1_need"] == pytest.approx(150e-6)
    assert found["Cout_need"] == pytest.approx(220e-6, rel=0.001)


def test_that_the_cuk_follows_harts_example_6_7():
    """12 V to -18 V, 40 W, 50 kHz, 10 %, 5 % and 1 %: 432 uH, 649 uH, 17.8 uF, 3.08 uF."""
    found = example("cuk", 12.0, 18.0, 40 / 18, 50e3, ripple_ratio=0.1)
    assert found["L1_need"] == pytest.approx(432e-6, rel=0.002)
    assert found["L2_need"] == pytest.approx(649e-6, rel=0.002)
    assert found["Cc_need"] == pytest.approx(17.8e-6, rel=0.003)
    assert found["Cout_need"] * found["L2"] == pytest.approx(3.08e-6 * 649e-6, rel=0.003)


def test_that_the_sepic_follows_harts_example_6_8():
    """9 V to 6 V, 2 A, 100 kHz: 90 uH gives 0.4 A; 80 uF gives 0.1 V on either capacitor."""
    found = example(
        "sepic", 9.0, 6.0, 2.0, 100e3, 0.1 / 6, ripple_ratio=0.2, coupling_ripple=0.1 / 9
    )
    assert found["L2_need"] == pytest.approx(90e-6)
    assert found["L1_need"] == pytest.approx(90e-6 * 2 / (4 / 3))  # 20 % of 4/3 A is 0.267 A
    assert found["Cc_need"] == pytest.approx(80e-6)
    assert found["Cout_need"] == pytest.approx(80e-6)


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
    assert found["Cout_need"] == pytest.approx(200e-6, rel=0.005)


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
    assert found["Cout_need"] * found["L1"] == pytest.approx(100e-6 * 0.4e-3, rel=0.01)


# --- steps that can be followed


def drawn(name, count, seed):
    family = topology(name).family
    return SpecBatch.of(draw(REGISTRY[family], count, np.random.default_rng(seed)))


IN_PYTHON = (("·", "*"), ("²", "**2"), ("√", "np.sqrt"), ("Δ", "delta_"), ("η", "eta"))


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
        if not step.decides:
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
    assert "r · Iout = 0.3 · 2 A = 600 mA" in lines[1]
    assert re.search(r"5 V · \(1 - 0\.3788\) / \(600 mA · 300 kHz\) = 17\.26 µH", lines[2])
    assert lines[3].endswith("18 µH (E12 series)")
    assert len(lines) == 4


def test_that_numbers_take_the_place_of_whole_symbols_only():
    terms = tuple(Term(s, np.array([v]), "V") for s, v in (("V", 1.0), ("Vin", 2.0)))
    step = TextbookStep("sum", Term("x", np.array([5.0]), "V"), "V + Vin + Vinx", terms, "")
    assert step.with_numbers(0) == "1 V + 2 V + Vinx"


# --- designs that pass


@pytest.mark.parametrize("name", REGISTRY)
def test_that_textbook_designs_meet_random_specs(name):
    batch = drawn(name, 200, 77)
    verdicts = verdicts_of(REGISTRY[name], REGISTRY[name].textbook(batch).values, batch)
    assert np.mean(verdicts.strict_pass) >= 0.95
    assert np.nanmedian(verdicts.assessment.nominal.ripple / batch.ripple) > 0.4, (
        "not over-designed"
    )


@pytest.mark.parametrize("name", REGISTRY)
def test_that_the_ripple_current_is_the_textbook_share(name):
    batch = drawn(name, 50, 5)
    design: TextbookDesign = REGISTRY[name].textbook(batch)
    chosen, needed = (
        next(s.result.value for s in design.steps if s.result.symbol == symbol)
        for symbol in (
            REGISTRY[name].main_inductor.replace("T1p", "Lm"),
            REGISTRY[name].main_inductor.replace("T1p", "Lm") + "_need",
        )
    )
    inside = (needed > 0.47e-6) & (needed < 10e-3)
    ratio = chosen[inside] / needed[inside]
    assert np.all((ratio >= 1 - 1e-9) & (ratio < 1.26))  # the widest gap of E12
