"""Declarations and design rules that topologies share."""

import numpy as np

from arcs_engine import parts
from arcs_engine.circuit import Capacitor, Diode, Resistor
from arcs_engine.eseries import snap, values_between
from arcs_engine.spec import FloatArray, SpecBatch
from arcs_engine.topologies.base import DesignValue, Parameters, TextbookStep, Values

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


# Converters with two inductors and a coupling capacitor between them (Cuk, SEPIC).

SECOND_INDUCTANCE = DesignValue(
    "L2", "second inductance", "H", INDUCTANCE.low, INDUCTANCE.high, "E12", "L2"
)
COUPLING_CAPACITANCE = DesignValue("Cc", "coupling capacitance", "F", 0.1e-6, 470e-6, "E12", "Cc")

BODY_DIODE = Diode("Q1_body", "0", "sw")
"""The switch's own diode. The inductors resonate with a small coupling capacitor, so that the
switch may open while its current flows backwards; without the diode nothing would carry it."""

COUPLING_RIPPLE = 0.05
"""Ripple, peak-to-peak over mean, of the coupling capacitor's voltage in the classic design (Hart,
Power Electronics, example 6-7)."""


def step_up_down_duty(vin: FloatArray, vout: FloatArray) -> FloatArray:
    """D = Vout / (Vin + Vout) (Erickson and Maksimovic, 2nd ed., sections 2.4 and 6.1.2)."""
    return vout / (vin + vout)


def step_up_down_output(vin: FloatArray, duty: FloatArray) -> FloatArray:
    """Vout = Vin D / (1 - D)."""
    return vin * duty / (1 - duty)


def input_ripple(inductance: FloatArray, vin: FloatArray, specs: SpecBatch) -> FloatArray:
    """ΔI = Vin D / (L f), A, of either inductor of a Cuk or SEPIC in CCM (Hart, section 6.7)."""
    return vin * step_up_down_duty(vin, specs.vout) / (inductance * specs.fsw)


def two_inductor_parts(
    values: Values, specs: SpecBatch, coupling_voltage: FloatArray
) -> Parameters:
    """Derive the parts of a converter with a coupling capacitor.

    The first inductor carries the input current, largest at the lowest input; the second one the
    output current. Switch and diode carry both.

    Args:
        values: the design values, shape (n,) each.
        specs: length n.
        coupling_voltage: highest mean voltage of the coupling capacitor, V.
    """
    at_low = step_up_down_duty(specs.vin_min, specs.vout)
    first = specs.iout * at_low / (1 - at_low)
    peaks = (
        parts.peak_current(first, input_ripple(values["L1"], specs.vin_min, specs)),
        parts.peak_current(specs.iout, input_ripple(values["L2"], specs.vin_max, specs)),
    )
    return (
        parts.inductor("L1", values["L1"], peaks[0])
        | parts.inductor("L2", values["L2"], peaks[1])
        | parts.capacitor("Cc", values["Cc"], parts.esr_bound(values["Cc"], coupling_voltage))
        | parts.capacitor("Cout", values["Cout"], values["Cout_esr"])
        | parts.mosfet("Q1", values["Q1_rds_on"])
        | parts.rectifier("Q1_body", specs.vin_max + specs.vout, first + specs.iout)
        | parts.rectifier("D1", specs.vin_max + specs.vout, first + specs.iout)
    )


