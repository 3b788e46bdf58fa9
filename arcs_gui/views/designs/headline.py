"""The figures of the selected design, over its schematic."""

from collections.abc import Sequence
from typing import TypeVar

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from arcs_gui.presenters.cells import Headline
from arcs_gui.theme.apply import tabular
from arcs_gui.widgets.restyle import set_property

T = TypeVar("T")

_ROLES = {"good": "good", "bad": "error", "muted": "muted", "plain": "plain"}
_MOST_FIGURES = 6
_MOST_BADGES = 3
_GAP = 8
"""Free pixels between two figures."""
_APART = 12
"""Free pixels between two badges."""
_MARGINS = 16
"""Free pixels at both sides together."""


class HeadlinePanel(QWidget):
    """A title with badges, and figures; `state` says when the solver is a step behind."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Figures of the design")
        self.title = self._label("title")
        self.state = self._label("muted")
        self.badges = [self._label("plain") for _ in range(_MOST_BADGES)]
        self.figures = [(self._label("muted"), self._label("plain")) for _ in range(_MOST_FIGURES)]
        rows = QVBoxLayout(self)
        rows.setContentsMargins(8, 4, 8, 4)
        rows.setSpacing(2)
        rows.addLayout(_row([self.title, *self.badges, self.state], _APART))
        figures = QHBoxLayout()
        figures.setSpacing(4)
        for what, text in self.figures:
            figures.addWidget(what)
            figures.addWidget(text)
            figures.addSpacing(_GAP)
        figures.addStretch(1)
        rows.addLayout(figures)
        # A narrow window shows fewer badges and figures; they do not widen the window.
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_headline(self, line: Headline) -> None:
        """Replace what is said."""
        self.title.setText(line.title)
        self.state.setText("solving…" if line.is_behind else "")
        for badge, label in zip(_filled(line.badges, _MOST_BADGES), self.badges, strict=True):
            set_property(label, "role", "plain" if badge is None else _ROLES[badge.tone])
            label.setText("" if badge is None else badge.text)
        figures = _filled(line.figures, _MOST_FIGURES)
        for figure, (what, text) in zip(figures, self.figures, strict=True):
            what.setText("" if figure is None else figure[0])
            text.setText("" if figure is None else figure[1])
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as many badges and figures as there is room for."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        left = self.width() - _MARGINS - self.title.sizeHint().width()
        for badge in (*self.badges, self.state):
            left -= badge.sizeHint().width() + _APART if badge.text() else 0
            badge.setVisible(left >= 0 and bool(badge.text()))
        left = self.width() - _MARGINS
        for pair in self.figures:
            left -= sum(label.sizeHint().width() for label in pair) + _GAP + 8
            for label in pair:
                label.setVisible(left >= 0 and bool(label.text()))

    def _label(self, role: str) -> QLabel:
        label = QLabel(self)
        label.setProperty("role", role)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setFont(tabular(label.font()))
        return label


def _row(labels: Sequence[QLabel], spacing: int) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(spacing)
    for label in labels:
        row.addWidget(label)
    row.addStretch(1)
    return row


def _filled(found: Sequence[T], count: int) -> list[T | None]:
    return [*found, *(None for _ in range(count - len(found)))]
