"""A compensator in state space."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import FloatArray

ComplexArray = NDArray[np.complex128]


@dataclass(frozen=True)
class LinearSystem:
    """What turns the output and the reference into the control voltage.

    state' = A state + B [vout, vref], control voltage = C state. It is strictly proper: a jump of
    the output never jumps through to the comparator. The control voltage is measured against
    its resting value, and a higher one asks for more duty, so that the response to the output is
    negative at low frequencies.

    Attributes:
        a: A, 1/s, shape (m, m).
        b: B, shape (m, 2).
        c: C, shape (m,).
        rest: voltages of the capacitors, V, that the constant sources inside leave with the output
            and the reference at zero, shape (m,); the states are measured against them.
        states: names of the capacitors whose voltages are the states.
    """

    a: FloatArray
    b: FloatArray
    c: FloatArray
    rest: FloatArray
    states: tuple[str, ...]

    def responses(self, frequency: FloatArray) -> ComplexArray:
        """Return the control voltage over the output and over the reference, shape (n, 2).

        C (jwI - A)^-1 B.

        Args:
            frequency: Hz, shape (n,).
        """
        s = 2j * np.pi * np.asarray(frequency)[:, None, None]
        resolvent = np.linalg.solve(s * np.eye(len(self.a)) - self.a, self.b.astype(np.complex128))
        return np.asarray(self.c @ resolvent)

    def gain(self, frequency: FloatArray) -> ComplexArray:
        """Return the control voltage over the output, shape (n,); `frequency` in Hz."""
        return self.responses(frequency)[:, 0]
