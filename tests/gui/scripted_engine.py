"""Stand-ins that answer what the test says, when the test says so."""

import threading
from dataclasses import dataclass, field
from functools import cache

import msgspec
import numpy as np

from arcs_engine.analysis.transient_figures import StageResult, Transient, TransientReport
from arcs_engine.analysis.transients import NOTE
from arcs_engine.circuits import label_room, nets, schematic
from arcs_engine.circuits.topologies import topology
from arcs_engine.performance.candidate import Candidate, Confirmation, Outcome, Shortlist, Timing
from arcs_engine.performance.metrics import Metrics, Stress
from arcs_engine.simulation.waveforms import Waveforms
from arcs_gui.ports import LossPoint, Reason, RunSummary, Sheet, Solved, TextbookDesign

LIMIT_S = 20


def metrics(vout: float) -> Metrics:
    return Metrics(
        vout=vout,
        vout_error=0.0001,
        ripple=0.0042,
        inductor_ripple=0.61,
        efficiency=0.948,
        efficiency_estimated=0.921,
        pin=10.55,
        pout=10.0,
        losses={"Q1": 0.2, "D1": 0.31, "L1": 0.04, "Q1 switching": 0.1},
        stress={"Q1": Stress("voltage", 16.5, 20.0, 0.21, "V")},
        energy=7.2e-4,
        mean_loss=0.72,
        volume=664.0,
        volumes={"L1": 420.0, "Q1": 54.0, "D1": 40.0, "Cin": 100.0, "Cout": 50.0},
        deviation=0.031,
        ripple_current=0.305,
        temperatures={"Q1": 61.3, "D1": 72.4},
        banks={"Cin": "2 x 10 µF 25 V 1206 ceramic", "Cout": "4 x 22 µF 10 V 0805 ceramic"},
        residue=1e-6,
        charge_balance=1e-6,
        flux_balance=1e-6,
    )


def candidate(rank: int, name: str = "buck", vout: float = 5.0, **changes) -> Candidate:
    chosen = {"L1": (10 + rank) * 1e-6, "Cout": 47e-6, "Cout_esr": 0.01, "Q1_rds_on": 0.02}
    declared = topology(name).design_values
    made = Candidate(
        rank=rank,
        topology=name,
        values={v.name: chosen.get(v.name, (v.low * v.high) ** 0.5) for v in declared},
        duty=0.44,
        mode="CCM",
        metrics=metrics(vout),
        cost=1.0 if rank == 0 else 0.8 + rank / 50,
        reward=8.0,
        meets_spec=True,
        origin="textbook" if rank == 0 else "model",
        note="Smaller inductor than the textbook design." if rank else "",
    )
    return msgspec.structs.replace(made, **changes)


def shortlist(spec, count: int = 3) -> Shortlist:
    name = "buck" if spec.topology == "auto" else spec.topology
    vout = topology(name).sign * spec.vout
    return Shortlist(
        spec=spec,
        textbook=candidate(0, name, vout),
        candidates=tuple(candidate(rank, name, vout) for rank in range(1, count + 1)),
        timing=Timing(sample=0.1, solve=0.1, verify=0.0, total=0.2),
        model=None,
        seed=0,
    )


def confirmation(**changes) -> Confirmation:
    made = Confirmation(
        confirmed=True,
        reasons=(),
        vout=5.001,
        ripple=0.0043,
        efficiency=0.947,
        charge_balance=1e-5,
        flux_balance=1e-5,
        periods=10,
        seconds=0.1,
    )
    return msgspec.structs.replace(made, **changes)


def waveforms(chosen: Candidate, fsw: float, source: str) -> Waveforms:
    """A triangle, a square wave and a ripple, different for each candidate."""
    time = np.linspace(0, 5 / fsw, 1001)
    phase = (time * fsw) % 1
    square = np.where(phase < 0.44, 12.0, -0.4)
    triangle = 2 + chosen.values.get("L1", 1e-5) * 1e4 * np.abs(phase - 0.5)
    circuit = topology(chosen.topology)
    signals = {
        "v(out)": (chosen.metrics.vout if chosen.metrics else 5) + 0.01 * np.sin(2 * np.pi * phase),
        f"i({circuit.main_inductor})": triangle,
        f"v({circuit.switch_node})": square,
    }
    return Waveforms(time, signals, 1 / fsw, source)


