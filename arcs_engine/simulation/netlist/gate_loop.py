"""The gates of a deck whose loop is closed: comparator, latch and compensator.

The clock sets a latch, a capacitor between two switches, and the comparator resets it, so that a
period has one pulse, whatever the control voltage does. The comparator is a steep source behind a
resistor and a capacitor: the crossing of two sources has no corner that a simulator would step
onto, but the truncation error of a capacitor finds it. What it takes is a delay that a real
comparator has too (`GateLoop.delay`), and the run of `simulation.closed_loop` is given the same.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from arcs_engine.circuits.circuit import GROUND, Inductor, Switch
from arcs_engine.circuits.control.network import CONTROL
from arcs_engine.simulation.netlist.compensator import ControlCircuit, control_node
from arcs_engine.simulation.netlist.converter import Converter
from arcs_engine.simulation.netlist.elements import element_lines
from arcs_engine.simulation.netlist.gate import NODES, THRESHOLD, complement_dead_time, used_gates
from arcs_engine.simulation.netlist.numbers import number

CONTROL_VOLTAGE: Final = f"v({control_node(CONTROL)})"
"""What a run saves of the control voltage."""

_TIME_CONSTANT: Final = 1 / 400
"""Of the comparator and of the latch's reset, in periods."""

_EDGE: Final = 1 / 2000
"""Edge of the clock, in periods."""

_RESET, _SET = 100.0, 10.0
"""Resistance of the latch's switches, ohm: the set switch prevails while the clock is up."""

_STEEPNESS: Final = 2000.0
"""Of the comparator, over the control voltage."""

_FALL: Final = 1e-3
"""Of the ramp, and the time before it, in periods."""

_WINDING: Final = 1e-12
_WINDING_DAMPING: Final = 1e3
"""Capacitance across a winding, F, and the resistance in series with it, ohm."""

_SENSE: Final = control_node("switch")


