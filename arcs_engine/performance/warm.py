"""``python -m arcs_engine.performance.warm``: compile what the first design would wait for.

The solver's loops serve every topology, so one design is enough; the machine code is stored. Every
use of the solver begins with `prepare`, which has that done in a process of its own where it was
not done yet, and says how far it is.
"""

import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from typing import BinaryIO, Final

import numba
import numpy as np

from arcs_engine.circuits.spec import Spec, SpecBatch
from arcs_engine.circuits.topologies import topology
from arcs_engine.foundation import lock, machine_code, paths
from arcs_engine.foundation.control import Control
from arcs_engine.foundation.errors import ArcsError, SolverError
from arcs_engine.foundation.interruption import CANCELLED
from arcs_engine.performance.candidates import evaluate
from arcs_engine.performance.design import Design
from arcs_engine.performance.operating_point import operating_state
from arcs_engine.simulation.small_signal import (
    Compensator,
    Modulator,
    analysed_gain,
    loops,
    periodic_orbits,
)
from arcs_engine.simulation.steady import SteadyState
from arcs_engine.simulation.steady.compiled import cache_folder

PARTS: Final = 48
"""How many functions are compiled, each once for every kind of arguments that it gets."""

_SPEC = Spec(topology="buck", vin=12.0, vin_min=10.0, vin_max=14.0, vout=5.0, iout=1.0, fsw=100e3)
_HERE = "--here"
_LOOK_S = 0.2
"""How often a compiling process is looked at."""


def warm() -> None:
    """Solve a textbook design in every way that the program does, here in this process.

    Raises:
        ArcsError: the design cannot be solved.
    """
    textbook = topology(_SPEC.topology).textbook(SpecBatch.of([_SPEC])).values
    values = {name: float(value[0]) for name, value in textbook.items()}
    design = Design(_SPEC, values)
    state = operating_state(Design.of(_SPEC, evaluate(design)))
    state.waveforms()
    _close_loop(state)


def _close_loop(state: SteadyState) -> None:
    """Find the responses of a design, and of its loop with an integrator."""
    parameters = {name: np.array([value]) for name, value in state.parameters.items()}
    fsw = np.array([state.fsw])
    orbits = periodic_orbits(state.topology, parameters, fsw, duty=np.array([state.duty]))
    integrator = Compensator(np.zeros((1, 1)), np.array([[-1.0, 1.0]]), np.ones(1))
    closed = loops(orbits, Modulator.duty(fsw), integrator, np.array([0.1 * state.fsw]))
    analysed_gain(orbits, closed, integrator)


def is_warm() -> bool:
    """Say whether nothing is left to be compiled."""
    if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
        return True
    return machine_code.is_complete(cache_folder())


def prepare(control: Control) -> str:
    """Compile the solver where that was not done yet, and return when it is there.

    Returns:
        A sentence on where the machine code is kept, if it was compiled now and into another
        folder than the usual one; else an empty text.

    Raises:
        SolverError: it cannot be compiled.
        Cancelled: the control asked for a stop.
    """
    if is_warm():
        return ""
    with closing(compiling(control)) as steps:  # a stop in between ends what compiles, too
        for fraction, text in steps:
            control.progress(fraction, text)
    return note()


def compiling(control: Control) -> Generator[tuple[float, str]]:
    """Compile the solver where that was not done yet; yield now and then how far that is.

    Where somebody else is at it already, in this process or another, that is waited for.

    Yields:
        The part that is done, 0..1, and what to tell the user.

    Raises:
        SolverError: it cannot be compiled.
        Cancelled: the control asked for a stop.
    """
    while not is_warm():
        held = lock.take(cache_folder() / "lock")
        if held is not None:
            with held:
                yield from _compiling(control)
            return
        yield _how_far()
        control.stop.wait(_LOOK_S)
        control.checkpoint()


def note() -> str:
    """Return a sentence on where the machine code is kept, if not in the usual folder."""
    if machine_code.is_usual(cache_folder()):
        return ""
    return (
        f"The cache folder {paths.cache()} cannot be written; the compiled solver is kept in "
        f"{cache_folder()}."
    )


def compile_command() -> list[str]:
    """Return the command that compiles the solver; empty in a frozen app, which has no Python."""
    if getattr(sys, "frozen", False):
        return []
    return [sys.executable, "-m", "arcs_engine.performance.warm", _HERE]


def compile_here() -> None:
    """Compile and store.

    Raises:
        ArcsError: the design that needs everything cannot be solved.
    """
    warm()
    machine_code.mark_complete(cache_folder())


def main(arguments: Sequence[str] = ()) -> int:
    """Compile and store; 1 when the design could not be solved.

    Args:
        arguments: ``--here`` compiles in this process, until stdin is closed: whoever has started
            it may die. Without it, another process does so, and this one tells how far it is.
    """
    try:
        if list(arguments) == [_HERE]:
            threading.Thread(target=_end_with_stdin, daemon=True).start()
            compile_here()
        else:
            _tell(compiling(Control.silent()))
    except ArcsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _how_far() -> tuple[float, str]:
    """Return the part that is compiled, 0..1, and what to tell the user."""
    done = min(machine_code.stored(cache_folder()), PARTS)
    text = f"Preparing the solver: {done} of {PARTS} parts compiled, once on this machine"
    return done / PARTS, text


def _compiling(control: Control) -> Iterator[tuple[float, str]]:
    command = compile_command()
    if not command:
        yield _how_far()
        compile_here()
        return
    with tempfile.TemporaryFile() as complaints:
        yield from _while_at_work(command, complaints, control)


def _while_at_work(
    command: list[str], complaints: BinaryIO, control: Control
) -> Iterator[tuple[float, str]]:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=complaints,
        # A group of its own: Ctrl-C in the terminal is for this process, which then ends that one.
        start_new_session=sys.platform != "win32",
    )
    try:
        while process.poll() is None:
            control.checkpoint()
            yield _how_far()
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_S)
    finally:
        process.kill()
        process.communicate()
    if process.returncode != 0:
        raise SolverError(f"The solver could not be compiled: {_last_line(complaints)}")


def _last_line(complaints: BinaryIO) -> str:
    complaints.seek(0)
    lines = complaints.read().decode(errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else "the process that did so was killed."


def _end_with_stdin() -> None:
    # os.read, not sys.stdin: a daemon thread that holds sys.stdin's lock aborts the interpreter
    # at exit.
    while os.read(0, 1024):
        pass
    os._exit(CANCELLED)


def _tell(steps: Iterable[tuple[float, str]]) -> None:
    """Write a line for each step; on a terminal, always the same one."""
    begin, end = ("\r\x1b[K", "") if sys.stderr.isatty() else ("", "\n")
    shown = ""
    for _, text in steps:
        if text != shown:
            sys.stderr.write(f"{begin}{text}{end}")
            sys.stderr.flush()
        shown = text
    if shown and not end:
        sys.stderr.write("\n")
    if said := note():
        sys.stderr.write(f"{said}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
