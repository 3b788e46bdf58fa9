"""``arcs bench gui``: how fast the real window responds.

Run without a display, in a process of its own, so that the start is a start. The machine code of
the solver must be there already: `bench` has it compiled in a process of its own first.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from arcs_engine.foundation.errors import ArcsError, JobError
from arcs_gui.__main__ import begin
from arcs_gui.engine_process.process import EngineProcess
from arcs_gui.event_loop.offscreen import PLATFORM

if TYPE_CHECKING:
    from arcs_gui.app import Desktop

_BORN = "ARCS_BENCH_BORN"
"""Environment variable that tells the measured process when it was started."""

LONGEST_WAIT_S = 180.0
TUNING_S = 4.0
TICK_MS = 1
STEP_MS = 5
LONG_TRACE = 1_000_000
POINTS = 6
"""Points of a loss curve to wait for while a job runs."""


class GapFigures(msgspec.Struct, frozen=True):
    """Longest time between two events of the window, ms, while something goes on."""

    propose: float
    simulate: float
    tune: float
    jobs: float


class GuiFigures(msgspec.Struct, frozen=True):
    """What was measured.

    Attributes:
        start_s: from the start of the process to a window that takes input.
        first_proposal_s: from there too, to the first shortlist on screen.
        gap_ms: longest gaps after the start-up.
        tune_updates_per_second: answers of the solver shown while a value moves.
        redraw_1m_ms: longest of 20 redraws of the waveforms, ms: three traces of a million points
            each, another part of them in view each time, every pane painted.
        memory_mb: most memory that the window's process and the engine's have had, together.
    """

    start_s: float
    first_proposal_s: float
    gap_ms: GapFigures
    tune_updates_per_second: float
    redraw_1m_ms: float
    memory_mb: float


def bench() -> GuiFigures:
    """Measure in a process of its own.

    Raises:
        JobError: this program was frozen and has no Python to start, or the measurement failed.
    """
    if getattr(sys, "frozen", False):
        raise JobError("The window is measured from a Python installation, not the frozen app.")
    _run([sys.executable, "-m", "arcs_engine.performance.warm"], {})
    environment = {"QT_QPA_PLATFORM": PLATFORM, _BORN: repr(time.time())}
    text = _run([sys.executable, "-m", "arcs_gui.bench"], environment)
    return msgspec.json.decode(text.splitlines()[-1], type=GuiFigures)


def markdown(figures: GuiFigures) -> str:
    """Return the figures as a table."""
    gaps = figures.gap_ms
    rows = [
        ("window usable after", f"{figures.start_s:.2f} s", "2 s"),
        ("first proposal after", f"{figures.first_proposal_s:.2f} s", "4 s"),
        ("longest gap, proposing", f"{gaps.propose:.0f} ms", "50 ms"),
        ("longest gap, ngspice at work", f"{gaps.simulate:.0f} ms", "50 ms"),
        ("longest gap, tuning", f"{gaps.tune:.0f} ms", "50 ms"),
        ("longest gap, training run", f"{gaps.jobs:.0f} ms", "50 ms"),
        ("updates while tuning", f"{figures.tune_updates_per_second:.0f} /s", "20 /s or more"),
        ("waveforms of 1,000,000 points", f"{figures.redraw_1m_ms:.0f} ms", "30 ms"),
        ("memory", f"{figures.memory_mb:.0f} MB", "1200 MB"),
    ]
    lines = ["| what | measured | aim |", "| --- | --- | --- |"]
    return "\n".join(lines + [f"| {' | '.join(row)} |" for row in rows]) + "\n"


def _run(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command,
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=4 * LONGEST_WAIT_S,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise JobError(f"Measuring the window failed: {last}")
    return done.stdout


def main() -> int:
    """Measure this process's window; print the figures as one line of JSON."""
    os.environ.setdefault("QT_QPA_PLATFORM", PLATFORM)
    born = float(os.environ.get(_BORN, time.time()))
    process = begin()
    with tempfile.TemporaryDirectory() as scratch:
        try:
            figures = _measure(process, born, Path(scratch))
        except ArcsError as error:
            print(error, file=sys.stderr)  # noqa: T201 - a command of its own
            return 1
    print(json.dumps(msgspec.to_builtins(figures)))  # noqa: T201
    return 0


