"""Judged loops as every surface shows them and as JSON carries them; nothing needs the solver."""

from typing import Final, Literal

import msgspec

from arcs_engine.circuits.control import ControlSpec, Modulator, PeakCurrentMode, VoltageMode
from arcs_engine.circuits.crossover import Control

VERSION: Final = 1


class LoopCorner(msgspec.Struct, frozen=True, kw_only=True):
    """A loop at one corner; None for what does not exist there.

    Attributes:
        vin: V.
        load: share of full load.
        capacitance: share of the output capacitance.
        place: the corner in words.
        crossover: of the analyser's loop gain, the highest, Hz.
        phase_margin: of it, the least of all crossings, degrees.
        gain_margin: of it, a factor.
        sampled_crossover: of the sampled loop, Hz.
        sampled_phase_margin: degrees.
        sampled_gain_margin: a factor.
        half: L(fs/2), with its sign.
        modulus: least |1 + L|.
        multiplier: modulus of the closed loop's largest multiplier.
        right_half_plane_zero: Hz.
    """

    vin: float
    load: float
    capacitance: float
    place: str
    crossover: float | None
    phase_margin: float | None
    gain_margin: float | None
    sampled_crossover: float | None
    sampled_phase_margin: float | None
    sampled_gain_margin: float | None
    half: float | None
    modulus: float | None
    multiplier: float | None
    right_half_plane_zero: float | None


class LoopModulator(msgspec.Struct, frozen=True, kw_only=True):
    """What turns the control voltage into the duty; None for what the method does not have.

    Attributes:
        method: the control method.
        sense: V of the comparator over A seen from the output, in peak current mode.
        slope: slope compensation, V/s, in peak current mode.
        least_slope: with which the current loop is stable at its worst corner, V/s.
        ramp: height of the ramp, V, in voltage mode.
        feed_forward: input at which it has that height, V, when it grows with the input.
    """

    method: Control
    sense: float | None = None
    slope: float | None = None
    least_slope: float | None = None
    ramp: float | None = None
    feed_forward: float | None = None

    @property
    def declared(self) -> Modulator:
        """The same as a declaration."""
        if self.method == "voltage":
            assert self.ramp is not None
            return VoltageMode(self.ramp, self.feed_forward)
        assert self.sense is not None
        assert self.slope is not None
        return PeakCurrentMode(self.sense, self.slope)


class JudgedLoop(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A loop with its parts and what the judge says of it.

    Attributes:
        modulator: by its method and values.
        compensator: name of the circuit.
        parts: values by name, SI units.
        reference: V.
        corners: the loop at each of them.
        worst: index of the corner that comes nearest to a limit.
        holds: whether all limits are held at all corners.
        reasons: what is not held, one sentence each.
        deviation: peak of the output's at the spec's load step, of Vout, with this loop's
            crossover.
        warnings: what needs care though the limits hold, one sentence each.
        why: how the parts came about, a line per step.
        version: of this form.
    """

    modulator: LoopModulator
    compensator: str
    parts: dict[str, float]
    reference: float
    corners: tuple[LoopCorner, ...]
    worst: int
    holds: bool
    reasons: tuple[str, ...]
    deviation: float | None
    warnings: tuple[str, ...] = ()
    why: tuple[str, ...] = ()
    version: Literal[1] = VERSION

    @property
    def as_given(self) -> ControlSpec:
        """What asks for this loop again, round another power stage: all of it is given."""
        modulator = self.modulator
        return ControlSpec(
            method=modulator.method,
            compensator=self.compensator,
            parts=self.parts,
            reference=self.reference,
            sense=modulator.sense,
            slope=modulator.slope,
            ramp=modulator.ramp,
            feed_forward=modulator.feed_forward is not None,
        )
