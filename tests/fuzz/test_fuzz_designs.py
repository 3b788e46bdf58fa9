"""Design files, assignments and quantities, attacked."""

import copy
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arcs_engine.analysis import design_file
from arcs_engine.circuits.settings import Assignments, parse_assignments
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS
from arcs_engine.foundation.errors import InputError
from arcs_engine.foundation.units import parse_fraction, parse_quantity, parse_range
from arcs_engine.performance.candidate import Candidate, Shortlist, Timing
from arcs_engine.performance.metrics import Metrics, Stress

EVERY = REGISTRY | VARIANTS
UNITS = ("V", "A", "Hz", "H", "F", "Ω", "s", "W", "J", "C", "")


def hand_written(name, nested):
    topology = EVERY[name]
    vout = 48.0 if topology.family == "boost" else 12.0
    spec = Spec(vin=24.0, vin_min=20.0, vin_max=28.0, vout=vout, iout=1.0, fsw=2e5)
    values = topology.textbook(SpecBatch.of([spec])).values
    flat = {"vin": 24, "vout": vout, "iout": "1 A", "fsw": "200k", "ripple": "1%"}
    parts = {
        "topology": name,
        "values": {key: float(v[0]) for key, v in values.items()},
        "overrides": {"diode.vf": "0.4 V"},
        "duty": "40%",
    }
    return parts | ({"spec": flat} if nested else flat)


def stored():
    spec = Spec(vin=24.0, vin_min=20.0, vin_max=28.0, vout=12.0, iout=1.0, fsw=2e5)
    metrics = Metrics(
        vout=12.0, vout_error=0.0, ripple=0.01, inductor_ripple=0.3, efficiency=0.9,
        efficiency_estimated=0.88, pin=13.3, pout=12.0, losses={"Q1": 0.1},
        stress={"Q1": Stress("voltage", 28.0, 40.0, 0.14, "V")}, energy=1e-4, residue=0.0,
        charge_balance=0.0, flux_balance=0.0,
    )  # fmt: skip
    candidate = Candidate(
        rank=1, topology="buck", values=hand_written("buck", nested=False)["values"], duty=0.5,
        mode="CCM", metrics=metrics, cost=1.0, reward=8.0, meets_spec=True,
    )  # fmt: skip
    found = Shortlist(
        spec=spec,
        textbook=msgspec.structs.replace(candidate, rank=0),
        candidates=(candidate,),
        timing=Timing(sample=0, solve=0, verify=0, total=0),
        model=None,
        seed=0,
    )
    return msgspec.json.decode(design_file.encode(design_file.stored(found)))


DOCUMENTS = [hand_written(n, nested) for n in EVERY for nested in (False, True)] + [stored()] * 8

numbers = st.one_of(
    st.integers(-(10**40), 10**40),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([0, -0.0, 1e308, -1e308, 5e-324, 2**63, 2**64, 1e-30, 1e15, 1e16]),
)
quantities = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="0123456789.,±+-/% to…kmµVeERMGnpfΩ٣²", max_size=45),
    st.from_regex(r"[+-]?[0-9]{0,12}[.,RkKmMunp]?[0-9]{0,12}(e[+-]?[0-9]{0,5})? ?[a-zA-ZµΩ%]{0,4}"),
)
texts = st.one_of(
    quantities, st.sampled_from([*EVERY, "auto", "positive", "negative", "any", "good", "CCM"])
)
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=8,
)


def places(document, path=()):
    """Every place of a document, as the keys that lead there."""
    inner = ()
    if isinstance(document, dict):
        inner = document.items()
    if isinstance(document, list):
        inner = enumerate(document)
    for key, value in inner:
        yield (*path, key)
        yield from places(value, (*path, key))


