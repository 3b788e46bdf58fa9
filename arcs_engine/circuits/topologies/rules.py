"""Declarations and design rules that topologies share."""

from dataclasses import dataclass, replace

import numpy as np

from arcs_engine.circuits import parts
from arcs_engine.circuits.circuit import Capacitor, Diode, Resistor
from arcs_engine.circuits.crossover import Stage, coupling_resonance, shared_inductance
from arcs_engine.circuits.eseries import snap, values_between
from arcs_engine.circuits.parts.capacitor_bank import UNPOLARIZED, BankNeed, smallest_bank
from arcs_engine.circuits.spec import FloatArray, Spec, SpecBatch
from arcs_engine.circuits.topologies.base import DesignValue, LeastStress, Parameters, Values
from arcs_engine.circuits.topologies.textbook import BankTerm, Term, Worksheet

INDUCTANCE = DesignValue("L1", "inductance", "H", 0.1e-6, 10e-3, "E12", "L1", "L1", "L1")
OUTPUT_CAPACITANCE = DesignValue(
    "Cout", "output capacitance", "F", 0.01e-6, 68e-3, "E12", "Cout", "Cout", "Cout"
)
"""From one small part under bias to the largest bank of electrolytics."""
OUTPUT_ESR = DesignValue(
    "Cout_esr", "output capacitor ESR", "Ω", 10e-6, 1.0, "E24", "Cout", "ESR of Cout", "ESR"
)
ON_RESISTANCE = DesignValue(
    "Q1_rds_on", "switch on-resistance", "Ω", 1e-3, 10.0, "E24", "Q1", "Rds(on) of Q1", "Rds(on)"
)


def at_least(wanted: FloatArray, value: DesignValue) -> FloatArray:
    """Return the first E-series value that is not below `wanted` (the largest if none is)."""
    grid = values_between(value.series, value.low, value.high)
    return np.asarray(grid[np.clip(np.searchsorted(grid, wanted * (1 - 1e-9)), 0, len(grid) - 1)])


def at_most(wanted: FloatArray, value: DesignValue) -> FloatArray:
    """Return the last E-series value that is not above `wanted` (the smallest if none is)."""
    grid = values_between(value.series, value.low, value.high)
    index = np.searchsorted(grid, wanted * (1 + 1e-9)) - 1
    return np.asarray(grid[np.clip(index, 0, len(grid) - 1)])


def choose_inductance(sheet: Worksheet, needed: FloatArray, value: DesignValue) -> FloatArray:
    """Choose the next E12 value from what is needed, ``<symbol>_need`` on the sheet."""
    rule = f"next E12 value from {value.symbol}_need"
    return sheet.choose(value, rule, at_least(needed, value), "E12 series")


def filter_current(sheet: Worksheet, ripple: FloatArray) -> None:
    """Write down what the output capacitors take of an inductor's ripple, ``ΔI`` on the sheet.

    Args:
        sheet: the calculation.
        ripple: current ripple of the inductor, A peak-to-peak.
    """
    erickson = "Erickson 2e, sec. 2.5"
    sheet.step(
        "charge into Cout in half a period",
        Term("ΔQ", ripple / (8 * sheet.slowest_clock), "C"),
        "ΔI / (8 · (1 - tf) · f)",
        erickson,
    )
    sheet.step("current step through Cout", Term("ΔIC", ripple, "A"), "ΔI", erickson)
    sheet.step(
        "rms current of Cout",
        Term("IC", ripple / np.sqrt(12), "A"),
        "ΔI / √(12)",
        "Erickson 2e, app. A",
    )


def reservoir_current(sheet: Worksheet, ripple: FloatArray, source: str) -> None:
    """Write down what output capacitors take that alone feed the load while the switch is on.

    Args:
        sheet: the calculation, with ``Dlow``; ``ΔI`` is `ripple` on it.
        ripple: of the rectifier's current at the lowest input, A peak-to-peak.
        source: book and section.
    """
    iout, low = sheet.specs.iout, sheet.value("Dlow")
    sheet.step(
        "charge out of Cout in the on-time",
        Term("ΔQ", iout * low / sheet.slowest_clock, "C"),
        "Iout · Dlow / ((1 - tf) · f)",
        source,
    )
    sheet.step(
        "current step through Cout, the rectifier's peak",
        Term("ΔIC", iout / (1 - low) + ripple / 2, "A"),
        "Iout / (1 - Dlow) + ΔI / 2",
        source,
    )
    square = iout**2 * low / (1 - low) + (1 - low) * ripple**2 / 12
    sheet.step(
        "rms current of Cout",
        Term("IC", np.sqrt(square), "A"),
        "√(Iout² · Dlow / (1 - Dlow) + (1 - Dlow) · ΔI² / 12)",
        "Erickson 2e, app. A",
    )


