"""``arcs loop`` as its user meets it."""

import json

import msgspec
import pytest

from arcs_engine import cli
from arcs_engine.cli.commands.loop import DesignLoop

VALUES = {"L1": "22u", "Cout": "47u", "Cout_esr": "10m", "Q1_rds_on": "20m"}
BUCK = {
    "topology": "buck", "vin": 12, "vin_min": 9, "vin_max": 16, "vout": 5, "iout": 2,
    "fsw": "300k", "values": VALUES,
}  # fmt: skip


@pytest.fixture
def arcs(capsys):
    def run(*arguments):
        code = cli.main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def buck(tmp_path):
    path = tmp_path / "buck.json"
    path.write_text(json.dumps(BUCK))
    return path


def test_that_the_loop_of_a_proposed_design_is_shown(arcs, tmp_path):
    file = tmp_path / "shortlist.json"
    spec = ["--vin", "10..14", "--vout", "5", "--iout", "2", "--fsw", "300k"]
    code, _, _ = arcs("design", "--topology", "buck", *spec, "--count", "1", "-o", file)
    assert code == 0
    code, out, err = arcs("loop", file, "--rank", "0")
    assert code == 0, err
    assert out.startswith("buck, L1 ")
    assert "voltage mode, ramp of 1 V; type III compensator with an op amp" in out
    assert "14 V, full load, least Cout" in out
    assert "Worst corner: " in out


def test_that_json_holds_everything_and_can_be_read_again(arcs, buck):
    code, out, _ = arcs("loop", buck, "--control", "current", "--json")
    found = msgspec.json.decode(out, type=DesignLoop)
    assert code == 0
    assert found.loop.modulator.method == "current"
    assert found.loop.holds
    assert len(found.loop.corners) == 12
    assert found.values["L1"] == 22e-6


def test_that_parts_and_design_values_can_be_set(arcs, buck):
    code, out, _ = arcs("loop", buck, "--set", "R1=20k", "--set", "L1=33u", "--crossover", "15k")
    assert code == 0
    assert "L1 33 µH" in out
    assert "R1      20 kΩ" in out


def test_that_why_shows_the_calculation(arcs, buck):
    code, out, _ = arcs("loop", buck, "--control", "voltage", "--crossover", "15k", "--why")
    assert code == 0
    assert "K factor: K = tan(boost / 4 + 45°)²" in out


def test_that_a_loop_that_fails_is_shown_and_exit_1_with_each_reason(arcs, buck):
    """ST's parts at another buck: fast, with little margin."""
    parts = ["R1=4.99k", "Rlower=953", "R3=220", "C3=3.3n", "R2=33k", "C1=10n", "C2=180p"]
    settings = [text for part in parts for text in ("--set", part)]
    code, out, err = arcs("loop", buck, "--compensator", "op_amp_type_three", *settings)
    assert code == 1
    assert "Worst corner: " in out
    lines = err.splitlines()
    assert lines[0] == "arcs: The loop does not hold its limits."
    assert len(lines) > 1
    assert all(line.startswith("arcs: At ") and line.endswith(".") for line in lines[1:])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--compensator", "pid"], "There is no compensator 'pid'"),
        (["--set", "R9=1k"], "has no 'R9'"),
        (["--set", "R2"], "is not NAME=VALUE"),
        (["--set", "R2=1kHz"], "--set R2"),
        (["--crossover", "fast"], "--crossover"),
        (["--ramp", "1", "--sense", "0.1"], "give those of one method"),
        (["--set", "RLED=1k"], "There is no part 'RLED'"),
    ],
)
def test_that_what_cannot_be_is_one_sentence_and_exit_2(arcs, buck, arguments, words):
    code, out, err = arcs("loop", buck, *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1


def test_that_a_given_duty_is_left_for_regulation(arcs, tmp_path):
    path = tmp_path / "fixed.json"
    path.write_text(json.dumps(BUCK | {"duty": 0.42}))
    code, out, _ = arcs("loop", path, "--crossover", "15k", "--json")
    assert code == 0
    assert json.loads(out)["loop"]["holds"]
