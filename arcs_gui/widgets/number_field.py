"""A field for a whole number."""

from PySide6.QtWidgets import QSpinBox, QWidget

_MARGIN = 6
"""Left and right of the number: a style sheet's padding does not reach it."""


class NumberField(QSpinBox):
    """Looks like the other fields; typed, or stepped with the arrow keys."""

    def __init__(
        self, name: str, low: int, high: int, value: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setRange(low, high)
        self.setValue(value)
        self.lineEdit().setTextMargins(_MARGIN, 0, _MARGIN, 0)
