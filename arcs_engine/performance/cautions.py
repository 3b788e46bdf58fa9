"""Warnings: what does not fail a design but needs care, one sentence each."""

from collections.abc import Mapping, Sequence
from typing import Final

from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.cores import SATURATION
from arcs_engine.performance.metrics import Corner, Metrics

SHORTEST_TIME: Final = 100e-9
"""On-time or off-time under which controllers skip pulses or lose regulation, s (requirement
P11)."""

LEAST_EFFICIENCY: Final = 0.5
"""Estimated efficiency under which a converter is a heater before it is a supply."""


def of_efficiency(metrics: Metrics) -> tuple[str, ...]:
    """Warn of a design that loses more than it gives, and name what loses the most."""
    if metrics.efficiency_estimated >= LEAST_EFFICIENCY:
        return ()
    largest = max(metrics.losses, key=lambda name: metrics.losses[name])
    return (
        f"The estimated efficiency is {metrics.efficiency_estimated:.1%}: more is lost than the "
        f"load gets, most of it as {largest}, {format_quantity(metrics.losses[largest], 'W', 3)}.",
    )


def of_times(corners: Sequence[Corner]) -> tuple[str, ...]:
    """Warn of the shortest on-time and off-time that a controller could not make."""
    warnings = []
    for title, name in (("On-time", "on_time"), ("Off-time", "off_time")):
        worst = min(corners, key=lambda corner: getattr(corner, name), default=None)
        if worst is not None and getattr(worst, name) < SHORTEST_TIME:
            warnings.append(
                f"{title} at {_place(worst)} is {format_quantity(getattr(worst, name), 's', 3)}; "
                f"controllers need {format_quantity(SHORTEST_TIME, 's')}."
            )
    return tuple(warnings)


def of_recovery(
    topology: Topology, times: Mapping[str, float], corners: Sequence[Corner]
) -> tuple[str, ...]:
    """Warn of diodes that take longer to recover than they block.

    The rectifier blocks while the main switch is on, and has recovered on its own where its current
    has ended before (DCM); diodes that conduct with the switch block while it is off.

    Args:
        topology: which circuit.
        times: recovery times by diode, s.
        corners: those that are known.
    """
    warnings = []
    for name, blocking in (
        (topology.rectifier, "on_time"),
        *((name, "off_time") for name in topology.on_diodes),
    ):
        cut_off = [each for each in corners if blocking == "off_time" or each.mode != "DCM"]
        worst = min(cut_off, key=lambda corner: getattr(corner, blocking), default=None)
        if worst is not None and times[name] > getattr(worst, blocking):
            warnings.append(
                f"{name} never recovers within its off-time: at {_place(worst)} it blocks for "
                f"{format_quantity(getattr(worst, blocking), 's', 3)} and takes "
                f"{format_quantity(times[name], 's', 3)} to recover."
            )
    return tuple(warnings)


def of_reset(reset_duty: float, corners: Sequence[Corner]) -> tuple[str, ...]:
    """Warn of a duty that leaves it to the drops in the circuit to reset a transformer's core.

    Args:
        reset_duty: that which the turns of its windings allow.
        corners: those that are known.
    """
    longest = max((corner.duty for corner in corners), default=0.0)
    if longest <= reset_duty:
        return ()
    return (
        f"The duty reaches {longest:.1%} and the reset winding allows {reset_duty:.1%}: only the "
        "drops in the circuit still reset the transformer's core.",
    )


def of_flux(densities: Mapping[str, float]) -> tuple[str, ...]:
    """Warn of cores that would saturate, by their highest flux densities, T.

    Where a given duty drives more current through an inductor than its core was derived for, a part
    for that current can be bought, but it loses something else than what was figured.
    """
    return tuple(
        f"{name} is figured with the losses of a core that saturates: it would reach "
        f"{density:.2g} T, and ferrite holds {SATURATION:g} T."
        for name, density in densities.items()
        if density > SATURATION
    )


def _place(corner: Corner) -> str:
    return f"{corner.vin:g} V and {corner.load * 100:.0f} % load"
