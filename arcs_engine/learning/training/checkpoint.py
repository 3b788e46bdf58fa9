"""Checkpoints: one file with weights, optimiser and counters, from which learning goes on exactly.

Tensors lie in a safetensors file whose header carries the counters as JSON, with a checksum of all;
nothing is pickled, and the file is replaced whole. The checkpoint before it is kept beside it, in
case the disk loses one.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Generic, Protocol, TypeVar

import msgspec
import torch
from safetensors.torch import save
from torch import Tensor

from arcs_engine.foundation import documents
from arcs_engine.foundation.errors import FileError
from arcs_engine.foundation.files import replace_whole
from arcs_engine.model import tensors
from arcs_engine.model.transformer import Transformer

_MOMENTS = ("exp_avg", "exp_avg_sq")


class Standing(Protocol):
    """Where learning stands besides the tensors, as far as a checkpoint must know.

    Attributes:
        identity: of the run's config and data; a checkpoint of another is refused.
        step: steps done.
        checksum: of everything else in the file; empty in files of earlier versions.
    """

    identity: str
    step: int
    checksum: str


StandingT = TypeVar("StandingT", bound=Standing)


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
        checksum: of everything else in the file; empty in files of earlier versions.
    """

    identity: str
    step: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    epochs: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    best_loss: float = 1e30
    best_epoch: Annotated[int, msgspec.Meta(ge=-1, le=2**53)] = -1
    best: dict[str, float] = {}
    window: list[float] = []
    epoch_loss: float = 0.0
    checksum: str = ""


@dataclass(frozen=True)
class Learner:
    """The tensors that learning changes.

    Attributes:
        transformer: the weights.
        optimizer: with its moments.
        average: the weights averaged over the steps, where they are kept.
    """

    transformer: Transformer
    optimizer: torch.optim.AdamW
    average: Transformer | None = None

    @property
    def weights(self) -> dict[str, Transformer]:
        """What holds weights, by the kind of its tensors."""
        return {"weight": self.transformer} | (
            {"average": self.average} if self.average is not None else {}
        )


@dataclass(frozen=True)
class Restored(Generic[StandingT]):
    """Where learning goes on.

    Attributes:
        counters: of the checkpoint that was read.
        remark: for the user, when that is not the one that was asked for; else empty.
    """

    counters: StandingT
    remark: str


def write(file: Path, learner: Learner, counters: Standing) -> None:
    """Write the checkpoint.

    Raises:
        FileError: that is not possible.
    """
    held = {
        f"{kind}.{name}": p.detach()
        for kind, transformer in learner.weights.items()
        for name, p in transformer.named_parameters()
    }
    for name, parameter in learner.transformer.named_parameters():
        state = learner.optimizer.state.get(parameter, {})
        held |= {f"{moment}.{name}": state[moment] for moment in _MOMENTS if moment in state}
    signed = copy(counters)
    signed.checksum = _checksum(counters, held)
    content = save(held, metadata={"counters": msgspec.json.encode(signed).decode()})
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if file.exists():  # copied: at no moment is there none of this name
            replace_whole(_before(file), file.read_bytes())
        replace_whole(file, content)
    except OSError as error:
        raise FileError(f"The checkpoint {file} cannot be written: {error}.") from error


def read(file: Path, learner: Learner, fresh: StandingT) -> Restored[StandingT]:
    """Bring a learner to where the checkpoint was written.

    Where it is damaged, the one before it is taken.

    Args:
        file: the checkpoint.
        learner: whose tensors are replaced.
        fresh: where the run that may go on stood at its beginning.

    Raises:
        FileError: both are damaged, or it belongs to another run.
    """
    remark = ""
    try:
        counters, held = _content(file, learner, fresh)
    except _DamagedError as error:
        try:
            counters, held = _content(_before(file), learner, fresh)
        except _DamagedError:
            raise FileError(
                f"The checkpoint {file} is damaged ({error}), and no whole one is before it; "
                "delete it to train from the beginning."
            ) from error
        remark = (
            f"The checkpoint {file} is damaged ({error}); the one before it, of step "
            f"{counters.step}, takes its place."
        )
    _restore(learner, held, counters.step)
    return Restored(counters, remark)


class _DamagedError(FileError):
    """A checkpoint is missing or damaged; the message is the reason."""


def _before(file: Path) -> Path:
    """Return where the checkpoint before the last one of a name is kept."""
    return file.with_name(f"{file.stem}-before{file.suffix}")


def _content(file: Path, learner: Learner, fresh: StandingT) -> tuple[StandingT, dict[str, Tensor]]:
    """Return the counters and tensors of a whole checkpoint of a run."""
    try:
        header = tensors.metadata(file).get("counters", "")
        counters = documents.decode(header.encode(), type(fresh), "its header")
    except FileError as error:
        raise _DamagedError(str(error).rstrip(".")) from error
    if counters.identity != fresh.identity:
        raise FileError(f"The checkpoint {file} belongs to another config, seed or data set.")
    try:
        held = tensors.read(file, _shapes(learner, counters.step))
    except FileError as error:
        raise _DamagedError(str(error)) from error
    if counters.checksum and counters.checksum != _checksum(counters, held):
        raise _DamagedError("its checksum is another")
    return counters, held


def _shapes(learner: Learner, step: int) -> dict[str, tuple[int, ...]]:
    kinds = (*learner.weights, *_MOMENTS) if step else tuple(learner.weights)
    weights = {name: tuple(p.shape) for name, p in learner.transformer.named_parameters()}
    return {f"{kind}.{name}": shape for kind in kinds for name, shape in weights.items()}


def _checksum(counters: Standing, held: Mapping[str, Tensor]) -> str:
    unsigned = copy(counters)
    unsigned.checksum = ""
    digest = sha256(msgspec.json.encode(unsigned))
    for name in sorted(held):
        digest.update(f"{name} {held[name].dtype} {tuple(held[name].shape)}".encode())
        digest.update(held[name].contiguous().numpy().tobytes())
    return digest.hexdigest()


def _restore(learner: Learner, held: Mapping[str, Tensor], step: int) -> None:
    for kind, transformer in learner.weights.items():
        for name, parameter in transformer.named_parameters():
            with torch.no_grad():
                parameter.copy_(held[f"{kind}.{name}"])
    for name, parameter in learner.transformer.named_parameters():
        if step:
            moments = {moment: held[f"{moment}.{name}"] for moment in _MOMENTS}
            learner.optimizer.state[parameter] = {"step": torch.tensor(float(step)), **moments}
