"""Presenters, which know no Qt."""

import re
import subprocess
import sys

import msgspec
import numpy as np
import pytest
from scripted_engine import candidate, metrics, shortlist

from arcs_engine.circuits.captions import label
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import REGISTRY, topology
from arcs_engine.performance.metrics import Stress, per_cent
from arcs_engine.simulation.waveforms import Waveforms
from arcs_engine.sizing.proposal import difference
from arcs_gui.presenters import cells
from arcs_gui.presenters.designs import details
from arcs_gui.presenters.designs.board import Board, Design
from arcs_gui.presenters.designs.comparison import comparison
from arcs_gui.presenters.designs.shortlist import EFFICIENCY, column, table
from arcs_gui.presenters.generation import Generation
from arcs_gui.presenters.schematic.inspector import part_facts
from arcs_gui.presenters.spec.form import EXAMPLES, read
from arcs_gui.presenters.waveforms.traces import PERIODS, trace_set

SPEC = Spec(
    topology="buck", vin=12, vin_min=10.8, vin_max=13.2, vout=5, iout=2, fsw=300e3, ripple=0.01
)


def test_that_presenters_and_ports_import_no_qt():
    code = (
        "import arcs_gui.ports, importlib, pkgutil, sys\n"
        "from arcs_gui import presenters\n"
        "for found in pkgutil.walk_packages(presenters.__path__, 'arcs_gui.presenters.'):\n"
        "    importlib.import_module(found.name)\n"
        "sys.exit(any(name.startswith(('PySide6', 'pyqtgraph')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_that_every_example_is_a_spec_that_its_topology_accepts(example):
    spec = read(example.texts)
    topology(spec.topology).check(spec)


def saw(start: float, periods: float, fsw: float = 100e3) -> Waveforms:
    """A sawtooth that is zero where the switch turns on."""
    time = (start + np.linspace(0, periods, 4001)) / fsw
    phase = time * fsw % 1
    signals = {"v(out)": phase, "i(L1)": phase, "v(sw)": phase}
    return Waveforms(time, signals, 1 / fsw, "ngspice")


@pytest.mark.parametrize("start", [0, 0.995, 7.5])
def test_that_the_window_starts_where_the_switch_turns_on(start):
    found = trace_set(REGISTRY["buck"], saw(start, 10))
    assert found.time[0] == 0
    assert found.time[-1] == pytest.approx(PERIODS * 1e-5)
    for values in found.values.values():
        assert min(values[0], 1 - values[0]) < 0.01
        assert values[len(values) // 2] == pytest.approx(0.5, abs=0.01)


def test_that_a_short_simulation_is_shown_as_far_as_it_goes():
    found = trace_set(REGISTRY["buck"], saw(0, 2))
    assert found.time[-1] == pytest.approx(2e-5)


def test_that_late_answers_are_dropped():
    generation, heard = Generation(), []
    first = generation.only_current(heard.append)
    generation.renew()
    second = generation.only_current(heard.append)
    first("old")
    second("new")
    assert heard == ["new"]


@pytest.mark.parametrize(
    ("fraction", "text"), [(0.00474, "0.474 %"), (0.9, "90.0 %"), (1, "100 %"), (0.014, "1.40 %")]
)
def test_that_per_cents_have_three_digits(fraction, text):
    assert per_cent(fraction) == text


def test_that_details_list_every_loss_largest_first_and_their_sum():
    sections = {s.title: s.rows for s in details.details(SPEC, candidate(1))}
    labels = [row.label for row in sections["Losses"]]
    assert labels == ["D1", "Q1", "Q1 switching", "L1", "Total"]
    total = sum(metrics(5).losses.values())
    assert sections["Losses"][-1].value == f"{total * 1e3:.0f} mW"
    named = [row.label for row in sections["Values"]]
    assert named == ["L1", "Cout", "ESR of Cout", "Rds(on) of Q1"]


def test_that_an_unsolved_design_has_no_invented_figures():
    unsolved = candidate(1, metrics=None, duty=None, mode=None, meets_spec=False, cost=3.0)
    assert [s.title for s in details.details(SPEC, unsolved)] == ["Verdict", "Values"]
    figures = ("Cost", "Mean loss", "Volume", "Deviation", EFFICIENCY)
    assert [_row_of(unsolved).cells[column(title)].text for title in figures] == ["—"] * 5


def _row_of(chosen):
    board = Board(
        SPEC, {chosen.rank: Design(chosen, chosen), 0: Design(candidate(0), candidate(0))}
    )
    return next(row for row in table(board) if row.key == chosen.rank)


def test_that_details_tell_what_to_buy_and_the_room_and_heat_of_every_part():
    sections = {s.title: s.rows for s in details.details(SPEC, candidate(1))}
    bought = [(row.label, row.note) for row in sections["Capacitors to buy"]]
    assert bought == list(metrics(5).banks.items())
    assert [row.label for row in sections["Volume"]] == ["L1", "Cin", "Q1", "Cout", "D1", "Total"]
    assert sections["Volume"][-1].value == "664 mm³"
    assert sum(row.bar.length for row in sections["Volume"][:-1]) == pytest.approx(1.0)
    hottest = sections["Junction temperature, worst corner"][0]
    assert (hottest.label, hottest.value, hottest.tone) == ("D1", "72.4 °C", "plain")
    told = {row.label: row.value for row in sections["Operating point"]}
    assert told["Deviation at load steps"] == "3.10 %"
    assert told["Ripple current"] == "30.5 %"
    assert told["Mean loss"] == "720 mW"


def test_that_a_junction_over_its_limit_is_bad():
    figures = msgspec.structs.replace(metrics(5), temperatures={"Q1": 126.0})
    sections = {s.title: s.rows for s in details.details(SPEC, candidate(1, metrics=figures))}
    (row,) = sections["Junction temperature, worst corner"]
    assert row.tone == "bad"
    assert row.bar.length > 1


@pytest.mark.parametrize("name", REGISTRY)
def test_that_no_capacitor_that_is_bought_as_a_bank_is_held_against_a_series(name):
    declared, chosen = topology(name), candidate(1, name)
    notes = {row.label: row.note for row in dict(_sections(chosen))["Values"]}
    for value in declared.design_values:
        facts = part_facts(declared, chosen, chosen.values, value.part, (), {})
        (told,) = (each for each in facts.values if each.name == value.name)
        is_capacitor = value.part.startswith("C")
        assert ("bank" in told.place) == is_capacitor
        assert notes[value.label].endswith("(bank)") == is_capacitor


def _sections(chosen):
    return [(section.title, section.rows) for section in details.details(SPEC, chosen)]


def test_that_losses_are_shares_of_their_sum():
    sections = {s.title: s.rows for s in details.details(SPEC, candidate(1))}
    shares = [row.bar.length for row in sections["Losses"] if row.bar is not None]
    assert len(shares) == len(sections["Losses"]) - 1
    assert sum(shares) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("need", "rating", "derating", "tone"),
    [(24.0, 60.0, 0.8, "plain"), (4.0, 5.0, 1.0, "plain"), (90.0, 100.0, 0.8, "bad")],
)
def test_that_a_stress_is_a_share_of_its_rating_and_marks_what_may_be_used(
    need, rating, derating, tone
):
    stress = Stress("voltage", need, rating, derating * rating / need - 1, "V")
    row = cells.stress_row("Q1 voltage", stress)
    assert row.tone == tone
    assert row.bar.length == pytest.approx(need / rating)
    assert row.bar.mark == (None if derating == 1 else pytest.approx(derating))


def test_that_the_stress_with_the_least_margin_comes_first():
    stresses = {
        f"Q{number} voltage": Stress("voltage", 10.0, 60.0, margin, "V")
        for number, margin in enumerate((0.5, -0.1, 0.2))
    }
    made = msgspec.structs.replace(metrics(5), stress=stresses)
    sections = {s.title: s.rows for s in details.details(SPEC, candidate(1, metrics=made))}
    assert [row.label[:2] for row in sections["Stress, worst corner"]] == ["Q1", "Q2", "Q0"]


def test_that_a_stress_names_its_part_and_quantity_once():
    stress = {"Q1": Stress("peak current", 2.0, 5.0, 1.5, "A")}
    stress["Q1 rms"] = Stress("rms current", 1.0, 5.0, 4.0, "A")
    made = msgspec.structs.replace(metrics(5), stress=stress)
    sections = {s.title: s.rows for s in details.details(SPEC, candidate(1, metrics=made))}
    labels = [row.label for row in sections["Stress, worst corner"]]
    assert labels == ["Q1 peak current", "Q1 rms current"]


@pytest.mark.parametrize("name", REGISTRY)
def test_that_no_value_is_called_by_its_name_in_the_program(name):
    declared, spec = REGISTRY[name], msgspec.structs.replace(SPEC, topology=name)
    made = candidate(1, name)
    board = Board.of(shortlist(spec))
    board.toggle_pin(1)
    texts = [row.label + row.note for s in details.details(spec, made) for row in s.rows]
    texts += [title for title, _ in comparison(board).rows]
    for part in {value.part for value in declared.design_values}:
        for value in part_facts(declared, made, made.values, part, (), {}).values:
            texts += [value.label, value.heading, value.place]
    texts += [label(declared, quantity) for quantity in (*made.values, "vin", "iout", "L1.dcr")]
    texts.append(difference(candidate(2, name), candidate(0, name)))
    assert [text for text in texts if re.search(r"[A-Za-z]_[a-z]|\.dcr|\bvin\b", text)] == []
