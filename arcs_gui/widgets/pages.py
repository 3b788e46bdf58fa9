"""Pages of a panel: widgets over and beside each other, and quiet texts between them."""

from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget


def remark() -> QLabel:
    """Return an empty quiet text of any length."""
    label = QLabel()
    label.setProperty("role", "muted")
    label.setMargin(4)
    label.setWordWrap(True)
    return label


def stack(page: QWidget, *widgets: QWidget, growing: QWidget) -> None:
    """Put widgets over each other in a page; one of them takes the room that is left."""
    rows = QVBoxLayout(page)
    rows.setContentsMargins(0, 0, 0, 0)
    rows.setSpacing(0)
    for widget in widgets:
        rows.addWidget(widget, 1 if widget is growing else 0)


def beside(*widgets: QWidget) -> QWidget:
    """Return a line of controls, from the left."""
    line = QWidget()
    columns = QHBoxLayout(line)
    columns.setContentsMargins(4, 4, 4, 4)
    columns.setSpacing(8)
    for widget in widgets:
        columns.addWidget(widget)
    columns.addStretch(1)
    return line
