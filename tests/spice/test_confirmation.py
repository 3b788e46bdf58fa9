"""ngspice's answer is looked at before it confirms anything."""

import json
from functools import cache

import numpy as np
import pytest

from arcs_engine import cli
from arcs_engine.analysis.verification import verify, verify_all
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.cli import tables
from arcs_engine.foundation.errors import SpiceFailedError, SpiceNotFoundError, SpiceTimeoutError
from arcs_engine.performance.candidate import Shortlist, Timing, answered
from arcs_engine.performance.candidates import evaluate
from arcs_engine.performance.design import Design
from arcs_engine.simulation import ngspice as spice
from arcs_engine.simulation.ngspice.rawfile import RawData

BUCK = REGISTRY["buck"]
SPEC = Spec(topology="buck", vin=24.0, vin_min=22.0, vin_max=26.0, vout=12.0, iout=1.0, fsw=150e3)
_run = spice.run
"""The real one, before a test puts another in its place."""


@cache
def designed():
    values = BUCK.textbook(SpecBatch.of([SPEC])).values
    return evaluate(Design(SPEC, {name: float(v[0]) for name, v in values.items()}))


@cache
def simulated(deck):
    return _run(deck)


@pytest.fixture
def answers(ngspice, monkeypatch):
    """Let ngspice's answers be changed before they are looked at."""

    def through(change):
        def run(deck, **_):
            raw = simulated(deck)
            signals = {name: signal.copy() for name, signal in raw.signals.items()}
            change(signals)
            return RawData(raw.title, raw.time, signals)

        monkeypatch.setattr(spice, "run", run)

    return through


def scaled(name, factor):
    def change(signals):
        signals[name] *= factor

    return change


def test_that_an_honest_answer_confirms(answers):
    answers(lambda signals: None)
    said, _ = verify(SPEC, designed())
    assert said.confirmed
    assert said.reasons == ()


@pytest.mark.parametrize("value", [1e300, -1e300, np.nan, np.inf, -24.0, 0.0, 1e6])
def test_that_an_input_voltage_of_nonsense_is_no_answer(answers, value):
    def change(signals):
        signals["v(in)"][0] = value

    answers(change)
    with pytest.raises(SpiceFailedError, match="ngspice's result is wrong: "):
        verify(SPEC, designed())


@pytest.mark.parametrize("factor", [0.0, -1.0, 0.5, 1e300, np.nan])
def test_that_a_power_of_nonsense_is_no_answer(answers, factor):
    answers(scaled("i(vin)", factor))
    with pytest.raises(SpiceFailedError, match="ngspice's result is wrong: "):
        verify(SPEC, designed())


@pytest.mark.parametrize(
    ("name", "factor", "figures"),
    [
        ("v(out)", 1.015, ["Output voltage: 12 V against 12.18 V", "Energy residue"]),
        ("i(vin)", 1.03, ["Efficiency, simulated", "Input power", "Energy residue"]),
        ("i(l1)", 1.2, ["Main inductor ripple", "Energy residue"]),
        ("@d1[id]", 10.0, ["Energy residue", "Loss D1"]),
    ],
)
def test_that_an_answer_far_from_the_solvers_names_what_differs(answers, name, factor, figures):
    answers(scaled(name, factor))
    said, _ = verify(SPEC, designed())
    assert not said.confirmed
    sentence = said.reasons[-1]
    assert sentence.startswith("The solver's figures are not ngspice's: ")
    for figure in figures:
        assert figure in sentence


def test_that_less_ripple_than_the_solvers_is_not_confirmed_either(answers):
    def smooth(signals):
        signals["v(out)"][:] = signals["v(out)"].mean()

    answers(smooth)
    said, _ = verify(SPEC, designed())
    assert not said.confirmed
    assert "Output ripple" in said.reasons[-1]


