"""The methods that a model is compared with, each spending the same account."""

from collections.abc import Callable
from functools import partial
from itertools import islice

import numpy as np

from arcs_engine.foundation.control import Control
from arcs_engine.sizing.search.descent import descend
from arcs_engine.sizing.search.genetic import from_textbook
from arcs_engine.sizing.search.ledger import Ledger, Trace
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.sources import Source, anywhere, around_textbook, corner

Method = Callable[[Ledger, np.random.Generator, Control], None]
"""Judges designs until the ledger's budget is spent, or it has no more to try."""

BATCH = 8
"""Designs that are drawn before the best of them is polished."""

STALLED = 50
"""Batches without a new design that end a search before its budget does."""


def _spend(
    ledger: Ledger,
    source: Source,
    rng: np.random.Generator,
    control: Control,
    *,
    batch: int,
    polish: bool,
) -> None:
    """Judge designs of a source, a batch for every spec at once, and polish the best of each."""
    draws = source(ledger.problems, rng)
    count = len(ledger.problems)
    idle = 0
    while ledger.left.max() > 0 and idle < STALLED:
        control.checkpoint()
        drawn = list(islice(draws, batch))
        if not drawn:
            break
        before = int(ledger.counts.sum())
        places = np.stack(drawn, axis=1)
        owner = np.repeat(np.arange(count), len(drawn))
        score = ledger.score(owner, places.reshape(-1, places.shape[-1]))
        if polish:
            best = score.reshape(count, -1).argmin(axis=1)
            descend(ledger, np.arange(count), places[np.arange(count), best], control=control)
        idle = idle + 1 if int(ledger.counts.sum()) == before else 0


def drawn(source: Source) -> Method:
    """Return the method that judges what a source draws, and nothing else."""
    return partial(_method, source=source, batch=64, polish=False)


def polished(source: Source) -> Method:
    """Return the method that polishes the best of every few designs that a source draws."""
    return partial(_method, source=source, batch=BATCH, polish=True)


def _method(
    ledger: Ledger,
    rng: np.random.Generator,
    control: Control,
    *,
    source: Source,
    batch: int,
    polish: bool,
) -> None:
    _spend(ledger, source, rng, control, batch=batch, polish=polish)


METHODS: dict[str, Method] = {
    "random": drawn(anywhere),
    "random-polished": polished(anywhere),
    "corner": drawn(corner(sold=True)),
    "raw-corner": drawn(corner(sold=False)),
    "textbook-centred": drawn(around_textbook),
    "textbook-centred-polished": polished(around_textbook),
    "ga": from_textbook,
}
"""Methods that need no model, by name. The hand design alone is the first evaluation of
``textbook-centred``."""


def run(
    method: Method,
    problems: Problems,
    evaluations: int,
    *,
    seed: int = 0,
    control: Control | None = None,
) -> list[Trace]:
    """Search every problem with a method and return what it judged for each.

    Args:
        method: one of `METHODS`, or made by `drawn`, `polished` or `genetic`.
        problems: what to design.
        evaluations: the budget of each problem.
        seed: the same seed judges the same designs.
        control: asked now and then whether to stop.
    """
    ledger = Ledger(problems, evaluations)
    method(ledger, np.random.default_rng(seed), control or Control.silent())
    return ledger.traces()
