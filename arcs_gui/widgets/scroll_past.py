"""Controls that the wheel leaves alone while somebody only scrolls past them."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QWidget

_CONTROLS = (QComboBox, QAbstractSpinBox, QSlider)


class ScrollPast(QObject):
    """Lets the wheel change a control only while it has the focus; else what is around it scrolls.

    Qt lets it change whatever is under the mouse, also where the mouse came to by scrolling.
    """

    def __init__(self, window: QWidget) -> None:
        """Look after every control that a window has now."""
        super().__init__(window)
        for kind in _CONTROLS:
            for control in window.findChildren(kind):
                # Not by the wheel, as Qt would have it.
                control.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
                control.installEventFilter(self)

    def eventFilter(self, control: QObject, event: QEvent) -> bool:
        """Pass the wheel on to what is around a control without the focus."""
        if event.type() == QEvent.Type.Wheel and not _has_focus(control):
            event.ignore()
            return True
        return False


def _has_focus(control: QObject) -> bool:
    return isinstance(control, QWidget) and control.hasFocus()
