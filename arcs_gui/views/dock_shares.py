"""Docks that keep their share of the window, whatever size it has."""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar

_Part = Annotated[float, msgspec.Meta(gt=0, lt=1)]
_CHILDREN_ALONE = Qt.FindChildOption.FindDirectChildrenOnly
_SIDES = Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea


class Share(msgspec.Struct, frozen=True):
    """Width and height of a dock as parts of the window's, 0..1; None leaves it to Qt."""

    width: _Part | None = None
    height: _Part | None = None


Shares = Mapping[str, Share]
"""By title of the dock."""


class DockShares(QObject):
    """Gives the docks of a window their shares when it is resized; the user changes the shares.

    Qt gives all that a window gains to its middle, so that docks that a small window has squeezed
    would stay so.
    """

    def __init__(
        self, window: QMainWindow, docks: Mapping[str, QDockWidget], shares: Shares
    ) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._shares = dict(shares)
        self._pressed: dict[str, Share] = {}
        window.installEventFilter(self)

    @property
    def shares(self) -> Shares:
        """The shares of the docks as the user has them."""
        return self._shares

    def set_shares(self, shares: Shares) -> None:
        """Give the docks these shares; those without one keep theirs."""
        self._shares |= shares
        self._apply()

    def eventFilter(self, _: QObject, event: QEvent) -> bool:
        """Follow the window's size, and the user's hand on what separates the docks."""
        match event.type():
            case QEvent.Type.Resize | QEvent.Type.Show:
                self._apply()
            case QEvent.Type.MouseButtonPress:
                self._pressed = self._measured()
            case QEvent.Type.MouseButtonRelease:
                QTimer.singleShot(0, self, self._note_what_was_moved)
        return False

    def _apply(self) -> None:
        widths, heights = {}, {}
        room = self._room_beside_the_unyielding()
        for name, dock in self._standing().items():
            share = self._shares[name]
            if share.width is not None:
                widths[dock] = round(share.width * room)
            if share.height is not None:
                heights[dock] = round(share.height * self._window.height())
        for sizes, along in (
            (widths, Qt.Orientation.Horizontal),
            (heights, Qt.Orientation.Vertical),
        ):
            self._window.resizeDocks(list(sizes), list(sizes.values()), along)

    def _standing(self) -> dict[str, QDockWidget]:
        """Return the docks that have a share of the window now, also those behind others."""
        return {
            name: dock
            for name, dock in self._docks.items()
            if not dock.isFloating() and not dock.isHidden() and name in self._shares
        }

    def _room_beside_the_unyielding(self) -> float:
        """Return the width that is shared, pixels.

        What a side takes beyond its share, because it needs that, is missing for the other side
        and the middle alike.
        """
        width, standing = self._window.width(), self._standing()
        shared, taken, room = 1.0, 0, float(width)
        for side in (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea):
            docks = {n: d for n, d in standing.items() if self._window.dockWidgetArea(d) == side}
            share = max((self._shares[name].width or 0.0 for name in docks), default=0.0)
            least = max((dock.minimumSizeHint().width() for dock in docks.values()), default=0)
            if least > share * room and share < shared:
                shared, taken = shared - share, taken + least
                room = (width - taken) / shared
        return max(room, 0.0)

    def _note_what_was_moved(self) -> None:
        before, self._pressed = self._pressed, {}
        for name, share in self._measured().items():
            if before.get(name, share) != share:
                behind = self._window.tabifiedDockWidgets(self._docks[name])
                for dock in (self._docks[name], *behind):
                    self._shares[dock.windowTitle()] = share

    def _measured(self) -> dict[str, Share]:
        """Return the shares of the docks that are seen now, with their tabs."""
        room, height = self._room_beside_the_unyielding(), self._window.height()
        tabs = self._window.findChildren(QTabBar, options=_CHILDREN_ALONE)
        of_tabs = {bar.tabText(bar.currentIndex()): bar.height() for bar in tabs if bar.isVisible()}
        seen = {
            name: dock
            for name, dock in self._docks.items()
            if not dock.isFloating() and not dock.visibleRegion().isEmpty()
        }
        areas = [self._window.dockWidgetArea(dock) for dock in seen.values()]
        found = {}
        for (name, dock), area in zip(seen.items(), areas, strict=True):
            # Alone at a side a dock is as high as there is room, at the bottom as wide.
            at_side = bool(area & _SIDES)
            alone = areas.count(area) == 1
            found[name] = Share(
                width=dock.width() / room if at_side else None,
                height=None
                if at_side and alone
                else (dock.height() + of_tabs.get(name, 0)) / height,
            )
        return found
