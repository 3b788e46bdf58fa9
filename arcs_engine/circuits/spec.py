"""What a supply must do."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from arcs_engine.foundation.errors import SpecError
from arcs_engine.foundation.units import format_quantity

FloatArray = NDArray[np.float64]
Polarity = Literal["positive", "negative", "any"]

AUTO = "auto"

FSW_RANGE = (10e3, 5e6)
"""Switching frequencies that decks can be written for and parts are known for, Hz.

Automotive supplies switch at 2.1 and 2.2 MHz, above the AM band. Beyond 5 MHz ferrites of the kind
that losses are known of are not used, and a period is no longer long against a gate's edges."""

TRAINED_FSW_RANGE = (50e3, 500e3)
"""Switching frequencies that the shipped models were trained on, Hz."""

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
    "weight": (0.0, 1.0, "", "0.5"),
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
        weight: 1 ranks by loss alone, 0 by stored energy (size) alone.
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
    weight: float = 0.5

    def __post_init__(self) -> None:
        for field, (low, high, unit, example) in _LIMITS.items():
            value = getattr(self, field)
            if value is None:
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

    Each attribute has shape (n,) and the unit of `Spec`'s field of that name; `efficiency` is nan
    where there is no wish.
    """

    vin: FloatArray
    vin_min: FloatArray
    vin_max: FloatArray
    vout: FloatArray
    iout: FloatArray
    fsw: FloatArray
    ripple: FloatArray
    efficiency: FloatArray
    weight: FloatArray

    @classmethod
    def of(cls, specs: Sequence[Spec]) -> "SpecBatch":
        """Stack specs, one row each."""
        columns = {
            name: np.array([getattr(s, name) for s in specs], dtype=np.float64)
            for name in cls.__dataclass_fields__
        }
        return cls(**columns)

    def __len__(self) -> int:
        return len(self.vin)

    def take(self, index: NDArray[np.intp]) -> "SpecBatch":
        """Return the rows at `index`, in that order; rows may repeat."""
        columns = {name: getattr(self, name)[index] for name in self.__dataclass_fields__}
        return SpecBatch(**columns)
