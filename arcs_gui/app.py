"""The composition root: engine, threads, presenters and window are put together here."""

import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import cast

from PySide6.QtCore import QObject, QSettings, QTimer, Signal, Slot
from PySide6.QtWidgets import QApplication

from arcs_engine.foundation.interruption import CANCELLED
from arcs_engine.learning.jobs.runs import RunStore
from arcs_gui.engine_process.process import EngineProcess
from arcs_gui.engine_process.services import remote_services
from arcs_gui.event_loop.background import ThreadLanes
from arcs_gui.event_loop.garbage import Garbage
from arcs_gui.event_loop.interrupt import Interrupt
from arcs_gui.event_loop.pause import Pause
from arcs_gui.event_loop.turns import EventTurns
from arcs_gui.ports import Analyst, Dialect, Engine, Ink, Runs
from arcs_gui.presenters.analyses.analyses import Analyses, Tab
from arcs_gui.presenters.designs.designs import DesignPresenter, DesignViews
from arcs_gui.presenters.designs.gallery import Gallery
from arcs_gui.presenters.designs.showing import Showing
from arcs_gui.presenters.loop.loop import LoopPresenter
from arcs_gui.presenters.loop.loop import Tab as LoopTab
from arcs_gui.presenters.runs.runs import RunsPresenter
from arcs_gui.presenters.schematic.drawing import Drawing
from arcs_gui.presenters.spec.form import FormTexts
from arcs_gui.presenters.waveforms.export import WaveformExport
from arcs_gui.presenters.waveforms.readout import CursorName
from arcs_gui.presenters.waveforms.transients import Transients
from arcs_gui.presenters.waveforms.viewer import Viewer
from arcs_gui.theme import Palette, Theme
from arcs_gui.views.main_window import MainWindow
from arcs_gui.views.remembered import Remembered

_log = logging.getLogger("arcs")

SWITCH_INTERVAL_S = 0.0005
"""How long a working thread may keep the interpreter while the window waits for it: a tenth of
Python's default, which halves the longest gaps between two events of the window."""


PAUSE_MS = 800
"""Time without an edit after which ngspice confirms what was edited."""


