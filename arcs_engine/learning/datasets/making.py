"""Making a data set: for each spec, tens of judged designs, the best of which are the targets.

A data set is a folder of shards with a ``manifest.json``. It is regenerated from its config, never
shipped; a run that was stopped goes on with the first shard that is missing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np

import arcs_engine
from arcs_engine.circuits.spec import DEFAULT_WEIGHT, HIGHEST_WEIGHT, Spec
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.circuits.topologies.base import Topology
from arcs_engine.foundation import documents
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import FileError
from arcs_engine.learning.datasets import specs as spec_distribution
from arcs_engine.learning.datasets.chunks import Chunks, Spread, Task, Work, in_turn, write
from arcs_engine.learning.datasets.config import DataConfig, Effort
from arcs_engine.learning.datasets.shards import (
    ASKED,
    GOOD,
    NO_TARGET,
    Shard,
    merged,
    united,
    whole,
)
from arcs_engine.learning.jobs.events import Progress
from arcs_engine.model.tokens.vocabulary import STATUS_LABELS, VOCABULARY, Kind
from arcs_engine.performance.cost import FAILED_COST
from arcs_engine.performance.verdict import STATUSES
from arcs_engine.sizing.search.ledger import Ledger, Search
from arcs_engine.sizing.search.local import LocalSearch
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.rounds import close_in
from arcs_engine.sizing.search.sources import anywhere, around_textbook
from arcs_engine.sizing.search.trials import Trials

FORMAT = 1

SEARCH = 3
"""Version of the search: another one finds other designs from the same seed."""

MANIFEST = "manifest.json"

LIKE = {
    "deviation": "ripple",
    "heat": "stress",
    "bank": "esr",
    "ripple current": "ripple",
    "duty": "infeasible",
    "coupling": "ripple",
    "efficiency": "stress",
}
"""Labels of the vocabulary that stand for checks which it does not know.

Each has the remedy of the label that stands for it: less ripple and deviation take more of L and C,
what is too hot is overloaded, a bank that is not sold has too little ESR for its capacitance, and a
duty beyond its custom is out of reach as one beyond its range is.
"""

_LABEL_OF_STATUS = np.array([STATUS_LABELS.index(LIKE.get(name, name)) for name in STATUSES])


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """What a data set holds of one topology.

    Attributes:
        specs: how many.
        designs: judged ones, distinct for each spec.
        met: designs that met their spec.
        solved_specs: specs that some design met.
        targets: best designs, those that a model is to learn.
        cost: mean over the specs of their best design's; a spec that no design met counts as 3.
        labels: how many designs were given each status label.
    """

    specs: int
    designs: int
    met: int
    solved_specs: int = 0
    targets: int = 0
    cost: float | None = None
    labels: dict[str, int] = {}


class Audited(msgspec.Struct, frozen=True, kw_only=True):
    """What ngspice said of a sample of one topology's designs that met their spec.

    Attributes:
        asked: designs that it was given.
        confirmed: of these (requirement N4).
        not_judged: of these; ngspice failed or its window was not in steady state.
        failures: of the judged ones, by what was outside: vout, ripple or efficiency.
    """

    asked: int
    confirmed: int
    not_judged: int
    failures: dict[str, int]


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What ``manifest.json`` says of a data set.

    Attributes:
        format: version of the folder's layout.
        config: how it is made.
        physics_hash: of the engine that judged the designs.
        arcs_version: of the code that made it.
        search: version of the search that found the designs.
        expert: the model, as ``name:hash``, whose designs, and better ones near them, were added;
            empty for none.
        counts: by topology, of the shards that are there.
        audit: by topology, when ngspice was asked.
        complete: whether all shards are there.
    """

    format: int = FORMAT
    config: DataConfig
    physics_hash: str
    arcs_version: str
    search: int = 1
    expert: str = ""
    counts: dict[str, Counts] = {}
    audit: dict[str, Audited] = {}
    complete: bool = False


@dataclass(frozen=True)
class Wanted:
    """A data set that is to be there.

    Attributes:
        folder: where.
        config: how it is made.
        physics_hash: of the judge.
        expert: the model, as ``name:hash``, that its making asks; empty for none.
    """

    folder: Path
    config: DataConfig
    physics_hash: str
    expert: str = ""


def make(
    wanted: Wanted, control: Control, *, work: Work | None = None, spread: Spread = in_turn
) -> Iterator[Progress]:
    """Make the shards that are missing or damaged, and yield progress.

    Args:
        wanted: what to make.
        control: asked between shards whether to stop.
        work: makes a shard; None to search.
        spread: who does the work.

    Raises:
        FileError: the folder cannot be written, holds another data set, or lacks shards that only
            another version of the search can make.
    """
    known = _begun(wanted)
    if known.search != SEARCH:
        why = "other versions of ARCS search differently; make the set anew in an empty folder"
        work = Refusing(wanted.folder, why)
    files = shard_files(wanted.config, wanted.folder)
    chunks = Chunks(files, whole, work or Searching(wanted.config), "shards")
    yield from chunks.complete(spread, control)
    counts = {name: _counts(shard) for name, shard in read(wanted.config, wanted.folder).items()}
    described = msgspec.structs.replace(known, counts=counts, complete=True)
    write_manifest(wanted.folder, described)


