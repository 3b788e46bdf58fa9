"""Shards: the judged designs of some specs of one topology, as a file of plain arrays."""

import io
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from arcs_engine.circuits.spec import HIGHEST_WEIGHT, FloatArray, Spec
from arcs_engine.foundation.errors import FileError
from arcs_engine.learning.datasets.specs import BEFORE_LOAD_STEPS
from arcs_engine.model.tokens.vocabulary import STATUS_LABELS

ASKED = ("vin_min", "vin", "vin_max", "vout", "iout", "fsw", "ripple", "weight")
"""Columns of `Shard.asked`."""

REACHED = ("ripple", "efficiency", "cost")
"""Columns of `Shard.reached`."""

NO_TARGET = -1

GOOD = STATUS_LABELS.index("good")
"""Status of the designs that met their spec."""


@dataclass(frozen=True)
class Shard:
    """n specs and m designs.

    Attributes:
        asked: what each spec asks for, columns `ASKED`, shape (n, 8).
        owner: row in `asked` of each design's spec, shape (m,).
        values: design values in the topology's canonical order, shape (m, slots).
        reached: what each design achieves, columns `REACHED`, shape (m, 3).
        status: index into `STATUS_LABELS`, shape (m,).
        rank: 0 for the best design that was found for its spec, counting up; `NO_TARGET` for the
            rest; shape (m,).
    """

    asked: FloatArray
    owner: NDArray[np.int64]
    values: FloatArray
    reached: FloatArray
    status: NDArray[np.int64]
    rank: NDArray[np.int64]

    def encoded(self) -> bytes:
        """Return the content of a shard's file: the same bytes for the same shard."""
        content = io.BytesIO()
        np.savez_compressed(
            content, **{name: getattr(self, name) for name in self.__dataclass_fields__}
        )
        return content.getvalue()

    @classmethod
    def read(cls, file: Path) -> "Shard":
        """Read a shard; nothing in it is executed.

        Raises:
            FileError: it is missing or damaged.
        """
        try:
            with np.load(io.BytesIO(file.read_bytes()), allow_pickle=False) as arrays:
                return cls(**{name: arrays[name] for name in cls.__dataclass_fields__})
        except (OSError, EOFError, ValueError, KeyError, BadZipFile, zlib.error) as error:
            raise FileError(
                f"The shard {file} is damaged; give the command that made the data set once more."
            ) from error

    def column(self, name: str) -> FloatArray:
        """Return one column of `asked`, for each design, shape (m,)."""
        return np.asarray(self.asked[self.owner, ASKED.index(name)])

    def achieved(self, name: str) -> FloatArray:
        """Return one column of `reached`, shape (m,)."""
        return np.asarray(self.reached[:, REACHED.index(name)])


def specs_of(shard: Shard, topology: str) -> list[Spec]:
    """Return the specs of a shard of one topology, which track C was drawn for.

    The weights of sets from earlier versions go to 1.
    """
    rows = [dict(zip(ASKED, row, strict=True)) for row in shard.asked.tolist()]
    for row in rows:
        row["weight"] = min(row["weight"], HIGHEST_WEIGHT)
    return [Spec(topology=topology, **row, **BEFORE_LOAD_STEPS) for row in rows]


def whole(file: Path) -> bool:
    """Whether a file is a shard that can be read."""
    try:
        Shard.read(file)
    except FileError:
        return False
    return True


def ranks(owner: NDArray[np.int64], cost: FloatArray, keep: int) -> NDArray[np.int64]:
    """Rank the designs of each spec, shape (m,): the cheapest `keep` that met it, from 0.

    Args:
        owner: spec of each design, shape (m,).
        cost: of those that met their spec, inf for the others, shape (m,).
        keep: how many designs of a spec are targets.
    """
    order = np.lexsort((cost, owner))
    sorted_owner = owner[order]
    position = np.empty(len(owner), dtype=np.int64)
    position[order] = np.arange(len(owner)) - np.searchsorted(sorted_owner, sorted_owner)
    return np.where(np.isfinite(cost) & (position < keep), position, NO_TARGET)


def united(shards: Sequence[Shard], keep: int) -> Shard:
    """Return the designs of shards of the same specs, in their order, each once, ranked anew.

    Args:
        shards: their ranks do not matter; where a design comes twice, the first counts.
        keep: how many designs of a spec are targets.
    """
    columns = {
        name: np.concatenate([getattr(shard, name) for shard in shards])
        for name in ("owner", "values", "reached", "status")
    }
    table = np.column_stack((columns["owner"], columns["values"]))
    rows = np.sort(np.unique(table, axis=0, return_index=True)[1])
    rows = rows[np.argsort(columns["owner"][rows], kind="stable")]
    chosen = {name: column[rows] for name, column in columns.items()}
    cost = chosen["reached"][:, REACHED.index("cost")]
    met = np.where(chosen["status"] == GOOD, cost, np.inf)
    return Shard(asked=shards[0].asked, rank=ranks(chosen["owner"], met, keep), **chosen)


def merged(shards: list[Shard]) -> Shard:
    """Return all specs and designs of shards of one topology as one."""
    offsets = np.cumsum([0, *(len(s.asked) for s in shards)])
    columns = {
        name: np.concatenate([getattr(s, name) for s in shards])
        for name in Shard.__dataclass_fields__
        if name != "owner"
    }
    owner = np.concatenate([s.owner + o for s, o in zip(shards, offsets, strict=False)])
    return Shard(owner=owner, **columns)
