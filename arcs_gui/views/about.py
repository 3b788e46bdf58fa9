"""Small dialogs: what this program is, and its keyboard shortcuts."""

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

import arcs_engine

_TEXT = f"""<h3>ARCS {arcs_engine.__version__}</h3>
<p>A design assistant for switching DC-DC converters.</p>
<p>A trained model proposes, a physics engine checks, ngspice confirms.</p>
<p>MIT licence.</p>"""


class _Dialog(QDialog):
    """A dialog that is forgotten when it is closed."""

    def __init__(self, title: str, content: QWidget, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(16)
        layout.addWidget(content)
        layout.addWidget(buttons)


class AboutDialog(_Dialog):
    """Says what this is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("About ARCS", QLabel(_TEXT), parent)


_IN_PLACE = (
    ("Schematic: select a part", "Left, Right, click"),
    ("Schematic: change its value", "Up, Down, wheel, drag"),
    ("Schematic: step by half a decade", "Shift+Up, Shift+Down"),
    ("Schematic: plot its current", "P, Ctrl+click, right click"),
    ("Schematic: plot a net's voltage", "Ctrl+click, right click"),
    ("Fields: step the number at the cursor", "Up, Down, Page Up, Page Down"),
    ("Candidates: pin for comparison", "Right click"),
    ("Waveforms: zoom, move the view", "wheel, drag, +, -, Page Up, Page Down"),
    ("Waveforms: whole run", "Home"),
    ("Waveforms: fetch cursor A or B", "A, B"),
    ("Waveforms: move the cursor", "Left, Right, Shift+Left, Shift+Right, drag"),
)
"""Keys that work in one panel."""


class ShortcutsDialog(_Dialog):
    """Lists the actions that have a shortcut, and the keys of single panels."""

    def __init__(self, actions: Iterable[QAction], parent: QWidget) -> None:
        described = ((a.text().replace("&", "").rstrip("…"), _keys(a)) for a in actions)
        lines = [(what, keys) for what, keys in described if keys]
        lines += _IN_PLACE
        content = QWidget()
        columns = QHBoxLayout(content)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(48)
        half = (len(lines) + 1) // 2
        for part in (lines[:half], lines[half:]):  # one column would be higher than many a screen
            rows = QFormLayout()
            rows.setHorizontalSpacing(24)
            rows.setVerticalSpacing(6)
            for what, keys in part:
                rows.addRow(what, QLabel(keys))
            columns.addLayout(rows)
        super().__init__("Keyboard shortcuts", content, parent)


def _keys(action: QAction) -> str:
    return " or ".join(key.toString() for key in action.shortcuts())