def shard_files(config: DataConfig, folder: Path) -> dict[Task, Path]:
    """Return where each shard of a data set lies."""
    numbers = range(-(-config.specs // config.shard))
    return {(name, n): _shard_file(folder, (name, n)) for n in numbers for name in config.names()}


def read(config: DataConfig, folder: Path) -> dict[str, Shard]:
    """Return a complete data set, one merged shard for each topology."""
    numbers = range(-(-config.specs // config.shard))
    return {
        name: merged([Shard.read(_shard_file(folder, (name, n))) for n in numbers])
        for name in config.names()
    }


def manifest(folder: Path) -> Manifest:
    """Return what a folder says of the data set in it.

    Raises:
        FileError: it holds none, or one that this version cannot read.
    """
    file = folder / MANIFEST
    if not file.exists():
        raise FileError(f"There is no data set in {folder}; it has no {MANIFEST}.")
    return documents.read(file, Manifest)


def expert_of(folder: Path) -> str:
    """Return the model whose designs were added to a folder's data set; empty for none."""
    return manifest(folder).expert if (folder / MANIFEST).exists() else ""


@dataclass(frozen=True)
class Refusing:
    """The work of not making a shard, where it would not be what it was.

    Attributes:
        folder: of the data set.
        why: the end of a sentence: why not, and what to do.
    """

    folder: Path
    why: str

    def __call__(self, task: Task, control: Control) -> bytes:
        """Raise `FileError`."""
        file = _shard_file(self.folder, task)
        raise FileError(
            f"The data set in {self.folder} lacks {file.name} or it is damaged; {self.why}."
        )


def _shard_file(folder: Path, task: Task) -> Path:
    name, number = task
    return folder / f"{name}-{number:04d}.npz"


def _begun(wanted: Wanted) -> Manifest:
    """Return the folder's manifest, written where there is none."""
    new = Manifest(
        config=wanted.config,
        physics_hash=wanted.physics_hash,
        arcs_version=arcs_engine.__version__,
        search=SEARCH,
        expert=wanted.expert,
    )
    if not (wanted.folder / MANIFEST).exists():
        write_manifest(wanted.folder, new)
        return new
    found = manifest(wanted.folder)
    if _identity(found) != _identity(new):
        raise FileError(
            f"The folder {wanted.folder} holds a data set of another config or physics; choose an "
            "empty folder or the config that made it."
        )
    return found


def _identity(described: Manifest) -> tuple[int, DataConfig, str, str]:
    return described.format, described.config, described.physics_hash, described.expert


def _counts(shard: Shard) -> Counts:
    labels = np.bincount(shard.status, minlength=len(STATUS_LABELS)).tolist()
    good = shard.status == GOOD
    cost = np.full(len(shard.asked), FAILED_COST)
    best = shard.rank == 0
    cost[shard.owner[best]] = shard.achieved("cost")[best]
    return Counts(
        specs=len(shard.asked),
        designs=len(shard.owner),
        met=int(good.sum()),
        solved_specs=len(np.unique(shard.owner[good])),
        targets=int((shard.rank != NO_TARGET).sum()),
        cost=float(cost.mean()),
        labels=dict(zip(STATUS_LABELS, labels, strict=True)),
    )


def write_manifest(folder: Path, described: Manifest) -> None:
    """Replace a data set's manifest; `FileError` when that is not possible."""
    content = msgspec.json.format(msgspec.json.encode(described), indent=1)
    write(folder / MANIFEST, content + b"\n")


@dataclass(frozen=True)
class Searching:
    """The work of making a shard: draw specs and search designs for them.

    Attributes:
        config: of the data set.
        problems: what a search is asked, and who judges for it; a stand-in in tests.
    """

    config: DataConfig
    problems: type[Problems] = Problems

    def __call__(self, task: Task, control: Control) -> bytes:
        """Return the content of a shard's file."""
        topology, number = registered(task[0]), task[1]
        seed = [self.config.seed, VOCABULARY.id(Kind.TOPOLOGY, topology.name), number]
        rng = np.random.default_rng(seed)
        specs = _drawn_specs(topology, self.config.size(number), rng)
        effort = self.config.effort
        budget = effort.evaluations(len(topology.design_values))
        # Every design gets its label, so none is cut off.
        ledger = Ledger(self.problems.of(topology, specs), budget)
        search_designs(Search(ledger, rng, control), effort)
        return judged_shard(ledger, self.config.keep).encoded()


def _drawn_specs(topology: Topology, count: int, rng: np.random.Generator) -> list[Spec]:
    """Draw specs, half of them with the slider at its default, half anywhere on it."""
    specs = spec_distribution.draw(topology, count, rng)
    at_default, anywhere = rng.random(count) < 0.5, HIGHEST_WEIGHT * rng.random(count)
    weights = np.where(at_default, DEFAULT_WEIGHT, anywhere).tolist()
    return [
        msgspec.structs.replace(spec, weight=weight)
        for spec, weight in zip(specs, weights, strict=True)
    ]


def search_designs(search: Search, effort: Effort) -> None:
    """Judge designs from the textbook one outwards, and better ones from the best of them on."""
    problems, rng = search.problems, search.rng
    near = islice(around_textbook(problems, rng), 1 + effort.nearby)
    wide = islice(anywhere(problems, rng), effort.anywhere)
    search.ledger.score(Trials.of_each(np.stack([*near, *wide], axis=1)))
    close_in(search, effort.rounds, effort.moves)
    if effort.steps:
        LocalSearch(search.ledger, effort.steps, control=search.control).run(search.ledger.best())


def judged_shard(ledger: Ledger, keep: int) -> Shard:
    """Return everything that was judged, the best of each spec ranked."""
    problems, (trials, judged) = ledger.problems, ledger.record()
    values = problems.values(trials)
    shard = Shard(
        asked=np.stack([getattr(problems.specs, name) for name in ASKED], axis=1),
        owner=trials.owner,
        values=np.stack([values[v.name] for v in problems.topology.design_values], axis=1),
        reached=np.stack((judged.ripple, judged.efficiency, judged.cost), axis=-1),
        status=_LABEL_OF_STATUS[judged.status],
        rank=np.full(len(trials), NO_TARGET),
    )
    return united([shard], keep)
