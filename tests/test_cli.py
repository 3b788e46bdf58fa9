"""The command line as its user meets it; what needs a model is in test_cli_design."""

import json
import os
import subprocess
import sys

import pytest

from arcs_engine import cli
from arcs_engine.cli.spec_options import SpecOptions
from arcs_engine.performance import warm
from arcs_engine.performance.losses import CONTROLLER
from arcs_engine.performance.metrics import FIGURES
from arcs_engine.simulation.ngspice import install_command

VALUES = {"L1": "22u", "Cout": "47u", "Cout_esr": "10m", "Q1_rds_on": "20m"}
BUCK = {"topology": "buck", "vin": 12, "vout": 5, "iout": 2, "fsw": "300k", "values": VALUES}
DESIGN = ["design", "--topology", "buck", "--vin", "12", "--vout", "5", "--iout", "2"]
SPEC = [*DESIGN, "--fsw", "300k"]


@pytest.fixture
def arcs(capsys):
    """Run a command in this process; return exit code, stdout and stderr."""

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


def replaced(option, text):
    """Return the arguments of a good design command with one option's text replaced."""
    arguments = list(SPEC)
    if option in arguments:
        arguments[arguments.index(option) + 1] = text
        return arguments
    return [*arguments, option, text]


def assert_one_sentence(err):
    lines = [line for line in err.splitlines() if line]
    assert len(lines) == 1, err
    assert lines[0].startswith("arcs: ")
    assert lines[0].endswith((".", install_command()))


@pytest.mark.parametrize(
    ("option", "text", "reason"),
    [
        ("--vin", "abc", "--vin: 'abc' is not a quantity"),
        ("--vin", "12 A", "--vin: '12 A' is not a quantity in V"),
        ("--vin", "0", "--vin is 0 V"),
        ("--vin", "-12", "--vin"),
        ("--vin", "36..9", "runs downwards"),
        ("--vin-max", "9", "--vin-max is 9 V"),
        ("--vin-min", "15", "--vin-min is 15 V"),
        ("--vout", "0", "--vout is 0 V"),
        ("--vout", "nan", "--vout: 'nan'"),
        ("--vout", "15", "Vout below Vin"),
        ("--iout", "2 V", "--iout: '2 V'"),
        ("--iout", "0", "--iout is 0 A"),
        ("--fsw", "1", "--fsw is 1 Hz; it must lie between 10 kHz and 5 MHz"),
        ("--fsw", "1G", "--fsw"),
        ("--fsw", "5m", "--fsw is 5 mHz; it must lie between 10 kHz and 5 MHz"),
        ("--ripple", "5", "write 5 %"),
        ("--ripple", "0", "--ripple is 0 %"),
        ("--ripple", "50m", "--ripple: '50m' is not a fraction"),
        ("--ripple", "50 mA", "--ripple: '50 mA' is not a fraction"),
        ("--ripple", "5 V", "--ripple is 100 %"),
        ("--efficiency", "200%", "--efficiency"),
        ("--weight", "2", "--weight"),
        ("--topology", "bock", "no topology 'bock'"),
        ("--polarity", "up", "--polarity"),
        ("--lock", "L1", "not NAME=VALUE"),
        ("--lock", "L9=22u", "--lock"),
        ("--lock", "L1=22 µF", "--lock L1"),
        ("--lock", "L1=0", "above zero"),
        ("--lock", "Cout=5f", "--lock Cout: '5f' may mean 5 fF or 5 F"),
        ("--count", "0", "--count"),
        ("--count", "many", "--count"),
        ("--seed", "-1", "--seed"),
    ],
)
def test_that_bad_input_of_design_is_one_sentence_and_exit_2(arcs, option, text, reason):
    code, out, err = arcs(*replaced(option, text), "--json")
    assert (code, out) == (2, "")
    assert reason in err
    assert_one_sentence(err)


