"""The methods that a model is compared with, each spending the same account."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

import numpy as np

from arcs_engine.foundation.control import Control
from arcs_engine.sizing.search.genetic import from_textbook
from arcs_engine.sizing.search.ledger import Ledger, Search, Trace
from arcs_engine.sizing.search.local import LocalSearch
from arcs_engine.sizing.search.problems import Problems
from arcs_engine.sizing.search.sources import Source, anywhere, around_textbook, corner
from arcs_engine.sizing.search.trials import Trials

Method = Callable[[Search], None]
"""Judges designs until the ledger's budget is spent, or it has no more to try."""

STALLED = 50
"""Batches without a new design that end a search before its budget does."""


@dataclass(frozen=True)
class Drawn:
    """The method that judges what a source draws, a batch for every spec at once.

    Attributes:
        source: of the designs.
        batch: designs of each spec.
    """

    source: Source
    batch: int = 64

    def __call__(self, search: Search) -> None:
        """Spend the budget."""
        ledger, idle = search.ledger, 0
        draws = self.source(search.problems, search.rng)
        while ledger.left.max() > 0 and idle < STALLED:
            search.control.checkpoint()
            drawn = list(islice(draws, self.batch))
            if not drawn:
                break
            before = int(ledger.counts.sum())
            self._judge(search, Trials.of_each(np.stack(drawn, axis=1)))
            idle = idle + 1 if int(ledger.counts.sum()) == before else 0

    def _judge(self, search: Search, trials: Trials) -> Trials:
        """Judge a batch and return the best design of each spec in it."""
        best = search.ledger.score(trials).argmin(axis=1)
        return trials[np.arange(len(trials)), best]


@dataclass(frozen=True)
class Searched(Drawn):
    """The method that starts a local search from the best of every few designs of a source."""

    batch: int = 8

    def _judge(self, search: Search, trials: Trials) -> Trials:
        best = super()._judge(search, trials)
        return LocalSearch(search.ledger, control=search.control).run(best).trials


METHODS: dict[str, Method] = {
    "random": Drawn(anywhere),
    "random-polished": Searched(anywhere),
    "corner": Drawn(corner(sold=True)),
    "raw-corner": Drawn(corner(sold=False)),
    "textbook-centred": Drawn(around_textbook),
    "textbook-centred-polished": Searched(around_textbook),
    "ga": from_textbook,
}
"""Methods that need no model, by name. The textbook design alone is the first evaluation of
``textbook-centred``. Their names, and those of rows of `arcs evaluate`, stay for those who read
them; *polished* in them is the local search."""


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
        method: one of `METHODS`, or another.
        problems: what to design.
        evaluations: the budget of each problem.
        seed: the same seed judges the same designs.
        control: asked now and then whether to stop.
    """
    ledger = Ledger(problems, evaluations)
    method(Search(ledger, np.random.default_rng(seed), control or Control.silent()))
    return ledger.traces()
