"""The output capacitors of the textbook design: by ripple, ripple current and load step."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.crossover import (
    CURRENT_PEAKING,
    CURRENT_SHARE,
    OPTOCOUPLER_LIMIT,
    RESONANCE_SHARES,
    SLOPE_SHARE,
    WITHOUT_ZERO,
    ZERO_SHARE,
    Stage,
    boost_zero,
    crossover,
    step_up_down_zero,
    within_limits,
)
from arcs_engine.circuits.load_step import FROM_GAPS, PEAK, deviation, needed_capacitance
from arcs_engine.circuits.parts import capacitor_range
from arcs_engine.circuits.parts.capacitor_bank import Bank, smallest_bank
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.circuits.topologies.textbook import BankTerm, Choices, Term, Worksheet

if TYPE_CHECKING:
    from arcs_engine.circuits.topologies.base import DesignValue

_LOAD_STEP: Final = "ARCS, load step (docs/parts.md)"


@dataclass(frozen=True)
class OutputLoop:
    """The voltage loop round the output capacitors.

    Attributes:
        family: of `crossover.RULES`.
        stage: seen from the output, of nominal parts.
        synchronous: whether it never conducts discontinuously.
    """

    family: str
    stage: Stage
    synchronous: bool


@dataclass(frozen=True)
class OutputNeed:
    """What the output banks of n designs must do, of worst parts; shape (n,) each.

    With the number of equal parts their capacitance grows and their ESR falls alike, so that ripple
    and deviation both go with one over it.

    Attributes:
        voltage: of the output, V.
        charge: that flows in and out in a period, C.
        current_step: at the edges, A.
        current: rms, A.
        ripple: allowed, V.
        deviation: allowed when the load steps, V; inf for no limit.
        step: of the load, A.
        family: of the loop.
        stage: of the loop, with the most inductance and the slowest clock.
        choices: for the worst capacitance and ESR.
    """

    voltage: FloatArray
    charge: FloatArray
    current_step: FloatArray
    current: FloatArray
    ripple: FloatArray
    deviation: FloatArray
    step: FloatArray
    family: str
    stage: Stage
    choices: Choices

    def count(self, part: NDArray[np.intp]) -> FloatArray:
        """Return how many of each part would do, not rounded, shape (n, m).

        It is inf where the ESR's zero lies too low for the loop to be known: no number of parts
        moves it.
        """
        stage, family = self.stage.as_columns(), self.family
        voltage, charge, current_step, current, ripple, allowed, step = (
            each[:, None]
            for each in (
                self.voltage,
                self.charge,
                self.current_step,
                self.current,
                self.ripple,
                self.deviation,
                self.step,
            )
        )
        capacitance = capacitor_range.effective(part, voltage)
        least = capacitance * (1 - self.choices.capacitance_spread)
        esr = capacitor_range.resistance(part, stage.fsw) * self.choices.esr_growth
        needed = np.maximum(
            (charge / least + esr * current_step) / ripple,
            deviation(family, "current", stage, step, least, esr) / allowed,
        )
        for_current = current / capacitor_range.ripple_current(part, stage.fsw)
        known = within_limits(family, "current", stage, least, esr)
        return np.where(known, np.maximum(needed, for_current), np.inf)


def choose_output_bank(
    sheet: Worksheet, loop: OutputLoop, output: "tuple[DesignValue, DesignValue]"
) -> None:
    """Choose the output capacitors: the bank of least volume that does it all with worst parts.

    Args:
        sheet: the calculation, with ``ΔQ``, ``ΔIC`` and ``IC`` of the output capacitors.
        loop: the voltage loop round them.
        output: capacitance and ESR as design values.
    """
    specs, choices = sheet.specs, sheet.choices
    slow = loop.stage.with_inductance(1 + choices.inductance_spread)
    slow = slow.with_clock(1 - choices.clock_spread)
    allowed = _ripple(sheet)
    largest = _load_step(sheet, loop, slow)
    need = OutputNeed(
        voltage=specs.vout,
        charge=sheet.value("ΔQ"),
        current_step=sheet.value("ΔIC"),
        current=sheet.value("IC"),
        ripple=allowed,
        deviation=largest,
        step=specs.step,
        family=loop.family,
        stage=slow,
        choices=choices,
    )
    bank, exists = smallest_bank(need, most=choices.most_in_parallel)
    if not exists.all():
        larger, _ = smallest_bank(need)
        bank = Bank(
            np.where(exists, bank.part, larger.part), np.where(exists, bank.count, larger.count)
        )
    capacitance, esr = output
    sheet.choose_bank(
        capacitance,
        BankTerm.of("bank", bank),
        exists,
        "least volume with Cout above Cripple and Cstep, g · ESR · ΔIC and g · ESR · ΔIo in what "
        "is left of ΔV and ΔVstep, rated for IC",
    )
    sheet.choose(
        capacitance,
        "effective capacitance of bank at Vout",
        bank.effective(specs.vout),
        "ARCS, capacitors as they are sold",
    )
    sheet.choose(
        esr, "ESR of bank at f", bank.resistance(specs.fsw), "ARCS, capacitors as they are sold"
    )


def _ripple(sheet: Worksheet) -> FloatArray:
    """Write down what the ripple asks for, and return the ripple to size for, V."""
    specs, choices = sheet.specs, sheet.choices
    allowed = sheet.step(
        "ripple to size for",
        Term("ΔV", choices.ripple_share * specs.ripple * specs.vout, "V"),
        "rs · ripple · Vout",
        "spec, with a margin",
    )
    least = (1 - choices.capacitance_spread) * allowed
    sheet.step(
        "capacitance for the charge alone",
        Term("Cripple", sheet.value("ΔQ") / least, "F"),
        "ΔQ / ((1 - tC) · ΔV)",
        "Hart, sec. 6.3 to 6.8; ESR besides: TI SLUS964A, eq. 8",
    )
    return allowed


def _load_step(sheet: Worksheet, loop: OutputLoop, slow: Stage) -> FloatArray:
    """Write down what the load step asks for, and return the deviation allowed, V."""
    specs, choices = sheet.specs, sheet.choices
    fc = _crossover(sheet, loop, slow)
    sheet.step(
        "charge that is missing until the loop answers",
        Term("Qs", PEAK * specs.step / (2 * np.pi * fc), "C"),
        f"{PEAK:g} · ΔIo / (2 · π · fc)",
        "TI SLVSBV5C (TPS55340-Q1), eq. 22; 0.9 by ARCS, load step (docs/parts.md)",
    )
    charge = "Qs"
    if loop.family in WITHOUT_ZERO:
        charge = "√(√(Qs⁴ + Ql⁴))"
        _missing_slope(sheet, loop.stage)
    allowed = _allowed_deviation(sheet, loop)
    ideal = needed_capacitance(
        loop.family, "current", slow, specs.step, allowed, np.zeros(len(specs))
    )
    sheet.step(
        "capacitance for the load step, without ESR",
        Term("Cstep", ideal / (1 - choices.capacitance_spread), "F"),
        f"{charge} / ((1 - tC) · ΔVstep)",
        _LOAD_STEP,
    )
    return allowed


def _missing_slope(sheet: Worksheet, stage: Stage) -> None:
    """Write down the charge that is missing while the inductor's current follows the load."""
    specs, most = sheet.specs, 1 + sheet.choices.inductance_spread
    sheet.give(Term("Dlong", np.full(len(specs), stage.longest_duty), ""))
    sheet.give(Term("Vd", stage.drop + np.zeros(len(specs)), "V"))
    low = _lowest_input(stage)
    drop = "Vd" if stage.isolated else "(1 - Dlong) · Vd"
    drive = sheet.step(
        "voltage that moves the inductor's current, the lesser one of both directions",
        Term("VL", np.minimum(stage.rising_voltage, specs.vout), "V"),
        f"min(max({low} · Dlong - Vout - {drop}, 0.01 · Vout), Vout)",
        "TI SLUSAF8D (TPS40322), eq. 10 and 11",
    )
    sheet.step(
        "charge that is missing while it follows the load",
        Term("Ql", specs.step**2 * most * stage.inductance / (2 * drive), "C"),
        "ΔIo² · (1 + tL) · L1 / (2 · VL)",
        "TI SLUSAF8D (TPS40322), eq. 10 and 11",
    )


