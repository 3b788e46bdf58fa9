"""A panel that says what will appear in it until it does."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget


class OrEmpty(QStackedWidget):
    """Shows a hint until `set_filled`, then the content."""

    def __init__(self, content: QWidget, hint: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surface")
        label = QLabel(hint, self)
        label.setProperty("role", "muted")
        label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        label.setWordWrap(True)
        label.setMargin(16)
        self.addWidget(label)
        self.addWidget(content)

    @property
    def is_filled(self) -> bool:
        """Whether the content is shown."""
        return self.currentIndex() == 1

    def set_filled(self, filled: bool) -> None:
        """Show the content or the hint."""
        self.setCurrentIndex(1 if filled else 0)
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        """Need what is shown needs: the hint stands in less room than the content."""
        page = self.currentWidget()
        return super().minimumSizeHint() if page is None else page.minimumSizeHint()
