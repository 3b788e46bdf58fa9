"""From a spec to a shortlist in one call: the model proposes, the engine checks, ngspice confirms.

For the command line and reports; the window takes the same steps one by one, in the background.
"""

import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from arcs_engine.analysis.verification import verify_all
from arcs_engine.circuits.spec import Spec
from arcs_engine.foundation.control import Control
from arcs_engine.model import model
from arcs_engine.performance.candidate import Shortlist
from arcs_engine.simulation import ngspice
from arcs_engine.sizing.proposal import Proposer


def shortlist(
    spec: Spec,
    *,
    count: int,
    seed: int,
    locks: Mapping[str, float],
    verified: bool,
    control: Control,
    model_folder: Path | None = None,
) -> Shortlist:
    """Propose designs for a spec.

    Args:
        spec: what the supply must do.
        count: how many candidates.
        seed: the same one gives the same shortlist.
        locks: values that are given, SI, by name.
        verified: whether ngspice simulates every candidate that was solved.
        control: for progress and cancel.
        model_folder: which model proposes; None for the shipped one.

    Raises:
        SpecError: the spec cannot be met by any topology it allows.
        ModelError: there is no usable model.
        SpiceNotFoundError: verification was asked for and there is no ngspice.
    """
    if verified:
        ngspice.find_ngspice()  # before the work that would be lost
    control.progress(0.0, "Loading the model")
    proposer = Proposer(model.load(model_folder))
    found = proposer.propose(spec, count=count, seed=seed, locks=locks, control=control)
    return confirmed(found, control) if verified else found


def confirmed(found: Shortlist, control: Control) -> Shortlist:
    """Return a shortlist with ngspice's word on every solved candidate, the textbook included."""
    began = time.perf_counter()
    textbook, *candidates = verify_all(found.spec, [found.textbook, *found.candidates], control)
    seconds = time.perf_counter() - began
    timing = msgspec.structs.replace(
        found.timing, verify=seconds, total=found.timing.total + seconds
    )
    return msgspec.structs.replace(
        found, textbook=textbook, candidates=tuple(candidates), timing=timing
    )
