"""The schematic of the selected design: laid out once per topology, its texts updated."""

from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from arcs_engine.circuits import label_room
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology
from arcs_engine.performance.candidate import Candidate
from arcs_gui.ports import Background, Engine, Ink, Sheet, TextbookDesign, Turns
from arcs_gui.presenters.generation import Generation
from arcs_gui.presenters.messages import MessageView, report


class SchematicView(Protocol):
    """Shows a schematic."""

    def set_sheet(self, sheet: Sheet) -> None:
        """Replace the picture; the texts stay."""

    def set_labels(self, lines: Mapping[str, tuple[str, ...]]) -> None:
        """Write these lines beside the parts, by name."""

    def set_selected(self, part: str) -> None:
        """Mark a part; none with an empty name."""


class Drawing:
    """Fetches sheets in the background and keeps the texts on them up to date."""

    def __init__(
        self,
        engine: Engine,
        background: Background,
        view: SchematicView,
        messages: MessageView,
        ink: Callable[[], Ink],
        turns: Turns,
    ) -> None:
        self._engine = engine
        self._background = background
        self._view = view
        self._messages = messages
        self._ink = ink
        self._turns = turns
        self._sheets = Generation()
        self._shown: tuple[Spec, Candidate | TextbookDesign] | None = None
        self._locks: Collection[str] = ()
        self._asked: tuple[str, Ink] | None = None
        self._on_paper: tuple[str, Ink] | None = None

    def show(
        self, spec: Spec, design: Candidate | TextbookDesign, locks: Collection[str] = ()
    ) -> None:
        """Show a design; one of the topology on the sheet has its texts changed at once."""
        self._locks = locks
        self._shown = (spec, design)
        if self._on_paper is not None and self._on_paper[0] == design.topology:
            self._turns.put("schematic", self._write)
        self.redraw()

    def redraw(self) -> None:
        """Draw in the colours in use, unless that is under way or done."""
        if self._shown is None:
            return
        wanted = (self._shown[1].topology, self._ink())
        if wanted == self._asked:
            return
        self._asked = wanted
        self._sheets.renew()
        current = self._sheets.only_current
        self._background.run(
            "solver",
            lambda _: self._engine.schematic(*wanted),
            done=current(lambda sheet: self._on_sheet(wanted, sheet)),
            failed=current(self._on_failure),
        )

    def _on_sheet(self, drawn: tuple[str, Ink], sheet: Sheet) -> None:
        self._on_paper = drawn
        self._view.set_sheet(sheet)
        self._write()

    def _on_failure(self, error: Exception) -> None:
        self._asked = None
        report(self._messages, "The schematic", error)

    def _write(self) -> None:
        if self._shown is None or self._on_paper is None:
            return
        spec, design = self._shown
        if self._on_paper[0] == design.topology:
            declared = topology(design.topology)
            self._view.set_labels(label_room.lines(declared, spec, design.values, self._locks))
