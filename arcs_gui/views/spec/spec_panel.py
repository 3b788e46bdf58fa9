"""The spec panel: what the supply must do, and the button that proposes."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
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

from arcs_engine.circuits.spec import DEFAULT_WEIGHT, HIGHEST_WEIGHT
from arcs_gui.presenters.spec.form import TITLES, Example, FormTexts, stepped
from arcs_gui.theme.apply import tabular
from arcs_gui.widgets.fold import Fold
from arcs_gui.widgets.quantity_field import LABEL_WIDTH, QuantityField
from arcs_gui.widgets.restyle import set_property

_FIELDS: dict[str, tuple[str, str]] = {
    "vin": ("12 ± 10%", "Input voltage with its range: 12 ± 10%, 9-36 or 9..12..36."),
    "vin_min": ("from Vin", "Lowest input voltage, unless Vin has a range."),
    "vin_max": ("from Vin", "Highest input voltage, unless Vin has a range."),
    "vout": ("5 V", "Output voltage as a magnitude, for inverting outputs too."),
    "iout": ("2 A", "Full-load output current."),
    "fsw": ("300 kHz", "Switching frequency."),
    "ripple": (
        "1 %",
        "Allowed ripple of Vout, peak to peak, 20 MHz bandwidth: 1 % or 50 mV.",
    ),
    "load_step": (
        "50 % to 100 %",
        "Loads between which the load jumps, both ways: 50 % to 100 %, or 1..2 A.",
    ),
    "deviation": (
        "5 %",
        "How far Vout may deviate at the load step, in either direction: 5 %, 100 mV or none.",
    ),
    "efficiency": ("optional", "Desired efficiency with all losses, such as 90 %."),
}
_MORE: dict[str, tuple[str, str]] = {
    "ambient": ("40 °C", "Temperature of the air round the board, which heats every part."),
    "ripple_current": (
        "custom",
        "Largest ripple of the main inductor's current over its largest mean, such as 50 %; "
        "empty for the topology's custom, none for no limit.",
    ),
    "longest_duty": (
        "custom",
        "Largest duty at the lowest input and full load, such as 50 %; empty for the topology's "
        "custom, none for no limit.",
    ),
}
"""Fields that seldom differ from what they are at first."""

_PLAIN = ("", "Standard")
_POLARITIES = (("positive", "Positive"), ("negative", "Negative"), ("any", "Any"))
_SLIDER_STEPS = 20
"""Of the slider, were it to go to 1."""

LEAST_WIDTH = 240
"""Pixels in which the values of the fields can still be read beside their names."""

SETTLING_MS = 400
"""Time without a change after which the form is taken to be what the user means."""


class SpecPanel(QWidget):
    """The form.

    `propose_requested` and `changed` carry the texts of the form; `settled` comes when it has not
    changed for a while, and says also whether a new proposal is wished then; `reweighed` carries
    the slider, 0 to `HIGHEST_WEIGHT`.
    """

    propose_requested = Signal(object)
    cancel_requested = Signal()
    changed = Signal(object)
    settled = Signal(object, bool)
    reweighed = Signal(float)

    def __init__(
        self,
        topologies: tuple[tuple[str, str, str], ...],
        variants: Mapping[str, tuple[tuple[str, str], ...]],
        examples: tuple[Example, ...],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._filling = False
        self._variants = variants
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLING_MS)
        self._settling.timeout.connect(self._on_settled)
        self.topology = _choice("Topology", [(name, title) for name, title, _ in topologies])
        for row, (_, _, hint) in enumerate(topologies):
            self.topology.setItemData(row, hint, Qt.ItemDataRole.ToolTipRole)
        self.polarity = _choice("Output polarity", _POLARITIES)
        self.polarity.setToolTip("The sign of the output that Auto may choose.")
        self.variant = _choice("Variant", (_PLAIN,))
        self.variant.setToolTip(
            "A variant of the topology: another rectifier, or inductors on one core."
        )
        self.isolated = QCheckBox("Isolated output")
        self.isolated.setToolTip("Auto chooses only topologies with a transformer.")
        self.fields = {
            name: QuantityField(TITLES[name], placeholder, explanation)
            for name, (placeholder, explanation) in (_FIELDS | _MORE).items()
        }
        self.more = Fold("More", "Ambient temperature, and what customs limit.")
        self._topology_message = QLabel()
        self._topology_message.setWordWrap(True)
        self._topology_message.hide()
        self.weight = self._slider()
        self.traded_volume = _traded("Volume of the selected design's parts, with their keep-outs.")
        self.traded_loss = _traded(
            "Mean of the selected design's losses at full and at quarter load, each of its output "
            "power."
        )
        self.examples = self._examples(examples)
        self.propose_button = QPushButton("Propose")
        self.propose_button.setObjectName("primary")
        self.propose_button.setToolTip("Propose designs (Ctrl+Return)")
        self.cancel_button = QPushButton("Cancel")
        self.cancel_button.setToolTip("Stop the proposal (Esc)")
        self.live = QCheckBox("Propose while typing")
        self.live.setToolTip("Propose again shortly after your last change.")
        self.live.setChecked(True)
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
            variant=self.variant.currentData(),
            isolated=self.isolated.isChecked(),
            weight=self.weight.value() / _SLIDER_STEPS,
            **{name: field.text for name, field in self.fields.items()},
        )

    def set_texts(self, texts: FormTexts) -> None:
        """Fill the form; that alone proposes nothing."""
        self._filling = True
        _select(self.topology, texts.topology)
        _select(self.polarity, texts.polarity)
        self._offer_variants()
        _select(self.variant, texts.variant)
        self.isolated.setChecked(texts.isolated)
        self.weight.setValue(round(texts.weight * _SLIDER_STEPS))
        for name, field in self.fields.items():
            field.set_text(getattr(texts, name))
        if any(getattr(texts, name) != getattr(FormTexts(), name) for name in _MORE):
            self.more.open()
        self._filling = False
        self._on_change()
        self._settling.stop()

    def begin(self) -> None:
        """Let what is typed next be the input voltage: most supplies differ in it first."""
        edit = self.fields["vin"].edit
        edit.setFocus()
        edit.selectAll()

    def choose_topology(self, name: str) -> None:
        """Take a topology into the form, as the user would, and propose."""
        _select(self.topology, name)
        self.propose_button.click()

    def stop_settling(self) -> None:
        """Forget the last change: what it would lead to is under way, or no longer wanted."""
        self._settling.stop()

    def set_errors(self, messages: dict[str, str]) -> None:
        """Show a message under each field named; the texts stay."""
        for name, field in self.fields.items():
            field.set_error(messages.get(name, ""))
        if _MORE.keys() & messages.keys():
            self.more.open()
        others = [text for name, text in messages.items() if name not in self.fields]
        set_property(self._topology_message, "role", "error")
        self._topology_message.setText("\n".join(f"✗ {text}" for text in others))
        self._topology_message.setVisible(bool(others))

    def focus_on_error(self) -> None:
        """Bring the first field with a message to the user."""
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

    def set_traded(self, volume: str, loss: str) -> None:
        """Say what the slider trades, of the selected design; empty where that is not known."""
        self.traded_volume.setText(volume)
        self.traded_loss.setText(loss)

    def _slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setRange(0, round(HIGHEST_WEIGHT * _SLIDER_STEPS))
        slider.setValue(round(DEFAULT_WEIGHT * _SLIDER_STEPS))
        slider.setAccessibleName("Volume against loss")
        slider.setToolTip("The weight of the ranking: little volume (left) or little loss (right).")
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
            menu.addAction(_described(example)).triggered.connect(
                lambda _=False, texts=example.texts: self._take(texts)
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
        pairs = (
            start,
            ("Topology", self.topology),
            ("Variant", self.variant),
            ("Polarity", self.polarity),
        )
        for title, widget in pairs:
            label = QLabel(title)
            label.setFixedWidth(LABEL_WIDTH)
            label.setBuddy(widget)
            choices.addRow(label, widget)
        choices.addRow("", self.isolated)
        form.addLayout(choices)
        form.addWidget(self._topology_message)
        for name in _FIELDS:
            form.addWidget(self.fields[name])
        for name in _MORE:
            self.more.add(self.fields[name])
        form.addWidget(self.more)
        form.addLayout(self._slider_row())
        form.addStretch(1)
        content = QWidget()
        content.setLayout(form)
        scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(LEAST_WIDTH)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(scroll, 1)
        outer.addLayout(self._action_rows())

    def _slider_row(self) -> QVBoxLayout:
        ends = QHBoxLayout()
        small, efficient = QLabel("small"), QLabel("efficient")
        for label in (small, efficient):
            label.setProperty("role", "muted")
        ends.addWidget(small)
        ends.addStretch(1)
        ends.addWidget(efficient)
        rows = QVBoxLayout()
        rows.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(QLabel("Rank for"))
        head.addStretch(1)
        head.addWidget(self.traded_volume)
        head.addWidget(self.traded_loss)
        rows.addLayout(head)
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
        rows.addWidget(self.live)
        rows.addWidget(self.progress)
        rows.addWidget(self.progress_text)
        return rows

    def _connect(self) -> None:
        self.propose_button.clicked.connect(self._on_propose)
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.topology.currentIndexChanged.connect(self._offer_variants)
        for box in (self.topology, self.polarity, self.variant):
            box.currentIndexChanged.connect(self._on_change)
        self.isolated.toggled.connect(self._on_change)
        self.weight.valueChanged.connect(self._on_weight)
        self.live.toggled.connect(self._settling.stop)
        for field in self.fields.values():
            field.edited.connect(self._on_change)
            field.edit.returnPressed.connect(self.propose_button.click)
            field.edit.stepped.connect(partial(self._on_step, field))

    def _take(self, texts: FormTexts) -> None:
        """Fill the form as the user would."""
        self.set_texts(texts)
        self._settling.start()

    def _on_propose(self) -> None:
        self._settling.stop()
        self.propose_requested.emit(self.texts)

    def _on_step(self, field: QuantityField, steps: int) -> None:
        text = stepped(field.text, field.edit.cursorPosition(), steps)
        if text != field.text:
            field.replace_text(text)

    def _on_weight(self) -> None:
        if not self._filling:
            self.reweighed.emit(self.weight.value() / _SLIDER_STEPS)
            self._on_change()

    def _on_change(self) -> None:
        auto = self.topology.currentIndex() == 0
        self.polarity.setEnabled(auto)
        self.isolated.setEnabled(auto)
        if not self._filling:
            self.changed.emit(self.texts)
            self._settling.start()

    def _on_settled(self) -> None:
        self.settled.emit(self.texts, self.live.isChecked())

    def _offer_variants(self) -> None:
        offered = (_PLAIN, *self._variants.get(self.topology.currentData(), ()))
        chosen = self.variant.currentData()
        filling, self._filling = self._filling, True
        self.variant.clear()
        for value, title in offered:
            self.variant.addItem(title, value)
        _select(self.variant, chosen)
        self.variant.setEnabled(len(offered) > 1)
        self._filling = filling


def _traded(meaning: str) -> QLabel:
    """Return a label beside the slider, for one of the two things that it trades."""
    label = QLabel()
    label.setProperty("role", "muted")
    label.setFont(tabular(label.font()))
    label.setToolTip(meaning)
    return label


def _described(example: Example) -> str:
    """Return a menu line: what it is, and where it was published in the right column."""
    return f"{example.title}\t{example.source}" if example.source else example.title


def _choice(name: str, options: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    # A long title does not widen the panel.
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    box.setMinimumContentsLength(8)
    for value, title in options:
        box.addItem(title, value)
    return box


def _select(box: QComboBox, value: str) -> None:
    box.setCurrentIndex(max(0, box.findData(value)))
