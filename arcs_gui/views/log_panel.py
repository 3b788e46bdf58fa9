"""The log of what ARCS does in the background."""

import logging

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

LONGEST_LOG = 5_000
"""Lines that are kept."""


class LogLines(logging.Handler):
    """Carries log records, of whatever thread, to the window's thread as text."""

    class _Sender(QObject):
        line = Signal(str)

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._sender = self._Sender()
        self.line = self._sender.line
        form = "%(asctime)s  %(levelname)-7s  %(message)s"
        self.setFormatter(logging.Formatter(form, "%H:%M:%S"))

    def emit(self, record: logging.LogRecord) -> None:
        """Pass a record on."""
        self.line.emit(self.format(record))


class LogPanel(QWidget):
    """Shows what was logged, newest last."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = LogLines()
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setMaximumBlockCount(LONGEST_LOG)
        self.text.setAccessibleName("Log")
        self.text.setPlaceholderText("ARCS logs here what it does in the background.")
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.lines.line.connect(self.text.appendPlainText, Qt.ConnectionType.QueuedConnection)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.text)
