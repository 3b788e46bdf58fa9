"""What the window remembers from one start to the next."""

from dataclasses import replace

import msgspec
from PySide6.QtCore import QByteArray, QSettings

from arcs_engine.circuits.spec import HIGHEST_WEIGHT
from arcs_gui.presenters.spec.form import EXAMPLES, FormTexts
from arcs_gui.theme.apply import Choice
from arcs_gui.views.dock_shares import Share, Shares

_CHOICES: tuple[Choice, ...] = ("system", "light", "dark")


class Remembered:
    """The window's settings; what cannot be read is as if it had never been stored."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    @property
    def theme(self) -> Choice:
        """The user's theme."""
        stored = self._settings.value("theme")
        return next((choice for choice in _CHOICES if choice == stored), "system")

    @theme.setter
    def theme(self, choice: Choice) -> None:
        self._settings.setValue("theme", choice)

    @property
    def form(self) -> FormTexts:
        """The spec form as it was left; the first example at the first start."""
        stored = self._settings.value("form")
        try:
            texts = msgspec.json.decode(str(stored), type=FormTexts)
        except msgspec.DecodeError:
            return EXAMPLES[0].texts
        # The slider went to 1 in earlier versions.
        return replace(texts, weight=min(texts.weight, HIGHEST_WEIGHT))

    @form.setter
    def form(self, texts: FormTexts) -> None:
        self._settings.setValue("form", msgspec.json.encode(texts).decode())

    @property
    def shares(self) -> Shares:
        """The docks' shares of the window as the user left them; empty at the first start."""
        stored = self._settings.value("shares")
        try:
            return msgspec.json.decode(str(stored), type=dict[str, Share])
        except msgspec.MsgspecError:
            return {}

    @shares.setter
    def shares(self, shares: Shares) -> None:
        self._settings.setValue("shares", msgspec.json.encode(shares).decode())

    def bytes(self, name: str) -> QByteArray:
        """Return a window geometry or dock layout; empty when there is none."""
        stored = self._settings.value(name)
        return stored if isinstance(stored, QByteArray) else QByteArray()

    def set_bytes(self, name: str, content: QByteArray) -> None:
        """Store a window geometry or dock layout."""
        self._settings.setValue(name, content)
