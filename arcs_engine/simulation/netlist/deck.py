"""Putting a deck together."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from arcs_engine.circuits.circuit import GROUND, Load, Source, Switch
from arcs_engine.foundation.errors import DesignError
from arcs_engine.simulation.netlist.converter import Converter
from arcs_engine.simulation.netlist.elements import coupling_lines, element_lines
from arcs_engine.simulation.netlist.gate import gate_lines
from arcs_engine.simulation.netlist.gate_loop import CONTROL_VOLTAGE, GateLoop
from arcs_engine.simulation.netlist.names import check_names, device, saved
from arcs_engine.simulation.netlist.numbers import number
from arcs_engine.simulation.netlist.stimulus import (
    STEP_CURRENT,
    CurrentStep,
    LineStep,
    LoadStep,
    SoftStart,
    Stimulus,
    current_line,
    load_lines,
    soft_start_lines,
    source_line,
    with_lighter_load,
)

Dialect = Literal["ngspice", "ltspice"]

STEPS_PER_PERIOD = 1000
"""The longest time step is this part of a period; at a fifth of it ngspice itself is wrong by over
half a point of efficiency on one forward converter in ten."""

MOST_MEASURED_PERIODS = 10
_LONGEST_RUN = 1_000_000

_SHORT_OF_END = 1e-7
"""Share of a period by which a run ends early. Where the end meets a breakpoint of the gate but for
rounding, ngspice tries a last step of 1e-21 s, and a circuit whose inductors are in series while
everything blocks (Cuk, SEPIC) has no solution for it: "Timestep too small" at the very end."""


@dataclass(frozen=True)
class Deck:
    """A simulation of a converter from its first instant on.

    Attributes:
        converter: what is simulated.
        title: for the first line; characters that a SPICE program could act on are dropped.
        periods: simulated periods, at least 1.
        stimulus: what disturbs it; None for nothing.
        dialect: whose syntax to write.
        measures: end with ``.meas`` lines; without them an ngspice deck saves every signal of
            `saved` instead, for a run that writes a raw file (ngspice refuses both at once).
        steps: in a period, at least.
        loop: what drives the gates with the loop closed; None for a fixed duty.
    """

    converter: Converter
    title: str
    periods: int
    stimulus: Stimulus | None = None
    dialect: Dialect = "ngspice"
    measures: bool = True
    steps: int = STEPS_PER_PERIOD
    loop: GateLoop | None = None

    @property
    def end_time(self) -> float:
        """Time at which the run ends, s."""
        return (self.periods - _SHORT_OF_END) / self.converter.drive.fsw

    def text(self) -> str:
        """Write the deck.

        Raises:
            DesignError: a name, parameter or state is missing or cannot be simulated.
        """
        converter, stimulus = self.converter, self.stimulus
        check_names(converter.circuit)
        converter.drive.check()
        if not 1 <= self.periods <= _LONGEST_RUN:
            raise DesignError(
                f"{self.periods} periods cannot be simulated; ask for 1 to {_LONGEST_RUN}."
            )
        lines = [f"* {clean_title(self.title)}"]
        lines += self._power_stage()
        if isinstance(stimulus, LoadStep):
            lines += load_lines(converter, stimulus)
        elif isinstance(stimulus, CurrentStep):
            lines.append(current_line(converter, stimulus))
        lines += coupling_lines(converter)
        if self.loop is not None:
            lines += self.loop.lines(converter)
        elif isinstance(stimulus, SoftStart):
            lines += soft_start_lines(converter, stimulus)
        else:
            lines += gate_lines(converter)
        if self.dialect == "ltspice":
            # LTspice thins out stored waveforms unless told not to, and measures what it stored.
            lines.append(".options method=gear reltol=1e-4 plotwinsize=0")
        else:
            # 1 nS, a hundredth of what the solver gives a blocking diode, holds nodes that would
            # float when everything blocks.
            # The comparator of a closed loop decides by less than the usual tolerances.
            tighter = "" if self.loop is None else " abstol=1e-7 vntol=1e-6"
            lines.append(f".options method=gear reltol=1e-4 gmin=1e-9{tighter}")
        if self.measures:
            lines += self._measures()
        elif self.dialect == "ngspice":
            extra = [STEP_CURRENT] if isinstance(stimulus, LoadStep) else []
            extra += [] if self.loop is None else [CONTROL_VOLTAGE]
            lines.append(".save " + " ".join([*saved(converter.circuit), *extra]))
        step = number(1 / (converter.drive.fsw * self.steps))
        lines.append(f".tran {step} {number(self.end_time)} 0 {step} UIC")
        return "\n".join([*lines, ".end", ""])

    def _power_stage(self) -> Iterator[str]:
        """Yield the lines of all elements, and those of an input or a load that steps."""
        values, stimulus = self.converter.values, self.stimulus
        if isinstance(stimulus, LoadStep):
            values = with_lighter_load(values, stimulus)
        circuit = self.converter.circuit
        main = next((s for s in circuit.of_type(Switch) if s.gate == "main"), None)
        for element in circuit.elements:
            if isinstance(stimulus, LineStep) and isinstance(element, Source):
                yield source_line(element, values, stimulus)
            elif self.loop is not None and main is not None and element is main:
                yield from self.loop.sensed_switch_lines(main, self.converter)
            else:
                yield from element_lines(element, values)

    def _measures(self) -> Iterator[str]:
        """Yield the measures over the last whole periods.

        ``vout_pp`` is of the full bandwidth: SPICE has no filter for it.
        """
        circuit, values = self.converter.circuit, self.converter.values
        (source,), (load,) = circuit.of_type(Source), circuit.of_type(Load)
        window = self.periods - min(MOST_MEASURED_PERIODS, max(1, self.periods // 2))
        start, stop = number(window / self.converter.drive.fsw), number(self.end_time)
        vin, rload = values.positive("vin"), values.positive("rload")
        vout = f"V({load.a})" if load.b == GROUND else f"V({load.a},{load.b})"
        power, current = f"{vout}*{vout}/{rload}", f"-I({device(source)})"
        if self.dialect == "ltspice":
            over, efficiency = f"FROM {start} TO {stop}", f" pout_avg/({vin}*iin_avg)"
        else:
            over, efficiency = f"FROM={start} TO={stop}", f"='pout_avg/({vin}*iin_avg)'"
            power, current = f"par('{power}')", f"par('{current}')"
        yield f".meas TRAN vout_avg AVG {vout} {over}"
        yield f".meas TRAN vout_pp PP {vout} {over}"
        if self.loop is not None:
            return  # its load has stepped for good
        yield f".meas TRAN iin_avg AVG {current} {over}"
        yield f".meas TRAN pout_avg AVG {power} {over}"
        yield f".meas TRAN efficiency PARAM{efficiency}"


def clean_title(text: str) -> str:
    """Return at most 80 characters of a title, without what a SPICE program could act on."""
    plain = text.replace("µ", "u").replace("μ", "u").replace("Ω", "Ohm")
    plain = re.sub(r"[^A-Za-z0-9 _,:=%()/+.-]", " ", plain)
    plain = re.sub(r"(?<![0-9])\.|\.(?![0-9])", " ", plain)  # only decimal points stay
    return " ".join(plain.split())[:80].strip() or "converter"
