"""Waveforms that leave the window: as a table and as a picture."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from arcs_engine.analysis import design_file
from arcs_gui.ports import Background
from arcs_gui.presenters.messages import MessageView, report, report_file
from arcs_gui.presenters.waveforms.viewer import Viewer


class PictureView(Protocol):
    """Can be photographed."""

    def picture(self) -> Callable[[], bytes]:
        """Take a picture now; what is returned encodes it as PNG, in any thread."""


class WaveformExport:
    """Writes files in the background, whole or not at all."""

    def __init__(
        self, viewer: Viewer, view: PictureView, background: Background, messages: MessageView
    ) -> None:
        self._viewer = viewer
        self._view = view
        self._background = background
        self._messages = messages

    def write(self, path: Path, kind: str) -> None:
        """Write the shown curves as ``csv``, or the panel as ``png``."""
        content = self._view.picture() if kind == "png" else self._table()
        if content is None:
            self._messages.set_status("There are no waveforms to export yet.")
            return

        def done(_: None) -> None:
            report_file(self._messages, "Waveforms", path)

        self._background.run(
            "files",
            lambda _: design_file.write(path, content()),
            done=done,
            failed=lambda error: report(self._messages, "Exporting the waveforms", error),
        )

    def _table(self) -> Callable[[], bytes] | None:
        text = self._viewer.csv()
        return None if text is None else lambda: text().encode()
