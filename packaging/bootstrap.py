#!/usr/bin/env python3
"""One command from a fresh clone to a running ARCS; needs nothing but Python 3.11 or newer.

``run`` opens the window (without a display: designs the built-in example into a folder), ``test``
runs every check that a change must pass, ``setup`` only installs. Everything goes into ``.venv``
beside this checkout; a stamp there makes the next start quick when nothing has changed.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import system_packages

OLDEST_PYTHON = (3, 11)
STAMP_FORMAT = 1

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "packaging" / "requirements.lock"
ENVIRONMENT = ROOT / ".venv"

COVERING_TESTS = (
    "tests/closed_loop/test_proofs.py::test_that_both_dialects_hold_the_same_circuit",
    "tests/closed_loop/test_proofs.py::test_that_a_drawn_current_steps_beside_a_load_that_stays",
    "tests/golden/test_golden_decks.py",
    "tests/physics/test_cost.py",
    "tests/physics/test_figures.py::"
    "test_that_a_forward_that_commutates_long_is_refused_with_the_reason",
    "tests/physics/test_judge.py",
    "tests/physics/test_objective.py",
    "tests/spice/test_decks.py",
    "tests/spice/test_netlist.py::test_that_an_impossible_run_is_refused",
    "tests/test_designfile.py",
    "tests/test_units.py",
)
"""Tests that go through every line of the files that pyproject.toml holds at full coverage.

