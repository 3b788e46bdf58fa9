"""The compensator's parts: each typed, stepped along its series, or locked."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QWidget

from arcs_gui.presenters.loop.wishes import PartLine
from arcs_gui.theme.apply import tabular
from arcs_gui.widgets.quantity_field import SteppedEdit

_WIDEST = 96
"""Of a value's field, pixels."""


class PartEditor:
    """The widgets of one part, side by side in a row."""

    def __init__(self, line: PartLine, panel: "PartsPanel") -> None:
        name = line.name
        self._shown = ""
        self.title = QLabel(name)
        self.title.setToolTip(line.title)
        self.edit = SteppedEdit()
        self.edit.setFont(tabular(self.edit.font()))
        self.edit.setMaximumWidth(_WIDEST)
        self.edit.setAccessibleName(f"{name}, {line.title}")
        self.edit.setToolTip(f"{line.title}; type a value, or step it with the arrow keys.")
        self.down = _button("−", f"Next lower value of {name}")
        self.up = _button("+", f"Next higher value of {name}")
        self.lock = _button("Lock", f"Keep {name} when the compensator is proposed")
        self.lock.setCheckable(True)
        self.edit.editingFinished.connect(lambda: self._on_typed(panel, name))
        self.edit.stepped.connect(lambda steps: panel.stepped.emit(name, steps))
        self.down.clicked.connect(lambda: panel.stepped.emit(name, -1))
        self.up.clicked.connect(lambda: panel.stepped.emit(name, 1))
        self.lock.clicked.connect(lambda: panel.lock_wanted.emit(name))

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """From the left to the right."""
        return (self.title, self.edit, self.down, self.up, self.lock)

    def set_line(self, line: PartLine) -> None:
        """Show another state of the same part; a text that is being typed stays."""
        if line.text != self._shown:
            self._shown = line.text
            self.edit.setText(line.text)
        self.lock.setChecked(line.locked)
        self.lock.setText("Locked" if line.locked else "Lock")

    def _on_typed(self, panel: "PartsPanel", name: str) -> None:
        if self.edit.text() != self._shown:
            panel.typed.emit(name, self.edit.text())


class PartsPanel(QWidget):
    """A row for each part; the signals carry its name."""

    typed = Signal(str, str)
    stepped = Signal(str, int)
    lock_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Parts of the compensator")
        self.editors: dict[str, PartEditor] = {}
        self._rows = QGridLayout(self)
        self._rows.setContentsMargins(4, 4, 4, 4)
        self._rows.setHorizontalSpacing(4)
        self._rows.setVerticalSpacing(4)

    def set_parts(self, lines: tuple[PartLine, ...]) -> None:
        """List parts; the editors of those that stay are kept."""
        if [line.name for line in lines] != list(self.editors):
            self._build(lines)
        for line in lines:
            self.editors[line.name].set_line(line)

    def _build(self, lines: tuple[PartLine, ...]) -> None:
        for editor in self.editors.values():
            for widget in editor.widgets:
                self._rows.removeWidget(widget)
                widget.hide()
                widget.deleteLater()
        self.editors = {line.name: PartEditor(line, self) for line in lines}
        for row, editor in enumerate(self.editors.values()):
            for column, widget in enumerate(editor.widgets):
                self._rows.addWidget(widget, row, column)


def _button(text: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    return button
