import math
import re
import subprocess

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arcs_engine.bench.designs import random_designs, row
from arcs_engine.circuits.circuit import (
    Capacitor,
    Circuit,
    Coupling,
    Inductor,
    Load,
    Resistor,
    Source,
    Switch,
)
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.errors import DesignError
from arcs_engine.simulation import netlist
from arcs_engine.simulation import ngspice as spice
from arcs_engine.simulation.steady import steady_state
from arcs_engine.simulation.waveforms import mean
from tests.spice.conftest import DUTY, FSW, RLOAD, VIN, deck

DRIVE = netlist.GateDrive(FSW, DUTY)
KEPT = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def simulated(circuit, parameters, state, ngspice, **run):
    fsw, periods = run.get("fsw", FSW), run.get("periods", 20)
    text = deck(circuit, parameters, state, measures=False, **run)
    raw = spice.run(text, ngspice=ngspice, stop_time=periods / fsw)
    return spice.to_waveforms(raw, circuit, 1 / fsw)


def printed(text, ngspice, folder):
    (folder / "deck.cir").write_text(text)
    done = subprocess.run(
        [ngspice, "-b", "deck.cir"], cwd=folder, capture_output=True, text=True, check=True
    )
    return {m[1]: float(m[2]) for m in re.finditer(r"^(\w+) += +(\S+)", done.stdout, re.M)}


def test_that_a_capacitor_discharges_exponentially(ngspice):
    circuit = Circuit(
        (
            Source("Vin", "in", "0"),
            Resistor("Rlink", "in", "out"),
            Capacitor("Cout", "out", "0"),
            Load("Rload", "out", "0"),
        )
    )
    parameters = {"vin": 2.0, "rload": 100.0, "Rlink": 100.0, "Cout": 1e-6, "Cout_esr": 1e-3}
    waves = simulated(circuit, parameters, {"Cout": 5.0}, ngspice)
    expected = 1.0 + 4.0 * np.exp(-waves.time / (50.0 * 1e-6))
    assert np.abs(waves.signals["v(out)"] - expected).max() < 1e-3
    assert np.abs(waves.signals["vc(Cout)"] - waves.signals["v(out)"]).max() < 1e-3
    current = (2 - waves.signals["v(out)"]) / 100 - waves.signals["v(out)"] / 100
    assert waves.signals["i(Cout)"] == pytest.approx(current, abs=1e-5)


def test_that_an_inductor_charges_exponentially(ngspice):
    circuit = Circuit(
        (Source("Vin", "in", "0"), Inductor("L1", "in", "out"), Load("Rload", "out", "0"))
    )
    parameters = {"vin": 10.0, "rload": 4.0, "L1": 100e-6, "L1.dcr": 1.0}
    waves = simulated(circuit, parameters, {"L1": 0.5}, ngspice)
    expected = 2.0 - 1.5 * np.exp(-waves.time * 5.0 / 100e-6)
    assert np.abs(waves.signals["i(L1)"] - expected).max() < 1e-3
    assert waves.signals["i(Vin)"] == pytest.approx(-waves.signals["i(L1)"])
    assert waves.signals["i(Rload)"] == pytest.approx(waves.signals["i(L1)"])


def test_that_an_ideal_buck_obeys_its_textbook_equations(ngspice, buck, ideal, steady):
    waves = simulated(buck, ideal, steady, ngspice, periods=300)
    measured = spice.Window(waves, buck, ideal, 10).measured()
    current = waves.last(1).signals["i(L1)"]
    assert measured.vout == pytest.approx(VIN * DUTY, rel=0.01)
    assert np.ptp(current) == pytest.approx(VIN * DUTY * (1 - DUTY) / (10e-6 * FSW), rel=0.01)
    assert measured.efficiency == pytest.approx(1.0, abs=0.005)
    assert measured.balance.steady


