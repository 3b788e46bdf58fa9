"""Whether a window can be opened here."""

from collections.abc import Mapping


def has_display(platform: str, environment: Mapping[str, str]) -> bool:
    """Say whether Qt will find a display.

    Args:
        platform: as `sys.platform`; only Linux can be without one.
        environment: the process's variables.
    """
    if not platform.startswith("linux"):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
