"""Closed loops in ngspice: one case of every topology, and what a deck holds."""

from dataclasses import replace

import numpy as np
import pytest
from regulated import STAGES, textbook_design, textbook_loop

from arcs_engine.analysis.closed_loop import Disturbance, deck, figures, plan, prove, run
from arcs_engine.analysis.closed_loop_report import report, waveforms
from arcs_engine.analysis.regulation import careful_crossover, textbook_regulation
from arcs_engine.circuits.control import VoltageMode
from arcs_engine.circuits.topologies import topology
from arcs_engine.foundation.errors import DesignError, SpiceNotFoundError
from arcs_engine.simulation.ngspice import find_ngspice

STEP = Disturbance("load-step", 0.5, 1.0)
CASES = [
    ("buck", STEP),
    ("buck", Disturbance("load-step", 1.0, 0.5, "current")),
    ("buck", Disturbance("start-up")),
    ("boost", Disturbance("load-step", 0.5, 1.0, "current")),
    ("buck_boost", STEP),
    ("buck_boost", Disturbance("line-step", 10.8, 13.2)),
    ("sepic", STEP),
    ("cuk", STEP),
    ("flyback", STEP),
    ("forward", STEP),
    ("buck_synchronous", STEP),
]


@pytest.fixture(scope="module", autouse=True)
def _ngspice():
    try:
        find_ngspice()
    except SpiceNotFoundError as error:
        pytest.skip(str(error))


@pytest.mark.parametrize(
    ("name", "disturbance"), CASES, ids=[f"{n}-{d.kind}-{d.load}" for n, d in CASES]
)
def test_that_ngspice_agrees(name, disturbance):
    stage = STAGES[topology(name).family]
    design = textbook_design(name, *stage)
    # Cuk: peak current mode, whose loop is faster to simulate than that of two resonances.
    regulation = textbook_regulation(design, method="current" if name == "cuk" else None)
    proof = prove(plan(design, regulation, disturbance))
    assert np.ptp(proof.exact) > 2 * proof.allowed, "something happens"
    assert proof.agrees, f"{proof.distance} of {proof.allowed} V"
    middle = np.abs(proof.exact - proof.simulated)
    assert np.max(middle) < 0.05 * np.ptp(proof.exact), "and so does the whole answer"


def test_that_a_wrong_gain_does_not_agree():
    """The proof would notice: ngspice runs another compensator than the exact run."""
    design, regulation = textbook_loop("buck")
    planned = plan(design, regulation, STEP)
    other = dict(regulation.values) | {"R2": 2 * regulation.values["R2"]}
    assert not prove(replace(planned, regulation=replace(regulation, values=other))).agrees


def test_that_both_dialects_hold_the_same_circuit():
    design, regulation = textbook_loop("flyback")
    planned = plan(design, regulation, STEP)
    ours, theirs = (
        [
            line
            for line in deck(planned, dialect).text().splitlines()
            if not line.startswith((".options", ".meas"))
        ]
        for dialect in ("ngspice", "ltspice")
    )
    assert ours == theirs
    reactive = [line for line in ours if line.startswith(("L", "C"))]
    assert all("IC=" in line for line in reactive), "a run begins on the orbit"
    assert any(line.startswith("Btrip_ctl") and "tanh" in line for line in ours)


def test_that_a_drawn_current_steps_beside_a_load_that_stays():
    design, regulation = textbook_loop("buck")
    planned = plan(design, regulation, Disturbance("load-step", 1.0, 0.5, "current"))
    lines = deck(planned).text().splitlines()
    (drawn,) = (line for line in lines if line.startswith("Istep"))
    assert "PWL(" in drawn
    assert not any(line.startswith("Sstep") for line in lines)


def test_that_a_soft_start_raises_the_reference():
    design, regulation = textbook_loop("boost")
    planned = plan(design, regulation, Disturbance("start-up"))
    (line,) = (x for x in deck(planned).text().splitlines() if x.startswith("Vref_ctl"))
    assert "PWL(0 0 " in line
    answer = run(planned)
    assert answer.cycles()[-1, 0] == pytest.approx(24.0, rel=1e-2)
    assert figures(planned, answer).settling is not None


def test_that_a_report_holds_what_the_run_did():
    design, regulation = textbook_loop("buck_boost")
    planned = plan(design, regulation, STEP)
    found, answer = report(planned, None)
    assert found.ngspice is None
    assert found.figures["deviation"] == figures(planned, run(planned)).deviation
    shown = waveforms(planned, answer)
    assert shown.signals["v(out)"].max() < 0, "an inverted output is shown with its sign"
    assert set(shown.signals) == {"v(out)", "i(L1)", "v(control)"}


def test_that_a_careful_crossover_lies_below_a_tenth_and_behind_an_optocoupler():
    assert careful_crossover(textbook_design("buck", 12.0, 5.0)) == pytest.approx(30e3)
    assert careful_crossover(textbook_design("flyback", 48.0, 12.0)) <= 10e3


def test_that_a_step_to_where_it_is_is_refused():
    design, regulation = textbook_loop("buck")
    with pytest.raises(DesignError, match="difference"):
        plan(design, regulation, Disturbance("load-step", 0.5, 0.5))


def test_that_a_method_that_does_not_suit_is_refused():
    with pytest.raises(DesignError, match="not regulated in voltage mode"):
        textbook_regulation(textbook_design("boost", 12.0, 24.0), method="voltage")


def test_that_a_buck_is_regulated_in_voltage_mode_unless_asked_otherwise():
    design = textbook_design("buck", 12.0, 5.0)
    assert isinstance(textbook_regulation(design).modulator, VoltageMode)
    sensed = textbook_regulation(design, method="current").modulator
    assert sensed.compensation > 0
