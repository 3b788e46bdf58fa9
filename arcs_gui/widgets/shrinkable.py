"""A panel that scrolls where it has less room than it needs."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

LEAST = QSize(88, 48)
"""Room that a panel keeps, so that there is something to see and to scroll."""


class Shrinkable(QScrollArea):
    """Holds a panel, which fills it; the panel's own need of room does not widen the window.

    Qt's own way to let a widget fill its scroll area gives one with texts that wrap the height
    that it would like, and so scrolls far too early.
    """

    def __init__(self, panel: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # what is in it has the focus
        self._panel = panel
        self.setWidget(panel)

    def sizeHint(self) -> QSize:
        """Ask for what the panel asks for."""
        return self._panel.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Need little."""
        return self._panel.minimumSizeHint().boundedTo(LEAST)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Let the panel fill the room."""
        super().resizeEvent(event)
        self._fill()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow what the panel needs."""
        if event.type() == QEvent.Type.LayoutRequest and watched is self._panel:
            self._fill()
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def _fill(self) -> None:
        self._panel.resize(self.viewport().size().expandedTo(self._panel.minimumSizeHint()))
