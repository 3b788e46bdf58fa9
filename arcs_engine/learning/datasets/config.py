"""What a run of kind ``datagen`` is told to do."""

from typing import Literal

import msgspec

from arcs_engine.learning.training.config import DataConfig

Engine = Literal["steady", "ngspice"]


class DatagenConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a data set is made, and by whom.

    Attributes:
        folder: where it lies or will lie.
        data: specs and designs; with engine ngspice, `specs` designs of each topology.
        engine: ``steady`` searches with the fast solver; ``ngspice`` simulates random designs.
        workers: processes on this machine.
        scheduler: address of a Dask scheduler whose workers do the work instead; empty for none.
        audit: designs that ngspice is given, over all topologies.
        expert: folder of the model whose designs are polished and added; empty for none.
        base: folder of the data set that it adds to.
        samples: designs that the model samples for each spec.
        rounds: of the local search from the best of these, each over all neighbours.
    """

    folder: str
    data: DataConfig
    engine: Engine = "steady"
    workers: int = 2
    scheduler: str = ""
    audit: int = 0
    expert: str = ""
    base: str = ""
    samples: int = 8
    rounds: int = 6
