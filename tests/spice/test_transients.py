"""Start-up, load step and line step in ngspice, against the solver and the averaged circuit."""

import json
import re
import subprocess
from threading import Event

import numpy as np
import psutil
import pytest

from arcs_engine import cli
from arcs_engine.analysis import transients
from arcs_engine.circuits.circuit import Circuit, Load, Resistor, Source, Switch
from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import REGISTRY
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import (
    Cancelled,
    DesignError,
    InfeasibleError,
    SpiceFailedError,
    SpiceNotFoundError,
)
from arcs_engine.performance.design import Design
from arcs_engine.simulation import netlist
from arcs_engine.simulation import ngspice as spice
from arcs_engine.simulation.ngspice import locate, rawfile
from arcs_engine.simulation.waveforms import Waveforms, mean, running_mean
from tests.spice.conftest import deck as deck_text

STEPS = 100
"""Half of what users get: a claim here leaves room for it."""

NO_TIME = Control.silent


def textbook(name, vin=24.0, **overrides):
    """Half the input at 1 A, or twice for a boost, with the textbook's values."""
    vout = vin * (2.0 if name == "boost" else 0.5)
    spec = Spec(topology=name, vin=vin, vin_min=20.0, vin_max=28.0, vout=vout, iout=1.0, fsw=150e3)
    values = REGISTRY[name].textbook(SpecBatch.of([spec])).values
    return Design(spec, {key: float(v[0]) for key, v in values.items()}, overrides=overrides)


@pytest.fixture(params=sorted(REGISTRY))
def design(request):
    return textbook(request.param)


def run(plan, **options):
    return transients.simulate(plan, steps=STEPS, **options)


def test_that_a_start_from_rest_ends_in_the_solved_steady_state(ngspice, design):
    found = run(transients.start_up(design, ramp=100 / 150e3))
    (stage,) = found.report.stages
    assert stage.settled
    assert stage.distance < 0.005
    assert stage.vout == pytest.approx(REGISTRY[design.spec.topology].sign * design.spec.vout, 5e-3)
    assert 100 / 150e3 * 0.5 < stage.settle_time < stage.end
    state = found.waveforms.signals
    assert abs(state["v(out)"][0]) < 0.05 * design.spec.vout
    assert abs(state[f"i({REGISTRY[design.spec.topology].main_inductor})"][0]) < 0.1


def test_that_steps_of_load_and_input_end_in_the_solved_states_and_come_back(ngspice, design):
    for plan in (
        transients.load_step(design, 0.5, 1.0),
        transients.load_step(design, 1.0, 0.5),
        transients.line_step(design, 24.0, 20.0),
    ):
        there, back = run(plan).report.stages
        assert there.settled, there
        assert back.settled, back
        assert max(there.distance, back.distance) < 0.005
        assert abs(back.vout) == pytest.approx(design.spec.vout, rel=5e-3)
        assert abs(there.vout_solved - back.vout_solved) > 0.01 * design.spec.vout
        assert max(there.undershoot, there.overshoot) > 0


def average(parameters, duty, rload):
    """The averaged buck: (A, b) of x = (iL, vC), and the row of vout (Erickson 2e, sec. 7.3)."""
    esr, inductance, capacitance = (parameters[n] for n in ("Cout_esr", "L1", "Cout"))
    series = (
        parameters["L1.dcr"] + duty * parameters["Q1_rds_on"] + (1 - duty) * parameters["D1.rs"]
    )
    share = rload / (rload + esr)
    output = share * np.array([esr, 1.0])
    current = (np.array([-series, 0.0]) - output) / inductance
    voltage = (np.array([1.0, 0.0]) - output / rload) / capacitance
    drive = duty * parameters["vin"] - (1 - duty) * parameters["D1.vf"]
    return np.stack([current, voltage]), np.array([drive / inductance, 0.0]), output


@pytest.fixture(scope="module")
def linear_step():
    """A load step of a buck whose diode is a constant drop, in continuous conduction throughout."""
    spec = Spec(
        topology="buck", vin=12.0, vin_min=12.0, vin_max=12.0, vout=5.0, iout=4.0, fsw=500e3
    )
    values = {"L1": 10e-6, "Cout": 100e-6, "Cout_esr": 5e-3, "Q1_rds_on": 5e-3}
    plan = transients.load_step(Design(spec, values, overrides={"diode.vf": 0.4}), 0.5, 1.0)
    return plan, transients.simulate(plan, steps=STEPS)


