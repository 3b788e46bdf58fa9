"""``arcs doctor``: what is installed, found or missing."""

import typer

from arcs_engine.cli import options
from arcs_engine.cli.doctor import Finding, diagnose
from arcs_engine.cli.output import emit, say


def doctor(as_json: options.Json = False, seed: options.Seed = 0) -> None:
    """Look at this machine and say what is missing, with the command that mends it."""
    diagnosis = diagnose()
    if as_json:
        emit(diagnosis)
    else:
        for finding in diagnosis.findings:
            say(_line(finding))
        say("Ready to work." if diagnosis.able else "ARCS cannot work yet.")
    if not diagnosis.able:
        raise typer.Exit(1)


def _line(finding: Finding) -> str:
    state = "ok     " if finding.ok else "MISSING" if finding.needed else "absent "
    mend = f"; to mend: {finding.mend}" if finding.mend else ""
    return f"{state}  {finding.name}: {finding.found}{mend}"
