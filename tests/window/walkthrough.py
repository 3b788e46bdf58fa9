"""From the first start to an exported netlist, as a new user goes: every step through a widget.

`docs/walkthrough.md` tells it; its pictures and its test go this way.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from arcs_gui.presenters.designs.shortlist import column
from arcs_gui.views.main_window import MainWindow

SPEC = {"vin": "24 ± 20%", "vout": "12 V", "iout": "3 A", "fsw": "200k"}
"""What the new user types; ripple and all else stay as they are."""

PART = "L1"
NETLIST = Path("supplies/my-supply.cir")

Wait = Callable[[Callable[[], object]], None]
"""Lets the window live until a condition holds."""


def steps(window: MainWindow, folder: Path, wait: Wait) -> Iterator[str]:
    """Go the way; yield the name of each step when it is on screen.

    Args:
        window: just shown, as at a first start.
        folder: where the netlist is saved to, as `NETLIST`.
        wait: lets the window live.
    """
    wait(lambda: window.status.text().startswith("Ready"))
    yield "start"
    _type_spec(window)
    wait(lambda: window.candidates.model.rowCount() > 0)
    wait(lambda: _answers(window)[0] == "✓ confirmed")
    wait(lambda: window.schematic.stack.is_filled)
    yield "designs"
    _click_part(window)
    wait(lambda: window.inspector.editors[PART].why.text() != "")
    before = window.inspector.editors[PART].edit.text()
    QTest.mouseClick(window.inspector.editors[PART].up, Qt.MouseButton.LeftButton)
    wait(lambda: window.schematic.picture.lines[PART][1] != before)
    wait(lambda: _badges(window)[-1] == "✓ ngspice")
    yield "part"
    QTest.keyClick(window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    dialog = next(d for d in window.findChildren(QFileDialog) if d.isVisible())
    netlist = folder / NETLIST
    netlist.parent.mkdir(exist_ok=True)
    dialog.selectFile(str(netlist))
    dialog.accept()
    wait(lambda: window.status.text().startswith("Netlist written"))
    yield "done"


def _type_spec(window: MainWindow) -> None:
    """Type where the cursor is at the start, and go from field to field."""
    for name, text in SPEC.items():
        edit = window.spec.fields[name].edit
        if not edit.hasFocus():
            edit.setFocus(Qt.FocusReason.TabFocusReason)
            edit.selectAll()
        QTest.keyClicks(edit, text)


def _click_part(window: MainWindow) -> None:
    picture = window.schematic.picture
    place = picture.bounds_of(PART).center().toPoint()
    none = Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(picture, Qt.MouseButton.LeftButton, none, place)


def _answers(window: MainWindow) -> list[str]:
    """Return what ngspice says of the designs, the best first."""
    model = window.candidates.model
    lines = [line for line in range(model.rowCount()) if model.key_at(line) != 0]
    place = column("ngspice")
    return [str(model.data(model.index(line, place))) for line in lines]


def _badges(window: MainWindow) -> list[str]:
    return [badge.text() for badge in window.headline.badges]