def test_that_a_load_step_of_a_buck_is_that_of_its_averaged_output_filter(ngspice, linear_step):
    plan, found = linear_step
    there = plan.stages[0]
    parameters, duty = there.goal.parameters, there.goal.duty
    before, drive, _ = average(parameters, duty, there.origin.parameters["rload"])
    after, _, output = average(parameters, duty, parameters["rload"])
    final = -np.linalg.solve(after, drive)
    start = -np.linalg.solve(before, drive) - final
    rates, modes = np.linalg.eig(after)
    amounts = np.linalg.solve(modes, start.astype(complex))

    time = found.waveforms.time
    ends, means = running_mean(time, found.waveforms.signals["v(out)"], plan.stages[0].goal.period)
    inside = (ends > there.begin + 2 * there.goal.period) & (ends < there.end)
    instants = ends[inside] - there.goal.period / 2 - there.begin
    swing = output @ (modes @ (amounts[:, None] * np.exp(rates[:, None] * instants))).real
    measured = means[inside] - means[inside][-1]
    dip = -swing.min()
    assert dip > 0.3
    assert np.max(np.abs(measured - swing + swing[-1])) < 0.03 * dip


def test_that_it_rings_at_the_resonance_of_inductor_and_capacitor(ngspice, linear_step):
    plan, found = linear_step
    there = plan.stages[0]
    ends, means = running_mean(
        found.waveforms.time, found.waveforms.signals["v(out)"], there.goal.period
    )
    inside = (ends > there.begin + 5 * there.goal.period) & (ends < there.end)
    instants, ringing = ends[inside], means[inside] - means[inside][-1]
    crossings = instants[1:][np.diff(np.sign(ringing)) != 0]
    resonance = 1 / (2 * np.pi * np.sqrt(10e-6 * 100e-6))
    assert 0.5 / np.diff(crossings[:3]).mean() == pytest.approx(resonance, rel=0.05)


def test_that_the_load_is_the_one_that_was_asked_for(ngspice, linear_step):
    plan, found = linear_step
    time, signals = found.waveforms.time, found.waveforms.signals
    resistance = signals["v(out)"] / signals["i(Rload)"]
    there, back = plan.stages
    edge = there.goal.period / 10
    during = (time > there.begin + edge) & (time < there.end - edge)
    outside = (time < there.begin - edge) | (time > back.begin + edge)
    assert resistance[during] == pytest.approx(1.25, rel=1e-4)
    assert resistance[outside] == pytest.approx(2.5, rel=1e-4)
    currents = signals["i(L1)"] - signals["i(Cout)"] - signals["i(Rload)"]
    assert np.abs(currents[during]).max() < 0.01


def test_that_the_input_is_the_one_that_was_asked_for(ngspice):
    plan = transients.line_step(textbook("buck"), 24.0, 20.0)
    found = run(plan)
    there, back = plan.stages
    volts = found.waveforms.signals["v(in)"]
    at = [there.begin, there.begin + there.goal.period, there.end, back.end]
    assert np.interp(at, found.waveforms.time, volts) == pytest.approx([24.0, 20.0, 20.0, 24.0])


def corners_of(deck, source):
    """Return the corners of a piecewise linear source as (time, value) rows."""
    text = re.search(rf"^{source} \S+ \S+ PWL\((.*?)\)", deck, re.S | re.M)[1]
    numbers = re.sub(r"\n\+ ", " ", text).split()
    return np.array(numbers, float).reshape(-1, 2)


def test_that_a_soft_start_grows_to_exactly_the_final_duty():
    plan = transients.start_up(textbook("buck"), ramp=40 / 150e3)
    deck = transients.deck(plan)
    duty, period = plan.stages[0].goal.duty, plan.stages[0].goal.period
    corners = corners_of(deck, "Vgate_soft")
    rises = np.flatnonzero((corners[:-1, 1] == 0) & (corners[1:, 1] == 1))
    on = corners[rises + 2, 0] - corners[rises, 0]  # from the middle of an edge to that of the next
    k = np.round(corners[rises, 0] / period)
    assert on == pytest.approx((k + 0.5) / 40 * duty * period, rel=1e-9)
    assert list(k) == list(range(int(k[0]), 40))
    assert (k[0] + 0.5) / 40 * duty * period < 5 * netlist.GateDrive(150e3, duty).edge
    delay, *_, width, again = (
        float(t)
        for t in re.search(r"^Vgate gate gate_soft PULSE\(0 1 (.*)\)", deck, re.M)[1].split()
    )
    assert delay == pytest.approx(40 * period)
    assert width + netlist.GateDrive(150e3, duty).edge == pytest.approx(duty * period)
    assert again == pytest.approx(period)


