"""How fast a voltage loop may be: the crossover frequency by topology and control method.

A trial on 300 stages searched the compensator with an exact sampled-data loop: at least 50 degrees
of phase margin, min |1 + L| >= 0.65 and -L(fs/2) <= 0.3 at every corner, constant-current load. The
rules are what it reached. They are seen from the output: a forward is a buck on its secondary, a
flyback an inverting converter with the inductance of its secondary.

Cuk and SEPIC were not in the trial. Their rules follow from the averaged model under ideal peak
current control: it gives the sum of both inductor currents, and what is left free, their difference
and the voltage of the coupling capacitor, resonates. They take the safe side twice: of the two
zeros the lower one (`shared_inductance`), and a crossover below that resonance, to two thirds of it
in a SEPIC, a fifth in a Cuk, whose output takes part in it. With these, compensators of 50 degrees
exist in the averaged model and keep the deviation of `load_step`. Two windings on one core have no
such resonance, for the coupling holds the difference. Current control damps it where
D <= L2 / (L1 + L2) and excites it beyond (`coupling_damping`).
All arrays have shape (n,).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray

Control = Literal["voltage", "current"]

OPTOCOUPLER_LIMIT: Final = 10e3
"""Highest crossover behind an optocoupler, Hz: its pole lies at some 10 to 30 kHz."""

SLOPE_SHARE: Final = 0.6
"""Slope compensation over the slope at which the inductor current falls."""

ZERO_SHARE: Final = 4.0
"""Right-half-plane zero over the crossover: reached with 50 degrees by every stage of the trial;
UCC28C42's and UCC2800's data sheets take the same for their flybacks."""

FASTEST_SHARE: Final = 7.0
"""Switching frequency over the highest crossover that a compensator is tried at: a sampled
integrator with the pole of a compensator reaches a seventh to a ninth with -L(fs/2) <= 0.3."""

CURRENT_SHARE: Final = 10.0
CURRENT_PEAKING: Final = 6.0
_VOLTAGE_SHARE: Final = 9.0
_INPUT_EXPONENT: Final = 0.7
"""A ramp of fixed height gives the loop more gain at a higher input."""

RESONANCE_SHARES: Final = {"sepic": 1.5, "cuk": 5.0}
"""Resonance of the coupling capacitor over the crossover."""

_FILTER_SHARE: Final = 25.0
"""Switching frequency over the resonance of a buck's filter, at least, in voltage mode."""

_ESR_SHARE: Final = 1.4
"""Zero of the output capacitor's ESR over the crossover, at least, behind a right-half-plane zero:
below, its step and the loop's own sag add up."""


@dataclass(frozen=True)
class Stage:
    """What sets the speed of n power stages, seen from the output; arrays of shape (n,).

    Attributes:
        low: lowest input, V, over the turns ratio Np/Ns where there is a transformer.
        high: highest input, V, likewise.
        vout: output, V, magnitude.
        load: full-load current, A.
        fsw: Hz.
        inductance: that the loop meets, H: a buck's or boost's own, a flyback's secondary's, a
            forward's choke's; of a Cuk or SEPIC that of `shared_inductance`.
        drop: of the rectifier, V; it lengthens the duty.
        longest_duty: largest duty that the controller and the reset allow.
        resonance: of a Cuk's or SEPIC's coupling capacitor, Hz (`coupling_resonance`); inf where
            there is none.
        ramp_follows: whether a voltage-mode ramp grows with the input.
        isolated: whether the loop passes an optocoupler.
    """

    low: FloatArray
    high: FloatArray
    vout: FloatArray
    load: FloatArray
    fsw: FloatArray
    inductance: FloatArray
    drop: FloatArray = field(default_factory=lambda: np.array(0.0))
    longest_duty: float = 0.95
    resonance: FloatArray = field(default_factory=lambda: np.array(np.inf))
    ramp_follows: bool = False
    isolated: bool = False

    def with_inductance(self, share: float) -> Self:
        """Return the stage with inductances of that share of its own, the resonance with them."""
        inductance, resonance = self.inductance * share, self.resonance / np.sqrt(share)
        return replace(self, inductance=inductance, resonance=resonance)

    def with_clock(self, share: float) -> Self:
        """Return the stage with that share of its switching frequency."""
        return replace(self, fsw=self.fsw * share)

    def as_columns(self) -> Self:
        """Return the stages with arrays of shape (n, 1), each to be held against several parts."""
        columns: dict[str, Any] = {
            name: each.reshape(-1, 1) if isinstance(each, np.ndarray) else each
            for name, each in vars(self).items()
        }
        return type(self)(**columns)

    @property
    def rectified_share(self) -> float:
        """Share of the period at the longest duty in which the inductor's current meets the drop.

        Of a forward both diodes have it; of a buck it is that while the switch is off.
        """
        return 1.0 if self.isolated else 1 - self.longest_duty

    @property
    def rising_voltage(self) -> FloatArray:
        """What moves a buck's or forward's inductor at the lowest input and longest duty, V.

        A hundredth of the output is left at least, where the input hardly suffices.
        """
        lost = self.vout + self.rectified_share * self.drop
        return np.asarray(np.maximum(self.low * self.longest_duty - lost, 0.01 * self.vout))

    @property
    def step_up_down_duty(self) -> FloatArray:
        """Longest duty, at the lowest input, of converters that step up and down."""
        inner = self.vout + self.drop
        return np.asarray(inner / (self.low + inner))


