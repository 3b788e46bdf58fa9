"""The theme in use: which palette, and telling everyone when it changes."""

from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from arcs_gui.theme.palette import DARK, LIGHT, Palette
from arcs_gui.theme.stylesheet import stylesheet

Choice = Literal["system", "light", "dark"]


class Theme(QObject):
    """The look of one application.

    `changed` carries the new palette to what paints by itself (plots, schematic, delegates).
    """

    changed = Signal(object)

    def __init__(self, application: QApplication, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._application = application
        self._choice: Choice = "system"
        self.palette = self._wanted()
        application.setStyle("Fusion")  # the one style that draws the same everywhere
        application.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def choice(self) -> Choice:
        """What the user chose."""
        return self._choice

    def choose(self, choice: Choice) -> None:
        """Take the light, the dark or the system's palette and repaint."""
        self._choice = choice
        self._apply()

    @Slot()
    def _system_changed(self) -> None:
        if self._choice == "system":
            self._apply()

    def _wanted(self) -> Palette:
        if self._choice == "system":
            scheme = self._application.styleHints().colorScheme()
            return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
        return DARK if self._choice == "dark" else LIGHT

    def _apply(self) -> None:
        self.palette = self._wanted()
        self._application.setPalette(_qt_palette(self.palette))
        self._application.setStyleSheet(stylesheet(self.palette))
        self.changed.emit(self.palette)


def _qt_palette(palette: Palette) -> QPalette:
    """Return the Qt palette, for what the style sheet does not reach."""
    role = QPalette.ColorRole
    colours = {
        role.Window: palette.window,
        role.WindowText: palette.text,
        role.Base: palette.surface,
        role.AlternateBase: palette.window,
        role.Text: palette.text,
        role.PlaceholderText: palette.muted,
        role.Button: palette.surface,
        role.ButtonText: palette.text,
        role.Highlight: palette.accent,
        role.HighlightedText: palette.on_accent,
        role.ToolTipBase: palette.surface,
        role.ToolTipText: palette.text,
        role.Link: palette.accent,
    }
    result = QPalette()
    for which, colour in colours.items():
        result.setColor(which, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for which in (role.Text, role.ButtonText, role.WindowText):
        result.setColor(disabled, which, QColor(palette.muted))
    return result


def tabular(font: QFont) -> QFont:
    """Return the font with figures of equal width, so that columns of numbers line up."""
    result = QFont(font)
    result.setFeature(QFont.Tag("tnum"), 1)
    return result