@pytest.mark.parametrize("dead", [0.0, 50e-9])
def test_that_a_soft_start_keeps_a_complementary_switch_complementary(ngspice, buck, ideal, dead):
    elements = (*buck.elements, Switch("Q2", "sw", "0", gate="complement"))
    parameters = ideal | {
        "Q2_rds_on": 1e-4, "Q2.roff": 1e7, "Q2.vdrop": 0.0, "Q2.dead_time": dead
    }  # fmt: skip
    text = deck_text(
        Circuit(elements), parameters, {"L1": 0.0, "Cout": 0.0}, periods=30, measures=False,
        steps=STEPS, stimulus=netlist.SoftStart(20),
    )  # fmt: skip
    raw = spice.run(text, ngspice=ngspice)
    wave = spice.to_waveforms(raw, Circuit(elements), 5e-6)
    # Both on would draw 12 V / 0.2 mOhm; Q2 off too long would leave the current to the diode.
    assert np.abs(wave.signals["i(Q1)"]).max() < 100
    share = mean(wave.time, np.abs(wave.signals["i(D1)"]) > 0.01) * 5e-6
    assert share == pytest.approx(2 * dead, abs=1.5e-7)
    ends, means = running_mean(wave.time, wave.signals["v(sw)"], 5e-6)
    assert means[-1] == pytest.approx(12 * 0.4, rel=2e-3)
    whole = np.abs(ends / 5e-6 - np.round(ends / 5e-6)) < 1e-3
    expected = 12 * 0.4 * np.minimum((np.round(ends[whole] / 5e-6) - 0.5) / 20, 1.0)
    assert means[whole] == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("kind", ["start-up", "load-step", "line-step"])
def test_that_an_exported_deck_runs_alone_and_measures_the_solved_output(ngspice, tmp_path, kind):
    design = textbook("forward")
    plan = {
        "start-up": lambda: transients.start_up(design),
        "load-step": lambda: transients.load_step(design, 0.5, 1.0),
        "line-step": lambda: transients.line_step(design, 24.0, 20.0),
    }[kind]()
    (tmp_path / "deck.cir").write_text(transients.deck(plan, steps=STEPS))
    done = subprocess.run(
        [ngspice, "-b", "deck.cir"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    measured = float(re.search(r"^vout_avg += +(\S+)", done.stdout, re.M)[1])
    assert measured == pytest.approx(design.spec.vout, rel=0.005)
    assert kind in (tmp_path / "deck.cir").read_text().splitlines()[0]
    assert "open loop, fixed duty" in (tmp_path / "deck.cir").read_text().splitlines()[0]


def test_that_the_ltspice_form_has_the_same_circuit_and_stimulus(design):
    plan = transients.load_step(design, 0.5, 1.0)
    ours, theirs = (
        transients.deck(plan, dialect).splitlines() for dialect in ("ngspice", "ltspice")
    )
    differ = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    assert {a.split()[0] for a, _ in differ} == {".options", ".meas"}
    assert sum(line.startswith(("Rstep", "Sstep", "Vstep")) for line in theirs) == 3


def test_that_a_run_too_short_to_settle_says_so(ngspice, monkeypatch):
    monkeypatch.setattr(transients, "MOST_PERIODS", 130)
    report = run(transients.load_step(textbook("sepic"), 1.0, 0.1)).report
    there = report.stages[0]
    assert not there.settled
    assert there.settle_time is None
    assert there.periods_needed > 1000
    assert any(
        re.search(r"unsettled, \d.* after 60 periods; .* takes about \d{4}", warning)
        for warning in report.warnings
    )


def test_that_an_inrush_above_saturation_is_told(ngspice):
    report = run(transients.start_up(textbook("boost"), ramp=20 / 150e3)).report
    peak = report.inductors["L1"]
    assert peak.saturates
    assert peak.peak > peak.saturation
    assert any("saturation current" in warning for warning in report.warnings)


def test_that_a_transformer_saturates_by_its_magnetizing_current(ngspice):
    design = textbook("forward")
    found = run(transients.start_up(design))
    signals = found.waveforms.signals
    magnetizing = found.report.inductors["T1r"].peak
    assert magnetizing < 0.5 * np.abs(signals["i(T1p)"]).max()  # the rest is the reflected load
    state = transients.start_up(design).stages[0].goal
    ideal = design.spec.vin * state.duty * state.period / state.parameters["T1r"]
    assert magnetizing == pytest.approx(ideal, rel=0.2)


def test_that_progress_is_in_simulated_time_and_cancel_leaves_nothing(ngspice, temp_root):
    plan = transients.start_up(textbook("boost"))
    told, stop = [], Event()

    def report(fraction, text):
        told.append((fraction, text))
        if fraction > 0.02:
            stop.set()

    with pytest.raises(Cancelled):
        transients.simulate(plan, Control(report, stop))
    fractions = [fraction for fraction, _ in told]
    assert fractions == sorted(fractions)
    assert 0.02 < fractions[-1] < 0.9
    assert re.fullmatch(r"\S+ of \S+ ms simulated", told[-1][1])
    assert list(temp_root.iterdir()) == []
    left = [child.name() for child in psutil.Process().children()]
    assert not [name for name in left if "ngspice" in name]  # none runs on, or waits to be reaped


def test_that_a_result_too_large_for_memory_ends_the_run(ngspice, temp_root, monkeypatch):
    monkeypatch.setattr(rawfile, "LARGEST_RESULT", 100_000)
    with pytest.raises(SpiceFailedError, match=r"simulate fewer periods|bytes"):
        run(transients.start_up(textbook("boost")))
    assert list(temp_root.iterdir()) == []


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        (lambda d: transients.load_step(d, 0.0, 1.0), "must be between"),
        (lambda d: transients.load_step(d, 0.5, 1.5), "must be between"),
        (lambda d: transients.load_step(d, float("nan"), 1.0), "must be between"),
        (lambda d: transients.load_step(d, 0.5, 0.5), "two different loads"),
        (lambda d: transients.line_step(d, 24.0, 24.0), "two different voltages"),
        (lambda d: transients.line_step(d, 24.0, 0.0), "above zero"),
        (lambda d: transients.line_step(d, float("inf"), 20.0), "above zero"),
        (lambda d: transients.start_up(d, ramp=1.0), "at most 1000 periods"),
        (lambda d: transients.start_up(d, ramp=float("nan")), "at most 1000 periods"),
    ],
)
def test_that_an_impossible_transient_is_refused_in_a_sentence(plan, message):
    with pytest.raises(DesignError, match=message):
        plan(textbook("buck"))


