"""The commands, one module each, put together; ``arcs`` alone opens the window."""

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
    loop,
    rl,
    runs,
    simulate,
    train,
)
from arcs_engine.cli.display import has_display
from arcs_engine.cli.ending import ended_as_by_ctrl_c
from arcs_engine.cli.window import window
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
app.command("loop")(loop.loop)
app.command("evaluate")(evaluate.evaluate)
app.command("example")(example.example)
app.command("bench")(bench.bench)
app.command("doctor")(doctor.doctor)
app.command("datagen")(datagen.datagen)
app.command("train")(train.train)
app.command("rl")(rl.rl)
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
    app_of_the_window = window("app")
    if not has_display(sys.platform, os.environ):
        raise ArcsError(
            "There is no display to open the window on; 'arcs example' and 'arcs design' work "
            "without one."
        )
    raise typer.Exit(app_of_the_window.main())
