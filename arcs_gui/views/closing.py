"""The question before a window with runs at work is closed."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from arcs_gui.ports import RunSummary

_KINDS = {"train": "training", "datagen": "data generation", "rl": "learning"}


class ClosingQuestion(QMessageBox):
    """Asks whether to stop what runs and quit; `accepted` is the yes. Enter and Esc mean no."""

    def __init__(self, runs: tuple[RunSummary, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        kinds = dict.fromkeys(_KINDS.get(run.kind, run.kind) for run in runs)
        what = " and the ".join(kinds)
        names = " and ".join(run.name for run in runs)
        self.setIcon(QMessageBox.Icon.Question)
        self.setWindowTitle("Quit ARCS")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(f"{names} {'is' if len(runs) == 1 else 'are'} still running.")
        self.setInformativeText(
            f"The {what} cannot continue without the window. It writes a checkpoint before it "
            "stops; Resume in the panel Runs continues from there."
        )
        self.stop_button = self.addButton(
            f"&Stop the {what} and quit", QMessageBox.ButtonRole.AcceptRole
        )
        self.cancel_button = self.addButton(QMessageBox.StandardButton.Cancel)
        self.setDefaultButton(self.cancel_button)
        self.setEscapeButton(self.cancel_button)
