"""Runs on disk: one folder each, that outlives the process that works on it.

::

    run.json       kind, seed, versions, parents; never changed
    config.json    what the job was told to do; never changed
    events.jsonl   what it said, append only
    status.json    where it stands, replaced whole
    log.txt        the worker's stderr
    checkpoints/   what it resumes from
    lock           held by the worker while it lives
    stop           made by whoever wants the worker to stop

States: queued -> running -> done | failed | cancelled; a run that is not done may be started again.
"""

import contextlib
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
import numpy as np

import arcs_engine
from arcs_engine.foundation import paths
from arcs_engine.foundation.errors import FileError, JobError
from arcs_engine.foundation.files import replace_whole
from arcs_engine.learning.jobs import events, lock
from arcs_engine.learning.jobs.events import Event, Finished

FORMAT = 1

StructT = TypeVar("StructT", bound=msgspec.Struct)

State = Literal["queued", "running", "done", "failed", "cancelled"]

DIED = "The worker process ended without saying why; see log.txt."


class RunInfo(msgspec.Struct, frozen=True, kw_only=True):
    """What ``run.json`` holds: what the run is, fixed when it is created.

    Attributes:
        format: version of the folder's layout.
        name: of the run and its folder.
        kind: which job, such as ``train``.
        seed: of everything random in it.
        created: ISO 8601, UTC.
        versions: of the programs that created it.
        parents: names of runs that it builds on.
    """

    format: int = FORMAT
    name: str
    kind: str
    seed: int
    created: str
    versions: dict[str, str]
    parents: tuple[str, ...] = ()


class RunStatus(msgspec.Struct, frozen=True, kw_only=True):
    """Where a run stands.

    Attributes:
        state: see the module.
        fraction: of the work that is done, 0..1.
        text: for the user: what is being done, or how it ended.
    """

    state: State = "queued"
    fraction: float = 0.0
    text: str = "Waiting to start."

    @property
    def ended(self) -> bool:
        """Whether no worker is or will be at it, unless it is started again."""
        return self.state in {"done", "failed", "cancelled"}


class Run:
    """One run's folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.checkpoints = folder / "checkpoints"
        self.events_file = folder / "events.jsonl"
        self.log_file = folder / "log.txt"
        self.lock_file = folder / "lock"
        self._stop_file = folder / "stop"

    @property
    def name(self) -> str:
        """Name of the run and of its folder."""
        return self.folder.name

    def info(self) -> RunInfo:
        """Read what the run is; FileError when that is not possible."""
        info = _read(self.folder / "run.json", RunInfo)
        if info.format != FORMAT:
            raise FileError(
                f"The run {self.folder} has format {info.format}; this version reads {FORMAT}."
            )
        return info

    def config(self) -> bytes:
        """Return ``config.json`` as it is; the job's kind decides what is in it."""
        try:
            return (self.folder / "config.json").read_bytes()
        except OSError as error:
            raise FileError(f"The run {self.folder} has no readable config.json.") from error

    def status(self) -> RunStatus:
        """Say where the run stands; a worker that died silently counts as failed."""
        file = self.folder / "status.json"
        status = _read(file, RunStatus)
        if status.state == "running" and not lock.is_held(self.lock_file):
            status = _read(file, RunStatus)  # it may have ended between the two looks
            if status.state == "running":
                return RunStatus(state="failed", fraction=status.fraction, text=DIED)
        return status

    def set_status(self, status: RunStatus) -> None:
        """Replace ``status.json``."""
        replace_whole(self.folder / "status.json", msgspec.json.encode(status))

    def events(self, offset: int = 0) -> tuple[list[Event], int]:
        """Return the events from a byte offset on, and the offset to go on from.

        A line that is still being written is left for the next time.
        """
        try:
            with self.events_file.open("rb") as file:
                file.seek(offset)
                content = file.read()
        except FileNotFoundError:
            return [], offset
        whole = content[: content.rfind(b"\n") + 1]
        lines = [line for line in whole.split(b"\n") if line.strip()]
        return [events.decode(line).content for line in lines], offset + len(whole)

    def ask_to_stop(self) -> None:
        """Ask the worker, whoever started it, to write its checkpoint and end; returns at once.

        Raises:
            JobError: nobody works on the run.
            FileError: the folder cannot be written.
        """
        if not lock.is_held(self.lock_file):
            raise JobError(f"Nobody works on the run {self.name}; it is {self.status().state}.")
        try:
            self._stop_file.touch()
        except OSError as error:
            raise FileError(f"The run {self.folder} cannot be written: {error}.") from error

    def stop_asked(self) -> bool:
        """Whether the worker was asked to stop since it began."""
        return self._stop_file.exists()

    def forget_stop(self) -> None:
        """Begin anew without the request that stopped the run before."""
        self._stop_file.unlink(missing_ok=True)

    def mend_events(self) -> None:
        """Cut off a last line that a dying worker did not finish; nobody has read it."""
        if not self.events_file.exists():
            return
        content = self.events_file.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            with self.events_file.open("r+b") as file:
                file.truncate(whole)

    def close_after_death(self) -> None:
        """Write down the end of a worker that could not do so itself; no-op when it did."""
        stored, status = _read(self.folder / "status.json", RunStatus), self.status()
        if stored.state == "running" and status.ended:
            self.mend_events()
            with self.events_file.open("ab") as file:
                file.write(events.encode(Finished("failed", DIED)))
            self.set_status(status)


