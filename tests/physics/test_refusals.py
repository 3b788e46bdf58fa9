"""A spec that is refused before any search is one that no search can save."""

import dataclasses

import msgspec
import numpy as np
import pytest
from converters import spec_of, verdicts_of
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.circuits.design_space import Lattice
from arcs_engine.circuits.parts import capacitor_range
from arcs_engine.circuits.spec import AUTO, Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS, topology
from arcs_engine.foundation.errors import SpecError
from arcs_engine.performance import ratings
from arcs_engine.sizing.refusals import check, fitting, refusal

EVERY = REGISTRY | VARIANTS
SPREAD = 0.4
"""Decades by which designs are scattered around the textbook design."""


@pytest.fixture(params=list(EVERY.values()), ids=list(EVERY))
def circuit(request):
    return request.param


def log_uniform(rng, low, high):
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def drawn_specs(circuit, count, rng):
    """Draw specs far beyond ordinary ones that the ideal circuit can meet."""
    specs = []
    while len(specs) < count:
        vin, tolerance = log_uniform(rng, 3, 600), rng.choice([0.0, 0.1, 0.3])
        spec = spec_of(
            vin, log_uniform(rng, 1, 600), log_uniform(rng, 0.05, 199), log_uniform(rng, 2e4, 1e6),
            vin_min=vin * (1 - tolerance), vin_max=vin * (1 + tolerance), ripple=0.2,
        )  # fmt: skip
        try:
            circuit.check(spec)
        except SpecError:
            continue
        specs.append(spec)
    return specs


def scattered(circuit, specs, rng):
    """Return one design a spec, values within some decades of the textbook design's.

    Two windings on one core are equal, as such parts are sold. With unequal ones and a small
    coupling capacitor so much current circulates that the switch stands less than both voltages.
    """
    lattice = Lattice(circuit)
    hand = lattice.nearest(circuit.textbook(SpecBatch.of(specs)).values)
    values = lattice.values(lattice.near(hand, SPREAD, rng))
    return values | ({"L2": values["L1"]} if circuit.equal_inductances else {})


def refused(circuit, spec):
    try:
        check(spec, circuit)
    except SpecError:
        return True
    return False


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
def test_that_no_design_that_works_stands_less_than_what_refuses_it(circuit):
    """At all corners, in whatever mode: else a limit could forbid what can be built."""
    rng = np.random.default_rng(5)
    specs = drawn_specs(circuit, 400, rng)
    found = verdicts_of(circuit, scattered(circuit, specs, rng), SpecBatch.of(specs)).assessment
    works = (found.corners.status == 0).all(axis=1)
    assert works.sum() > 50
    for row in np.flatnonzero(works).tolist():
        for part, least in circuit.least_stress(specs[row]).items():
            assert found.stresses.peaks[part][row] >= 0.999 * least.value, (part, specs[row])


@pytest.mark.filterwarnings("ignore:.*encountered in:RuntimeWarning")
@settings(max_examples=500, deadline=None)
@given(
    name=st.sampled_from(sorted(EVERY)),
    vin=st.floats(0.6, 990), step=st.floats(0.02, 60), iout=st.floats(1e-3, 199),
    spread=st.floats(0, 0.4), fsw=st.floats(2e4, 1e6), seed=st.integers(0, 99),
)  # fmt: skip
def test_that_what_is_refused_up_front_fails_in_a_search(name, vin, step, iout, spread, fsw, seed):
    circuit, vout = EVERY[name], min(max(vin * step, 0.1), 990)
    spec = Spec(
        vin=vin, vin_min=max(vin * (1 - spread), 0.5), vin_max=min(vin * (1 + spread), 1000.0),
        vout=vout, iout=iout, fsw=fsw, ripple=0.2,
    )  # fmt: skip
    try:
        circuit.check(spec)
    except SpecError:
        return  # the ideal circuit cannot do it
    if refused(circuit, spec):
        specs = [spec] * 4
        values = scattered(circuit, specs, np.random.default_rng(seed))
        assert not verdicts_of(circuit, values, SpecBatch.of(specs)).meets_spec.any()


def test_that_the_limits_are_those_of_the_judge(circuit, monkeypatch):
    """With smaller ratings on sale, ordinary specs are refused, and the judge agrees."""
    small = {
        ("SATURATION", "PEAK", "RMS"): [0.5, 1.0],
        ("VOLTAGE",): [20.0, 30.0],
    }
    for names, classes in small.items():
        for name in names:
            sold = dataclasses.replace(getattr(ratings, name), classes=np.array(classes))
            monkeypatch.setattr(ratings, name, sold)
    rng = np.random.default_rng(7)
    kept = drawn_specs(circuit, 60, rng)
    forbidden = [spec for spec in kept if refused(circuit, spec)]
    assert len(forbidden) > 30
    verdicts = verdicts_of(circuit, scattered(circuit, forbidden, rng), SpecBatch.of(forbidden))
    assert not verdicts.meets_spec.any()
    works = (verdicts.assessment.corners.status == 0).all(axis=1)
    assert verdicts.failures["stress"][works].all()


def test_that_capacitors_are_refused_beyond_what_is_sold():
    standard = ratings.CAPACITOR_VOLTAGE
    assert standard.classes[-1] * standard.derating == capacitor_range.USABLE.max()
    assert standard.classes[-1] == capacitor_range.RATED.max()


BOOST_900 = spec_of(24.0, 900.0, 0.25, 100e3)


@pytest.mark.parametrize(
    ("name", "spec", "field", "said"),
    [
        ("boost", BOOST_900, "vout", r"The boost .*Cout .* at least 900 V.*1000 V allows 800 V"),
        ("flyback", spec_of(800.0, 24.0, 1.0, 1e5), "vin", r"Cin must stand at least 880 V"),
        ("buck", spec_of(24.0, 5.0, 150.0, 1e5), "iout", r"L1 .* at least 150 A peak current"),
    ],
)  # fmt: skip
def test_that_the_sentence_names_part_limit_and_way_out(name, spec, field, said):
    with pytest.raises(SpecError, match=said) as caught:
        check(spec, topology(name))
    text = str(caught.value)
    assert caught.value.field == field
    assert text.endswith(".") and text.count(". ") == 0
    assert "no other topology avoids it, so ask for" in text


def test_that_a_topology_that_may_do_it_is_named():
    """Both voltages lie across the coupling capacitor of a Cuk, and across no other's."""
    spec = spec_of(420.0, 420.0, 0.5, 1e5)
    with pytest.raises(SpecError, match=r"Cc must stand.*; the inverting buck-boost may do it\."):
        check(spec, topology("cuk"))
    assert refusal(msgspec.structs.replace(spec, polarity="any"), topology("buck_boost")) == ""


def test_that_auto_leaves_out_what_is_forbidden_and_speaks_for_all_where_all_are():
    spec = msgspec.structs.replace(spec_of(420.0, 420.0, 0.5, 1e5), topology=AUTO, polarity="any")
    assert {t.name for t in fitting(spec)} >= {"buck_boost", "sepic"}
    assert "cuk" not in {t.name for t in fitting(spec)}
    with pytest.raises(
        SpecError, match=r"^No topology can meet this spec: .*Cout .*800 V"
    ) as caught:
        fitting(msgspec.structs.replace(BOOST_900, topology=AUTO))
    assert caught.value.field == "vout"
    assert str(caught.value).count(". ") == 0
