"""The schematic of the design that is looked at."""

from PySide6.QtWidgets import QVBoxLayout, QWidget

from arcs_gui.widgets.or_empty import OrEmpty
from arcs_gui.widgets.svg_view import SvgView


class SchematicPanel(QWidget):
    """Shows a picture of the circuit with its values."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.picture = SvgView()
        self.picture.setAccessibleName("Schematic")
        self.stack = OrEmpty(
            self.picture, "The schematic of the design that you pick appears here."
        )
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)

    def set_schematic(self, svg: str) -> None:
        """Replace the picture."""
        self.picture.set_document(svg)
        self.stack.set_filled(True)