def choose_switch(sheet: Worksheet, rms: FloatArray, synchronous: bool = False) -> None:
    """Choose an on-resistance for the share of the output power that conduction may take.

    Args:
        sheet: the calculation; ``Irms`` is `rms` on it, and ``D`` the duty.
        rms: current of the switch at the nominal input, A.
        synchronous: whether a second switch of the same kind conducts in the off-time.
    """
    specs, choices = sheet.specs, sheet.choices
    if synchronous:
        duty = sheet.value("D")
        rms = sheet.step(
            "rms current of the switch that carries more",
            Term("Irms", rms * np.sqrt(np.maximum(1 - duty, duty) / duty), "A"),
            "Irms · √(max(D, 1 - D) / D)",
            "Erickson 2e, app. A",
        )
    share = choices.conduction_share * specs.vout * specs.iout
    wanted = sheet.step(
        "on-resistance for the conduction loss allowed",
        Term("Rds_max", np.minimum(share, choices.conduction_limit) / rms**2, "Ω"),
        "min(share · Vout · Iout, Pmax) / Irms²",
        "loss budget; P = Irms² Rds: Erickson 2e, sec. 3.5",
    )
    rule = "last E24 value up to Rds_max"
    sheet.choose(ON_RESISTANCE, rule, at_most(wanted, ON_RESISTANCE), "E24 series")


# Converters with two inductors and a coupling capacitor between them (Cuk, SEPIC).

SECOND_INDUCTANCE = DesignValue(
    "L2", "second inductance", "H", INDUCTANCE.low, INDUCTANCE.high, "E12", "L2", "L2", "L2"
)
COUPLING_CAPACITANCE = DesignValue(
    "Cc", "coupling capacitance", "F", 0.01e-6, 1e-3, "E12", "Cc", "Cc", "Cc"
)

BODY_DIODE = Diode("Q1_body", "0", "sw")
"""The switch's own diode. The inductors resonate with a small coupling capacitor, so that the
switch may open while its current flows backwards; without the diode nothing would carry it."""


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
        parts.inductor("L1", parts.Coil(values["L1"], peaks[0]), specs.fsw)
        | parts.inductor("L2", parts.Coil(values["L2"], peaks[1]), specs.fsw)
        | parts.capacitor("Cc", values["Cc"], parts.esr_bound(values["Cc"], coupling_voltage))
        | parts.capacitor("Cout", values["Cout"], values["Cout_esr"])
        | parts.mosfet("Q1", values["Q1_rds_on"])
        | parts.rectifier("Q1_body", specs.vin_max + specs.vout, first + specs.iout)
        | parts.rectifier("D1", specs.vin_max + specs.vout, first + specs.iout)
    )


def two_inductor_stage(stage: Stage, parameters: Values, coupled: bool) -> Stage:
    """Return the stage of a Cuk or SEPIC with what both inductors and Cc make of it.

    Args:
        stage: that of its second inductor alone.
        parameters: element parameters by name, shape (n,) each.
        coupled: whether both windings share a core.
    """
    first, second, coupling = (parameters[name] for name in ("L1", "L2", "Cc"))
    inductance = shared_inductance(first, second, stage.low, stage.vout, coupled)
    resonance = coupling_resonance(first, second, coupling, coupled)
    return replace(stage, inductance=inductance, resonance=resonance)


_LEFT_BY_WINDINGS = 0.95
"""Share of the input that the first winding leaves at least, at the corner of a tenth of the load:
at full load it drops no more than half, beyond which a longer duty takes output away."""


def least_of_both_voltages(spec: Spec) -> LeastStress:
    """Return the sum of highest input, less what the winding may take of it, and output.

    Of two windings on one core it holds where they are equal, as they are sold.
    """
    return LeastStress(_LEFT_BY_WINDINGS * spec.vin_max + spec.vout, "vout")


