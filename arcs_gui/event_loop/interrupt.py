"""Ctrl-C in the terminal that the window was started from."""

import signal
import socket
from types import FrameType, TracebackType

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot


class Interrupt(QObject):
    """While it is entered, `asked` comes when the user presses Ctrl-C.

    Python runs its handler between two of its own instructions, of which a window that waits for
    events has none; the signal's number on a socket wakes the window up.
    """

    asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)

    def __enter__(self) -> "Interrupt":
        self._handler = signal.signal(signal.SIGINT, _do_nothing)
        self._wakeup = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        signal.set_wakeup_fd(self._wakeup)
        signal.signal(signal.SIGINT, self._handler)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()

    @Slot()
    def _on_signal(self) -> None:
        if signal.SIGINT in self._read.recv(64):
            self.asked.emit()


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """Stand in for Python's handler, which would raise wherever the window just is."""