@dataclass(frozen=True)
class GateLoop:
    """What drives the gates of a closed loop.

    Attributes:
        circuit: the compensator.
        control: control voltage on the orbit at the comparator's trip, V, against its rest; the
            comparator is steep against it.
        rest: what the control voltage rests at, V (`LinearSystem.rest`).
        ramp: V/s.
        sensing: volts per ampere of the main switch's current, ohm.
        shortest_duty: on-time over the period before the comparator is asked.
        longest_duty: on-time over the period after which the switch turns off in any case.
    """

    circuit: ControlCircuit
    control: float
    rest: float
    ramp: float
    sensing: float
    shortest_duty: float
    longest_duty: float

    @staticmethod
    def turn_on(period: float) -> float:
        """Time from the beginning of a deck to the first turn-on, s."""
        return (_EDGE / 2 + math.log(2) * _TIME_CONSTANT * _SET / _RESET) * period

    @staticmethod
    def delay(period: float) -> float:
        """Delay from the comparator's inputs to the gate's edge, s."""
        return 2 * math.log(2) * _TIME_CONSTANT * period

    def sensed_switch_lines(self, element: Switch, converter: Converter) -> Iterator[str]:
        """Yield the lines of the main switch with what senses its current."""
        yield f"Vsense_ctl {element.a} {_SENSE} DC {number(0.0)}"
        yield from element_lines(replace(element, a=_SENSE), converter.values)

    def lines(self, converter: Converter) -> Iterator[str]:
        """Yield the lines of compensator, comparator, latch and gates.

        Raises:
            DesignError: a value cannot be simulated.
        """
        yield from self.circuit.lines()
        yield from _winding_capacitances(converter)
        yield from self._comparator(converter.drive.period)
        yield from self._latch(converter.drive.period)
        if "complement" in used_gates(converter.circuit):
            yield from self._complement(converter)

    def _comparator(self, period: float) -> Iterator[str]:
        start, rise = self.turn_on(period), (1 - 2 * _FALL) * period
        height, rest = self.ramp * rise, _FALL * period
        yield f"Vramp_ctl ramp_ctl {GROUND} {_pulse(height, (start, rise, rest, rest, period))}"
        current = f"{number(self.sensing)}*i(Vsense_ctl)+" if self.sensing else ""
        steep = number(_STEEPNESS / self.control)
        distance = f"{current}v(ramp_ctl)-{CONTROL_VOLTAGE}+({number(self.rest)})"
        yield f"Btrip_ctl trip_ctl {GROUND} V=0.5+0.5*tanh({steep}*({distance}))"
        yield f"Rtrip_ctl trip_ctl tripped_ctl {number(_RESET)}"
        yield _capacitor("Ctrip_ctl", "tripped_ctl", period)

    def _latch(self, period: float) -> Iterator[str]:
        gate, edge = NODES["main"], _EDGE * period
        clock = (0.0, edge, edge, self.shortest_duty * period - edge, period)
        # The reset takes its time constant, and what is on until then counts.
        reset = math.log(2) * _TIME_CONSTANT * period
        last = self.longest_duty * period + self.turn_on(period) - reset - edge / 2
        limit = (last, edge, edge, 0.95 * (1 - self.longest_duty) * period, period)
        yield f"Vclock_ctl clock_ctl {GROUND} {_pulse(1.0, clock)}"
        yield f"Vlimit_ctl limit_ctl {GROUND} {_pulse(1.0, limit)}"
        yield f"Vhigh_ctl high_ctl {GROUND} DC {number(1.0)}"
        yield f"Sset_ctl high_ctl {gate} clock_ctl {GROUND} SW_set_ctl"
        yield f"Sreset_ctl {gate} {GROUND} tripped_ctl {GROUND} SW_reset_ctl"
        yield f"Slimit_ctl {gate} {GROUND} limit_ctl {GROUND} SW_reset_ctl"
        yield _capacitor("Cgate_ctl", gate, period)
        yield _switch_model("SW_set_ctl", _SET)
        yield _switch_model("SW_reset_ctl", _RESET)

    def _complement(self, converter: Converter) -> Iterator[str]:
        """Yield the gate of the complementary switches.

        With dead time a capacitor is charged to the threshold in it, held down while the main
        switch is on and from a dead time before the clock on.
        """
        gate, other, period = NODES["main"], NODES["complement"], converter.drive.period
        dead = complement_dead_time(converter)
        if not dead:
            yield f"Bgate2_ctl {other} {GROUND} V=1-v({gate})"
            return
        edge = min(_EDGE * period, dead / 10)
        last = (period - dead + self.turn_on(period) - edge / 2, edge, edge, dead, period)
        resistance = dead * _RESET / (math.log(2) * _TIME_CONSTANT * period)
        yield f"Vlast_ctl last_ctl {GROUND} {_pulse(1.0, last)}"
        yield f"Rgate2_ctl high_ctl {other} {number(resistance)}"
        yield _capacitor("Cgate2_ctl", other, period)
        yield f"Sgate2_ctl {other} {GROUND} {gate} {GROUND} SW_hold_ctl"
        yield f"Slast_ctl {other} {GROUND} last_ctl {GROUND} SW_hold_ctl"
        yield _switch_model("SW_hold_ctl", min(_SET, resistance / 20))


def _winding_capacitances(converter: Converter) -> Iterator[str]:
    """Yield a little capacitance across each inductor.

    Where inductors are in series while everything blocks, their currents contradict each other but
    for rounding, and no step would be short enough for ngspice: "Timestep too small".
    """
    for inductor in converter.circuit.of_type(Inductor):
        name, middle = f"{inductor.name}_wound_ctl", control_node(f"{inductor.name}_wound")
        yield f"C{name} {inductor.a} {middle} {number(_WINDING)} IC={number(0.0)}"
        yield f"R{name} {middle} {inductor.b} {number(_WINDING_DAMPING)}"


def _pulse(height: float, timing: tuple[float, ...]) -> str:
    """Return a pulse from zero: delay, rise, fall, width, period."""
    return f"PULSE(0 {number(height)} {' '.join(number(t) for t in timing)})"


def _capacitor(name: str, node: str, period: float) -> str:
    """Return a capacitor to ground that makes the time constant with the reset's resistance."""
    return f"{name} {node} {GROUND} {number(_TIME_CONSTANT * period / _RESET)} IC={number(0.0)}"


def _switch_model(name: str, resistance: float) -> str:
    return (
        f".model {name} SW(RON={number(resistance)} ROFF={number(1e9)} VT={number(THRESHOLD)} VH=0)"
    )
