"""The Debian and Ubuntu packages that ARCS needs beside Python, installed where that is allowed.

Other systems get one line that says what to install.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable

Say = Callable[[str], None]

# What Qt's GUI, widget, SVG and platform libraries load from the system (their NEEDED entries),
# by the Debian package that brings it.
QT_LIBRARIES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11.so.6": "libx11-6",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libwayland-client.so.0": "libwayland-client0",
    "libwayland-cursor.so.0": "libwayland-cursor0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-glx.so.0": "libxcb-glx0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}
FONT = "fonts-dejavu-core"


def install(say: Say) -> None:
    """Install what is missing, or say which command does; never stops the set-up."""
    packages = missing()
    if not packages:
        return
    if sys.platform.startswith("linux") and shutil.which("apt-get"):
        if apt_install(packages, say):
            return
        say(f"Not everything is installed; run: {apt_command(packages)}")
    elif "ngspice" in packages:
        say(f"ngspice was not found; install it with: {other_command(sys.platform)}")


def missing() -> list[str]:
    """Return the Debian packages whose program or library this machine lacks."""
    packages = [] if shutil.which("ngspice") else ["ngspice"]
    if sys.platform.startswith("linux"):
        libraries = [package for name, package in QT_LIBRARIES.items() if not loads(name)]
        packages += libraries
        # A machine without Qt's libraries is a bare one, where no font is likely either.
        packages += [FONT] if libraries else []
    return packages


def loads(library: str) -> bool:
    """Say whether the system's loader finds a shared library."""
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def install_venv(say: Say) -> bool:
    """Install Debian's venv package where that is allowed; say whether it is there now."""
    if not shutil.which("apt-get"):
        return False
    return apt_install([venv_package()], say)


def venv_package() -> str:
    """Return Debian's package of the venv module for this Python."""
    return f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"


def venv_command() -> str:
    """Return the command that installs the venv module."""
    return apt_command([venv_package()])


def apt_command(packages: list[str]) -> str:
    """Return the command that a user with the right to may type."""
    return f"sudo apt-get install --no-install-recommends {' '.join(packages)}"


def other_command(platform: str) -> str:
    """Return the command that installs ngspice where there is no apt."""
    return {
        "darwin": "brew install ngspice",
        "win32": "winget install ngspice (or ngspice.sourceforge.io)",
    }.get(platform, "your package manager (package ngspice)")


def apt_install(packages: list[str], say: Say) -> bool:
    """Install packages as root or with sudo that asks nothing; say whether that worked."""
    allowed = privilege()
    if allowed is None:
        return False
    say(f"Installing with apt: {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    for step in (command, ["apt-get", "update"], command):
        done = subprocess.run(
            [*allowed, *step], env=environment, capture_output=True, text=True, check=False
        )
        if step is command and done.returncode == 0:
            return True
    return False


def privilege() -> list[str] | None:
    """Return what to put before a command so that it runs as root, or None where it cannot."""
    if not hasattr(os, "geteuid"):
        return None
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    asks_nothing = subprocess.run([sudo, "-n", "true"], capture_output=True, check=False)
    return [sudo, "-n"] if asks_nothing.returncode == 0 else None
