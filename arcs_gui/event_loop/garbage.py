"""Python's garbage, collected between two events of the window."""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

from arcs_gui.event_loop.allocator import give_back_what_is_freed

EVERY_MS = 1_000
"""How often young garbage is looked for."""

OLD_AFTER = 30
"""How many looks at the young go before one at everything."""


class Garbage(QObject):
    """Collects cycles in the window's thread; while it does, Python does not by itself.

    By itself, Python collects in whichever thread allocates, whenever it likes, and all threads
    stand still meanwhile. And what belongs to Qt must not be destroyed in another thread than its
    own.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._looks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.collect)

    def start(self) -> None:
        """Collect from now on."""
        give_back_what_is_freed()
        gc.disable()
        self._timer.start()

    def spare(self) -> None:
        """Never look again at what is there now, modules above all."""
        if self._timer.isActive():
            gc.freeze()

    def stop(self) -> None:
        """Leave the collecting to Python again."""
        if self._timer.isActive():
            self._timer.stop()
            gc.unfreeze()
            gc.enable()

    @Slot()
    def collect(self) -> None:
        """Collect what is young, and now and then everything that is not spared."""
        self._looks += 1
        gc.collect(2 if self._looks % OLD_AFTER == 0 else 1)