@cache
def sheet(name, ink) -> Sheet:
    """Draw a schematic; tests need few of them, many times."""
    circuit = topology(name)
    room = label_room.room(circuit)
    svg = schematic.svg(
        circuit, room, ink=ink.lines, background=None, accent=ink.values, labelled=False
    )
    return Sheet(svg, schematic.label_places(circuit, room), nets.paths(circuit))


@dataclass
class ScriptedEngine:
    """Answers at once, unless the test holds it back by clearing `may_propose` or `may_verify`."""

    may_prepare: threading.Event = field(default_factory=threading.Event)
    may_propose: threading.Event = field(default_factory=threading.Event)
    may_verify: threading.Event = field(default_factory=threading.Event)
    may_solve: threading.Event = field(default_factory=threading.Event)
    may_simulate: threading.Event = field(default_factory=threading.Event)
    transient_error: Exception | None = None
    solve_error: Exception | None = None
    solved: list = field(default_factory=list)
    compared: list = field(default_factory=list)
    locked: list = field(default_factory=list)
    propose_error: Exception | None = None
    verify_error: Exception | None = None
    export_error: Exception | None = None
    prepare_error: Exception | None = None
    warm_up_error: Exception | None = None
    compiling: tuple[str, ...] = ()
    compiled_to: str = ""
    confirmed: Confirmation = field(default_factory=confirmation)
    make: object = shortlist
    proposed: list = field(default_factory=list)
    verified: list = field(default_factory=list)
    exported: list = field(default_factory=list)
    drawn: list = field(default_factory=list)
    threads: set = field(default_factory=set)

    def __post_init__(self) -> None:
        self.release_all()

    def release_all(self) -> None:
        self.may_prepare.set()
        self.may_propose.set()
        self.may_verify.set()
        self.may_solve.set()
        self.may_simulate.set()

    def prepare(self, control) -> str:
        """Say what is compiled, if the test lets anything be, and wait until it may be done."""
        for number, text in enumerate(self.compiling):
            control.progress(number / len(self.compiling), text)
        self._wait(self.may_prepare, control)
        if self.prepare_error:
            raise self.prepare_error
        return self.compiled_to

    def textbook_design(self, spec) -> TextbookDesign:
        name = "buck" if spec.topology == "auto" else spec.topology
        return TextbookDesign(name, candidate(0, name).values)

    def warm_up(self, control) -> str:
        self.threads.add(threading.get_ident())
        if self.warm_up_error:
            raise self.warm_up_error
        return "Ready. Model scripted."

    def propose(self, spec, locks, control) -> Shortlist:
        self.locked.append(dict(locks))
        self.threads.add(threading.get_ident())
        self.proposed.append(spec)
        control.progress(0.5, "Halfway")
        self._wait(self.may_propose, control)
        if self.propose_error:
            raise self.propose_error
        return self.make(spec)

    def waveforms(self, spec, chosen) -> Waveforms:
        self.threads.add(threading.get_ident())
        return waveforms(chosen, spec.fsw, "steady")

    def verify(self, spec, chosen, control):
        self.threads.add(threading.get_ident())
        self.verified.append(chosen.rank)
        self._wait(self.may_verify, control)
        if self.verify_error:
            raise self.verify_error
        return self.confirmed, waveforms(chosen, spec.fsw, "ngspice")

    def transient(self, spec, chosen, kind, control) -> Transient:
        """A ramp of the output over 40 periods, which takes as long as the test wants."""
        control.progress(0.25, f"{kind}: 0.25 of 1 ms")
        self._wait(self.may_simulate, control)
        if self.transient_error:
            raise self.transient_error
        time = np.linspace(0, 40 / spec.fsw, 8001)
        signals = {"v(out)": 5 * time / time[-1], "i(L1)": np.sin(time * spec.fsw)}
        stage = StageResult(
            name=kind,
            begin=0,
            end=time[-1],
            vout_solved=5,
            vout=5,
            distance=0,
            settled=True,
            settle_time=1e-4,
            overshoot=0.5,
            undershoot=0,
            periods_needed=30,
        )
        report = TransientReport(
            kind=kind,
            note=NOTE,
            duty=0.44,
            periods=40,
            steps=200,
            seconds=0.1,
            stages=(stage,),
            inductors={},
            warnings=(),
        )
        return Transient(report, Waveforms(time, signals, 1 / spec.fsw, "ngspice"))

    def solve(self, spec, textbook, chosen) -> Solved:
        """Judge by rules that a test can follow: the ripple is inverse to L1, volume follows Cout.

        Its bank is of capacitors that keep 12 µF each, of 12.5 mm³.
        """
        self.threads.add(threading.get_ident())
        self.solved.append(dict(chosen.values))
        assert self.may_solve.wait(LIMIT_S)
        if self.solve_error:
            raise self.solve_error
        inductance = chosen.values.get("L1", 11e-6)
        usual = metrics(5.0)
        count = round(chosen.values.get("Cout", 47e-6) / 12e-6)
        figures = msgspec.structs.replace(
            usual,
            ripple=0.0042 * 11e-6 / inductance,
            volume=usual.volume + 12.5 * (count - 4),
            volumes=usual.volumes | {"Cout": 12.5 * count},
            banks=usual.banks | {"Cout": f"{count} x 22 µF 10 V 0805 ceramic"},
        )
        found = msgspec.structs.replace(
            chosen, metrics=figures, ngspice=None, origin="user", cost=inductance * 1e5
        )
        return Solved(found, waveforms(found, spec.fsw, "steady"))

    def compare(self, spec, control):
        """The buck can, the boost cannot."""
        self.compared.append(spec)
        refused = Outcome(topology="boost", candidate=None, refusal="5 V is not above 12 V.")
        able = Outcome(topology="buck", candidate=candidate(1), refusal="")
        return (refused, able)

    def reasons(self, spec, name):
        values = topology(name).design_values
        return {v.name: Reason(1e-5, 0.9e-5, (f"{v.name} = 1 + 1",)) for v in values}

    def schematic(self, name, ink) -> Sheet:
        self.drawn.append(name)
        return sheet(name, ink)

    def netlist(self, spec, chosen) -> str:
        return f"* {chosen.rank}\n"

    def export_netlist(self, spec, chosen, dialect, path) -> None:
        if self.export_error:
            raise self.export_error
        self.exported.append((chosen.rank, dialect, path))
        path.write_text(f"* {chosen.rank}\n")

    @staticmethod
    def _wait(gate: threading.Event, control) -> None:
        for _ in range(LIMIT_S * 100):
            control.checkpoint()
            if gate.wait(0.01):
                control.checkpoint()
                return
        raise AssertionError("the test never let the engine go on")