@pytest.mark.parametrize(
    ("fsw", "duty"), [(50e3, 0.5), (500e3, 0.1), (500e3, 0.9), (2e6, 0.05), (5e6, 0.2)]
)
def test_that_the_switch_is_on_for_exactly_the_duty(ngspice, buck, ideal, fsw, duty):
    state = {"L1": VIN * duty / 0.1, "Cout": VIN * duty}  # so much that it stays continuous
    heavy = {**ideal, "rload": 0.1}
    waves = simulated(buck, heavy, state, ngspice, fsw=fsw, duty=duty, periods=4)
    on = (waves.last(2).signals["v(sw)"] > VIN / 2).astype(float)
    assert mean(waves.last(2).time, on) == pytest.approx(duty, rel=5e-3)


def test_that_the_deck_starts_at_the_start_phase(ngspice, buck, ideal, steady):
    edge = DRIVE.edge
    assert DRIVE.start_phase == pytest.approx(1 - edge * FSW / 2)
    waves = simulated(buck, ideal, steady, ngspice, periods=2)
    switched_on = waves.time[np.argmax(waves.signals["v(sw)"] > VIN / 2)]
    assert switched_on == pytest.approx((1 - DRIVE.start_phase) / FSW, abs=edge / 10)


def test_that_gate_edges_stay_small_against_short_pulses():
    assert netlist.GateDrive(100e3, 0.5).edge == 10e-9
    assert netlist.GateDrive(2e6, 0.02).edge < 0.06 * 0.02 / 2e6
    assert netlist.GateDrive(2e6, 0.98).edge < 0.06 * 0.02 / 2e6


def test_that_the_exported_deck_prints_the_four_measures(ngspice, buck, ideal, steady, tmp_path):
    text = deck(buck, ideal, steady)
    answer = printed(text, ngspice, tmp_path)
    measured = spice.Window(simulated(buck, ideal, steady, ngspice), buck, ideal, 10).measured()
    assert answer["vout_avg"] == pytest.approx(measured.vout, rel=1e-4)
    assert answer["iin_avg"] == pytest.approx(measured.pin / VIN, rel=1e-3)
    assert answer["efficiency"] == pytest.approx(measured.efficiency, rel=1e-3)
    assert answer["vout_pp"] >= measured.ripple


def test_that_the_deck_keeps_the_contract(buck, ideal, steady):
    text = deck(buck, ideal, steady)
    lines = text.splitlines()
    assert lines[-1] == ".end"
    assert lines[-2].startswith(".tran ") and lines[-2].endswith(" UIC")
    assert ".options method=gear reltol=1e-4 gmin=1e-9" in lines
    assert any(line.startswith("Vin in 0 ") for line in lines)
    assert any(line.startswith("Rload out 0 ") for line in lines)
    (gate,) = (line for line in lines if line.startswith("Vgate gate 0 PULSE(0 1 "))
    _, _, _, rise, fall, width, period = map(float, gate[gate.index("(") + 1 : -1].split())
    assert (width + (rise + fall) / 2) / period == pytest.approx(DUTY, rel=1e-12)
    assert {"RON", "ROFF", "VT", "VH"} <= set(re.findall(r"[A-Z]+(?==)", text))
    assert len(re.findall(r"^[LC].* IC=", text, re.M)) == 2
    assert not re.search(r"\d(meg|[munpfkg])\b", text.lower())


def test_that_a_series_part_of_zero_is_left_out_and_another_is_not(buck, ideal, steady):
    assert "_dcr" not in deck(buck, ideal, steady)
    lossy = {**ideal, "L1.dcr": 0.02, "D1.vf": 0.3, "Q1.vdrop": 0.1}
    text = deck(buck, lossy, steady)
    assert "RL1_dcr L1_x out 2e-02" in text
    assert "VD1_drop D1_x sw DC 3e-01" in text
    assert "VQ1_drop Q1_x sw DC 1e-01" in text