def test_that_a_point_without_a_duty_is_named():
    with pytest.raises(InfeasibleError, match=r"^At 5 V: No duty"):
        transients.line_step(textbook("buck"), 5.0, 24.0)


def test_that_a_missing_ngspice_is_told_with_the_command_that_mends_it(monkeypatch):
    monkeypatch.setenv(locate.VARIABLE, "/nowhere/ngspice")
    plan = transients.load_step(textbook("buck"))
    with pytest.raises(SpiceNotFoundError, match="install ngspice with"):
        transients.simulate(plan)


STIMULI = [
    netlist.SoftStart(5),
    netlist.LoadStep(1e-5, 2e-5, 5.0),
    netlist.LineStep(1e-5, 2e-5, 5.0, 1e-6),
]


@pytest.mark.parametrize("stimulus", STIMULI)
def test_that_no_title_gets_a_command_into_a_deck(stimulus, buck, ideal, steady, ngspice):
    text = deck_text(
        buck, ideal, steady, title="x\n.control\nshell true\n.endc\n*# shell true", periods=8,
        measures=False, stimulus=stimulus,
    )  # fmt: skip
    assert "control" in text.splitlines()[0]
    assert not re.search(r"^\s*(\.control|\*#|shell)", text, re.M)
    spice.run(text, ngspice=ngspice)


@pytest.mark.parametrize("name", ["step\n.control", "step", "gate_soft", "Step_X"])
def test_that_a_node_cannot_take_or_break_the_name_of_a_stimulus(name, ideal):
    circuit = Circuit(
        (Source("Vin", "in", "0"), Resistor("Rlink", "in", name), Load("Rload", "out", "0"))
    )
    with pytest.raises(DesignError, match=r"cannot be a name|two things"):
        deck_text(circuit, {"vin": 1.0, "rload": 1.0, "Rlink": 1.0}, {}, stimulus=STIMULI[1])


@pytest.mark.parametrize(
    "stimulus",
    [
        netlist.SoftStart(0),
        netlist.SoftStart(netlist.LONGEST_SOFT_START + 1),
        netlist.LoadStep(1e-5, 2e-5, float("nan")),
        netlist.LoadStep(1e-5, 2e-5, 2.5),
        netlist.LineStep(1e-5, 2e-5, -1.0, 1e-6),
    ],
)
def test_that_an_impossible_stimulus_reaches_no_deck(stimulus, buck, ideal, steady):
    with pytest.raises(DesignError):
        deck_text(buck, ideal, steady, periods=8, stimulus=stimulus)


