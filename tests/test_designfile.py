import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.analysis import design_file
from arcs_engine.circuits.spec import HIGHEST_WEIGHT, Spec
from arcs_engine.foundation.errors import FileError, InputError
from arcs_engine.performance.candidate import Candidate, Shortlist, Timing

VALUES = {"L1": 22e-6, "Cout": 47e-6, "Cout_esr": 10e-3, "Q1_rds_on": 20e-3}
FLAT = {"topology": "buck", "vin": 12, "vout": 5, "iout": 2, "fsw": 300e3, "values": VALUES}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "design.json"


def shortlist():
    spec = Spec(vin=12, vin_min=9, vin_max=15, vout=5, iout=2, fsw=300e3)
    candidates = [
        Candidate(
            rank=rank,
            topology="buck",
            values={**VALUES, "L1": (10 + rank) * 1e-6},
            duty=0.4,
            mode="CCM",
            metrics=None,
            cost=1.0,
            reward=8.0,
            meets_spec=True,
        )
        for rank in range(3)
    ]
    timing = Timing(sample=0, solve=0, verify=0, total=0)
    return Shortlist(
        spec=spec,
        textbook=candidates[0],
        candidates=tuple(candidates[1:]),
        timing=timing,
        model=None,
        seed=0,
    )


def changed(**entries):
    return {key: value for key, value in {**FLAT, **entries}.items() if value is not ...}


def test_that_a_stored_shortlist_gives_back_each_of_its_designs(path):
    found = shortlist()
    design_file.write(path, design_file.encode(design_file.stored(found)))
    for rank in range(3):
        design = design_file.read(path, rank)
        assert design.values["L1"] == (10 + rank) * 1e-6
        assert design.spec.topology == "buck"
        assert design.spec.vin_min == 9


def test_that_a_stored_shortlist_says_its_version(path):
    assert json.loads(design_file.encode(design_file.stored(shortlist())))["version"] == 1


def test_that_a_rank_that_is_not_there_is_named_with_those_that_are(path):
    design_file.write(path, design_file.encode(design_file.stored(shortlist())))
    with pytest.raises(FileError, match=r"no candidate of rank 9; it has 0, 1, 2"):
        design_file.read(path, 9)


def test_that_flat_and_nested_specs_mean_the_same(path):
    path.write_text(json.dumps(FLAT))
    flat = design_file.read(path)
    spec = {key: FLAT[key] for key in ("vin", "vout", "iout", "fsw")}
    path.write_text(json.dumps({"topology": "buck", "spec": spec, "values": VALUES}))
    assert design_file.read(path) == flat


def test_that_texts_with_prefixes_are_numbers_too(path):
    values = {"L1": "22u", "Cout": "47 µF", "Cout_esr": "10m", "Q1_rds_on": "20 mΩ"}
    path.write_text(json.dumps(changed(fsw="300k", ripple="1%", values=values)))
    design = design_file.read(path)
    assert design.values == VALUES
    assert design.spec.fsw == 300e3
    assert design.spec.ripple == 0.01


def test_that_a_ripple_in_volts_is_a_share_of_vout(path):
    path.write_text(json.dumps(changed(ripple="50 mV", vout="5 V")))
    assert design_file.read(path).spec.ripple == pytest.approx(0.01)


@pytest.mark.parametrize(
    ("entry", "given", "read_as"),
    [
        ("load_step", "25%..75%", (0.25, 0.75)),
        ("load_step", "0.5..2 A", (0.25, 1)),
        ("load_step", [0.1, 1], (0.1, 1)),
        ("deviation", "100 mV", 0.02),
        ("deviation", 0.03, 0.03),
        ("deviation", "none", None),
        ("deviation", None, None),
        ("ambient", "55 °C", 55),
        ("ambient", -20, -20),
        ("ripple_current", 1.5, 1.5),
        ("ripple_current", "none", "none"),
        ("longest_duty", "45%", 0.45),
        ("longest_duty", "custom", "custom"),
    ],
)
def test_that_how_a_design_is_judged_is_read_as_text_and_as_it_is_stored(
    path, entry, given, read_as
):
    path.write_text(json.dumps(changed(**{entry: given})))
    got = getattr(design_file.read(path).spec, entry)
    assert got == (read_as if isinstance(read_as, str | None) else pytest.approx(read_as))