def _allowed_deviation(sheet: Worksheet, loop: OutputLoop) -> FloatArray:
    """Write down the deviation allowed, less where the step starts in discontinuous conduction."""
    specs = sheet.specs
    factor = FROM_GAPS.get((loop.family, "current"), 1.0)
    formula = "deviation · Vout"
    gaps = np.ones(len(specs))
    if factor > 1 and not loop.synchronous:
        light = sheet.value("r") / 2 > specs.step_from * (1 - sheet.choices.inductance_spread)
        gaps = np.where(light, factor, 1.0)
        sheet.give(Term("gaps", gaps, ""))
        formula += " / gaps"
    allowed = sheet.value("deviation") * specs.vout / gaps
    return sheet.step("deviation allowed", Term("ΔVstep", allowed, "V"), formula, "spec")


def _crossover(sheet: Worksheet, loop: OutputLoop, slow: Stage) -> FloatArray:
    """Write down how fast the loop may be, with the most inductance and a slow clock, in Hz."""
    if loop.family in WITHOUT_ZERO:
        limits = [f"(1 - tf) · f / {CURRENT_SHARE:g}", _ringing(sheet, loop.stage)]
    else:
        limits = [f"(1 - tf) · f / {CURRENT_SHARE:g}", _zero(sheet, loop, slow)]
        if np.all(np.isfinite(slow.resonance)):
            limits.append(_resonance(sheet, loop.family, slow))
    if slow.isolated:
        limits.append(f"{OPTOCOUPLER_LIMIT:g}")
    formula = limits[0]
    for limit in limits[1:]:
        formula = f"min({formula}, {limit})"
    fc = crossover(loop.family, "current", slow)
    return sheet.step("crossover of the voltage loop", Term("fc", fc, "Hz"), formula, _LOAD_STEP)