def test_that_constant_drops_lower_the_output_as_computed(ngspice, buck, ideal, steady):
    lossy = {**ideal, "D1.vf": 0.5, "Q1.vdrop": 0.4}
    vout = DUTY * (VIN - 0.4) - (1 - DUTY) * 0.5
    state = {"L1": steady["L1"] + (vout - steady["Cout"]) / RLOAD, "Cout": vout}
    waves = simulated(buck, lossy, state, ngspice, periods=300)
    measured = spice.Window(waves, buck, lossy, 10).measured()
    assert measured.vout == pytest.approx(vout, rel=0.01)
    assert measured.efficiency == pytest.approx(vout / (VIN * DUTY), abs=0.005)


def test_that_a_complementary_switch_conducts_when_the_main_one_does_not(ngspice, buck, ideal):
    parts = (*buck.elements[:2], Switch("Q2", "sw", "0", "complement"), *buck.elements[3:])
    circuit = Circuit(parts)
    values = {**ideal, "Q2_rds_on": 1e-4, "Q2.roff": 1e7, "Q2.vdrop": 0.0, "rload": 100.0}
    values |= {"Q2.dead_time": 0.0}
    state = {"L1": -0.67, "Cout": VIN * DUTY}
    waves = simulated(circuit, values, state, ngspice, periods=30)
    measured = spice.Window(waves, circuit, values, 10).measured()
    assert waves.signals["i(L1)"].min() < -0.1  # it never goes discontinuous
    assert measured.vout == pytest.approx(VIN * DUTY, rel=0.02)


def test_that_the_ltspice_form_differs_only_in_options_and_measures(buck, ideal, steady):
    ngspice = deck(buck, ideal, steady).splitlines()
    ltspice = deck(buck, ideal, steady, dialect="ltspice").splitlines()
    differing = {a.split()[0] for a, b in zip(ngspice, ltspice, strict=True) if a != b}
    assert differing == {".options", ".meas"}
    assert "par(" not in "\n".join(ltspice)


@pytest.mark.parametrize("name", REGISTRY)
def test_that_every_registered_topology_declares_what_a_deck_can_hold(name):
    circuit = REGISTRY[name].circuit
    assert set(netlist.signals(circuit)) >= {"v(in)", "v(out)", "i(Vin)", "i(Rload)"}


def test_that_a_title_cannot_run_commands(ngspice, buck, ideal, steady, tmp_path):
    target = tmp_path / "pwned"
    for title in (
        f"x\n.control\nshell touch {target}\n.endc",
        f"x\n*# shell touch {target}",
        f"x\r*# shell touch {target}",
        f"# shell touch {target}",
        f"*ng_script\nshell touch {target}",
        f"x\v.control\fshell touch {target}\x85.endc",
    ):
        text = deck(buck, ideal, steady, title=title)
        assert printed(text, ngspice, tmp_path)["vout_avg"] > 0
        assert not target.exists()


@KEPT
@given(title=st.text(max_size=200))
def test_that_any_title_stays_one_comment_line(buck, ideal, steady, title):
    plain = deck(buck, ideal, steady)
    text = deck(buck, ideal, steady, title=title)
    first, rest = text.split("\n", 1)
    assert re.fullmatch(r"\* [A-Za-z0-9_,:=%()/+. -]{1,80}", first)
    assert not re.search(r"(^|\s)\.", first)
    assert rest == plain.split("\n", 1)[1]


POSITIVE = ["vin", "rload", "Q1_rds_on", "Q1.roff", "D1.is", "D1.n", "L1", "Cout", "Cout_esr"]


@KEPT
@given(
    name=st.sampled_from(POSITIVE),
    value=st.sampled_from([math.nan, math.inf, -math.inf, 0.0]) | st.floats(max_value=0),
)
def test_that_impossible_values_never_reach_a_deck(buck, ideal, steady, name, value):
    with pytest.raises(DesignError, match=re.escape(name)):
        deck(buck, {**ideal, name: value}, steady)


