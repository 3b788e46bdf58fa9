"""A data set as JSON lines, one design each, for programs that are not ARCS."""

import math
from collections.abc import Iterator
from pathlib import Path

import msgspec

from arcs_engine.circuits.spec import Spec
from arcs_engine.circuits.topologies import topology as registered
from arcs_engine.learning.datasets.chunks import write
from arcs_engine.learning.datasets.making import manifest, read
from arcs_engine.learning.datasets.shards import NO_TARGET, REACHED, Shard, specs_of
from arcs_engine.model.tokens.vocabulary import STATUS_LABELS


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One judged design, SI units.

    Attributes:
        spec: what it must do; ``weight`` in it is the slider's.
        values: its design values.
        status: ``good``, or the label of what failed first.
        rank: 0 for the best design of its spec, counting up over the targets; None for the rest.
        ripple: achieved, a fraction of Vout; None where unsolved, as the next two.
        efficiency: estimated, a fraction.
        cost: 1 is the textbook design, 3 a failure (requirement J4).
    """

    spec: Spec
    values: dict[str, float]
    status: str
    rank: int | None
    ripple: float | None
    efficiency: float | None
    cost: float | None


def export(folder: Path, output: Path) -> int:
    """Write every design of a complete data set, and return how many there are.

    Raises:
        FileError: there is no data set, or the file cannot be written.
    """
    shards = read(manifest(folder).config, folder)
    encoder = msgspec.json.Encoder()
    lines = [encoder.encode(line) for name, shard in shards.items() for line in _lines(shard, name)]
    write(output, b"\n".join([*lines, b""]))
    return len(lines)


def _lines(shard: Shard, topology: str) -> Iterator[Line]:
    specs = specs_of(shard, topology)
    names = [value.name for value in registered(topology).design_values]
    columns = (shard.owner, shard.values, shard.reached, shard.status, shard.rank)
    for owner, values, reached, status, rank in zip(*(c.tolist() for c in columns), strict=True):
        figures = {
            n: f if math.isfinite(f) else None for n, f in zip(REACHED, reached, strict=True)
        }
        yield Line(
            spec=specs[owner],
            values=dict(zip(names, values, strict=True)),
            status=STATUS_LABELS[status],
            rank=None if rank == NO_TARGET else rank,
            **figures,
        )