class RunStore:
    """A folder of runs."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or paths.runs()

    def create(
        self, kind: str, config: msgspec.Struct, seed: int, parents: Sequence[str] = ()
    ) -> Run:
        """Make the folder of a new run, queued.

        Raises:
            FileError: the folder cannot be written.
        """
        now = datetime.now(UTC)
        try:
            folder = self._new_folder(f"{kind}-{now:%Y%m%d-%H%M%S}")
            info = RunInfo(
                name=folder.name,
                kind=kind,
                seed=seed,
                created=now.isoformat(timespec="microseconds"),
                versions={
                    "arcs": arcs_engine.__version__,
                    "python": sys.version.split()[0],
                    "numpy": np.__version__,
                },
                parents=tuple(parents),
            )
            run = Run(folder)
            run.checkpoints.mkdir()
            replace_whole(folder / "config.json", _pretty(config))
            run.set_status(RunStatus())
            replace_whole(folder / "run.json", _pretty(info))  # last: a run without it is no run
        except OSError as error:
            raise FileError(f"A run cannot be created in {self.root}: {error}.") from error
        return run

    def list(self) -> list[Run]:
        """Return the runs, oldest first; folders that are no readable runs are left out."""
        found: list[tuple[str, Run]] = []
        for file in self.root.glob("*/run.json"):
            run = Run(file.parent)
            with contextlib.suppress(FileError):
                found.append((run.info().created, run))
        return [run for _, run in sorted(found, key=lambda pair: pair[0])]

    def open(self, name: str) -> Run:
        """Return the run of that name.

        Raises:
            JobError: there is none.
        """
        folder = self.root / name
        if folder.parent != self.root or not (folder / "run.json").is_file():
            raise JobError(f"There is no run '{name}' in {self.root}.")
        return Run(folder)

    def _new_folder(self, name: str) -> Path:
        for suffix in ("", *(f"-{i}" for i in range(2, 1000))):
            folder = self.root / f"{name}{suffix}"
            try:
                folder.mkdir(parents=True)
            except FileExistsError:
                continue
            return folder
        raise JobError(f"A thousand runs named {name} exist in {self.root}.")


def _pretty(content: msgspec.Struct) -> bytes:
    return msgspec.json.format(msgspec.json.encode(content), indent=1) + b"\n"


def _read(file: Path, kind: type[StructT]) -> StructT:
    try:
        return msgspec.json.decode(file.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise FileError(f"{file} cannot be read: {error}.") from error
