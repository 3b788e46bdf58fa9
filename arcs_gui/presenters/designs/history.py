"""Undo and redo of edited values."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Edit:
    """One change of a design's values.

    Attributes:
        key: which design.
        what: in a few words, for the menu: ``L1 to 22 µH``.
        before: all values, SI, by name.
        after: the same.
    """

    key: int
    what: str
    before: dict[str, float]
    after: dict[str, float]

    @property
    def changed(self) -> set[str]:
        """Names of the values that differ."""
        return {name for name in self.before if self.before[name] != self.after[name]}


class History:
    """Edits that can be taken back; those of one gesture on one value are one edit."""

    def __init__(self) -> None:
        self._done: list[Edit] = []
        self._undone: list[Edit] = []
        self._open = False

    @property
    def undoable(self) -> Edit | None:
        """What `undo` would take back."""
        return self._done[-1] if self._done else None

    @property
    def redoable(self) -> Edit | None:
        """What `redo` would do again."""
        return self._undone[-1] if self._undone else None

    def add(self, edit: Edit) -> None:
        """Remember an edit; it joins the last one while that is still going on."""
        last = self.undoable
        self._undone.clear()
        if self._open and last and last.key == edit.key and last.changed == edit.changed:
            self._done[-1] = replace(edit, before=last.before)
        else:
            self._done.append(edit)
        self._open = True

    def end_gesture(self) -> None:
        """Let the next edit be one of its own."""
        self._open = False

    def undo(self) -> Edit | None:
        """Take the last edit back and return it."""
        return self._move(self._done, self._undone)

    def redo(self) -> Edit | None:
        """Do again what was taken back last, and return it."""
        return self._move(self._undone, self._done)

    def clear(self) -> None:
        """Forget everything."""
        self._done.clear()
        self._undone.clear()
        self._open = False

    def _move(self, source: list[Edit], target: list[Edit]) -> Edit | None:
        self._open = False
        if not source:
            return None
        target.append(source.pop())
        return target[-1]
