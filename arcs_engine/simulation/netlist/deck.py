"""Putting a deck together."""

import math
import re
from collections.abc import Iterator, Mapping
from typing import Literal

from arcs_engine.circuits.circuit import GROUND, Circuit, Load, Source
from arcs_engine.circuits.spec import FSW_RANGE
from arcs_engine.foundation.errors import DesignError
from arcs_engine.simulation.netlist.elements import coupling_lines, element_lines
from arcs_engine.simulation.netlist.gate import gate_edge, gate_lines
from arcs_engine.simulation.netlist.names import check_names, device, saved
from arcs_engine.simulation.netlist.numbers import Values, number
from arcs_engine.simulation.netlist.stimulus import (
    STEP_CURRENT,
    LineStep,
    LoadStep,
    SoftStart,
    Stimulus,
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


def end_time(fsw: float, periods: int) -> float:
    """Return the time at which a run of that many periods of `fsw` (Hz) ends, s."""
    return (periods - _SHORT_OF_END) / fsw


def deck(
    circuit: Circuit,
    parameters: Mapping[str, float],
    *,
    title: str,
    fsw: float,
    duty: float,
    state: Mapping[str, float],
    periods: int,
    dialect: Dialect = "ngspice",
    measures: bool = True,
    edge: float | None = None,
    stimulus: Stimulus | None = None,
    steps: int = STEPS_PER_PERIOD,
) -> str:
    """Write the deck of a converter at a fixed duty.

    Args:
        circuit: the declaration.
        parameters: element parameters by name (see `arcs_engine.circuits.circuit`), with ``vin``
            and ``rload``, SI units.
        title: for the first line; characters that a SPICE program could act on are dropped.
        fsw: switching frequency, Hz.
        duty: share of the period in which the main switch is on, between 0 and 1.
        state: initial inductor current (A) and capacitor voltage (V, behind the series resistance)
            by element name: those at `start_phase`, or zeros for a start from rest.
        periods: simulated periods, at least 1.
        dialect: whose syntax to write.
        measures: end with ``.meas`` lines; without them an ngspice deck saves every signal of
            `saved` instead, for a run that writes a raw file (ngspice refuses both at once).
        edge: rise and fall time of the gate, s; None for `gate_edge`.
        stimulus: what disturbs it; None for nothing.
        steps: in a period, at least.

    Raises:
        DesignError: a name, parameter or state is missing or cannot be simulated.
    """
    check_names(circuit)
    edge = _checked_edge(fsw, duty, edge)
    if not 1 <= periods <= _LONGEST_RUN:
        raise DesignError(f"{periods} periods cannot be simulated; ask for 1 to {_LONGEST_RUN}.")
    values = Values(parameters, state)
    lines = [f"* {clean_title(title)}"]
    lines += _power_stage(circuit, values, stimulus, edge)
    if isinstance(stimulus, LoadStep):
        lines += load_lines(circuit, values, stimulus, edge)
    lines += coupling_lines(circuit, values)
    if isinstance(stimulus, SoftStart):
        lines += soft_start_lines(circuit, values, stimulus, fsw, duty, edge)
    else:
        lines += gate_lines(circuit, values, fsw, duty, edge)
    if dialect == "ltspice":
        # LTspice thins out stored waveforms unless told not to, and measures what it stored.
        lines.append(".options method=gear reltol=1e-4 plotwinsize=0")
    else:
        # 1 nS, a hundredth of what the solver gives a blocking diode, holds nodes that would float
        # when everything blocks.
        lines.append(".options method=gear reltol=1e-4 gmin=1e-9")
    if measures:
        lines += _measures(circuit, values, fsw, periods, dialect)
    elif dialect == "ngspice":
        extra = [STEP_CURRENT] if isinstance(stimulus, LoadStep) else []
        lines.append(".save " + " ".join([*saved(circuit), *extra]))
    step = number(1 / (fsw * steps))
    lines.append(f".tran {step} {number(end_time(fsw, periods))} 0 {step} UIC")
    return "\n".join([*lines, ".end", ""])


def _power_stage(
    circuit: Circuit, values: Values, stimulus: Stimulus | None, edge: float
) -> Iterator[str]:
    """Yield the lines of all elements, and those of an input or a load that steps."""
    if isinstance(stimulus, LoadStep):
        values = with_lighter_load(values, stimulus)
    for element in circuit.elements:
        if isinstance(stimulus, LineStep) and isinstance(element, Source):
            yield source_line(element, values, stimulus)
        else:
            yield from element_lines(element, values)


def clean_title(text: str) -> str:
    """Return at most 80 characters of a title, without what a SPICE program could act on."""
    plain = text.replace("µ", "u").replace("μ", "u").replace("Ω", "Ohm")
    plain = re.sub(r"[^A-Za-z0-9 _,:=%()/+.-]", " ", plain)
    plain = re.sub(r"(?<![0-9])\.|\.(?![0-9])", " ", plain)  # only decimal points stay
    return " ".join(plain.split())[:80].strip() or "converter"


def _checked_edge(fsw: float, duty: float, edge: float | None) -> float:
    """Return the gate's edge; raise `DesignError` if no exact pulse can be made."""
    low, high = FSW_RANGE
    if not low <= fsw <= high:
        raise DesignError(f"fsw is {fsw:g} Hz; a deck can be written for {low:g} to {high:g} Hz.")
    if not 0 < duty < 1:
        raise DesignError(f"The duty is {duty:g}; it must lie between 0 and 1.")
    if edge is None:
        return gate_edge(fsw, duty)
    if not 0 < edge < min(duty, 1 - duty) / fsw or not math.isfinite(edge):
        raise DesignError(
            f"A gate edge of {edge:g} s does not fit; it must be shorter than the on-time of "
            f"{duty / fsw:g} s and the off-time of {(1 - duty) / fsw:g} s."
        )
    return edge


def _measures(
    circuit: Circuit, values: Values, fsw: float, periods: int, dialect: Dialect
) -> Iterator[str]:
    """Yield the measures over the last whole periods.

    ``vout_pp`` is of the full bandwidth: SPICE has no filter for it.
    """
    (source,), (load,) = circuit.of_type(Source), circuit.of_type(Load)
    window = periods - min(MOST_MEASURED_PERIODS, max(1, periods // 2))
    start, stop = number(window / fsw), number(end_time(fsw, periods))
    vin, rload = values.positive("vin"), values.positive("rload")
    vout = f"V({load.a})" if load.b == GROUND else f"V({load.a},{load.b})"
    power, current = f"{vout}*{vout}/{rload}", f"-I({device(source)})"
    if dialect == "ltspice":
        over, efficiency = f"FROM {start} TO {stop}", f" pout_avg/({vin}*iin_avg)"
    else:
        over, efficiency = f"FROM={start} TO={stop}", f"='pout_avg/({vin}*iin_avg)'"
        power, current = f"par('{power}')", f"par('{current}')"
    yield f".meas TRAN vout_avg AVG {vout} {over}"
    yield f".meas TRAN vout_pp PP {vout} {over}"
    yield f".meas TRAN iin_avg AVG {current} {over}"
    yield f".meas TRAN pout_avg AVG {power} {over}"
    yield f".meas TRAN efficiency PARAM{efficiency}"
