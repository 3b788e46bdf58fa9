"""Changing the values of the selected design while the solver answers live."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import msgspec

from arcs_engine.circuits.topologies import topology
from arcs_engine.circuits.topologies.base import DesignValue
from arcs_engine.foundation.errors import QuantityError
from arcs_engine.foundation.units import format_quantity
from arcs_gui.ports import Background, Engine, Reason, Turns
from arcs_gui.presenters.designs.board import Board, Design
from arcs_gui.presenters.designs.history import Edit, History
from arcs_gui.presenters.designs.live import Answer, LiveSolver, Question
from arcs_gui.presenters.generation import Generation
from arcs_gui.presenters.messages import MessageView, report
from arcs_gui.presenters.moves import stepped, typed
from arcs_gui.presenters.schematic.drawing import SchematicView
from arcs_gui.presenters.schematic.inspector import PartFacts, part_facts, values_of


class InspectorView(Protocol):
    """Shows one part, whose values can be changed."""

    def set_part(self, facts: PartFacts | None) -> None:
        """Show a part; None when none is picked. A text that is being typed stays."""

    def set_error(self, name: str, message: str) -> None:
        """Complain about what was typed for a value; the text stays."""


class HistoryView(Protocol):
    """The actions that take edits back."""

    def set_history(self, undo: str, redo: str, *, can_revert: bool) -> None:
        """Say what undo and redo would do; empty where there is nothing."""


class Pause(Protocol):
    """Tells when nothing has happened for a while."""

    def restart(self) -> None:
        """Begin to wait anew."""

    def stop(self) -> None:
        """Wait no more."""


@dataclass(frozen=True)
class TuningViews:
    """The views that tuning fills."""

    inspector: InspectorView
    schematic: SchematicView
    history: HistoryView
    messages: MessageView


@dataclass(frozen=True)
class TuningListeners:
    """Who hears what happens to a design; each gets its key.

    Attributes:
        edited: its values were changed, and what was known of it holds no more.
        solved: the solver has answered; the answer's values are those of the board.
        settled: the user has paused, and the solver has caught up.
        stalled: the solver has failed; the board is as it was.
        look_at: an edit that is taken back belongs to this design.
    """

    edited: Callable[[int], None]
    solved: Callable[[int, Answer], None]
    settled: Callable[[int], None]
    stalled: Callable[[int], None]
    look_at: Callable[[int], None]


class Tuning:
    """Values on the move.

    The board holds the design as it was solved last, all of one piece; what the user wants may be
    a step ahead of it, and `is_behind` says so.
    """

    def __init__(
        self,
        engine: Engine,
        background: Background,
        views: TuningViews,
        listeners: TuningListeners,
        pause: Pause,
        turns: Turns,
    ) -> None:
        self._engine = engine
        self._background = background
        self._views = views
        self._listeners = listeners
        self._pause = pause
        self._turns = turns
        self._live = LiveSolver(engine, background, self._on_answer, self._on_failure, turns)
        self._history = History()
        self._board: Board | None = None
        self._part = ""
        self._wanted: dict[str, float] = {}
        self._reasons: dict[str, Mapping[str, Reason]] = {}
        self._boards = Generation()
        self._unsettled: int | None = None
        self.answers = 0
        """How many answers of the solver have been shown."""

    @property
    def is_behind(self) -> bool:
        """Whether the figures on screen are of earlier values than those that are wanted."""
        return self._live.is_behind

    @property
    def part(self) -> str:
        """The part that is inspected; empty when none is."""
        return self._part

    def set_board(self, board: Board) -> None:
        """Take in another shortlist; the edits of the last one cannot be taken back."""
        self._board = board
        self._boards.renew()
        self._unsettled = None
        self._live.drop()
        self._pause.stop()
        self._history.clear()
        self._reasons.clear()
        self._show_history()

    def look_at_current(self) -> None:
        """Turn to the design that is selected now."""
        self._live.drop()
        self._pause.stop()
        self._history.end_gesture()
        if self._unsettled is not None:
            self._listeners.settled(self._unsettled)
            self._unsettled = None
        design = self._design()
        if design is None:
            return
        self._wanted = dict(design.candidate.values)
        if not self._has(self._part):
            self._part = ""
        self._fetch_reasons(design.candidate.topology)
        self.show_part()
        self._show_history()

    def pick_part(self, part: str) -> None:
        """Inspect a part; none with an empty name, or that of a picture about to be replaced."""
        self._part = part if self._has(part) else ""
        self.show_part()

    def pick_next_part(self, step: int) -> None:
        """Inspect the next part that has values, or the one before."""
        design = self._design()
        if design is None:
            return
        values = topology(design.candidate.topology).design_values
        parts = list(dict.fromkeys(value.part for value in values))
        here = parts.index(self._part) + step if self._part in parts else 0
        self.pick_part(parts[here % len(parts)])

    def step_part(self, part: str, steps: int) -> None:
        """Step the first value of a part along its series."""
        design = self._design()
        if design is None:
            return
        if part != self._part:
            self.pick_part(part)
        names = values_of(topology(design.candidate.topology), part)
        if names:
            self.step(names[0], steps)

    def step(self, name: str, steps: int) -> None:
        """Move a value along its series."""
        value = self._value(name)
        if value is not None and steps:
            self._change(value, stepped(value, self._wanted[name], steps))

    def type_value(self, name: str, text: str) -> None:
        """Take a value as typed; it need not be of its series."""
        value = self._value(name)
        if value is None:
            return
        try:
            number = typed(value, text)
        except QuantityError as error:
            self._views.inspector.set_error(name, str(error))
            return
        self._history.end_gesture()
        self._change(value, number)

    def toggle_lock(self, name: str) -> None:
        """Let a further proposal keep a value, or no more."""
        if self._board is not None:
            self._board.locks ^= {name}
            self.show_part()

    def revert(self) -> None:
        """Go back to the values that were proposed."""
        design = self._design()
        if design is not None:
            self._history.end_gesture()
            self._apply("the proposed values", dict(design.proposed.values))

    def undo(self) -> None:
        """Take the last edit back."""
        edit = self._history.undo()
        if edit is not None:
            self._move(edit.key, edit.before)

    def redo(self) -> None:
        """Do again what was taken back last."""
        edit = self._history.redo()
        if edit is not None:
            self._move(edit.key, edit.after)

    def settle(self) -> None:
        """Hear that the user has paused."""
        self._history.end_gesture()
        design = self._design()
        if design is None:
            return
        if self.is_behind:
            self._pause.restart()
        elif self._unsettled is not None:
            self._unsettled = None
            self._listeners.settled(design.key)

    def show_part(self) -> None:
        """Show the inspected part as it is now."""
        design = self._design()
        self._views.schematic.set_selected(self._part)
        if design is None or self._board is None or not self._part:
            self._views.inspector.set_part(None)
            return
        candidate = design.candidate
        reasons = self._reasons.get(candidate.topology, {})
        declared = topology(candidate.topology)
        facts = part_facts(
            declared, candidate, self._wanted, self._part, self._board.locks, reasons
        )
        self._views.inspector.set_part(facts)

    def _design(self) -> Design | None:
        return None if self._board is None else self._board.current

    def _has(self, part: str) -> bool:
        """Say whether a part is one of the selected design."""
        design = self._design()
        if design is None:
            return False
        return part in {e.name for e in topology(design.candidate.topology).circuit.elements}

    def _value(self, name: str) -> DesignValue | None:
        design = self._design()
        if design is None or name not in self._wanted:
            return None
        return topology(design.candidate.topology).value(name)

    def _change(self, value: DesignValue, number: float) -> None:
        what = f"{value.label} to {format_quantity(number, value.unit)}"
        self._apply(what, self._wanted | {value.name: number})

    def _apply(self, what: str, values: dict[str, float]) -> None:
        design = self._design()
        if design is None or values == self._wanted:
            return
        self._history.add(Edit(design.key, what, self._wanted, values))
        self._want(design, values)

    def _move(self, key: int, values: dict[str, float]) -> None:
        self._listeners.look_at(key)
        design = self._design()
        if design is not None:
            self._want(design, values)

    def _want(self, design: Design, values: dict[str, float]) -> None:
        assert self._board is not None
        self._wanted = values
        self._unsettled = design.key
        candidate = msgspec.structs.replace(design.candidate, values=values, ngspice=None)
        self._live.ask(Question(self._board.spec, self._board.textbook, candidate))
        self._pause.restart()
        self._listeners.edited(design.key)
        self._turns.put("part", self._show_wanted)

    def _show_wanted(self) -> None:
        self.show_part()
        self._show_history()

    def _on_answer(self, answer: Answer) -> None:
        design = self._design()
        if design is None or answer.solved.candidate.rank != design.key:
            return
        candidate = answer.solved.candidate
        if candidate.values == design.proposed.values:
            candidate = msgspec.structs.replace(candidate, origin=design.proposed.origin)
        design.candidate = candidate
        self.answers += 1
        self._listeners.solved(design.key, answer)
        self._turns.put("part", self._show_wanted)

    def _on_failure(self, error: Exception) -> None:
        report(self._views.messages, "The solver", error)
        design = self._design()
        if design is not None and not self.is_behind:
            self._wanted = dict(design.candidate.values)
            self.show_part()
            self._listeners.stalled(design.key)

    def _show_history(self) -> None:
        undo, redo, design = self._history.undoable, self._history.redoable, self._design()
        self._views.history.set_history(
            undo.what if undo else "",
            redo.what if redo else "",
            can_revert=design is not None and self._wanted != design.proposed.values,
        )

    def _fetch_reasons(self, name: str) -> None:
        if name in self._reasons or self._board is None:
            return
        spec = self._board.spec
        current = self._boards.only_current

        def done(found: Mapping[str, Reason]) -> None:
            self._reasons[name] = found
            self.show_part()

        self._background.run(
            "tune",
            lambda _: self._engine.reasons(spec, name),
            done=current(done),
            failed=current(
                lambda error: report(self._views.messages, "The textbook design", error)
            ),
        )