class Rule(Protocol):
    """The way from a stage to its crossover frequency, Hz."""

    def __call__(self, stage: Stage) -> FloatArray:
        """Return the crossover at its slowest corner, Hz, without the optocoupler's limit."""


def boost_zero(stage: Stage) -> FloatArray:
    """Return a boost's right-half-plane zero at the lowest input and full load, Hz.

    R (1 - D)^2 / (2 pi L), R = Vout / Iout (Erickson and Maksimovic, 2nd ed., section 8.2).
    """
    off = np.minimum(stage.low / (stage.vout + stage.drop), 1.0)
    return np.asarray(stage.vout / stage.load * off**2 / (2 * np.pi * stage.inductance))


def step_up_down_zero(stage: Stage) -> FloatArray:
    """Return the right-half-plane zero of an inverting converter, flyback, Cuk or SEPIC, Hz.

    R (1 - D)^2 / (2 pi D L) at the lowest input and full load (Erickson and Maksimovic, 2nd ed.,
    section 8.2; TI SNVA168E for the SEPIC), with the inductance seen from the output.
    """
    duty = stage.step_up_down_duty
    resistance = stage.vout / stage.load
    return resistance * (1 - duty) ** 2 / (2 * np.pi * duty * stage.inductance)


def shared_inductance(
    first: FloatArray, second: FloatArray, low: FloatArray, vout: FloatArray, coupled: bool
) -> FloatArray:
    """Return the inductance that the zero of a Cuk or SEPIC meets, H.

    Below the resonance of the coupling capacitor D^2 L1 + (1 - D)^2 L2, above it L1 parallel to L2,
    which is less by (1 - D - L1 / (L1 + L2))^2 (L1 + L2): the first is the safe one. Of two equal
    windings on one core, that of one.

    Args:
        first: L1, H.
        second: L2, H.
        low: lowest input, V.
        vout: V, magnitude.
        coupled: whether both windings share a core.
    """
    if coupled:
        return np.asarray(second)
    duty = vout / (low + vout)
    return np.asarray(duty**2 * first + (1 - duty) ** 2 * second)


def coupling_resonance(
    first: FloatArray, second: FloatArray, coupling: FloatArray, coupled: bool
) -> FloatArray:
    """Return the resonance of both inductors with the coupling capacitor, Hz; inf on one core.

    1 / (2 pi sqrt((L1 + L2) Cc)): with the sum of the currents given by peak current control, their
    difference and the capacitor's voltage swing alone.
    """
    if coupled:
        return np.full(np.shape(first), np.inf)
    return np.asarray(1 / (2 * np.pi * np.sqrt((first + second) * coupling)))


def coupling_damping(
    stage: Stage, first: FloatArray, second: FloatArray, coupling: FloatArray, windings: FloatArray
) -> FloatArray:
    """Return the damping ratio of `coupling_resonance`; negative where it grows by itself.

    (R sqrt(Cc / L) + g sqrt(L / Cc)) / 2 with L = L1 + L2 and what peak current control adds at the
    lowest input, g = D (1 - D - L1 / L) / ((1 - D) Rload): a damping where D <= L2 / L. What helps
    beyond is more L2, both windings on one core, or a resistor and capacitor across Cc.

    Args:
        stage: seen from the output.
        first: L1, H.
        second: L2, H.
        coupling: Cc, F.
        windings: resistance of both windings and of Cc in series, ohm.
    """
    total, duty = first + second, stage.step_up_down_duty
    excess = 1 - duty - first / total
    control = duty * excess / (1 - duty) * stage.load / stage.vout
    impedance = np.sqrt(total / coupling)
    return np.asarray((windings / impedance + control * impedance) / 2)


def _buck_voltage(stage: Stage) -> FloatArray:
    ratio = np.ones_like(stage.low) if stage.ramp_follows else stage.low / stage.high
    return np.asarray(stage.fsw / _VOLTAGE_SHARE * ratio**_INPUT_EXPONENT)


