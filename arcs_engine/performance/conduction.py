"""Conduction modes: continuous, at the boundary, discontinuous."""

from typing import Final, Literal

Mode = Literal["CCM", "BCM", "DCM"]

DCM_IDLE: Final = 0.02
"""Share of the period without rectifier current above which conduction is discontinuous."""

BCM_VALLEY: Final = 0.02
"""Valley of the rectifier's current over its peak below which it just touches zero."""


def conduction_mode(idle: float, valley: float) -> Mode:
    """Name the conduction mode.

    Args:
        idle: share of the period in which the rectifier has stopped before the switch turns on.
        valley: the rectifier's current just before turn-on over its peak.
    """
    if idle > DCM_IDLE:
        return "DCM"
    return "BCM" if idle > 0 or abs(valley) < BCM_VALLEY else "CCM"
