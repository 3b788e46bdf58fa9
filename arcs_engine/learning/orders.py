"""What the job of a run is told to do: read and checked before anything is done."""

from pathlib import Path
from typing import TypeVar

from arcs_engine.foundation import documents
from arcs_engine.foundation.errors import InputError
from arcs_engine.learning.datasets.config import DatagenConfig
from arcs_engine.learning.jobs.runs import Run
from arcs_engine.learning.reinforcement.config import ReinforcementConfig
from arcs_engine.learning.training.config import TrainingConfig

OrderT = TypeVar("OrderT", TrainingConfig, DatagenConfig, ReinforcementConfig)


def read(run: Run, kind: type[OrderT]) -> OrderT:
    """Read the config of a run.

    Raises:
        FileError: it is missing or wrong; the message names the file and the field.
    """
    return documents.decode(run.config(), kind, str(run.folder / "config.json"))


def doubt(run: Run) -> str:
    """Return why a run should not be resumed before somebody has looked at it; empty for no reason.

    A run may have been made by somebody else, and its job reads and writes where its config says:
    beyond the folder of runs, or with a cluster. A run of a kind that has no job does nothing.

    Raises:
        FileError: the run cannot be read, or its config is wrong.
    """
    reached: list[tuple[str, str]] = []
    scheduler = ""
    match run.info().kind:
        case "train":
            reached = _by_training(read(run, TrainingConfig))
        case "datagen":
            order = read(run, DatagenConfig)
            reached, scheduler = _by_datagen(order), order.scheduler
        case "rl":
            reached = [("reads the model in", read(run, ReinforcementConfig).start)]
    links = [entry for entry in sorted(run.folder.iterdir()) if entry.is_symlink()]
    reached += [("follows the link", str(link)) for link in links]
    root = run.folder.parent.resolve()
    found = [f"{does} {path}" for does, path in reached if path and not _lies_in(root, path)]
    if scheduler:
        found.append(f"hands its work to the scheduler {scheduler}")
    if not found:
        return ""
    return f"The run {run.name} reaches beyond the folder of runs: it {' and '.join(found)}."


def refuse_doubtful(run: Run) -> None:
    """Refuse to resume a run that there is a doubt about, where nobody can be asked.

    Raises:
        InputError: there is; the message names the command that resumes the run all the same.
    """
    why = doubt(run)
    if why:
        raise InputError(f"{why} If you trust it: arcs runs resume {run.name} --trust.")


def _by_training(order: TrainingConfig) -> list[tuple[str, str]]:
    return [
        ("makes or reads the data in", order.data_folder or ""),
        ("reads the model in", order.start or ""),
    ]


def _by_datagen(order: DatagenConfig) -> list[tuple[str, str]]:
    return [
        ("writes to", order.folder),
        ("reads the data in", order.base),
        ("reads the model in", order.expert),
    ]


def _lies_in(root: Path, where: str) -> bool:
    try:
        return Path(where).resolve().is_relative_to(root)
    except (OSError, RuntimeError):  # links that lead in a circle
        return False
