"""A picture that keeps its proportions and stays crisp at any size."""

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

LARGEST_SCALE = 2.0
"""Pixels per SVG point beyond which the picture would look coarse beside the text around it."""


class SvgView(QWidget):
    """Paints an SVG document in its middle."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._renderer = QSvgRenderer(self)
        self._document = ""
        self._area: QRectF | None = None

    @property
    def document(self) -> str:
        """The SVG that is shown; empty when there is none."""
        return self._document

    def set_document(self, svg: str) -> None:
        """Show another picture."""
        self._document = svg
        self._renderer.load(svg.encode())
        self._area = None
        self.update()

    @property
    def scale(self) -> float:
        """Pixels per point of the document."""
        page = self._page()
        return self.area.width() / page.width() if page.width() else 1.0

    def place_of(self, x: float, y: float) -> QPointF:
        """Return where a point of the document stands in this widget, in pixels."""
        page, area, scale = self._page(), self.area, self.scale
        return QPointF(
            area.left() + (x - page.left()) * scale, area.top() + (y - page.top()) * scale
        )

    def bounds_of(self, element: str) -> QRectF:
        """Return where an element of the document stands in this widget, in pixels."""
        box, page, area = self._renderer.boundsOnElement(element), self._page(), self.area
        scale = self.scale
        return QRectF(
            area.left() + (box.left() - page.left()) * scale,
            area.top() + (box.top() - page.top()) * scale,
            box.width() * scale,
            box.height() * scale,
        )

    def minimumSizeHint(self) -> QSize:
        """Leave room for something that can be read."""
        return QSize(240, 120)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture."""
        if not self._renderer.isValid():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint_on(painter)
        painter.end()

    def paint_on(self, painter: QPainter) -> None:
        """Paint the picture; subclasses paint more over it."""
        self._renderer.render(painter, self.area)

    def _page(self) -> QRectF:
        return self._renderer.viewBoxF()

    @property
    def area(self) -> QRectF:
        """Where the picture goes, in pixels."""
        if self._area is None:
            self._area = self._fitted()
        return self._area

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the picture anew."""
        self._area = None
        super().resizeEvent(event)

    def _fitted(self) -> QRectF:
        page = self._page()
        if page.isEmpty():
            return QRectF(self.rect())
        scale = min(self.width() / page.width(), self.height() / page.height(), LARGEST_SCALE)
        width, height = page.width() * scale, page.height() * scale
        return QRectF((self.width() - width) / 2, (self.height() - height) / 2, width, height)
