"""What the judge says of a loop, in words and as a table of corners."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from arcs_engine.circuits.control import COMPENSATORS
from arcs_engine.foundation.units import format_quantity
from arcs_engine.performance.metrics import NOTHING
from arcs_gui.presenters.cells import Cell

if TYPE_CHECKING:
    from arcs_engine.performance.judged_loop import JudgedLoop, LoopCorner

CORNER_COLUMNS = (
    "Corner",
    "Crossover",
    "Phase margin",
    "Gain margin",
    "Sampled crossover",
    "Sampled phase margin",
    "L(fs/2)",
    "Least |1 + L|",
    "Largest multiplier",
)

METHODS = {"voltage": "Voltage mode", "current": "Peak current mode"}


@dataclass(frozen=True)
class Verdict:
    """What is said of a loop.

    Attributes:
        title: whether it holds its limits.
        sentences: the worst corner, reasons and warnings.
        facts: what the control method and the compensator are.
    """

    title: Cell
    sentences: tuple[str, ...]
    facts: str


def verdict(judged: "JudgedLoop") -> Verdict:
    """Return what the judge says."""
    held = judged.holds
    title = "✓ Holds its limits at all corners" if held else "✗ Does not hold its limits"
    sentences = [_worst(judged), *judged.reasons, *judged.warnings]
    return Verdict(Cell(title, "good" if held else "bad"), tuple(sentences), facts(judged))


def refusal(sentence: str) -> Verdict:
    """Return what is said where there is no loop."""
    return Verdict(Cell("✗ No loop", "bad"), (sentence,), "")


def facts(judged: "JudgedLoop") -> str:
    """Return control method, modulator and compensator in words."""
    modulator = judged.modulator
    said = [COMPENSATORS[judged.compensator].title, METHODS[modulator.method].lower()]
    if modulator.ramp is not None:
        grows = "" if modulator.feed_forward is None else " that grows with the input"
        said.append(f"ramp of {format_quantity(modulator.ramp, 'V', 3)}{grows}")
    if modulator.sense is not None and modulator.slope is not None:
        said.append(f"sense gain {format_quantity(modulator.sense, 'Ω', 3)}")
        said.append(f"slope compensation {format_quantity(modulator.slope / 1e6, 'V', 3)}/µs")
    said.append(f"reference {format_quantity(judged.reference, 'V', 3)}")
    sentence = ", ".join(said)
    return f"{sentence[0].upper()}{sentence[1:]}."


def corner_rows(judged: "JudgedLoop") -> tuple[tuple[Cell, ...], ...]:
    """Return the table of corners; the worst one is marked."""
    return tuple(
        _row(corner, worst=number == judged.worst) for number, corner in enumerate(judged.corners)
    )


def _worst(judged: "JudgedLoop") -> str:
    corner = judged.corners[judged.worst]
    margins = [
        each for each in (corner.phase_margin, corner.sampled_phase_margin) if each is not None
    ]
    said = [f"phase margin {min(margins):.0f}°"] if margins else []
    said += [] if corner.modulus is None else [f"least |1 + L| {corner.modulus:.2f}"]
    text = f"Worst corner: {corner.place}"
    return f"{text}, with {' and '.join(said)}." if said else f"{text}."


def _row(corner: "LoopCorner", *, worst: bool) -> tuple[Cell, ...]:
    def frequency(value: float | None) -> Cell:
        return _number(value, lambda hertz: format_quantity(hertz, "Hz", 3))

    def degrees(value: float | None) -> Cell:
        return _number(value, lambda angle: f"{angle:.0f}°")

    return (
        Cell(f"{corner.place} (worst)" if worst else corner.place),
        frequency(corner.crossover),
        degrees(corner.phase_margin),
        _number(corner.gain_margin, lambda factor: f"{20 * np.log10(factor):.1f} dB"),
        frequency(corner.sampled_crossover),
        degrees(corner.sampled_phase_margin),
        _number(corner.half, lambda half: f"{half:.2f}"),
        _number(corner.modulus, lambda modulus: f"{modulus:.2f}"),
        _number(corner.multiplier, lambda multiplier: f"{multiplier:.3f}"),
    )


def _number(value: float | None, text: Callable[[float], str]) -> Cell:
    return Cell(NOTHING if value is None else text(value).replace("-", "−"), number=True)
