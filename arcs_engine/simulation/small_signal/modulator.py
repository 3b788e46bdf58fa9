"""How a control voltage becomes the instant at which the main switch turns off."""

from dataclasses import dataclass

import numpy as np

from arcs_engine.circuits.spec import FloatArray


@dataclass(frozen=True, eq=False)
class Modulator:
    """A comparator, whose output turns the main switch off a delay later.

    It trips where v_c = sensing · i_switch + ramp · t, with t from turn-on. The instant moves by
    dt = (u - sensing · i) / (ramp + sensing · i_switch' - control_slope) for small changes u of v_c
    and i of the current, which is each row and gain of a modulator: without sensing that of voltage
    mode, with it that of peak current mode (Fang and Abed, Sampled-data modeling and analysis of
    closed-loop PWM DC-DC converters, ISCAS 1999). The current is that of the main switch, whatever
    the topology, and the clock turns the switch on.

    Attributes:
        ramp: rise of the ramp, or of the slope compensation, V/s; shape () or (designs,).
        sensing: volts per ampere of the switch's current, ohm; shape () or (designs,).
        delay: from the comparator to the edge, s, less than the on-time; shape () or (designs,).
        control_slope: of the control voltage as it meets the ramp, V/s: its ripple; shape () or
            (designs,).
    """

    ramp: FloatArray
    sensing: FloatArray
    delay: FloatArray
    control_slope: FloatArray

    @classmethod
    def voltage_mode(
        cls, amplitude: FloatArray | float, fsw: FloatArray | float, delay: FloatArray | float = 0.0
    ) -> "Modulator":
        """Return a ramp of so many volts per period."""
        return cls.peak_current(0.0, np.asarray(amplitude) * np.asarray(fsw), delay)

    @classmethod
    def duty(cls, fsw: FloatArray | float) -> "Modulator":
        """Return the modulator whose control voltage is the duty: a ramp of 1 V per period."""
        return cls.voltage_mode(1.0, fsw)

    @classmethod
    def peak_current(
        cls, sensing: FloatArray | float, slope: FloatArray | float, delay: FloatArray | float = 0.0
    ) -> "Modulator":
        """Return a comparator of the switch's current, with its slope compensation in V/s."""
        return cls(np.asarray(slope), np.asarray(sensing), np.asarray(delay), np.asarray(0.0))

    def rows(self, period: FloatArray) -> FloatArray:
        """Return (ramp per period, sensing, delay in periods, control slope per period), by design.

        Args:
            period: of each design, s, shape (designs,).

        Returns:
            Shape (designs, 4).
        """
        columns = (
            self.ramp * period,
            self.sensing,
            self.delay / period,
            self.control_slope * period,
        )
        return np.stack([np.broadcast_to(c, period.shape) for c in columns], axis=1).astype(float)
