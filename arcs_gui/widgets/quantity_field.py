"""A field for a quantity, with its message underneath."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from arcs_gui.widgets.restyle import set_property

LABEL_WIDTH = 88


PAGE_STEPS = 10

_STEPS = {
    Qt.Key.Key_Up: 1,
    Qt.Key.Key_Down: -1,
    Qt.Key.Key_PageUp: PAGE_STEPS,
    Qt.Key.Key_PageDown: -PAGE_STEPS,
}


class SteppedEdit(QLineEdit):
    """A line whose arrow keys step: `stepped` carries how far, ten a page."""

    stepped = Signal(int)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Turn the keys that mean nothing in a line into steps."""
        steps = _STEPS.get(Qt.Key(event.key()))
        if steps is None:
            super().keyPressEvent(event)
        else:
            self.stepped.emit(steps)


class QuantityField(QWidget):
    """A labelled line for text such as ``4.7 µH``; the text stays as it was typed.

    `edited` tells that the user (or an example) changed the text.
    """

    edited = Signal()

    def __init__(
        self, title: str, placeholder: str, explanation: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._error = ""
        self._hint = ""
        label = QLabel(title, self)
        label.setFixedWidth(LABEL_WIDTH)
        self.edit = SteppedEdit(self)
        self.edit.setPlaceholderText(placeholder)
        self.edit.setToolTip(explanation)
        self.edit.setAccessibleName(title)
        self.edit.setAccessibleDescription(explanation)
        self.edit.textChanged.connect(self.edited)
        label.setBuddy(self.edit)
        self._message = QLabel(self)
        self._message.setWordWrap(True)
        self._message.hide()
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(2)
        layout.addWidget(label, 0, 0)
        layout.addWidget(self.edit, 0, 1)
        layout.addWidget(self._message, 1, 1)

    @property
    def text(self) -> str:
        """What stands in the field."""
        return self.edit.text()

    @property
    def message(self) -> str:
        """What stands under the field; empty when nothing does."""
        return self._error or self._hint

    @property
    def has_error(self) -> bool:
        """Whether the message is a complaint."""
        return bool(self._error)

    def set_text(self, text: str) -> None:
        """Replace the text."""
        self.edit.setText(text)

    def replace_text(self, text: str) -> None:
        """Replace the text, as typing would: it can be undone, and the cursor keeps its place."""
        place = self.edit.cursorPosition()
        self.edit.selectAll()
        self.edit.insert(text)
        self.edit.setCursorPosition(place)

    def set_error(self, text: str) -> None:
        """Complain under the field; an empty text takes the complaint back."""
        self._error = text
        self._show_message()

    def set_hint(self, text: str) -> None:
        """Say under the field what was understood."""
        self._hint = text
        self._show_message()

    def _show_message(self) -> None:
        set_property(self._message, "role", "error" if self._error else "muted")
        set_property(self.edit, "wrong", bool(self._error))
        self._message.setText(f"✗ {self._error}" if self._error else self._hint)
        self._message.setVisible(bool(self.message))
