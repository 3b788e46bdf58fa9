"""What else is drawn of a loop: Nyquist curve, output impedance and load step."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from arcs_engine.foundation.units import format_quantity
from arcs_gui.presenters.loop.bode import parted

if TYPE_CHECKING:
    from arcs_engine.analysis.loop_results import (
        ExaminedLoop,
        LoopCurves,
        ProvedStep,
        RegulatedStep,
    )

Floats = NDArray[np.float64]

_SETTLED = 4.0
"""Times of settling that are in view after a step."""

_SHORTEST = 10.0
"""Lengths of what is shown before a step that are in view after it, at least."""

PROVED = "The same in ngspice"

_SIDES = {"rises": "The load rises", "falls": "The load falls"}


@dataclass(frozen=True, eq=False)
class Line:
    """A named line; x and y of shape (n,), gaps as nan."""

    label: str
    x: Floats
    y: Floats


@dataclass(frozen=True, eq=False)
class NyquistPlot:
    """The sampled loop gain in the complex plane, up to half the switching frequency.

    Attributes:
        corners: all corners, drawn behind.
        nominal: at the nominal point.
        worst: at the corner that comes nearest to -1.
        nearest: distance from -1 to which that corner comes: its least |1 + L|.
        remark: in words.
    """

    corners: Line
    nominal: Line
    worst: Line
    nearest: float
    remark: str


def nyquist_plot(loop: "ExaminedLoop") -> NyquistPlot:
    """Return the Nyquist curves of the sampled loop."""
    gains, nominal = loop.curves.sampled_corners, loop.curves.sampled.gain
    known = np.isfinite(gains).all(axis=1)
    distances = np.where(known, np.abs(1 + gains).min(axis=1), np.inf)
    worst = int(np.argmin(distances))
    place = loop.judged.corners[worst].place
    return NyquistPlot(
        corners=Line(
            "Corners",
            *(parted(each) if len(each) else np.empty(0) for each in _parts(gains[known])),
        ),
        nominal=Line("Nominal point", nominal.real, nominal.imag),
        worst=Line("Nearest corner", gains[worst].real, gains[worst].imag),
        nearest=float(distances[worst]),
        remark=f"|1 + L| is {np.abs(1 + nominal).min():.2f} or more at the nominal point, and "
        f"{distances[worst]:.2f} or more at {place}.",
    )


def _parts(gains: NDArray[np.complex128]) -> tuple[Floats, Floats]:
    return gains.real, gains.imag


@dataclass(frozen=True, eq=False)
class ImpedancePlot:
    """Magnitude of the output impedance, ohm, over frequency, Hz."""

    open_loop: Line
    closed_loop: Line
    remark: str


def impedance_plot(curves: "LoopCurves") -> ImpedancePlot:
    """Return the output impedance with the voltage loop open and closed."""
    closed = np.abs(curves.closed_impedance)
    largest = int(np.argmax(closed))
    return ImpedancePlot(
        open_loop=Line("Voltage loop open", curves.frequencies, np.abs(curves.open_impedance)),
        closed_loop=Line("Voltage loop closed", curves.frequencies, closed),
        remark=f"With the loop closed it is largest at "
        f"{format_quantity(float(curves.frequencies[largest]), 'Hz', 3)}: "
        f"{format_quantity(float(closed[largest]), 'Ω', 3)}.",
    )


@dataclass(frozen=True, eq=False)
class StepPlot:
    """The output after the load has stepped, V over s from the step on.

    Attributes:
        outputs: the output itself, of each side.
        means: its mean over a switching period, of each side.
        simulated: ngspice's means, of each side; empty until they are asked for.
        regulated: output that is held, V.
        begin: from where on there is something to see, s.
        until: how long there is something to see, s.
        remark: the figures in words, a sentence for each side.
        proof: what ngspice says, in words.
    """

    outputs: tuple[Line, ...]
    means: tuple[Line, ...]
    simulated: tuple[Line, ...]
    regulated: float
    begin: float
    until: float
    remark: str
    proof: str


def step_plot(
    steps: "tuple[RegulatedStep, ...]", proved: "tuple[ProvedStep, ...]" = ()
) -> StepPlot:
    """Return load steps, and beside them what ngspice makes of them."""
    begin, end = float(steps[0].time[0]), min(float(step.time[-1]) for step in steps)
    settling = max(end if step.settling is None else step.settling for step in steps)
    return StepPlot(
        outputs=tuple(Line(_SIDES[step.side], step.time, step.output) for step in steps),
        means=tuple(Line(_SIDES[step.side], step.ends, step.means) for step in steps),
        simulated=tuple(Line(PROVED, step.ends, step.means) for step in proved),
        regulated=steps[0].regulated,
        begin=begin,
        until=min(end, max(_SETTLED * settling, -_SHORTEST * begin)),
        remark=" ".join(_figures(step) for step in steps),
        proof=" ".join(_proof(step) for step in proved),
    )


def _figures(step: "RegulatedStep") -> str:
    before, after = (f"{share * 100:.0f} %" for share in step.loads)
    under, over = (
        f"{format_quantity(volts, 'V', 3)} ({volts / step.regulated * 100:.1f} %)"
        for volts in (step.undershoot, step.overshoot)
    )
    settles = (
        "does not settle within 1 % while it is followed"
        if step.settling is None
        else f"settles within 1 % after {format_quantity(step.settling, 's', 3)}"
    )
    said = f"{before} to {after}: undershoot {under}, overshoot {over}; the mean {settles}"
    return (
        f"{said}; the duty is at a limit for {step.saturated} periods."
        if step.saturated
        else f"{said}."
    )


def _proof(step: "ProvedStep") -> str:
    said = "confirms" if step.agrees else "does not confirm"
    return (
        f"{_SIDES[step.side]}: ngspice {said} the extremes of the mean; they differ by "
        f"{format_quantity(step.distance, 'V', 2)}."
    )
