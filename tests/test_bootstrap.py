import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import bootstrap
import pytest
import system_packages

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def checkout(tmp_path):
    """A checkout with a lock and a project file, and an environment whose Python exists."""
    (tmp_path / "packaging").mkdir()
    lock = tmp_path / "packaging" / "requirements.lock"
    lock.write_text("numpy==2.0.0\n")
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    environment = tmp_path / ".venv"
    python = bootstrap.interpreter(environment)
    python.parent.mkdir(parents=True)
    python.write_text("")
    return tmp_path, environment, lock


@pytest.fixture
def installed(monkeypatch):
    """Record what would be installed in place of installing it."""
    calls = []
    monkeypatch.setattr(system_packages, "install", lambda say: calls.append("system"))
    monkeypatch.setattr(bootstrap, "make_environment", lambda *_: calls.append("environment"))
    monkeypatch.setattr(bootstrap, "install_packages", lambda *_: calls.append("packages"))
    monkeypatch.setattr(bootstrap, "warm_up", lambda *_: calls.append("warm"))
    return calls


def test_that_the_second_set_up_installs_nothing(checkout, installed):
    bootstrap.set_up(*checkout)
    assert installed == ["system", "environment", "packages", "warm"]
    bootstrap.set_up(*checkout)
    assert len(installed) == 4


def test_that_a_changed_lock_is_installed_again(checkout, installed):
    bootstrap.set_up(*checkout)
    checkout[2].write_text("numpy==2.0.1\n")
    bootstrap.set_up(*checkout)
    assert installed.count("packages") == 2


def test_that_an_interrupted_set_up_leaves_no_stamp(checkout, installed, monkeypatch):
    def interrupted(*_):
        raise bootstrap.SetupError("no network")

    monkeypatch.setattr(bootstrap, "install_packages", interrupted)
    with pytest.raises(bootstrap.SetupError):
        bootstrap.set_up(*checkout)
    assert bootstrap.stamped(checkout[1] / "arcs-setup.json") is None


@pytest.mark.parametrize("content", ["", "{", "[]", '{"fingerprint": 1}', "\x00"])
def test_that_a_damaged_stamp_counts_as_none(tmp_path, content):
    stamp = tmp_path / "stamp.json"
    stamp.write_text(content)
    assert bootstrap.stamped(stamp) is None


def test_that_an_old_python_is_refused_with_its_version():
    with pytest.raises(bootstrap.SetupError, match=r"needs Python 3\.11 or newer; this is 3\.9\.2"):
        bootstrap.require_python((3, 9, 2))


def test_that_a_folder_that_cannot_be_made_is_named(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")
    environment = blocked / ".venv"
    with pytest.raises(bootstrap.SetupError, match="cannot be written"):
        bootstrap.make_environment(environment, bootstrap.interpreter(environment))


def test_that_a_python_without_venv_is_told_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(system_packages, "install_venv", lambda say: False)
    environment = tmp_path / ".venv"
    with pytest.raises(bootstrap.SetupError, match=r"apt-get install .*-venv"):
        bootstrap.make_environment(environment, bootstrap.interpreter(environment))


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("WARNING: Retrying: Temporary failure in name resolution", "could not be downloaded"),
        ("ERROR: [Errno 28] No space left on device", "disk is full"),
        ("ERROR: No matching distribution found for torch==2.13.0", "no build for this Python"),
        ("ERROR: something else\n", "ERROR: something else"),
        ("", "it gave no reason"),
    ],
)
def test_that_pips_failures_become_one_sentence(said, sentence):
    explained = bootstrap.explain_pip(said)
    assert sentence in explained
    assert "\n" not in explained


def test_that_only_linux_can_be_without_a_display():
    assert not bootstrap.has_display("linux", {})
    assert bootstrap.has_display("linux", {"WAYLAND_DISPLAY": "wayland-0"})
    assert bootstrap.has_display("linux", {"QT_QPA_PLATFORM": "offscreen"})
    assert bootstrap.has_display("darwin", {})
    assert bootstrap.has_display("win32", {})


def test_that_every_check_runs_although_one_fails(monkeypatch, capsys):
    commands = []

    def call(command, **_):
        commands.append(command)
        return 1 if "mypy" in command else 0

    monkeypatch.setattr(subprocess, "call", call)
    assert bootstrap.run_checks(Path("python"), ["-k", "units"]) == 1
    assert len(commands) == len(bootstrap.CHECKS)
    assert commands[-1][-2:] == ["-k", "units"]
    assert "Failed: mypy." in capsys.readouterr().out


def test_that_without_rights_the_command_is_printed(monkeypatch):
    said = []
    monkeypatch.setattr(system_packages, "missing", lambda: ["ngspice", "libegl1"])
    monkeypatch.setattr(system_packages, "privilege", lambda: None)
    monkeypatch.setattr(system_packages.sys, "platform", "linux")
    monkeypatch.setattr(system_packages.shutil, "which", lambda name: f"/usr/bin/{name}")
    system_packages.install(said.append)
    assert said == [
        "Not everything is installed; run: "
        "sudo apt-get install --no-install-recommends ngspice libegl1"
    ]


def test_that_the_lock_pins_everything_the_project_asks_for():
    lock = (ROOT / "packaging" / "requirements.lock").read_text()
    pins = [line for line in lock.splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[A-Za-z0-9.]+", pin) for pin in pins)
    names = {pin.split("==")[0].lower().replace("_", "-") for pin in pins}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    groups = [project["dependencies"], *project["optional-dependencies"].values()]
    asked = [requirement for group in groups for requirement in group]
    named = {re.match(r"[A-Za-z0-9-]+", a)[0].lower() for a in asked}
    assert named - {project["name"]} <= names
    assert "torch==2.13.0" in pins


def test_that_the_bootstrap_needs_the_standard_library_alone():
    code = "import bootstrap, sys; sys.exit(bootstrap.main(['--help']))"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", f"import sys; sys.path.insert(0, 'packaging'); {code}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "setup" in done.stdout


@pytest.mark.skipif(os.name == "nt", reason="Windows has no exec")
def test_that_arcs_takes_the_place_of_the_bootstrap_and_so_hears_ctrl_c_itself(tmp_path):
    """Started as a child it would be killed a quarter of a second after Ctrl-C, saving nothing."""
    package = tmp_path / "arcs_engine" / "cli"
    package.mkdir(parents=True)
    for folder in (package, package.parent):
        (folder / "__init__.py").touch()
    (package / "__main__.py").write_text("import os, sys; print(os.getpid()); sys.exit(7)")
    code = "import bootstrap, pathlib, sys; bootstrap.run(pathlib.Path(sys.executable))"
    started = subprocess.Popen(
        [sys.executable, "-c", code],
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join([str(ROOT / "packaging"), str(tmp_path)]),
            "DISPLAY": ":0",
        },
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
    )
    said, _ = started.communicate()
    assert said.splitlines()[-1] == str(started.pid)
    assert started.returncode == 7


def test_that_the_stamp_names_what_was_installed(checkout, installed):
    root, environment, lock = checkout
    bootstrap.set_up(root, environment, lock)
    stamp = json.loads((environment / "arcs-setup.json").read_text())
    assert stamp == {"fingerprint": bootstrap.fingerprint(lock, root / "pyproject.toml")}