@pytest.mark.parametrize(
    ("option", "text", "read_as"),
    [
        ("vin", "36-57", (36, 46.5, 57)),
        ("vin", "9 - 36 V", (9, 22.5, 36)),
        ("vin", "12±10%", (10.8, 12, 13.2)),
        ("ripple", "50mV", 0.01),
        ("ripple", "0.5 %", 0.005),
        ("fsw", "2.1M", 2.1e6),
        ("fsw", "2.2 MHz", 2.2e6),
        ("fsw", "5M", 5e6),
    ],
)
def test_that_the_options_of_design_read_what_engineers_type(option, text, read_as):
    typed = {"vin": "12", "vout": "5", "iout": "2", "fsw": "300k", "ripple": "1%", option: text}
    spec = SpecOptions(polarity="any", **typed).read()
    got = (spec.vin_min, spec.vin, spec.vin_max) if option == "vin" else getattr(spec, option)
    assert got == pytest.approx(read_as)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["desing"], "desing"),
        (["design", "--vin", "12"], "Missing option '--vout'"),
        ([*SPEC, "--colour", "red"], "--colour"),
        (["simulate"], "Missing argument"),
        (["simulate", "x.json", "--engine", "magic"], "magic"),
        (["export", "x.json", "--format", "docx"], "docx"),
        (["train", "--config", "huge"], "no training config 'huge'"),
    ],
)
def test_that_wrong_usage_is_one_sentence_and_exit_2(arcs, arguments, reason):
    code, out, err = arcs(*arguments)
    assert (code, out) == (2, "")
    assert reason in err
    assert_one_sentence(err)


def test_that_simulate_prints_one_json_document_with_the_figures(arcs, buck):
    code, out, _ = arcs("simulate", buck, "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["metrics"]["vout"] == pytest.approx(5, rel=1e-3)
    assert {"ripple", "inductor_ripple", "efficiency"} <= answer["metrics"].keys()
    assert answer["mode"] == "CCM"
    assert 0 < answer["duty"] < 1
    assert answer["reasons"] == []


def test_that_set_changes_values_and_parts(arcs, buck):
    first = json.loads(arcs("simulate", buck, "--json")[1])
    second = json.loads(
        arcs("simulate", buck, "--json", "--set", "L1=44u", "--set", "diode.vf=0.2")[1]
    )
    assert second["values"]["L1"] == 44e-6
    assert second["overrides"] == {"D1.vf": 0.2}
    ratio = second["metrics"]["inductor_ripple"] / first["metrics"]["inductor_ripple"]
    assert ratio == pytest.approx(0.5, rel=0.05)
    assert second["metrics"]["efficiency"] != first["metrics"]["efficiency"]


def test_that_a_given_duty_is_kept(arcs, buck):
    answer = json.loads(arcs("simulate", buck, "--json", "--duty", "25%")[1])
    assert answer["duty"] == 0.25
    assert answer["metrics"]["vout"] < 3.1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--set", "L1"], "not NAME=VALUE"),
        (["--set", "L7=1u"], "has no 'L7'"),
        (["--set", "diode.colour=1"], "has no 'diode.colour'"),
        (["--set", "L1=10 V"], "--set L1"),
        (["--set", "D1.vf=.shell"], "--set D1.vf"),
        (["--duty", "120%"], "--duty"),
        (["--duty", "x"], "--duty"),
    ],
)
def test_that_bad_settings_are_one_sentence_and_exit_2(arcs, buck, arguments, reason):
    code, out, err = arcs("simulate", buck, *arguments)
    assert (code, out) == (2, "")
    assert reason in err
    assert_one_sentence(err)


def test_that_a_design_that_reaches_no_duty_fails_with_exit_1(arcs, tmp_path):
    path = tmp_path / "steep.json"
    path.write_text(json.dumps({**BUCK, "vin": 5.05}))
    code, out, err = arcs("simulate", path, "--json")
    assert (code, out) == (1, "")
    assert_one_sentence(err)


def test_that_no_ngspice_is_one_sentence_and_exit_1(arcs, buck, monkeypatch):
    monkeypatch.setenv("ARCS_NGSPICE", "/nonexistent")
    code, out, err = arcs("simulate", buck, "--engine", "ngspice")
    assert (code, out) == (1, "")
    assert "/nonexistent" in err
    assert_one_sentence(err)


def test_that_the_steady_engine_needs_no_ngspice(arcs, buck, monkeypatch):
    monkeypatch.setenv("ARCS_NGSPICE", "/nonexistent")
    assert arcs("simulate", buck)[0] == 0


def test_that_ngspice_agrees_with_the_solver_on_the_same_settings(arcs, buck):
    settings = ["--json", "--set", "diode.vf=0.3", "--set", "L1=15u"]
    solved = json.loads(arcs("simulate", buck, *settings)[1])["metrics"]
    simulated = json.loads(arcs("simulate", buck, *settings, "--engine", "ngspice")[1])["metrics"]
    for figure, tolerance in (("vout", 0.005), ("inductor_ripple", 0.02), ("efficiency", 0.005)):
        assert simulated[figure] == pytest.approx(solved[figure], rel=tolerance)
        assert simulated[figure] != solved[figure]