class Desktop(QObject):
    """One window with everything behind it.

    `closing` comes when all work was cancelled and is about to be waited for.
    """

    closing = Signal()

    def __init__(
        self,
        engine: Engine,
        analyst: Analyst,
        runs: Runs,
        theme: Theme,
        settings: QSettings,
    ) -> None:
        super().__init__()
        remembered = Remembered(settings)
        theme.choose(remembered.theme)
        self._runs = runs
        self._theme = theme
        self.background = ThreadLanes(self)
        self._garbage = Garbage(self)
        self.window = MainWindow(theme, remembered)
        window = self.window
        self.turns = EventTurns(window)
        views = DesignViews(
            spec=window.spec,
            candidates=window.candidates,
            details=window.details,
            headline=window.headline,
            traded=window.spec,
            inspector=window.inspector,
            schematic=window.schematic,
            comparison=window.comparison,
            pareto=window.pareto,
            history=window,
            actions=window,
            messages=window,
        )
        self.viewer = Viewer(window.waveforms, self.background)
        self.transients = Transients(engine, self.background, self.viewer, window.waveforms, window)
        self._waveform_export = WaveformExport(
            self.viewer, window.waveforms, self.background, window
        )
        self._showing = Showing(engine, self.background, self.transients, window, self.turns)
        self._drawing = Drawing(
            engine, self.background, window.schematic, window, self._ink, self.turns
        )
        self._gallery = Gallery(engine, self.background, window.gallery, window)
        self._analyses = Analyses(analyst, self.background, window.analyses, window)
        self._loop = LoopPresenter(analyst, self.background, window.loop, window, self.turns)
        self.pause = Pause(PAUSE_MS, self)
        self.design = DesignPresenter(
            engine,
            self.background,
            views,
            self._showing,
            self._drawing,
            self._gallery,
            self.pause,
            (self._analyses, self._loop),
            self.turns,
        )
        self.training = RunsPresenter(runs, self.background, window.jobs, window)
        self._closed = False
        self.ended_cleanly = True
        self._connect()

    def show(self) -> None:
        """Show the window, then load what the first proposal needs."""
        self._garbage.start()
        self.window.show()
        self.window.spec.begin()
        self.design.proposals.form_changed(self.window.spec.texts)
        QTimer.singleShot(0, self._after_show)

    @Slot()
    def close(self) -> None:
        """Cancel what runs, wait for the threads and end the workers."""
        if self._closed:
            return
        self._closed = True
        self.pause.stop()
        self.turns.close()
        self._garbage.stop()
        self.window.spec.stop_settling()
        logging.getLogger().removeHandler(self.window.log.lines)
        self.window.jobs.set_watching(False)
        self.background.cancel()
        self.closing.emit()
        self.ended_cleanly = self.background.close()
        self._runs.close()

    @Slot()
    def _after_show(self) -> None:
        if self._closed:
            return
        self.design.preparation.begin(self.window.spec.texts, self._garbage.spare)
        self.training.load()

    def _connect(self) -> None:
        window = self.window
        proposals, tuning = self.design.proposals, self.design.tuning
        window.spec.propose_requested.connect(proposals.propose)
        window.spec.cancel_requested.connect(proposals.cancel)
        window.spec.changed.connect(proposals.form_changed)
        window.spec.settled.connect(self._on_settled)
        window.spec.reweighed.connect(self.design.reweigh)
        for panel in (window.candidates, window.pareto):
            panel.picked.connect(self.design.pick)
        window.candidates.pin_wanted.connect(self.design.toggle_pin)
        window.pin_wanted.connect(self.design.toggle_pin)
        window.next_wanted.connect(self.design.pick_next)
        window.copy_wanted.connect(self.design.copy_netlist)
        picture, inspector = window.schematic.picture, window.inspector
        picture.picked.connect(tuning.pick_part)
        picture.picked.connect(window.show_part)
        picture.stepped.connect(tuning.step_part)
        picture.next_wanted.connect(tuning.pick_next_part)
        inspector.typed.connect(tuning.type_value)
        inspector.stepped.connect(tuning.step)
        inspector.lock_wanted.connect(self.design.toggle_lock)
        for source in (window, inspector):
            source.rest_wanted.connect(self.design.propose_the_rest)
            source.revert_wanted.connect(tuning.revert)
        window.undo_wanted.connect(tuning.undo)
        window.redo_wanted.connect(tuning.redo)
        # A dock behind another one is shown too, for Qt; this signal knows better.
        window.docks["Topologies"].visibilityChanged.connect(self._gallery.set_seen)
        window.gallery.chosen.connect(window.spec.choose_topology)
        window.docks["Analyses"].visibilityChanged.connect(self._analyses.set_seen)
        window.analyses.tab_chosen.connect(lambda tab: self._analyses.set_tab(cast(Tab, tab)))
        window.analyses.quantity_chosen.connect(self._analyses.choose_quantity)
        window.analyses.ends_chosen.connect(self._analyses.choose_ends)
        window.analyses.samples_chosen.connect(self._analyses.choose_samples)
        window.docks["Trade-off"].visibilityChanged.connect(window.pareto.set_seen)
        self.pause.passed.connect(tuning.settle)
        window.export_chosen.connect(
            lambda path, dialect: self.design.export(path, cast(Dialect, dialect))
        )
        window.export_name = self.design.suggested_name
        window.jobs.start_requested.connect(self.training.start)
        window.jobs.stop_requested.connect(self.training.stop)
        window.jobs.resume_requested.connect(self.training.resume)
        window.runs_at_work = lambda: self.training.at_work
        window.jobs.picked.connect(self.training.pick)
        window.jobs.news_wanted.connect(self.training.refresh)
        self._connect_loop()
        self._connect_waveforms()
        window.closing.connect(self.close)
        self.background.working.connect(window.set_working)
        self._theme.changed.connect(self._on_palette)
        logging.getLogger().addHandler(window.log.lines)

    def _connect_loop(self) -> None:
        window, panel, loop = self.window, self.window.loop, self._loop
        window.docks["Loop"].visibilityChanged.connect(loop.set_seen)
        panel.tab_chosen.connect(lambda tab: loop.set_tab(cast(LoopTab, tab)))
        panel.wishes_chosen.connect(loop.choose)
        panel.propose_wanted.connect(loop.propose)
        panel.stepped.connect(loop.step)
        panel.typed.connect(loop.type_value)
        panel.lock_wanted.connect(loop.toggle_lock)
        panel.proof_wanted.connect(loop.prove)
        panel.overlay_chosen.connect(loop.overlay)
        panel.overlay_unwanted.connect(loop.take_overlay_away)

    def _connect_waveforms(self) -> None:
        viewer, panel, menu = self.viewer, self.window.waveforms, self.window.waveforms.menu
        actions = menu.actions_by_name
        menu.choice_toggled.connect(viewer.toggle)
        self.window.schematic.picture.plot_wanted.connect(viewer.toggle)
        menu.run_chosen.connect(self.transients.choose)
        panel.cancel_button.clicked.connect(self.transients.cancel)
        actions["defaults"].triggered.connect(viewer.show_defaults)
        actions["last"].triggered.connect(viewer.show_last)
        actions["fit"].triggered.connect(viewer.fit)
        actions["by_unit"].toggled.connect(lambda on: viewer.arrange(by_unit=on))
        actions["cursors"].toggled.connect(lambda on: viewer.set_cursors(wanted=on))
        actions["measure"].toggled.connect(lambda on: viewer.set_measuring(wanted=on))
        actions["spectrum"].toggled.connect(lambda on: viewer.set_spectral(wanted=on))
        actions["log"].toggled.connect(lambda on: viewer.set_log(wanted=on))
        actions["hann"].toggled.connect(
            lambda on: viewer.set_taper("Hann" if on else "rectangular")
        )
        panel.graphics.window_changed.connect(viewer.set_window)
        panel.graphics.cursor_moved.connect(
            lambda name, instant: viewer.move_cursor(cast(CursorName, name), instant)
        )
        panel.copied.connect(lambda: self.window.set_status("Waveforms copied."))
        self.window.waveforms_chosen.connect(self._waveform_export.write)

    @Slot(object)
    def _on_palette(self, _: Palette) -> None:
        self._drawing.redraw()

    @Slot(object, bool)
    def _on_settled(self, texts: FormTexts, wished: bool) -> None:
        self.design.form_settled(texts, wished=wished)

    def _ink(self) -> Ink:
        return Ink(lines=self._theme.palette.text, values=self._theme.palette.accent)


