"""A pause in what the user does."""

from PySide6.QtCore import QObject, QTimer, Signal


class Pause(QObject):
    """Emits `passed` once nothing has restarted it for a while."""

    passed = Signal()

    def __init__(self, milliseconds: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(milliseconds)
        self._timer.timeout.connect(self.passed)

    def restart(self) -> None:
        """Begin to wait anew."""
        self._timer.start()

    def stop(self) -> None:
        """Wait no more."""
        self._timer.stop()
