"""Standard ratings of parts, and the share of them that may be used."""

import numpy as np

from arcs_engine.circuits.spec import FloatArray

VOLTAGE_CLASSES = np.array(
    [20, 30, 40, 60, 80, 100, 150, 200, 250, 300, 400, 500, 600, 650, 800, 900, 1000, 1200.0]
)
"""Standard ratings of power MOSFETs and rectifiers, V."""

CAPACITOR_CLASSES = np.array(
    [4, 6.3, 10, 16, 25, 35, 50, 63, 80, 100, 160, 200, 250, 400, 420, 450, 500, 630, 1000.0]
)
"""Standard rated voltages of capacitors, V (IEC 60384-1, R5 and R10 series as sold): electrolytics
to 500 V, ceramics and films to 1000 V."""

CURRENT_CLASSES = np.array([0.5, 1, 2, 3, 5, 8, 10, 15, 20, 30, 40, 60, 80, 100, 150, 200.0])
"""Standard ratings of switches, of rectifiers and of power inductors, A."""

RESISTOR_CLASSES = np.array([0.1, 0.125, 0.25, 0.5, 1, 2, 3, 5, 7, 10, 15, 25, 50.0])
"""Standard power ratings of resistors, W."""

RESISTOR_DERATING = 0.5
"""Share of a resistor's rated power that may be used; NAVSO P-3641A allows 0.75."""

VOLTAGE_DERATING = 0.8
"""Share of a semiconductor's rated voltage that may be used (IPC-9592B, table A)."""

CAPACITOR_DERATING = 0.8
"""Share of a capacitor's rated voltage that may be used (IPC-9592B, table A)."""

SATURATION_DERATING = 0.7
"""Share of an inductor's saturation current that may be used (NAVSO P-3641A)."""

CURRENT_DERATING = 0.8
"""Share of a continuous current rating that may be used, for want of a thermal model."""


def rating_above(need: FloatArray, classes: FloatArray) -> FloatArray:
    """Return the smallest standard rating that is at least `need`; nan where there is none."""
    index = np.searchsorted(classes, need * (1 - 1e-12))
    return np.where(index < len(classes), classes.take(index, mode="clip"), np.nan)


def rating_bought(need: FloatArray, classes: FloatArray) -> FloatArray:
    """Return the smallest standard rating that is at least `need`; the largest for more or nan."""
    return np.asarray(classes.take(np.searchsorted(classes, need * (1 - 1e-12)), mode="clip"))