def test_that_missing_values_are_named(buck, ideal, steady):
    del ideal["D1.rs"]
    with pytest.raises(DesignError, match=r"D1\.rs is missing"):
        deck(buck, ideal, steady)


@pytest.mark.parametrize("state", [{"L1": 1.0}, {"L1": math.nan, "Cout": 5.0}])
def test_that_an_incomplete_state_is_refused(buck, ideal, state):
    with pytest.raises(DesignError, match="initial state"):
        deck(buck, ideal, state)


@pytest.mark.parametrize(
    "change",
    [
        {"duty": 0.0},
        {"duty": 1.0},
        {"duty": math.nan},
        {"fsw": 0.0},
        {"fsw": math.inf},
        {"fsw": 1.0},
        {"periods": 0},
        {"edge": 0.0},
        {"edge": math.nan},
        {"edge": 1.0},
    ],
)
def test_that_an_impossible_run_is_refused(buck, ideal, steady, change):
    with pytest.raises(DesignError):
        deck(buck, ideal, steady, **change)


@pytest.mark.parametrize(
    "element",
    [
        Resistor("R1\n.control", "in", "out"),
        Resistor("R1", "in", "a b"),
        Resistor("R1", "in", "*#"),
        Resistor("cout", "in", "out"),
        Resistor("R1", "in", "gate"),
        Resistor("R1", "in", "OUT"),
        Resistor("", "in", "out"),
        Resistor("Réu", "in", "out"),
        Resistor("L1_dcr", "in", "out"),
    ],
)
def test_that_names_which_spice_could_misread_are_refused(buck, ideal, steady, element):
    circuit = Circuit((*buck.elements, element))
    with pytest.raises(DesignError, match="name"):
        deck(circuit, {**ideal, element.name: 1.0, "L1.dcr": 0.1}, steady)


def transformer(factor):
    circuit = Circuit(
        (
            Source("Vin", "in", "0"),
            Inductor("T1p", "in", "0"),
            Inductor("T1s", "out", "0"),
            Load("Rload", "out", "0"),
        ),
        (Coupling("T1k", "T1p", "T1s"),),
    )
    parameters = {"vin": 1.0, "rload": 1e3, "T1p": 1e-3, "T1s": 4e-3, "T1k": factor}
    return circuit, {**parameters, "T1p.dcr": 1e-3, "T1s.dcr": 1e-3}


def test_that_coupled_windings_transform(ngspice):
    circuit, parameters = transformer(0.999)
    waves = simulated(circuit, parameters, {"T1p": 0.0, "T1s": 0.0}, ngspice, periods=2)
    assert waves.signals["v(out)"][-1] == pytest.approx(2.0, rel=0.01)


def test_that_windings_which_would_make_energy_are_refused():
    circuit, parameters = transformer(1.1)
    with pytest.raises(DesignError, match="coupling"):
        deck(circuit, parameters, {"T1p": 0.0, "T1s": 0.0})


@pytest.mark.parametrize(("name", "index"), [("cuk", 33), ("cuk", 92)])
def test_that_a_run_whose_end_meets_the_gate_but_for_rounding_gets_there(ngspice, name, index):
    """These ended in "Timestep too small" when the last period was whole."""
    drawn = random_designs(REGISTRY[name], 400, np.random.default_rng(0))
    fsw, vout = drawn.specs[index].fsw, drawn.specs[index].vout
    state = steady_state(REGISTRY[name], row(drawn.parameters, index), fsw, vout=vout)
    start = state.state_at(netlist.GateDrive(fsw, state.duty).start_phase)
    circuit = REGISTRY[name].circuit
    run = {"fsw": fsw, "duty": state.duty, "periods": 30}
    waves = simulated(circuit, state.parameters, start, ngspice, **run)
    assert waves.time[-1] == pytest.approx(30 / fsw, rel=1e-8)
