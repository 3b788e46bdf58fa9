"""One part of the design: its values, to be changed, and what is known of it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from arcs_gui.presenters.cells import DetailRow
from arcs_gui.presenters.schematic.inspector import PartFacts, ValueFacts
from arcs_gui.theme.apply import tabular
from arcs_gui.widgets.or_empty import OrEmpty
from arcs_gui.widgets.quantity_field import SteppedEdit
from arcs_gui.widgets.restyle import set_property

_TONES = {"good": "good", "bad": "error", "muted": "muted", "plain": "plain"}


class ValueEditor(QWidget):
    """One value: typed, stepped or locked; `typed`, `stepped` and `lock_wanted` carry its name."""

    typed = Signal(str, str)
    stepped = Signal(str, int)
    lock_wanted = Signal(str)

    def __init__(self, facts: ValueFacts, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = facts.name
        self._shown = ""
        self.title = QLabel(facts.heading)
        self.edit = SteppedEdit()
        self.edit.setFont(tabular(self.edit.font()))
        self.edit.setAccessibleName(f"{facts.label}, {facts.heading}")
        self.edit.setToolTip("Type a value, or step it with the arrow keys.")
        self.down = self._button("−", f"Next lower value of {facts.label}")
        self.up = self._button("+", f"Next higher value of {facts.label}")
        self.lock = self._button("Lock", f"Keep {facts.label} when the rest is proposed")
        self.lock.setCheckable(True)
        self.place = _muted()
        self.textbook = _muted()
        self.message = QLabel()
        self.message.setWordWrap(True)
        self.message.setProperty("role", "error")
        self.message.hide()
        self._steps: tuple[str, ...] = ()
        self.whole = QToolButton()
        self.whole.setText("Whole calculation")
        self.whole.setCheckable(True)
        self.whole.setAccessibleName(f"Show the whole calculation of {facts.label}")
        self.why = QLabel()
        self.why.setWordWrap(True)
        self.why.setProperty("role", "muted")
        self.why.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._lay_out()
        self._connect()
        self._show_why()
        self.set_facts(facts)

    def set_facts(self, facts: ValueFacts) -> None:
        """Show another state of the same value; a text that is being typed stays."""
        if facts.text != self._shown:
            self._shown = facts.text
            self.edit.setText(facts.text)
            self.message.hide()
        self.place.setText(facts.place)
        self.textbook.setText(facts.textbook)
        self.lock.setChecked(facts.locked)
        self.lock.setText("Locked" if facts.locked else "Lock")
        if facts.why != self._steps:
            self._steps = facts.why
            self._show_why()

    def _show_why(self) -> None:
        """Show the deciding step, or all of them."""
        steps = self._steps if self.whole.isChecked() else self._steps[-1:]
        self.why.setText("\n".join(f"• {step}" for step in steps))
        self.why.setVisible(bool(steps))
        self.whole.setVisible(len(self._steps) > 1)

    def set_error(self, message: str) -> None:
        """Complain about what was typed; the text stays."""
        self.message.setText(f"✗ {message}")
        self.message.show()

    def _button(self, text: str, tip: str) -> QToolButton:
        button = QToolButton()
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    def _lay_out(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.edit, 1)
        for button in (self.down, self.up, self.lock):
            line.addWidget(button)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 8)
        rows.setSpacing(4)
        rows.addWidget(self.title)
        rows.addLayout(line)
        for label in (self.message, self.place, self.textbook, self.why):
            rows.addWidget(label)
        rows.addWidget(self.whole, 0, Qt.AlignmentFlag.AlignLeft)

    def _connect(self) -> None:
        self.edit.returnPressed.connect(self._on_typed)
        self.edit.editingFinished.connect(self._on_typed)
        self.edit.stepped.connect(self._on_step)
        self.up.clicked.connect(self._on_up)
        self.down.clicked.connect(self._on_down)
        self.lock.clicked.connect(self._on_lock)
        self.whole.toggled.connect(self._show_why)

    def _on_typed(self) -> None:
        if self.edit.text() != self._shown:
            self.typed.emit(self._name, self.edit.text())

    def _on_step(self, steps: int) -> None:
        self.stepped.emit(self._name, steps)

    def _on_up(self) -> None:
        self.stepped.emit(self._name, 1)

    def _on_down(self) -> None:
        self.stepped.emit(self._name, -1)

    def _on_lock(self) -> None:
        self.lock_wanted.emit(self._name)


class InspectorPanel(QWidget):
    """The part that was clicked in the schematic."""

    typed = Signal(str, str)
    stepped = Signal(str, int)
    lock_wanted = Signal(str)
    rest_wanted = Signal()
    revert_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._shown: tuple[str, tuple[str, ...]] = ("", ())
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.buy = QLabel()
        self.buy.setWordWrap(True)
        self.buy.setFont(tabular(self.buy.font()))
        self.buy.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.editors: dict[str, ValueEditor] = {}
        self.rest_button = QPushButton("Propose the rest")
        self.rest_button.setToolTip("Propose designs that keep the locked values")
        self.rest_button.setEnabled(False)
        self.rest_button.clicked.connect(self.rest_wanted)
        self.revert_button = QPushButton("Revert")
        self.revert_button.setToolTip("Return to the proposed values")
        self.revert_button.setEnabled(False)
        self.revert_button.clicked.connect(self.revert_wanted)
        self._values = QVBoxLayout()
        self._figures = QGridLayout()
        self._figures.setHorizontalSpacing(12)
        self._figures.setColumnStretch(2, 1)
        self._cells: list[tuple[QLabel, QLabel, QLabel]] = []
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.rest_button)
        buttons.addWidget(self.revert_button)
        buttons.addStretch(1)
        content = QWidget()
        rows = QVBoxLayout(content)
        rows.setContentsMargins(8, 8, 8, 8)
        rows.setSpacing(8)
        rows.addWidget(self.title)
        rows.addWidget(self.buy)
        rows.addLayout(self._figures)
        rows.addLayout(self._values)
        rows.addLayout(buttons)
        rows.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.stack = OrEmpty(
            scroll,
            "Click a part in the schematic. Its values appear here for you to type, step or lock, "
            "with its stress, its losses and the reasons for its values.",
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def set_part(self, facts: PartFacts | None) -> None:
        """Show a part; None when none is picked. A text that is being typed stays."""
        self.stack.set_filled(facts is not None)
        if facts is None:
            return
        self.title.setText(facts.title)
        self.buy.setText(f"To buy: {facts.buy}")
        self.buy.setVisible(bool(facts.buy))
        shown = (facts.name, tuple(value.name for value in facts.values))
        if shown != self._shown:
            self._shown = shown
            self._build(facts)
        for value in facts.values:
            self.editors[value.name].set_facts(value)
        self._show_figures(facts.figures)

    def set_error(self, name: str, message: str) -> None:
        """Complain about what was typed for a value; the text stays."""
        if name in self.editors:
            self.editors[name].set_error(message)

    def set_rest_enabled(self, enabled: bool) -> None:
        """Say whether some values are locked, so that the rest can be proposed."""
        self.rest_button.setEnabled(enabled)

    def set_can_revert(self, can_revert: bool) -> None:
        """Say whether the values differ from the proposed ones."""
        self.revert_button.setEnabled(can_revert)

    def _build(self, facts: PartFacts) -> None:
        for editor in self.editors.values():
            self._values.removeWidget(editor)
            editor.hide()
            editor.deleteLater()
        self.editors = {value.name: ValueEditor(value) for value in facts.values}
        for editor in self.editors.values():
            editor.typed.connect(self.typed)
            editor.stepped.connect(self.stepped)
            editor.lock_wanted.connect(self.lock_wanted)
            self._values.addWidget(editor)

    def _show_figures(self, figures: tuple[DetailRow, ...]) -> None:
        while len(self._cells) < len(figures):
            row = len(self._cells)
            cells = (QLabel(), QLabel(), QLabel())
            for column, label in enumerate(cells):
                label.setFont(tabular(label.font()))
                self._figures.addWidget(label, row, column)
            cells[0].setProperty("role", "muted")
            cells[1].setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self._cells.append(cells)
        for row, cells in enumerate(self._cells):
            shown = row < len(figures)
            for label in cells:
                label.setVisible(shown)
            if shown:
                figure = figures[row]
                for label, text in zip(
                    cells, (figure.label, figure.value, figure.note), strict=True
                ):
                    label.setText(text)
                set_property(cells[1], "role", _TONES[figure.tone])
                set_property(cells[2], "role", "muted" if figure.tone == "plain" else "error")


def _muted() -> QLabel:
    label = QLabel()
    label.setProperty("role", "muted")
    label.setWordWrap(True)
    return label
