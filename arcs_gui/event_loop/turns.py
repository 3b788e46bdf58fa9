"""Work of the window's own thread, spread over turns of its event loop."""

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Slot


class EventTurns(QObject):
    """The window's `Turns`: one piece of work per turn, with painting and input in between."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: dict[str, Callable[[], None]] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._on_turn)

    @property
    def are_over(self) -> bool:
        """Whether nothing waits."""
        return not self._waiting

    def put(self, name: str, work: Callable[[], None]) -> None:
        """Do this at a turn of its own; see `arcs_gui.ports.Turns`."""
        self._waiting[name] = work  # a name that is there keeps its place in the queue
        if not self._timer.isActive():
            self._timer.start()

    def close(self) -> None:
        """Do nothing more."""
        self._waiting.clear()
        self._timer.stop()

    @Slot()
    def _on_turn(self) -> None:
        name = next(iter(self._waiting))
        work = self._waiting.pop(name)
        if not self._waiting:
            self._timer.stop()
        work()
