"""The reference optimum of each task: found once, kept in a file, compared with ever after."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from arcs_engine.circuits.spec import Spec
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import FileError
from arcs_engine.foundation.files import read_bounded, replace_whole
from arcs_engine.learning.model_evaluation.tasks import Task
from arcs_engine.performance.physics_hash import physics_hash
from arcs_engine.sizing.search.optimum import Optimum, Patience, reference_optimum
from arcs_engine.sizing.search.problems import Problems

_LARGEST_FILE = 256_000_000


class Reference(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the file.

    Attributes:
        name: of the task.
        spec: of the task.
        physics_hash: of the judge, for the task's topology.
        optimum: what the search found.
    """

    name: str
    spec: Spec
    physics_hash: str
    optimum: Optimum


@dataclass(frozen=True)
class References:
    """A file of reference optima: JSON lines.

    Attributes:
        path: of the file.
    """

    path: Path

    def find(
        self, tasks: Sequence[Task], patience: Patience, control: Control | None = None
    ) -> list[Reference]:
        """Search the reference optimum of every task that the file has none of; add it there.

        The file is made if it is not there, and replaced as soon as a line is known, so that a
        stop loses one task.

        Args:
            tasks: what to search.
            patience: how long to search.
            control: for progress and cancel.
        """
        control = control or Control.silent()
        known = {each.name: each for each in self._lines()} if self.path.exists() else {}
        found = []
        for number, task in enumerate(tasks):
            control.progress(number / len(tasks), f"Searching the optimum of {task.name}")
            hash_now = physics_hash((task.spec.topology,))
            mine = known.get(task.name)
            if mine is None or mine.spec != task.spec or mine.physics_hash != hash_now:
                problem = Problems.of(task.topology, [task.spec])
                optimum = reference_optimum(problem, patience, control)
                mine = Reference(
                    name=task.name, spec=task.spec, physics_hash=hash_now, optimum=optimum
                )
                self._append(mine)
            found.append(mine)
        return found

    def costs(self, tasks: Sequence[Task]) -> dict[str, float]:
        """Return the cost of the reference optimum of each task that the file has.

        Raises:
            FileError: the file cannot be read, or was found with another physics than today's.
        """
        specs = {task.name: task.spec for task in tasks}
        costs = {}
        for line in self._lines():
            if specs.get(line.name) != line.spec:
                continue
            if line.physics_hash != physics_hash((line.spec.topology,)):
                raise FileError(
                    f"{self.path}: the optimum of {line.name} was found with another version of "
                    "the physics; find it again."
                )
            costs[line.name] = line.optimum.cost
        return costs

    def _lines(self) -> Iterator[Reference]:
        """Yield the lines of the file; the last may have been cut short by a stop."""
        try:
            lines = read_bounded(self.path, _LARGEST_FILE).splitlines()
        except OSError as problem:
            raise FileError(f"{self.path} cannot be read: {problem.strerror}.") from problem
        for number, line in enumerate(lines, start=1):
            try:
                yield msgspec.json.decode(line, type=Reference)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
                if number == 1 or number < len(lines):
                    raise FileError(
                        f"{self.path}, line {number}: no reference optimum."
                    ) from problem

    def _append(self, line: Reference) -> None:
        try:
            whole = self.path.read_bytes() if self.path.exists() else b""
            # What a stop left of the last line is written over.
            whole = whole[: whole.rfind(b"\n") + 1] + msgspec.json.encode(line) + b"\n"
            replace_whole(self.path, whole)
        except OSError as problem:
            raise FileError(f"{self.path} cannot be written: {problem.strerror}.") from problem
