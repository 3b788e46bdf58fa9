"""Circuits of closed form and programs that stand in for ngspice."""

import tempfile

import pytest

from arcs_engine.circuits.circuit import Capacitor, Circuit, Diode, Inductor, Load, Source, Switch
from arcs_engine.foundation.errors import SpiceNotFoundError
from arcs_engine.simulation.netlist import Converter, Deck, GateDrive
from arcs_engine.simulation.ngspice import find_ngspice

VIN, RLOAD, FSW, DUTY = 12.0, 2.5, 200e3, 0.4


def deck(circuit, parameters, state, **run):
    """Write a deck of 20 periods at `FSW` and `DUTY`, but for what is said otherwise."""
    drive = GateDrive(run.pop("fsw", FSW), run.pop("duty", DUTY), run.pop("edge", None))
    return Deck(
        Converter(circuit, parameters, drive, state), **{"title": "test", "periods": 20} | run
    ).text()


@pytest.fixture(scope="session")
def ngspice():
    try:
        return find_ngspice()
    except SpiceNotFoundError as error:
        pytest.skip(str(error))


@pytest.fixture
def temp_root(tmp_path, monkeypatch):
    """A temporary directory of this test's own, to see what a run leaves behind."""
    root = tmp_path / "temp"
    root.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(root))
    return root


@pytest.fixture
def buck():
    return Circuit(
        (
            Source("Vin", "in", "0"),
            Switch("Q1", "in", "sw"),
            Diode("D1", "0", "sw"),
            Inductor("L1", "sw", "out"),
            Capacitor("Cout", "out", "0"),
            Load("Rload", "out", "0"),
        )
    )


@pytest.fixture
def ideal():
    """Parameters of a buck that is nearly lossless, so that its closed forms hold."""
    return {
        "vin": VIN,
        "rload": RLOAD,
        "Q1_rds_on": 1e-4,
        "Q1.roff": 1e7,
        "Q1.vdrop": 0.0,
        "D1.vf": 0.0,
        "D1.is": 1e-9,
        "D1.n": 0.02,  # with a drop in series, ngspice does not converge at a large is
        "D1.rs": 1e-4,
        "L1": 10e-6,
        "L1.dcr": 0.0,
        "Cout": 100e-6,
        "Cout_esr": 1e-3,
    }


@pytest.fixture
def steady():
    """State of the ideal buck where the switch turns on: the valley of the inductor current."""
    vout = VIN * DUTY
    ripple = vout * (1 - DUTY) / (10e-6 * FSW)
    return {"L1": vout / RLOAD - ripple / 2, "Cout": vout}
