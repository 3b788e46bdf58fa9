"""Which control methods and compensators suit which topology, and what they are by default."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from arcs_engine.circuits.control.compensator import Compensator
from arcs_engine.circuits.control.modulators import PeakCurrentMode, Slopes, VoltageMode
from arcs_engine.circuits.control.op_amp import OpAmpTypeThree, OpAmpTypeTwo
from arcs_engine.circuits.control.optocoupler import Tl431
from arcs_engine.circuits.control.ota import OtaTypeThree, OtaTypeTwo
from arcs_engine.circuits.control.supplied_led import SuppliedTl431
from arcs_engine.circuits.crossover import SLOPE_SHARE, Control
from arcs_engine.circuits.topologies.base import Topology

COMPENSATORS: Final[Mapping[str, Compensator]] = {
    kind.name: kind
    for kind in (
        OpAmpTypeTwo(),
        OpAmpTypeThree(),
        OtaTypeTwo(),
        OtaTypeThree(),
        Tl431(),
        SuppliedTl431(),
    )
}
"""Every compensator by name, with the amplifier that it has by default."""

SENSED_PEAK: Final = 2.1
"""Sensed current at its peak on the scale of the control voltage, V: controllers of the UC3842's
kind divide the control voltage by three and limit at 1 V, and a third of it is left for the slope
compensation and overload. Much less would take less gain than a TL431 can have."""


@dataclass(frozen=True)
class Methods:
    """Control methods that suit a family of topologies.

    Attributes:
        default: the one that is taken unless asked for otherwise.
        others: that may be asked for.
        caution: what to know of the default, a sentence; empty for nothing.
    """

    default: Control
    others: tuple[Control, ...] = ()
    caution: str = ""

    @property
    def suitable(self) -> tuple[Control, ...]:
        """All methods, the default first."""
        return (self.default, *self.others)


METHODS: Final[Mapping[str, Methods]] = {
    "buck": Methods("voltage", ("current",)),
    "boost": Methods("current"),
    "buck_boost": Methods("current"),
    "sepic": Methods("current"),
    "flyback": Methods("current"),
    "forward": Methods("current", ("voltage",)),
    "cuk": Methods(
        "voltage",
        ("current",),
        caution="A Cuk in voltage mode has two resonances; its loop must cross over below both or "
        "have them damped.",
    ),
}
"""By the family of `Topology.loop`. Converters with a right-half-plane zero take peak current mode:
in voltage mode their filter resonates below the zero."""


def compensators(topology: Topology) -> tuple[Compensator, ...]:
    """Return the compensators that a topology takes by default, the simplest first.

    An isolated output takes a TL431 with an optocoupler, whose LED has a supply of its own where
    the loop needs less gain than the LED's headroom at the output leaves.
    """
    names = (
        ("tl431", "tl431_supplied")
        if topology.isolated
        else ("op_amp_type_two", "op_amp_type_three")
    )
    return tuple(COMPENSATORS[name] for name in names)


def voltage_mode(vin: float, feed_forward: bool = False) -> VoltageMode:
    """Return voltage mode with the default ramp.

    Args:
        vin: nominal input, V, at which a ramp with feed-forward has its height.
        feed_forward: whether the ramp grows with the input.
    """
    return VoltageMode(feed_forward=vin if feed_forward else None)


def peak_current_mode(slopes: Slopes, peak: float) -> PeakCurrentMode:
    """Return peak current mode with the default sense gain and slope compensation.

    Args:
        slopes: of the inductor's current seen from the output, A/s, of one design, where it falls
            fastest.
        peak: highest peak of that current, A.
    """
    sense = SENSED_PEAK / peak
    return PeakCurrentMode(sense, SLOPE_SHARE * sense * slopes.fall.item())