def _lowest_input(stage: Stage) -> str:
    """Return the formula of the lowest input as the output sees it."""
    return "Vin_min / n" if stage.isolated else "Vin_min"


def _ringing(sheet: Worksheet, stage: Stage) -> str:
    """Write down how much the current loop of a buck rings, and return what that leaves of f."""
    low, rest = _lowest_input(stage), 1 - SLOPE_SHARE
    rises = np.maximum(stage.low - stage.vout, 1e-3 * stage.vout)
    ringing = np.maximum(rest * stage.vout / (rises + SLOPE_SHARE * stage.vout), 0.0)
    sheet.step(
        "ringing of the current loop",
        Term("ring", ringing, ""),
        f"{rest:g} · Vout / (max({low} - Vout, 0.001 · Vout) + {SLOPE_SHARE:g} · Vout)",
        _LOAD_STEP,
    )
    return f"(1 - tf) · f / {CURRENT_PEAKING:g} · (1 - ring) / (1 + ring)"


def _zero(sheet: Worksheet, loop: OutputLoop, slow: Stage) -> str:
    """Write down the right-half-plane zero, and return what it leaves to the loop."""
    sheet.give(Term("Vd", slow.drop, "V"))
    low, source = _lowest_input(slow), "Erickson 2e, sec. 8.2"
    inductance = _met_inductance(sheet, loop)
    if loop.family == "boost":
        off = np.minimum(slow.low / (slow.vout + slow.drop), 1.0)
        sheet.step(
            "share of the off-time at the lowest input",
            Term("Doff", off, ""),
            "min(Vin_min / (Vout + Vd), 1)",
            "Erickson 2e, sec. 2.3",
        )
        zero, duty = boost_zero(slow), "Doff²"
        below = ""
    else:
        sheet.step(
            "duty at the lowest input, with the rectifier's drop",
            Term("Dz", slow.step_up_down_duty, ""),
            f"(Vout + Vd) / ({low} + Vout + Vd)",
            "Erickson 2e, sec. 2.4",
        )
        zero, duty, below = step_up_down_zero(slow), "(1 - Dz)²", " · Dz"
    sheet.step(
        "right-half-plane zero at the lowest input and full load",
        Term("fz", zero, "Hz"),
        f"Vout / Iout · {duty} / (2 · π{below} · (1 + tL) · {inductance})",
        source,
    )
    return f"fz / {ZERO_SHARE:g}"


def _met_inductance(sheet: Worksheet, loop: OutputLoop) -> str:
    """Return the formula of the inductance that the loop meets; of two inductors a step more."""
    stage = loop.stage
    if loop.family == "flyback":
        return "Lm / n²"
    if loop.family not in RESONANCE_SHARES:
        return "L1"
    if np.all(np.isinf(stage.resonance)):
        return "L2"
    sheet.step(
        "duty at the lowest input",
        Term("Dc", stage.vout / (stage.low + stage.vout), ""),
        "Vout / (Vin_min + Vout)",
        "Erickson 2e, sec. 2.4",
    )
    sheet.step(
        "inductance that the loop meets",
        Term("Lo", stage.inductance, "H"),
        "Dc² · L1 + (1 - Dc)² · L2",
        _LOAD_STEP,
    )
    return "Lo"


def _resonance(sheet: Worksheet, family: str, slow: Stage) -> str:
    """Write down the resonance of a coupling capacitor, and return what it leaves to the loop."""
    sheet.step(
        "resonance of both inductors with Cc",
        Term("fr", slow.resonance, "Hz"),
        "1 / (2 · π · √((1 + tL) · (L1 + L2) · Cc))",
        _LOAD_STEP,
    )
    return f"fr / {RESONANCE_SHARES[family]:g}"
