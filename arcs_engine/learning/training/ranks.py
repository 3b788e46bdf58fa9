"""Several processes that train one model, each with its share of every batch.

All processes hold the same weights and see the same batches. Each takes the gradient of its rows'
part of the loss of the whole batch; the sum of these is the gradient of that loss, so the weights
stay equal everywhere without being sent. The process of rank 0 leads: it measures, writes and
reports; the others only take their share, and end when it does.

Processes are started by the leading one, or by ``torchrun``, which says so in the environment
(``RANK``, ``WORLD_SIZE``, ``MASTER_ADDR``, ``MASTER_PORT``; PyTorch, "torchrun (Elastic Launch)").
"""

import os
import socket
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import torch
from torch import Tensor, distributed

from arcs_engine.foundation.errors import Cancelled, JobError
from arcs_engine.learning.jobs import launch

_HERE = "127.0.0.1"

_PATIENCE = timedelta(hours=12)
"""How long a process waits for another that lives: the leading one may be making data."""

_GONE_SECONDS = 10.0
"""Time for a helper to end after the leading process is done; then it is killed."""


@dataclass(frozen=True)
class Ranks:
    """The place of this process among those that train a model.

    Attributes:
        rank: 0 for the leading one.
        count: number of processes.
    """

    rank: int = 0
    count: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process measures, writes and reports."""
        return self.rank == 0

    def share(self, rows: int) -> slice:
        """Return which of a batch's rows this process takes; none, when there are too few."""
        return slice(rows * self.rank // self.count, rows * (self.rank + 1) // self.count)

    def sum_gradients(
        self, parameters: Iterable[Tensor], figures: Sequence[float]
    ) -> Sequence[float]:
        """Replace the gradients by their sums over all processes, and return the figures' sums."""
        if self.count == 1:
            return figures
        held = list(parameters)
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in held]
        flat = torch.cat([*(g.flatten() for g in gradients), torch.tensor(figures)])
        with _all_alive(self):
            distributed.all_reduce(flat)
        place = 0
        for parameter in held:
            parameter.grad = flat[place : place + parameter.numel()].view_as(parameter)
            place += parameter.numel()
        sums: list[float] = flat[place:].tolist()
        return sums

    def told(self, number: float) -> float:
        """Return the number that the leading process gave."""
        if self.count == 1:
            return number
        said = torch.tensor([number], dtype=torch.float64)
        with _all_alive(self):
            distributed.broadcast(said, 0)
        return float(said)


def own_rank() -> int:
    """Return the rank that the environment gives to this process, 0 without one."""
    return int(os.environ.get("RANK", "0")) if "WORLD_SIZE" in os.environ else 0


@contextmanager
def joined(processes: int, folder: Path) -> Iterator[Ranks]:
    """Join the processes that train one model, and part from them in the end.

    Args:
        processes: how many, unless they have been started and the environment says how many.
        folder: of the run, at which this process starts the others.
    """
    started = int(os.environ.get("WORLD_SIZE", "1"))
    if started == processes == 1:
        yield Ranks()
        return
    if started > 1:
        ranks, address, helpers = Ranks(own_rank(), started), "env://", []
    else:
        port = _free_port()
        ranks, address = Ranks(0, processes), f"tcp://{_HERE}:{port}"
        helpers = _helpers(processes, port, folder)
    try:
        distributed.init_process_group(
            "gloo",
            init_method=address,
            rank=ranks.rank,
            world_size=ranks.count,
            timeout=_PATIENCE,
        )
        yield ranks
    finally:
        if distributed.is_initialized():
            distributed.destroy_process_group()
        for helper in helpers:
            _end(helper)


@contextmanager
def _all_alive(ranks: Ranks) -> Iterator[None]:
    """Say what it means when another process of the group has gone."""
    try:
        yield
    except RuntimeError as error:
        if not ranks.leads:
            raise Cancelled from error
        raise JobError(
            "A process that trained a share of each batch ended; resume the run to go on from "
            "its last checkpoint."
        ) from error


def _helpers(count: int, port: int, folder: Path) -> "list[subprocess.Popen[bytes]]":
    environment = {"WORLD_SIZE": str(count), "MASTER_ADDR": _HERE, "MASTER_PORT": str(port)}
    return [
        subprocess.Popen(
            launch.command(folder),
            env=os.environ | environment | {"RANK": str(rank)},
            stdin=subprocess.PIPE,  # its end tells a helper that the leading process has gone
            stdout=subprocess.DEVNULL,
        )
        for rank in range(1, count)
    ]


def _end(helper: "subprocess.Popen[bytes]") -> None:
    if helper.stdin is not None:
        helper.stdin.close()
    try:
        helper.wait(_GONE_SECONDS)
    except subprocess.TimeoutExpired:
        helper.kill()
        helper.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HERE, 0))
        return int(probe.getsockname()[1])
