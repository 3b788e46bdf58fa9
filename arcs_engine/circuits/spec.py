"""What a supply must do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from arcs_engine.foundation.errors import SpecError
from arcs_engine.foundation.units import format_quantity

FloatArray = NDArray[np.float64]
Polarity = Literal["positive", "negative", "any"]

Custom = Literal["custom", "none"]
"""Of a guard: what the topology's custom is, or no limit at all."""

AUTO = "auto"

FSW_RANGE = (10e3, 5e6)
"""Switching frequencies that decks can be written for and parts are known for, Hz.

Automotive supplies switch at 2.1 and 2.2 MHz, above the AM band. Beyond 5 MHz ferrites of the kind
that losses are known of are not used, and a period is no longer long against a gate's edges."""

TRAINED_FSW_RANGE = (50e3, 500e3)
"""Switching frequencies that the shipped models were trained on, Hz."""

HIGHEST_WEIGHT = 0.95
"""Weight of the loss where it counts most: with no volume at all, boards fill with capacitors."""

_LIMITS: dict[str, tuple[float, float, str, str]] = {
    # field: (lowest, highest, unit, example)
    "vin": (0.5, 1000.0, "V", "12 V"),
    "vin_min": (0.5, 1000.0, "V", "9 V"),
    "vin_max": (0.5, 1000.0, "V", "15 V"),
    "vout": (0.1, 1000.0, "V", "5 V"),
    "iout": (1e-3, 200.0, "A", "2 A"),
    "fsw": (*FSW_RANGE, "Hz", "300 kHz"),
    "ripple": (5e-4, 0.2, "%", "1 %"),
    "efficiency": (0.3, 0.995, "%", "90 %"),
    "deviation": (1e-3, 0.5, "%", "5 %"),
    "ambient": (-40.0, 105.0, "°C", "40 °C"),
    "ripple_current": (0.01, 2.0, "%", "50 %"),
    "longest_duty": (0.05, 0.95, "%", "50 %"),
    "weight": (0.0, HIGHEST_WEIGHT, "", "0.6"),
}


class Spec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A converter's requirements, SI units.

    Attributes:
        topology: a registered topology's name, or ``auto``.
        vin: nominal input voltage, V; `vin_min` and `vin_max` bound it.
        vout: output voltage as a magnitude, V.
        iout: full-load output current, A.
        fsw: switching frequency, Hz.
        ripple: allowed peak-to-peak output ripple (20 MHz bandwidth) as a fraction of `vout`.
        efficiency: wished estimated efficiency, a fraction; None for no wish.
        polarity: which sign of output `auto` may choose.
        isolated: whether `auto` must choose an isolated topology.
        load_step: shares of the full load between which the load jumps, both ways.
        deviation: by how much the output may deviate then, a fraction of `vout`; None for no limit.
        ambient: temperature of the air round the board, °C.
        ripple_current: largest ripple of the main inductor's current over its largest mean, or the
            topology's custom.
        longest_duty: largest duty at the lowest input and full load, or the topology's custom.
        weight: of the loss against the volume, 0 to `HIGHEST_WEIGHT`.
    """

    topology: str = AUTO
    vin: float
    vin_min: float
    vin_max: float
    vout: float
    iout: float
    fsw: float
    ripple: float = 0.01
    efficiency: float | None = None
    polarity: Polarity = "positive"
    isolated: bool = False
    load_step: tuple[float, float] = (0.5, 1.0)
    deviation: float | None = 0.05
    ambient: float = 40.0
    ripple_current: float | Custom = "custom"
    longest_duty: float | Custom = "custom"
    weight: float = 0.6

    def __post_init__(self) -> None:
        for field, (low, high, unit, example) in _LIMITS.items():
            value = getattr(self, field)
            if value is None or isinstance(value, str):
                continue
            if not low <= value <= high:  # also refuses nan
                raise SpecError(
                    f"{field} is {_shown(value, unit)}; it must lie between {_shown(low, unit)} "
                    f"and {_shown(high, unit)}, for example {example}.",
                    field,
                )
        if not self.vin_min <= self.vin:
            raise SpecError(
                f"vin_min is {self.vin_min:g} V, above the nominal vin of {self.vin:g} V.",
                "vin_min",
            )
        if not self.vin <= self.vin_max:
            raise SpecError(
                f"vin_max is {self.vin_max:g} V, below the nominal vin of {self.vin:g} V.",
                "vin_max",
            )

        low, high = self.load_step
        if not 0 <= low < high <= 1:  # also refuses nan
            raise SpecError(
                f"load_step is {low * 100:g} % to {high * 100:g} %; it must rise from a load of at "
                "least 0 % to one of at most 100 %, for example 50%..100%.",
                "load_step",
            )

    @property
    def pout(self) -> float:
        """Full-load output power, W."""
        return self.vout * self.iout


def _shown(value: float, unit: str) -> str:
    if unit == "%":
        return f"{value * 100:g} %"
    return format_quantity(value, unit)


@dataclass(frozen=True)
class SpecBatch:
    """Many specs as arrays of one length, for the rules that choose and judge parts.

    Attributes have shape (n,) and mostly the units of `Spec`'s fields of those names.

    Attributes:
        efficiency: nan where there is no wish.
        step: of the load, A.
        step_from: share of the full load that it begins or ends at.
        deviation: allowed one, a fraction of `vout`; nan where there is no limit.
        ambient: °C.
        ripple_current: nan where there is no limit, -1 where the topology's custom holds.
        longest_duty: likewise.
    """

    vin: FloatArray
    vin_min: FloatArray
    vin_max: FloatArray
    vout: FloatArray
    iout: FloatArray
    fsw: FloatArray
    ripple: FloatArray
    efficiency: FloatArray
    step: FloatArray
    step_from: FloatArray
    deviation: FloatArray
    ambient: FloatArray
    ripple_current: FloatArray
    longest_duty: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, specs: Sequence[Spec]) -> "SpecBatch":
        """Stack specs, one row each."""
        distinct = list({id(spec): spec for spec in specs}.values())  # batches repeat few specs
        place = {id(spec): row for row, spec in enumerate(distinct)}
        table = np.array([[_number(spec, name) for name in cls.fields()] for spec in distinct])
        rows = table.reshape(-1, len(cls.fields()))[[place[id(spec)] for spec in specs]]
        return cls(*np.ascontiguousarray(rows.T))

    @classmethod
    def fields(cls) -> tuple[str, ...]:
        """Return the names of the columns."""
        return tuple(cls.__dataclass_fields__)

    def __len__(self) -> int:
        return len(self.vin)

    def take(self, index: NDArray[np.intp]) -> "SpecBatch":
        """Return the rows at `index`, in that order; rows may repeat."""
        return SpecBatch(**{name: getattr(self, name)[index] for name in self.fields()})


CUSTOM: Final = -1.0
"""In a column of `SpecBatch`: what the topology's custom is."""

_CUSTOMS = {"custom": CUSTOM, "none": np.nan}


def _number(spec: Spec, column: str) -> float:
    """Return what a column of a batch says of one spec."""
    match column:
        case "step":
            return spec.iout * (spec.load_step[1] - spec.load_step[0])
        case "step_from":
            return spec.load_step[0]
    value = getattr(spec, column)
    if isinstance(value, str):
        return _CUSTOMS[value]
    return np.nan if value is None else float(value)
