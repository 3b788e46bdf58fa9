"""Running ngspice: one deck, one process, one temporary folder."""

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from arcs_engine.foundation import scratch
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import FileError, SpiceError, SpiceFailedError
from arcs_engine.simulation.ngspice import rawfile
from arcs_engine.simulation.ngspice.locate import find_ngspice
from arcs_engine.simulation.ngspice.process import Ended, run_to_end
from arcs_engine.simulation.ngspice.rawfile import RawData

_FIRST_STEP = 0.05
_CARDS = (".model", ".options", ".meas", ".save", ".tran", ".end")
_NO_CONVERGENCE = ("timestep too small", "iteration limit", "singular matrix", "convergence")
_COMPLAINT = re.compile(
    r"timestep too small|iteration limit|singular matrix|converge|positive definite|error|fatal|"
    r"aborted|could not|can't|unknown|undefined|no such",
    re.IGNORECASE,
)


def run(
    deck: str,
    *,
    ngspice: Path | None = None,
    timeout: float = 60.0,
    control: Control | None = None,
    stop_time: float | None = None,
) -> RawData:
    """Simulate a deck and return its waveforms.

    The process runs in a folder and a process group of its own; when this returns or raises, both
    are gone.

    Args:
        deck: as `netlist.Deck` writes it with ``measures=False``.
        ngspice: the program; None to look for it.
        timeout: wall-clock limit, s.
        control: told the share of simulated time; asked to stop, ngspice is ended.
        stop_time: simulated time of the deck, s; needed for progress, and to notice a run that
            ended early.

    Raises:
        SpiceNotFoundError: there is no ngspice.
        SpiceFailedError: it did not converge, refused the deck, was killed, or its result is
            damaged; the message quotes its own line.
        SpiceTimeoutError: it took longer than `timeout`.
        SpiceError: the deck holds more than a circuit, or the temporary folder cannot be used.
        Cancelled: the control asked to stop.
    """
    _reject_commands(deck)
    program = ngspice or find_ngspice()
    control = control or Control.silent()
    control.checkpoint()
    try:
        with scratch.folder("ngspice") as folder:
            (folder / "deck.cir").write_text(deck, encoding="ascii")
            result = folder / "out.raw"
            watch = _Watch(rawfile.Growth(result), control, stop_time)
            ended = run_to_end(
                program,
                ("-n", "-b", "-r", "out.raw", "deck.cir"),
                folder=folder,
                timeout=timeout,
                look=watch.look,
            )
            _raise_failure(ended)
            return _read(result, stop_time)
    except OSError as error:
        raise SpiceError(
            f"ngspice could not be run in the temporary folder {tempfile.gettempdir()}: "
            f"{error.strerror or error}."
        ) from error


def _reject_commands(deck: str) -> None:
    """Refuse whatever could make ngspice do more than simulate (commands, included files)."""
    if not deck.startswith("* "):  # *# and *ng_script would begin a script
        raise SpiceError("A deck must begin with its title as a comment.")
    for line in deck.splitlines():
        text = line.strip().lower()
        if text.startswith("*#") or (text.startswith(".") and text.split()[0] not in _CARDS):
            raise SpiceError(f"A deck may hold a circuit only; this line is refused: {line[:60]}")


@dataclass(frozen=True)
class _Watch:
    """Looks at a run now and then: how far it is, whether it shall stop, and what it takes."""

    growth: rawfile.Growth
    control: Control
    stop_time: float | None

    def look(self) -> None:
        """Raise `Cancelled` if that was asked for, and `SpiceFailedError` for too much."""
        self.control.checkpoint()
        if self.growth.size() > rawfile.LARGEST_RESULT:
            raise SpiceFailedError(
                f"The waveforms take more than {rawfile.LARGEST_RESULT / 1e9:g} GB; simulate fewer "
                "periods, or fewer steps per period."
            )
        if self.stop_time:
            reached = self.growth.time()
            text = f"{reached * 1e3:.3g} of {self.stop_time * 1e3:.3g} ms simulated"
            self.control.progress(min(reached / self.stop_time, 1.0), text)


def _raise_failure(ended: Ended) -> None:
    """Raise what ngspice's exit status and log tell; its status alone is not to be trusted."""
    status, log = ended.status, ended.log
    if status < 0:
        raise SpiceFailedError(f"ngspice was killed (signal {-status}); simulate again.")
    if "rawfile write error" in log or "No space left" in log:
        raise SpiceFailedError(
            f"ngspice could not write its result; the disk of {tempfile.gettempdir()} is full."
        )
    lines = [" ".join(line.split()) for line in log.splitlines()]
    quotes = [line for line in lines if _COMPLAINT.search(line)]
    lower = log.lower()
    if "not positive definite" in lower:
        raise SpiceFailedError(
            "ngspice refuses the couplings of the windings: not positive definite."
        )
    if status == 0 and "aborted" not in lower and "interrupted" not in lower:
        return
    trouble = [q for q in quotes if any(n in q.lower() for n in _NO_CONVERGENCE)]
    if trouble:
        # the last word names the time and the place; the warnings before it repeat
        raise SpiceFailedError(f'ngspice did not converge: "{trouble[-1]}"')
    quote = (quotes or [line for line in lines if line] or [f"exit status {status}"])[0]
    raise SpiceFailedError(f'ngspice refused the circuit: "{quote}"')


def _read(path: Path, stop_time: float | None) -> RawData:
    if not path.exists():
        raise SpiceFailedError("ngspice ended without a result and without a reason.")
    try:
        raw = rawfile.read(path)
    except FileError as error:
        raise SpiceFailedError(
            f"ngspice ended, but {str(error)[0].lower()}{str(error)[1:]}"
        ) from error
    if stop_time is not None and abs(raw.time[-1] - stop_time) > 1e-6 * stop_time:
        raise SpiceFailedError(
            f"ngspice stopped at {raw.time[-1]:.4g} s instead of {stop_time:.4g} s."
        )
    # With initial conditions the first point that is saved is the end of the first step.
    if stop_time is not None and raw.time[0] > _FIRST_STEP * stop_time:
        raise SpiceFailedError(f"ngspice's result begins at {raw.time[0]:.4g} s instead of 0 s.")
    return raw
