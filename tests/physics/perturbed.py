"""A converter under small sines, its switchings found one by one: brute force, nothing linearised.

Within an interval the linear circuit is solved in closed form, sines and all; each boundary is
where its own condition is met. Many sines of different frequencies act at once, for small ones do
not disturb each other. Time is in periods.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from arcs_engine.simulation.small_signal.orbits import CLOCK, COMPARATOR, DIODE

CONTROL, LINE, LOAD = range(3)
OUTPUT, INPUT_CURRENT, SWITCH_CURRENT = range(3)


@dataclass(frozen=True)
class Sines:
    """Sines at multiples of the switching frequency / `cycles`, on one input."""

    which: int
    amplitude: float
    tones: int = 20
    cycles: int = 44

    @property
    def rates(self):
        return 2j * np.pi * np.arange(1, self.tones + 1) / self.cycles

    @property
    def phasors(self):
        """Of phases that keep the sines from adding up."""
        return self.amplitude * np.exp(1j * np.pi * np.arange(self.tones) ** 2 / self.tones)

    def at(self, time):
        return float(np.sum(self.phasors * np.exp(self.rates * time)).real)


def eigenpairs(matrix):
    """Return eigenvalues and eigenvectors, of the slow ones as many digits as of the fast ones.

    A blocked winding's rate is 1e10 times that of the output, so that as much is lost. Residuals in
    exact fractions bring it back, by Newton's method (Ogita and Aishima, Iterative refinement for
    symmetric eigenvalue decomposition, 2018, in its form for any matrix).
    """
    roots, vectors = np.linalg.eig(matrix.astype(complex))
    exact = np.vectorize(Fraction, otypes=[object])
    for _ in range(3):
        (x, y), (a, b) = ((exact(z.real), exact(z.imag)) for z in (vectors, roots))
        left = exact(matrix)
        real = (left @ x - (x * a - y * b)).astype(float)
        imaginary = (left @ y - (x * b + y * a)).astype(float)
        wrong = np.linalg.solve(vectors, real + 1j * imaginary)
        roots = roots + np.diag(wrong)
        apart = roots[None, :] - roots[:, None] + np.eye(len(roots))
        mixed = wrong / apart
        np.fill_diagonal(mixed, 0.0)
        vectors = vectors + vectors @ mixed
    return roots, vectors


class Mode:
    """The linear circuit of one interval."""

    def __init__(self, dynamics, readings):
        n = self.n = len(dynamics)
        self.dynamics, self.readings = dynamics, readings
        self.roots, self.vectors = eigenpairs(dynamics[:, :n])
        self.inverse = np.linalg.inv(self.vectors)
        self.rest = -(self.vectors @ (self.inverse @ dynamics[:, n] / self.roots)).real

    def forced(self, sines):
        """Return the states' phasors under sines, shape (n, tones)."""
        if sines.which == CONTROL:
            return np.zeros((self.n, sines.tones), complex)
        column = self.inverse @ self.dynamics[:, self.n + sines.which]
        shares = column[:, None] / (sines.rates - self.roots[:, None])
        return self.vectors @ shares * sines.phasors

    def feed(self, row, sines):
        """Return the phasors that an input adds to a row over (x, 1, v, i) directly."""
        return 0 if sines.which == CONTROL else row[self.n + sines.which] * sines.phasors


class Piece:
    """The states within an interval, from a start at `begin` in a period."""

    def __init__(self, mode, sines, forced, begin, states):
        self.mode, self.sines, self.begin = mode, sines, begin
        self.forced = forced  # turned to the period's beginning
        here = (forced @ np.exp(sines.rates * begin)).real
        self.weights = mode.vectors * (mode.inverse @ (states - here - mode.rest))

    def at(self, instant):
        """Return the states and their rates."""
        grown = np.exp(self.mode.roots * max(instant - self.begin, 0.0))
        turned = np.exp(self.sines.rates * instant)
        states = (self.weights @ grown).real + self.mode.rest + (self.forced @ turned).real
        rates = (self.weights @ (self.mode.roots * grown)).real
        return states, rates + (self.forced @ (self.sines.rates * turned)).real

    def spectrum(self, row, feed, end):
        """Return the integral of a row over (x, 1, v, i) times exp(-rate t), for each tone."""
        n, rates, length = self.mode.n, self.sines.rates, end - self.begin
        away = np.exp(-rates * self.begin)
        beside = self.mode.roots[:, None] - rates
        total = (row[:n] @ self.weights) @ (np.expm1(beside * length) / beside) * away
        steady = row[:n] @ self.mode.rest + row[n]
        total = total + steady * (-np.expm1(-rates * length) / rates) * away
        phasors = row[:n] @ self.forced + feed
        for rate in (rates, -rates):  # a sine is two turning phasors
            between = rate[:, None] - rates
            apart = np.abs(between) > 1e-9
            safe = np.where(apart, between, 1.0)
            turned = np.exp(between * self.begin) * np.expm1(between * length) / safe
            total = total + 0.5 * phasors @ np.where(apart, turned, length)
            phasors = np.conj(phasors)
        return total


