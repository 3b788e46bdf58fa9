"""A window that fits its screen."""

from PySide6.QtCore import QEvent, QObject, QSize
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QWidget

LEAST = QSize(400, 300)
"""The smallest that a window must be able to become: a small screen at twice its scale."""


class OnScreen(QObject):
    """Keeps a window within its screen: when it is shown, and when it gets another screen.

    In between, its size and its place are the user's.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._screen: QScreen | None = None
        self._framed = False
        # Without a minimum of its own Qt enlarges the window whenever its panels want more.
        window.setMinimumSize(LEAST)
        window.installEventFilter(self)

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        """Fit the window before it is shown, and once its frame is there."""
        if event.type() == QEvent.Type.Show and not event.spontaneous():
            self.fit()
            self._window.windowHandle().screenChanged.connect(self._on_screen)
            self._on_screen(self._window.screen())
        elif event.type() == QEvent.Type.WindowActivate and not self._framed:
            self._framed = True
            self.fit()
        return False

    def fit(self) -> None:
        """Make the window and its frame no larger than the screen, and wholly visible."""
        if self._window.isMaximized() or self._window.isFullScreen():
            return
        room, size = self._window.screen().availableGeometry(), self._window.size()
        frame = self._window.frameGeometry().size() - size
        fitting = size.boundedTo(room.size() - frame)
        if fitting != size:
            self._window.resize(fitting)
        outside = self._window.frameGeometry()
        outside.setSize(fitting + frame)
        corner = outside.topLeft()
        corner.setX(max(room.left(), min(corner.x(), room.right() + 1 - outside.width())))
        corner.setY(max(room.top(), min(corner.y(), room.bottom() + 1 - outside.height())))
        if corner != outside.topLeft():
            self._window.move(corner)

    def _on_screen(self, screen: QScreen) -> None:
        """Listen to the screen that the window is on now."""
        if screen is self._screen:
            return
        if self._screen is not None:
            self._screen.availableGeometryChanged.disconnect(self.fit)
            self.fit()
        self._screen = screen
        screen.availableGeometryChanged.connect(self.fit)
