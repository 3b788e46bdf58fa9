"""Averaged Cuk and SEPIC under ideal peak current control, as a reference for `crossover`.

Small signals of i (current of L1), v (of the coupling capacitor) and the output; the sum of both
inductor currents s is what the control gives. From L1 di1/dt = Vin - (1 - d)(vc + vo) and
L2 di2/dt = d vc - (1 - d) vo of a SEPIC, Vin - (1 - d) vc and d vc - vo of a Cuk, the change of the
duty follows, for s is given; each winding has the resistance r.
"""

import numpy as np


def matrices(family, values):
    """Return A, and the columns of s, of its slope, and of the load's current."""
    low, vout, load, first, second, coupling, capacitance, winding = values
    duty = vout / (low + vout)
    off, swing, total = 1 - duty, vout / duty, first + second
    mean = load / off
    own = 1.0 if family == "cuk" else 0.0  # whether L2 alone feeds the output
    di = np.array([-2 * winding, -1.0, own]) / total
    di_s, di_slope = winding / total, second / total
    # d swing = L1 di/dt + (1 - D) (v + vo) + r i
    d = (first * di + np.array([winding, off, (1 - own) * off])) / swing
    d_s, d_slope = first * di_s / swing, first * di_slope / swing
    dv = (np.array([1.0, 0, 0]) - d * mean) / coupling
    dv_s, dv_slope = (-duty - d_s * mean) / coupling, -d_slope * mean / coupling
    if own:
        out, out_s, out_slope = np.array([-1.0, 0, 0]), 1.0, 0.0
    else:
        out, out_s, out_slope = -d * mean, off - d_s * mean, -d_slope * mean
    return (
        np.array([di, dv, out / capacitance]),
        np.array([di_s, dv_s, out_s / capacitance]),
        np.array([di_slope, dv_slope, out_slope / capacitance]),
        np.array([0.0, 0.0, -1 / capacitance]),
    )


def loop_gain(family, values, frequency, zero=0.0, pole=np.inf):
    """Return the output over s, times a compensator (1 + zero / p) / (1 + p / pole), rad/s."""
    a, by_s, by_slope, _ = matrices(family, values)
    p = 2j * np.pi * np.atleast_1d(frequency)
    left = p[:, None, None] * np.eye(3) - a
    right = by_s + p[:, None] * by_slope
    plant = np.linalg.solve(left, right[..., None])[:, 2, 0]
    return np.squeeze(plant * (1 + zero / p) / (1 + p / pole))


def free_damping(values):
    """Return the damping ratio of i and v while s and the output are held."""
    a = matrices("sepic", values)[0][:2, :2]
    return -np.trace(a) / 2 / np.sqrt(np.linalg.det(a))


def _peak(family, values, gain, zero, pole, step, horizon):
    """Return the largest deviation after a load step; None where the loop is unstable."""
    a, by_s, by_slope, by_load = matrices(family, values)
    slope = np.array([0, 0, -gain * pole, gain * zero * pole, -pole])
    closed = np.zeros((5, 5))
    closed[:3, :3] = a
    closed[:3, 4] = by_s
    closed[:3] += np.outer(by_slope, slope)
    closed[3, 2] = -1
    closed[4] = slope
    poles, modes = np.linalg.eig(closed)
    if poles.real.max() >= 0:
        return None
    settled = -np.linalg.solve(closed, step * np.append(by_load, [0, 0]))
    weights = np.linalg.solve(modes, -settled)
    times = np.linspace(0, horizon, 400)
    output = (modes[2] * weights) @ np.exp(np.outer(poles, times))
    return np.abs(settled[2] + output.real).max()


def closed_loop_peak(family, values, crossover, step):
    """Return the deviation of the best of some compensators with 50 degrees at that crossover."""
    frequencies = np.geomspace(crossover / 30, 30 * crossover, 250)
    found = []
    for below in (3, 5, 8, 14):
        for above in (3, 4, 8, 16):
            zero, pole = 2 * np.pi * crossover / below, 2 * np.pi * crossover * above
            gain = 1 / abs(loop_gain(family, values, crossover, zero, pole))
            loop = gain * loop_gain(family, values, frequencies, zero, pole)
            falls = (np.abs(loop[:-1]) > 1) & (np.abs(loop[1:]) <= 1)
            margins = (np.degrees(np.angle(loop[:-1][falls])) + 360) % 360 - 180
            peak = _peak(family, values, gain, zero, pole, step, 4 / crossover)
            if peak is not None and margins.min() >= 50 and np.abs(1 + loop).min() >= 0.5:
                found.append(peak)
    return min(found)