class Stage:
    """An orbit with its modulator, and what becomes of it when an input is shaken."""

    def __init__(self, orbits, row, modulator):
        count = orbits.used[row]
        self.begins, lengths, self.states, dynamics, readings, conditions = (
            array[row, :count] for array in orbits[5:]
        )
        self.modes = [Mode(d, r) for d, r in zip(dynamics, readings, strict=True)]
        self.starts = np.append(0.0, np.cumsum(lengths))
        self.duty = orbits.duty[row]
        self.ramp, self.sensing, self.delay, _ = modulator.rows(orbits.period)[row]
        n = self.n = self.states.shape[1]
        # The solver stops within its tolerance of a diode's event: here the event is where it was.
        self.conditions = conditions.copy()
        for k in np.flatnonzero(self.begins == DIODE):
            self.conditions[k, n] -= conditions[k, : n + 1] @ np.append(self.states[k], 1.0)
        self.trip = int(np.searchsorted(self.starts, self.duty - self.delay - 1e-12)) - 1
        still = Sines(CONTROL, 0.0)
        mode = self.modes[self.trip]
        begin = self.starts[self.trip]
        piece = Piece(mode, still, mode.forced(still), begin, self.states[self.trip])
        current = mode.readings[SWITCH_CURRENT, : n + 1]
        states, _ = piece.at(self.duty - self.delay)
        self.control = self.sensing * current @ np.append(states, 1.0)
        self.control += self.ramp * (self.duty - self.delay)

    def _root(self, piece, row, guess, ramp=(0.0, 0.0)):
        """Return when row · (x, 1, v, i) + constant + slope t is zero, by Newton's method."""
        sines, instant = piece.sines, guess
        feed = piece.mode.feed(row, sines) * self.turn
        for _ in range(30):
            states, rates = piece.at(instant)
            turned = np.exp(sines.rates * instant)
            value = row[: self.n] @ states + row[self.n] + ramp[0] + ramp[1] * instant
            slope = row[: self.n] @ rates + ramp[1]
            value += np.sum(feed * turned).real
            slope += np.sum(feed * sines.rates * turned).real
            step = value / slope
            instant -= step
            if abs(step) < 1e-14:
                break
        return instant

    def _tripped(self, piece):
        """Return when the comparator trips."""
        sines = piece.sines
        row = -self.sensing * piece.mode.readings[SWITCH_CURRENT]
        instant = self.duty - self.delay
        for _ in range(50):  # of the control voltage, which is no part of the states
            voltage = self.control
            if sines.which == CONTROL:
                voltage += np.sum(sines.phasors * self.turn * np.exp(sines.rates * instant)).real
            found = self._root(piece, row, instant, (voltage, -self.ramp))
            if abs(found - instant) < 1e-14:
                break
            instant = found
        return instant

    def period(self, states, sines, number, spectra=None):
        """Run one period from turn-on; add to the spectra of output and input current."""
        self.turn = np.exp(sines.rates * number)
        begin, edge = 0.0, None
        for k, mode in enumerate(self.modes):
            piece = Piece(mode, sines, self.forced[k] * self.turn, begin, states)
            if k == self.trip:
                edge = self._tripped(piece) + self.delay
            end = self.starts[k + 1]
            if k + 1 < len(self.modes) and self.begins[k + 1] == COMPARATOR:
                end += edge - self.duty
            elif k + 1 < len(self.modes) and self.begins[k + 1] == DIODE:
                end = self._root(piece, self.conditions[k + 1], end)
            if spectra is not None:
                for reading in (OUTPUT, INPUT_CURRENT):
                    row = mode.readings[reading]
                    feed = mode.feed(row, sines) * self.turn
                    spectra[reading] += piece.spectrum(row, feed, end) / self.turn
            states, _ = piece.at(end)
            begin = end
        assert self.begins[0] == CLOCK
        return states

    def responses(self, which, amplitude):
        """Return the output voltage's and the input current's responses, shape (2, tones).

        What is left of the even distortion falls on other sines, and changes its sign with theirs.
        """
        return 0.5 * sum(self.shaken(Sines(which, a)) for a in (amplitude, -amplitude))

    def shaken(self, sines):
        """Return the same at one amplitude."""
        self.forced = [mode.forced(sines) for mode in self.modes]
        still = Sines(sines.which, 0.0, sines.tones, sines.cycles)
        shaken, self.forced = self.forced, [0 * f for f in self.forced]
        jacobian = self._jacobian(still)
        self.forced = shaken
        closing = np.linalg.inv(np.eye(self.n) - np.linalg.matrix_power(jacobian, sines.cycles))
        start = self.states[0]
        for _ in range(3):  # until all is as it was after the longest sine
            spectra = np.zeros((2, sines.tones), complex)
            states = start
            for number in range(sines.cycles):
                states = self.period(states, sines, number, spectra)
            start = start + closing @ (states - start)
        return 2 * spectra / (sines.cycles * sines.phasors)

    def _jacobian(self, still):
        """Return the map of one undisturbed period, by differences."""
        columns = []
        for i in range(self.n):
            away = 1e-9 * max(1.0, abs(self.states[0, i])) * np.eye(self.n)[i]
            there = [self.period(self.states[0] + s * away, still, 0) for s in (1, -1)]
            columns.append((there[0] - there[1]) / (2 * away[i]))
        return np.array(columns).T
