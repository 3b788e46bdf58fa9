"""The walls between the rooms: what may know what."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

WITHOUT_QT = """
import importlib, pkgutil, sys
for name in ("PySide6", "pyqtgraph", "arcs_gui"):
    sys.modules[name] = None
import arcs_engine
for module in pkgutil.walk_packages(arcs_engine.__path__, "arcs_engine."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def test_that_the_import_contracts_hold():
    code = "from importlinter.cli import lint_imports_command as run; run()"
    done = subprocess.run(
        [sys.executable, "-c", code, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def test_that_every_module_of_the_engine_works_without_qt():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_QT], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_that_no_module_outgrows_its_noun():
    sizes = {
        path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines())
        for package in ("arcs_engine", "arcs_gui", "packaging")
        for path in (ROOT / package).rglob("*.py")
    }
    assert {path: lines for path, lines in sizes.items() if lines > 500} == {}


def test_that_the_architecture_shows_the_layers_of_the_contracts():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (engine,) = (
        contract
        for contract in contracts["tool"]["importlinter"]["contracts"]
        if contract["name"] == "Engine layers"
    )
    rows = [
        f"| `{package}` | {_title(package)} |"
        for layer in engine["layers"]
        for package in layer.split(" | ")
    ]
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    shown = [line for line in page.splitlines() if line in rows]
    assert shown == rows


def _title(package):
    """Return the first sentence of a package of the engine."""
    source = (ROOT / "arcs_engine" / package / "__init__.py").read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(source)).splitlines()[0]