BUCK = {
    "topology": "buck", "vin": 12, "vin_min": 9, "vin_max": 15, "vout": 5, "iout": 2, "fsw": "300k",
    "values": {"L1": "22u", "Cout": "47u", "Cout_esr": "10m", "Q1_rds_on": "20m"},
}  # fmt: skip


@pytest.fixture
def simulate(tmp_path, capsys):
    """Run ``arcs simulate`` on a buck; return exit code, stdout and stderr."""
    file = tmp_path / "buck.json"
    file.write_text(json.dumps(BUCK))

    def run(*arguments):
        code = cli.main(["simulate", str(file), *(str(a) for a in arguments)])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


def test_that_the_command_line_prints_one_document_and_writes_the_waveforms(
    ngspice, simulate, tmp_path
):
    step = ["--transient", "load-step", "--from", "50%", "--to", "100%"]
    code, out, _ = simulate(*step, "--json", "-o", tmp_path / "step.csv")
    assert code == 0
    report = json.loads(out)
    assert (report["kind"], report["note"]) == ("load-step", "open loop, fixed duty")
    assert [stage["settled"] for stage in report["stages"]] == [True, True]
    head, *rows = (tmp_path / "step.csv").read_text().splitlines()
    assert head.startswith("time,")
    assert {"v(out)", "i(L1)", "i(Cout)", "i(Rload)"} < set(head.split(","))
    assert 1000 < len(rows) <= 20_000


@pytest.mark.parametrize("kind", ["start-up", "line-step"])
def test_that_the_command_line_says_what_came_of_it(ngspice, simulate, tmp_path, kind):
    code, out, _ = simulate("--transient", kind, "-o", tmp_path / "picture.svg")
    assert code == 0
    assert out.startswith("buck: 12 V to 5 V, 2 A, 300 kHz, " + kind + ", open loop, fixed duty")
    assert "from the solved" in out
    assert "L1: peak" in out
    assert "open loop, fixed duty" in (tmp_path / "picture.svg").read_text()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--ramp", "1m"], "--ramp means nothing without --transient"),
        (["-o", "x.svg"], "--output means nothing without --transient"),
        (["--transient", "start-up", "--to", "50%"], "--to means nothing for a start-up"),
        (["--transient", "load-step", "--ramp", "1m"], "--ramp means nothing for a load-step"),
        (["--transient", "load-step", "--from", "5 V"], "--from: '5 V'"),
        (["--transient", "line-step", "--to", "50%"], "--to: '50%'"),
        (["--transient", "start-up", "-o", "x.exe"], "--output: the ending of x.exe"),
        (["--transient", "load-step", "--from", "0"], "must be between"),
    ],
)
def test_that_a_wrong_option_is_refused_in_a_sentence(simulate, arguments, reason):
    code, out, err = simulate(*arguments)
    assert (code, out) == (2, "")
    assert err.startswith("arcs: ")
    assert reason in err
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(("suffix", "last"), [(".cir", "gmin"), (".net", "plotwinsize")])
def test_that_the_ending_of_the_file_chooses_the_dialect(ngspice, simulate, tmp_path, suffix, last):
    file = tmp_path / f"deck{suffix}"
    assert simulate("--transient", "load-step", "--from", "50%", "-o", file)[0] == 0
    deck = file.read_text()
    assert last in deck
    assert "Vstep step 0 PWL(" in deck
    assert "vout_avg" in deck


def test_that_thinning_for_display_loses_no_peak():
    time = np.linspace(0.0, 1.0, 10_001)
    signals = {"a": np.sin(50 * time), "b": np.zeros_like(time)}
    signals["b"][[17, 5000, 9999]] = (1.0, -2.0, 3.0)
    thin = Waveforms(time, signals, 0.1, "ngspice").thinned(200)
    assert 100 <= len(thin.time) <= 200
    assert (np.diff(thin.time) > 0).all()
    for name, signal in signals.items():
        assert (thin.signals[name].min(), thin.signals[name].max()) == (signal.min(), signal.max())
    assert np.count_nonzero(thin.signals["b"]) == 3


def test_that_a_running_mean_over_a_period_removes_the_ripple_and_keeps_a_ramp():
    rng = np.random.default_rng(0)
    time = np.sort(np.concatenate(([0.0, 2.0], rng.uniform(0.0, 2.0, 50_000))))
    ends, means = running_mean(time, 3 * time + np.sin(2 * np.pi * time / 0.1), 0.1)
    assert ends[-1] == 2.0
    assert ends[0] >= 0.1
    assert means == pytest.approx(3 * (ends - 0.05), abs=1e-4)