@pytest.mark.parametrize("name", ["v(in)", "v(sw)", "v(out)", "i(vin)", "i(l1)", "@d1[id]"])
@pytest.mark.parametrize("factor", [-1.0, 0.0, 5.0])
def test_that_no_headline_signal_can_be_wrong_without_a_word(answers, name, factor):
    answers(scaled(name, factor))
    try:
        said, _ = verify(SPEC, designed())
    except SpiceFailedError:
        return
    assert said.reasons


# --- who is told


def shortlist(candidate):
    timing = Timing(sample=0.0, solve=0.0, verify=0.0, total=0.0)
    return Shortlist(
        spec=SPEC, textbook=candidate, candidates=(), timing=timing, model=None, seed=0
    )


def test_that_one_design_without_an_answer_costs_the_others_nothing(answers):
    bad = designed().values["L1"] * 2

    def change(signals):
        # The design with the other inductor has half the ripple.
        if np.ptp(signals["i(l1)"]) < 0.7 * designed().metrics.inductor_ripple:
            signals["v(in)"][0] = 1e300

    answers(change)
    other = evaluate(Design(SPEC, designed().values | {"L1": bad}))
    first, second = verify_all(SPEC, [designed(), other])
    assert first.ngspice.confirmed
    assert second.ngspice is None
    assert second.warnings == (
        "ngspice does not confirm it: ngspice's result is wrong: v(in) reaches 1e+300, which no "
        "converter does.",
    )
    assert f"1: {second.warnings[0]}" in tables.shortlist(shortlist(second))


def test_that_a_run_that_takes_too_long_is_one_designs_matter_and_a_missing_ngspice_is_not(
    monkeypatch,
):
    def run(deck, **_):
        raise SpiceTimeoutError("ngspice did not finish within 60 s.")

    monkeypatch.setattr(spice, "run", run)
    (found,) = verify_all(SPEC, [designed()])
    assert found.warnings == ("ngspice does not confirm it: ngspice did not finish within 60 s.",)
    assert answered(found, SpiceTimeoutError("ngspice did not finish within 60 s.")) == found

    def missing(deck, **_):
        raise SpiceNotFoundError("ngspice was not found.")

    monkeypatch.setattr(spice, "run", missing)
    with pytest.raises(SpiceNotFoundError):
        verify_all(SPEC, [designed()])


@pytest.fixture
def arcs(capsys, tmp_path):
    path = tmp_path / "buck.json"
    entries = {"topology": "buck", "vin": 24, "vout": 12, "iout": 1, "fsw": 150e3}
    path.write_text(json.dumps(entries | {"values": designed().values}))

    def run(*more):
        code = cli.main(["simulate", str(path), "--engine", "ngspice", *more])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_that_the_command_line_says_whether_ngspice_confirms(arcs, answers):
    answers(lambda signals: None)
    code, out, _ = arcs()
    assert code == 0
    assert out.rstrip().endswith("ngspice confirms the solver.")


def test_that_the_command_line_shows_what_ngspice_has_against_a_design(arcs, answers):
    answers(scaled("i(vin)", 1.03))
    code, out, _ = arcs()
    assert code == 0
    assert "The solver's figures are not ngspice's: " in out
    assert "confirms" not in out
    answer = json.loads(arcs("--json")[1])
    assert answer["ngspice"]["confirmed"] is False
    assert len(answer["ngspice"]["reasons"]) == 1


def test_that_the_command_line_gives_no_figures_of_a_result_of_nonsense(arcs, answers):
    answers(scaled("v(in)", 1e300))
    code, out, err = arcs()
    assert (code, out) == (1, "")
    assert "v(in) reaches" in err
    assert len(err.strip().splitlines()) == 1


def test_that_a_shortlists_table_shows_what_ngspice_has_against_each(answers):
    answers(scaled("i(vin)", 1.03))
    (found,) = verify_all(SPEC, [designed()])
    shown = tables.shortlist(shortlist(found))
    assert "ngspice disagrees" in shown
    assert found.ngspice.reasons[0] in shown