def least_of_two_inductors(spec: Spec) -> dict[str, LeastStress]:
    """Return what switch and inductors of a Cuk or SEPIC must stand at least, by part.

    The open switch blocks both voltages; L1 carries the input's current, L2 the load's.
    """
    return {
        "Q1": least_of_both_voltages(spec),
        "L1": LeastStress(spec.pout / spec.vin_min, "iout"),
        "L2": LeastStress(spec.iout, "iout"),
    }


@dataclass(frozen=True)
class CouplingVoltage:
    """Mean voltage of a coupling capacitor.

    Attributes:
        formula: at the lowest input, in symbols.
        lowest: at the lowest input, V.
        highest: at the highest input, V.
    """

    formula: str
    lowest: FloatArray
    highest: FloatArray


def size_two_inductors(sheet: Worksheet, voltage: CouplingVoltage, coupling: float = 0.0) -> None:
    """Choose both inductors, the coupling capacitor and the switch of a Cuk or SEPIC.

    The inductors' ripple is largest at the highest input, their mean at the lowest; the coupling
    capacitor passes the charge Iout D / f (Hart, Power Electronics, sections 6.7 and 6.8). ``Dlow``
    is on the sheet afterwards, and with a coupling factor ``k``.

    Args:
        sheet: the calculation.
        voltage: of the coupling capacitor.
        coupling: factor of two windings on one core; 0 for two inductors.
    """
    specs, hart = sheet.specs, "Hart, sec. 6.7"
    high = sheet.step(
        "duty at the highest input",
        Term("Dhigh", step_up_down_duty(specs.vin_max, specs.vout), ""),
        "Vout / (Vin_max + Vout)",
        "Erickson 2e, sec. 2.4",
    )
    ratio = sheet.value("r")
    goals = (
        sheet.step(
            "ripple of L1 wanted",
            Term("ΔI1_goal", ratio * specs.iout * specs.vout / specs.vin_min, "A"),
            "r · Iout · Vout / Vin_min",
            "TI SNVA168E",
        ),
        sheet.step(
            "ripple of L2 wanted", Term("ΔI2_goal", ratio * specs.iout, "A"), "r · Iout", hart
        ),
    )
    needed = [
        sheet.step(
            "inductance for that ripple",
            Term(f"L{number}_need", specs.vin_max * high / (goal * specs.fsw), "H"),
            f"Vin_max · Dhigh / (ΔI{number}_goal · f)",
            hart,
        )
        for number, goal in enumerate(goals, start=1)
    ]
    if coupling:
        _choose_equal_windings(sheet, needed, coupling)
    else:
        choose_inductance(sheet, needed[0], INDUCTANCE)
        choose_inductance(sheet, needed[1], SECOND_INDUCTANCE)
    longest_duty(sheet)
    _choose_coupling_bank(sheet, voltage)
    choose_inductor_switch(sheet)


def _choose_equal_windings(sheet: Worksheet, needed: list[FloatArray], coupling: float) -> None:
    """Choose equal windings on one core whose ripples add up to those of two inductors.

    Both windings see the same voltage, so that each current rises by v / (L (1 + k)): half the
    inductance does for the same ripple (Texas Instruments, Benefits of a coupled-inductor SEPIC
    converter, 2012; Coilcraft MSD1278T data sheet).
    """
    first, second = needed
    sheet.give(Term("k", np.full_like(first, coupling), ""))
    wanted = sheet.step(
        "inductance of each of two equal windings on one core",
        Term("L_need", 2 * first * second / ((first + second) * (1 + coupling)), "H"),
        "2 · L1_need · L2_need / ((L1_need + L2_need) · (1 + k))",
        "TI, coupled-inductor SEPIC",
    )
    winding = at_least(wanted, INDUCTANCE)
    for value in (INDUCTANCE, SECOND_INDUCTANCE):
        sheet.choose(value, "next E12 value from L_need", winding, "E12 series")


