"""The style sheet, filled in with a palette."""

from string import Template

from arcs_gui.theme.palette import Palette, colours

_SHEET = Template("""
QMainWindow, QDialog, QMenuBar, QStatusBar { background: $window; color: $text; }
QWidget { color: $text; }
QMainWindow::separator { background: $window; width: 8px; height: 8px; }
QDockWidget { color: $muted; font-weight: 600; }
QDockWidget::title { background: $window; padding: 4px 8px; text-align: left; }
QDockWidget > QWidget, #surface { background: $surface; }
#surface { border: 1px solid $border; border-radius: 4px; }
QScrollArea, QScrollArea > QWidget > QWidget { background: $surface; border: none; }
QSplitter::handle { background: $window; }

QMenuBar::item:selected, QMenu::item:selected { background: $selection; color: $text; }
QMenu { background: $surface; color: $text; border: 1px solid $border; padding: 4px; }
QMenu::item { padding: 4px 24px; }
QMenu::item:disabled { color: $muted; }
QMenu::separator { height: 1px; background: $border; margin: 4px 8px; }
QToolTip { background: $surface; color: $text; border: 1px solid $border; padding: 4px; }

QLineEdit, QComboBox, QSpinBox, QPlainTextEdit {
    background: $field; color: $text; border: 1px solid $border; border-radius: 4px;
    padding: 3px 8px; selection-background-color: $accent; selection-color: $on_accent;
}
QLineEdit { placeholder-text-color: $muted; }
QComboBox { padding-right: 0; }
QSpinBox { padding: 2px 0; }
QSpinBox QLineEdit { border: none; padding: 0; background: transparent; }
QSpinBox::up-button, QSpinBox::down-button { width: 0; border: none; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: none; width: 0; height: 0; border-left: 4px solid $field;
    border-right: 4px solid $field; border-top: 5px solid $muted; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QPlainTextEdit:focus { border-color: $accent; }
QLineEdit[wrong="true"] { border: 1px solid $bad; }
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled { color: $muted; background: $surface; }
QComboBox QAbstractItemView {
    background: $surface; color: $text; border: 1px solid $border;
    selection-background-color: $selection; selection-color: $text;
}

QPushButton, QToolButton {
    background: $surface; color: $text; border: 1px solid $border; border-radius: 4px;
    padding: 4px 12px; min-height: 18px;
}
QToolButton { padding: 3px 8px; min-height: 0; }
QToolButton:checked { background: $selection; border-color: $accent; }
QCheckBox { spacing: 8px; }
QCheckBox::indicator { width: 13px; height: 13px; border: 1px solid $muted; border-radius: 3px;
    background: $field; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; }
QCheckBox:focus { color: $accent; }
QCheckBox:disabled { color: $muted; }
QPushButton:hover, QToolButton:hover { border-color: $accent; }
QPushButton:focus, QToolButton:focus { border: 1px solid $accent; }
QPushButton:disabled, QToolButton:disabled { color: $muted; }
QPushButton#primary { background: $accent; color: $on_accent; border-color: $accent;
    font-weight: 600; }
QPushButton#primary:disabled { background: $surface; color: $muted; border-color: $border; }
QPushButton#primary:focus { border: 2px solid $text; }
QToolButton::menu-indicator { subcontrol-position: right center; subcontrol-origin: padding;
    right: 4px; }

QTableView, QTreeView, QListView {
    background: $surface; alternate-background-color: $surface; color: $text; border: none;
    gridline-color: $border; selection-background-color: $selection; selection-color: $text;
    outline: none;
}
QTableView::item, QTreeView::item { padding: 3px 4px; border: none; }
QTableView::item:selected, QTreeView::item:selected { background: $selection; color: $text; }
QHeaderView, QHeaderView::section { background: $surface; color: $muted; }
QHeaderView::section { border: none; border-bottom: 1px solid $border; padding: 4px; }
QHeaderView::section:vertical { border: none; padding: 2px 8px; }
QTableCornerButton::section { background: $surface; border: none; }

QTabBar::tab { background: $window; color: $muted; padding: 4px 16px; border: none;
    border-bottom: 2px solid $window; }
QTabBar::tab:selected { color: $text; border-bottom: 2px solid $accent; }
QTabBar::tab:hover { color: $text; }

QProgressBar { background: $border; border: none; border-radius: 2px; max-height: 4px;
    min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }

QSlider::groove:horizontal { height: 4px; background: $border; border-radius: 2px; }
QSlider::handle:horizontal { background: $accent; width: 14px; height: 14px; margin: -5px 0;
    border-radius: 7px; }
QSlider::handle:horizontal:focus { border: 2px solid $text; }

QScrollBar:vertical { background: $surface; width: 10px; margin: 0; }
QScrollBar:horizontal { background: $surface; height: 10px; margin: 0; }
QScrollBar::handle { background: $border; border-radius: 4px; min-height: 24px; min-width: 24px;
    margin: 1px; }
QScrollBar::handle:hover { background: $muted; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }

QLabel[role="muted"] { color: $muted; }
QLabel[role="error"] { color: $bad; }
QLabel[role="plain"] { color: $text; }
QLabel[role="good"] { color: $good; }
QLabel[role="title"] { color: $text; font-weight: 600; }
#banner { background: $surface; border: 1px solid $bad; border-radius: 4px; }
#banner[tone="note"] { border-color: $accent; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; padding: 0 4px; }
""")


def stylesheet(palette: Palette) -> str:
    """Return the application's style sheet in the colours of a palette."""
    return _SHEET.substitute(colours(palette))
