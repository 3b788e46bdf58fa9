"""A linear compensator, as arrays."""

from dataclasses import dataclass

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.small_signal.cycle import Compensators
from arcs_engine.simulation.steady.algebra import ComplexArray


@dataclass(frozen=True, eq=False)
class Compensator:
    """x' = dynamics x + inputs (vout, vref) and v_c = output x: linear and strictly proper.

    The output voltage is counted as positive, of inverting topologies too. Leading axes, where
    there are any, are the designs.

    Attributes:
        dynamics: per second, shape (..., m, m).
        inputs: of the output voltage and of the reference, shape (..., m, 2).
        output: shape (..., m).
    """

    dynamics: FloatArray
    inputs: FloatArray
    output: FloatArray

    def transfer(self, frequencies: FloatArray) -> ComplexArray:
        """Return v_c over vout at frequencies other than 0, shape (..., frequencies).

        Args:
            frequencies: Hz, shape (..., frequencies).
        """
        unit = np.eye(self.dynamics.shape[-1])
        matrix = 2j * np.pi * frequencies[..., None, None] * unit - self.dynamics[..., None, :, :]
        right = np.broadcast_to(self.inputs[..., None, :, :1], (*matrix.shape[:-1], 1))
        states = np.linalg.solve(matrix, right.astype(np.complex128))[..., 0]
        found: ComplexArray = np.sum(self.output[..., None, :] * states, axis=-1)
        return found

    def rows(self, count: int) -> Compensators:
        """Return one row per design, of so many designs."""

        def spread(array: FloatArray, axes: int) -> FloatArray:
            own = array.shape[-axes:]
            return np.array(np.broadcast_to(array, (count, *own)), dtype=np.float64, order="C")

        return Compensators(
            spread(self.dynamics, 2), spread(self.inputs, 2), spread(self.output, 1)
        )