def test_that_a_file_without_the_load_step_asks_what_a_spec_asks_by_default(path):
    path.write_text(json.dumps(FLAT))
    spec = design_file.read(path).spec
    assert (spec.load_step, spec.deviation, spec.ambient) == ((0.5, 1.0), 0.05, 40)
    assert (spec.ripple_current, spec.longest_duty, spec.weight) == ("custom", "custom", 0.6)


def test_that_a_shortlist_from_before_the_load_step_is_read_with_the_defaults(path):
    content = json.loads(design_file.encode(design_file.stored(shortlist())))
    for name in ("load_step", "deviation", "ambient", "ripple_current", "longest_duty"):
        del content["spec"][name]
    content["spec"]["weight"] = 1
    path.write_text(json.dumps(content))
    spec = design_file.read(path).spec
    assert (spec.load_step, spec.deviation) == ((0.5, 1.0), 0.05)
    assert spec.weight == HIGHEST_WEIGHT
    content["spec"]["settling"] = 1e-3
    path.write_text(json.dumps(content))
    with pytest.raises(FileError, match="settling"):
        design_file.read(path)


def test_that_a_load_resistance_stands_for_the_output_current(path):
    path.write_text(json.dumps(changed(iout=..., rload=2.5)))
    assert design_file.read(path).spec.iout == 2.0


def test_that_duty_and_overrides_are_read(path):
    overrides = {"diode.vf": 0.4, "L1.dcr": "5m"}
    path.write_text(json.dumps(changed(duty=0.42, overrides=overrides)))
    design = design_file.read(path)
    assert design.duty == 0.42
    assert design.overrides == {"D1.vf": 0.4, "L1.dcr": 5e-3}


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ({"topology": ...}, "topology"),
        ({"topology": "bock"}, "no topology 'bock'"),
        ({"vin": ...}, "'vin' is missing"),
        ({"iout": ...}, "'iout' in ampere or 'rload'"),
        ({"vin": True}, "'vin' must be a number"),
        ({"vin": [12]}, "'vin' must be a number"),
        ({"vin": "12 A"}, "not a quantity in V"),
        ({"vin": -12}, "negative"),
        ({"vin": 0}, "above zero"),
        ({"fsw": 1}, "fsw is 1 Hz"),
        ({"vout": 1e300}, "vout"),
        ({"duty": 1.2}, "duty"),
        ({"duty": 0}, "duty"),
        ({"values": {**VALUES, "L1": ...}}, "L1"),
        ({"values": []}, "'values' must be an object"),
        ({"values": {"L1": 1e-6}}, "Cout, Cout_esr, Q1_rds_on missing"),
        ({"values": {**VALUES, "L2": 1e-6}}, "has no 'L2'"),
        ({"values": {**VALUES, "L1": 0}}, "above zero"),
        ({"overrides": {"Q7.vf": 1}}, "has no 'Q7.vf'"),
        ({"colour": 1}, "no entry 'colour'"),
        ({"load_step": [0.5]}, "'load_step' must be two shares of the full load"),
        ({"load_step": 0.5}, "'load_step' must be two shares of the full load"),
        ({"load_step": [1, 0.5]}, "load_step is 100 % to 50 %"),
        ({"load_step": "x"}, "load_step: 'x' is not a step"),
        ({"deviation": [1]}, "'deviation' must be a fraction of vout"),
        ({"ambient": None}, "'ambient' must be a temperature in °C"),
        ({"longest_duty": True}, "'longest_duty' must be a fraction"),
        ({"weight": 1}, "weight is 1; it must lie between 0 and 0.95"),
        ({"spec": 3}, "'spec' must be an object"),
        ({"polarity": "up"}, "polarity"),
    ],
)
def test_that_wrong_entries_are_named_in_one_sentence_with_the_file(path, entries, reason):
    content = changed(**entries)
    if isinstance(content.get("values"), dict):
        content["values"] = {k: v for k, v in content["values"].items() if v is not ...}
    path.write_text(json.dumps(content))
    with pytest.raises(InputError) as caught:
        design_file.read(path)
    assert reason in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"12",
        b"\xff\xfe",
        b"\x00" * 100,
        b'{"vin": NaN}',
        b'{"a":' * 100_000,
        b"[" * 100_000,
        b'{"candidates": 3}',
        b'{"candidates": [], "version": 1}',
        b'{"candidates": [], "version": 99}',
        b'{"candidates": [], "version": "1; shell"}',
    ],
)
def test_that_what_is_no_design_file_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(FileError) as caught:
        design_file.read(path)
    assert str(path) in str(caught.value)


