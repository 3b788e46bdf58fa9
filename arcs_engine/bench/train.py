"""``arcs bench train``: sequences trained per second, beside the speed of matrix products."""

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import torch

from arcs_engine.foundation import scratch
from arcs_engine.foundation.control import Control
from arcs_engine.learning.datasets import making
from arcs_engine.learning.datasets.config import DataConfig, Effort
from arcs_engine.learning.jobs.events import Scalar
from arcs_engine.learning.training.config import preset
from arcs_engine.learning.training.dataset import Dataset
from arcs_engine.learning.training.trainer import Trainer
from arcs_engine.performance.physics_hash import physics_hash

SIZES: Final = ("tiny", "small")
_DATA: Final = DataConfig(specs=24, shard=24, effort=Effort(rounds=1, steps=1))
"""Enough for an epoch of about ten steps."""
_STEPS: Final = 2
"""Steps in a stretch that is timed."""
_STRETCHES: Final = 6
_PRODUCTS: Final = 20
"""Products of matrices that are timed."""
_PRODUCT: Final = (2048, 256, 2048)
"""Rows, inner and columns of such a product, about a batch through the widest layer of `small`."""


class TrainBench(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of ``arcs bench train``: one process, one thread of the processor.

    Attributes:
        seed: of data and weights.
        batch: sequences in a step.
        parameters: of each size of model.
        sequences_per_second: by size; whole steps with labels and optimiser, median of stretches.
        matmul_gflops: 1e9 multiplications and additions a second in products of large matrices,
            measured in the same run.
        utilisation: share of that rate which training reaches, by size, at 6 operations for each
            parameter and token (Kaplan et al. 2020, Scaling Laws for Neural Language Models,
            section 2.1).
        ratio: speed of ``tiny`` over that of ``small``.
    """

    seed: int
    batch: int
    parameters: dict[str, int]
    sequences_per_second: dict[str, float]
    matmul_gflops: float
    utilisation: dict[str, float]
    ratio: float


@dataclass(frozen=True)
class _Speed:
    """How fast one size of model trains.

    Attributes:
        batch: sequences in a step.
        parameters: number of trained numbers.
        tokens: in each sequence.
        seconds: of a step.
    """

    batch: int
    parameters: int
    tokens: int
    seconds: float

    @property
    def sequences(self) -> float:
        """Sequences a second."""
        return self.batch / self.seconds

    @property
    def flops(self) -> float:
        """Operations a second."""
        return 6 * self.parameters * self.tokens * self.sequences


def bench_train(*, seed: int, control: Control) -> TrainBench:
    """Make a little data and train each size on it for a few steps.

    Raises:
        Cancelled: the control asked for a stop.
        FileError: there is no room for the data.
    """
    torch.set_num_threads(1)
    with scratch.folder("bench") as folder:
        speeds = _speeds(folder, seed, control)
    possible = _product_flops()
    return TrainBench(
        seed=seed,
        batch=speeds["tiny"].batch,
        parameters={size: each.parameters for size, each in speeds.items()},
        sequences_per_second={size: each.sequences for size, each in speeds.items()},
        matmul_gflops=possible / 1e9,
        utilisation={size: each.flops / possible for size, each in speeds.items()},
        ratio=speeds["tiny"].sequences / speeds["small"].sequences,
    )


def _speeds(folder: Path, seed: int, control: Control) -> dict[str, _Speed]:
    """Train each size on the same data, in a folder for data and checkpoints."""
    config = msgspec.structs.replace(_DATA, seed=seed)
    wanted = making.Wanted(folder / "data", config, physics_hash())
    for made in making.make(wanted, control):
        control.progress(made.fraction / (1 + len(SIZES)), made.text)
    shards = making.read(config, folder / "data")
    speeds = {}
    for number, size in enumerate(SIZES):
        control.progress((number + 1) / (1 + len(SIZES)), f"Training the model '{size}'")
        told = msgspec.structs.replace(preset(size), data=config, report_steps=_STEPS)
        dataset = Dataset(shards, told, seed)
        trainer = Trainer(told, folder / size, seed, dataset)
        speeds[size] = _Speed(
            told.batch,
            trainer.transformer.parameter_count,
            next(dataset.epoch(0)).rows.tokens.shape[1] - 1,
            float(np.median(_stretches(trainer, control))) / _STEPS,
        )
    return speeds


def _stretches(trainer: Trainer, control: Control) -> list[float]:
    """Return the times of stretches of steps, s; those with a validation between are left out."""
    seconds: list[float] = []
    began: float | None = None
    for event in trainer.run(control):
        if not isinstance(event, Scalar):
            continue
        now = time.perf_counter()
        if event.name != "loss":
            began = None
            continue
        if began is not None:
            seconds.append(now - began)
        if len(seconds) == _STRETCHES:
            break
        began = now
    return seconds


def _product_flops() -> float:
    """Return the operations a second of products of large matrices, the median of some."""
    rows, inner, columns = _PRODUCT
    generator = torch.Generator().manual_seed(0)
    left = torch.randn(rows, inner, generator=generator)
    right = torch.randn(inner, columns, generator=generator)
    seconds = []
    for _ in range(_PRODUCTS):
        began = time.perf_counter()
        torch.matmul(left, right)
        seconds.append(time.perf_counter() - began)
    return 2 * rows * inner * columns / float(np.median(seconds))


def markdown(found: TrainBench) -> str:
    """Return the figures as a Markdown table."""
    lines = [
        f"Seed {found.seed}, batches of {found.batch}, one process on one thread.",
        "",
        "| model | parameters | sequences a second | of the rate of large products |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {size} | {found.parameters[size]:,} | {speed:.0f} | {found.utilisation[size]:.0%} |"
        for size, speed in found.sequences_per_second.items()
    ]
    lines += [
        "",
        f"Products of large matrices: {found.matmul_gflops:.0f} GFLOP/s. The smaller model trains "
        f"{found.ratio:.1f} times as fast.",
        "",
    ]
    return "\n".join(lines)
