"""The fast solver: exact periodic steady state of switched linear circuits, in batches.

Between two switchings a converter is a linear circuit. The solver carries its state across each of
these intervals exactly, finds the instants at which diodes change, and solves for the state (and
the duty) that repeats after one period. Nothing is integrated numerically, and nothing waits for a
transient to die.

A guided tour, each step in a module of its own, to be read in this order:

1. **The circuit as integers** (`network`). A declaration becomes arrays of kinds, nodes and
   parameter columns. A *mode* is one combination of switch and diode states, an integer with one
   bit per switch and diode.
2. **A design and its memory** (`modes`). `Converter` holds the circuit, the values and whatever is
   known of each mode so far. The state is z = (x, q): inductor currents and capacitor voltages x,
   and q, the running mean of the output voltage.
3. **Nodal analysis of each mode** (`nodal`). Inductors are current sources, a capacitor with its
   ESR is a Norton branch, a conducting diode is a drop behind a resistance. One elimination,
   G v = s (x, 1), yields each node voltage, each element's voltage and current, and how far each
   diode is from changing its state, as rows over (x, 1).
4. **The matrix exponential of each mode** (`exponential`). From the rows follow the state
   equations z' = M (x, 1), with time in periods. A Taylor series yields exp(M h) - 1 for a tick,
   h = 2^-19 of a period; squaring doubles the step, up to a 32nd of a period in a period's steps
   and to half a period in the sensitivities. This one chain serves each duty.
5. **One period with its events** (`period`, written down in `trace`). Dyadic steps start fine after
   each switching and double from there. Where a diode's condition changes its sign within a step,
   the step is halved until it is straight; the crossing of that line is the event, after which the
   diodes settle in a new mode. Discontinuous conduction is no special case.
6. **The Jacobian of the period** (`sensitivity`). The product of the segments' exponentials, with a
   saltation matrix S = 1 + (f+ - f-) n' / (n' f-) at each event, whose instant depends on the
   state, and a column for the edges that move with the duty D.
7. **Newton's method on (x, D)** (`newton`). x(T) - x = 0 and, when the output is asked for,
   q(T) - Vout = 0. The first guess is the fixed point of ideal continuous conduction; the size of
   the Newton step decides when the solution is reached.
8. **The duty when Newton's method fails** (`regulation`). Vout(D) is bracketed below its peak, and
   where no duty gives the output, the answer names the limit. `solve_design` in this module is the
   whole of one design: steps 3 to 10.
9. **A line for each diode's curve** (`lines`). After a rough solution, least squares over the
   diode's own conduction fit a drop and a resistance to V(I), and the period is solved again, until
   the line loses what the curve loses.
10. **The meters** (`meter`, `ripple`). Means, mean squares and powers are integrals by Simpson's
    rule over the steps of the solved period, with exact midpoints. Ripple is what a 20 MHz low pass
    leaves of the output.
11. **Batches and single designs** (`room`, `threads`, `solver`, `state`). Each thread solves in a
    room of its own, allocated once for a circuit. `solver` fills the arrays of a batch; `state` is
    one design with its waveforms.

The tools below these steps: `compiled` says how numba compiles a kernel, `lanes` holds the one
inner loop as vector instructions, `algebra` the small matrices.

Two habits of the kernels: they allocate nothing, so each array that they fill belongs to a room;
and a kernel with one caller is compiled into it (`compiled.inner_kernel`), because to pass the
fifty arrays of a problem takes as long as a short step.
"""

from arcs_engine.simulation.steady.solver import STATUS, SteadyBatch, solve
from arcs_engine.simulation.steady.state import Interval, SteadyState, steady_state

__all__ = ["STATUS", "Interval", "SteadyBatch", "SteadyState", "solve", "steady_state"]
