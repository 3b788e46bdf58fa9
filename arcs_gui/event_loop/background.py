"""Lanes: worker threads that take one piece of work after the other.

Answers travel as queued signals to an object of the window's thread, which calls the plain
functions that wait for them. (A plain function connected to a worker's signal would run in the
worker's thread.)
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QThread, Signal, Slot

from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import Cancelled
from arcs_gui.ports import Lane

T = TypeVar("T")

CLOSING_TIMEOUT_MS = 10_000


@dataclass(eq=False)
class _Task:
    """One piece of work and who waits for it."""

    work: Callable[[Control], Any]
    done: Callable[[Any], None]
    failed: Callable[[Exception], None]
    progress: Callable[[float, str], None] | None
    stop: threading.Event = field(default_factory=threading.Event)

    def cancel(self) -> None:
        self.stop.set()


class _Worker(QObject):
    """Lives in the lane's thread and does the work there."""

    progressed = Signal(object, float, str)
    succeeded = Signal(object, object)
    broke = Signal(object, object)
    ended = Signal(object)

    @Slot(object)
    def do(self, task: _Task) -> None:
        """Do one piece of work; a cancelled one is skipped or ends without an answer."""
        self._do(task)
        self.ended.emit(task)

    def _do(self, task: _Task) -> None:

        def report(fraction: float, text: str) -> None:
            self.progressed.emit(task, fraction, text)

        if task.stop.is_set():
            return
        try:
            answer = task.work(Control(report, task.stop))
        except Cancelled:
            return
        except Exception as error:  # noqa: BLE001 - carried over to the window, which shows it
            self.broke.emit(task, error)
        else:
            self.succeeded.emit(task, answer)


class _LaneThread(QObject):
    """The window's end of a lane."""

    _submitted = Signal(object)
    changed = Signal()

    def __init__(self, name: str, parent: QObject) -> None:
        super().__init__(parent)
        self._tasks: list[_Task] = []
        self._thread = QThread(self)
        self._thread.setObjectName(f"arcs-{name}")
        self._worker = _Worker()
        self._worker.moveToThread(self._thread)
        queued = Qt.ConnectionType.QueuedConnection
        self._submitted.connect(self._worker.do, queued)
        self._worker.progressed.connect(self._on_progress, queued)
        self._worker.succeeded.connect(self._on_success, queued)
        self._worker.broke.connect(self._on_failure, queued)
        self._worker.ended.connect(self._on_end, queued)
        self._thread.start()

    def submit(self, task: _Task) -> None:
        self._tasks.append(task)
        self._submitted.emit(task)
        self.changed.emit()

    @property
    def is_working(self) -> bool:
        return bool(self._tasks)

    def ask_to_stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        self._thread.quit()

    def wait(self) -> bool:
        return self._thread.wait(CLOSING_TIMEOUT_MS)

    @Slot(object, float, str)
    def _on_progress(self, task: _Task, fraction: float, text: str) -> None:
        if task.progress is not None and not task.stop.is_set():
            task.progress(fraction, text)

    @Slot(object, object)
    def _on_success(self, task: _Task, answer: object) -> None:
        if not task.stop.is_set():
            task.done(answer)

    @Slot(object, object)
    def _on_failure(self, task: _Task, error: Exception) -> None:
        if not task.stop.is_set():
            task.failed(error)

    @Slot(object)
    def _on_end(self, task: _Task) -> None:
        self._tasks.remove(task)
        self.changed.emit()


class ThreadLanes(QObject):
    """The window's `Background`: one thread a lane, started when first used.

    `working` carries the lanes that have work, whenever they change.
    """

    working = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._working: tuple[str, ...] = ()
        self._lanes: dict[str, _LaneThread] = {}
        self._closed = False

    def run(
        self,
        lane: Lane,
        work: Callable[[Control], T],
        *,
        done: Callable[[T], None],
        failed: Callable[[Exception], None],
        progress: Callable[[float, str], None] | None = None,
    ) -> _Task:
        """Queue work in a lane; see `arcs_gui.ports.Background`."""
        task = _Task(work, done, failed, progress)
        if self._closed:
            task.cancel()
            return task
        if lane not in self._lanes:
            self._lanes[lane] = _LaneThread(lane, self)
            self._lanes[lane].changed.connect(self._on_change)
        self._lanes[lane].submit(task)
        return task

    @Slot()
    def _on_change(self) -> None:
        now = tuple(name for name, lane in self._lanes.items() if lane.is_working)
        if now != self._working:
            self._working = now
            self.working.emit(now)

    def cancel(self) -> None:
        """Cancel everything, and take no more work."""
        self._closed = True
        for lane in self._lanes.values():
            lane.ask_to_stop()

    def close(self) -> bool:
        """Cancel everything and wait for the threads; False if one does not end in time."""
        self.cancel()
        ended = [lane.wait() for lane in self._lanes.values()]
        self._lanes.clear()
        return all(ended)
