"""A line over the work that says what went wrong."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget


class Banner(QFrame):
    """Hidden until there is something to say; `dismissed` when the user closes it.

    `fix_wanted` comes when the user takes what is offered beside the message.
    """

    dismissed = Signal()
    fix_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setAccessibleName("Error")
        self._label = QLabel(self)
        self._label.setWordWrap(True)
        # Names and reasons from elsewhere are shown, never obeyed.
        self._label.setTextFormat(Qt.TextFormat.PlainText)
        self._label.setProperty("role", "error")
        self._label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._close = QPushButton("Dismiss", self)
        self._close.setAccessibleName("Dismiss the error")
        self._close.clicked.connect(self._on_close)
        self.fix_button = QPushButton(self)
        self.fix_button.clicked.connect(self.fix_wanted)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 4, 4)
        layout.addWidget(self._label)
        layout.addWidget(self.fix_button)
        layout.addWidget(self._close)
        self.hide()

    @property
    def text(self) -> str:
        """What is shown; empty when the banner is hidden."""
        return self._label.text()

    def show_text(self, text: str, fix: str = "") -> None:
        """Show a message, and the title of what may mend it."""
        self.fix_button.setText(fix)
        self.fix_button.setVisible(bool(fix))
        self._label.setText(text)
        self._label.setAccessibleName(text)
        self.show()

    def clear(self) -> None:
        """Hide the banner."""
        self._label.clear()
        self.hide()

    def _on_close(self) -> None:
        self.clear()
        self.dismissed.emit()