def test_that_a_truncated_shortlist_is_refused_at_every_length(path):
    whole = design_file.encode(design_file.stored(shortlist()))
    for length in range(0, len(whole) - 2, 97):
        path.write_bytes(whole[:length])
        with pytest.raises(FileError):
            design_file.read(path)


def test_that_a_huge_file_is_refused_without_being_understood(path):
    path.write_bytes(b" " * 8_000_001)
    with pytest.raises(FileError, match="too large"):
        design_file.read(path)


def test_that_a_stored_value_that_cannot_be_built_is_refused(path):
    content = json.loads(design_file.encode(design_file.stored(shortlist())))
    content["candidates"][0]["values"]["L1"] = -1.0
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="negative"):
        design_file.read(path, 1)


@pytest.mark.parametrize("duty", [0.0, 1.0, -0.2, 1.5])
def test_that_a_stored_duty_that_no_switch_has_is_refused(path, duty):
    content = json.loads(design_file.encode(design_file.stored(shortlist())))
    content["candidates"][0]["given_duty"] = duty
    path.write_text(json.dumps(content))
    with pytest.raises(InputError, match="given_duty"):
        design_file.read(path, 1)


def test_that_a_stored_duty_is_given_back(path):
    content = json.loads(design_file.encode(design_file.stored(shortlist())))
    content["candidates"][0]["given_duty"] = 0.42
    path.write_text(json.dumps(content))
    assert design_file.read(path, 1).duty == 0.42


def test_that_a_stored_spec_that_cannot_be_is_damage_told_with_the_file(path):
    content = json.loads(design_file.encode(design_file.stored(shortlist())))
    content["spec"]["vin"] = -12.0
    path.write_text(json.dumps(content))
    with pytest.raises(FileError, match="is damaged") as caught:
        design_file.read(path, 1)
    assert str(path) in str(caught.value)


def test_that_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(FileError, match="no such file"):
        design_file.read(tmp_path / "none.json")
    with pytest.raises(FileError, match="is a directory"):
        design_file.read(tmp_path)


def test_that_a_write_into_what_is_no_folder_is_one_sentence(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("kept")
    with pytest.raises(FileError, match="cannot be written"):
        design_file.write(blocked / "design.json", b"{}")
    assert blocked.read_text() == "kept"
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]


json_values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False) | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)


@settings(max_examples=60)
@given(key=st.sampled_from([*FLAT, "spec", "duty", "overrides", "candidates"]), value=json_values)
def test_that_any_json_in_any_place_is_read_or_refused_with_a_sentence(
    tmp_path_factory, key, value
):
    path = tmp_path_factory.mktemp("designs") / "design.json"
    path.write_bytes(msgspec.json.encode({**FLAT, key: value}))
    try:
        design_file.read(path)
    except InputError as error:
        assert str(error)
