"""A published converter in the words of the judge: its spec, its circuit, and its parts as values.

What a source does not state is filled in by one rule each, and `Restated.assumed` says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import msgspec
import numpy as np

from arcs_engine.bench.published import Capacitor, Design, Measurement
from arcs_engine.circuits.parts import capacitor_range
from arcs_engine.circuits.parts.capacitor_range import PARTS, USABLE
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS
from arcs_engine.circuits.topologies import topology as find_topology

_OTHER_CIRCUIT: Final = ", which is no circuit here"

_DEFAULT_STEP: Final = "default load step"

_SPREAD: Final = 0.1
"""Of an input whose range is not stated, to both sides."""

_LARGEST_CASE: Final = 21.0
"""Bare volume of the largest case that is taken for a ceramic whose case is not stated, mm3: 1210,
which evaluation boards mostly have."""

_CERAMIC_UP_TO: Final = 100e-6
"""Capacitance of one part up to which a technology that is not stated is ceramic, F."""


@dataclass(frozen=True)
class Restated:
    """A published converter as the judge takes it.

    Attributes:
        id: of the entry.
        spec: with the circuit's name.
        values: design values that the source states, SI, by name; equal ones of a coupled pair.
        assumed: what the source does not state and a rule filled in, a few words each.
        same_circuit: whether the judge has the circuit that was published.
        own_step: whether the source states the load step that the design was made for.
    """

    id: str
    spec: Spec
    values: dict[str, float]
    assumed: tuple[str, ...]
    same_circuit: bool
    own_step: bool


def restated(entry: Design | Measurement, *, at_nominal: bool = False) -> Restated:
    """Return a published converter as a spec and values.

    Args:
        entry: what was published.
        at_nominal: take the nominal input +-10 % where the source names one, and a wide range as
            that of the part, not of the design.
    """
    assumed: list[str] = []
    low, nominal, high = _inputs(entry, assumed)
    if at_nominal and isinstance(entry, Design) and entry.vin is not None:
        low, high = nominal * (1 - _SPREAD), nominal * (1 + _SPREAD)
    full = entry.iout if isinstance(entry, Design) else max(p.iout for p in entry.points)
    asked = Spec(
        topology=_circuit(entry, assumed),
        vin=nominal,
        vin_min=low,
        vin_max=high,
        vout=entry.vout,
        iout=full,
        fsw=entry.fsw,
    )
    asked = _with_load_step(asked, entry, assumed)
    own_step = _DEFAULT_STEP not in assumed
    same = not any(_OTHER_CIRCUIT in each for each in assumed)
    values = _values(entry, asked, assumed)
    return Restated(entry.id, asked, values, tuple(dict.fromkeys(assumed)), same, own_step)


def _circuit(entry: Design | Measurement, assumed: list[str]) -> str:
    """Return the registered circuit that comes nearest."""
    names = {*REGISTRY, *VARIANTS}
    wanted = [kind for kind in ("coupled", "synchronous") if _has(entry, kind)]
    for kind in wanted:
        if (name := f"{entry.topology}_{kind}") in names:
            missing = [other for other in wanted if other != kind]
            assumed += [f"not {other}{_OTHER_CIRCUIT}" for other in missing]
            return name
    assumed += [f"not {kind}{_OTHER_CIRCUIT}" for kind in wanted]
    return entry.topology


def _has(entry: Design | Measurement, kind: str) -> bool:
    return entry.coupled if kind == "coupled" else entry.rectifier == kind


def _inputs(entry: Design | Measurement, assumed: list[str]) -> tuple[float, float, float]:
    """Return the least, nominal and largest input, V."""
    if isinstance(entry, Measurement):
        every = sorted({point.vin for point in entry.points})
        low, nominal, high = every[0], every[len(every) // 2], every[-1]
        if low < high:
            return low, nominal, high
        assumed.append("input ± 10 %")
        return nominal * (1 - _SPREAD), nominal, nominal * (1 + _SPREAD)
    least, middle, most = entry.vin_min, entry.vin, entry.vin_max
    if least is None or most is None:
        assumed.append("input ± 10 %")
    if middle is None:
        if least is not None and most is not None:
            assumed.append("nominal input the geometric mean")
            middle = float(np.sqrt(least * most))
        else:
            middle = least / (1 - _SPREAD) if least is not None else (most or 0) / (1 + _SPREAD)
    return (
        least if least is not None else middle * (1 - _SPREAD),
        middle,
        most if most is not None else middle * (1 + _SPREAD),
    )


def _with_load_step(spec: Spec, entry: Design | Measurement, assumed: list[str]) -> Spec:
    """Return a spec with the load step that a design was made for; the default where none is known.

    What a board was measured to do is no criterion: it was not designed to do just that.
    """
    step = entry.step if isinstance(entry, Design) else None
    if step is None or step.kind == "measured":
        assumed.append(_DEFAULT_STEP)
        return spec
    share = min(step.size / spec.iout, 1.0)
    deviation = step.deviation / spec.vout
    return msgspec.structs.replace(spec, load_step=(1 - share, 1.0), deviation=deviation)


def _values(entry: Design | Measurement, spec: Spec, assumed: list[str]) -> dict[str, float]:
    """Return the design values that a source states."""
    parts, known = entry.parts, dict[str, float]()
    names = {value.name for value in find_topology(spec.topology).design_values}
    if parts.inductance is not None:
        known |= {"L1": parts.inductance}
        if entry.coupled:
            known |= {"L2": parts.inductance}
    if parts.magnetizing_inductance is not None:
        known["T1_lm"] = parts.magnetizing_inductance
    if parts.turns is not None:
        known["T1_n"] = parts.turns
    if parts.switch_resistance is not None:
        known["Q1_rds_on"] = parts.switch_resistance
    if parts.coupling_capacitors:
        known["Cc"], _ = bank(parts.coupling_capacitors, spec.vin_max, spec.fsw, assumed)
    if parts.output_capacitors:
        capacitance, esr = bank(parts.output_capacitors, spec.vout, spec.fsw, assumed)
        known |= {"Cout": capacitance, "Cout_esr": esr}
    if isinstance(entry, Design) and entry.effective_capacitance is not None:
        known["Cout"] = entry.effective_capacitance
    return {name: value for name, value in known.items() if name in names}


def bank(
    capacitors: Sequence[Capacitor], voltage: float, fsw: float, assumed: list[str]
) -> tuple[float, float]:
    """Return effective capacitance, F, and resistance, ohm, of equal parts or of a mixed bank.

    The capacitances under bias add up, as they do where the loop crosses over; the resistance is
    the real part of the bank's impedance at the switching frequency.

    Args:
        capacitors: in parallel.
        voltage: across them, V.
        fsw: Hz.
        assumed: gets what is not stated.
    """
    omega, admittance, total = 2 * np.pi * fsw, 0j, 0.0
    for each in capacitors:
        if each.technology is None:
            assumed.append("technology of capacitors by their size")
        place = _sold(each, voltage)
        at = np.array([voltage])
        effective, esr = each.capacitance, each.esr
        if place is not None:
            chosen = np.array([place])
            effective = float(capacitor_range.effective(chosen, at)[0])
            own = float(capacitor_range.resistance(chosen, np.array([fsw]))[0])
            esr = own if esr is None else esr
        esr = 0.0 if esr is None else esr
        total += effective * each.count
        admittance += each.count / (esr + 1 / (1j * omega * effective))
    return total, float((1 / admittance).real)


def _sold(capacitor: Capacitor, voltage: float) -> int | None:
    """Return the place in `PARTS` of what comes nearest; None where nothing is like it.

    The lowest rating that covers the voltage and holds the capacitance, in the largest case that
    boards mostly have.
    """
    technology = capacitor.technology or _technology(capacitor.capacitance)
    if technology == "tantalum":
        technology = "polymer"
    alike = [
        place
        for place, part in enumerate(PARTS)
        if part.technology == technology
        and USABLE[place] >= voltage * (1 - 1e-9)
        and abs(part.capacitance / capacitor.capacitance - 1) < 0.15
    ]
    if not alike:
        return None
    lowest = min(PARTS[place].rated for place in alike)
    cases = [place for place in alike if PARTS[place].rated == lowest]
    boards = [place for place in cases if PARTS[place].bare <= _LARGEST_CASE] or cases
    return max(boards, key=lambda place: PARTS[place].bare)


def _technology(capacitance: float) -> str:
    return "ceramic" if capacitance <= _CERAMIC_UP_TO else "electrolytic"
