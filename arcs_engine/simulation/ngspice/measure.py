"""What a simulation says of a converter, measured over its last whole periods."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from arcs_engine.circuits.circuit import Capacitor, Circuit, Inductor, Load, Source
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.foundation.errors import SpiceFailedError
from arcs_engine.simulation import netlist
from arcs_engine.simulation.ngspice.rawfile import RawData
from arcs_engine.simulation.waveforms import Waveforms, band_limit, mean, mean_product, peak_to_peak

LARGEST_IMBALANCE = 0.002
"""Mean capacitor current over Iout and mean inductor voltage over Vin, above which a window is not
steady (requirement P2)."""

_MOST_EFFICIENCY = 1 + LARGEST_IMBALANCE

_INPUT_TOLERANCE = 0.001

LARGEST_SIGNAL = 1e12
"""Largest voltage (V) or current (A) that is taken for a simulation's result: far beyond every
converter, and far from where sums and products overflow."""


@dataclass(frozen=True)
class Balance:
    """How far a window is from the steady state, by element.

    Attributes:
        charge: |mean capacitor current| / Iout.
        flux: |mean voltage across the inductance| / Vin.
    """

    charge: dict[str, float]
    flux: dict[str, float]

    @property
    def worst_charge(self) -> float:
        """The largest of the charge balances; 0 without capacitors."""
        return max(self.charge.values(), default=0.0)

    @property
    def worst_flux(self) -> float:
        """The largest of the flux balances; 0 without inductors."""
        return max(self.flux.values(), default=0.0)

    @property
    def steady(self) -> bool:
        """Whether both are small enough for the window to be judged."""
        return max(self.worst_charge, self.worst_flux) <= LARGEST_IMBALANCE


@dataclass(frozen=True)
class Measurement:
    """One operating point as simulated; SI units.

    Attributes:
        periods: length of the window.
        vout: mean output voltage, with its sign, V.
        iout: mean load current, with its sign, A.
        ripple: largest peak-to-peak output voltage in a period, in 20 MHz bandwidth, V.
        pin: mean power out of the source, W.
        pout: mean power into the load, W.
        balance: whether the window may be judged at all.
    """

    periods: int
    vout: float
    iout: float
    ripple: float
    pin: float
    pout: float
    balance: Balance

    @property
    def efficiency(self) -> float:
        """Pout / Pin."""
        return self.pout / self.pin


def to_waveforms(raw: RawData, circuit: Circuit, period: float) -> Waveforms:
    """Return a run's signals under the names of the declaration.

    ``v(node)``, ``i(element)`` counted from a to b, and ``vc(element)`` for the voltage of a
    capacitor behind its series resistance.

    Args:
        raw: result of a deck of `circuit` written with ``measures=False``.
        circuit: the declaration.
        period: switching period, s.

    Raises:
        SpiceFailedError: the run did not save a signal of the declaration, or one is absurd.
    """
    for name, signal in raw.signals.items():
        largest = float(np.max(np.abs(signal)))
        if not largest <= LARGEST_SIGNAL:  # refuses nan too
            raise SpiceFailedError(
                f"ngspice's result is wrong: {name} reaches {largest:.3g}, which no converter does."
            )
    try:
        signals = {name: raw.signals[own] for name, own in netlist.signals(circuit).items()}
        for part in circuit.of_type(Capacitor):
            inner = raw.signals[f"v({netlist.inner_node(part).lower()})"]
            outer = signals.get(f"v({part.b})")
            signals[f"vc({part.name})"] = inner if outer is None else inner - outer
    except KeyError as error:
        raise SpiceFailedError(
            f"The simulation did not save the signal {error.args[0]}."
        ) from error
    return Waveforms(raw.time, signals, period, "ngspice")


def final_state(waveforms: Waveforms, circuit: Circuit) -> dict[str, float]:
    """Return inductor currents (A) and capacitor voltages (V) at the end, by element name."""
    return {
        part.name: float(_state(waveforms, part)[-1])
        for part in circuit.elements
        if isinstance(part, Inductor | Capacitor)
    }


@dataclass(frozen=True)
class Window:
    """The last whole periods of a simulation.

    Attributes:
        waveforms: from `to_waveforms`; ripple needs no lead-in, but a period of it is used if
            there.
        circuit: the declaration.
        parameters: element parameters by name, with ``vin`` and ``rload``.
        periods: how many.
    """

    waveforms: Waveforms
    circuit: Circuit
    parameters: Mapping[str, float]
    periods: int

    def measured(self) -> Measurement:
        """Measure an operating point.

        Raises:
            InputError: the waveforms are shorter than the window.
            SpiceFailedError: the source does not hold its voltage, no power goes in, or less than
                comes out of a steady window.
        """
        (source,) = self.circuit.of_type(Source)
        self._check_input(source)
        window = self._waveforms
        vout = _voltage(window, self._load)
        vin, resistance = self.parameters["vin"], self.parameters["rload"]
        average = float(mean(window.time, vout))
        measured = Measurement(
            periods=self.periods,
            vout=average,
            iout=average / resistance,
            ripple=self._ripple(),
            pin=-vin * float(mean(window.time, window.signals[f"i({source.name})"])),
            pout=float(mean_product(window.time, vout, vout)) / resistance,
            balance=self.balance(),
        )
        if measured.pin <= 0:
            raise SpiceFailedError(
                f"ngspice's result is wrong: the source takes {-measured.pin:.4g} W instead of "
                "giving any."
            )
        if measured.balance.steady and measured.efficiency > _MOST_EFFICIENCY:
            raise SpiceFailedError(
                f"ngspice's result is wrong: {measured.pout:.4g} W leave a converter that "
                f"{measured.pin:.4g} W enter."
            )
        return measured

    def balance(self) -> Balance:
        """Return the balance of charge and flux.

        A capacitor's mean current is C dV / window, whatever shape its current has; a winding's
        mean voltage is, through the inductance matrix, its flux's change / window. The change of a
        current or voltage between two instants a whole number of periods apart cannot hide in the
        ripple.
        """
        window, parameters = self._waveforms, self.parameters
        length = window.time[-1] - window.time[0]
        iout = abs(float(mean(window.time, _voltage(window, self._load)))) / parameters["rload"]
        capacitors, inductors = self.circuit.of_type(Capacitor), self.circuit.of_type(Inductor)
        stored = np.array([parameters[c.capacitance] * _change(window, c) for c in capacitors])
        change = np.array([_change(window, winding) for winding in inductors])
        voltage = self._inductance_matrix() @ change / length
        return Balance(
            charge=_relative([c.name for c in capacitors], stored / length, iout),
            flux=_relative([w.name for w in inductors], voltage, parameters["vin"]),
        )

    @cached_property
    def _waveforms(self) -> Waveforms:
        return self.waveforms.last(self.periods)

    @property
    def _load(self) -> Load:
        (load,) = self.circuit.of_type(Load)
        return load

    def _check_input(self, source: Source) -> None:
        """Refuse waveforms of a source that does not hold its voltage, which an ideal one does."""
        vin, held = self.parameters["vin"], _voltage(self.waveforms, source)
        farthest = float(held[np.argmax(np.abs(held - vin))])
        if not abs(farthest - vin) <= _INPUT_TOLERANCE * vin:
            raise SpiceFailedError(
                f"ngspice's result is wrong: its input is at {farthest:.4g} V instead of "
                f"{vin:.4g} V."
            )

    def _inductance_matrix(self) -> FloatArray:
        """Return self inductances on the diagonal and mutual ones k sqrt(La Lb) beside it, H."""
        inductors = self.circuit.of_type(Inductor)
        index = {winding.name: i for i, winding in enumerate(inductors)}
        own = np.array([self.parameters[winding.inductance] for winding in inductors])
        factors = np.eye(len(inductors))
        for coupling in self.circuit.couplings:
            i, j = index[coupling.first], index[coupling.second]
            factors[i, j] = factors[j, i] = self.parameters[coupling.name]
        return np.asarray(factors * np.sqrt(np.outer(own, own)))

    def _ripple(self) -> float:
        """Return the largest peak-to-peak of the band-limited output in one period."""
        waveforms, period = self.waveforms, self.waveforms.period
        limited = band_limit(waveforms.time, _voltage(waveforms, self._load))
        output = replace(waveforms, signals={"v": limited})
        window = output.last(self.periods)
        starts = window.time[-1] - period * np.arange(1, self.periods + 1)
        return max(
            float(peak_to_peak(window.between(max(s, window.time[0]), s + period).signals["v"]))
            for s in starts
        )


def _relative(names: list[str], values: FloatArray, scale: float) -> dict[str, float]:
    """Return |value| / scale by name; infinite where there is nothing to compare with."""
    if scale <= 0:
        return dict.fromkeys(names, float("inf"))
    return {name: abs(float(v)) / scale for name, v in zip(names, values, strict=True)}


def _voltage(waveforms: Waveforms, element: Source | Load) -> FloatArray:
    """Return the voltage from node a to node b; ground has no waveform."""
    zero = np.zeros_like(waveforms.time)
    a, b = (waveforms.signals.get(f"v({node})", zero) for node in (element.a, element.b))
    return a - b


def _state(waveforms: Waveforms, part: Inductor | Capacitor) -> FloatArray:
    prefix = "i" if isinstance(part, Inductor) else "vc"
    return waveforms.signals[f"{prefix}({part.name})"]


def _change(window: Waveforms, part: Inductor | Capacitor) -> float:
    state = _state(window, part)
    return float(state[-1] - state[0])
