import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arcs_engine.circuits.circuit import Capacitor, Circuit, Coupling, Inductor, Load, Source
from arcs_engine.foundation.errors import InputError, SpiceFailedError
from arcs_engine.simulation import ngspice as spice
from arcs_engine.simulation.ngspice.rawfile import RawData
from arcs_engine.simulation.waveforms import Waveforms

PERIOD = 5e-6
PARAMETERS = {"vin": 12.0, "rload": 2.5, "L1": 10e-6, "Cout": 100e-6}


def steady_waveforms(drift=0.0, current_drift=0.0, iin=0.85, ripple=0.02):
    """A made-up buck at 5 V, 2 A: twelve periods, whose states may drift (V/s, A/s)."""
    time = np.linspace(0, 12 * PERIOD, 12 * 400 + 1)
    wave = np.sin(2 * np.pi * time / PERIOD)
    vc = 5 + ripple / 2 * wave + drift * time
    return Waveforms(
        time,
        {
            "v(in)": np.full_like(time, 12.0),
            "v(out)": vc,
            "vc(Cout)": vc,
            "i(L1)": 2 + 0.3 * wave + current_drift * time,
            "i(Vin)": np.full_like(time, -iin),
        },
        PERIOD,
        "ngspice",
    )


def test_that_a_steady_window_is_measured(buck):
    measured = spice.Window(steady_waveforms(), buck, PARAMETERS, 10).measured()
    assert measured.vout == pytest.approx(5.0)
    assert measured.iout == pytest.approx(2.0)
    assert measured.ripple == pytest.approx(0.02, rel=0.01)
    assert measured.pin == pytest.approx(12 * 0.85)
    assert measured.pout == pytest.approx(10.0, rel=1e-4)
    assert measured.efficiency == pytest.approx(10 / (12 * 0.85), rel=1e-4)
    assert measured.balance.steady


def test_that_a_drifting_capacitor_fails_the_balance_of_charge(buck):
    drift = 0.01 * 2.0 / 100e-6  # its mean current is 1 % of Iout; in ten periods a hundredth of V
    balance = spice.Window(steady_waveforms(drift=drift), buck, PARAMETERS, 10).measured().balance
    assert balance.charge["Cout"] == pytest.approx(0.01, rel=0.01)
    assert not balance.steady


def test_that_a_drifting_inductor_fails_the_balance_of_flux(buck):
    drift = 0.01 * 12.0 / 10e-6
    balance = (
        spice.Window(steady_waveforms(current_drift=drift), buck, PARAMETERS, 10).measured().balance
    )
    assert balance.flux["L1"] == pytest.approx(0.01, rel=0.01)
    assert not balance.steady


@settings(deadline=None)
@given(
    drift=st.floats(-2000, 2000),
    current_drift=st.floats(-2e4, 2e4),
    ripple=st.floats(0, 1),
    periods=st.integers(1, 11),
)
def test_that_the_balance_sees_every_drift_through_any_ripple(
    drift, current_drift, ripple, periods
):
    circuit = Circuit(
        (
            Source("Vin", "in", "0"),
            Inductor("L1", "in", "out"),
            Capacitor("Cout", "out", "0"),
            Load("Rload", "out", "0"),
        )
    )
    waves = steady_waveforms(drift, current_drift, ripple=ripple)
    balance = spice.Window(waves, circuit, PARAMETERS, periods).balance()
    assert balance.charge["Cout"] == pytest.approx(abs(drift) * 100e-6 / 2, rel=0.05, abs=1e-9)
    assert balance.flux["L1"] == pytest.approx(abs(current_drift) * 10e-6 / 12, abs=1e-9)


def test_that_coupled_windings_balance_through_their_mutual_inductance():
    circuit = Circuit(
        (
            Source("Vin", "in", "0"),
            Inductor("T1p", "in", "0"),
            Inductor("T1s", "out", "0"),
            Load("Rload", "out", "0"),
        ),
        (Coupling("T1k", "T1p", "T1s"),),
    )
    time = np.linspace(0, 10 * PERIOD, 1001)
    flat = np.ones_like(time)
    waves = Waveforms(
        time,
        {"v(out)": 5 * flat, "i(T1p)": 1e3 * time, "i(T1s)": -400.0 * time},
        PERIOD,
        "ngspice",
    )
    parameters = {"vin": 10.0, "rload": 5.0, "T1p": 1e-3, "T1s": 4e-3, "T1k": 0.9}
    balance = spice.Window(waves, circuit, parameters, 5).balance()
    mutual = 0.9 * 2e-3
    assert balance.flux["T1p"] == pytest.approx(abs(1e-3 * 1e3 - mutual * 400) / 10)
    assert balance.flux["T1s"] == pytest.approx(abs(mutual * 1e3 - 4e-3 * 400) / 10)


