"""What ARCS needs on this machine: found, missing, and the command that installs it."""

import importlib.metadata
import os
import platform
import sys
from collections.abc import Callable, Iterator

import msgspec

from arcs_engine.cli.display import has_display
from arcs_engine.foundation import paths
from arcs_engine.foundation.errors import ArcsError, FileError

_SETUP = "python3 packaging/bootstrap.py setup"

_COMPILE = f"{_SETUP} (or wait once, at the first design)"
_NEW_MODEL = "restore resources/models from the repository, or: arcs train --config tiny"

_ENGINE_PACKAGES = (
    "numpy",
    "numba",
    "msgspec",
    "platformdirs",
    "quantiphy",
    "safetensors",
    "schemdraw",
    "torch",
    "typer",
    "rich",
)
_APP_PACKAGES = ("PySide6-Essentials", "pyqtgraph")


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked for.

    Attributes:
        name: what.
        ok: whether it is as it should be.
        needed: whether ARCS cannot propose and solve without it.
        found: version, path or state, for the user.
        mend: the command or step that mends it; empty when nothing needs mending.
    """

    name: str
    ok: bool
    needed: bool
    found: str
    mend: str = ""


class Diagnosis(msgspec.Struct, frozen=True, kw_only=True):
    """The state of this machine.

    Attributes:
        able: whether everything that is needed is there.
        findings: in the order of importance.
    """

    able: bool
    findings: tuple[Finding, ...]


def diagnose() -> Diagnosis:
    """Look at everything; never raises for what is missing."""
    findings = tuple(_look())
    return Diagnosis(able=all(f.ok for f in findings if f.needed), findings=findings)


def _look() -> Iterator[Finding]:
    yield _python()
    yield from (_package(name, needed=True) for name in _ENGINE_PACKAGES)
    yield from (_package(name, needed=False) for name in _APP_PACKAGES)
    yield _checked("ngspice", _ngspice, needed=False)
    yield _checked("model", _model, needed=True, mend=_NEW_MODEL)
    yield _checked("compiled solver", _compiled_solver, needed=False, mend=_COMPILE)
    yield _runs_folder()
    yield _display()


def _python() -> Finding:
    ok = sys.version_info >= (3, 11)
    mend = "" if ok else "install Python 3.11 or newer"
    found = f"{platform.python_version()} ({sys.executable})"
    return Finding(name="Python", ok=ok, needed=True, found=found, mend=mend)


def _package(name: str, *, needed: bool) -> Finding:
    try:
        version = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name=name, ok=False, needed=needed, found="not installed", mend=_SETUP)
    return Finding(name=name, ok=True, needed=needed, found=version)


def _checked(name: str, look: Callable[[], str], *, needed: bool, mend: str = "") -> Finding:
    """Return what `look` finds; its error says what is wrong and, without `mend`, what mends it."""
    try:
        return Finding(name=name, ok=True, needed=needed, found=look())
    except ArcsError as error:
        return Finding(name=name, ok=False, needed=needed, found=str(error), mend=mend)


def _ngspice() -> str:
    from arcs_engine.simulation import ngspice  # noqa: PLC0415 - each look may fail without the others

    program = ngspice.find_ngspice()
    return f"{ngspice.version(program)} ({program})"


def _model() -> str:
    from arcs_engine.model import model  # noqa: PLC0415 - imports torch, the slowest of all

    loaded = model.load()
    return f"{loaded.name}, {loaded.parameter_count:,} parameters ({paths.models()})"


def _compiled_solver() -> str:
    """Say where the solver's machine code is stored, so that a start need not compile it."""
    from arcs_engine.foundation import machine_code  # noqa: PLC0415
    from arcs_engine.simulation.steady.compiled import cache_folder  # noqa: PLC0415 - imports numba

    folder = cache_folder()
    if not machine_code.is_complete(folder):
        raise FileError(f"not compiled yet; it will be kept in {folder}")
    return f"{machine_code.stored(folder)} functions in {folder}"


def _runs_folder() -> Finding:
    folder = paths.runs()
    existing = next(place for place in (folder, *folder.parents) if place.exists())
    ok = existing.is_dir() and os.access(existing, os.W_OK)
    mend = "" if ok else f"make {existing} writable, or set ARCS_DATA to a folder that is"
    return Finding(name="runs folder", ok=ok, needed=False, found=str(folder), mend=mend)


def _display() -> Finding:
    ok = has_display(sys.platform, os.environ)
    return Finding(
        name="display",
        ok=ok,
        needed=False,
        found="there is one" if ok else "none; the command line works, the window does not",
        mend="" if ok else "start ARCS in a desktop session",
    )
