"""``arcs simulate --transient --closed-loop``."""

import json

import pytest

from arcs_engine import cli

DESIGN = {
    "topology": "buck",
    "vin": 12,
    "vin_min": 9,
    "vin_max": 15,
    "vout": 5,
    "iout": 2,
    "fsw": "300k",
    "values": {"L1": "22u", "Cout": "100u", "Cout_esr": "10m", "Q1_rds_on": "20m"},
}


@pytest.fixture
def simulate(capsys, tmp_path):
    path = tmp_path / "buck.json"
    path.write_text(json.dumps(DESIGN))

    def run(*arguments):
        code = cli.main(["simulate", str(path), *(str(each) for each in arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_that_a_load_step_says_how_far_the_output_strays(simulate):
    code, out, _ = simulate("--transient", "load-step", "--closed-loop", "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["note"] == "closed loop"
    assert answer["control"] == "voltage"
    assert answer["compensator"] == "op_amp_type_three"
    assert 0.01 < answer["figures"]["deviation"] < 0.2
    assert answer["ngspice"] is None


def test_that_a_lower_crossover_strays_further(simulate):
    asked = ("--transient", "load-step", "--closed-loop", "--json")
    careful, slow = (json.loads(simulate(*asked, *more)[1]) for more in ((), ("--crossover", "8k")))
    assert slow["crossover"] == 8e3
    assert slow["figures"]["deviation"] > 2 * careful["figures"]["deviation"]


def test_that_ngspice_proves_it_on_request(simulate):
    code, out, _ = simulate("--transient", "line-step", "--closed-loop", "--engine", "ngspice")
    assert code == 0
    assert "ngspice agrees" in out


@pytest.mark.parametrize("ending", [".svg", ".csv", ".cir", ".net"])
def test_that_a_run_is_written_in_every_form(simulate, tmp_path, ending):
    path = tmp_path / f"run{ending}"
    code, _, _ = simulate("--transient", "start-up", "--closed-loop", "-o", path)
    assert code == 0
    expected = {".svg": "<svg", ".csv": "time", ".cir": "Btrip_ctl", ".net": "plotwinsize"}[ending]
    assert expected in path.read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--closed-loop"], "--closed-loop means nothing without --transient"),
        (["--transient", "load-step", "--crossover", "10k"], "--crossover means nothing"),
        (
            ["--transient", "start-up", "--closed-loop", "--ramp", "1m"],
            "--ramp means nothing with --closed-loop",
        ),
        (
            ["--transient", "load-step", "--closed-loop", "--from", "100%"],
            "needs a difference",
        ),
        (
            ["--transient", "load-step", "--closed-loop", "--crossover", "200k"],
            "half the switching frequency",
        ),
    ],
)
def test_that_what_does_not_go_together_is_refused_in_one_sentence(simulate, arguments, words):
    code, out, err = simulate(*arguments)
    assert code != 0
    assert out == ""
    assert words in err.splitlines()[-1]
