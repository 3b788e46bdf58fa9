"""The figures of one solved converter, the same type whoever solved it.

`evaluate` fills them from the fast solver, `spice` from a simulation's waveforms.
"""

from typing import Literal

import msgspec

Mode = Literal["CCM", "BCM", "DCM"]


class Stress(msgspec.Struct, frozen=True):
    """What a part must stand, against the next standard rating.

    Attributes:
        quantity: which limit, such as ``voltage`` or ``current``.
        value: the peak in the circuit at the worst corner, V or A.
        rating: the next standard rating whose derated value covers it, V or A; None when the
            largest does not.
        margin: derated rating / value - 1; negative when no rating is enough.
        unit: ``V`` or ``A``.
    """

    quantity: str
    value: float
    rating: float | None
    margin: float
    unit: str


class Metrics(msgspec.Struct, frozen=True, kw_only=True):
    """One operating point of one design; SI units.

    Attributes:
        vout: mean output voltage, with its sign.
        vout_error: | |vout| - target | / target.
        ripple: peak-to-peak output ripple in 20 MHz bandwidth, a fraction of |vout| target.
        inductor_ripple: peak-to-peak current of the topology's main inductor, A.
        efficiency: simulated, Pout / Pin, comparable with ngspice.
        efficiency_estimated: with the modelled losses (switching, gate, core) added.
        pin: mean input power, W, simulated.
        pout: mean output power, W.
        losses: watts by part; the simulated ones by part name (``Q1``, ``D1``, ``L1``, ``Cout``),
            modelled ones by part and kind (``Q1 switching``).
        stress: by part.
        energy: stored energy of magnetics and capacitors at the worst corner, J.
        residue: |Pin - Pout - sum of simulated losses| / Pin.
        charge_balance: largest mean capacitor current / Iout.
        flux_balance: largest mean inductor voltage / Vin.
    """

    vout: float
    vout_error: float
    ripple: float
    inductor_ripple: float
    efficiency: float
    efficiency_estimated: float
    pin: float
    pout: float
    losses: dict[str, float]
    stress: dict[str, Stress]
    energy: float
    residue: float
    charge_balance: float
    flux_balance: float
