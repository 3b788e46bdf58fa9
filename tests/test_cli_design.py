"""From a spec to files, with the shipped model."""

import json
import re
import xml.etree.ElementTree as ET

import pytest

from arcs_engine import cli
from arcs_engine.learning.model_evaluation.auto import AutoReport, AutoTrial

BUCK = ["design", "--topology", "buck", "--vin", "12", "--vout", "5", "--iout", "2"]
SPEC = [*BUCK, "--fsw", "300k", "--ripple", "1%"]


@pytest.fixture
def arcs(capsys):
    def run(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def stored(tmp_path, arcs):
    path = tmp_path / "buck.json"
    assert arcs(*SPEC, "--count", 3, "-o", path)[0] == 0
    return path


def test_that_design_prints_one_document_with_ranked_candidates_and_the_textbook(arcs):
    code, out, _ = arcs(*SPEC, "--count", 8, "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["textbook"]["rank"] == 0
    assert [c["rank"] for c in answer["candidates"]] == list(range(1, 9))
    costs = [c["cost"] for c in answer["candidates"]]
    assert costs == sorted(costs)
    for candidate in answer["candidates"]:
        assert candidate["values"].keys() == {"L1", "Cout", "Cout_esr", "Q1_rds_on"}
        assert 0 < candidate["metrics"]["efficiency"] < 1
    assert answer["model"]["parameters"] > 0
    assert {"sample", "solve", "verify", "total"} <= answer["timing"].keys()


def test_that_verify_lets_ngspice_confirm_every_candidate(arcs):
    answer = json.loads(arcs(*SPEC, "--count", 2, "--verify", "--json")[1])
    for candidate in answer["candidates"]:
        assert candidate["ngspice"]["confirmed"], candidate["ngspice"]["reasons"]


def test_that_verify_without_ngspice_is_one_sentence_before_any_work(arcs, monkeypatch):
    monkeypatch.setenv("ARCS_NGSPICE", "/nonexistent")
    code, out, err = arcs(*SPEC, "--verify", "--json")
    assert (code, out) == (1, "")
    assert err.count("\n") == 1


def test_that_a_seed_repeats_the_shortlist_and_another_may_differ(arcs):
    def designs(seed):
        answer = json.loads(arcs(*SPEC, "--count", 4, "--seed", seed, "--json")[1])
        return [candidate["values"] for candidate in answer["candidates"]]

    assert designs(7) == designs(7)


def test_that_a_locked_value_is_in_every_candidate(arcs):
    answer = json.loads(arcs(*SPEC, "--count", 3, "--lock", "L1=22u", "--json")[1])
    assert {candidate["values"]["L1"] for candidate in answer["candidates"]} == {22e-6}


def test_that_an_inverted_output_is_negative_and_entered_as_a_magnitude(arcs):
    spec = [
        "--vin",
        "12",
        "--vout",
        "9",
        "--iout",
        "0.5",
        "--fsw",
        "100k",
        "--polarity",
        "negative",
    ]
    answer = json.loads(
        arcs("design", "--topology", "buck_boost", *spec, "--count", 2, "--json")[1]
    )
    assert answer["candidates"][0]["metrics"]["vout"] == pytest.approx(-9, rel=0.01)


def test_that_no_model_is_one_sentence_and_exit_1(arcs, tmp_path, monkeypatch):
    monkeypatch.setenv("ARCS_RESOURCES", str(tmp_path))
    code, out, err = arcs(*SPEC, "--json")
    assert (code, out) == (1, "")
    assert "model" in err.splitlines()[-1]
    assert "Traceback" not in err


OTHER_OBJECTIVE = (
    "the model tiny was trained for another objective; the designs come from a search instead."
)
"""What is said of the shipped model until it is trained for this objective."""

WITHOUT_GUARDS = ["--deviation", "none", "--ripple-current", "none"]
WISHFUL = [*SPEC, "--count", 2, *WITHOUT_GUARDS, "--efficiency", "93%"]
"""More than a diode allows, less than a second switch does; nothing else is in the way."""


def test_that_a_list_that_fails_says_why_and_what_would_help_and_ends_with_exit_1(arcs):
    code, out, err = arcs(*WISHFUL)
    assert code == 1
    rows = out.splitlines()[1:4]
    assert all(row.endswith("—     fails the spec") for row in rows)
    told = [line.removeprefix("arcs: ") for line in err.splitlines() if line.startswith("arcs: ")]
    assert told[0] == OTHER_OBJECTIVE
    assert told[1] == "No candidate meets the spec."
    for name in ("textbook", "1", "2"):
        (reason,) = (line for line in told if name in line.partition(":")[0].split(", "))
        found = re.search(r"estimated efficiency is ([\d.]+)%, below the wished 93.0%", reason)
        assert found is not None
        assert 88 < float(found[1]) < 93
    assert any(line.startswith("The synchronous buck meets the spec, at an") for line in told)
    assert any(line.startswith("Without the wish for 93.0 % the buck meets") for line in told)


def test_that_a_list_that_fails_is_complete_as_json_and_in_its_file(arcs, tmp_path):
    path = tmp_path / "failing.json"
    code, out, err = arcs(*WISHFUL, "--json", "-o", path)
    assert code == 1
    answer = json.loads(out)
    assert json.loads(path.read_text()) == answer
    assert [c["meets_spec"] for c in answer["candidates"]] == [False, False]
    assert {c["cost"] for c in answer["candidates"]} == {3.0}
    assert answer["candidates"][0]["reasons"][0] in err


def test_that_a_list_with_one_design_that_meets_the_spec_is_a_success(arcs):
    code, _, err = arcs(*SPEC, "--count", 2)
    assert code == 0
    assert [line for line in err.splitlines() if line.startswith("arcs: ")] == [
        f"arcs: {OTHER_OBJECTIVE}"
    ]


def test_that_a_textbook_design_without_the_locks_saves_no_list(arcs):
    """The textbook design keeps no lock: that it meets the spec is no answer to what was asked."""
    locks = ("--lock", "Cout=1u", "--lock", "Cout_esr=1m")
    code, _, err = arcs(*SPEC, "--count", 2, *locks)
    assert code == 1
    assert "arcs: Without locks on Cout, Cout_esr the spec is met, at" in err


def test_that_a_forbidden_spec_is_one_sentence_before_any_search(arcs, tmp_path, monkeypatch):
    monkeypatch.setenv("ARCS_RESOURCES", str(tmp_path))  # a search would miss the model
    spec = ("--vin", "24", "--vout", "900", "--iout", "0.25", "--fsw", "100k")
    for name in ("boost", "auto"):
        code, out, err = arcs("design", "--topology", name, *spec, "-o", tmp_path / "none.json")
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "Cout must stand at least 900 V" in err
        assert "1000 V allows 800 V" in err
        assert "lower output voltage" in err
        assert not (tmp_path / "none.json").exists()


def test_that_a_frequency_outside_the_training_is_warned_of_on_stderr(arcs):
    arguments = [*BUCK, "--fsw", "1.2M", "--count", 1, "--json"]
    code, out, err = arcs(*arguments)
    assert code == 0
    json.loads(out)
    assert "outside the 50 kHz to 500 kHz" in err


def test_that_the_human_answer_is_a_table_with_the_textbook_first(arcs):
    out = arcs(*SPEC, "--count", 2)[1]
    lines = out.splitlines()
    assert lines[0].startswith("rank")
    assert lines[1].startswith("textbook")
    assert lines[2].startswith("1 ")


def test_that_explain_shows_the_steps_of_the_textbook_design(arcs):
    code, out, _ = arcs(*SPEC, "--count", 1, "--explain")
    steps = out.split("step by step:\n")[1].splitlines()
    assert code == 0
    assert steps[0].startswith("duty at the highest input: Dhigh = Vout / Vin_max = 5 V / 12 V")
    for value in ("L1", "Cout", "ESR", "Rds(on)"):
        assert any(f": {value} = " in line for line in steps)


def test_that_a_stored_candidate_simulates_to_the_figures_it_was_stored_with(arcs, stored):
    candidate = json.loads(stored.read_text())["candidates"][1]
    again = json.loads(arcs("simulate", stored, "--rank", 2, "--json")[1])
    assert again["values"] == candidate["values"]
    for figure in ("vout", "ripple", "efficiency", "energy"):
        assert again["metrics"][figure] == pytest.approx(candidate["metrics"][figure], rel=1e-9)


def test_that_a_stored_candidate_is_exported_by_its_rank(arcs, stored):
    decks = {rank: arcs("export", stored, "--rank", rank)[1] for rank in (0, 1)}
    assert decks[0].startswith("* ")
    assert decks[0] != decks[1]
    assert arcs("export", stored, "--rank", 9)[0] == 2


def test_that_the_example_leaves_every_file_of_the_main_job(arcs, tmp_path):
    folder = tmp_path / "results"
    code, out, _ = arcs("example", "-o", folder, "--json")
    report = json.loads(out)
    assert code == 0
    assert {path.name for path in folder.iterdir()} == report["files"].keys()
    shortlist = json.loads((folder / "shortlist.json").read_text())
    assert shortlist["candidates"][0]["ngspice"]["confirmed"]
    ET.fromstring((folder / "schematic.svg").read_text())
    ET.fromstring((folder / "waveforms.svg").read_text())
    assert (folder / "waveforms.csv").read_text().startswith("time,")
    assert ".tran" in (folder / "netlist.cir").read_text()


def test_that_the_example_needs_no_option(arcs, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, out, _ = arcs("example")
    assert code == 0
    assert (tmp_path / "arcs-output").is_dir()
    assert "The results are in" in out


def test_that_the_example_works_without_ngspice(arcs, tmp_path, monkeypatch):
    monkeypatch.setenv("ARCS_NGSPICE", "/nonexistent")
    code, out, _ = arcs("example", "-o", tmp_path / "results")
    assert code == 0
    assert "not confirmed by ngspice" in out


def test_that_the_example_into_what_is_no_folder_is_one_sentence_and_exit_2(arcs, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    code, out, err = arcs("example", "-o", blocked / "results")
    assert (code, out) == (2, "")
    assert "cannot be made" in err


def test_that_evaluate_guides_the_model_as_told(arcs, tmp_path):
    spec = {"topology": "buck", "vin": 12, "vin_min": 10, "vin_max": 14, "vout": 5, "iout": 2}
    specs = tmp_path / "specs.json"
    specs.write_text(json.dumps([spec | {"fsw": 3e5, "ripple": 0.01}]))
    asked = ("evaluate", "--specs", specs, "--best-of", 2, "--json")
    used = []
    for option in ([], ["--guidance", "0,0.5"]):
        code, out, _ = arcs(*asked, *option)
        assert code == 0
        used.append(json.loads(out)["model"]["guidance"])
    assert used[0]["likeliest"] > 0
    assert used[1] == {"likeliest": 0, "drawn": 0.5}


def test_that_evaluate_takes_the_first_specs_of_each_topology(arcs, tmp_path):
    spec = {"vin": 12, "vin_min": 11, "vin_max": 13, "vout": 5, "iout": 1, "fsw": 3e5}
    names = ("buck", "buck", "buck", "sepic")
    entries = [spec | {"id": str(k), "topology": name} for k, name in enumerate(names)]
    specs = tmp_path / "specs.json"
    specs.write_text(json.dumps(entries))
    code, out, err = arcs("evaluate", "--specs", specs, "--count", 2, "--best-of", 2, "--json")
    assert code == 0
    assert "arcs: the model tiny was trained for another objective than it is judged by." in err
    row = json.loads(out)["rows"][0]
    assert {t: f["attempts"] for t, f in row["per_topology"].items()} == {"buck": 2, "sepic": 1}


def test_that_auto_of_a_model_of_another_objective_is_said_to_be_a_search(arcs, monkeypatch):
    nothing = AutoReport(specs=0, right=1.0, mean_regret=0.0, choices=(), seed=0)
    monkeypatch.setattr(AutoTrial, "judge", lambda _trial, _control: nothing)
    code, _, err = arcs("evaluate", "--auto", 1)
    assert code == 0
    assert (
        "arcs: the model tiny was trained for another objective; auto chooses among designs of a "
        "search instead."
    ) in err


@pytest.mark.parametrize("text", ["2", "a,0", "-1,0", "nan,0", "1,inf", "1,2,3"])
def test_that_evaluate_refuses_what_is_no_pair_of_strengths(arcs, text):
    code, out, err = arcs("evaluate", f"--guidance={text}")
    assert code != 0
    assert out == ""
    assert f"--guidance is '{text}'; it takes two numbers of at least 0" in err
