"""Finding the ngspice program."""

import os
import re
import shutil
import sys
from pathlib import Path

from arcs_engine.foundation import scratch
from arcs_engine.foundation.errors import SpiceError, SpiceNotFoundError
from arcs_engine.simulation.ngspice.process import run_to_end

VARIABLE = "ARCS_NGSPICE"
"""Environment variable that names the ngspice program."""

# On Windows, ngspice.exe opens a window; ngspice_con.exe is the console program.
_PROGRAMS = ("ngspice_con", "ngspice") if sys.platform == "win32" else ("ngspice",)
_USUAL_FOLDERS = {
    "win32": (Path("C:/Spice64/bin"), Path("C:/Program Files/Spice64/bin")),
    "darwin": (Path("/opt/homebrew/bin"), Path("/usr/local/bin")),  # not on a bundled app's PATH
}
_INSTALLERS = {
    "apt-get": "sudo apt-get install ngspice",
    "dnf": "sudo dnf install ngspice",
    "pacman": "sudo pacman -S ngspice",
    "zypper": "sudo zypper install ngspice",
}
_VERSION_TIMEOUT_S = 10.0


def find_ngspice(setting: str | None = None) -> Path:
    """Return the ngspice program: the setting, else the environment's, else one on the PATH.

    Args:
        setting: path or command name that the user chose; None or empty for no choice.

    Raises:
        SpiceNotFoundError: there is none; a choice that leads nowhere is not passed over.
    """
    for choice, origin in ((setting, "the setting"), (os.environ.get(VARIABLE), VARIABLE)):
        if choice:
            found = shutil.which(Path(choice).expanduser())
            if found is None:
                raise SpiceNotFoundError(
                    f"There is no ngspice program at '{choice}', where {origin} points; correct "
                    f"it, or clear it and install ngspice with: {install_command()}"
                )
            return Path(found)
    folders = os.pathsep.join(str(f) for f in _USUAL_FOLDERS.get(sys.platform, ()))
    for path in (None, folders):
        for program in _PROGRAMS:
            found = shutil.which(program, path=path)
            if found is not None:
                return Path(found)
    raise SpiceNotFoundError(f"ngspice is not installed; install it with: {install_command()}")


def install_command() -> str:
    """Return what to type, or where to go, to install ngspice on this machine."""
    if sys.platform == "darwin":
        return "brew install ngspice"
    if sys.platform == "win32":
        return "choco install ngspice (or unpack it from https://ngspice.sourceforge.io)"
    for program, command in _INSTALLERS.items():
        if shutil.which(program):
            return command
    return "your package manager (the package is called ngspice)"


def version(ngspice: Path) -> str:
    """Return the version that the program says of itself, such as ``ngspice-39``.

    Raises:
        SpiceError: it cannot be run, or is not ngspice.
    """
    try:
        with scratch.folder("ngspice") as folder:
            answer = run_to_end(ngspice, ("--version",), folder=folder, timeout=_VERSION_TIMEOUT_S)
    except (OSError, SpiceError) as error:
        raise SpiceError(f"'{ngspice}' could not be run to ask for its version.") from error
    found = re.search(r"ngspice-[0-9.+]+", answer.log)
    if found is None:
        raise SpiceError(f"'{ngspice}' does not answer as ngspice does.")
    return found.group()
