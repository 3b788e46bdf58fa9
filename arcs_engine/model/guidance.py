"""How strongly sampling is led away from what the model knows to fail.

A model that has learnt failures beside good designs can be asked for both. What a good design has
and a failed one has not then counts more than it would by likelihood alone. This is classifier-free
guidance (Ho and Salimans, "Classifier-free diffusion guidance", 2022) with failures for the
condition that is left: those that the best designs of a topology lie next to (`Topology.edges`).
"""

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from arcs_engine.model.request import Request


@dataclass(frozen=True)
class Guidance:
    """Strengths g of guidance: values are scored log p(good) + g (log p(good) - log p(failed)).

    Of several failures, p(failed) is the mean.

    Attributes:
        likeliest: of the design that takes the best value of every slot, at least 0.
        drawn: of those that are drawn, at least 0.
    """

    likeliest: float = 2.0
    drawn: float = 0.0

    def strengths(self, request: Request) -> Tensor:
        """Return the strength for each design of a request, shape (count, 1)."""
        rows = torch.full((request.count, 1), self.drawn)
        if request.greedy_first:
            rows[0] = self.likeliest
        return rows


PROPOSING: Final = Guidance()
"""What a model proposes with."""

UNGUIDED: Final = Guidance(likeliest=0.0, drawn=0.0)
"""Likelihood alone."""


def guided(logits: Tensor, strengths: Tensor) -> Tensor:
    """Return the logits of n rows, led away from the failures of those with a strength.

    Args:
        logits: of n rows that ask for a good design; below them, for each failure, of those among
            them with a strength, in their order, (n + failures * guided, 676).
        strengths: (n, 1).
    """
    good = logits[: len(strengths)]
    rows = strengths.squeeze(1).nonzero().squeeze(1)
    if not len(rows):
        return good
    asked = good[rows]
    failures = logits[len(strengths) :].reshape(-1, len(rows), logits.shape[1])
    # Constants of a row do not matter: neither the largest of its logits nor a softmax asks.
    failed = failures.log_softmax(dim=2).logsumexp(dim=0)
    led = asked + strengths[rows] * (asked - failed)
    return good.index_copy(0, rows, led)
