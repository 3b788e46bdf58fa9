"""A design whose duty is given is one operating point, whoever is asked about it."""

import csv
import io
import json
import re
from pathlib import Path

import msgspec
import pytest
from converters import evaluated, ordinary_spec, textbook_values

from arcs_engine import cli
from arcs_engine.analysis import design_file, exports
from arcs_engine.analysis.verification import verify
from arcs_engine.circuits.circuit import Inductor
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS
from arcs_engine.performance.candidate import Shortlist, Timing
from arcs_engine.performance.design import Design
from arcs_engine.performance.metrics import figure
from arcs_engine.performance.operating_point import operating_state
from arcs_engine.performance.parts_list import parts_of

GIVEN = Path(__file__).parents[1] / "data" / "boost-given-duty.json"
"""A boost of 12 to 24 V with a duty of 0.75: it gives 42.8 V, Q1 stands 43.8 V, L1 7.56 A."""

EVERY = REGISTRY | VARIANTS


@pytest.fixture(params=list(EVERY.values()), ids=list(EVERY))
def circuit(request):
    return request.param


@pytest.fixture
def design(circuit):
    """A design with a part of its own, at a duty that does not give its output."""
    base = REGISTRY[circuit.family]
    spec = msgspec.structs.replace(ordinary_spec(base), topology=circuit.name)
    values = textbook_values(circuit, spec)
    regulated = evaluated(spec, circuit, values).duty
    resistance = circuit.circuit.of_type(Inductor)[0].resistance
    return Design(spec, values, duty=0.8 * regulated, overrides={resistance: 0.05})


@pytest.fixture
def judged(design, circuit):
    found = evaluated(
        design.spec, circuit, design.values, overrides=design.overrides, duty=design.duty
    )
    assert found.metrics.vout_error > 0.05
    return found


@pytest.fixture
def arcs(capsys):
    def run(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        return code, capsys.readouterr().out

    return run


def stresses(parts):
    """Return what parts must stand, under the names of the metrics."""
    return {(p.name, quantity): s for p in parts for quantity, s in p.stress.items()}


def test_that_the_parts_are_rated_for_the_point_that_was_judged(design, judged):
    listed = stresses(parts_of(design))
    wanted = {(n.partition(" ")[0], s.quantity): s for n, s in judged.metrics.stress.items()}
    assert listed == wanted


def test_that_the_bill_of_materials_buys_the_parts_of_the_duty(design, judged):
    rows = {
        row["part"]: row for row in csv.DictReader(io.StringIO(exports.bill_of_materials(design)))
    }
    for name, stress in judged.metrics.stress.items():
        rating = f"{stress.quantity} {figure('stress').text(stress)}"
        assert rating in rows[name.partition(" ")[0]]["ratings"].split("; ")


def test_that_waveforms_and_deck_are_of_the_duty(design, judged):
    state = operating_state(design)
    assert state.duty == design.duty
    assert operating_state(Design.of(design.spec, judged)).state == state.state
    pulse = re.search(r"Vgate.*PULSE\(([^)]*)\)", exports.deck(design)).group(1).split()
    width, period = (float(number) for number in pulse[5:7])
    edge = float(pulse[3])
    assert (width + edge) / period == pytest.approx(design.duty, abs=0.01)


def test_that_ngspice_simulates_the_point_that_was_judged(ngspice, design, judged):
    said, _ = verify(design.spec, judged)
    assert said.steady
    assert said.vout == pytest.approx(judged.metrics.vout, rel=0.01)


def test_that_a_candidate_says_with_which_parts_and_duty_it_was_judged(design, judged):
    assert judged.given_duty == judged.duty == design.duty
    assert judged.overrides == design.overrides
    again = Design.of(design.spec, judged)
    assert (again.values, again.duty, again.overrides) == (
        design.values,
        design.duty,
        design.overrides,
    )


def test_that_a_stored_candidate_keeps_its_parts_and_its_duty(design, judged, tmp_path):
    timing = Timing(sample=0, solve=0, verify=0, total=0)
    stored = Shortlist(
        spec=design.spec, textbook=judged, candidates=(), timing=timing, model=None, seed=0
    )
    path = tmp_path / "shortlist.json"
    design_file.write(path, design_file.encode(design_file.stored(stored)))
    again = design_file.read(path, judged.rank)
    assert (again.duty, again.overrides) == (design.duty, design.overrides)
    assert stresses(parts_of(again)) == stresses(parts_of(design))


@pytest.mark.parametrize("regulated_file", [False, True], ids=["file", "--duty"])
def test_that_the_command_line_gives_one_answer_on_a_given_duty(arcs, tmp_path, regulated_file):
    content, path, options = json.loads(GIVEN.read_text()), tmp_path / "boost.json", []
    if regulated_file:
        options = ["--duty", content.pop("duty")]
    path.write_text(json.dumps(content))
    answer = json.loads(arcs("simulate", path, *options, "--json")[1])
    assert answer["metrics"]["stress"]["Q1"]["value"] == pytest.approx(43.8, abs=0.1)
    listed = {part["name"]: part["stress"] for part in answer["parts"]}
    assert listed["Q1"]["voltage"] == answer["metrics"]["stress"]["Q1"]
    assert listed["L1"]["peak current"]["value"] == pytest.approx(7.56, abs=0.01)
    text = arcs("simulate", path, *options, "--parts")[1]
    assert {line for line in text.splitlines() if " V of 40 V" in line} == set()
    assert len(re.findall(r"43\.8 V of 60 V", text)) == 2


def test_that_the_bill_of_a_file_is_of_its_duty(arcs):
    bill = arcs("export", GIVEN, "--format", "bom")[1]
    assert "voltage 43.8 V of 60 V" in bill
    assert "peak current 7.56 A of 15 A" in bill


ANALYSES = (
    ["corners"],
    ["map", "--inputs", "2", "--loads", "2"],
    ["sweep", "L1", "--from", "30u", "--to", "60u", "--count", "2"],
    ["sweep", "vin", "--from", "11", "--to", "13", "--count", "2"],
    ["monte-carlo", "--samples", "3"],
)


@pytest.mark.parametrize("analysis", ANALYSES, ids=lambda each: " ".join(each[:2]))
def test_that_an_analysis_says_that_it_regulates_in_spite_of_a_given_duty(arcs, analysis, tmp_path):
    name, *rest = analysis
    own = tmp_path / "regulated.json"
    own.write_text(
        json.dumps({k: v for k, v in json.loads(GIVEN.read_text()).items() if k != "duty"})
    )
    said = "The given duty of 75.0 % is not kept here: analyses regulate the output at every point."
    for path, notes in ((GIVEN, [said]), (own, [])):
        arguments = ("analyse", name, path, *rest)
        assert json.loads(arcs(*arguments, "--json")[1])["notes"] == notes
        assert (said in arcs(*arguments)[1]) == bool(notes)
