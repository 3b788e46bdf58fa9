"""What is chosen of a loop: control method, compensator and crossover, and a measured response."""

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFileDialog, QLabel, QLineEdit, QPushButton, QWidget

from arcs_gui.presenters.loop.wishes import ANY_CROSSOVER, Choices, Wishes
from arcs_gui.widgets.pages import beside, stack
from arcs_gui.widgets.restyle import set_property

_LETTERS = 14
"""That a choice has room for; the list shows the whole of each title."""

_CROSSOVER_WIDTH = 120

_FILES = "Measured responses (*.csv *.txt);;All files (*)"


class LoopSettings(QWidget):
    """A line of fields and buttons, and under it what is wrong with an entry."""

    chosen = Signal(object)
    propose_wanted = Signal()
    overlay_chosen = Signal(Path)
    overlay_unwanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.native_dialogs = True
        self.method = _choice("Control method")
        self.compensator = _choice("Compensator")
        for box in (self.method, self.compensator):
            box.activated.connect(self._on_chosen)
        self.crossover = QLineEdit()
        self.crossover.setAccessibleName("Crossover")
        self.crossover.setPlaceholderText(ANY_CROSSOVER)
        self.crossover.setToolTip("Highest crossover to propose for, such as 20 kHz")
        self.crossover.setFixedWidth(_CROSSOVER_WIDTH)
        self.crossover.editingFinished.connect(self._on_chosen)
        self.propose = QPushButton("Propose compensator")
        self.propose.setToolTip("Propose all parts anew but those that are locked")
        self.propose.clicked.connect(self.propose_wanted)
        self.overlay = QPushButton("Measured response…")
        self.overlay.setToolTip("Lay an analyser's CSV file over the Bode plot")
        self.overlay.clicked.connect(self._ask_where)
        self.measured = QPushButton()
        self.measured.setAccessibleName("Remove the measured response")
        self.measured.clicked.connect(self.overlay_unwanted)
        self.measured.hide()
        self.wrong = QLabel()
        self.wrong.setWordWrap(True)
        self.wrong.setMargin(4)
        set_property(self.wrong, "role", "error")
        self.wrong.hide()
        line = beside(
            self.method,
            self.compensator,
            self.crossover,
            self.propose,
            self.overlay,
            self.measured,
        )
        stack(self, line, self.wrong, growing=line)

    @property
    def wishes(self) -> Wishes:
        """What is chosen now."""
        return Wishes(
            self.method.currentData() or "",
            self.compensator.currentData() or "",
            self.crossover.text().strip(),
        )

    def offer(self, choices: Choices) -> None:
        """Offer the choices of a topology."""
        _fill(self.method, choices.methods)
        _fill(self.compensator, choices.compensators)

    def set_wishes(self, wishes: Wishes) -> None:
        """Write what is chosen."""
        self.method.setCurrentIndex(self.method.findData(wishes.method))
        self.compensator.setCurrentIndex(self.compensator.findData(wishes.compensator))
        self.crossover.setText(wishes.crossover)
        self.set_wrong("")

    def set_wrong(self, sentence: str) -> None:
        """Complain; an empty sentence takes the complaint back."""
        self.wrong.setText(f"✗ {sentence}" if sentence else "")
        self.wrong.setVisible(bool(sentence))

    def set_measured(self, name: str) -> None:
        """Offer to take a measured response away, or, where there is none, to read one."""
        self.measured.setText(f"Remove {name}")
        self.measured.setVisible(bool(name))
        self.overlay.setVisible(not name)

    def _on_chosen(self) -> None:
        self.chosen.emit(self.wishes)

    def _ask_where(self) -> None:
        dialog = QFileDialog(self, "Measured response")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilter(_FILES)
        dialog.setOption(QFileDialog.Option.DontUseNativeDialog, not self.native_dialogs)
        dialog.fileSelected.connect(lambda path: self.overlay_chosen.emit(Path(path)))
        dialog.open()


def _choice(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setToolTip(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(_LETTERS)
    return box


def _fill(box: QComboBox, titles: Mapping[str, str]) -> None:
    box.clear()
    for name, title in titles.items():
        box.addItem(title, name)
