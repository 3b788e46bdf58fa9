"""What a run of kind ``datagen`` is told to do."""

from typing import Final, Literal

import msgspec

from arcs_engine.foundation import bounds
from arcs_engine.foundation.errors import InputError
from arcs_engine.learning.training.config import DataConfig

Engine = Literal["steady", "ngspice"]

_RANGES: Final = {
    "workers": (1, 512),
    "audit": (0, 1_000_000),
    "samples": (1, 10_000),
    "rounds": (0, 1000),
}


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

    def __post_init__(self) -> None:
        bounds.check(self, _RANGES, "datagen config")
        bounds.check_path(self.folder, "folder")
        for name in ("expert", "base"):
            if getattr(self, name):
                bounds.check_path(getattr(self, name), name)
        if self.scheduler:
            bounds.check_name(self.scheduler, "scheduler")
        if self.expert and not self.base:
            raise InputError("expert improves a data set; base must name its folder.")
