"""The loop of a design: what is chosen, its parts and verdict, and its plots."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from arcs_gui.presenters.cells import Cell
from arcs_gui.presenters.loop.loop import LoopPlots, Tab
from arcs_gui.presenters.loop.plots import StepPlot
from arcs_gui.presenters.loop.verdict import CORNER_COLUMNS, Verdict
from arcs_gui.presenters.loop.wishes import Choices, PartLine, Wishes
from arcs_gui.theme.palette import Palette
from arcs_gui.views.designs.cell_table import CellTable
from arcs_gui.views.loop.bode import BodePage
from arcs_gui.views.loop.impedance import ImpedancePage
from arcs_gui.views.loop.load_step import LoadStepPage
from arcs_gui.views.loop.nyquist import NyquistPage
from arcs_gui.views.loop.parts import PartsPanel
from arcs_gui.views.loop.settings import LoopSettings
from arcs_gui.widgets.or_empty import OrEmpty
from arcs_gui.widgets.pages import remark
from arcs_gui.widgets.restyle import set_property

TABS: tuple[tuple[Tab, str, str], ...] = (
    ("bode", "Bode", "Gain and phase of the loop, with its margins"),
    ("nyquist", "Nyquist", "The sampled loop gain, and how near it comes to −1"),
    ("impedance", "Output impedance", "With the voltage loop open and closed"),
    ("step", "Load step", "The output when the load steps, with the loop closed"),
    ("corners", "Corners", "The margins at every corner"),
)

_ROLES = {"good": "good", "bad": "error", "muted": "muted", "plain": "plain"}

_COLUMN_WIDTH = 296
"""Of the column of verdict and parts, pixels."""


class LoopPanel(QWidget):
    """Signals carry what the user chose."""

    wishes_chosen = Signal(object)
    propose_wanted = Signal()
    stepped = Signal(str, int)
    typed = Signal(str, str)
    lock_wanted = Signal(str)
    tab_chosen = Signal(str)
    proof_wanted = Signal()
    overlay_chosen = Signal(Path)
    overlay_unwanted = Signal()

    def __init__(self, palette: Palette, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plots: LoopPlots | None = None
        self._rows: tuple[tuple[Cell, ...], ...] = ()
        self.caption, self.state = remark(), remark()
        self.caption.setWordWrap(False)
        self.settings = LoopSettings()
        self.title = QLabel()
        self.title.setMargin(4)
        self.sentences, self.facts = remark(), remark()
        set_property(self.sentences, "role", "plain")
        self.parts = PartsPanel()
        self.bode = BodePage(palette)
        self.nyquist = NyquistPage(palette)
        self.impedance = ImpedancePage(palette)
        self.load_step = LoadStepPage(palette)
        self.corners = CellTable(CORNER_COLUMNS, "Corners of the loop", palette)
        self.tabs = self._tabs()
        self.stack = OrEmpty(
            self._content(),
            "The control loop of the selected design appears here: its compensator, margins at "
            "every corner, output impedance and load step.",
        )
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)
        self._connect()
        self.set_palette(palette)

    def set_design(self, caption: str, offered: Choices | None) -> None:
        """Name the design, offer its choices and empty every page; None for no design."""
        self.caption.setText(caption)
        self.stack.set_filled(offered is not None)
        if offered is not None:
            self.settings.offer(offered)
        self.set_state("")
        self.set_parts(())
        self.set_verdict(Verdict(Cell(""), (), ""))
        self.set_plots(None)
        self.set_corners(())
        self.set_steps(None)

    def set_wishes(self, wishes: Wishes) -> None:
        """Write what is chosen."""
        self.settings.set_wishes(wishes)

    def set_wrong(self, sentence: str) -> None:
        """Complain about what was chosen or typed; an empty sentence takes it back."""
        self.settings.set_wrong(sentence)

    def set_state(self, text: str) -> None:
        """Say what is being worked out."""
        self.state.setText(text)

    def set_parts(self, lines: tuple[PartLine, ...]) -> None:
        """List the compensator's parts."""
        self.parts.set_parts(lines)

    def set_verdict(self, said: Verdict) -> None:
        """Say what the judge says."""
        self.title.setText(said.title.text)
        set_property(self.title, "role", _ROLES[said.title.tone])
        self.sentences.setText("\n\n".join(said.sentences))
        self.facts.setText(said.facts)

    def set_plots(self, plots: LoopPlots | None) -> None:
        """Draw the loop; None takes it away. A page that nobody looks at is drawn later."""
        self._plots = plots
        if plots is None:
            for page in (self.bode, self.nyquist, self.impedance):
                page.set_plot(None)
        self._fill()

    def set_corners(self, rows: tuple[tuple[Cell, ...], ...]) -> None:
        """Fill the table of corners, when somebody looks at it."""
        self._rows = rows
        self._fill()

    def set_measured(self, name: str) -> None:
        """Say which measured response lies over the plots; empty for none."""
        self.settings.set_measured(name)

    def set_steps(self, plot: StepPlot | None) -> None:
        """Draw the load step; None takes it away."""
        self.load_step.set_steps(plot)

    def set_step_state(self, text: str, *, can_prove: bool) -> None:
        """Say what is being worked out, and whether a proof may be asked."""
        self.load_step.set_state(text, can_prove=can_prove)

    def set_palette(self, palette: Palette) -> None:
        """Take the colours of another palette."""
        for page in (self.bode, self.nyquist, self.impedance, self.load_step, self.corners):
            page.set_palette(palette)

    def _fill(self) -> None:
        """Fill the page that is looked at."""
        plots, page = self._plots, self.tabs.currentWidget()
        if page is self.corners:
            self.corners.fill(self._rows)
        elif plots is not None and page is self.bode:
            self.bode.set_plot(plots.bode)
        elif plots is not None and page is self.nyquist:
            self.nyquist.set_plot(plots.nyquist)
        elif plots is not None and page is self.impedance:
            self.impedance.set_plot(plots.impedance)

    def _on_tab(self, index: int) -> None:
        self._fill()
        self.tab_chosen.emit(TABS[index][0])

    def _content(self) -> QWidget:
        content = QWidget()
        rows = QVBoxLayout(content)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        head = QHBoxLayout()
        head.setContentsMargins(4, 0, 4, 0)
        head.addWidget(self.caption)
        head.addWidget(self.state, 1)
        rows.addLayout(head)
        rows.addWidget(self.settings)
        body = QHBoxLayout()
        body.setSpacing(4)
        body.addWidget(self._column())
        body.addWidget(self.tabs, 1)
        rows.addLayout(body, 1)
        return content

    def _column(self) -> QScrollArea:
        """Return verdict over parts, which scroll where there is little room."""
        column = QWidget()
        rows = QVBoxLayout(column)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        for widget in (self.title, self.parts, self.sentences, self.facts):
            rows.addWidget(widget)
        rows.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFixedWidth(_COLUMN_WIDTH)
        area.setWidget(column)
        return area

    def _tabs(self) -> QTabWidget:
        tabs = QTabWidget()
        tabs.setAccessibleName("Views of the loop")
        tabs.setDocumentMode(True)
        tabs.tabBar().setDrawBase(False)
        pages: dict[Tab, QWidget] = {
            "bode": self.bode,
            "nyquist": self.nyquist,
            "impedance": self.impedance,
            "step": self.load_step,
            "corners": self.corners,
        }
        for name, title, tip in TABS:
            tabs.setTabToolTip(tabs.addTab(pages[name], title), tip)
        return tabs

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._on_tab)
        self.settings.chosen.connect(self.wishes_chosen)
        self.settings.propose_wanted.connect(self.propose_wanted)
        self.settings.overlay_chosen.connect(self.overlay_chosen)
        self.settings.overlay_unwanted.connect(self.overlay_unwanted)
        self.parts.stepped.connect(self.stepped)
        self.parts.typed.connect(self.typed)
        self.parts.lock_wanted.connect(self.lock_wanted)
        self.load_step.proof_wanted.connect(self.proof_wanted)
