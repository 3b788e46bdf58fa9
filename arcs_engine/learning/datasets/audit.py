"""The audit of a data set: ngspice simulates a sample of the designs that met their spec."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np

from arcs_engine.analysis.verification import RIPPLE_ALLOWANCE, verify
from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.foundation import documents
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError, FileError
from arcs_engine.learning.datasets.chunks import Chunks, Task
from arcs_engine.learning.datasets.config import DataConfig
from arcs_engine.learning.datasets.making import Audited, shard_files
from arcs_engine.learning.datasets.shards import GOOD, Shard, specs_of
from arcs_engine.model.tokens.vocabulary import VOCABULARY, Kind
from arcs_engine.performance.candidates import evaluate
from arcs_engine.performance.design import Design
from arcs_engine.performance.limits import is_on_target, is_smooth, vout_error

CHUNK = 10
"""Designs that are audited at a time; what a stop can lose."""

_STREAM = 77
"""Keeps the choice of designs apart from the making of them."""


class Opinion(msgspec.Struct, frozen=True, kw_only=True):
    """What ngspice said of one design.

    Attributes:
        spec: what it must do.
        values: its design values, SI.
        confirmed: requirement N4.
        judged: False where ngspice failed, or its window was not in steady state.
        reasons: what failed, a sentence each.
        vout_error: fraction.
        ripple: fraction of Vout.
        efficiency: fraction, by ngspice.
        solved_efficiency: fraction, by the solver.
    """

    spec: Spec
    values: dict[str, float]
    confirmed: bool
    judged: bool
    reasons: tuple[str, ...]
    vout_error: float | None = None
    ripple: float | None = None
    efficiency: float | None = None
    solved_efficiency: float | None = None

    @property
    def failure(self) -> str:
        """What was outside: a figure, or solver and ngspice apart; empty for nothing."""
        if not self.judged or self.confirmed:
            return ""
        assert self.vout_error is not None and self.ripple is not None
        if not is_on_target(self.vout_error):
            return "vout"
        if not is_smooth(self.ripple, RIPPLE_ALLOWANCE * self.spec.ripple):
            return "ripple"
        return "disagreement"


@dataclass(frozen=True)
class Auditing:
    """The work of auditing some designs of a data set, a chunk of one shard at a time.

    Attributes:
        config: of the data set.
        folder: the data set's; every worker must see it.
        count: designs over all topologies.
    """

    config: DataConfig
    folder: str
    count: int

    def __call__(self, task: Task, control: Control) -> bytes:
        """Return the opinions on the chunk's designs as JSON."""
        name, number = task
        shards = shard_files(self.config, Path(self.folder))
        numbers = [n for topology, n in shards if topology == name]
        turn, place = divmod(number, len(numbers))
        shard = Shard.read(shards[name, numbers[place]])
        good = np.flatnonzero(shard.status == GOOD)
        seed = [self.config.seed, _STREAM, VOCABULARY.id(Kind.TOPOLOGY, name), place]
        shuffled = np.random.default_rng(seed).permutation(good)
        rows = shuffled[turn * CHUNK :][: min(CHUNK, self._of_each - number * CHUNK)]
        specs = specs_of(shard, name)
        names = [v.name for v in registered(name).design_values]
        opinions = []
        for row in rows:
            control.checkpoint()
            values = dict(zip(names, shard.values[row].tolist(), strict=True))
            opinions.append(_opinion(specs[shard.owner[row]], values))
        return msgspec.json.encode(opinions)

    @property
    def _of_each(self) -> int:
        """How many designs of each topology are audited."""
        return -(-self.count // len(self.config.names()))

    def chunks(self) -> Chunks:
        """Return what there is to do; an audit of more designs has a folder of its own."""
        inside = Path(self.folder) / f"audit-{self.count}"
        files = {
            (name, n): inside / f"{name}-{n:04d}.json"
            for n in range(-(-self._of_each // CHUNK))
            for name in self.config.names()
        }
        return Chunks(files, whole, self, "audits")


def _opinion(spec: Spec, values: dict[str, float]) -> Opinion:
    candidate = evaluate(Design(spec, values))
    try:
        said, _ = verify(spec, candidate)
    except ArcsError as error:
        return Opinion(
            spec=spec, values=values, confirmed=False, judged=False, reasons=(str(error),)
        )
    return Opinion(
        spec=spec,
        values=values,
        confirmed=said.confirmed,
        judged=said.steady,
        reasons=said.reasons,
        vout_error=float(vout_error(said.vout, spec.vout)),
        ripple=said.ripple,
        efficiency=said.efficiency,
        solved_efficiency=candidate.metrics.efficiency if candidate.metrics else None,
    )


def opinions(file: Path) -> list[Opinion]:
    """Read a chunk.

    Raises:
        FileError: it is missing or damaged.
    """
    return documents.read(file, list[Opinion])


def whole(file: Path) -> bool:
    """Whether a file is a chunk that can be read."""
    try:
        opinions(file)
    except FileError:
        return False
    return True


def summary(files: dict[Task, Path]) -> dict[str, Audited]:
    """Count the opinions by topology."""
    found: dict[str, list[Opinion]] = {}
    for (name, _), file in files.items():
        found.setdefault(name, []).extend(opinions(file))
    return {
        name: Audited(
            asked=len(said),
            confirmed=sum(o.confirmed for o in said),
            not_judged=sum(not o.judged for o in said),
            failures=dict(Counter(o.failure for o in said if o.failure)),
        )
        for name, said in found.items()
    }
