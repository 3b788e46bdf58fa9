"""Checkpoints: one file with weights, optimiser and counters, from which training goes on exactly.

Tensors lie in a safetensors file whose header carries the counters as JSON; nothing is pickled, and
the file is replaced whole.
"""

from pathlib import Path

import msgspec
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor

from arcs_engine.foundation.errors import FileError
from arcs_engine.foundation.files import replace_whole
from arcs_engine.model.transformer import Transformer

_MOMENTS = ("exp_avg", "exp_avg_sq")


class Counters(msgspec.Struct, kw_only=True):
    """Where training stands besides the tensors.

    Attributes:
        identity: of the run's config and data; a checkpoint of another is refused.
        step: steps done.
        epochs: epochs done, validation included.
        best_loss: lowest validation loss so far.
        best_epoch: epoch of that, -1 before the first.
        best: all figures on the held-out specs at that point, by name.
        window: losses since the last point of the loss curve.
        epoch_loss: sum of the losses of the present epoch.
    """

    identity: str
    step: int = 0
    epochs: int = 0
    best_loss: float = 1e30
    best_epoch: int = -1
    best: dict[str, float] = {}
    window: list[float] = []
    epoch_loss: float = 0.0


def write(
    file: Path, transformer: Transformer, optimizer: torch.optim.AdamW, counters: Counters
) -> None:
    """Write the checkpoint.

    Raises:
        FileError: that is not possible.
    """
    tensors = {f"weight.{name}": p.detach() for name, p in transformer.named_parameters()}
    for name, parameter in transformer.named_parameters():
        state = optimizer.state.get(parameter, {})
        tensors |= {f"{moment}.{name}": state[moment] for moment in _MOMENTS if moment in state}
    header = {"counters": msgspec.json.encode(counters).decode()}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        replace_whole(file, save(tensors, metadata=header))
    except OSError as error:
        raise FileError(f"The checkpoint {file} cannot be written: {error}.") from error


def read(
    file: Path, transformer: Transformer, optimizer: torch.optim.AdamW, identity: str
) -> Counters:
    """Bring transformer and optimiser to where the checkpoint was written.

    Raises:
        FileError: it is damaged or belongs to another run.
    """
    try:
        with safe_open(file, framework="pt") as content:
            header = content.metadata() or {}
            tensors = {name: content.get_tensor(name) for name in content.keys()}  # noqa: SIM118
        counters = msgspec.json.decode(header["counters"], type=Counters)
        if counters.identity == identity:
            _restore(transformer, optimizer, tensors, counters.step)
    except (OSError, SafetensorError, msgspec.DecodeError, KeyError, RuntimeError) as error:
        raise FileError(
            f"The checkpoint {file} is damaged; delete it to train from the beginning."
        ) from error
    if counters.identity != identity:
        raise FileError(f"The checkpoint {file} belongs to another config, seed or data set.")
    return counters


def _restore(
    transformer: Transformer,
    optimizer: torch.optim.AdamW,
    tensors: dict[str, Tensor],
    step: int,
) -> None:
    for name, parameter in transformer.named_parameters():
        with torch.no_grad():
            parameter.copy_(tensors[f"weight.{name}"])
        if step:
            moments = {moment: tensors[f"{moment}.{name}"] for moment in _MOMENTS}
            optimizer.state[parameter] = {"step": torch.tensor(float(step)), **moments}