def test_that_the_exported_deck_runs_with_plain_ngspice_and_prints_four_measures(
    arcs, buck, tmp_path
):
    deck = tmp_path / "deck.cir"
    assert arcs("export", buck, "--format", "ngspice", "-o", deck)[0] == 0
    done = subprocess.run(
        ["ngspice", "-b", str(deck)],
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=True,
    )
    printed = dict(
        line.split("=")[:2] for line in done.stdout.splitlines() if line.count("=") in (1, 3)
    )
    measured = {name.strip(): float(text.split()[0]) for name, text in printed.items() if text}
    assert measured["vout_avg"] == pytest.approx(5, rel=0.01)
    assert 0.8 < measured["efficiency"] < 1
    assert {"vout_pp", "iin_avg"} <= measured.keys()


def test_that_ltspice_svg_and_csv_are_written(arcs, buck, tmp_path):
    for form, sign in (("ltspice", ".tran"), ("svg", "<svg"), ("csv", "time,")):
        file = tmp_path / f"out.{form}"
        assert arcs("export", buck, "--format", form, "-o", file)[0] == 0
        assert sign in file.read_text()


def test_that_export_without_a_file_prints_the_document_alone(arcs, buck):
    code, out, err = arcs("export", buck)
    assert code == 0
    assert out.startswith("* ")
    assert err == ""


def test_that_export_says_in_json_what_it_wrote(arcs, buck, tmp_path):
    out = arcs("export", buck, "-o", tmp_path / "d.cir", "--json")[1]
    assert json.loads(out) == {"format": "ngspice", "output": str(tmp_path / "d.cir")}
    assert arcs("export", buck, "--json")[0] == 2


def test_that_a_file_that_cannot_be_written_is_one_sentence_and_exit_2(arcs, buck):
    code, out, err = arcs("export", buck, "-o", buck / "deck.cir")
    assert (code, out) == (2, "")
    assert "cannot be written" in err
    assert_one_sentence(err)


def test_that_a_runs_folder_that_cannot_be_made_is_one_sentence_and_exit_2(arcs, buck, monkeypatch):
    monkeypatch.setenv("ARCS_DATA", str(buck / "data"))
    code, out, err = arcs("train", "--config", "quick")
    assert (code, out) == (2, "")
    assert_one_sentence(err)


def test_that_an_unknown_run_cannot_be_resumed(arcs, tmp_path, monkeypatch):
    monkeypatch.setenv("ARCS_DATA", str(tmp_path))
    code, _, err = arcs("train", "--resume", "../../etc")
    assert code == 1
    assert_one_sentence(err)