@st.composite
def documents(draw):
    """A good document with some of its places changed, removed or moved."""
    document = copy.deepcopy(draw(st.sampled_from(DOCUMENTS)))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.sampled_from(list(places(document)) or [()]))
        if not at:
            return document
        holder = document
        for key in at[:-1]:
            holder = holder[key]
        match draw(st.sampled_from(["change", "change", "remove", "copy", "add"])):
            case "change":
                holder[at[-1]] = draw(json_values)
            case "remove":
                del holder[at[-1]]
            case "copy":
                document[draw(texts)] = copy.deepcopy(holder[at[-1]])
            case "add" if isinstance(holder, dict):
                holder[draw(texts)] = draw(json_values)
    return document


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("designs") / "design.json"


def check_words(error):
    """A message is one line of a length that can be read, whatever it quotes."""
    assert 0 < len(str(error)) < 1000
    assert str(error).isprintable()


def check_read(path, content, rank):
    """Read a design: its numbers are ones that can be worked with, or it is refused in words."""
    path.write_bytes(content)
    try:
        found = design_file.read(path, rank)
    except InputError as error:
        check_words(error)
        return
    topology = EVERY[found.spec.topology]
    assert found.values.keys() == {value.name for value in topology.design_values}
    assert all(0 < value < math.inf for value in found.values.values())
    assert all(0 <= value < math.inf for value in found.overrides.values())
    assert found.duty is None or 0 < found.duty < 1
    assert found.spec.vin_min <= found.spec.vin <= found.spec.vin_max


@given(documents(), st.integers(-1, 2))
def test_that_any_design_file_is_read_or_refused_in_one_sentence(path, document, rank):
    check_read(path, msgspec.json.encode(document), rank)


@given(
    st.sampled_from(DOCUMENTS),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=6),
    st.floats(0, 1),
)
def test_that_any_damaged_design_file_is_read_or_refused_in_one_sentence(
    path, document, changes, length
):
    content = bytearray(msgspec.json.encode(document))
    for share, byte in changes:
        content[int(share * (len(content) - 1))] = byte
    check_read(path, bytes(content[: int((0.5 + length) * len(content))]), 1)


@given(st.one_of(st.binary(max_size=200), st.integers(0, 10**6).map(lambda n: b"[" * n)))
def test_that_any_bytes_are_refused_in_one_sentence(path, content):
    check_read(path, content, 0)


names = st.one_of(
    texts,
    st.sampled_from(
        sorted(
            {value.name for topology in EVERY.values() for value in topology.design_values}
            | {"diode.vf", "inductor.dcr", "L1.dcr", "D1.trr", "switch.qg", "Cin", "Kps", "K1"}
        )
    ),
)


settings_typed = st.one_of(texts, st.tuples(names, texts).map("=".join))


@given(st.sampled_from(list(EVERY.values())), st.lists(settings_typed, max_size=4))
def test_that_any_assignments_are_read_or_refused_in_one_sentence(topology, typed):
    try:
        found = parse_assignments(typed, topology, "--set")
    except InputError as error:
        check_words(error)
        return
    assert isinstance(found, Assignments)
    assert all(0 < value < math.inf for value in found.values.values())
    assert all(0 <= value < math.inf for value in found.overrides.values())


@given(quantities, st.sampled_from(UNITS))
def test_that_any_quantity_is_a_finite_magnitude_or_refused(text, unit):
    try:
        value = parse_quantity(text, unit, "the field")
    except InputError as error:
        assert "the field" in str(error)
        check_words(error)
        return
    assert 0 <= value < math.inf


@given(quantities, st.sampled_from(UNITS))
def test_that_any_range_is_in_order_or_refused(text, unit):
    try:
        low, nominal, high = parse_range(text, unit, "the field")
    except InputError as error:
        assert "the field" in str(error)
        check_words(error)
        return
    assert 0 <= low <= nominal <= high < math.inf


@given(quantities)
def test_that_any_fraction_is_finite_or_refused(text):
    try:
        value = parse_fraction(text, "the field")
    except InputError as error:
        assert "the field" in str(error)
        check_words(error)
        return
    assert 0 <= value < math.inf