def _choose_coupling_bank(sheet: Worksheet, voltage: CouplingVoltage) -> None:
    """Choose the coupling capacitors, unpolarized: their voltage rings when the input jumps."""
    specs, low, hart = sheet.specs, sheet.value("Dlow"), "Hart, ex. 6-7"
    lowest = sheet.step(
        "mean voltage of Cc at the lowest input",
        Term("VC", voltage.lowest, "V"),
        voltage.formula,
        "Hart, sec. 6.7",
    )
    needed = sheet.step(
        "coupling capacitance for its ripple",
        Term(
            "Cc_need",
            specs.iout * low / (sheet.choices.coupling_ripple * lowest * specs.fsw),
            "F",
        ),
        "Iout · Dlow / (rc · VC · f)",
        hart,
    )
    current = sheet.step(
        "rms current of Cc: the input's in the off-time, the load's in the on-time",
        Term("ICc", specs.iout * np.sqrt(low / (1 - low)), "A"),
        "Iout · √(Dlow / (1 - Dlow))",
        "Erickson 2e, app. A",
    )
    need = BankNeed(voltage.highest, needed, current, specs.fsw)
    bank, exists = smallest_bank(need, UNPOLARIZED, sheet.choices.most_in_parallel)
    rule = "least volume, unpolarized, at the highest input from Cc_need, rated for ICc"
    sheet.choose_bank(COUPLING_CAPACITANCE, BankTerm.of("CcBank", bank), exists, rule)
    sheet.choose(
        COUPLING_CAPACITANCE,
        "effective capacitance of CcBank at the highest input",
        bank.effective(voltage.highest),
        "ARCS, capacitors as they are sold",
    )


def windings_inductance(coupling: float, name: str) -> str:
    """Return the formula of what a winding's ripple meets, at its lower tolerance."""
    return f"(1 - tL) · {name}" + (" · (1 + k)" if coupling else "")


def longest_duty(sheet: Worksheet) -> FloatArray:
    """Write down ``Dlow`` of a converter that steps up and down, and return it."""
    specs = sheet.specs
    return sheet.step(
        "duty at the lowest input, with losses",
        Term("Dlow", step_up_down_duty(sheet.choices.efficiency * specs.vin_min, specs.vout), ""),
        "Vout / (η · Vin_min + Vout)",
        "Erickson 2e, sec. 2.4; losses: TI SLVA372D, sec. 2",
    )


def choose_inductor_switch(sheet: Worksheet, synchronous: bool = False) -> None:
    """Choose the switch of a converter whose switch carries Iout / (1 - D) in the on-time."""
    specs = sheet.specs
    duty = sheet.step(
        "duty at the nominal input",
        Term("D", step_up_down_duty(specs.vin, specs.vout), ""),
        "Vout / (Vin + Vout)",
        "Erickson 2e, sec. 2.4",
    )
    rms = sheet.step(
        "rms current of the switch",
        Term("Irms", np.sqrt(duty) * specs.iout / (1 - duty), "A"),
        "√(D) · Iout / (1 - D)",
        "Erickson 2e, app. A",
    )
    choose_switch(sheet, rms, synchronous)


# Converters with a transformer (flyback, forward).

TURNS_RATIO = DesignValue(
    "T1_n", "turns ratio Np/Ns", "", 0.25, 24.0, "RATIO", "T1s", "turns ratio", "n"
)

RECTIFIER_DROP = 0.7
"""Forward drop of the rectifier that the textbook design adds to Vout, V (Fairchild AN-4137)."""

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
    return DesignValue(
        "T1_lm", "magnetizing inductance", "H", low, 10e-3, "E12", "T1p", "Lm of T1", "Lm"
    )


def clamp(
    leakage: parts.Coil, voltage: FloatArray, reset: FloatArray, specs: SpecBatch
) -> Parameters:
    """Size the RCD clamp across a primary (Fairchild AN-4147).

    It dissipates P = f Llk Ipk^2 / 2 V / (V - Vreset); so R = V^2 / P, and C = V / (ΔV R f) with a
    ripple of 10 %.

    Args:
        leakage: leakage inductance seen from the primary, and its current at turn-off.
        voltage: wanted voltage of the clamp, V.
        reset: voltage that resets the core, seen from the primary, V; less than `voltage`.
        specs: length n.
    """
    power = 0.5 * specs.fsw * leakage.inductance * leakage.peak**2 * voltage / (voltage - reset)
    resistance = snap(voltage**2 / power, "E96", 1.0, 10e6)
    capacitance = snap(1 / (_CLAMP_RIPPLE * resistance * specs.fsw), "E12", 10e-12, 100e-6)
    return (
        {"Rclamp": resistance}
        | parts.capacitor("Cclamp", capacitance, parts.esr_bound(capacitance, voltage))
        | parts.rectifier("Dclamp", specs.vin_max + voltage, leakage.peak / 2)
    )
