"""What the output does when the load steps, by the closed form of `circuits.load_step`."""

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits import load_step
from arcs_engine.circuits.spec import FloatArray
from arcs_engine.performance.design import Designs


def deviation(designs: Designs, from_gaps: NDArray[np.bool_]) -> FloatArray:
    """Return the peak deviation of the output when the load steps, a fraction of Vout, shape (n,).

    Under peak current control, with the parts and the clock that the designs have.

    Args:
        designs: n of them.
        from_gaps: which conduct discontinuously before the step.
    """
    topology, specs = designs.topology, designs.specs
    peak = load_step.deviation(
        topology.loop,
        "current",
        topology.stage(designs.parameters, specs),
        specs.step,
        designs.parameters["Cout"],
        designs.parameters["Cout_esr"],
        from_gaps,
    )
    return np.asarray(peak / specs.vout)