def _measure(process: EngineProcess, born: float, scratch: Path) -> GuiFigures:
    from PySide6.QtCore import QSettings  # noqa: PLC0415 - its import is a part of the start
    from PySide6.QtWidgets import QApplication  # noqa: PLC0415

    from arcs_engine.learning.jobs.runs import RunStore  # noqa: PLC0415
    from arcs_gui.app import SWITCH_INTERVAL_S, Desktop  # noqa: PLC0415
    from arcs_gui.engine_process.services import remote_services  # noqa: PLC0415
    from arcs_gui.run_folders import WorkerRuns  # noqa: PLC0415
    from arcs_gui.theme import Theme  # noqa: PLC0415

    sys.setswitchinterval(SWITCH_INTERVAL_S)
    application = QApplication([])
    settings = QSettings(str(scratch / "arcs.ini"), QSettings.Format.IniFormat)
    runs = WorkerRuns(RunStore(scratch / "runs"))
    desktop = Desktop(*remote_services(process), runs, Theme(application), settings)
    desktop.closing.connect(process.close)
    try:
        return _Session(desktop, process, born).figures()
    finally:
        desktop.window.leave()


class _Session:
    """A user at the window, with a watch on the gaps between its events."""

    def __init__(self, desktop: "Desktop", process: EngineProcess, born: float) -> None:
        from PySide6.QtCore import Qt, QTimer  # noqa: PLC0415

        self._desktop = desktop
        self._process = process
        self._window = desktop.window
        self._born = born
        self._last = time.perf_counter()
        self._longest = 0.0
        self._probe = QTimer()
        self._probe.setTimerType(Qt.TimerType.PreciseTimer)
        self._probe.setInterval(TICK_MS)
        self._probe.timeout.connect(self._on_tick)

    def figures(self) -> GuiFigures:
        """Go through the session."""
        window = self._window
        self._desktop.show()
        self._wait(window.isVisible)
        start = time.time() - self._born
        window.spec.propose_button.click()
        self._wait(lambda: self._listed() > 0)
        first = time.time() - self._born
        self._wait(self._all_checked)
        self._probe.start()
        gaps = {
            "propose": self._gap(self._propose),
            "simulate": self._gap(self._simulate),
        }
        answers = self._desktop.design.tuning.answers
        gaps["tune"] = self._gap(self._tune)
        updates = (self._desktop.design.tuning.answers - answers) / TUNING_S
        gaps["jobs"] = self._gap(self._train)
        self._probe.stop()
        return GuiFigures(
            start_s=start,
            first_proposal_s=first,
            gap_ms=GapFigures(**gaps),
            tune_updates_per_second=updates,
            redraw_1m_ms=self._redraw() * 1e3,
            memory_mb=(most_memory() + most_memory(self._process.pid)) / 1e6,
        )

    def _on_tick(self) -> None:
        now = time.perf_counter()
        self._longest = max(self._longest, now - self._last)
        self._last = now

    def _gap(self, action: Callable[[], None]) -> float:
        """Return the longest gap while an action goes on, ms."""
        self._live(0.1)
        self._longest = 0.0
        action()
        return self._longest * 1e3

    def _propose(self) -> None:
        for vout in ("3.3 V", "5 V", "7 V"):
            self._window.spec.fields["vout"].set_text(vout)
            self._window.spec.propose_button.click()
            self._wait(lambda: not self._window.spec.cancel_button.isEnabled())

    def _simulate(self) -> None:
        """Look at every design while ngspice confirms them."""
        self._window.spec.propose_button.click()
        self._wait(lambda: not self._window.spec.cancel_button.isEnabled())
        for _ in range(self._listed()):
            self._live(0.1)
            self._window.next_wanted.emit(1)
        self._wait(self._all_checked)

    def _tune(self) -> None:
        """Move an inductor up and down as fast as events come."""
        from PySide6.QtCore import QTimer  # noqa: PLC0415

        self._window.schematic.picture.picked.emit("L1")
        steps = [1, 1, 1, 1, -1, -1, -1, -1]
        timer = QTimer()
        timer.setInterval(STEP_MS)

        def step() -> None:
            steps.append(steps.pop(0))
            self._window.schematic.picture.stepped.emit("L1", steps[-1])

        timer.timeout.connect(step)
        timer.start()
        self._live(TUNING_S)
        timer.stop()

    def _train(self) -> None:
        jobs = self._window.jobs
        self._wait(jobs.start_button.isEnabled)
        jobs.start_button.click()
        self._wait(lambda: jobs.point_count >= POINTS)
        jobs.stop_button.click()
        self._wait(lambda: not jobs.is_watching)

    def _redraw(self) -> float:
        """Look at twenty parts of three long traces; return how long the slowest took, s."""
        import numpy as np  # noqa: PLC0415

        from arcs_engine.circuits.topologies import topology  # noqa: PLC0415
        from arcs_gui.presenters.waveforms.traces import TraceSet, defaults  # noqa: PLC0415

        declared, graphics = topology("buck"), self._window.waveforms.graphics
        random = np.random.default_rng(0)
        time_axis = np.cumsum(random.uniform(0.5, 1.5, LONG_TRACE)) * 1e-9
        stop, period = float(time_axis[-1]), float(time_axis[-1]) / 500
        shape = np.sin(2 * np.pi * time_axis / period)
        values = {n: shape + random.normal(0, 0.1, LONG_TRACE) for n in defaults(declared)}
        self._desktop.viewer.set_traces(declared, (TraceSet("ngspice", period, time_axis, values),))
        self._live(0.1)
        longest = 0.0
        for share in np.linspace(0, 0.95, 20):
            began = time.perf_counter()
            graphics.set_span(stop * share / 2, stop * (1 - share / 2))
            graphics.viewport().repaint()
            longest = max(longest, time.perf_counter() - began)
            self._live(0.01)
        return longest

    def _listed(self) -> int:
        return self._window.candidates.model.rowCount()

    def _all_checked(self) -> bool:
        from arcs_gui.presenters.designs.shortlist import column  # noqa: PLC0415

        model = self._window.candidates.model
        checks = column("ngspice")
        texts = [str(model.data(model.index(row, checks))) for row in range(model.rowCount())]
        return all(text[0] in "✓✗—" for text in texts)

    def _wait(self, condition: Callable[[], Any]) -> None:
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > LONGEST_WAIT_S:
                raise JobError("The window did not come to the next state in time.")
            self._live(0.01)

    @staticmethod
    def _live(seconds: float) -> None:
        from PySide6.QtCore import QEventLoop, QTimer  # noqa: PLC0415

        loop = QEventLoop()
        QTimer.singleShot(round(seconds * 1000), loop.quit)
        loop.exec()


def most_memory(pid: int | None = None) -> float:
    """Return the most memory that a process, by default this one, has had, bytes.

    nan where nobody says.
    """
    return _memory("VmHWM", pid)


def memory_now(pid: int | None = None) -> float:
    """Return the memory that a process, by default this one, has, bytes; nan where nobody says."""
    return _memory("VmRSS", pid)


def _memory(name: str, pid: int | None) -> float:
    try:
        status = Path(f"/proc/{pid or 'self'}/status").read_text(encoding="ascii")
    except OSError:
        return float("nan")
    (kilobytes,) = (line.split()[1] for line in status.splitlines() if line.startswith(name))
    return int(kilobytes) * 1024.0


if __name__ == "__main__":
    raise SystemExit(main())
