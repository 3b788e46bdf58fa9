"""The commands, one module each, put together; ``arcs`` alone opens the window."""

import importlib.util
import os
import sys
from contextlib import ExitStack

import typer

from arcs_engine.cli.commands import (
    analyse,
    bench,
    datagen,
    design,
    doctor,
    evaluate,
    example,
    export,
    runs,
    simulate,
    train,
)
from arcs_engine.cli.display import has_display
from arcs_engine.cli.ending import ended_as_by_ctrl_c
from arcs_engine.foundation import scratch
from arcs_engine.foundation.errors import ArcsError

app = typer.Typer(
    help="Design assistant for switching DC-DC converters. Without a command it opens the window.",
    no_args_is_help=False,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("design")(design.design)
app.command("simulate")(simulate.simulate)
app.command("export")(export.export)
app.command("evaluate")(evaluate.evaluate)
app.command("example")(example.example)
app.command("bench")(bench.bench)
app.command("doctor")(doctor.doctor)
app.command("datagen")(datagen.datagen)
app.command("train")(train.train)
app.add_typer(analyse.app, name="analyse")
app.add_typer(runs.app, name="runs")


@app.callback(invoke_without_command=True)
def open_app(context: typer.Context) -> None:
    """Design assistant for switching DC-DC converters. Without a command it opens the window."""
    if context.invoked_subcommand is not None:
        context.ensure_object(ExitStack).close()  # a command hears Ctrl-C by itself
        context.with_resource(ended_as_by_ctrl_c())
        scratch.sweep()
        return
    if importlib.util.find_spec("PySide6") is None or importlib.util.find_spec("arcs_gui") is None:
        raise ArcsError(
            "The window is not installed; install ARCS with its gui extra, or see arcs --help for "
            "the command line."
        )
    if not has_display(sys.platform, os.environ):
        raise ArcsError(
            "There is no display to open the window on; 'arcs example' and 'arcs design' work "
            "without one."
        )
    # The engine may not import the window, so the window is started by its name.
    raise typer.Exit(importlib.import_module("arcs_gui.__main__").main())