def two_inductor_textbook(
    specs: SpecBatch, coupling_voltage: FloatArray
) -> tuple[dict[str, FloatArray], tuple[TextbookStep, ...]]:
    """Size inductors for 0.3 of their mean current at the highest input, and the capacitor.

    Hart, Power Electronics, sections 6.7 and 6.8; TI AN-1484 (SEPIC). The coupling capacitor passes
    the charge Iout D / f.

    Args:
        specs: length n.
        coupling_voltage: mean voltage of the coupling capacitor at the lowest input, V.

    Returns:
        ``L1``, ``L2`` and ``Cc``, shape (n,) each, and the steps.
    """
    at_high = step_up_down_duty(specs.vin_max, specs.vout)
    at_low = step_up_down_duty(specs.vin_min, specs.vout)
    volt_seconds = specs.vin_max * at_high / specs.fsw
    first = volt_seconds * (1 - at_high) / (RIPPLE_RATIO * specs.iout * at_high)
    second = volt_seconds / (RIPPLE_RATIO * specs.iout)
    coupling = specs.iout * at_low / (specs.fsw * COUPLING_RIPPLE * coupling_voltage)
    duty = step_up_down_duty(specs.vin, specs.vout)
    steps = (
        TextbookStep("D", "Vout / (Vin + Vout)", duty, "", "Erickson 2e, sec. 2.4"),
        TextbookStep("L1", "Vin D / (0.3 Iin f)", first, "H", "Hart, sec. 6.7"),
        TextbookStep("L2", "Vin D / (0.3 Iout f)", second, "H", "Hart, sec. 6.7"),
        TextbookStep("Cc", "Iout D / (0.05 Vc f)", coupling, "F", "Hart, sec. 6.7"),
    )
    values = {
        "L1": at_least(first, INDUCTANCE),
        "L2": at_least(second, SECOND_INDUCTANCE),
        "Cc": at_least(coupling, COUPLING_CAPACITANCE),
    }
    return values, steps


# Converters with a transformer (flyback, forward).

TURNS_RATIO = DesignValue("T1_n", "turns ratio Np/Ns", "", 0.25, 16.0, "RATIO", "T1s")

RECTIFIER_DROP = 0.7
"""Forward drop of the rectifier that the classic design adds to Vout, V (Fairchild AN-4137)."""

CLAMP = (
    Diode("Dclamp", "sw", "clamp"),
    Capacitor("Cclamp", "clamp", "in"),
    Resistor("Rclamp", "clamp", "in"),
)
"""RCD clamp across the primary: it takes the energy of the leakage inductance. A diode straight to
the input would short the reset voltage."""

_CLAMP_RIPPLE = 0.1


def magnetizing_inductance(low: float) -> DesignValue:
    """Return the declaration of ``T1_lm``, from `low` (H) upwards."""
    return DesignValue("T1_lm", "magnetizing inductance", "H", low, 10e-3, "E12", "T1p")


def nearest_ratio(wanted: FloatArray) -> FloatArray:
    """Return the nearest turns ratio."""
    return snap(wanted, TURNS_RATIO.series, TURNS_RATIO.low, TURNS_RATIO.high)


def clamp(
    leakage: FloatArray,
    peak: FloatArray,
    voltage: FloatArray,
    reset: FloatArray,
    specs: SpecBatch,
) -> Parameters:
    """Size the RCD clamp across a primary (Fairchild AN-4147).

    It dissipates P = f Llk Ipk^2 / 2 V / (V - Vreset); so R = V^2 / P, and C = V / (ΔV R f) with a
    ripple of 10 %.

    Args:
        leakage: leakage inductance seen from the primary, H.
        peak: primary current at turn-off, A.
        voltage: wanted voltage of the clamp, V.
        reset: voltage that resets the core, seen from the primary, V; less than `voltage`.
        specs: length n.
    """
    power = 0.5 * specs.fsw * leakage * peak**2 * voltage / (voltage - reset)
    resistance = snap(voltage**2 / power, "E96", 1.0, 10e6)
    capacitance = snap(1 / (_CLAMP_RIPPLE * resistance * specs.fsw), "E12", 10e-12, 100e-6)
    return (
        {"Rclamp": resistance}
        | parts.capacitor("Cclamp", capacitance, parts.esr_bound(capacitance, voltage))
        | parts.rectifier("Dclamp", specs.vin_max + voltage, peak / 2)
    )
