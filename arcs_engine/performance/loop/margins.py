"""What a loop gain says: where it crosses one, and how far it stays from -1."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from arcs_engine.circuits.spec import FloatArray
from arcs_engine.simulation.steady.algebra import ComplexArray

_REAL: Final = 1e-6
"""Imaginary over real part below which a gain lies on the axis, as the sampled one at fs/2."""


@dataclass(frozen=True)
class Margins:
    """The margins of loop gains; leading axes are the loops.

    Attributes:
        crossover: highest frequency at which the gain is one, Hz; nan where it never is.
        slowest: lowest such frequency, Hz.
        phase_margin: least one of all crossings, degrees in (-90, 270]; nan likewise.
        gain_margin: least factor above one by which the gain may grow to reach -1; inf for none.
        gain_margin_at: frequency at which it would, Hz; nan for none.
    """

    crossover: FloatArray
    slowest: FloatArray
    phase_margin: FloatArray
    gain_margin: FloatArray
    gain_margin_at: FloatArray


def margins_of(frequencies: FloatArray, gain: ComplexArray) -> Margins:
    """Find the margins of loop gains.

    Between frequencies the logarithm of the gain and the phase go straight over the logarithm of
    the frequency.

    Args:
        frequencies: Hz, ascending, shape (frequencies,).
        gain: shape (..., frequencies); nan where there is no loop.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        crossings, phases = _crossings(frequencies, gain)
        factor, place = _gain_margin(frequencies, gain)
        return Margins(
            crossover=_least(crossings, largest=True),
            slowest=_least(crossings),
            phase_margin=_least(phases),
            gain_margin=factor,
            gain_margin_at=place,
        )


def _crossings(frequencies: FloatArray, gain: ComplexArray) -> tuple[FloatArray, FloatArray]:
    """Return where the gain goes through one, Hz, and its phase margin there, else nan."""
    size = np.log(np.abs(gain))
    before, after = size[..., :-1], size[..., 1:]
    crosses = (before > 0) != (after > 0)
    crosses &= np.isfinite(before) & np.isfinite(after)
    share = np.where(crosses, before / (before - after), np.nan)
    places = frequencies[:-1] * (frequencies[1:] / frequencies[:-1]) ** share
    turned = np.angle(gain[..., 1:] / gain[..., :-1])
    phase = np.degrees(np.angle(-gain[..., :-1]) + share * turned)
    return places, 270 - (270 - phase) % 360


def _gain_margin(frequencies: FloatArray, gain: ComplexArray) -> tuple[FloatArray, FloatArray]:
    """Return by what the gain may grow: it meets the negative axis, or ends on it; and where."""
    before, after = gain[..., :-1], gain[..., 1:]
    crosses = (before.imag > 0) != (after.imag > 0)
    share = np.where(crosses, before.imag / (before.imag - after.imag), 0.0)
    real = np.where(crosses, before.real + share * (after.real - before.real), np.nan)
    last = gain[..., -1:]
    ends = np.where(np.abs(last.imag) < _REAL * np.abs(last.real), last.real, np.nan)
    real = np.concatenate([real, ends], axis=-1)
    inside = np.where((real < 0) & (real > -1), -1 / real, np.inf)
    factor = np.asarray(np.min(inside, axis=-1))
    steps = np.append(frequencies[1:] / frequencies[:-1], 1.0)
    shares = np.concatenate([share, np.zeros_like(gain[..., -1:].real)], axis=-1)
    nearest = np.argmin(inside, axis=-1)[..., None]
    place = np.take_along_axis(frequencies * steps**shares, nearest, axis=-1)[..., 0]
    return factor, np.where(np.isfinite(factor), place, np.nan)


def _least(found: FloatArray, largest: bool = False) -> FloatArray:
    """Return the least of what is known, or the largest; nan where nothing is."""
    return np.asarray((np.fmax if largest else np.fmin).reduce(found, axis=-1))