def test_that_ctrl_c_is_exit_130(arcs, buck, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("arcs_engine.analysis.design_file.read", interrupted)
    assert arcs("simulate", buck)[0] == 130


def test_that_arcs_alone_without_a_display_says_what_works(arcs, monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    code, out, err = arcs()
    assert (code, out) == (1, "")
    assert "no display" in err
    assert_one_sentence(err)


def test_that_doctor_lists_what_it_looked_for(arcs):
    _, out, _ = arcs("doctor", "--json")
    diagnosis = json.loads(out)
    findings = {finding["name"]: finding for finding in diagnosis["findings"]}
    assert findings["numpy"]["ok"]
    assert findings["ngspice"]["ok"]
    assert {"Python", "torch", "model", "display", "compiled solver"} <= findings.keys()
    assert diagnosis["able"] == all(f["ok"] for f in findings.values() if f["needed"])


def test_that_doctor_names_the_command_that_mends_a_missing_ngspice(arcs, monkeypatch):
    monkeypatch.setenv("ARCS_NGSPICE", "/nonexistent")
    _, out, _ = arcs("doctor", "--json")
    ngspice = next(f for f in json.loads(out)["findings"] if f["name"] == "ngspice")
    assert not ngspice["ok"]
    assert "install" in ngspice["found"]


def test_that_doctor_without_a_model_is_exit_1(arcs, tmp_path, monkeypatch):
    monkeypatch.setenv("ARCS_RESOURCES", str(tmp_path))
    code, out, _ = arcs("doctor", "--json")
    model = next(f for f in json.loads(out)["findings"] if f["name"] == "model")
    assert code == 1
    assert not model["ok"]


def test_that_help_needs_neither_torch_nor_the_solver():
    code = (
        "import sys; from arcs_engine import cli; cli.main(['--help']);"
        "heavy = {'torch', 'numba', 'PySide6'} & set(sys.modules); sys.exit(len(heavy))"
    )
    environment = {**os.environ, "COLUMNS": "80"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, env=environment
    )
    assert done.returncode == 0


def test_that_a_closed_pipe_is_no_traceback(buck):
    process = subprocess.Popen(
        [sys.executable, "-m", "arcs_engine.cli", "export", str(buck), "--format", "csv"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.close()
    err = process.stderr.read()
    process.stderr.close()
    process.wait()
    assert b"Traceback" not in err


def test_that_simulate_tells_every_figure_that_is_declared(arcs, buck):
    answer = json.loads(arcs("simulate", buck, "--json")[1])
    told = answer | answer["metrics"]
    for each in FIGURES:
        assert told[each.name] is not None
    corners = answer["metrics"]["corners"]
    assert {(c["vin"], c["load"]) for c in corners} == {(12.0, 1.0), (12.0, 0.1)}
    assert answer["metrics"]["boundary_loads"].keys() == {"vin_min", "vin", "vin_max"}
    text = arcs("simulate", buck)[1]
    shown = [each.title for each in FIGURES if told[each.name] != {}]
    assert all(title in text for title in shown)
    assert "Loss Q1 gate" in text
    assert "\nVin   load  " in text


def test_that_simulate_warns_of_an_on_time_that_no_controller_makes(arcs, tmp_path):
    path = tmp_path / "fast.json"
    path.write_text(json.dumps({**BUCK, "vin": 48, "fsw": "1.5M"}))
    warnings = json.loads(arcs("simulate", path, "--json")[1])["warnings"]
    assert warnings[0].startswith("On-time at 48 V and 10 % load is ")
    assert warnings[0] in arcs("simulate", path)[1]


def test_that_ngspice_gives_its_own_losses_ripples_and_mode(arcs, buck):
    solved = json.loads(arcs("simulate", buck, "--json")[1])
    simulated = json.loads(arcs("simulate", buck, "--json", "--engine", "ngspice")[1])
    assert simulated["mode"] == solved["mode"]
    ours, theirs = solved["metrics"], simulated["metrics"]
    assert theirs["losses"].keys() == ours["losses"].keys()
    for part in ("Q1", "D1", "L1", "Cout"):
        assert theirs["losses"][part] != ours["losses"][part]
    assert theirs["losses"]["Q1 gate"] == ours["losses"]["Q1 gate"]
    assert theirs["input_ripple"] == pytest.approx(ours["input_ripple"], rel=0.02)
    added = {name for name in theirs["losses"] if " " in name} | {CONTROLLER}
    modelled = sum(theirs["losses"][name] for name in added)
    assert theirs["efficiency_estimated"] == pytest.approx(
        theirs["pout"] / (theirs["pin"] + modelled)
    )
    assert theirs["corners"] == ours["corners"]


@pytest.fixture
def cold(monkeypatch):
    """A machine on which the solver is not compiled, until it says that it is."""
    state = {"warm": False}

    def prepare(control):
        control.progress(0.5, "Preparing the solver: 33 of 65 parts compiled")
        state["warm"] = True
        return "The cache folder /ro cannot be written; the compiled solver is kept in /tmp/x."

    monkeypatch.setattr(warm, "is_warm", lambda: state["warm"])
    monkeypatch.setattr(warm, "prepare", prepare)
    return state


@pytest.mark.parametrize(
    "command",
    [
        ["simulate"],
        ["export", "--format", "bom"],
        ["export", "--format", "csv"],
        ["analyse", "corners"],
    ],
)
def test_that_an_unwarmed_machine_says_what_it_prepares_and_where_to(arcs, buck, cold, command):
    name, *options = command
    path = [*options, buck] if name == "analyse" else [buck, *options]
    code, out, err = arcs(name, *path)
    assert code == 0
    assert "Preparing the solver: 33 of 65 parts compiled\n" in err
    assert "is kept in /tmp/x." in err
    assert "Preparing" not in out


def test_that_design_shows_the_textbook_design_before_the_solver_is_there(arcs, cold):
    code, out, err = arcs(*SPEC, "--count", 1, "--json")
    said = err.splitlines()
    assert said[0].startswith("arcs: the textbook buck, not solved yet: L1 15 µH, Cout ")
    assert "33 of 65" in said[1]
    assert code == 0
    assert json.loads(out)["textbook"]["values"]["L1"] == pytest.approx(15e-6)


def test_that_bad_input_is_refused_before_anything_is_compiled(arcs, buck, cold):
    assert arcs("simulate", buck, "--set", "L9=1u")[0] == 2
    assert arcs(*replaced("--vin", "twelve"))[0] == 2
    assert not cold["warm"]
