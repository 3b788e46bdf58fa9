"""A picture that keeps its proportions, stays crisp at any size, and can be looked at closely."""

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

LARGEST_SCALE = 2.0
"""Pixels per SVG point beyond which the picture would look coarse beside the text around it."""

LARGEST_ZOOM = 8.0
"""How much larger than fitted the picture may be looked at."""


_MIDDLE = QPointF(0.5, 0.5)


class SvgView(QWidget):
    """Paints an SVG document in its middle; `zoom` 1 is the whole picture.

    A part of the picture that is looked at closely stays in view when the widget is resized and
    when the picture is drawn anew; a picture of another shape is shown whole.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._renderer = QSvgRenderer(self)
        self._document = ""
        self._area: QRectF | None = None
        self._zoom = 1.0
        self._middle = _MIDDLE

    @property
    def document(self) -> str:
        """The SVG that is shown; empty when there is none."""
        return self._document

    def set_document(self, svg: str) -> None:
        """Show another picture."""
        before = self._page()
        self._document = svg
        self._renderer.load(svg.encode())
        self._area = None
        if self._page() != before:
            self.fit()
        self.update()

    @property
    def zoom(self) -> float:
        """How much larger than fitted the picture is, 1 to `LARGEST_ZOOM`."""
        return self._zoom

    def fit(self) -> None:
        """Show the whole picture."""
        self._look_at(1.0, _MIDDLE)

    def zoom_at(self, place: QPointF, factor: float) -> None:
        """Look closer, or less closely, at what is at a place of this widget; it stays there."""
        zoom = min(max(self._zoom * factor, 1.0), LARGEST_ZOOM)
        grown = zoom / self._zoom
        middle = QRectF(self.rect()).center()
        self._look_at(zoom, self._share_of(place + (middle - place) / grown))

    def pan(self, way: QPointF) -> None:
        """Move the picture, where it is larger than the widget, pixels."""
        self._look_at(self._zoom, self._share_of(QRectF(self.rect()).center() - way))

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
        """Leave room for something that can be recognized."""
        return QSize(96, 60)

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
            self._area = self._placed()
        return self._area

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the picture anew."""
        self._area = None
        super().resizeEvent(event)

    def _look_at(self, zoom: float, middle: QPointF) -> None:
        """Show the picture so large, with that share of it in the middle of this widget."""
        self._zoom, self._middle = zoom, middle
        self._area = None
        # The share that is in the middle indeed: the picture has no more to show at its edges.
        self._middle = self._share_of(QRectF(self.rect()).center())
        self.update()

    def _share_of(self, place: QPointF) -> QPointF:
        """Return how far right and down in the picture a place of this widget is, as shares."""
        area = self.area
        if area.isEmpty():
            return _MIDDLE
        away = place - area.topLeft()
        return QPointF(away.x() / area.width(), away.y() / area.height())

    def _placed(self) -> QRectF:
        page = self._page()
        if page.isEmpty():
            return QRectF(self.rect())
        fitted = min(self.width() / page.width(), self.height() / page.height(), LARGEST_SCALE)
        width, height = (size * fitted * self._zoom for size in (page.width(), page.height()))
        left = _edge(self.width(), width, self._middle.x())
        top = _edge(self.height(), height, self._middle.y())
        return QRectF(left, top, width, height)


def _edge(room: float, size: float, share: float) -> float:
    """Return where a picture begins, of which that share shall be in the middle of the room.

    A picture that is larger than the room fills it; a smaller one stands in its middle.
    """
    if size <= room:
        return (room - size) / 2
    return min(max(room / 2 - share * size, room - size), 0.0)
