"""Loss against volume: each design a point that can be picked."""

import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from arcs_gui.presenters.designs.comparison import LOSS, VOLUME, Point, point_labels
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
from arcs_gui.widgets.or_empty import OrEmpty

_SIZE = 13
_ROOM = 0.12
"""Free space around the points, of the whole, so that their labels are not cut off."""
_LEGEND = (
    "Mean loss: of full and quarter load. Lower left is better; 0 is the textbook design. Filled: "
    "meets the spec; ringed: none is better in both; cross: fails; square: selected."
)


class ParetoPanel(QWidget):
    """The plane of loss and volume; `picked` carries a design's key."""

    picked = Signal(int)

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._points: tuple[Point, ...] = ()
        self._selected: int | None = None
        self._seen = False
        self._refit = False
        self._texts: list[pg.TextItem] = []
        self.plot = plotting.plot_widget(
            "Loss against volume",
            (VOLUME.title, VOLUME.unit),
            (LOSS.title, LOSS.unit),
            palette,
        )
        self.scatter = pg.ScatterPlotItem(hoverable=True, tip=self._tip, pxMode=True)
        self.scatter.sigClicked.connect(self._on_click)
        item = self.plot.getPlotItem()
        item.setDownsampling(auto=False)
        item.vb.setDefaultPadding(_ROOM)
        item.addItem(self.scatter)
        legend = QLabel(_LEGEND)
        legend.setProperty("role", "muted")
        legend.setWordWrap(True)
        legend.setMargin(4)
        content = QWidget()
        rows = QVBoxLayout(content)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addWidget(self.plot, 1)
        rows.addWidget(legend)
        self.stack = OrEmpty(
            content, "Loss against volume of every design appears here after a proposal."
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self.set_palette(palette)

    def set_points(self, points: tuple[Point, ...], selected: int | None) -> None:
        """Replace the points; the one of the key `selected` is marked."""
        if (points, selected) == (self._points, self._selected):
            return
        # Tuning moves one point; where more are elsewhere, it is another shortlist.
        self._refit |= len(_places(points) - _places(self._points)) > 1
        self._points, self._selected = points, selected
        self.stack.set_filled(bool(points))
        self._draw()

    def set_seen(self, seen: bool) -> None:
        """Hear whether the panel is looked at; only then it is drawn."""
        self._seen = seen
        self._draw()

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        self.plot.setBackground(palette.surface)
        plotting.paint(self.plot.getPlotItem(), palette)
        self._draw()

    def _draw(self) -> None:
        if not self._seen:
            return
        self.scatter.setData([self._spot(point) for point in self._points])
        item = self.plot.getPlotItem()
        labels = point_labels(self._points)
        while len(self._texts) > len(labels):
            item.removeItem(self._texts.pop())
        while len(self._texts) < len(labels):
            self._texts.append(pg.TextItem(anchor=(-0.25, 0.8)))
            item.addItem(self._texts[-1], ignoreBounds=True)
        for text, label in zip(self._texts, labels, strict=True):
            text.setText(label.text, color=QColor(self._palette.text))
            text.setPos(label.volume, label.loss)
        plotting.stay_near(item)
        if self._refit:
            self._refit = False
            item.enableAutoRange()

    def _spot(self, point: Point) -> dict[str, object]:
        palette = self._palette
        picked = point.key == self._selected
        colour = palette.accent if point.meets else palette.bad
        ring = palette.text if point.best else colour
        symbol = "s" if picked else "o" if point.meets else "x"
        return {
            "pos": (point.volume, point.loss),
            "symbol": symbol,
            "size": _SIZE + 4 if picked else _SIZE,
            "pen": pg.mkPen(ring, width=2),
            "brush": pg.mkBrush(colour),
            "data": point.key,
        }

    def _tip(self, x: float, y: float, data: int) -> str:
        return next((point.tip for point in self._points if point.key == data), "")

    def _on_click(self, _: object, spots: object, event: object) -> None:
        keys = [int(spot.data()) for spot in spots]  # type: ignore[attr-defined]
        if keys:
            self.picked.emit(keys[0])


def _places(points: tuple[Point, ...]) -> set[tuple[int, float, float]]:
    """Return where each design stands."""
    return {(point.key, point.volume, point.loss) for point in points}