@contextlib.contextmanager
def crash_guard(show_error: Callable[[str], None]) -> Iterator[None]:
    """While this holds, an exception that nobody caught is logged and shown, and work goes on."""

    def on_exception(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if not issubclass(kind, Exception):
            before(kind, error, trace)
            return
        _log.error("Unexpected error", exc_info=(kind, error, trace))
        show_error(f"Something went wrong in ARCS ({kind.__name__}: {error}); see the log.")

    before = sys.excepthook
    sys.excepthook = on_exception
    try:
        yield
    finally:
        sys.excepthook = before


def run(process: EngineProcess, arguments: list[str]) -> int:
    """Open the window; return the exit code when it is closed, 130 when it was interrupted.

    Args:
        process: where the engine works; it is ended with the window.
        arguments: of the command line, with the program's name.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    application = QApplication(arguments)
    application.setApplicationName("ARCS")
    application.setOrganizationName("ARCS")
    theme = Theme(application)
    runs = RunStore()
    engine, analyst = remote_services(process)
    desktop = Desktop(engine, analyst, _worker_runs(runs), theme, QSettings())
    desktop.closing.connect(process.close)
    with crash_guard(desktop.window.show_error), Interrupt() as interrupt:
        interrupt.asked.connect(desktop.window.leave)
        desktop.show()
        code = application.exec()
    if interrupt.came:
        code = CANCELLED
    if not desktop.ended_cleanly:
        # A thread is inside native code that cannot be asked to stop; the window is gone and
        # everything is saved, so the process ends without it.
        logging.shutdown()
        os._exit(code)
    return code


def _worker_runs(store: RunStore) -> Runs:
    from arcs_gui.run_folders import WorkerRuns  # noqa: PLC0415 - kept out of the first show

    return WorkerRuns(store)