def _buck_current(stage: Stage) -> FloatArray:
    """Return fs / 10, less where the current loop itself rings: duty above a half."""
    falls = stage.vout / stage.inductance
    rises = np.maximum(stage.low - stage.vout, 1e-3 * stage.vout) / stage.inductance
    ringing = np.maximum((1 - SLOPE_SHARE) * falls / (rises + SLOPE_SHARE * falls), 0.0)
    damped = stage.fsw / CURRENT_PEAKING * (1 - ringing) / (1 + ringing)
    return np.asarray(np.minimum(stage.fsw / CURRENT_SHARE, damped))


def _boost(stage: Stage) -> FloatArray:
    return _below_zero("boost", stage, CURRENT_SHARE)


def _step_up_down(stage: Stage) -> FloatArray:
    return _below_zero("buck_boost", stage, CURRENT_SHARE)


def _sepic(stage: Stage) -> FloatArray:
    return np.minimum(_step_up_down(stage), stage.resonance / RESONANCE_SHARES["sepic"])


def _cuk(stage: Stage) -> FloatArray:
    return np.minimum(_step_up_down(stage), stage.resonance / RESONANCE_SHARES["cuk"])


RULES: Final[Mapping[tuple[str, Control], Rule]] = {
    ("buck", "voltage"): _buck_voltage,
    ("buck", "current"): _buck_current,
    ("forward", "voltage"): _buck_voltage,
    ("forward", "current"): _buck_current,
    ("boost", "current"): _boost,
    ("buck_boost", "current"): _step_up_down,
    ("flyback", "current"): _step_up_down,
    ("sepic", "current"): _sepic,
    ("cuk", "current"): _cuk,
}
"""By family of topologies and control method. Converters with a right-half-plane zero are judged
under peak current control alone: in voltage mode the filter resonates below their zero."""

WITHOUT_ZERO: Final = frozenset({"buck", "forward"})
"""Families that the inductor feeds the output of all the time: no right-half-plane zero, and the
inductor's slope limits a large step."""


def right_half_plane_zero(family: str, stage: Stage) -> FloatArray:
    """Return the right-half-plane zero at the lowest input and full load, Hz; inf for none.

    Args:
        family: of topologies, as ``buck``.
        stage: seen from the output.
    """
    if family in WITHOUT_ZERO:
        return np.full(np.shape(stage.low), np.inf)
    return boost_zero(stage) if family == "boost" else step_up_down_zero(stage)


def highest_crossover(family: str, stage: Stage) -> FloatArray:
    """Return the highest crossover that a compensator is tried at, Hz, whatever the control.

    fs / 7, a quarter of the right-half-plane zero, and the optocoupler's limit: `crossover` says
    what is then reached at the slowest corner.

    Args:
        family: of topologies, as ``buck``.
        stage: seen from the output.
    """
    highest = _below_zero(family, stage, FASTEST_SHARE)
    return np.minimum(highest, OPTOCOUPLER_LIMIT) if stage.isolated else highest


def _below_zero(family: str, stage: Stage, share: float) -> FloatArray:
    """Return a share of the switching frequency, less where the right-half-plane zero is near."""
    return np.minimum(stage.fsw / share, right_half_plane_zero(family, stage) / ZERO_SHARE)


def crossover(family: str, control: Control, stage: Stage) -> FloatArray:
    """Return the crossover frequency of the voltage loop at its slowest corner, Hz.

    Args:
        family: of topologies, as ``buck``.
        control: ``current`` is peak current control.
        stage: seen from the output.

    Raises:
        KeyError: there is no rule for that family and control.
    """
    found = RULES[family, control](stage)
    return np.minimum(found, OPTOCOUPLER_LIMIT) if stage.isolated else found


def within_limits(
    family: str,
    control: Control,
    stage: Stage,
    capacitance: FloatArray,
    esr: FloatArray,
) -> NDArray[np.bool_]:
    """Return for which stages the rules hold; the others need the exact loop.

    In voltage mode the filter of a buck must resonate below fs / 25; behind a right-half-plane zero
    the zero of the capacitor's ESR must lie above 1.4 times the crossover.

    Args:
        family: of topologies.
        control: of the stage.
        stage: seen from the output.
        capacitance: of the output, effective, F.
        esr: of the output capacitor, ohm.
    """
    if family in WITHOUT_ZERO:
        if control == "current":
            return np.ones(np.shape(capacitance), dtype=np.bool_)
        filters = 1 / (2 * np.pi * np.sqrt(stage.inductance * capacitance))
        return np.asarray(filters <= stage.fsw / _FILTER_SHARE)
    zero = 1 / (2 * np.pi * np.maximum(esr, 1e-9) * capacitance)
    return np.asarray(zero >= _ESR_SHARE * crossover(family, control, stage))
