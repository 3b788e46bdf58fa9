"""Declarations and design rules that topologies share."""

import numpy as np

from arcs_engine import parts
from arcs_engine.eseries import values_between
from arcs_engine.spec import FloatArray, SpecBatch
from arcs_engine.topologies.base import DesignValue, TextbookStep

RIPPLE_RATIO = 0.3
"""Inductor ripple, peak-to-peak over mean, of the classic design (TI SLVA477B, section 2: 20 to
40 %)."""

CONDUCTION_SHARE = 0.01
"""Share of the output power that the classic design allots to the switch's conduction."""

INDUCTANCE = DesignValue("L1", "inductance", "H", 0.47e-6, 10e-3, "E12", "L1")
OUTPUT_CAPACITANCE = DesignValue("Cout", "output capacitance", "F", 0.47e-6, 4.7e-3, "E12", "Cout")
OUTPUT_ESR = DesignValue("Cout_esr", "output capacitor ESR", "Ω", 1e-3, 1.0, "E24", "Cout")
ON_RESISTANCE = DesignValue("Q1_rds_on", "switch on-resistance", "Ω", 1e-3, 1.0, "E24", "Q1")


def at_least(wanted: FloatArray, value: DesignValue) -> FloatArray:
    """Return the first E-series value that is not below `wanted` (the largest if none is)."""
    grid = values_between(value.series, value.low, value.high)
    return np.asarray(grid[np.clip(np.searchsorted(grid, wanted * (1 - 1e-9)), 0, len(grid) - 1)])


def at_most(wanted: FloatArray, value: DesignValue) -> FloatArray:
    """Return the last E-series value that is not above `wanted` (the smallest if none is)."""
    grid = values_between(value.series, value.low, value.high)
    index = np.searchsorted(grid, wanted * (1 + 1e-9)) - 1
    return np.asarray(grid[np.clip(index, 0, len(grid) - 1)])


def output_capacitor(
    charge: FloatArray, current_step: FloatArray, specs: SpecBatch
) -> tuple[dict[str, FloatArray], tuple[TextbookStep, ...]]:
    """Choose the output capacitor so that charge and ESR each cause at most half the ripple.

    Args:
        charge: charge that the capacitor delivers or takes in a period, peak-to-peak, C.
        current_step: peak-to-peak current through the capacitor, A.
        specs: the specs, length n.

    Returns:
        ``Cout`` and ``Cout_esr``, shape (n,) each, and the steps.
    """
    allowed = specs.ripple * specs.vout / 2
    needed = charge / allowed
    esr_limit = allowed / current_step
    grid = values_between(
        OUTPUT_CAPACITANCE.series, OUTPUT_CAPACITANCE.low, OUTPUT_CAPACITANCE.high
    )
    bound = parts.esr_bound(grid[None, :], specs.vout[:, None])
    fits = (grid >= needed[:, None] * (1 - 1e-9)) & (bound <= esr_limit[:, None])
    index = np.where(fits.any(axis=1), fits.argmax(axis=1), len(grid) - 1)
    chosen = grid[index]
    esr = at_least(parts.esr_bound(chosen, specs.vout), OUTPUT_ESR)
    steps = (
        TextbookStep("Cout", "ΔQ / (ΔV / 2)", needed, "F", "TI SLVA477B, section 7"),
        TextbookStep("ESR limit", "(ΔV / 2) / ΔI", esr_limit, "Ω", "TI SLVA477B, section 7"),
        TextbookStep("Cout_esr", "what the technology gives", esr, "Ω", "parts.esr_bound"),
    )
    return {"Cout": chosen, "Cout_esr": esr}, steps


def switch_for(
    rms: FloatArray, specs: SpecBatch
) -> tuple[dict[str, FloatArray], tuple[TextbookStep, ...]]:
    """Choose ``Q1_rds_on`` so that conduction takes `CONDUCTION_SHARE` of the output power."""
    wanted = CONDUCTION_SHARE * specs.vout * specs.iout / rms**2
    step = TextbookStep(
        "Q1_rds_on", "1 % of Pout / Irms²", wanted, "Ω", "loss budget of the hand design"
    )
    return {"Q1_rds_on": at_most(wanted, ON_RESISTANCE)}, (step,)
