"""How well a model predicts held-out sequences: loss, perplexity and accuracies.

Tokens are predicted from the true ones before them, without a mask. Component values, which the
model is for, count apart from the values of the prompt, which it need never say.
"""

import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable

import torch
from torch import Tensor

from arcs_engine.learning.training.dataset import Batch
from arcs_engine.learning.training.loss import Labeller, Labels, loss_of

Predict = Callable[[Batch], Tensor]
"""Returns the logits of a batch's next tokens, (n, t, 676)."""


@torch.inference_mode()
def measured(predict: Predict, labeller: Labeller, batches: Iterable[Batch]) -> dict[str, float]:
    """Return the figures of some batches by name; empty when there are none.

    - ``loss``: what training lowers, weighted and over soft labels;
    - ``perplexity``: exp of the mean cross-entropy of the tokens after the prompt;
    - ``accuracy``: share of tokens that are the likeliest, of all tokens;
      ``accuracy_value``, ``accuracy_structure``: of values, of the rest;
      ``accuracy_component``, ``accuracy_prompt``: of components' values, of the prompt's.
    """
    sums: Counter[str] = Counter()
    for batch in batches:
        sums.update(_sums(predict(batch), labeller.labels(batch)))
    if not sums:
        return {}
    figures = {
        "loss": sums["weighted_loss"] / sums["rows"],
        "perplexity": _exp(sums["surprise"] / sums["body"]),
    }
    shares = {
        f"accuracy{group and '_' + group}": sums[f"right_{group}"] / sums[f"count_{group}"]
        for group in ("", "value", "structure", "component", "prompt")
    }
    return figures | shares


def _exp(power: float) -> float:
    return math.inf if power > math.log(sys.float_info.max) else math.exp(power)


def _sums(logits: Tensor, labels: Labels) -> dict[str, float]:
    """Return the sums that the figures are made of."""
    rows = len(logits)
    counted, value, prompt = labels.counted, labels.value, labels.prompt
    body = counted & ~prompt
    surprise = -torch.log_softmax(logits, dim=-1).gather(2, labels.target.unsqueeze(2)).squeeze(2)
    right = logits.argmax(dim=-1) == labels.target
    groups = {
        "": counted,
        "value": value,
        "structure": counted & ~value,
        "component": labels.component_value,
        "prompt": value & prompt,
    }
    sums = {
        "weighted_loss": loss_of(logits, labels).item() * rows,
        "rows": float(rows),
        "surprise": surprise[body].double().sum().item(),
        "body": float(body.sum()),
    }
    for name, group in groups.items():
        sums[f"right_{name}"] = float((right & group).sum())
        sums[f"count_{name}"] = float(group.sum())
    return sums
