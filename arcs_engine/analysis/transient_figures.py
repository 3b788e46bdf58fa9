"""The answer of a power stage to a start or a step, whoever simulated it."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from arcs_engine.simulation.waveforms import Waveforms

Kind = Literal["start-up", "load-step", "line-step"]


class InductorPeak(msgspec.Struct, frozen=True, kw_only=True):
    """The largest current of an inductor, or magnetizing current of a transformer.

    Attributes:
        peak: A.
        saturation: standard saturation current that the design's worst steady corner asks for, A;
            None where no standard one is enough, or the design has no steady state at a corner.
        saturates: whether the peak is above it; None when it is not known.
    """

    peak: float
    saturation: float | None
    saturates: bool | None


class StageResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a stage; the output is counted with its sign, excursions by magnitude.

    Attributes:
        name: what happened at its beginning.
        begin: s.
        end: s.
        vout_solved: mean output of the steady state to come, by the solver, V.
        vout: mean output over the last periods of the stage, V.
        distance: |vout - vout_solved| / |vout_solved|.
        settled: whether the output stayed within 1 % of the solved one to the end.
        settle_time: from the beginning until it stayed there, s; None when it did not.
        overshoot: of the output above the crests of both steady states, V.
        undershoot: of the output below the troughs of both (0 for rest), V.
        periods_needed: after which the slowest transient has all but gone, by the solver; None
            where it grows.
    """

    name: str
    begin: float
    end: float
    vout_solved: float
    vout: float
    distance: float
    settled: bool
    settle_time: float | None
    overshoot: float
    undershoot: float
    periods_needed: int | None


class TransientReport(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of a transient.

    Attributes:
        kind: which.
        note: what must be known to read them.
        duty: on-time over period, after a soft start.
        periods: simulated.
        steps: in a period, at least.
        seconds: wall-clock time.
        stages: in order.
        inductors: by element name; a transformer by its core winding.
        warnings: a sentence each.
    """

    kind: Kind
    note: str
    duty: float
    periods: int
    steps: int
    seconds: float
    stages: tuple[StageResult, ...]
    inductors: dict[str, InductorPeak]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Transient:
    """A simulated transient: its figures and every node voltage and branch current."""

    report: TransientReport
    waveforms: Waveforms
