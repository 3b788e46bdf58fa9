"""Print the texts of a window that its widgets have no room for: ``python clipped_texts.py``.

Qt reads the scale of the screen when it starts, so that each scale is a process of its own.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from arcs_gui.event_loop.offscreen import PLATFORM

os.environ["QT_QPA_PLATFORM"] = PLATFORM

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QPushButton,
    QTableView,
    QToolButton,
    QWidget,
)
from scripted_engine import ScriptedEngine, ScriptedRuns

from arcs_gui.app import Desktop
from arcs_gui.engine_process.analyst import LocalAnalyst
from arcs_gui.presenters.designs.shortlist import COLUMNS, column
from arcs_gui.presenters.spec.form import EXAMPLES
from arcs_gui.theme import Theme
from arcs_gui.views.main_window import MainWindow
from tests.window.screenshots import SIZE

LIMIT_S = 20
ARROW = 20
"""Room that the arrow of a choice takes, pixels."""


def main() -> None:
    """Open the window, fill every panel and look at every text."""
    application = QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        settings = QSettings(str(Path(folder) / "arcs.ini"), QSettings.Format.IniFormat)
        engine = ScriptedEngine()
        desktop = Desktop(engine, LocalAnalyst(), ScriptedRuns(), Theme(application), settings)
        window = desktop.window
        window.resize(*SIZE)
        desktop.show()
        fill(window, application)
        for dock in window.docks.values():
            dock.raise_()
            application.processEvents()
            for text in clipped(window):
                sys.stdout.write(f"{text}\n")
        window.close()


def fill(window: MainWindow, application: QApplication) -> None:
    """Propose and pick a part."""
    window.spec.set_texts(EXAMPLES[2].texts)
    window.spec.propose_button.click()
    ends = time.monotonic() + LIMIT_S
    while not (window.schematic.stack.is_filled and all_is_checked(window)):
        assert time.monotonic() < ends
        application.processEvents()
    window.schematic.picture.picked.emit("L1")
    for name in ("cursors", "measure"):
        window.waveforms.menu.actions_by_name[name].setChecked(True)
    application.processEvents()


def all_is_checked(window: MainWindow) -> bool:
    """Say whether ngspice has confirmed every design, and nothing runs any more."""
    model = window.candidates.model
    places = [model.index(row, column("ngspice")) for row in range(model.rowCount())]
    confirmed = ["confirmed" in str(model.data(place)) for place in places]
    return bool(confirmed) and all(confirmed) and not window.working.text()


def clipped(window: MainWindow) -> set[str]:
    """Return the visible texts that are wider or higher than their widgets."""
    found = set()
    for widget in window.findChildren(QWidget):
        if widget.isVisible() and not widget.visibleRegion().isEmpty() and not fits(widget):
            found.add(f"{type(widget).__name__}: {widget.property('text') or ''}")
    table = window.candidates.table
    if table.isVisible():
        titles = [title for title, _ in COLUMNS]
        found |= {f"column {titles[k]}" for k in range(len(titles)) if not column_fits(table, k)}
    return found


def column_fits(table: QTableView, place: int) -> bool:
    """Say whether a column has room for its cells, within what is seen of the table."""
    right = table.columnViewportPosition(place) + table.columnWidth(place)
    wanted = table.sizeHintForColumn(place)
    return table.isColumnHidden(place) or (
        wanted <= table.columnWidth(place) and right <= table.viewport().width()
    )


def fits(widget: QWidget) -> bool:
    """Say whether a widget has room for its text; what is no text has."""
    if isinstance(widget, QComboBox):
        text = widget.fontMetrics().horizontalAdvance(widget.currentText())
        return text + ARROW <= widget.width()
    if isinstance(widget, QLabel) and widget.wordWrap():
        return widget.heightForWidth(widget.width()) <= widget.height()
    if isinstance(widget, QLabel | QPushButton | QToolButton):
        wanted = widget.sizeHint()
        return wanted.width() <= widget.width() and wanted.height() <= widget.height()
    return True


if __name__ == "__main__":
    main()
