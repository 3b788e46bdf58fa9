"""Loops whose margins are known in closed form, for tests of what the window makes of them."""

import threading

import numpy as np

from arcs_engine.analysis.loop_results import (
    ExaminedLoop,
    LoopCurves,
    LoopGain,
    ProvedStep,
    RegulatedStep,
)
from arcs_engine.analysis.measured_response import read_response
from arcs_engine.foundation.errors import DesignError
from arcs_engine.performance.judged_loop import JudgedLoop, LoopCorner, LoopModulator

FSW = 300e3
FREQUENCIES = np.geomspace(FSW / 2e4, FSW / 2, 200)
PARTS = {"R1": 10e3, "Rlower": 1.91e3, "R2": 37.4e3, "C1": 680e-12, "C2": 24e-12}
DELAY = 2.5e-6


def gain_of(crossover):
    """Return an integrator with a delay: its phase margin is 90 degrees less 360 fc delay."""
    return crossover / (1j * FREQUENCIES) * np.exp(-2j * np.pi * FREQUENCIES * DELAY)


def phase_margin(crossover):
    return 90 - 360 * crossover * DELAY


def loop_gain(crossover):
    quarter = 1 / (4 * DELAY)  # where the phase reaches -180 degrees
    reaches = quarter < FSW / 2
    return LoopGain(
        gain=gain_of(crossover),
        crossover=crossover,
        phase_margin=phase_margin(crossover),
        gain_margin=quarter / crossover if reaches else None,
        gain_margin_at=quarter if reaches else None,
    )


def corner(place, crossover):
    modulus = float(np.abs(1 + gain_of(crossover)).min())
    return LoopCorner(
        vin=12.0,
        load=1.0,
        capacitance=1.0,
        place=place,
        crossover=crossover,
        phase_margin=phase_margin(crossover),
        gain_margin=5.0,
        sampled_crossover=crossover,
        sampled_phase_margin=phase_margin(crossover),
        sampled_gain_margin=None,
        half=-0.2,
        modulus=modulus,
        multiplier=0.9,
        right_half_plane_zero=None,
    )


def examined(crossover, parts=None, compensator="op_amp_type_two", reasons=()):
    """Return a loop that crosses over there at the nominal point, and a quarter higher at worst."""
    faster = crossover * 1.25
    gains = np.array([gain_of(crossover), gain_of(faster)])
    return ExaminedLoop(
        judged=JudgedLoop(
            modulator=LoopModulator(method="current", sense=0.88, slope=196e3, least_slope=23e3),
            compensator=compensator,
            parts=dict(parts or PARTS),
            reference=0.8,
            corners=(
                corner("12 V, full load, nominal Cout", crossover),
                corner("14 V, full load, least Cout", faster),
            ),
            worst=1,
            holds=not reasons,
            reasons=tuple(reasons),
            deviation=0.041,
        ),
        curves=LoopCurves(
            frequencies=FREQUENCIES,
            analysed=loop_gain(crossover),
            sampled=loop_gain(crossover),
            corners=gains,
            sampled_corners=gains,
            open_impedance=np.full(len(FREQUENCIES), 0.5 + 0j),
            closed_impedance=0.5 / (1 + gain_of(crossover)),
        ),
    )


def step(side, dip):
    time = np.linspace(-20e-6, 400e-6, 500)
    sign = -1 if side == "rises" else 1
    output = 5 + sign * dip * np.where(time > 0, np.exp(-time / 50e-6), 0.0)
    return RegulatedStep(
        side=side,
        loads=(0.5, 1.0) if side == "rises" else (1.0, 0.5),
        regulated=5.0,
        time=time,
        output=output,
        ends=time,
        means=output,
        undershoot=dip if side == "rises" else 0.0,
        overshoot=dip if side == "falls" else 0.0,
        settling=120e-6,
        saturated=0,
    )


class ScriptedLoops:
    """An analyst of loops that keeps what it was asked for.

    A crossover that is wished, or else 20 kHz over the relative value of ``R2`` and ``Cout``; a
    refusal where the test says so.
    """

    def __init__(self):
        self.asked = []
        self.stepped = []
        self.proved = []
        self.refusal = ""
        self.agrees = True

    def loop(self, spec, candidate, asked):
        self.asked.append((spec, candidate, asked))
        if self.refusal:
            raise DesignError(self.refusal)
        parts = PARTS | asked.parts
        share = parts["R2"] / PARTS["R2"] * 47e-6 / candidate.values["Cout"]
        return examined(asked.crossover or 20e3 * share, parts)

    def load_steps(self, spec, candidate, judged):
        self.stepped.append(judged)
        return tuple(step(side, 1e3 / judged.corners[0].crossover) for side in ("rises", "falls"))

    def proved_steps(self, spec, candidate, judged, control):
        self.proved.append(judged)
        return tuple(
            ProvedStep(
                side=each.side,
                ends=each.ends,
                means=each.means + 1e-4,
                distance=1e-4,
                agrees=self.agrees,
                seconds=0.3,
            )
            for each in self.load_steps(spec, candidate, judged)
        )

    def measured_response(self, path):
        return read_response(path)


class Now:
    """Turns that do not wait."""

    def put(self, name, work):
        assert threading.current_thread() is threading.main_thread()
        work()
