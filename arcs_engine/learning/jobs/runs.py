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
A run is damaged while one of these files cannot be read.
"""

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import numpy as np

import arcs_engine
from arcs_engine.foundation import documents, lock, paths
from arcs_engine.foundation.bounds import LARGEST_SEED
from arcs_engine.foundation.errors import FileError, InputError, JobError, printable
from arcs_engine.foundation.files import replace_whole
from arcs_engine.foundation.plain import plain
from arcs_engine.learning.jobs import eventlog, events
from arcs_engine.learning.jobs.eventlog import Reading
from arcs_engine.learning.jobs.events import Event, Finished, Fraction

FORMAT = 1

State = Literal["queued", "running", "done", "failed", "cancelled", "damaged"]
"""``damaged`` is never stored: it stands for a state that cannot be read."""

RESUMABLE: Final = ("cancelled", "failed", "damaged")
"""States in which a run can be resumed; of a damaged one, whatever else but its status is whole."""

DIED = "The worker process ended without saying why; see log.txt."

_LONGEST_NAME = 200
"""Bytes of a run's name; file systems take up to 255."""

_TAIL = 65_536
"""Bytes of the events in which the last one is looked for."""


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
    seed: Annotated[int, msgspec.Meta(ge=0, le=LARGEST_SEED)]
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
    fraction: Fraction = 0.0
    text: str = "Waiting to start."

    @property
    def ended(self) -> bool:
        """Whether no worker is or will be at it, unless it is started again."""
        return self.state not in {"queued", "running"}


def status_of(end: Finished, fraction: float) -> RunStatus:
    """Return the status of a run that has ended, of which a fraction was done before."""
    done = 1.0 if end.outcome == "done" else fraction
    return RunStatus(state=end.outcome, fraction=done, text=end.text)


class RunSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A run as a list shows it; one that is damaged is there too, and its status says how.

    Attributes:
        name: of its folder.
        info: what it is; None where that cannot be read.
        status: where it stands.
        folder: where it lies.
    """

    name: str
    info: RunInfo | None
    status: RunStatus
    folder: str


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
        file = self.folder / "run.json"
        info = documents.read(file, RunInfo)
        if info.format != FORMAT:
            raise FileError(
                f"{file} has format {info.format}; this version of ARCS reads {FORMAT}."
            )
        return info

    def config(self) -> bytes:
        """Return ``config.json`` as it is; the job's kind decides what is in it.

        Raises:
            FileError: it is missing, or holds no JSON object.
        """
        content = documents.content(self.folder / "config.json")
        documents.decode(content, dict[str, Any], str(self.folder / "config.json"))
        return content

    def status(self) -> RunStatus:
        """Say where the run stands; a worker that died silently counts as failed.

        Never raises: where ``status.json`` cannot be read and no worker is at it, the state is
        ``damaged``. Where the last event is an end and the status is not, a disk has refused the
        status, and the event counts.
        """
        status = self._stored()
        if status.state in {"running", "damaged"}:
            if lock.is_held(self.lock_file):
                return msgspec.structs.replace(status, state="running")
            status = self._stored()  # it may have ended between the two looks
            if status.state == "running":
                end = self._last_end() or Finished("failed", DIED)
                return status_of(end, status.fraction)
        return status

    def set_status(self, status: RunStatus) -> None:
        """Replace ``status.json``.

        Raises:
            FileError: that is not possible.
        """
        try:
            replace_whole(self.folder / "status.json", msgspec.json.encode(status))
        except OSError as error:
            raise self._unwritten(error) from error

    def append(self, lines: bytes) -> None:
        """Append encoded events, all of them or none.

        Raises:
            FileError: none of them could be written.
        """
        try:
            eventlog.append(self.events_file, lines)
        except OSError as error:
            raise self._unwritten(error) from error

    def events(self, offset: int = 0) -> tuple[list[Event], int]:
        """Return the events from a byte offset on, and the offset to go on from.

        A line that is still being written is left for the next time, and one that is damaged is
        left out; `read` tells of it.
        """
        read = self.read(offset)
        return [record.content for record in read.records], read.offset

    def read(self, offset: int = 0) -> Reading:
        """Return the events from a byte offset on, with their times and what is damaged."""
        return eventlog.read(self.events_file, offset)

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
            raise self._unwritten(error) from error

    def stop_asked(self) -> bool:
        """Whether the worker was asked to stop since it began."""
        return self._stop_file.exists()

    def forget_stop(self) -> None:
        """Begin anew without the request that stopped the run before."""
        self._stop_file.unlink(missing_ok=True)

    def mend_events(self) -> None:
        """Cut off a last line that a dying worker did not finish.

        Raises:
            FileError: that is not possible.
        """
        try:
            eventlog.mend(self.events_file)
        except OSError as error:
            raise self._unwritten(error) from error

    def close_after_death(self, text: str = DIED) -> None:
        """Write down the end of a worker that could not do so itself; no-op when it did.

        Args:
            text: how it ended.

        Raises:
            FileError: it cannot be written now either.
        """
        stored, status = self._stored(), self.status()
        if stored.state != "running" or not status.ended:
            return
        end = self._last_end()
        try:
            if end is None:
                self.mend_events()
                self.append(events.encode(Finished("failed", text)))
        finally:
            self.set_status(status_of(end or Finished("failed", text), stored.fraction))

    def _last_end(self) -> Finished | None:
        """Return the last event where that is an end."""
        try:
            size = self.events_file.stat().st_size
        except OSError:
            return None
        records = self.read(max(0, size - _TAIL)).records
        last = records[-1].content if records else None
        return last if isinstance(last, Finished) else None

    def _stored(self) -> RunStatus:
        try:
            return documents.read(self.folder / "status.json", RunStatus)
        except FileError as error:
            return RunStatus(state="damaged", text=str(error))

    def _unwritten(self, error: OSError) -> FileError:
        reason = error.strerror or error
        return FileError(f"The run {self.folder} cannot be written: {reason}.")


class RunStore:
    """A folder of runs."""

    def __init__(self, root: Path | None = None) -> None:
        self.root = root or paths.runs()
        self._looked: dict[str, tuple[int, str]] = {}

    def create(
        self,
        kind: str,
        config: msgspec.Struct,
        seed: int,
        parents: Sequence[str] = (),
        name: str | None = None,
    ) -> Run:
        """Make the folder of a new run, queued.

        Args:
            kind: which job.
            config: what the job is told to do.
            seed: of everything random in it.
            parents: names of runs that it builds on.
            name: of the run; None for one that is made of the kind and the time.

        Raises:
            FileError: the folder cannot be written.
            InputError: the name cannot be that of a folder, or there is such a run.
        """
        now = datetime.now(UTC)
        if name is not None:
            self._check_new(name)
        try:
            folder = self._new_folder(name or f"{kind}-{now:%Y%m%d-%H%M%S}")
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

    def list(self) -> list[RunSummary]:
        """Return the runs, oldest first, damaged ones before all others.

        Other folders are left out: a run has a ``run.json``.
        """
        found = [self._summary(Run(file.parent)) for file in self.root.glob("*/run.json")]
        return sorted(found, key=lambda run: (run.info.created if run.info else "", run.name))

    def has(self, name: str) -> bool:
        """Whether there is a run of that name."""
        return _is_name(name) and (self.root / name / "run.json").exists()

    def open(self, name: str) -> Run:
        """Return the run of that name.

        Raises:
            JobError: there is none.
        """
        if not self.has(name):
            shown = name if len(name) <= _LONGEST_NAME else f"{name[:20]}…"
            raise JobError(f"There is no run '{plain(shown)}' in {self.root}.")
        return Run(self.root / name)

    def _check_new(self, name: str) -> None:
        """Refuse what cannot be the name of a new run, with `InputError`."""
        if not _is_name(name):
            raise InputError(f"'{printable(name)[:_LONGEST_NAME]}' cannot be the name of a run.")
        if (self.root / name).exists():
            raise InputError(f"There is a run '{name}' in {self.root}; choose another name.")

    def _summary(self, run: Run) -> RunSummary:
        status, info, damage = run.status(), None, ""
        try:
            info = run.info()
            run.config()
        except FileError as error:
            damage = str(error)
        if not _is_name(run.name):
            damage = f"{run.folder} has a name that cannot be shown or typed; rename the folder."
        damage = damage or self._damage_of_events(run)
        if damage and status.ended:
            text = damage if status.state == "damaged" else f"It is {status.state}, but {damage}"
            status = RunStatus(state="damaged", fraction=status.fraction, text=text)
        return RunSummary(name=run.name, info=info, status=status, folder=str(run.folder))

    def _damage_of_events(self, run: Run) -> str:
        """Look through the events that are new since the last look."""
        offset, damage = self._looked.get(run.name, (0, ""))
        read = run.read(offset)
        self._looked[run.name] = (read.offset, damage or read.damage)
        return damage or read.damage

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


def _is_name(text: str) -> bool:
    """Whether a text can be the name of a run's folder: one part of a path that can be shown."""
    is_part = not {"/", "\\", ":"} & set(text) and text.strip(". ") != ""
    return is_part and text.isprintable() and len(text.encode()) <= _LONGEST_NAME
