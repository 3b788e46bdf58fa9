"""The spec panel: what the supply must do, and the button that proposes."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from arcs_gui.presenters.spec_form import Example, FormTexts
from arcs_gui.widgets.quantity_field import LABEL_WIDTH, QuantityField
from arcs_gui.widgets.restyle import set_property

_FIELDS: tuple[tuple[str, str, str, str], ...] = (
    ("vin", "Vin", "12 ± 10%", "Input voltage with its range: 12 ± 10%, 9..36 or 9..12..36."),
    ("vin_min", "Vin min", "from Vin", "Lowest input voltage, if not given with Vin."),
    ("vin_max", "Vin max", "from Vin", "Highest input voltage, if not given with Vin."),
    ("vout", "Vout", "5 V", "Output voltage as a magnitude, for inverting outputs too."),
    ("iout", "Iout", "2 A", "Full-load output current."),
    ("fsw", "fsw", "300 kHz", "Switching frequency."),
    ("ripple", "Ripple", "1 %", "Allowed peak-to-peak output ripple, of Vout, 20 MHz bandwidth."),
    ("efficiency", "Efficiency", "no wish", "Wished efficiency with all losses, such as 90 %."),
)
_POLARITIES = (("positive", "Positive"), ("negative", "Negative"), ("any", "Any"))
_SLIDER_STEPS = 20


class SpecPanel(QWidget):
    """The form.

    `propose_requested` and `changed` carry the texts of the form.
    """

    propose_requested = Signal(object)
    cancel_requested = Signal()
    changed = Signal(object)

    def __init__(
        self,
        topologies: tuple[tuple[str, str, str], ...],
        examples: tuple[Example, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._filling = False
        self.topology = _choice("Topology", [(name, title) for name, title, _ in topologies])
        for row, (_, _, hint) in enumerate(topologies):
            self.topology.setItemData(row, hint, Qt.ItemDataRole.ToolTipRole)
        self.polarity = _choice("Output polarity", _POLARITIES)
        self.polarity.setToolTip("Which sign of output Auto may choose.")
        self.fields = {
            name: QuantityField(title, placeholder, explanation)
            for name, title, placeholder, explanation in _FIELDS
        }
        self._topology_message = QLabel()
        self._topology_message.setWordWrap(True)
        self._topology_message.hide()
        self.weight = self._slider()
        self.examples = self._examples(examples)
        self.propose_button = QPushButton("Propose")
        self.propose_button.setObjectName("primary")
        self.propose_button.setToolTip("Propose designs (Ctrl+Return)")
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setToolTip("Drop the proposal under way (Esc)")
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Progress of the proposal")
        self.progress_text = QLabel()
        self.progress_text.setProperty("role", "muted")
        self._lay_out()
        self._connect()
        self.set_busy(False)

    @property
    def texts(self) -> FormTexts:
        """The form as it stands."""
        return FormTexts(
            topology=self.topology.currentData(),
            polarity=self.polarity.currentData(),
            weight=self.weight.value() / _SLIDER_STEPS,
            **{name: field.text for name, field in self.fields.items()},
        )

    def set_texts(self, texts: FormTexts) -> None:
        """Fill the form."""
        self._filling = True
        _select(self.topology, texts.topology)
        _select(self.polarity, texts.polarity)
        self.weight.setValue(round(texts.weight * _SLIDER_STEPS))
        for name, field in self.fields.items():
            field.set_text(getattr(texts, name))
        self._filling = False
        self._on_change()

    def set_errors(self, messages: dict[str, str]) -> None:
        """Show a message under each field named; the texts stay."""
        for name, field in self.fields.items():
            field.set_error(messages.get(name, ""))
        others = [text for name, text in messages.items() if name not in self.fields]
        set_property(self._topology_message, "role", "error")
        self._topology_message.setText("\n".join(f"✗ {text}" for text in others))
        self._topology_message.setVisible(bool(others))
        for field in self.fields.values():
            if field.has_error:
                field.edit.setFocus()
                break

    def set_hints(self, messages: dict[str, str]) -> None:
        """Show what was understood under each field named."""
        for name, field in self.fields.items():
            field.set_hint(messages.get(name, ""))

    def set_busy(self, busy: bool) -> None:
        """Say whether a proposal is under way."""
        self.cancel_button.setEnabled(busy)
        if not busy:
            self.set_progress(0.0, "")

    def set_progress(self, fraction: float, text: str) -> None:
        """Show how far the proposal is."""
        self.progress.setValue(round(fraction * 1000))
        self.progress_text.setText(text)

    def _slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, _SLIDER_STEPS)
        slider.setValue(_SLIDER_STEPS // 2)
        slider.setAccessibleName("Size against efficiency")
        slider.setToolTip("What the ranking weighs: small parts (left) or small losses (right).")
        return slider

    def _examples(self, examples: tuple[Example, ...]) -> QToolButton:
        button = QToolButton()
        button.setText("an example")
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setAccessibleName("Examples")
        button.setToolTip("Fill the form with an example")
        menu = QMenu(button)
        for example in examples:
            menu.addAction(example.title).triggered.connect(
                lambda _=False, texts=example.texts: self.set_texts(texts)
            )
        button.setMenu(menu)
        return button

    def _lay_out(self) -> None:
        form = QVBoxLayout()
        form.setContentsMargins(8, 8, 8, 8)
        form.setSpacing(8)
        choices = QFormLayout()
        choices.setContentsMargins(0, 0, 0, 0)
        choices.setSpacing(8)
        start: tuple[str, QWidget] = ("Start from", self.examples)
        for title, widget in (start, ("Topology", self.topology), ("Polarity", self.polarity)):
            label = QLabel(title)
            label.setFixedWidth(LABEL_WIDTH)
            label.setBuddy(widget)
            choices.addRow(label, widget)
        form.addLayout(choices)
        form.addWidget(self._topology_message)
        for field in self.fields.values():
            form.addWidget(field)
        form.addLayout(self._slider_row())
        form.addStretch(1)
        content = QWidget()
        content.setLayout(form)
        scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        outer.addLayout(self._action_rows())

    def _slider_row(self) -> QVBoxLayout:
        ends = QHBoxLayout()
        smaller, efficient = QLabel("smaller"), QLabel("more efficient")
        for label in (smaller, efficient):
            label.setProperty("role", "muted")
        ends.addWidget(smaller)
        ends.addStretch(1)
        ends.addWidget(efficient)
        rows = QVBoxLayout()
        rows.setSpacing(2)
        rows.addWidget(QLabel("Rank for"))
        rows.addWidget(self.weight)
        rows.addLayout(ends)
        return rows

    def _action_rows(self) -> QVBoxLayout:
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.propose_button, 1)
        buttons.addWidget(self.cancel_button)
        rows = QVBoxLayout()
        rows.setContentsMargins(8, 8, 8, 8)
        rows.setSpacing(4)
        rows.addLayout(buttons)
        rows.addWidget(self.progress)
        rows.addWidget(self.progress_text)
        return rows

    def _connect(self) -> None:
        self.propose_button.clicked.connect(lambda: self.propose_requested.emit(self.texts))
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.topology.currentIndexChanged.connect(self._on_change)
        self.polarity.currentIndexChanged.connect(self._on_change)
        for field in self.fields.values():
            field.edited.connect(self._on_change)
            field.edit.returnPressed.connect(self.propose_button.click)

    def _on_change(self) -> None:
        self.polarity.setEnabled(self.topology.currentIndex() == 0)
        if not self._filling:
            self.changed.emit(self.texts)


def _choice(name: str, options: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    for value, title in options:
        box.addItem(title, value)
    return box


def _select(box: QComboBox, value: str) -> None:
    box.setCurrentIndex(max(0, box.findData(value)))
