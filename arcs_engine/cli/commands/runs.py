"""``arcs runs``: list, show, tail, resume, stop, compare and export runs."""

import csv
import io
import time
from typing import Annotated

import msgspec
import typer

from arcs_engine.analysis.design_file import write
from arcs_engine.cli import options
from arcs_engine.cli.follow import resume_to_end, tell_how_to_go_on
from arcs_engine.cli.output import emit, print_json, print_raw, say, warn
from arcs_engine.cli.tables import aligned
from arcs_engine.foundation.errors import InputError, JobError
from arcs_engine.foundation.plain import plain
from arcs_engine.learning.jobs import events
from arcs_engine.learning.jobs.curves import Curve, Record, record_of
from arcs_engine.learning.jobs.events import Event
from arcs_engine.learning.jobs.launch import ASK_SECONDS, TERMINATE_SECONDS
from arcs_engine.learning.jobs.runs import Run, RunInfo, RunStatus, RunStore, RunSummary

app = typer.Typer(help="List, show, follow, stop, resume and compare runs.")

Name = Annotated[
    str, typer.Argument(metavar="RUN", help="Name of a run, as 'arcs runs list' shows it.")
]

_LOOK_EVERY = 0.2
"""Seconds between looks at a run."""


class RunList(msgspec.Struct, frozen=True):
    """All runs, oldest first; one in the state ``damaged`` says why in its text."""

    runs: list[RunSummary]


class RunDetails(msgspec.Struct, frozen=True):
    """Everything about one run but its raw events."""

    info: RunInfo
    status: RunStatus
    folder: str
    config: msgspec.Raw
    record: Record


class Comparison(msgspec.Struct, frozen=True):
    """Last values of the curves of several runs: ``last[curve][run]``; None where it has none."""

    runs: list[str]
    last: dict[str, dict[str, float | None]]


@app.command("list")
def list_runs(as_json: options.Json = False) -> None:
    """List the runs, oldest first; what is damaged is said of a run, and hides no other."""
    store = RunStore()
    found = store.list()
    if as_json:
        emit(RunList(found))
        return
    if not found:
        say(f"There are no runs in {store.root}; 'arcs train' makes one.")
        return
    rows = [["run", "kind", "state", "done", "seed", "text"]]
    for one in found:
        kind, seed = (one.info.kind, str(one.info.seed)) if one.info else ("", "")
        status = one.status
        rows.append([one.name, kind, status.state, f"{status.fraction:.0%}", seed, status.text])
    say(aligned(rows))


@app.command("show")
def show(name: Name, as_json: options.Json = False) -> None:
    """Show one run: state, config, last value of every curve, what it made."""
    run = RunStore().open(name)
    record = record_of(_events(run))
    if as_json:
        details = RunDetails(
            run.info(), run.status(), str(run.folder), msgspec.Raw(run.config()), record
        )
        emit(details)
        return
    info, status = run.info(), run.status()
    say(f"{run.name}: {info.kind}, seed {info.seed}, made {info.created[:19]} UTC")
    say(f"{status.state}, {status.fraction:.0%}: {status.text}")
    say(f"folder: {run.folder}")
    for curve in record.curves:
        say(f"  {curve.name}: {curve.values[-1]:.5g} at step {curve.steps[-1]}")
    for artifact, path in record.artifacts.items():
        say(f"  {artifact}: {run.folder / path}")
    for text in record.warnings:
        warn(text)


@app.command("tail")
def tail(
    name: Name,
    lines: Annotated[int, typer.Option(min=0, help="Number of past events to begin with.")] = 10,
    follow: Annotated[bool, typer.Option(help="Wait for more until the run ends.")] = True,
) -> None:
    """Print a run's events as they come, one line of JSON each; Ctrl-C ends the watching only."""
    run = RunStore().open(name)
    read = run.read()
    past = read.records[len(read.records) - min(lines, len(read.records)) :]
    while True:
        if read.damage:
            warn(read.damage)
        for record in past:
            print_json(events.encode(record.content, record.time).decode())
        if not follow or run.status().ended:
            return
        time.sleep(_LOOK_EVERY)
        read = run.read(read.offset)
        past = read.records


@app.command("resume")
def resume(name: Name, trust: options.Trust = False, as_json: options.Json = False) -> None:
    """Go on with a run that was stopped or died, from its last checkpoint."""
    resume_to_end(name, trust=trust, as_json=as_json)


@app.command("stop")
def stop(name: Name) -> None:
    """Ask a run to stop at a checkpoint, whoever started it, and wait until it has."""
    run = RunStore().open(name)
    run.ask_to_stop()
    deadline = time.monotonic() + ASK_SECONDS + TERMINATE_SECONDS
    while not run.status().ended:
        if time.monotonic() > deadline:
            raise JobError(
                f"The run {name} was asked to stop and has not; it may be in a long step."
            )
        time.sleep(_LOOK_EVERY)
    status = run.status()
    say(f"{name}: {status.text}")
    tell_how_to_go_on(run, status)


@app.command("compare")
def compare(
    names: Annotated[list[str], typer.Argument(metavar="RUN...", help="Names of runs.")],
    as_json: options.Json = False,
) -> None:
    """Put the last values of several runs' curves side by side."""
    store = RunStore()
    records = {name: record_of(_events(store.open(name))) for name in names}
    last = {name: {c.name: c.values[-1] for c in r.curves} for name, r in records.items()}
    curves = dict.fromkeys(curve for values in last.values() for curve in values)
    if as_json:
        emit(Comparison(names, {c: {n: last[n].get(c) for n in names} for c in curves}))
        return
    rows = [["curve", *names]]
    for curve in curves:
        values = (last[name].get(curve) for name in names)
        rows.append([curve, *("" if v is None else f"{v:.5g}" for v in values)])
    say(aligned(rows))


@app.command("export")
def export(name: Name, output: options.Output = None) -> None:
    """Write a run's curves as CSV: one row a step, one column a curve."""
    run = RunStore().open(name)
    curves = record_of(_events(run)).curves
    if not curves:
        raise InputError(f"The run {name} has no curves yet.")
    text = _csv(curves)
    if output is None:
        print_raw(text)
        return
    write(output, text.encode())
    say(f"Written: {output}")


def _csv(curves: list[Curve]) -> str:
    columns = {c.name: dict(zip(c.steps, c.values, strict=True)) for c in curves}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["step", *map(plain, columns)])
    for step in sorted({step for column in columns.values() for step in column}):
        writer.writerow([step, *(column.get(step, "") for column in columns.values())])
    return out.getvalue()


def _events(run: Run) -> list[Event]:
    """Return what can be read of a run's events, and say what cannot."""
    read = run.read()
    if read.damage:
        warn(read.damage)
    return [record.content for record in read.records]
