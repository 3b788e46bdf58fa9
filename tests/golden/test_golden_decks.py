"""Decks of every topology and variant in both dialects, as they were accepted."""

import re
import subprocess

import pytest

from arcs_engine.circuits.circuit import Capacitor, Diode, Inductor, Load, Resistor, Source, Switch
from arcs_engine.circuits.topologies import REGISTRY, VARIANTS
from arcs_engine.foundation.errors import SpiceNotFoundError
from arcs_engine.simulation.netlist import Converter, Deck, GateDrive
from arcs_engine.simulation.ngspice import find_ngspice

EVERY = REGISTRY | VARIANTS
DIALECTS = ("ngspice", "ltspice")

LTSPICE_LINES = re.compile(
    r"""
    \*.* |                                                      # title
    [VR]\w+\ \w+\ \w+\ (DC\ )?[-+\d.e]+ |                        # sources, resistors
    V\w+\ \w+\ 0\ PULSE\([-+\d.e ]+\) |                          # gates
    [LC]\w+\ \w+\ \w+\ [-+\d.e]+\ IC=[-+\d.e]+ |                  # inductors, capacitors
    S\w+\ \w+\ \w+\ \w+\ 0\ \w+ | D\w+\ \w+\ \w+\ \w+ |         # switches, diodes
    K\w+\ L\w+\ L\w+\ [-+\d.e]+ |                                # couplings
    \.model\ \w+\ (SW|D)\((\w+=[-+\d.e]+\ ?)+\) |
    \.options\ method=gear\ reltol=1e-4\ plotwinsize=0 |
    \.meas\ TRAN\ \w+\ (AVG|PP|PARAM)\ \S.* |
    \.tran\ [-+\d.e]+\ [-+\d.e]+\ 0\ [-+\d.e]+\ UIC | \.end |
    """,
    re.VERBOSE,
)
"""Statements by LTspice's own help: .tran with UIC, .meas with FROM and TO without '=', SW and D
models, K with two windings."""


def parameters_of(circuit):
    """Return a number for every parameter of a circuit, whatever the parts' rules say."""
    found = {"vin": 12.0, "rload": 2.5}
    for element in circuit.elements:
        match element:
            case Inductor():
                found |= {element.inductance: 22e-6, element.resistance: 20e-3}
            case Capacitor():
                found |= {element.capacitance: 47e-6, element.resistance: 10e-3}
            case Switch():
                found |= {element.on_resistance: 20e-3, element.off_resistance: 1e7}
                found |= {element.drop: 0.0, element.dead_time: 30e-9}
            case Diode():
                found |= {element.drop: 0.1, element.saturation_current: 1e-6}
                found |= {element.emission: 1.05, element.resistance: 10e-3}
            case Resistor():
                found[element.name] = 1000.0
            case Source() | Load():
                pass
    return found | {coupling.name: 0.97 for coupling in circuit.couplings}


def golden_deck(topology, dialect):
    circuit = topology.circuit
    states = circuit.of_type(Inductor) + circuit.of_type(Capacitor)
    state = {e.name: 1.0 if isinstance(e, Inductor) else 5.0 for e in states}
    converter = Converter(circuit, parameters_of(circuit), GateDrive(200e3, 0.4), state)
    return Deck(converter, f"{topology.title}, golden", periods=20, dialect=dialect).text()


every = pytest.mark.parametrize("topology", EVERY.values(), ids=EVERY)


@pytest.mark.parametrize("dialect", DIALECTS)
@every
def test_that_a_deck_is_what_was_accepted(golden, topology, dialect):
    golden.check(f"{topology.name}.{dialect}.cir", golden_deck(topology, dialect))


@every
def test_that_ngspice_runs_the_deck_and_prints_its_measures(topology, tmp_path):
    try:
        program = find_ngspice()
    except SpiceNotFoundError as error:
        pytest.skip(str(error))
    file = tmp_path / "deck.cir"
    file.write_text(golden_deck(topology, "ngspice"))
    found = subprocess.run(
        [str(program), "-n", "-b", str(file)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert found.returncode == 0, found.stderr
    for measure in ("vout_avg", "vout_pp", "iin_avg", "efficiency"):
        assert re.search(rf"^{measure}\s+=\s+[-\d.e+]+", found.stdout, re.MULTILINE), measure


@every
def test_that_every_line_for_ltspice_is_one_of_its_statements(topology):
    for line in golden_deck(topology, "ltspice").splitlines():
        assert LTSPICE_LINES.fullmatch(line), line


def test_that_no_golden_deck_is_left_of_a_topology_that_is_gone(golden):
    decks = {name for name in golden.names() if name.endswith(".cir")}
    assert decks == {f"{name}.{dialect}.cir" for name in EVERY for dialect in DIALECTS}
