"""A judged loop for people: plain text tables."""

from math import log10

from arcs_engine.circuits.control import COMPENSATORS
from arcs_engine.cli.tables import aligned
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.judged_loop import JudgedLoop, LoopCorner, LoopModulator
from arcs_engine.performance.metrics import NOTHING, per_cent

_HEAD = (
    "corner", "fc", "PM", "GM", "fc z", "PM z", "GM z", "L(fs/2)", "min|1+L|", "multiplier", "",
)  # fmt: skip
"""Of the analyser's loop gain, then, with a z, of the sampled loop."""


def judged_loop(loop: JudgedLoop) -> str:
    """Return a loop: its modulator, its parts, and a line for each corner."""
    lines = [
        f"{_modulator(loop.modulator)}; {COMPENSATORS[loop.compensator].title}, reference "
        f"{format_quantity(loop.reference, 'V')}",
        "",
        _parts(loop),
        "",
        aligned([_HEAD, *_rows(loop)]),
        "",
        f"Worst corner: {loop.corners[loop.worst].place}.",
    ]
    if loop.deviation is not None:
        lines.append(f"Deviation at the load step: {per_cent(loop.deviation)}.")
    return "\n".join([*lines, *loop.warnings])


def _modulator(modulator: LoopModulator) -> str:
    if modulator.method == "voltage":
        follows = ""
        if modulator.feed_forward is not None:
            follows = f" at {format_quantity(modulator.feed_forward, 'V')}, growing with the input"
        return f"voltage mode, ramp of {_quantity(modulator.ramp, 'V')}{follows}"
    return (
        f"peak current mode, {_quantity(modulator.sense, 'V/A')}, slope compensation "
        f"{_quantity(modulator.slope, 'V/s')} (least {_quantity(modulator.least_slope, 'V/s')})"
    )


def _parts(loop: JudgedLoop) -> str:
    declared = {part.name: part for part in COMPENSATORS[loop.compensator].parts}
    rows = [
        [name, format_quantity(value, declared[name].unit), declared[name].series,
         declared[name].title]
        for name, value in loop.parts.items()
    ]  # fmt: skip
    return aligned(rows)


def _rows(loop: JudgedLoop) -> list[list[str]]:
    return [
        [*_row(corner), "worst" if place == loop.worst else ""]
        for place, corner in enumerate(loop.corners)
    ]


def _row(corner: LoopCorner) -> list[str]:
    return [
        corner.place,
        _quantity(corner.crossover, "Hz", 3),
        _number(corner.phase_margin, "{:.0f}°"),
        _decibel(corner.gain_margin),
        _quantity(corner.sampled_crossover, "Hz", 3),
        _number(corner.sampled_phase_margin, "{:.0f}°"),
        _decibel(corner.sampled_gain_margin),
        _number(corner.half, "{:+.2f}"),
        _number(corner.modulus, "{:.2f}"),
        _number(corner.multiplier, "{:.3f}"),
    ]


def _quantity(value: float | None, unit: str, digits: int = 4) -> str:
    return NOTHING if value is None else format_quantity(value, unit, digits)


def _number(value: float | None, form: str) -> str:
    return NOTHING if value is None else form.format(value)


def _decibel(factor: float | None) -> str:
    return NOTHING if factor is None else f"{20 * log10(factor):.1f} dB"
