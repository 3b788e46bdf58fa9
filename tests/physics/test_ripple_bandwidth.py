"""Ripple is what a 20 MHz instrument shows (requirement P4)."""

import numpy as np
import pytest
from converters import figures_of_one, parameters_of, solve_one, spec_of, textbook_values

from arcs_engine.analysis.verification import simulate
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.simulation.steady import steady_state
from arcs_engine.simulation.waveforms import band_limit, peak_to_peak

BUCK_BOOST = REGISTRY["buck_boost"]


@pytest.fixture
def spiky():
    """A buck-boost whose whole current flashes through a large ESR for a tenth of a microsecond."""
    spec = spec_of(36.0, 36.0, 0.2, 500e3, ripple=0.2)
    values = textbook_values(BUCK_BOOST, spec) | {"L1": 0.47e-6, "Cout": 22e-6, "Cout_esr": 0.3}
    return spec, parameters_of(BUCK_BOOST, spec, values)


def both(waveforms, periods=2):
    """Return the peak-to-peak of the last periods, band-limited and not.

    The filter's peak may lie between two samples, so it is asked in between, too.
    """
    places = np.arange(len(waveforms.time))
    between = np.linspace(0, places[-1], 8 * places[-1] + 1)
    time = np.interp(between, places, waveforms.time)
    output = np.interp(between, places, waveforms.signals["v(out)"])
    inside = time >= time[-1] - periods * waveforms.period
    limited = band_limit(time, output)
    return float(peak_to_peak(limited[inside])), float(peak_to_peak(output[inside]))


def test_that_ngspice_and_the_solver_see_the_same_band_limited_ripple(ngspice, spiky):
    spec, parameters = spiky
    found = solve_one(BUCK_BOOST, parameters, spec.fsw, vout=spec.vout)
    state = steady_state(BUCK_BOOST, parameters, spec.fsw, vout=spec.vout)
    run = simulate(state, title="ESR step")
    limited, full = both(run.waveforms)
    assert run.measurement.ripple == pytest.approx(limited, rel=2e-3)
    assert found.output_ripple[0] == pytest.approx(limited, rel=0.01)
    assert full > 1.02 * limited


def test_that_the_solvers_ripple_is_that_of_its_waveforms_behind_the_filter(spiky):
    spec, parameters = spiky
    found = solve_one(BUCK_BOOST, parameters, spec.fsw, vout=spec.vout)
    wave = steady_state(BUCK_BOOST, parameters, spec.fsw, vout=spec.vout).waveforms(periods=4)
    limited, full = both(wave)
    assert found.output_ripple[0] == pytest.approx(limited, rel=0.01)
    assert full > 1.02 * limited


def test_that_every_designs_ripple_is_that_of_its_waveforms_behind_the_filter(population):
    for index in population.rows[:40]:
        limited, _ = both(population.state(index).waveforms(periods=4))
        floor = 1e-5 * population.drawn.specs[index].vout
        ripple = population.batch.output_ripple[index]
        assert 0.99 * limited - floor <= ripple <= 1.002 * limited + floor


def test_that_the_judged_ripple_is_a_share_of_the_wanted_output(spiky):
    spec, parameters = spiky
    found = solve_one(BUCK_BOOST, parameters, spec.fsw, vout=spec.vout)
    figures = figures_of_one(BUCK_BOOST, parameters, spec, vout=spec.vout)
    assert figures.ripple[0] == pytest.approx(found.output_ripple[0] / 36.0)