def test_that_more_power_out_than_in_fails_loudly(buck):
    with pytest.raises(SpiceFailedError, match="wrong"):
        spice.Window(steady_waveforms(iin=0.8), buck, PARAMETERS, 10).measured()


def test_that_an_unsettled_window_is_told_by_its_balance_not_by_its_efficiency(buck):
    measured = spice.Window(
        steady_waveforms(drift=-2000.0, iin=0.8), buck, PARAMETERS, 10
    ).measured()
    assert not measured.balance.steady


@pytest.mark.parametrize("iin", [-0.1, 0.0])
def test_that_a_source_that_gives_no_power_is_no_result(buck, iin):
    with pytest.raises(SpiceFailedError, match="instead of giving any"):
        spice.Window(steady_waveforms(iin=iin), buck, PARAMETERS, 10).measured()


@pytest.mark.parametrize("vin", [0.0, -12.0, 11.9, 12.1, 1e8])
def test_that_a_source_that_does_not_hold_its_voltage_is_no_result(buck, vin):
    waves = steady_waveforms()
    waves.signals["v(in)"][1234] = vin
    with pytest.raises(SpiceFailedError, match="its input is at"):
        spice.Window(waves, buck, PARAMETERS, 10).measured()


@pytest.mark.parametrize("value", [1e300, -1e13, 2e12])
@pytest.mark.parametrize("name", ["v(in)", "@d1[id]"])
def test_that_a_signal_that_no_converter_has_is_no_result(buck, name, value):
    time = np.linspace(0, 1, 3)
    own = ["v(in)", "v(sw)", "v(out)", "v(cout_x)", "i(vin)", "i(l1)"]
    own += ["@sq1[i]", "@d1[id]", "@cout[i]", "@rload[i]"]
    raw = RawData("x", time, {each: np.ones(3) for each in own})
    raw.signals[name][1] = value
    with pytest.raises(SpiceFailedError, match="which no converter does"):
        spice.to_waveforms(raw, buck, PERIOD)


def test_that_a_spike_no_instrument_shows_is_not_ripple(buck):
    waves = steady_waveforms()
    spiked = waves.signals["v(out)"].copy()
    at = np.searchsorted(waves.time, 8 * PERIOD)
    time = np.insert(waves.time, at, waves.time[at] - np.array([2e-12, 1e-12]))
    signals = {n: np.interp(time, waves.time, s) for n, s in waves.signals.items()}
    signals["v(out)"] = np.insert(spiked, at, [spiked[at], spiked[at] + 3.0])
    measured = spice.Window(
        Waveforms(time, signals, PERIOD, "ngspice"), buck, PARAMETERS, 10
    ).measured()
    assert measured.ripple == pytest.approx(0.02, rel=0.02)


def test_that_a_window_longer_than_the_run_is_refused(buck):
    with pytest.raises(InputError, match="does not fit"):
        spice.Window(steady_waveforms(), buck, PARAMETERS, 13).measured()


def test_that_signals_take_the_names_of_the_declaration(buck):
    time = np.linspace(0, 1, 3)
    own = ["v(in)", "v(sw)", "v(out)", "v(cout_x)", "i(vin)", "i(l1)"]
    own += ["@sq1[i]", "@d1[id]", "@cout[i]", "@rload[i]"]
    raw = RawData("x", time, {name: time + i for i, name in enumerate(own)})
    waves = spice.to_waveforms(raw, buck, PERIOD)
    assert waves.signals["i(Q1)"][0] == own.index("@sq1[i]")
    assert waves.signals["vc(Cout)"][0] == own.index("v(cout_x)")
    assert spice.final_state(waves, buck) == {"L1": 6.0, "Cout": 4.0}
    del raw.signals["i(l1)"]
    with pytest.raises(SpiceFailedError, match=r"i\(l1\)"):
        spice.to_waveforms(raw, buck, PERIOD)