@dataclass
class ScriptedRuns:
    """Runs that live in memory."""

    found: list = field(default_factory=list)
    points: dict = field(default_factory=dict)
    start_error: Exception | None = None
    resume_error: Exception | None = None
    resumed: list = field(default_factory=list)
    stopped: list = field(default_factory=list)
    started: list = field(default_factory=list)
    closed: bool = False

    def configs(self):
        return ("quick", "tiny")

    def start_training(self, settings) -> str:
        if self.start_error:
            raise self.start_error
        self.started.append(settings)
        name = f"train-{len(self.found) + 1}"
        self.found.insert(0, RunSummary(name, "train", "running", 0.1, "Training."))
        self.points[name] = [LossPoint(1, 5.0), LossPoint(2, 4.0)]
        return name

    def change(self, name: str, state: str, text: str) -> None:
        self.found = [
            RunSummary(r.name, r.kind, state, 1.0, text) if r.name == name else r
            for r in self.found
        ]

    def resume(self, name) -> None:
        if self.resume_error:
            raise self.resume_error
        self.resumed.append(name)
        self.change(name, "running", "Training.")

    def stop(self, name) -> None:
        self.stopped.append(name)
        self.change(name, "cancelled", "Stopped on request.")

    def summaries(self):
        return tuple(self.found)

    def losses(self, name):
        return tuple(self.points.get(name, ()))

    def close(self) -> None:
        self.closed = True
