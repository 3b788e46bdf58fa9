"""Exact small-signal responses of the power stage, from its periodic orbit.

Nothing is averaged. A small change travels through each interval by that interval's exponential,
and every boundary that it moves leaves a jump behind: the saltation that the solver's Jacobian is
made of (`steady.sensitivity`). From this follow, without further assumption, the responses at any
frequency, the sampled loop, and the multipliers by which disturbances die out.

A guided tour, each step in a module of its own:

1. **Orbits** (`orbits`, `record`, `probe`, `tighten`). Each design is solved, its period is run
   once, and its intervals and boundaries are written down. `probe` adds what an input voltage and a
   current into the output do in each interval; `tighten` puts the diodes' events where they are.
2. **The modulator** (`modulator`): a ramp, sensed current and a delay; one formula for duty,
   voltage mode and peak current mode.
3. **The cycle** (`cycle`, `layout`, `transition`). The period from one trip of the comparator to
   the next, with the states of a `compensator` where there is one: rows by which boundaries move,
   jumps, and the map of the period.
4. **Responses** (`transfer`, `responses`). Control to output, line to output, impedances.
5. **Loops** (`loops`). The sampled loop gain and the multipliers of the closed loop; the loop gain
   that an analyser shows.

Everything takes batches: an axis of designs, or of operating points, then one of frequencies.
"""

from arcs_engine.simulation.small_signal.compensator import Compensator
from arcs_engine.simulation.small_signal.loops import Loops, analysed_gain, loops
from arcs_engine.simulation.small_signal.modulator import Modulator
from arcs_engine.simulation.small_signal.orbits import Orbits
from arcs_engine.simulation.small_signal.record import periodic_orbits
from arcs_engine.simulation.small_signal.responses import Responses, responses

__all__ = [
    "Compensator",
    "Loops",
    "Modulator",
    "Orbits",
    "Responses",
    "analysed_gain",
    "loops",
    "periodic_orbits",
    "responses",
]