They run once more, by themselves, in some ten seconds: tracing doubles the time of tests that are
mostly Python, such as those of units with their property tests, in the whole suite, and says
nothing where only some of the tests are asked for. Property tests stay out of this step, because a
line that only chance reaches is not held."""

CHECKS = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy", ("-m", "mypy")),
    # import-linter cannot be started with -m.
    ("lint-imports", ("-c", "from importlinter.cli import lint_imports_command as run; run()")),
    (
        "coverage run",
        ("-m", "coverage", "run", "-m", "pytest", "-q", "-m", "not hypothesis", *COVERING_TESTS),
    ),
    ("coverage report", ("-m", "coverage", "report")),
    ("pytest", ("-m", "pytest")),
)

PARALLEL = ("-n", "auto", "--maxprocesses", "4", "--dist", "worksteal", "--durations", "15")
"""How the tests run: side by side, and telling at the end which of them take the time."""


class SetupError(Exception):
    """The machine cannot be made ready; the message says what would make it so."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return the exit code: 0, 1 for a failure, 130 for Ctrl-C."""
    parser = argparse.ArgumentParser(description="Install, run and test ARCS.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="open the window, or without a display design the example")
    test = commands.add_parser("test", help="run every check and test")
    test.add_argument("pytest_arguments", nargs="*", help="passed on to pytest, after --")
    commands.add_parser("setup", help="only install")
    options = parser.parse_args(arguments)
    try:
        python = set_up(ROOT, ENVIRONMENT, LOCK)
        if options.command == "run":
            return run(python)
        if options.command == "test":
            return run_checks(python, options.pytest_arguments)
    except SetupError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def run(python: Path) -> int:
    """Open the window; where there is no display, design the built-in example instead."""
    command = [str(python), "-m", "arcs_engine.cli"]
    if not has_display(sys.platform, os.environ):
        say("There is no display here, so ARCS designs its built-in example without the window.")
        command.append("example")
    if os.name == "nt":
        return subprocess.call(command)
    # In the place of this program ARCS gets Ctrl-C and SIGTERM itself, and ends in its own time.
    os.execv(command[0], command)


def has_display(platform: str, environment: dict[str, str] | os._Environ[str]) -> bool:
    """Say whether a window can be opened."""
    if not platform.startswith("linux"):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def run_checks(python: Path, pytest_arguments: list[str]) -> int:
    """Run every check, the tests last, and return 1 if any of them failed."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    failed = []
    for title, command in CHECKS:
        extra = [*PARALLEL, *pytest_arguments] if title == "pytest" else []
        say(f"== {title}")
        began = time.monotonic()
        code = subprocess.call([str(python), *command, *extra], cwd=str(ROOT), env=environment)
        outcome = "passed" if code == 0 else "FAILED"
        say(f"-- {title} {outcome} in {time.monotonic() - began:.0f} s")
        if code != 0:
            failed.append(title)
    if failed:
        say(f"Failed: {', '.join(failed)}.")
    return 1 if failed else 0


def set_up(root: Path, environment: Path, lock: Path) -> Path:
    """Make the environment what the lock says and return its Python; quick when it is already."""
    require_python(sys.version_info[:3])
    python = interpreter(environment)
    stamp = environment / "arcs-setup.json"
    wanted = fingerprint(lock, root / "pyproject.toml")
    if python.exists() and stamped(stamp) == wanted:
        return python
    system_packages.install(say)
    make_environment(environment, python)
    install_packages(root, python, lock)
    warm_up(python)
    stamp.write_text(json.dumps({"fingerprint": wanted}), encoding="utf-8")
    say(f"ARCS is installed in {environment}.")
    return python


def require_python(version: tuple[int, ...]) -> None:
    """Raise `SetupError` for a Python that is too old."""
    if tuple(version[:2]) < OLDEST_PYTHON:
        shown = ".".join(str(part) for part in version)
        raise SetupError(
            f"ARCS needs Python 3.11 or newer; this is {shown} ({sys.executable}). "
            f"Start this command with a newer one, such as python3.11."
        )


def fingerprint(*files: Path) -> str:
    """Return a hash of everything that decides what is installed."""
    digest = hashlib.sha256(f"{STAMP_FORMAT} {sys.version}".encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def stamped(stamp: Path) -> str | None:
    """Return the fingerprint that the last complete installation left, if any."""
    try:
        found = json.loads(stamp.read_text(encoding="utf-8"))["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, str) else None


def interpreter(environment: Path) -> Path:
    """Return where the environment's Python is or will be."""
    if os.name == "nt":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def make_environment(environment: Path, python: Path) -> None:
    """Create the virtual environment unless one of this Python is there and works."""
    if works(python):
        return
    if importlib.util.find_spec("ensurepip") is None and not system_packages.install_venv(say):
        raise SetupError(
            "This Python has no venv module; install it with "
            f"'{system_packages.venv_command()}', then run this command again."
        )
    say(f"Making a Python environment in {environment}.")
    try:
        environment.mkdir(exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"The folder {environment.parent} cannot be written ({error.strerror}); "
            "clone ARCS into a folder of your own."
        ) from error
    made = subprocess.run(
        [sys.executable, "-m", "venv", "--clear", str(environment)],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        said = (made.stderr or made.stdout).strip()
        raise SetupError(
            f"The Python environment could not be made: {last_line(said)} On Debian and Ubuntu "
            f"'{system_packages.venv_command()}' may mend this."
        )


def works(python: Path) -> bool:
    """Say whether an environment's Python starts, has pip and is the version of this one."""
    if not python.exists():
        return False
    code = "import sys, pip; print(sys.version)"
    try:
        found = subprocess.run(
            [str(python), "-c", code], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return found.returncode == 0 and found.stdout.strip() == sys.version.strip()


def install_packages(root: Path, python: Path, lock: Path) -> None:
    """Install the locked packages, then ARCS itself in place."""
    say("Installing the packages of packaging/requirements.lock; the first time takes minutes.")
    pip = [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--no-input"]
    call_pip([*pip, "--requirement", str(lock)])
    # The lock has setuptools, so that the build needs no download of its own.
    call_pip([*pip, "--quiet", "--no-deps", "--no-build-isolation", "--editable", str(root)])


def call_pip(command: list[str]) -> None:
    """Run pip, its progress on the terminal; explain what went wrong when it fails."""
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        sys.stderr.write(line)
        said.append(line)
    if process.wait() != 0:
        raise SetupError(explain_pip("".join(said)))


def explain_pip(said: str) -> str:
    """Return one sentence for what pip wrote on its error stream."""
    network = ("name resolution", "NewConnectionError", "Max retries", "timed out", "getaddrinfo")
    if any(sign in said for sign in network):
        return (
            "The packages could not be downloaded because the package index did not answer; "
            "connect this machine to the network, or point pip at a local index, and try again."
        )
    if "No space left" in said:
        return "The disk is full; ARCS needs 2 GB, or 6 GB where torch brings its CUDA libraries."
    if "No matching distribution" in said:
        return (
            f"A package has no build for this Python {sys.version_info[0]}.{sys.version_info[1]} "
            f"and system, or the package index cannot be reached: {last_line(said)}"
        )
    return f"pip could not install the packages: {last_line(said)}"


def last_line(said: str) -> str:
    """Return the last line that says something, for a message."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "it gave no reason."


def warm_up(python: Path) -> None:
    """Compile the solver's loops now, so that the first design does not wait for it."""
    say("Compiling the solver once; this takes a few minutes.")
    if subprocess.call([str(python), "-m", "arcs_engine.performance.warm"]) != 0:
        say("The solver could not be compiled ahead of time; it will be at the first design.")


def say(text: str) -> None:
    """Write a line for the user."""
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
