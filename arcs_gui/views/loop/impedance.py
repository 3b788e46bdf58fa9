"""Output impedance of a design, its voltage loop open and closed."""

from PySide6.QtWidgets import QWidget

from arcs_gui.presenters.loop.plots import ImpedancePlot
from arcs_gui.theme.palette import Palette
from arcs_gui.widgets import plotting
from arcs_gui.widgets.named_lines import NamedLines, Stroke
from arcs_gui.widgets.pages import remark, stack


class ImpedancePage(QWidget):
    """Both impedances over frequency, on logarithmic axes."""

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette = palette
        self._shown: ImpedancePlot | None = None
        self.plot = plotting.plot_widget(
            "Output impedance", ("Frequency", "Hz"), ("Output impedance", "Ω"), palette
        )
        item = self.plot.getPlotItem()
        item.setLogMode(x=True, y=True)
        item.addLegend(offset=(-8, -8))
        self._lines = NamedLines(item)
        self.remark = remark()
        stack(self, self.remark, self.plot, growing=self.plot)

    def set_plot(self, shown: ImpedancePlot | None) -> None:
        """Replace the lines; None takes them away."""
        first = self._shown is None
        self._shown = shown
        self._draw()
        if shown is not None:
            item = self.plot.getPlotItem()
            plotting.stay_near(item)
            if first:
                item.enableAutoRange()

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        self._palette = palette
        plotting.repaint(self.plot, palette)
        self._draw()

    def _draw(self) -> None:
        shown, palette = self._shown, self._palette
        self.remark.setText("" if shown is None else shown.remark)
        if shown is None:
            self._lines.show({}, palette)
            return
        open_loop, closed_loop = shown.open_loop, shown.closed_loop
        strokes = {
            open_loop.label: Stroke(open_loop.x, open_loop.y, palette.inductor_current),
            closed_loop.label: Stroke(closed_loop.x, closed_loop.y, palette.vout),
        }
        self._lines.show(strokes, palette)
