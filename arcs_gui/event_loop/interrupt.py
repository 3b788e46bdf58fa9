"""Ctrl-C in the terminal that the window was started from, and SIGTERM."""

import signal
import socket
from types import FrameType, TracebackType

from PySide6.QtCore import QObject, QSocketNotifier, Signal, Slot

from arcs_engine.foundation.interruption import SIGNALS


class Interrupt(QObject):
    """While it is entered, `asked` comes when the user presses Ctrl-C, or on SIGTERM.

    Python runs its handler between two of its own instructions, of which a window that waits for
    events has none; the signal's number on a socket wakes the window up.
    """

    asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.came = False
        self._read, self._write = socket.socketpair()
        self._read.setblocking(False)
        self._write.setblocking(False)
        self._notifier = QSocketNotifier(self._read.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)

    def __enter__(self) -> "Interrupt":
        # In this order: between both, the handlers from before still hear everything.
        self._wakeup = signal.set_wakeup_fd(self._write.fileno(), warn_on_full_buffer=False)
        self._handlers = {number: signal.signal(number, _do_nothing) for number in SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._notifier.setEnabled(False)
        self._read.close()
        self._write.close()

    @Slot()
    def _on_signal(self) -> None:
        if set(SIGNALS) & set(self._read.recv(64)):
            self.came = True
            self.asked.emit()


def _do_nothing(number: int, frame: FrameType | None) -> None:
    """Stand in for the handlers from before, which would end or raise wherever the window is."""
