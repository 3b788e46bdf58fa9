"""The published converters: whole, plausible, each from a source of its own, and on their page."""

from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine.bench import published
from arcs_engine.bench.reports.published import document
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.errors import InputError

ROOT = Path(__file__).resolve().parent.parent
MEASURED = published.efficiencies()
DESIGNED = published.vendor_designs()
BOTH = (*MEASURED, *DESIGNED)

DUTY = {
    "buck": lambda vin, vout, n: vout / vin,
    "boost": lambda vin, vout, n: 1 - vin / vout,
    "buck_boost": lambda vin, vout, n: vout / (vin + vout),
    "cuk": lambda vin, vout, n: vout / (vin + vout),
    "sepic": lambda vin, vout, n: vout / (vin + vout),
    "flyback": lambda vin, vout, n: n * vout / (vin + n * vout),
    "forward": lambda vin, vout, n: n * vout / vin,
}
"""Duty without losses, of the turns primary over secondary."""

each_entry = pytest.mark.parametrize("entry", BOTH, ids=[e.id for e in BOTH])
WITH_TURNS = [e for e in BOTH if e.parts.turns or e.topology not in ("flyback", "forward")]
"""Entries whose duty follows from what they state."""


def inputs_of(entry):
    measured = isinstance(entry, published.Measurement)
    return [point.vin for point in entry.points] if measured else entry.inputs


def test_that_there_are_enough_of_both():
    assert len(MEASURED) >= 15
    assert len(DESIGNED) >= 15
    assert {entry.topology for entry in DESIGNED} == set(REGISTRY)
    assert {entry.topology for entry in MEASURED} == set(REGISTRY) - {"cuk"}


@pytest.mark.parametrize("entry", WITH_TURNS, ids=[e.id for e in WITH_TURNS])
def test_that_a_duty_is_one_that_the_circuit_can_have(entry):
    duty = DUTY[entry.topology]
    duties = [duty(vin, entry.vout, entry.parts.turns) for vin in inputs_of(entry)]
    assert all(0.05 < duty < 0.9 for duty in duties), duties


@each_entry
def test_that_figures_are_those_of_a_converter_on_a_board(entry):
    assert 20e3 <= entry.fsw <= 5e6
    assert 0.5 <= entry.vout <= 400
    assert all(2 <= vin <= 450 for vin in inputs_of(entry))
    inductances = (entry.parts.inductance, entry.parts.magnetizing_inductance)
    assert all(1e-7 <= value <= 1e-2 for value in inductances if value is not None)
    banks = (*entry.parts.input_capacitors, *entry.parts.output_capacitors)
    assert all(1e-8 <= bank.capacitance <= 1e-2 for bank in banks)


@pytest.mark.parametrize("entry", DESIGNED, ids=[e.id for e in DESIGNED])
def test_that_an_inductor_ripples_as_one_for_that_job_does(entry):
    """A unit mistaken by a thousand, or a wrong inductance, would not pass."""
    parts = entry.parts
    n = parts.turns or 1.0
    ripples = []
    for vin in entry.inputs:
        duty = DUTY[entry.topology](vin, entry.vout, n)
        if entry.topology in ("buck", "forward"):
            volts, inductance, mean = entry.vout * (1 - duty), parts.inductance, entry.iout
        elif entry.topology == "flyback":
            volts = vin * duty
            inductance, mean = parts.magnetizing_inductance, entry.iout / n / (1 - duty)
        else:
            volts, inductance, mean = vin * duty, parts.inductance, entry.iout / (1 - duty)
        ripples.append(volts / (inductance * entry.fsw * mean))
    assert max(ripples) > 0.05 and min(ripples) < 1.5, ripples


def test_that_no_entry_and_no_place_is_used_twice():
    for entries in (MEASURED, DESIGNED):
        assert max(Counter(entry.id for entry in entries).values()) == 1
        places = Counter((e.source.document, e.source.place) for e in entries)
        assert max(places.values()) == 1, places.most_common(1)


def test_that_an_efficiency_that_was_not_measured_says_so():
    stated = [entry for entry in MEASURED if entry.kind == "stated"]
    assert all("target" in entry.read for entry in stated)
    assert len(MEASURED) - len(stated) >= 10


def test_that_an_assumed_input_is_explained():
    for entry in MEASURED:
        if any(point.vin_assumed for point in entry.points):
            assert "input" in entry.note


@given(data=st.data())
def test_that_a_damaged_entry_is_refused_by_one_clear_sentence(data):
    entry = msgspec.to_builtins(data.draw(st.sampled_from(BOTH)))
    field = data.draw(st.sampled_from(["topology", "fsw", "vout", "source", "read", "id"]))
    entry[field] = data.draw(st.sampled_from([-1.0, 0.0, "", None, [], "no such thing |"]))
    read = published.read_efficiencies if "points" in entry else published.read_designs
    if field == "read" and entry[field] == "no such thing |":
        read(msgspec.json.encode([entry]))
        return
    with pytest.raises(InputError, match=r"^The published .* cannot be read: .*\.$"):
        read(msgspec.json.encode([entry]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"points": []}, "length >= 1"),
        ({"points": [{"vin": 12, "iout": 1, "efficiency": 0.95}]}, "> 20"),
        ({"points": [{"vin": 12, "iout": 1, "efficiency": 90}] * 2}, "two efficiencies"),
        ({"ripple": 0.3}, "unknown field"),
    ],
)
def test_that_what_is_wrong_with_a_measurement_is_named(change, said):
    entry = msgspec.to_builtins(MEASURED[0]) | change
    with pytest.raises(InputError, match=said):
        published.read_efficiencies(msgspec.json.encode([entry]))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"vin_min": None, "vin": None, "vin_max": None}, "no input voltage"),
        ({"vin_min": 40.0, "vin": None, "vin_max": 20.0}, "not in order"),
    ],
)
def test_that_what_is_wrong_with_a_design_is_named(change, said):
    entry = msgspec.to_builtins(DESIGNED[0]) | change
    with pytest.raises(InputError, match=said):
        published.read_designs(msgspec.json.encode([entry]))


def test_that_the_page_lists_every_entry_as_the_files_have_it():
    page = (ROOT / "docs" / "published.md").read_text(encoding="utf-8")
    assert page == document()
    assert all(entry.id in page and entry.source.url in page for entry in BOTH)
